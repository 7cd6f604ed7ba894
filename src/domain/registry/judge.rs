//! Decides whether a list is reliable enough to say which users and keys are active.
//!
//! [`judge`] is the only way to get a [`TrustedList`]. Everything that reports an owner or key as gone requires one:
//! the search for orphans and each action on them, the search for a user's objects, and purge; on the command line and
//! in the console. It does no I/O: the caller passes the sizes of the last run and the current time.

use std::ops::Deref;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Facts, Registry};
use crate::domain::BucketName;
use crate::domain::blueprint::ReferenceList;
use crate::domain::size::grouped;
use crate::domain::words;

/// The requirements for a reliable list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requirements {
    /// The maximum age; `None` uses the blueprint's `max_age`, or else [`Self::AGE`].
    pub max_age: Option<Duration>,
    /// Whether changes may be based on a list of unknown age.
    pub undated: bool,
    /// The maximum number of malformed rows; `None` uses the blueprint's `max_malformed`, or else zero.
    pub max_malformed: Option<u64>,
    /// Refuse if the list shrank by more than this since the last run, in percent.
    pub max_loss: f64,
}

impl Requirements {
    /// The default maximum age: lists are usually exported once a day.
    pub const AGE: Duration = Duration::from_hours(24);
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            max_age: None,
            undated: false,
            max_malformed: None,
            max_loss: 20.0,
        }
    }
}

/// Why a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To look or to plan, without any change.
    Look,
    /// To change something. A list of unknown age is then not enough.
    Act,
}

/// The number of ids in a list for a bucket in the last run.
pub(crate) type Before = (BucketName, u64);

/// The other inputs of the decision.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The list in the blueprint, with its own limits.
    pub list: &'a ReferenceList,
    /// Why the list is read.
    pub purpose: Purpose,
    /// The sizes in the last run.
    pub before: &'a [Before],
    /// The current time.
    pub now: DateTime<Utc>,
}

/// A requirement that a list may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// The maximum age.
    Age,
    /// A known age.
    Dated,
    /// No malformed rows.
    Whole,
    /// No large loss since the last run.
    Size,
    /// The blueprint's `min_rows`.
    Least,
    /// The expected number of rows.
    Expected,
}

impl Requirement {
    /// The option that relaxes the requirement; `None` if there is none.
    #[must_use]
    pub fn option(self) -> Option<&'static str> {
        match self {
            Self::Age => Some("--max-registry-age"),
            Self::Dated => Some("--allow-undated-registry"),
            Self::Whole => Some("--max-malformed"),
            Self::Size => Some("--max-registry-loss"),
            Self::Least => None,
            Self::Expected => Some("--expect-rows"),
        }
    }
}

/// A reason to reject a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The requirement that it fails.
    pub requirement: Requirement,
    /// The bucket; `None` for all.
    pub bucket: Option<BucketName>,
    /// The numbers, in a sentence without a full stop.
    pub why: String,
}

/// A list that was judged reliable.
#[derive(Debug)]
pub struct TrustedList {
    registry: Registry,
    is_undated: bool,
}

impl Deref for TrustedList {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        &self.registry
    }
}

impl TrustedList {
    /// Remarks that a person should see anyway, one sentence each.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let registry = &self.registry;
        let mut remarks: Vec<String> = registry.warnings.clone();
        if self.is_undated {
            remarks.push(format!(
                "{}; nothing is changed by it unless {} allows that",
                undated(registry),
                Requirement::Dated.option().unwrap_or_default()
            ));
        }
        let list = named(registry);
        if registry.malformed > 0 {
            let anybody = match (registry.rows_for_anybody(), registry.malformed) {
                (0, 1) => "whatever it could name is suspect",
                (0, _) => "whatever they could name is suspect",
                (_, 1) => "it could name anybody: everything that is missing is suspect",
                _ => "some of them could name anybody: everything that is missing is suspect",
            };
            remarks.push(format!(
                "{} of {list} {} malformed: {anybody}",
                rows(registry.malformed),
                if registry.malformed == 1 { "is" } else { "are" }
            ));
        }
        if registry.duplicates > 0 {
            remarks.push(format!(
                "{list} names {} again that it has named before",
                counted(registry.duplicates, registry.subject.one())
            ));
        }
        if registry.left_out > 0 {
            let (verb, pronoun) = if registry.left_out == 1 {
                ("does", "it names")
            } else {
                ("do", "they name")
            };
            remarks.push(format!(
                "{} of {list} {verb} not meet the conditions (where): what {pronoun} does not count as alive",
                rows(registry.left_out)
            ));
        }
        remarks
    }
}

/// A list that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untrusted {
    /// The numbers of the list.
    pub facts: Facts,
    /// All reasons.
    pub objections: Vec<Objection>,
}

