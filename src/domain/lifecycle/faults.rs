//! Finds errors in a rule that S3 would reject. Compatible servers store such rules, and a stored rule need not work.

use super::class::minimum_stay;
use crate::domain::configuration::{Expiration, Rule, When};

/// A reason for S3 to reject a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `ExpiredObjectDeleteMarker` or `AbortIncompleteMultipartUpload` together with a tag filter.
    TagFilter,
    /// A transition that is due before the minimum duration in the previous class has passed.
    TooClose {
        /// Days between the two transitions.
        days: u32,
        /// Minimum days in the previous class.
        needed: u32,
    },
    /// An expiration that is not later than every transition.
    ExpiresBeforeTransition,
    /// `NewerNoncurrentVersions` above 100.
    TooManyVersions,
}

/// All reasons for S3 to reject a rule.
#[must_use]
pub(crate) fn faults(rule: &Rule) -> Vec<Fault> {
    let mut found = Vec::new();
    let cleans = rule.expiration == Some(Expiration::ExpiredDeleteMarker);
    if !rule.filter.tags.is_empty() && (cleans || rule.abort_uploads_days.is_some()) {
        found.push(Fault::TagFilter);
    }
    let mut moves: Vec<(u32, &str)> = rule
        .transitions
        .iter()
        .filter_map(|t| match t.when {
            When::Days(days) => Some((days, t.class.as_str())),
            When::Date(_) => None,
        })
        .collect();
    moves.sort_unstable();
    for (first, second) in moves.iter().zip(moves.iter().skip(1)) {
        let (days, needed) = (second.0 - first.0, minimum_stay(first.1));
        if days < needed {
            found.push(Fault::TooClose { days, needed });
        }
    }
    if let (Some(Expiration::At(When::Days(end))), Some((last, _))) =
        (rule.expiration, moves.last())
        && end <= *last
    {
        found.push(Fault::ExpiresBeforeTransition);
    }
    let newer = rule.noncurrent_transitions.iter().map(|t| t.newer_versions);
    let kept = rule.noncurrent_expiration.map(|end| end.newer_versions);
    if newer.chain(kept).any(|n| n > 100) {
        found.push(Fault::TooManyVersions);
    }
    found
}
