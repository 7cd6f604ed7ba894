//! The simulation: what happens to an object step by step, by which rule, or why nothing happens.
//!
//! Each matching rule gives candidate actions, each with a day. The earliest day wins. On the same day, a permanent
//! deletion wins over a transition, and a transition over a delete marker. Of two transitions, the one to the preferred
//! class wins; S3 does not make up for the other later. After each step the rules are evaluated again, because the
//! object has another class or is no longer current.

use chrono::{DateTime, Utc};

use super::calendar::{days_after, due, midnight_after};
use super::class::{large_enough, may_follow, preference};
use super::matching::{Match, applies_to, matches};
use super::subject::{Kept, Lock, Subject, VersionState};
use crate::domain::StorageClass;
use crate::domain::configuration::{Expiration, Lifecycle, Rule};

/// One lifecycle action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The due date. S3 acts within a day or two; an action is overdue if the date has passed.
    pub at: DateTime<Utc>,
    pub effect: Effect,
    /// The rule's position in the configuration.
    pub rule: usize,
}

/// The effect of a lifecycle action on an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It moves to another class.
    Transition(StorageClass),
    /// A delete marker hides it, and it becomes a noncurrent version.
    Marker,
    /// A null delete marker replaces the null version, which is lost.
    NullMarker,
    /// It is permanently deleted.
    Delete,
}

/// The next action, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Next(Step),
    /// No action. The reasons of each rule, in order; empty if there is no rule.
    Nothing(Vec<Blocker>),
}

/// Why a rule does nothing to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocker {
    /// The rule's position in the configuration.
    pub rule: usize,
    pub reason: Reason,
}

/// The reason why a rule does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Disabled,
    /// The key does not have the rule's prefix.
    Prefix,
    /// The object lacks a tag of the filter.
    Tags,
    /// The size is outside the rule's size filter.
    Size,
    /// The rule filters by tags, and the object's tags are unknown.
    TagsUnknown,
    /// The rule does not act on this state (current, noncurrent, delete marker).
    OtherState,
    /// The object is smaller than 128 KB.
    TooSmall,
    /// The object is already in the class, or in one that has no transition to it.
    Class,
    /// Too few noncurrent versions are newer.
    KeptByCount,
    /// Replication of the object is pending or failed.
    Unreplicated,
    /// A legal hold or an event hold has no known end.
    Held,
    /// On the same day, the object moved to a class that S3 prefers.
    Outdone,
}

impl Reason {
    /// The reason as a clause after "because".
    #[must_use]
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Disabled => "the rule is disabled",
            Self::Prefix => "the key begins differently than the rule's prefix",
            Self::Tags => "the object lacks a tag that the rule asks for",
            Self::Size => "the object is outside the sizes that the rule asks for",
            Self::TagsUnknown => "the rule asks for tags, and the object's are not known",
            Self::OtherState => "the rule has nothing to do with objects in this state",
            Self::TooSmall => "the object is under 128 KB, and S3 does not move those",
            Self::Class => "no transition leads from the object's class to the rule's",
            Self::KeptByCount => "the rule keeps this many newer versions",
            Self::Unreplicated => "its replication is pending or has failed",
            Self::Held => "a hold is on it",
            Self::Outdone => "another transition on the same day was preferred",
        }
    }
}

