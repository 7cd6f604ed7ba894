//! Which objects a rule is about.

use super::subject::{Kept, Subject, VersionState};
use crate::domain::configuration::{Expiration, Rule};

/// Whether a rule's filter lets something through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// It does.
    Yes,
    /// Its key begins differently.
    OtherPrefix,
    /// It lacks a tag that the rule asks for.
    OtherTags,
    /// It is too small or too large for the rule's own size filter.
    OtherSize,
    /// The rule asks for tags, and those of the object are not known.
    TagsUnknown,
}

/// Whether a rule's filter matches. Whether the rule is enabled is another question.
#[must_use]
pub(crate) fn matches(rule: &Rule, subject: &Subject<'_>) -> Match {
    let filter = &rule.filter;
    if !subject.key.starts_with(&filter.prefix) {
        return Match::OtherPrefix;
    }
    // A delete marker has neither size nor tags, and rules that ask for either do not see it.
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

/// Whether a rule has something to do with what is in this state, now or, for a current version, once it is superseded.
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
        // Expiration by days removes a marker that stands alone as well.
        VersionState::Marker { .. } => rule.expiration.is_some(),
    }
}
