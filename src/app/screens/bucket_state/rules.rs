//! The rows of the Lifecycle tab: one a rule and one for what no rule is about.

use std::cmp::Ordering;

use super::BucketState;
use crate::app::table::{Chunks, Row};
use crate::domain::configuration::{Expiration, Lifecycle, Rule, When};
use crate::domain::lifecycle::{Amount, Coverage, Fault, RuleCoverage, faults};
use crate::domain::prices::{ClassBytes, Part, PriceTable, money};
use crate::domain::size::grouped;
use crate::domain::{ByteSize, Needle, StorageClass};

/// So many ways in which keys begin are told.
const BEGINNINGS: usize = 3;

/// How a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleState {
    /// It does what it says, or nothing is known against it.
    Works,
    /// Something about it should be looked at.
    Doubtful,
    /// It is enabled and does nothing.
    Idle,
    /// It is disabled.
    Disabled,
    /// It is no rule: what none is about.
    NoRule,
}

/// One rule, and what it does to what is in the bucket.
#[derive(Debug, Clone)]
pub(crate) struct RuleRow {
    /// What makes it the same after a refresh.
    key: String,
    /// Its position among the rules; none for what no rule is about.
    pub position: Option<usize>,
    /// Its id as S3 has it, not yet made safe.
    pub name: String,
    /// How it stands.
    pub state: RuleState,
    /// What it touches, in words; none while that is being counted, or is not known.
    pub touches: Option<String>,
    /// What it does, in few words.
    pub does: String,
    /// Which objects it is about, in words.
    pub about: String,
    /// What is to be said besides: why it touches nothing, what comes first, what is overdue.
    pub notes: Vec<String>,
}

/// Rules can be sorted by nothing: their order is the document's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleColumn {}

impl Row for RuleRow {
    type Column = RuleColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [RuleColumn] = &[];

    fn id(&self) -> &str {
        &self.key
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(&self.name)
            || needle.is_in(&self.does)
            || needle.is_in(&self.about)
            || self.notes.iter().any(|note| needle.is_in(note))
    }

    fn compare(&self, _: &Self, column: RuleColumn) -> Ordering {
        match column {}
    }
}

/// The rows: none while the configuration is not known.
pub(super) fn rows(state: &BucketState, prices: Option<&PriceTable>) -> Vec<RuleRow> {
    let Some(configuration) = &state.configuration.value else {
        return Vec::new();
    };
    let Ok(lifecycle) = configuration.lifecycle.known() else {
        return Vec::new();
    };
    let none = Lifecycle::default();
    let lifecycle = lifecycle.unwrap_or(&none);
    let known = state.coverage();
    // A coverage of other rules than these is of an earlier configuration.
    let coverage = known.map(|(coverage, _)| coverage);
    let coverage = coverage.filter(|coverage| coverage.lifecycle() == lifecycle);
    let begin = beginnings(state, coverage);
    let mut rows: Vec<RuleRow> = lifecycle
        .rules
        .iter()
        .enumerate()
        .map(|(position, rule)| row(position, rule, lifecycle, coverage, &begin))
        .collect();
    rows.push(no_rule(coverage, prices));
    rows
}

fn row(
    position: usize,
    rule: &Rule,
    lifecycle: &Lifecycle,
    coverage: Option<&Coverage>,
    begin: &str,
) -> RuleRow {
    let mut notes = Vec::new();
    let mut state = RuleState::Works;
    let found = coverage.and_then(|coverage| Some((coverage, coverage.rules.get(position)?)));
    if let Some((coverage, found)) = found {
        if coverage.idle_rules().contains(&position) {
            notes.push(why_idle(rule, begin));
            state = RuleState::Idle;
        } else {
            state = judge(position, rule, lifecycle, (coverage, found), &mut notes);
        }
    }
    for fault in faults(rule) {
        notes.push(format!("S3 would refuse it: {}", fault_words(fault)));
        state = RuleState::Doubtful;
    }
    if !rule.enabled {
        state = RuleState::Disabled;
        notes = vec!["the rule is disabled".into()];
    }
    RuleRow {
        key: format!("{position} {}", rule.id),
        position: Some(position),
        name: rule.id.clone(),
        state,
        touches: found.map(|(_, found)| touched(found)),
        does: does(rule),
        about: rule.filter.words(),
        notes,
    }
}