/// Decides whether a list is reliable.
///
/// # Errors
/// [`Untrusted`] with all reasons.
pub fn judge(
    registry: Registry,
    requirements: &Requirements,
    circumstances: &Circumstances<'_>,
) -> Result<TrustedList, Untrusted> {
    let mut objections = Vec::new();
    let mut object = |requirement, why| {
        objections.push(Objection {
            requirement,
            bucket: None,
            why,
        });
    };
    let Circumstances {
        list, purpose, now, ..
    } = *circumstances;
    let name = named(&registry);
    let stated_age = list.max_age.map(|age| age.0);
    let limit = requirements.max_age.or(stated_age);
    let limit = limit.unwrap_or(Requirements::AGE);
    let age = (now - registry.dates_from()).to_std().unwrap_or_default();
    if age > limit {
        object(
            Requirement::Age,
            format!(
                "{name} was made {} ago, and may be {} old",
                span(age),
                span(limit)
            ),
        );
    }
    let is_undated = registry.date() != Date::Known;
    if is_undated && purpose == Purpose::Act && !requirements.undated {
        object(Requirement::Dated, undated(&registry));
    }
    let most = requirements.max_malformed.or(list.max_malformed);
    let most = most.unwrap_or_default();
    if registry.malformed > most {
        object(
            Requirement::Whole,
            format!(
                "{} of {name} {} malformed, and {} may be: a row is malformed when it names no {}, has too many or too few fields, is unclear about a condition (where) or is damaged",
                share(registry.malformed, registry.rows),
                if registry.malformed == 1 { "is" } else { "are" },
                if most == 0 {
                    "none".to_owned()
                } else {
                    format!("at most {}", grouped(most))
                },
                registry.subject.one()
            ),
        );
    }
    let ids = registry.len() as u64;
    if let Some(least) = list.min_rows.filter(|least| ids < *least) {
        object(
            Requirement::Least,
            format!(
                "{name} names {}, and min_rows asks for {} at least",
                counted(ids, registry.subject.one()),
                grouped(least)
            ),
        );
    }
    if let Some(expected) = list.expected_rows.filter(|rows| *rows != registry.rows) {
        object(
            Requirement::Expected,
            format!(
                "{name} has {}, and {} expected",
                rows(registry.rows),
                if expected == 1 {
                    "1 is".to_owned()
                } else {
                    format!("{} are", grouped(expected))
                }
            ),
        );
    }
    objections.extend(circumstances.before.iter().filter_map(|(bucket, before)| {
        let lost = percent(before.saturating_sub(ids), *before)?;
        (lost > requirements.max_loss).then(|| Objection {
            requirement: Requirement::Size,
            bucket: Some(bucket.clone()),
            why: format!(
                "the list of {} names {}, and named {} at the last run: {} less, and at most {} may go",
                registry.subject.plural(),
                counted(ids, registry.subject.one()),
                grouped(*before),
                in_percent(lost),
                in_percent(requirements.max_loss),
            ),
        })
    }));
    if objections.is_empty() {
        Ok(TrustedList {
            registry,
            is_undated,
        })
    } else {
        Err(Untrusted {
            facts: Facts::of(&registry),
            objections,
        })
    }
}

/// Whether the age of a list is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Date {
    /// The age is known.
    Known,
    /// It has no date, because it came from a stream.
    Unknown,
    /// Its date is in the future, and therefore means nothing.
    Future,
}

/// The tolerated clock difference between a file server and this machine.
const SKEW: TimeDelta = TimeDelta::seconds(60);

impl Registry {
    /// Whether the age of the list is known.
    #[must_use]
    pub fn date(&self) -> Date {
        Date::of(self.made_at, self.read_at)
    }
}

impl Facts {
    /// Whether the age of the list is known.
    #[must_use]
    pub fn date(&self) -> Date {
        Date::of(self.made_at, self.read_at)
    }
}

impl Date {
    fn of(made_at: Option<DateTime<Utc>>, read_at: DateTime<Utc>) -> Self {
        match made_at {
            None => Self::Unknown,
            Some(made) if made - read_at > SKEW => Self::Future,
            Some(_) => Self::Known,
        }
    }
}

fn undated(registry: &Registry) -> String {
    let name = named(registry);
    match (registry.date(), registry.made_at) {
        (Date::Future, Some(made)) => format!(
            "the age of {name} is not known: its date, {}, is in the future",
            made.format("%Y-%m-%d %H:%M UTC")
        ),
        _ => format!("the age of {name} is not known: a stream has no date"),
    }
}

/// Formats as `the list of owners (/srv/users.txt)`.
fn named(registry: &Registry) -> String {
    format!(
        "the list of {} ({})",
        registry.subject.plural(),
        registry.stated
    )
}

/// Formats as `3 of the 4 rows`, `all 4 rows`, `the only row`.
fn share(part: u64, whole: u64) -> String {
    if part < whole {
        format!("{} of the {}", grouped(part), rows(whole))
    } else if whole == 1 {
        "the only row".to_owned()
    } else {
        format!("all {}", rows(whole))
    }
}

fn rows(count: u64) -> String {
    counted(count, "row")
}

fn counted(count: u64, what: &str) -> String {
    words::counted(count, what)
}

/// The share in percent; `None` if the whole is zero.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share is compared with a round number of percents"
)]
pub(in crate::domain) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// Formats as `9.5 %`. It never rounds a part to all or to nothing.
pub(in crate::domain) fn in_percent(percent: f64) -> String {
    if percent > 0.0 && percent < 0.1 {
        "less than 0.1 %".to_owned()
    } else if percent > 99.9 && percent < 100.0 {
        "nearly 100 %".to_owned()
    } else {
        let rounded = format!("{percent:.1}");
        format!("{} %", rounded.strip_suffix(".0").unwrap_or(&rounded))
    }
}

/// Formats as `36 hours`, `2 days`.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    counted(count, unit)
}

/// Skips all checks, for tests.
#[cfg(test)]
pub(crate) fn relied_on(registry: Registry) -> TrustedList {
    let requirements = Requirements {
        max_age: Some(Duration::MAX),
        undated: true,
        max_malformed: Some(u64::MAX),
        max_loss: 100.0,
    };
    let circumstances = Circumstances {
        list: &ReferenceList::default(),
        purpose: Purpose::Act,
        before: &[],
        now: registry.read_at,
    };
    judge(registry, &requirements, &circumstances).unwrap()
}

#[cfg(test)]
mod tests;
