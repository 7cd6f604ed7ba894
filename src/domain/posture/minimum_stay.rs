//! lifecycle-minimum-stay: what leaves a class before the days are over that are charged at least.

use std::collections::BTreeMap;

use super::case::Case;
use super::finding::{Finding, Severity};
use crate::domain::advice::action::BlueprintSetting;
use crate::domain::advice::{Action, advice};
use crate::domain::configuration::Lifecycle;
use crate::domain::lifecycle::calendar::midnight_after;
use crate::domain::lifecycle::{Kept, Stay, is_dated, short_stays};
use crate::domain::words::{counted, counted_are};

const ID: &str = "lifecycle-minimum-stay";
const WHY: &str =
    "The rest of the minimum is charged all the same, so that the move costs more than it saves.";
pub(super) fn judge(case: &Case<'_>, lifecycle: &Lifecycle, found: &mut Vec<Finding>) {
    let mut of_rule: BTreeMap<usize, Vec<Stay>> = BTreeMap::new();
    for stay in stays(case, lifecycle) {
        if let Some(rule) = stay.entered_by {
            of_rule.entry(rule).or_default().push(stay);
        }
    }
    for (rule, stays) in of_rule {
        found.push(by_rules(case, lifecycle, rule, &stays));
    }
    uploaded(case, lifecycle, found);
}

/// The stays that are too short. Where it is not known whether the bucket keeps versions, those that are so either way.
fn stays(case: &Case<'_>, lifecycle: &Lifecycle) -> Vec<Stay> {
    let start = midnight_after(case.now);
    let of = |kept| short_stays(lifecycle, kept, start);
    if let Ok(versioning) = case.configuration.versioning.known() {
        of(Kept::from(versioning))
    } else {
        let with_versions = of(Kept::Versions);
        let mut stays = of(Kept::Nothing);
        stays.retain(|stay| with_versions.contains(stay));
        stays
    }
}

fn by_rules(case: &Case<'_>, lifecycle: &Lifecycle, entered_by: usize, stays: &[Stay]) -> Finding {
    let name = |at: usize| lifecycle.rules.get(at).map_or("", |rule| rule.id.as_str());
    let mut others: Vec<&str> = stays
        .iter()
        .filter(|stay| stay.left_by != entered_by)
        .map(|stay| name(stay.left_by))
        .collect();
    others.sort_unstable();
    others.dedup();
    let message = if others.is_empty() {
        format!(
            "The lifecycle rule {} takes objects out of a class before its minimum charge has passed.",
            name(entered_by)
        )
    } else {
        format!(
            "The lifecycle rules {} and {} together take objects out of a class before its minimum charge has passed.",
            name(entered_by),
            others.join(", ")
        )
    };
    // What the blueprint asks for to the day is somebody's decision: its cost is told, and nothing is held against the bucket.
    let (severity, advice) = if stays.iter().all(|stay| is_wanted(case, stay)) {
        let setting = BlueprintSetting::Lifecycle;
        (Severity::Info, Action::KeepAsWanted { setting }.into())
    } else {
        let words =
            advice!("leave the class out, or leave objects in it for as long as is charged");
        (Severity::Low, words)
    };
    case.finding(ID, severity, message)
        .evidence(stays.iter().map(|stay| words(case, lifecycle, stay)))
        .why(WHY)
        .advise(advice)
}

/// `STANDARD_IA from day 7 to day 30; 30 days are charged`.
fn words(case: &Case<'_>, lifecycle: &Lifecycle, stay: &Stay) -> String {
    let rule = |at: usize| lifecycle.rules.get(at);
    let entered_by = stay.entered_by.and_then(rule);
    let left_by = rule(stay.left_by);
    let is_dated = [entered_by, left_by].into_iter().flatten().any(is_dated);
    let day = |at: chrono::DateTime<chrono::Utc>| {
        if is_dated {
            at.format("%Y-%m-%d").to_string()
        } else {
            format!("day {}", (at - midnight_after(case.now)).num_days())
        }
    };
    let by = |rule: Option<&crate::domain::configuration::Rule>| match rule {
        Some(rule) if stay.entered_by != Some(stay.left_by) => format!(" (rule {})", rule.id),
        _ => String::new(),
    };
    let of = if stay.noncurrent {
        "noncurrent versions: "
    } else {
        ""
    };
    format!(
        "{of}{} from {}{} to {}{}; {} charged",
        stay.class,
        day(stay.from),
        by(entered_by),
        day(stay.until),
        by(left_by),
        counted_are(stay.charged, "day")
    )
}

/// Objects that were uploaded to a class and leave it too early.
fn uploaded(case: &Case<'_>, lifecycle: &Lifecycle, found: &mut Vec<Finding>) {
    let short = case
        .contents
        .into_iter()
        .flat_map(|contents| &contents.coverage.short_uploads);
    for ((class, rule), (amount, days)) in short {
        let rule = lifecycle.rules.get(*rule).map_or("", |rule| &rule.id);
        let needed = crate::domain::lifecycle::class::minimum_stay(class);
        found.push(
            case.finding(
                ID,
                Severity::Low,
                format!(
                    "Objects are uploaded to {class}, and the lifecycle rule {rule} takes them out before its minimum charge has passed."
                ),
            )
            .evidence([format!(
                "objects in {class} stay there for {}; {} charged: {} of them, among them {}",
                counted(*days, "day"),
                counted_are(needed, "day"),
                amount.count,
                amount.examples.join(", ")
            )])
            .why(WHY)
            .advise(advice!("upload to STANDARD, or let the rule wait for as long as is charged")),
        );
    }
}

/// Whether the blueprint wants current objects in this class from the one day to the other.
fn is_wanted(case: &Case<'_>, stay: &Stay) -> bool {
    let start = midnight_after(case.now);
    let day = |at: chrono::DateTime<chrono::Utc>| u32::try_from((at - start).num_days()).ok();
    let (Some(from), Some(until)) = (day(stay.from), day(stay.until)) else {
        return false;
    };
    let wanted = case.expect().and_then(|expect| expect.lifecycle.as_deref());
    let wanted = || wanted.into_iter().flatten();
    let enters = wanted().any(|rule| {
        let mut transitions = rule.transitions.iter();
        transitions.any(|t| t.days == from && t.class == stay.class)
    });
    let leaves = wanted().any(|rule| {
        rule.expire_days == Some(until) || rule.transitions.iter().any(|t| t.days == until)
    });
    !stay.noncurrent && enters && leaves
}
