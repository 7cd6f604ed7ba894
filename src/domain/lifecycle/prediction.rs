//! The lifecycle forecast in JSON documents: actions with their day and rule.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::matching::{Match, matches};
use super::steps::{Effect, timeline};
use super::subject::{Kept, Subject};
use crate::domain::configuration::Lifecycle;

/// The lifecycle forecast of an object, from what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Prediction {
    /// The actions, in order.
    pub steps: Vec<PredictedStep>,
    /// Ids of rules that may also apply: they filter by tags, which a listing does not return. With such rules, the
    /// actions may be different or earlier.
    pub undecided: Vec<String>,
}

/// One lifecycle action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PredictedStep {
    /// Midnight UTC of the day when it is due. It is overdue if that day has passed.
    #[serde(serialize_with = "rfc3339")]
    pub at: DateTime<Utc>,
    pub action: Action,
    /// The target storage class, as S3 spells it.
    pub storage_class: Option<String>,
    pub rule: String,
}

/// The kind of a lifecycle action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// The object moves to another class.
    Transition,
    /// A delete marker hides the object, which becomes a noncurrent version.
    DeleteMarker,
    /// A null delete marker replaces the object.
    NullMarker,
    /// The object is permanently deleted.
    Delete,
}

impl Prediction {
    /// Computes the forecast of an object that nobody changes.
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