/// The next action on an object, or why there is none. An action that was due before `today` and has not happened is
/// overdue, and still the next action.
#[must_use]
pub(crate) fn next(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Outcome {
    let mut hindrances = Vec::new();
    let mut best: Option<Step> = None;
    let arrivals = arrivals(lifecycle, subject);
    for (index, rule) in lifecycle.rules.iter().enumerate() {
        let found = candidates(lifecycle, index, rule, kept, subject).and_then(|mut steps| {
            steps.retain(|step| !is_outdone(step, subject.class, &arrivals));
            if steps.is_empty() {
                return Err(Reason::Outdone);
            }
            Ok(steps)
        });
        match found {
            Ok(steps) => {
                for step in steps {
                    if best.as_ref().is_none_or(|best| goes_before(&step, best)) {
                        best = Some(step);
                    }
                }
            }
            Err(reason) => hindrances.push(Blocker {
                rule: index,
                reason,
            }),
        }
    }
    best.map_or(Outcome::Nothing(hindrances), Outcome::Next)
}

/// The days on which a rule could have moved the object to its present class.
fn arrivals(lifecycle: &Lifecycle, subject: &Subject<'_>) -> Vec<DateTime<Utc>> {
    // Only from this class can the lifecycle continue to a class that is less preferred.
    if subject.class != "INTELLIGENT_TIERING" {
        return Vec::new();
    }
    let about = lifecycle
        .rules
        .iter()
        .filter(|rule| rule.enabled && matches(rule, subject) == Match::Yes);
    match subject.version {
        VersionState::Current { .. } => about
            .flat_map(|rule| &rule.transitions)
            .filter(|t| t.class.as_str() == subject.class)
            .map(|t| due(t.when, subject.written))
            .collect(),
        VersionState::Noncurrent { since, newer } => about
            .flat_map(|rule| &rule.noncurrent_transitions)
            .filter(|t| t.class.as_str() == subject.class && newer >= t.newer_versions)
            .map(|t| days_after(since, t.days))
            .collect(),
        VersionState::Marker { .. } => Vec::new(),
    }
}

/// Whether the transition was due on the day when the object moved to a class that S3 prefers. S3 then never makes it.
fn is_outdone(step: &Step, class: &str, arrivals: &[DateTime<Utc>]) -> bool {
    matches!(&step.effect, Effect::Transition(to)
        if preference(to.as_str()) < preference(class) && arrivals.contains(&step.at))
}

/// All future actions on an object that nobody changes, in order.
#[must_use]
pub(crate) fn timeline(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut subject = *subject;
    // Each transition leads to a colder class, and a delete marker is added only once, so the loop ends. The bound
    // makes that obvious.
    for _ in 0..16 {
        let Outcome::Next(mut step) = next(lifecycle, kept, &subject) else {
            break;
        };
        // An action whose due date precedes the step that made it possible happens directly after that step.
        if let Some(last) = steps.last() {
            step.at = step.at.max(last.at);
        }
        let at = step.at;
        let class = match &step.effect {
            Effect::Transition(class) => lifecycle_class(lifecycle, class),
            _ => None,
        };
        let ends = match step.effect {
            Effect::Delete | Effect::NullMarker => true,
            Effect::Marker => {
                subject.version = VersionState::Noncurrent {
                    since: at,
                    newer: 0,
                };
                false
            }
            Effect::Transition(_) => {
                // Borrow the class from the rules, which live long enough.
                if let Some(class) = class {
                    subject.class = class;
                }
                class.is_none()
            }
        };
        steps.push(step);
        if ends {
            break;
        }
    }
    steps
}

/// The class as stored in the rules, so that a subject can borrow it.
fn lifecycle_class<'l>(lifecycle: &'l Lifecycle, class: &StorageClass) -> Option<&'l str> {
    let current = lifecycle.rules.iter().flat_map(|rule| &rule.transitions);
    let noncurrent = lifecycle
        .rules
        .iter()
        .flat_map(|rule| &rule.noncurrent_transitions);
    current
        .map(|t| &t.class)
        .chain(noncurrent.map(|t| &t.class))
        .find(|found| *found == class)
        .map(StorageClass::as_str)
}

/// When an incomplete upload is aborted, and by which rule. Rules with tag or size filters cannot abort uploads.
#[must_use]
pub(crate) fn abort_of(
    lifecycle: &Lifecycle,
    key: &str,
    initiated: DateTime<Utc>,
) -> Option<(DateTime<Utc>, usize)> {
    lifecycle
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| {
            rule.enabled && rule.filter.is_prefix_alone() && key.starts_with(&rule.filter.prefix)
        })
        .filter_map(|(index, rule)| Some((days_after(initiated, rule.abort_uploads_days?), index)))
        .min()
}

/// Orders by day, then by rank, then by preferred class, then by the order of rules.
fn goes_before(step: &Step, other: &Step) -> bool {
    let order = |step: &Step| {
        let (rank, class) = match &step.effect {
            Effect::Delete | Effect::NullMarker => (0, 0),
            Effect::Transition(class) => (1, 7 - preference(class.as_str())),
            Effect::Marker => (2, 0),
        };
        (step.at, rank, class)
    };
    order(step) < order(other)
}

