//! Finds objects that leave a storage class before its minimum storage duration ends.
//!
//! The combination of rules decides: one moves an object to a class, another deletes it. [`short_stays`] constructs
//! objects that two rules apply to and simulates them. [`short`] checks one object.

use chrono::{DateTime, Utc};

use super::class::minimum_stay;
use super::steps::{Effect, Step, timeline};
use super::subject::{Kept, Subject, VersionState};
use crate::domain::configuration::{Filter, Lifecycle, Rule, When};

/// Limit on the pairs of rules that are checked. A bucket has a few rules; this bounds the time for a thousand.
const PAIRS: usize = 20_000;

/// A size in bytes that every rule treats as large.
const LARGE: u64 = 1 << 30;

/// A stay in a class that is shorter than its minimum storage duration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stay {
    pub class: String,
    /// When the object enters the class.
    pub from: DateTime<Utc>,
    /// When the object leaves the class.
    pub until: DateTime<Utc>,
    /// The minimum storage duration in days.
    pub charged: u32,
    /// Position of the rule that moved the object to the class; `None` if it was uploaded there.
    pub entered_by: Option<usize>,
    /// Position of the rule that moves the object on, or deletes it.
    pub left_by: usize,
    /// Whether it concerns noncurrent versions. Days then count from when a version became noncurrent.
    pub noncurrent: bool,
}

/// The short stays of one object. `uploaded` gives the class and the time of the upload, if known.
#[must_use]
pub(super) fn short(steps: &[Step], uploaded: Option<(&str, DateTime<Utc>)>) -> Vec<Stay> {
    let mut stays = Vec::new();
    let mut here = uploaded.map(|(class, at)| (class, at, None));
    for step in steps {
        // A delete marker does not change the class of the version it hides.
        if step.effect == Effect::Marker {
            continue;
        }
        if let Some((class, from, entered_by)) = here {
            let charged = minimum_stay(class);
            if (step.at - from).num_days() < i64::from(charged) {
                stays.push(Stay {
                    class: class.to_owned(),
                    from,
                    until: step.at,
                    charged,
                    entered_by,
                    left_by: step.rule,
                    noncurrent: false,
                });
            }
        }
        here = match &step.effect {
            Effect::Transition(class) => Some((class.as_str(), step.at, Some(step.rule))),
            Effect::Delete | Effect::NullMarker | Effect::Marker => None,
        };
    }
    stays
}

/// All short stays that the rules cause, each once, for objects written or made noncurrent at `start`.
#[must_use]
pub(crate) fn short_stays(lifecycle: &Lifecycle, kept: Kept, start: DateTime<Utc>) -> Vec<Stay> {
    let mut found = Vec::new();
    let enabled = || lifecycle.rules.iter().filter(|rule| rule.enabled);
    let moving = enabled().filter(|rule| moves(rule));
    let pairs = moving.flat_map(|one| enabled().map(move |other| (one, other)));
    for filter in pairs
        .take(PAIRS)
        .filter_map(|(one, other)| both(&one.filter, &other.filter))
    {
        let Some(size) = size_within(&filter) else {
            continue;
        };
        let current = Subject {
            tags: Some(&filter.tags),
            version: VersionState::Current {
                // New objects are what the rules will act on.
                is_null: kept == Kept::OldVersions,
            },
            ..Subject::current(&filter.prefix, size, "STANDARD", start)
        };
        found.extend(short(&timeline(lifecycle, kept, &current), None));
        if kept != Kept::Nothing {
            let old = Subject {
                version: VersionState::Noncurrent {
                    since: start,
                    newer: u32::MAX,
                },
                ..current
            };
            let stays = short(&timeline(lifecycle, kept, &old), None);
            found.extend(stays.into_iter().map(|stay| Stay {
                noncurrent: true,
                ..stay
            }));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Whether a rule acts on a date instead of after a number of days.
#[must_use]
pub(crate) fn is_dated(rule: &Rule) -> bool {
    let end = rule.expiration.and_then(|end| match end {
        crate::domain::configuration::Expiration::At(when) => Some(when),
        crate::domain::configuration::Expiration::ExpiredDeleteMarker => None,
    });
    let all = rule.transitions.iter().map(|t| t.when).chain(end);
    let mut dated = all.filter(|when| matches!(when, When::Date(_)));
    dated.next().is_some()
}

fn moves(rule: &Rule) -> bool {
    !rule.transitions.is_empty() || !rule.noncurrent_transitions.is_empty()
}

/// The intersection of two filters; `None` if it is empty.
fn both(one: &Filter, other: &Filter) -> Option<Filter> {
    let prefix = if one.prefix.starts_with(&other.prefix) {
        &one.prefix
    } else if other.prefix.starts_with(&one.prefix) {
        &other.prefix
    } else {
        return None;
    };
    let mut tags = one.tags.clone();
    for tag in &other.tags {
        match tags.iter().find(|known| known.0 == tag.0) {
            Some(known) if known.1 != tag.1 => return None,
            Some(_) => {}
            None => tags.push(tag.clone()),
        }
    }
    let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
    Some(Filter {
        prefix: prefix.clone(),
        tags,
        larger_than: one.larger_than.max(other.larger_than),
        smaller_than: least(one.smaller_than, other.smaller_than),
    })
}

/// The largest ordinary size in bytes that a filter accepts.
fn size_within(filter: &Filter) -> Option<u64> {
    let from = filter.larger_than.map_or(0, |size| size.saturating_add(1));
    let most = match filter.smaller_than {
        Some(size) => size.checked_sub(1)?,
        None => u64::MAX,
    };
    (from <= most).then(|| LARGE.clamp(from, most))
}
