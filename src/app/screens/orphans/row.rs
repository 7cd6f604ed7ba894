//! A row of the Orphans screen: one verdict.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::orphans::Verdict;

/// One verdict, and whether it was marked.
#[derive(Debug, Clone)]
pub(crate) struct OrphanRow {
    pub verdict: Arc<Verdict>,
    /// Which of all verdicts it is: what it is marked by.
    pub number: usize,
    /// Whether a person marked it.
    pub marked: bool,
}

/// What verdicts can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrphanColumn {
    Key,
    /// The bytes, where they are known.
    Size,
    /// Whose it is or was.
    Owner,
    /// When it was written.
    Modified,
}

impl Row for OrphanRow {
    type Column = OrphanColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [OrphanColumn] = &[
        OrphanColumn::Key,
        OrphanColumn::Size,
        OrphanColumn::Owner,
        OrphanColumn::Modified,
    ];

    fn id(&self) -> &str {
        self.verdict.key.as_str()
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.verdict.key.as_str())
            || self
                .verdict
                .owner
                .as_deref()
                .is_some_and(|owner| needle.is_in(owner))
    }

    fn compare(&self, other: &Self, column: OrphanColumn) -> Ordering {
        let (one, another) = (&self.verdict, &other.verdict);
        match column {
            OrphanColumn::Key => one.key.cmp(&another.key),
            OrphanColumn::Size => one.size.cmp(&another.size),
            OrphanColumn::Owner => one.owner.cmp(&another.owner),
            OrphanColumn::Modified => one.last_modified.cmp(&another.last_modified),
        }
    }
}
