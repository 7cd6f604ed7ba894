//! What the State screen says of itself.

use super::{Basis, BucketState, SeriesKind, SeriesRow, StateScreen, Tab};
use crate::app::action::Action;
use crate::app::screens::Texts;
use crate::app::state::{Load, State};
use crate::app::words::{self, load_words, when};
use crate::domain::ByteSize;
use crate::domain::configuration::State as Standing;
use crate::domain::metrics::whole;
use crate::ops::audit::Severity;

impl Texts for StateScreen {
    fn title(&self) -> (u8, &'static str) {
        (3, "State")
    }

    fn place(&self, state: &State) -> String {
        let Some(shown) = &state.bucket else {
            return "State".into();
        };
        match shown.tab {
            Tab::Raw => {
                let concern = shown.concern().map_or("", |row| row.title);
                format!("{} › Raw › {concern}", shown.bucket)
            }
            tab => format!("{} › {}", shown.bucket, tab.title()),
        }
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let Some(shown) = &state.bucket else {
            return Vec::new();
        };
        let (mut parts, loads): (Vec<String>, [&Load; 2]) = match shown.tab {
            Tab::Overview => (
                overview_summary(shown),
                [&shown.configuration.load, &shown.audited.load],
            ),
            Tab::Lifecycle => (
                lifecycle_summary(state, shown),
                [&shown.configuration.load, &shown.audited.load],
            ),
            Tab::Metrics => (
                metrics_summary(shown),
                [&shown.storage.load, &shown.alarms.load],
            ),
            Tab::Findings => (
                findings_summary(shown),
                [&shown.audited.load, &shown.alarms.load],
            ),
            Tab::Raw => (Vec::new(), [&shown.configuration.load; 2]),
        };
        parts.extend(loads.into_iter().filter_map(load_words).max());
        parts
    }

    fn about(&self, state: &State) -> String {
        let Some(shown) = &state.bucket else {
            return String::new();
        };
        match shown.tab {
            Tab::Overview => about_concern(shown),
            Tab::Lifecycle => {
                let rule = shown.rules.current();
                rule.map_or_else(String::new, |rule| format!("{}: {}", rule.name, rule.about))
            }
            Tab::Metrics => about_series(state, shown),
            Tab::Findings => {
                let row = shown.findings.current();
                row.map_or_else(String::new, |row| {
                    let copy = state.key_for(Action::Copy).unwrap_or_default();
                    format!(
                        "{copy} copies what to do about {}, as commands",
                        row.finding.id
                    )
                })
            }
            Tab::Raw => {
                "y copies the document exactly; n and N go to the next one and the one before"
                    .into()
            }
        }
    }
}

/// How many concerns are set, not set and unknown.
fn overview_summary(shown: &BucketState) -> Vec<String> {
    let mut counts = [0_u64; 3];
    for row in shown.concerns.rows() {
        match row.state {
            Some(Standing::Set) => counts[0] += 1,
            Some(Standing::NotSet) => counts[1] += 1,
            Some(Standing::Unknown(_)) => counts[2] += 1,
            None => {}
        }
    }
    let words = ["set", "not set", "unknown"];
    counts
        .into_iter()
        .zip(words)
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect()
}

/// What the figures rest on.
fn lifecycle_summary(state: &State, shown: &BucketState) -> Vec<String> {
    let Some((coverage, basis)) = shown.coverage() else {
        return Vec::new();
    };
    let rules = coverage.lifecycle().rules.len() as u64;
    let based = match basis {
        Basis::Listing(at) => format!("every version, listed {}", when(state, at)),
        Basis::Scan(at) => format!("current objects, scanned {}", when(state, at)),
        Basis::Objects(at) => format!(
            "at least: current objects alone, listed {}",
            when(state, at)
        ),
        Basis::Sample(versions, at) => format!(
            "sample: the first {} listed {}",
            words::counted(versions, "version"),
            when(state, at)
        ),
    };
    let is_outdated = !matches!(shown.configuration.load, Load::Complete | Load::Loading);
    let aged = is_outdated.then(|| "of the last answer".to_owned());
    [Some(based), Some(words::counted(rules, "rule")), aged]
        .into_iter()
        .flatten()
        .collect()
}