fn judge(
    position: usize,
    rule: &Rule,
    lifecycle: &Lifecycle,
    (coverage, found): (&Coverage, &RuleCoverage),
    notes: &mut Vec<String>,
) -> RuleState {
    let mut state = RuleState::Works;
    if rule.enabled && found.touches_nothing() {
        notes.push("there is nothing that it could be about".into());
    }
    if coverage.shadowed_rules().contains(&position) {
        state = RuleState::Idle;
    }
    if found.shadowed.count > 0 {
        let first = found.shadowed_by.iter().max_by_key(|(_, often)| **often);
        let first = first.and_then(|(rule, _)| lifecycle.rules.get(*rule));
        let first = first.map_or("another rule", |rule| rule.id.as_str());
        notes.push(format!(
            "{first} comes first for {}",
            counted(found.shadowed.count, "object")
        ));
    }
    if let Some((due, rule)) = coverage.overdue.oldest
        && rule == position
    {
        notes.push(format!(
            "overdue: what was due on {} has not happened",
            due.format("%Y-%m-%d")
        ));
        if state == RuleState::Works {
            state = RuleState::Doubtful;
        }
    }
    if found.too_small.count > 0 {
        let small = counted(found.too_small.count, "object");
        notes.push(format!("{small} under 128 KB will not be moved"));
        // Above a fifth of what it is about it is worth a look.
        let all = found.objects.count + found.noncurrent.count;
        if state == RuleState::Works && found.too_small.count * 5 > all {
            state = RuleState::Doubtful;
        }
    }
    if found.undecided.count > 0 {
        let perhaps = counted(found.undecided.count, "object");
        notes.push(format!(
            "it asks for tags, which a listing does not tell: perhaps {perhaps}"
        ));
    }
    state
}

/// Why a rule touches nothing: mostly because keys begin in another way.
fn why_idle(rule: &Rule, begin: &str) -> String {
    match rule.filter.prefix.as_str() {
        "" => "it matches nothing that is in the bucket".into(),
        prefix => format!("no key begins with {prefix}: keys begin with {begin}"),
    }
}

/// How keys of this bucket begin: as its layouts say, or else as the first keys and the largest do.
fn beginnings(state: &BucketState, coverage: Option<&Coverage>) -> String {
    let layouts = state.blueprint.iter().flat_map(|known| &known.layouts);
    let mut begin: Vec<&str> = layouts
        .map(|layout| first_folder(layout.template().as_str()))
        .collect();
    if begin.is_empty() {
        let largest = coverage.and_then(|coverage| coverage.untouched_example.as_ref());
        let first = coverage.map(|coverage| coverage.objects.examples.as_slice());
        let first = first.unwrap_or_default().iter();
        let keys = largest.map(|example| &example.key).into_iter().chain(first);
        begin = keys.map(|key| first_folder(key)).collect();
    }
    let mut told: Vec<&str> = Vec::new();
    for one in begin {
        if !told.contains(&one) {
            told.push(one);
        }
    }
    let more = if told.len() > BEGINNINGS { ", …" } else { "" };
    told.truncate(BEGINNINGS);
    format!("{}{more}", told.join(", "))
}

/// The first folder of a key with its `/`, or the key where it is in none.
fn first_folder(key: &str) -> &str {
    key.split_inclusive('/').next().unwrap_or(key)
}

fn no_rule(coverage: Option<&Coverage>, prices: Option<&PriceTable>) -> RuleRow {
    let untouched = coverage.map(|coverage| &coverage.untouched);
    let mut does = "stay as they are forever".to_owned();
    if let Some(coverage) = coverage {
        let mut classes = coverage.untouched_classes.keys();
        if let (Some(only), None) = (classes.next(), classes.next()) {
            does = format!("stay {only} forever");
        }
        if coverage.untouched.count == 0 {
            does = "every object has a rule".into();
        } else if let Some(prices) = prices {
            let bytes: Vec<ClassBytes> = coverage
                .untouched_classes
                .iter()
                .map(|(class, bytes)| ClassBytes {
                    class: StorageClass::new(class),
                    part: Part::Current,
                    size: ByteSize(*bytes),
                })
                .collect();
            let cost = prices.estimate_scan(&bytes).total();
            let cost = money(cost, &prices.currency);
            does = format!("{does}, about {cost} a month");
        }
    }
    RuleRow {
        key: "no rule".into(),
        position: None,
        name: "(no rule)".into(),
        state: RuleState::NoRule,
        touches: untouched.map(|untouched| amount(untouched, "object")),
        does,
        about: "objects that no enabled rule is about".into(),
        notes: Vec::new(),
    }
}

