//! Unanswered questions that could hide what `--fail-on` asks about: silence is then a failure, and not good news.

use std::collections::{BTreeMap, BTreeSet};

use super::AuditArgs;
use crate::cli::Failure;
use crate::domain::BucketName;
use crate::ops::audit::{OpenQuestion, Severity};

/// Buckets that are named of one question.
const NAMED: usize = 3;

/// Why the audit cannot say that there is no finding of a severity or above; `None` when it can.
pub(super) fn failure(
    args: &AuditArgs,
    least: Severity,
    open: &[(BucketName, OpenQuestion)],
) -> Option<Failure> {
    // One line a cause, with the buckets that it concerns.
    let mut causes: BTreeMap<(&str, String), Cause<'_>> = BTreeMap::new();
    for (bucket, question) in open {
        let hides = question.hides.iter();
        let hidden: Vec<&str> = hides
            .filter(|(id, severity)| *severity >= least && args.asks_for_one(id, *severity))
            .map(|(id, _)| *id)
            .collect();
        if !hidden.is_empty() {
            let by = (question.why.call.as_str(), question.why.short());
            let cause = causes.entry(by).or_default();
            cause.hidden.extend(hidden);
            cause.buckets.insert(bucket);
        }
    }
    let (n, s) = match causes.len() {
        0 => return None,
        1 => ("one question was".to_owned(), ""),
        n => (format!("{n} questions were"), "s"),
    };
    let failure = Failure::failed(format!(
        "{n} not answered, and the answer{s} could show a finding of {} severity or above",
        least.as_str()
    ));
    Some(
        causes
            .into_iter()
            .fold(failure, |failure, ((call, why), cause)| {
                failure.advising(cause.line(call, &why))
            }),
    )
}

/// What one cause hides, and where.
#[derive(Default)]
struct Cause<'a> {
    hidden: BTreeSet<&'a str>,
    buckets: BTreeSet<&'a BucketName>,
}

impl Cause<'_> {
    fn line(&self, call: &str, why: &str) -> String {
        let ids: Vec<&str> = self.hidden.iter().copied().collect();
        let named = self.buckets.iter().take(NAMED);
        let named: Vec<&str> = named.map(|bucket| bucket.as_str()).collect();
        let more = match self.buckets.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{call} of {}{more} could show {}: {why}",
            named.join(", "),
            ids.join(", ")
        )
    }
}
