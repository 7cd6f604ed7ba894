//! Object Lock: whether retention or a hold prevents the deletion of a version, or a change of its retention.
//!
//! Source: *Locking objects with Object Lock* and *Object Lock considerations* (S3 user guide). A deletion without a
//! version id only creates a delete marker, which no lock prevents.

use chrono::{DateTime, SecondsFormat, Utc};

use super::decide::Ground;
use super::read::{Read, Why};
use super::{Action, Answer, Facts, Lock, Outcome, Question, explain, short};
use crate::domain::policy::Truth;

/// The permission to bypass governance retention.
const BYPASS: &str = "s3:BypassGovernanceRetention";

/// An operation that a lock may prevent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Permanent deletion of a version.
    DeleteVersion,
    /// A change of a version's retention.
    ChangeRetention,
}

pub(super) fn read(question: &Question, facts: &Facts<'_>, read: &mut Read) {
    read.set(Ground::Unlocked, Truth::Yes);
    let deed = match question.action.name {
        "s3:DeleteObjectVersion" => Deed::DeleteVersion,
        "s3:PutObjectRetention" => Deed::ChangeRetention,
        "s3:DeleteObject" => {
            read.lock = Some((
                Outcome::NoEffect,
                "A deletion without a version id makes a delete marker, which no lock prevents. Deleting a version needs s3:DeleteObjectVersion.".to_owned(),
            ));
            return;
        }
        _ => return,
    };
    let lock = match facts.object.lock.known() {
        Ok(lock) => lock.cloned().unwrap_or_default(),
        Err(why) if why.is_not_there() => Lock::default(),
        Err(why) => {
            let why = short(why);
            let words = format!("whether Object Lock protects the version is not known ({why})");
            read.unknown(Ground::Unlocked, Why::Open(words));
            let words = format!("Whether it protects the version is not known: {why}.");
            read.lock = Some((Outcome::Unknown, words));
            return;
        }
    };
    let (truth, outcome, words, why) = judge(deed, &lock, question, facts);
    read.set(Ground::Unlocked, truth);
    read.lock = Some((outcome, words));
    read.why
        .extend(why.into_iter().map(|why| (Ground::Unlocked, Why::If(why))));
}

fn judge(
    deed: Deed,
    lock: &Lock,
    question: &Question,
    facts: &Facts<'_>,
) -> (Truth, Outcome, String, Vec<String>) {
    let denies = |words: String| (Truth::No, Outcome::Denies, words, Vec::new());
    if deed == Deed::DeleteVersion {
        if lock.has_legal_hold {
            return denies(
                "A legal hold is on the version: nobody can delete it before the hold is lifted."
                    .to_owned(),
            );
        }
        // S3 takes no event hold without a mode, which says who can end it. Without one, nobody is known to.
        if lock.has_event_hold && lock.retention.is_none() {
            return denies(
                "An event hold is on the version: nobody can delete it before the hold is released and its time is over."
                    .to_owned(),
            );
        }
    }
    let retention = lock
        .retention
        .as_ref()
        // A retention without a date has no known end, and the date of one with an event hold moves on.
        .filter(|(_, until)| lock.has_event_hold || until.is_none_or(|until| until > facts.now));
    let Some((mode, until)) = retention else {
        let words = match &lock.retention {
            Some(_) => "The retention of the version is over.",
            None => "No retention and no hold is on the version.",
        };
        return (Truth::Yes, Outcome::NoEffect, words.to_owned(), Vec::new());
    };
    let until = if lock.has_event_hold {
        "its event hold is released and the time after that is over".to_owned()
    } else {
        until.map_or_else(|| "an unknown time".to_owned(), date)
    };
    let (changes, extends) = if lock.has_event_hold {
        (
            "it can be extended and its event hold released, and it cannot be shortened or removed",
            "the request extends the retention or releases the event hold",
        )
    } else {
        (
            "it can be extended, and not shortened or removed",
            "the request extends the retention",
        )
    };
    if mode != "GOVERNANCE" {
        if deed == Deed::DeleteVersion {
            return denies(format!(
                "{mode} retention until {until}: nobody can delete the version before, the root user included."
            ));
        }
        return (
            Truth::Unknown,
            Outcome::Depends,
            format!("{mode} retention until {until}: {changes}."),
            vec![format!("{extends} and keeps {mode}")],
        );
    }
    let bypassed = match bypass(question, facts) {
        Answer::Denied => {
            if deed == Deed::DeleteVersion {
                return denies(format!(
                    "GOVERNANCE retention until {until}, and the caller lacks {BYPASS}."
                ));
            }
            return (
                Truth::Unknown,
                Outcome::Depends,
                format!(
                    "GOVERNANCE retention until {until}, and the caller lacks {BYPASS}: {changes}."
                ),
                vec![extends.to_owned()],
            );
        }
        Answer::Allowed => None,
        Answer::AllowedIf | Answer::Unknown => Some(format!("the caller has {BYPASS}")),
    };
    let header = match deed {
        Deed::DeleteVersion => {
            "the request sends x-amz-bypass-governance-retention: true".to_owned()
        }
        Deed::ChangeRetention => {
            format!("{extends}, or sends x-amz-bypass-governance-retention: true")
        }
    };
    (
        Truth::Unknown,
        Outcome::Depends,
        format!(
            "GOVERNANCE retention until {until}: a request that bypasses it needs {BYPASS} and says so in a header."
        ),
        std::iter::once(header).chain(bypassed).collect(),
    )
}

/// Whether the caller may bypass governance retention.
fn bypass(question: &Question, facts: &Facts<'_>) -> Answer {
    match Action::parse(BYPASS) {
        Ok(action) => {
            let question = Question {
                action,
                ..question.clone()
            };
            explain(&question, facts).answer
        }
        Err(_) => Answer::Unknown,
    }
}

fn date(until: DateTime<Utc>) -> String {
    until.to_rfc3339_opts(SecondsFormat::Secs, true)
}
