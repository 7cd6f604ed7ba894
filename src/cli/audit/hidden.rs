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
            cause.is_partly_answered |= question.is_partly_answered;
            cause.buckets.insert(bucket);
        }
    }
    let (n, s) = match causes.len() {
        0 => return None,
        1 => ("one question was".to_owned(), ""),
        n => (format!("{n} questions were"), "s"),
    };
    let is_partly = causes.values().any(|cause| cause.is_partly_answered);
    let in_full = if is_partly { " in full" } else { "" };
    let failure = Failure::failed(format!(
        "{n} not answered{in_full}, and the answer{s} could show a finding of {} severity or above",
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
    is_partly_answered: bool,
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
        let option = match call {
            _ if !self.is_partly_answered => "",
            "GetObjectAcl" => "; --object-acls all reads the ACL of each object that is listed",
            "ListObjectVersions" | "ListObjectsV2" => "; --max-versions N lists more",
            _ => "",
        };
        format!(
            "{call} of {}{more} could show {}: {why}{option}",
            named.join(", "),
            ids.join(", ")
        )
    }
}
