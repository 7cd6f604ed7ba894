//! The gates: when a result is too unlikely, or rests on too little, to call anything an orphan.
//!
//! Tools without them have deleted living media: the list was that of another environment, was cut short, was a month
//! old. A gate that trips says with which numbers, and which option would overrule it; some cannot be overruled.

use std::fmt;
use std::time::Duration;

use super::Judged;
use crate::domain::BucketName;
use crate::domain::advice::{Action, Advice};
use crate::domain::registry::judge::{Objection, in_percent, percent};
use crate::domain::registry::{Requirement, Requirements};
use crate::domain::words::counted;

/// Which gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gate {
    /// A listing is not certified complete.
    Listing,
    /// A list is empty, unreadable or cut short.
    Registry,
    /// The list of keys names no key of these buckets.
    RegistryElsewhere,
    /// Too many objects would have to be asked one by one whose they are.
    Metadata,
    /// A list is too old.
    RegistryAge,
    /// Nobody knows how old a list is, and something is to be changed by it.
    RegistryUndated,
    /// A list has malformed rows.
    RegistryMalformed,
    /// A list has not as many rows as were expected.
    RegistryRows,
    /// A list is much smaller than at the last run.
    RegistrySize,
    /// Too many records name keys that no layout explains.
    UnexplainedRecords,
    /// The layouts explain too few of the keys.
    Layouts,
    /// Too large a share of the objects, or of their bytes, would be orphans.
    Share,
    /// Too many objects would be orphans.
    Count,
}

impl Gate {
    /// Its name in documents.
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

    /// The option that overrules it; `None` where nothing does.
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

/// A gate that said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tripped {
    /// Which.
    pub gate: Gate,
    /// For which bucket; `None` for all.
    pub bucket: Option<BucketName>,
    /// With which numbers, in a sentence without a full stop.
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
    /// What can be done about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        Advice::from(Action::Overrule {
            options: self.gate.overruled_by().into_iter().collect(),
        })
    }
}

/// Where the gates stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// What was written more recently is never an orphan.
    pub min_age: Duration,
    /// What is asked of the lists.
    pub lists: Requirements,
    /// The largest part of a bucket's objects, or bytes, that may be orphans, in percent.
    pub share: f64,
    /// The most objects of a bucket that may be.
    pub count: u64,
    /// How many of the records may name keys that no layout explains, in percent.
    pub unexplained: f64,
    /// How many of a bucket's keys the layouts have to explain, in percent.
    pub explained: f64,
    /// How many objects may be asked one by one whose they are, at a request each.
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
    /// The gates that a bucket's numbers trip.
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

    /// Whether too many objects would have to be asked whose they are.
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

    /// Whether too many of the records name keys that no layout explains: they may mean objects under other names.
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