/// Of how many days, and how the whole grew.
fn metrics_summary(shown: &BucketState) -> Vec<String> {
    let mut parts = vec![format!("{} days, d changes it", shown.days)];
    let total = shown
        .series
        .rows()
        .find(|row| matches!(row.kind, SeriesKind::Total));
    if let Some((day, bytes)) = total.and_then(|row| row.series.last()) {
        parts.insert(0, format!("{} on {day}", ByteSize(whole(bytes))));
    }
    parts
}

/// How many there are of each severity, and which are left out.
fn findings_summary(shown: &BucketState) -> Vec<String> {
    if shown.audited.value.is_none() {
        return Vec::new();
    }
    let counts = Severity::ALL.into_iter().rev();
    let counts = counts
        .map(|severity| (severity, shown.count(severity)))
        .filter(|(_, count)| *count > 0);
    let mut words: Vec<String> = counts
        .map(|(severity, count)| format!("{count} {}", severity.as_str()))
        .collect();
    if words.is_empty() {
        words.push("none".into());
    }
    let mut parts = vec![words.join(", ")];
    if shown.least > Severity::Info {
        parts.push(format!("{} or worse, f changes it", shown.least.as_str()));
    }
    parts
}

/// What the row of the cursor says, for it may be cut off there; and which findings are about it.
fn about_concern(shown: &BucketState) -> String {
    let Some(row) = shown.concerns.current() else {
        return String::new();
    };
    let mut ids = row.findings.clone();
    ids.dedup();
    match (ids.is_empty(), &row.state) {
        (false, _) => format!("{} ({})", row.sentence, ids.join(", ")),
        (true, Some(Standing::Unknown(why))) => format!("{} was asked: {}", why.call, why.why),
        (true, _) => row.sentence.clone(),
    }
}

/// What is to be said of the row under the cursor; of a part that could not be had, why.
fn about_series(state: &State, shown: &BucketState) -> String {
    if let Some(problem) = unknown(shown) {
        return problem;
    }
    let Some(row) = shown.series.current() else {
        return String::new();
    };
    match &row.kind {
        SeriesKind::Alarm(alarm, ..) => {
            let tells = if alarm.has_actions {
                ""
            } else {
                "; it tells nobody"
            };
            format!("{}{tells}; Enter explains", alarm.words())
        }
        SeriesKind::Type(_) if lacks_price(&row, state) => {
            let prices = state.prices.as_ref().map(|prices| prices.words());
            format!(
                "{} have no price for {}",
                prices.unwrap_or_default(),
                row.name
            )
        }
        SeriesKind::Objects => {
            "versions, delete markers and parts of uploads are counted, too".into()
        }
        SeriesKind::Total => {
            "all storage types together, overheads among them: what is billed".into()
        }
        SeriesKind::Type(_) if row.remark == "overhead" => {
            "bytes that nobody uploaded and that are billed".into()
        }
        SeriesKind::Requests => "sent by S3 as best it can: a number is about right".into(),
        SeriesKind::Type(_) => String::new(),
    }
}

/// What could not be had besides the sizes.
fn unknown(shown: &BucketState) -> Option<String> {
    let requests = shown
        .requests
        .value
        .as_ref()
        .and_then(|found| found.as_ref().err());
    let mut alarms = shown.alarms.value.iter().flat_map(|alarms| &alarms.buckets);
    let alarms = alarms.find_map(|one| one.alarms.problem());
    let (what, problem) = match (alarms, requests) {
        (Some(problem), _) => ("alarms", problem),
        (None, Some(problem)) => ("request metrics", problem),
        (None, None) => return None,
    };
    Some(format!("{what} {}: {problem}", words::UNKNOWN))
}

/// Whether nobody knows what the bytes of a row cost, although prices are known.
fn lacks_price(row: &SeriesRow, state: &State) -> bool {
    match (&row.kind, &state.prices, row.series.last()) {
        (SeriesKind::Type(one), Some(prices), Some((_, bytes))) => {
            prices.cost(one, ByteSize(whole(bytes))).is_none()
        }
        _ => false,
    }
}
