//! A row of the Buckets screen: a bucket and its cells, each filled in as its answer arrives.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Judged, Measured};
use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::{BucketName, ByteSize, Region};
use crate::ops::Fact;
use crate::ops::bucket_facts::BucketFact;
use crate::ops::buckets::{Encryption, Publicity, Versioning};

/// A cell that waits for its answer, or has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Cell<T> {
    /// Not answered yet.
    #[default]
    Pending,
    /// Answered: set, not set, or unknown with the reason.
    Answered(Fact<T>),
}

impl<T> Cell<T> {
    /// The value, once there is one.
    #[must_use]
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Answered(fact) => fact.value(),
            Self::Pending => None,
        }
    }

    /// Why it is not known.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<&crate::aws::Problem> {
        match self {
            Self::Answered(fact) => fact.problem(),
            Self::Pending => None,
        }
    }
}

/// What a listing in this session told about a bucket's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Current objects counted.
    pub objects: u64,
    /// Their bytes.
    pub size: ByteSize,
    /// Whether all were counted; otherwise the numbers are a lower bound.
    pub complete: bool,
}

/// One bucket.
#[derive(Debug, Clone)]
pub(crate) struct BucketRow {
    pub name: BucketName,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    pub region: Cell<Region>,
    /// Whether it keeps versions.
    pub versioning: Cell<Versioning>,
    /// How new objects are encrypted by default.
    pub encryption: Cell<Encryption>,
    /// Whether its policy is public. Not set: it has none.
    pub publicity: Cell<Publicity>,
    /// Its size and growth by CloudWatch. Not set: CloudWatch has nothing of it.
    pub measured: Cell<Measured>,
    /// What is wrong with it; none when nobody asked.
    pub judged: Option<Cell<Arc<Judged>>>,
    /// Its content, when a listing of this session counted it.
    pub known: Option<Known>,
}

impl BucketRow {
    /// A bucket of which nothing was asked yet.
    #[must_use]
    pub(crate) fn new(name: BucketName) -> Self {
        Self {
            name,
            created: None,
            region: Cell::Pending,
            versioning: Cell::Pending,
            encryption: Cell::Pending,
            publicity: Cell::Pending,
            measured: Cell::Pending,
            judged: None,
            known: None,
        }
    }

    /// How many objects it holds: as CloudWatch says, which is the same for all buckets, or else as was counted here.
    #[must_use]
    pub(crate) fn objects(&self) -> Option<u64> {
        let measured = self.measured.value().and_then(|one| one.objects);
        measured.or(self.known.map(|known| known.objects))
    }

    /// How many bytes, likewise.
    #[must_use]
    pub(crate) fn size(&self) -> Option<ByteSize> {
        let measured = self.measured.value().and_then(|one| one.size);
        measured.or(self.known.map(|known| known.size))
    }

    /// What an audit found.
    #[must_use]
    pub(crate) fn judged(&self) -> Option<&Judged> {
        self.judged.as_ref()?.value().map(Arc::as_ref)
    }

    /// Puts an answer into its cell.
    pub(crate) fn set(&mut self, fact: BucketFact) {
        match fact {
            BucketFact::Region(fact) => self.region = Cell::Answered(fact),
            BucketFact::Versioning(fact) => self.versioning = Cell::Answered(fact),
            BucketFact::Encryption(fact) => self.encryption = Cell::Answered(fact),
            BucketFact::Publicity(fact) => self.publicity = Cell::Answered(fact),
        }
    }

    /// The reasons of its unknown cells, in the order of the columns.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &crate::aws::Problem> {
        [
            self.region.problem(),
            self.versioning.problem(),
            self.encryption.problem(),
            self.publicity.problem(),
            self.measured.problem(),
            self.judged.as_ref().and_then(Cell::problem),
        ]
        .into_iter()
        .flatten()
    }
}

/// What buckets can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BucketColumn {
    Name,
    Region,
    /// When it was made.
    Created,
    /// The number of objects, where known.
    Objects,
    /// The bytes, where known.
    Size,
    /// How much it grew, where known.
    Growth,
    /// What is wrong with it, where somebody asked.
    Findings,
}

impl Row for BucketRow {
    type Column = BucketColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [BucketColumn] = &[
        BucketColumn::Name,
        BucketColumn::Region,
        BucketColumn::Created,
        BucketColumn::Objects,
        BucketColumn::Size,
        BucketColumn::Growth,
        BucketColumn::Findings,
    ];

    fn id(&self) -> &str {
        self.name.as_str()
    }

    fn matches(&self, needle: &Needle) -> bool {
        let region = self.region.value().map_or("", Region::as_str);
        needle.is_in(self.name.as_str()) || needle.is_in(region)
    }

    fn compare(&self, other: &Self, column: BucketColumn) -> Ordering {
        match column {
            BucketColumn::Name => self.name.cmp(&other.name),
            BucketColumn::Region => self.region.value().cmp(&other.region.value()),
            BucketColumn::Created => self.created.cmp(&other.created),
            BucketColumn::Objects => self.objects().cmp(&other.objects()),
            BucketColumn::Size => self.size().cmp(&other.size()),
            BucketColumn::Growth => by_growth(self).total_cmp(&by_growth(other)),
            BucketColumn::Findings => match (self.judged(), other.judged()) {
                (Some(one), Some(another)) => one.severities.compare(another.severities),
                (one, another) => one.is_some().cmp(&another.is_some()),
            },
        }
    }
}

/// The share it grew by; what is not known comes before all shares.
fn by_growth(row: &BucketRow) -> f64 {
    let growth = row.measured.value().and_then(|one| one.growth);
    growth.map_or(f64::NEG_INFINITY, |growth| growth.share)
}
