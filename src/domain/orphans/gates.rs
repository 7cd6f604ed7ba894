//! Safety gates: they stop a run whose result is too unlikely, or has too little evidence, to call anything an orphan.
//!
//! Tools without such gates have deleted media of active users. Their list came from another environment, was
//! truncated, or was a month old. A gate that trips reports its numbers and the option that overrides it. Some gates
//! cannot be overridden.

use std::fmt;
use std::time::Duration;

use super::Judged;
use crate::domain::BucketName;
use crate::domain::advice::{Action, Advice};
use crate::domain::registry::judge::{Objection, in_percent, percent};
use crate::domain::registry::{Requirement, Requirements};
use crate::domain::words::counted;

/// Identifies a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gate {
    /// A listing is not proved complete.
    Listing,
    /// A list is empty, unreadable or truncated.
    Registry,
    /// No key in the list of keys exists in these buckets.
    RegistryElsewhere,
    /// Too many objects would need a HEAD request to read their owner.
    Metadata,
    /// A list is too old.
    RegistryAge,
    /// The age of a list is unknown, and the run would change objects based on it.
    RegistryUndated,
    /// A list has malformed rows.
    RegistryMalformed,
    /// A list has a different number of rows than expected.
    RegistryRows,
    /// A list is much smaller than in the last run.
    RegistrySize,
    /// Too many records have keys that match no layout.
    UnexplainedRecords,
    /// Too few of the keys match a layout.
    Layouts,
    /// Too large a share of the objects, or of their bytes, would be orphans.
    Share,
    /// Too many objects would be orphans.
    Count,
}

impl Gate {
    /// Its id in JSON documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Registry => "registry",
            Self::RegistryElsewhere => "registry-elsewhere",
            Self::Metadata => "metadata",
            Self::RegistryAge => "registry-age",
            Self::RegistryUndated => "registry-undated",
            Self::RegistryMalformed => "registry-malformed",
            Self::RegistryRows => "registry-rows",
            Self::RegistrySize => "registry-size",
            Self::UnexplainedRecords => "unexplained-records",
            Self::Layouts => "layouts",
            Self::Share => "share",
            Self::Count => "count",
        }
    }

    /// The option that overrides it; `None` if it cannot be overridden.
    #[must_use]
    pub fn overruled_by(self) -> Option<&'static str> {
        match self {
            Self::Listing | Self::Registry | Self::RegistryElsewhere => None,
            Self::Metadata => Some("--max-heads"),
            Self::RegistryAge => Requirement::Age.option(),
            Self::RegistryUndated => Requirement::Dated.option(),
            Self::RegistryMalformed => Requirement::Whole.option(),
            Self::RegistryRows => Requirement::Expected.option(),
            Self::RegistrySize => Requirement::Size.option(),
            Self::UnexplainedRecords => Some("--max-unexplained-records"),
            Self::Layouts => Some("--min-explained"),
            Self::Share => Some("--max-share"),
            Self::Count => Some("--max-count"),
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A gate that tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tripped {
    /// The gate.
    pub gate: Gate,
    /// The bucket; `None` for all buckets.
    pub bucket: Option<BucketName>,
    /// The numbers, in a sentence without a full stop.
    pub why: String,
}

impl From<Objection> for Tripped {
    fn from(objection: Objection) -> Self {
        Self {
            gate: match objection.requirement {
                Requirement::Age => Gate::RegistryAge,
                Requirement::Dated => Gate::RegistryUndated,
                Requirement::Whole => Gate::RegistryMalformed,
                Requirement::Size => Gate::RegistrySize,
                Requirement::Least => Gate::Registry,
                Requirement::Expected => Gate::RegistryRows,
            },
            bucket: objection.bucket,
            why: objection.why,
        }
    }
}

impl Tripped {
    /// What the user can do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        Advice::from(Action::Overrule {
            options: self.gate.overruled_by().into_iter().collect(),
        })
    }
}

/// The thresholds of the gates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Minimum age: newer objects are never orphans.
    pub min_age: Duration,
    /// The requirements for the lists.
    pub lists: Requirements,
    /// The maximum share of a bucket's objects, or bytes, that may be orphans, in percent.
    pub share: f64,
    /// The maximum number of orphans per bucket.
    pub count: u64,
    /// The maximum share of records with keys that match no layout, in percent.
    pub unexplained: f64,
    /// The minimum share of a bucket's keys that match a layout, in percent.
    pub explained: f64,
    /// The maximum number of HEAD requests to read owners from metadata.
    pub heads: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_age: Duration::from_hours(48),
            lists: Requirements::default(),
            share: 10.0,
            count: 100_000,
            unexplained: 10.0,
            explained: 90.0,
            heads: 10_000,
        }
    }
}

impl Limits {
    /// The gates that trip for a bucket.
    #[must_use]
    pub fn of_bucket(&self, judged: &Judged) -> Vec<Tripped> {
        let tripped = |gate, why| Tripped {
            gate,
            bucket: Some(judged.bucket.clone()),
            why,
        };
        let mut all = Vec::new();
        let explained = percent(judged.explained, judged.objects).unwrap_or(100.0);
        if explained < self.explained {
            all.push(tripped(
                Gate::Layouts,
                format!(
                    "the blueprint's layouts explain {} of {} ({}), and have to explain {}",
                    judged.explained,
                    counted(judged.objects, "key"),
                    in_percent(explained),
                    in_percent(self.explained)
                ),
            ));
        }
        let of_objects = percent(judged.inferred, judged.objects).unwrap_or_default();
        let of_bytes =
            percent(judged.inferred_bytes.bytes(), judged.bytes.bytes()).unwrap_or_default();
        if of_objects > self.share || of_bytes > self.share {
            all.push(tripped(
                Gate::Share,
                format!(
                    "{} of {} ({}) and {} of {} ({}) would be orphans, and at most {} may be",
                    judged.inferred,
                    counted(judged.objects, "object"),
                    in_percent(of_objects),
                    judged.inferred_bytes,
                    judged.bytes,
                    in_percent(of_bytes),
                    in_percent(self.share)
                ),
            ));
        }
        if judged.inferred > self.count {
            all.push(tripped(
                Gate::Count,
                format!(
                    "{} would be orphans, and at most {} may be",
                    counted(judged.inferred, "object"),
                    self.count
                ),
            ));
        }
        all
    }

    /// Trips if too many objects need a HEAD request to read their owner.
    #[must_use]
    pub fn of_heads(&self, objects: u64) -> Option<Tripped> {
        (objects > self.heads).then(|| Tripped {
            gate: Gate::Metadata,
            bucket: None,
            why: format!(
                "the owners of {} stand in their metadata, which takes a HEAD request each, and at most {} are sent",
                counted(objects, "object"),
                self.heads
            ),
        })
    }

    /// Trips if too many records have keys that match no layout: they may refer to objects under other names.
    #[must_use]
    pub fn of_records(&self, unexplained: u64, records: u64) -> Option<Tripped> {
        let share = percent(unexplained, records)?;
        (share > self.unexplained).then(|| Tripped {
            gate: Gate::UnexplainedRecords,
            bucket: None,
            why: format!(
                "{unexplained} of {} ({}) name keys that no layout explains, and at most {} may: they may be written differently",
                counted(records, "record"),
                in_percent(share),
                in_percent(self.unexplained)
            ),
        })
    }
}
