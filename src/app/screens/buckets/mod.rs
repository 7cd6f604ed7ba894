//! The Buckets screen: all buckets together, what they hold, and how far an audit of them is.

mod judged;
mod measured;
mod row;
#[cfg(test)]
mod tests;
mod texts;
pub(crate) mod update;

pub(crate) use judged::{Judged, Severities};
pub(crate) use measured::{Measured, TREND_COLUMNS, TREND_DAYS};
pub(crate) use row::{BucketColumn, BucketRow, Cell, Known};

use chrono::{DateTime, Utc};

use crate::domain::ByteSize;
use crate::domain::metrics::{AllBuckets as Sizes, Growth};

/// The screen.
pub(super) struct BucketsScreen;

/// What is known of the fleet besides its rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllBuckets {
    /// The sizes that have arrived.
    pub sizes: Sizes,
    /// The audit of this session, the last one that was asked for.
    pub audit: Option<FleetAudit>,
}

/// An audit of all buckets.
#[derive(Debug, Clone)]
pub(crate) struct FleetAudit {
    /// How many buckets it is about.
    pub buckets: usize,
    /// How many of them are done.
    pub done: usize,
    /// When it ended; none while it runs.
    pub ended: Option<DateTime<Utc>>,
}

impl FleetAudit {
    /// Whether every bucket was judged.
    #[must_use]
    pub(crate) fn is_whole(&self) -> bool {
        self.done >= self.buckets
    }
}

/// What the rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Totals {
    /// The sizes that are known together.
    pub size: ByteSize,
    /// Buckets that CloudWatch has not told of yet.
    pub pending: usize,
    /// Buckets whose size it could not tell, or has none of.
    pub unknown: usize,
    /// How the fleet grew; none unless all of its buckets are known to have grown.
    pub growth: Option<Growth>,
    /// The findings that were made.
    pub findings: Severities,
    /// Buckets that were judged, and those of them that not everything is known of.
    pub judged: usize,
    /// Buckets of which some question was not answered.
    pub in_part: usize,
}

impl AllBuckets {
    /// Whether an audit runs.
    #[must_use]
    pub(crate) fn is_auditing(&self) -> bool {
        self.audit.as_ref().is_some_and(|one| one.ended.is_none())
    }

    /// What the rows come to.
    #[must_use]
    pub(crate) fn totals<'r>(&self, rows: impl IntoIterator<Item = &'r BucketRow>) -> Totals {
        let mut totals = Totals {
            size: self.sizes.size,
            unknown: self.sizes.unknown,
            ..Totals::default()
        };
        for row in rows {
            totals.pending += usize::from(row.measured == Cell::Pending);
            if let Some(judged) = row.judged.as_ref().and_then(Cell::value) {
                totals.findings.merge(judged.severities);
                totals.judged += 1;
                totals.in_part += usize::from(judged.gap.is_some());
            }
        }
        if totals.pending == 0 {
            totals.growth = self.sizes.growth();
        }
        totals
    }
}
