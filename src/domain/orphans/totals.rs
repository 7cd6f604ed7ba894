//! Totals of the verdicts of each kind.

use super::{Kind, Verdict};
use crate::domain::prices::{ClassBytes, Part};
use crate::domain::{ByteSize, StorageClass, Tally};

/// The total of one kind of verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindTotal {
    /// The kind.
    pub kind: Kind,
    /// Number of items and their known size. Records without an object have no size.
    pub tally: Tally,
    /// Size by storage class, to compute the cost. Empty if deletion saves nothing: records, unreadable keys.
    pub classes: Vec<ClassBytes>,
}

impl KindTotal {
    /// An empty total.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            tally: Tally::default(),
            classes: Vec::new(),
        }
    }

    /// Adds a verdict of this kind.
    pub fn add(&mut self, verdict: &Verdict) {
        let size = verdict.size.unwrap_or_default();
        self.tally.count(size, verdict.last_modified);
        if let Some(class) = &verdict.storage_class {
            self.add_bytes(class, part(verdict.kind), size);
        }
    }

    /// Adds another total of the same kind.
    pub fn merge(&mut self, other: &Self) {
        self.tally.merge(other.tally);
        for one in &other.classes {
            self.add_bytes(&one.class, one.part, one.size);
        }
    }

    /// One total for each kind that has verdicts, in order.
    #[must_use]
    pub fn of<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Vec<Self> {
        let mut totals: Vec<Self> = Kind::ALL.into_iter().map(Self::new).collect();
        for verdict in verdicts {
            if let Some(total) = totals.get_mut(verdict.kind as usize) {
                total.add(verdict);
            }
        }
        totals.retain(|total| total.tally.objects > 0);
        totals
    }

    fn add_bytes(&mut self, class: &StorageClass, part: Part, size: ByteSize) {
        let same = |one: &&mut ClassBytes| one.class == *class && one.part == part;
        if let Some(one) = self.classes.iter_mut().find(same) {
            one.size += size;
        } else {
            self.classes.push(ClassBytes {
                class: class.clone(),
                part,
                size,
            });
        }
    }
}

fn part(kind: Kind) -> Part {
    match kind {
        Kind::VersionsOnly => Part::Noncurrent,
        Kind::UploadAbandoned => Part::IncompleteUploads,
        _ => Part::Current,
    }
}
