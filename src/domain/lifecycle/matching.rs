//! Decides which objects a rule applies to.

use super::subject::{Kept, Subject, VersionState};
use crate::domain::configuration::{Expiration, Rule};

/// The result of matching a rule's filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// The filter matches.
    Yes,
    /// The key does not have the rule's prefix.
    OtherPrefix,
    /// The object lacks a tag of the filter.
    OtherTags,
    /// The size is outside the rule's size filter.
    OtherSize,
    /// The rule filters by tags, and the object's tags are unknown.
    TagsUnknown,
}

/// Whether a rule's filter matches. It does not check whether the rule is enabled.
#[must_use]
pub(crate) fn matches(rule: &Rule, subject: &Subject<'_>) -> Match {
    let filter = &rule.filter;
    if !subject.key.starts_with(&filter.prefix) {
        return Match::OtherPrefix;
    }
    // A delete marker has neither size nor tags. Rules that filter by either ignore it.
    if subject.is_marker() {
        return if filter.is_prefix_alone() {
            Match::Yes
        } else {
            Match::OtherSize
        };
    }
    let too_small = filter.larger_than.is_some_and(|min| subject.size <= min);
    let too_large = filter.smaller_than.is_some_and(|max| subject.size >= max);
    if too_small || too_large {
        return Match::OtherSize;
    }
    match subject.tags {
        _ if filter.tags.is_empty() => Match::Yes,
        None => Match::TagsUnknown,
        Some(tags) if filter.tags.iter().all(|wanted| tags.contains(wanted)) => Match::Yes,
        Some(_) => Match::OtherTags,
    }
}

/// Whether a rule acts on items in this state: now, or for a current version after it becomes noncurrent.
#[must_use]
pub(crate) fn applies_to(rule: &Rule, version: VersionState, kept: Kept) -> bool {
    let noncurrent =
        !rule.noncurrent_transitions.is_empty() || rule.noncurrent_expiration.is_some();
    match version {
        VersionState::Current { .. } => {
            !rule.transitions.is_empty()
                || matches!(rule.expiration, Some(Expiration::At(_)))
                || (noncurrent && kept != Kept::Nothing)
        }
        VersionState::Noncurrent { .. } => noncurrent,
        // Expiration by days also removes a delete marker without versions.
        VersionState::Marker { .. } => rule.expiration.is_some(),
    }
}
