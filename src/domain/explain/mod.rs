//! Explains why a request to a bucket is allowed or denied, layer by layer.
//!
//! [`explain`] takes a [`Question`] (who, which action, on what) and [`Facts`], which may be unknown. It returns an
//! [`Explanation`]: the answer, the deciding layer, and what every layer says. Source: *How Amazon S3 authorizes a
//! request* (S3 user guide) and *Policy evaluation logic* (IAM user guide).
//!
//! Start with [`question`] for the possible callers, then [`decide`] for the rules. `read` turns facts into the grounds
//! of the rules (`key` for KMS, `lock` for Object Lock), `layers` formats the result, and `context` builds the
//! condition keys of the request.

mod context;
mod decide;
mod key;
mod layers;
mod lock;
mod question;
mod read;

pub(crate) use decide::Layer;
pub(crate) use question::{Action, Asker, Question, UnknownAction};

use chrono::{DateTime, Utc};

use super::configuration::{AccessControl, Configuration, Encryption, Setting, Unanswered};
use super::fact::Fact;
use super::policy::Policy;

/// The known facts.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    /// The bucket: policy, public access blocks, ACL, Object Ownership, default encryption and Region.
    pub configuration: &'a Configuration,
    pub account: &'a Setting<String>,
    pub object: &'a ObjectFacts,
    /// The policy of the KMS key of the object, or of the bucket's default encryption; not set if there is no such key.
    pub key_policy: &'a Fact<Policy, String>,
    /// The caller's own policies.
    pub identity: &'a Identity,
    /// Condition keys that the user specified.
    pub given: &'a [(String, String)],
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// The facts about an object; not set if the question is not about an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObjectFacts {
    /// Whether the object is known not to exist.
    pub is_absent: bool,
    pub acl: Setting<AccessControl>,
    pub encryption: Setting<Encryption>,
    pub tags: Setting<Vec<(String, String)>>,
    /// The locks on the version in question; not set if there are none.
    pub lock: Setting<Lock>,
}

/// The locks on a version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lock {
    /// The retention mode, `GOVERNANCE` or `COMPLIANCE`, and its end.
    pub retention: Option<(String, Option<DateTime<Utc>>)>,
    /// Whether a legal hold is on.
    pub has_legal_hold: bool,
    /// Whether an event hold is active: the retention ends some time after its release, and its end moves on until then.
    pub has_event_hold: bool,
}

impl Default for ObjectFacts {
    fn default() -> Self {
        Self {
            is_absent: false,
            acl: Fact::NotSet,
            encryption: Fact::NotSet,
            tags: Fact::NotSet,
            lock: Fact::NotSet,
        }
    }
}

/// A policy with its origin, such as `inline policy "read" of the role`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    pub name: String,
    pub policy: Policy,
}

/// The policies of a user or role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Identity {
    /// The known policies.
    pub policies: Vec<Named>,
    /// Why there may be others, one reason each; empty if these are all.
    pub missing: Vec<String>,
    pub boundary: Fact<Named, String>,
    /// The canonical id of the caller's account.
    pub canonical: Option<String>,
}

impl Identity {
    /// An identity about which nothing is known.
    #[must_use]
    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        let why = why.into();
        Self {
            policies: Vec::new(),
            missing: vec![why.clone()],
            boundary: Fact::Unknown(why),
            canonical: None,
        }
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Every readable layer allows the request; the unreadable layers are named.
    Allowed,
    /// It is allowed if the given conditions hold.
    AllowedIf,
    /// It is denied in any case.
    Denied,
    /// The answer depends on a failed request.
    Unknown,
}

impl Answer {
    /// Its id in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::AllowedIf => "allowed-if",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }
}

/// What a layer says about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It allows the request.
    Allows,
    /// It denies the request, and no other layer can allow it.
    Denies,
    /// It does not allow the request, but another layer may.
    Silent,
    /// It depends on something that is named.
    Depends,
    /// It could not be read.
    Unknown,
    /// It has no effect on this request.
    NoEffect,
}

impl Outcome {
    /// Its id in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Denies => "denies",
            Self::Silent => "does-not-allow",
            Self::Depends => "depends",
            Self::Unknown => "unknown",
            Self::NoEffect => "no-effect",
        }
    }

    /// Its text for people.
    #[must_use]
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Denies => "denies",
            Self::Silent => "does not allow",
            Self::Depends => "depends",
            Self::Unknown => "unknown",
            Self::NoEffect => "no effect",
        }
    }
}

/// The outcome of one layer, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub layer: Layer,
    pub outcome: Outcome,
    /// The reason in one or two sentences.
    pub words: String,
    /// The relevant statements or grants.
    pub by: Vec<String>,
}

/// Why a request is allowed or denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub answer: Answer,
    /// The layer that allows, denies, or is the first on which the answer depends.
    pub decided_by: Layer,
    /// The conditions of [`Answer::AllowedIf`], or the failed requests of [`Answer::Unknown`].
    pub conditions: Vec<String>,
    /// Every layer, in the order in which AWS evaluates them.
    pub layers: Vec<Said>,
    /// Further remarks.
    pub notes: Vec<String>,
}

impl Explanation {
    /// The layers that are never read and may still turn the answer.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &Said> {
        self.layers
            .iter()
            .filter(|said| said.layer.is_never_read() && said.outcome == Outcome::Unknown)
    }

    /// The answer as a sentence.
    #[must_use]
    pub(crate) fn sentence(&self, question: &Question) -> String {
        let who = question.asker.words();
        let what = format!("{} on {}", question.action.name, question.resource());
        match self.answer {
            Answer::Allowed => format!("Allowed: {who} may {what}."),
            Answer::AllowedIf => format!("Allowed if the following holds: {who} may {what}."),
            Answer::Denied => format!("Denied: {who} may not {what}."),
            Answer::Unknown => format!("Unknown: {who} may or may not {what}."),
        }
    }

    /// Which layers that are never read could still turn the answer. Grants of a key only allow, the others only deny.
    #[must_use]
    pub(crate) fn unread_words(&self) -> Option<String> {
        if self.answer == Answer::Denied {
            // A grant allows the use of the key, and nothing that another layer denies.
            let rests_on_key = matches!(self.decided_by, Layer::Encryption | Layer::KeyPolicy);
            let grants = self.unread().find(|said| said.layer == Layer::KeyGrants);
            return grants
                .filter(|_| rests_on_key)
                .map(|said| format!("This can still allow the request: {}", said.words));
        }
        let unread = self.unread().map(|said| said.layer);
        let unread = unread.filter(|layer| *layer != Layer::KeyGrants);
        let unread: Vec<&str> = unread.map(Layer::title).collect();
        (!unread.is_empty()).then(|| {
            format!(
                "Not read, and any of these can still deny the request: {}.",
                unread.join(", ")
            )
        })
    }

    /// The outcome of the deciding layer.
    #[must_use]
    pub(crate) fn decision(&self) -> Option<&Said> {
        self.layers
            .iter()
            .find(|said| said.layer == self.decided_by)
    }
}

#[must_use]
pub(crate) fn explain(question: &Question, facts: &Facts<'_>) -> Explanation {
    let read = read::read(question, facts);
    let decided = decide::decide(question, &read);
    layers::explanation(question, facts, &read, &decided)
}

fn short(why: &Unanswered) -> String {
    format!("{} was not answered: {}", why.call, why.short())
}

#[cfg(test)]
mod tests;
