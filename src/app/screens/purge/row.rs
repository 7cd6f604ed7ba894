//! A row of the Purge screen: one thing of a plan.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::change::Item;
use crate::tasks::PurgePlan;

/// One thing of a plan.
#[derive(Debug, Clone)]
pub(crate) struct PurgeRow {
    pub plan: Arc<PurgePlan>,
    /// Its place in it.
    pub at: usize,
}

/// What the things of a plan can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurgeColumn {
    Key,
    /// The bytes.
    Size,
    /// When it was written.
    Written,
}

impl PurgeRow {
    /// The thing.
    #[must_use]
    pub(crate) fn item(&self) -> Option<&Item> {
        self.plan.item(self.at)
    }
}

impl Row for PurgeRow {
    type Column = PurgeColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [PurgeColumn] =
        &[PurgeColumn::Key, PurgeColumn::Size, PurgeColumn::Written];

    fn id(&self) -> &str {
        self.item().map_or("", |item| item.claim.key.as_str())
    }

    fn matches(&self, needle: &Needle) -> bool {
        self.item()
            .is_some_and(|item| needle.is_in(item.claim.key.as_str()) || needle.is_in(item.id()))
    }

    fn compare(&self, other: &Self, column: PurgeColumn) -> Ordering {
        let (one, another) = (self.item(), other.item());
        match column {
            PurgeColumn::Key => self.id().cmp(other.id()),
            PurgeColumn::Size => one.map(|i| i.size).cmp(&another.map(|i| i.size)),
            PurgeColumn::Written => one.map(|i| i.written).cmp(&another.map(|i| i.written)),
        }
    }
}
