//! Why a request to a bucket is allowed or refused, layer by layer.
//!
//! [`explain`] takes a [`Question`] (who, which action, on what) and [`Facts`], of which any may be unknown, and gives an
//! [`Explanation`]: an answer, the layer that decides, and what every layer says. After *How Amazon S3 authorizes a request*
//! (S3 user guide) and *Policy evaluation logic* (IAM user guide).
//!
//! Start with [`question`] for who can be asked about, then [`decide`] for the rules. `read` turns facts into
//! what the rules rest on (`key` for KMS, `lock` for Object Lock), `layers` into words, `context` gives the request its
//! condition keys.

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

/// What is known.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    /// The bucket: its policy, blocks, ACL, object ownership, default encryption and Region count here.
    pub configuration: &'a Configuration,
    /// The account that owns the bucket.
    pub account: &'a Setting<String>,
    pub object: &'a ObjectFacts,
    /// The policy of the KMS key that the object is, or would be, encrypted with; not set where none was asked for.
    pub key_policy: &'a Fact<Policy, String>,
    /// The rights that the caller has by policies of its own.
    pub identity: &'a Identity,
    /// Condition keys of the request that were given.
    pub given: &'a [(String, String)],
    /// When the request is made.
    pub now: DateTime<Utc>,
}

/// What is known of an object; not set where the question is about none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObjectFacts {
    /// Whether it is known that there is no such object.
    pub is_absent: bool,
    /// Its access control list.
    pub acl: Setting<AccessControl>,
    /// How it is encrypted.
    pub encryption: Setting<Encryption>,
    pub tags: Setting<Vec<(String, String)>>,
    /// What locks the version that is asked about; not set where nothing does.
    pub lock: Setting<Lock>,
}

/// What keeps a version from being deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lock {
    /// The retention: `GOVERNANCE` or `COMPLIANCE`, and until when.
    pub retention: Option<(String, Option<DateTime<Utc>>)>,
    /// Whether a legal hold is on.
    pub has_legal_hold: bool,
    /// Whether an event hold is on: it ends some time after an event that nobody has reported.
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

/// A policy, and where it is from: `inline policy "read" of the role`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Named {
    /// Where it is from.
    pub name: String,
    pub policy: Policy,
}

/// The policies of a user or role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Identity {
    /// Those that are known.
    pub policies: Vec<Named>,
    /// Why there may be others, a reason each; empty when these are all.
    pub missing: Vec<String>,
    /// The permissions boundary.
    pub boundary: Fact<Named, String>,
    /// The canonical id of the caller's account.
    pub canonical: Option<String>,
}

impl Identity {
    /// An identity of which nothing is known.
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

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Every layer that is known lets the request through, and the layers that cannot be read are named.
    Allowed,
    /// It is allowed if the conditions hold that are named.
    AllowedIf,
    /// It is refused, whatever else is true.
    Denied,
    /// A question that was not answered decides.
    Unknown,
}

impl Answer {
    /// The answer in JSON.
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
    /// It refuses the request, whatever allows it.
    Denies,
    /// It does not allow the request, and another layer may.
    Silent,
    /// It depends on something that is named.
    Depends,
    /// It could not be read.
    Unknown,
    /// It has no effect on this request.
    NoEffect,
}

impl Outcome {
    /// The outcome in JSON.
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

    /// The outcome as people read it.
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

/// What one layer says, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub layer: Layer,
    /// What it says.
    pub outcome: Outcome,
    /// The reason, as one or two sentences.
    pub words: String,
    /// The statements or grants that matter, in words.
    pub by: Vec<String>,
}

/// Why a request is allowed or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub answer: Answer,
    /// The layer that decides: that grants, that refuses, or the first on which it depends.
    pub decided_by: Layer,
    /// What has to hold, for [`Answer::AllowedIf`], or what was not answered, for [`Answer::Unknown`].
    pub conditions: Vec<String>,
    /// Every layer, in the order in which AWS evaluates them.
    pub layers: Vec<Said>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Explanation {
    /// The layers that nobody could read and that may still refuse.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &Said> {
        self.layers
            .iter()
            .filter(|said| said.layer.is_never_read() && said.outcome == Outcome::Unknown)
    }

    /// The answer in a sentence.
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

    /// Which layers were not read, where one of them could still refuse the request.
    #[must_use]
    pub(crate) fn unread_words(&self) -> Option<String> {
        let unread: Vec<&str> = self.unread().map(|said| said.layer.title()).collect();
        (self.answer != Answer::Denied && !unread.is_empty()).then(|| {
            format!(
                "Not read, and any of these can still deny the request: {}.",
                unread.join(", ")
            )
        })
    }

    /// What the deciding layer says.
    #[must_use]
    pub(crate) fn decision(&self) -> Option<&Said> {
        self.layers
            .iter()
            .find(|said| said.layer == self.decided_by)
    }
}

/// Explains what becomes of a request.
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