/// The actions that one rule would take on an object in its present state.
fn candidates(
    lifecycle: &Lifecycle,
    index: usize,
    rule: &Rule,
    kept: Kept,
    subject: &Subject<'_>,
) -> Result<Vec<Step>, Reason> {
    if !rule.enabled {
        return Err(Reason::Disabled);
    }
    match matches(rule, subject) {
        Match::Yes => {}
        Match::OtherPrefix => return Err(Reason::Prefix),
        Match::OtherTags => return Err(Reason::Tags),
        Match::OtherSize => return Err(Reason::Size),
        Match::TagsUnknown => return Err(Reason::TagsUnknown),
    }
    if !applies_to(rule, subject.version, kept) {
        return Err(Reason::OtherState);
    }
    if subject.unreplicated {
        return Err(Reason::Unreplicated);
    }
    let mut found = Candidates {
        lifecycle,
        index,
        rule,
        subject,
        steps: Vec::new(),
        reason: Reason::OtherState,
    };
    match subject.version {
        VersionState::Current { is_null } => {
            for t in &rule.transitions {
                found.transition(due(t.when, subject.written), &t.class);
            }
            if let Some(Expiration::At(when)) = rule.expiration {
                found.expire(due(when, subject.written), kept, is_null);
            }
        }
        VersionState::Noncurrent { since, newer } => {
            for t in &rule.noncurrent_transitions {
                if newer >= t.newer_versions {
                    found.transition(days_after(since, t.days), &t.class);
                } else {
                    found.reason = Reason::KeptByCount;
                }
            }
            if let Some(end) = rule.noncurrent_expiration {
                // S3 acts on a version if this many noncurrent versions are newer: it retains exactly that number.
                // Source: NoncurrentVersionExpiration in the API reference.
                if newer >= end.newer_versions {
                    found.delete(days_after(since, end.days));
                } else {
                    found.reason = Reason::KeptByCount;
                }
            }
        }
        VersionState::Marker { is_alone: true } => match rule.expiration {
            Some(Expiration::ExpiredDeleteMarker) => found.delete(midnight_after(subject.written)),
            Some(Expiration::At(when)) => found.delete(due(when, subject.written)),
            None => {}
        },
        VersionState::Marker { is_alone: false } => {}
    }
    if found.steps.is_empty() {
        Err(found.reason)
    } else {
        Ok(found.steps)
    }
}

/// The candidate actions of one rule, and why there are none.
struct Candidates<'a> {
    lifecycle: &'a Lifecycle,
    index: usize,
    rule: &'a Rule,
    subject: &'a Subject<'a>,
    steps: Vec<Step>,
    reason: Reason,
}

impl Candidates<'_> {
    fn transition(&mut self, at: DateTime<Utc>, class: &StorageClass) {
        let to = class.as_str();
        if !may_follow(self.subject.class, to) {
            self.reason = Reason::Class;
        } else if !large_enough(
            self.subject.size,
            self.rule,
            self.lifecycle.minimum_size,
            to,
        ) {
            self.reason = Reason::TooSmall;
        } else {
            self.push(at, Effect::Transition(class.clone()));
        }
    }

    fn expire(&mut self, at: DateTime<Utc>, kept: Kept, is_null: bool) {
        match kept {
            Kept::Nothing => self.delete(at),
            // The null delete marker overwrites a null version; a version with an id remains as noncurrent.
            Kept::OldVersions if is_null => self.push(at, Effect::NullMarker),
            Kept::Versions | Kept::OldVersions => self.push(at, Effect::Marker),
        }
    }

    /// Adds a deletion, delayed until the end of a lock.
    fn delete(&mut self, at: DateTime<Utc>) {
        match self.subject.lock {
            None => self.push(at, Effect::Delete),
            Some(Lock::Until(end)) => self.push(at.max(midnight_after(end)), Effect::Delete),
            Some(Lock::Hold) => self.reason = Reason::Held,
        }
    }

    fn push(&mut self, at: DateTime<Utc>, effect: Effect) {
        self.steps.push(Step {
            at,
            effect,
            rule: self.index,
        });
    }
}
