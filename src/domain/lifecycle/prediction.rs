//! The prediction as documents carry it: what happens to an object, on which day, by which rule.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::matching::{Match, matches};
use super::steps::{Effect, timeline};
use super::subject::{Kept, Subject};
use crate::domain::configuration::Lifecycle;

/// What the lifecycle does to an object, as far as it follows from what is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Prediction {
    /// What happens, in order.
    pub steps: Vec<PredictedStep>,
    /// The ids of rules that may be about the object as well: they ask for tags, which a listing does not tell. Where there
    /// are any the steps may come earlier or be others.
    pub undecided: Vec<String>,
}

/// One thing that the lifecycle does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PredictedStep {
    /// The midnight (UTC) from which on it is due. In the past it is overdue.
    #[serde(serialize_with = "rfc3339")]
    pub at: DateTime<Utc>,
    /// What.
    pub action: Action,
    /// The class that the object moves to, as S3 spells it.
    pub storage_class: Option<String>,
    /// The id of the rule.
    pub rule: String,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// The object moves to another class.
    Transition,
    /// A delete marker hides the object, which stays as a noncurrent version.
    DeleteMarker,
    /// A null marker takes the object's place.
    NullMarker,
    /// The object is deleted for good.
    Delete,
}

impl Prediction {
    /// What happens to an object that nobody touches.
    #[must_use]
    pub(crate) fn of(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Self {
        let id = |at: usize| {
            let rule = lifecycle.rules.get(at);
            rule.map_or_else(String::new, |rule| rule.id.clone())
        };
        let steps = timeline(lifecycle, kept, subject).into_iter().map(|step| {
            let (action, storage_class) = match step.effect {
                Effect::Transition(class) => (Action::Transition, Some(class.to_string())),
                Effect::Marker => (Action::DeleteMarker, None),
                Effect::NullMarker => (Action::NullMarker, None),
                Effect::Delete => (Action::Delete, None),
            };
            PredictedStep {
                at: step.at,
                action,
                storage_class,
                rule: id(step.rule),
            }
        });
        let undecided = lifecycle
            .rules
            .iter()
            .filter(|rule| rule.enabled && matches(rule, subject) == Match::TagsUnknown);
        Self {
            steps: steps.collect(),
            undecided: undecided.map(|rule| rule.id.clone()).collect(),
        }
    }
}

fn rfc3339<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}