/// What a rule touches, in few words.
fn touched(found: &RuleCoverage) -> String {
    let mut parts = Vec::new();
    for (of, noun) in [
        (&found.objects, "object"),
        (&found.noncurrent, "old version"),
        (&found.markers, "delete marker"),
        (&found.uploads, "upload"),
    ] {
        if of.count > 0 {
            parts.push(amount(of, noun));
        }
    }
    if parts.is_empty() {
        parts.push(if found.undecided.count > 0 {
            "perhaps some".into()
        } else {
            "0 objects".into()
        });
    }
    parts.join(", ")
}

fn amount(of: &Amount, noun: &str) -> String {
    let count = counted(of.count, noun);
    // Parts of uploads and delete markers have no size that a listing tells.
    if of.bytes == 0 {
        count
    } else {
        format!("{count} · {}", ByteSize(of.bytes))
    }
}

fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// What a rule does, in few words: `IA 30 d → GLACIER 90 d → delete 365 d`.
fn does(rule: &Rule) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut current: Vec<(When, String)> = rule
        .transitions
        .iter()
        .map(|t| (t.when, short(t.class.as_str()).to_owned()))
        .collect();
    if let Some(Expiration::At(when)) = rule.expiration {
        current.push((when, "delete".into()));
    }
    current.sort_by_key(|(when, _)| match when {
        When::Days(days) => (0, i64::from(*days)),
        When::Date(date) => (1, date.timestamp()),
    });
    if !current.is_empty() {
        let steps = current.iter().map(|(when, what)| match when {
            When::Days(days) => format!("{what} {days} d"),
            When::Date(date) => format!("{what} on {}", date.format("%Y-%m-%d")),
        });
        parts.push(steps.collect::<Vec<_>>().join(" → "));
    }
    if rule.expiration == Some(Expiration::ExpiredDeleteMarker) {
        parts.push("remove lone markers".into());
    }
    let mut old: Vec<String> = rule
        .noncurrent_transitions
        .iter()
        .map(|t| format!("{} {} d", short(t.class.as_str()), t.days))
        .collect();
    if let Some(end) = rule.noncurrent_expiration {
        let keep = match end.newer_versions {
            0 => String::new(),
            kept => format!(" but the newest {kept}"),
        };
        old.push(format!("delete {} d{keep}", end.days));
    }
    if !old.is_empty() {
        parts.push(format!("old versions: {}", old.join(" → ")));
    }
    if let Some(days) = rule.abort_uploads_days {
        parts.push(format!("abort uploads {days} d"));
    }
    if parts.is_empty() {
        parts.push("nothing".into());
    }
    parts.join(" · ")
}

/// A class in as few letters as people use.
fn short(class: &str) -> &str {
    match class {
        "STANDARD_IA" => "IA",
        "ONEZONE_IA" => "1-ZONE IA",
        "INTELLIGENT_TIERING" => "TIERING",
        "DEEP_ARCHIVE" => "DEEP",
        other => other,
    }
}

fn fault_words(fault: Fault) -> String {
    match fault {
        Fault::TagFilter => "a rule with tags removes neither lone markers nor uploads".into(),
        Fault::TooClose { days, needed } => {
            format!("{days} days between two transitions, {needed} are needed")
        }
        Fault::ExpiresBeforeTransition => {
            "the expiration does not come after every transition".into()
        }
        Fault::TooManyVersions => "more than 100 newer versions are to be kept".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::configuration::{NoncurrentExpiration, Transition};

    #[test]
    fn a_rule_is_told_in_the_order_in_which_things_happen() {
        let to = |days, class: &str| Transition {
            when: When::Days(days),
            class: StorageClass::new(class),
        };
        let rule = Rule {
            transitions: vec![to(90, "GLACIER"), to(30, "STANDARD_IA")],
            expiration: Some(Expiration::At(When::Days(365))),
            noncurrent_expiration: Some(NoncurrentExpiration {
                days: 30,
                newer_versions: 2,
            }),
            abort_uploads_days: Some(1),
            ..Rule::default()
        };
        assert_eq!(
            does(&rule),
            "IA 30 d → GLACIER 90 d → delete 365 d · old versions: delete 30 d but the newest 2 · abort uploads 1 d"
        );
        assert_eq!(does(&Rule::default()), "nothing");
    }
}
