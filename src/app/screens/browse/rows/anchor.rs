//! A row of one owner's page: a prefix that is theirs.

use std::cmp::Ordering;

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::ops::owners::{OwnerPrefix, Tally};

/// A prefix of an owner, and what was counted in it so far.
#[derive(Debug, Clone)]
pub(crate) struct AnchorRow {
    /// The prefix, with the layout that makes it theirs.
    pub of: OwnerPrefix,
    /// What was counted in it so far.
    pub tally: Tally,
}

/// What an owner's prefixes can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorColumn {
    /// The prefix, by bytes.
    Prefix,
    /// The number of objects.
    Objects,
    /// The bytes.
    Size,
}

impl Row for AnchorRow {
    type Column = AnchorColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [AnchorColumn] = &[
        AnchorColumn::Prefix,
        AnchorColumn::Objects,
        AnchorColumn::Size,
    ];

    fn id(&self) -> &str {
        &self.of.prefix
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(&self.of.prefix)
    }

    fn compare(&self, other: &Self, column: AnchorColumn) -> Ordering {
        match column {
            AnchorColumn::Prefix => self.of.prefix.cmp(&other.of.prefix),
            AnchorColumn::Objects => self.tally.objects.cmp(&other.tally.objects),
            AnchorColumn::Size => self.tally.bytes.cmp(&other.tally.bytes),
        }
    }
}
