//! What the Buckets screen says of itself.

use super::{BucketRow, Cell as Answer, TREND_DAYS};
use super::{BucketsScreen, Totals};
use crate::app::screens::Texts;
use crate::app::state::State;
use crate::app::words::{self, load_words, shown};
use crate::aws::ProblemKind;
use crate::ops::Fact;
use crate::ops::audit::Severity;

/// From this width on the rule says "at least" in words.
const ROOM_FOR_WORDS: u16 = 100;

impl Texts for BucketsScreen {
    fn title(&self) -> (u8, &'static str) {
        (1, "Buckets")
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let table = &state.buckets;
        let number = u64::try_from(table.len()).unwrap_or(u64::MAX);
        let mut parts = vec![words::counted(number, "bucket")];
        parts.extend(load_words(&state.buckets_load));
        parts.extend(shown(table));
        let totals = state.fleet.totals(table.source().iter());
        parts.extend(size_words(state, &totals));
        parts.extend(findings_words(state, &totals));
        parts
    }

    /// What is unknown and why, the worst finding, where its numbers are from.
    fn about(&self, state: &State) -> String {
        let Some(row) = state.buckets.current() else {
            return String::new();
        };
        let mut parts = Vec::new();
        parts.extend(unknown(&row));
        if let Some(judged) = row.judged() {
            parts.extend(
                judged
                    .worst
                    .as_ref()
                    .map(|(severity, message)| format!("{}: {message}", severity.as_str())),
            );
            parts.extend(judged.gap.clone());
        }
        parts.extend(numbers(&row));
        if parts.is_empty() {
            return String::new();
        }
        format!("{}: {}", row.name, parts.join(" · "))
    }
}

/// On narrow screens the sign says it.
fn at_least(state: &State) -> &'static str {
    if state.size.0 < ROOM_FOR_WORDS {
        "≥"
    } else {
        "at least "
    }
}

fn size_words(state: &State, totals: &Totals) -> Option<String> {
    let size = totals.size;
    match (totals.pending, totals.unknown) {
        _ if size.bytes() == 0 => None,
        (0, 0) => {
            let growth = totals
                .growth
                .map(|growth| words::growth_within(growth, TREND_DAYS));
            let growth = growth.map_or_else(String::new, |growth| format!(" {growth}"));
            Some(format!("{size}{growth}"))
        }
        (0, _) => Some(format!("{}{size}", at_least(state))),
        _ => Some(format!("{size} so far")),
    }
}

/// What the audit has found: how many of the worst kinds, how many others, and what is wanting to the whole.
fn findings_words(state: &State, totals: &Totals) -> Option<String> {
    let audit = state.fleet.audit.as_ref()?;
    let grave = [Severity::Critical, Severity::High];
    let mut parts: Vec<String> = grave
        .into_iter()
        .map(|severity| (totals.findings.of(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{} {}", words::exact(count), severity.as_str()))
        .collect();
    let all = words::counted(totals.findings.faults(), "finding");
    parts.push(if totals.in_part > 0 {
        format!("{}{all}", at_least(state))
    } else {
        all
    });
    let far = match audit.ended {
        None => format!(", {} of {} audited", audit.done, audit.buckets),
        Some(_) if !audit.is_whole() => format!(", {} of {} alone", audit.done, audit.buckets),
        Some(_) => String::new(),
    };
    Some(format!("{}{far}", parts.join(", ")))
}

fn unknown(row: &BucketRow) -> Option<String> {
    let mut missing: Vec<&str> = Vec::new();
    let mut other = None;
    for problem in row.problems() {
        match problem.permission {
            Some(permission) if problem.kind == ProblemKind::Denied => missing.push(permission),
            _ => other = Some(problem),
        }
    }
    if missing.is_empty() {
        return other.map(ToString::to_string);
    }
    missing.dedup();
    let missing = missing.join(", ");
    Some(format!("unknown where this identity lacks {missing}"))
}

/// Where the numbers of a row come from, and what is in them.
fn numbers(row: &BucketRow) -> Option<String> {
    let counted = row.known.map(|known| {
        let at_least = if known.complete { "" } else { "at least " };
        let objects = words::counted(known.objects, "object");
        format!("{at_least}{objects}, {} counted here", known.size)
    });
    match &row.measured {
        Answer::Answered(Fact::Set(measured)) => {
            let day = measured.day.format("%Y-%m-%d");
            let told = format!("sizes of {day} by CloudWatch, with old versions and uploads");
            Some(match counted {
                Some(counted) => format!("{told}; {counted}"),
                None => told,
            })
        }
        Answer::Answered(Fact::NotSet) if counted.is_none() => {
            Some("CloudWatch has no size of it: it is counted by browsing it or by a scan".into())
        }
        _ => counted,
    }
}
