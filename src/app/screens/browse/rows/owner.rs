//! A row of the owner view: a user, and what was counted of theirs so far.

use std::cmp::Ordering;

use crate::app::table::{Chunks, Row};
use crate::domain::Needle;
use crate::domain::OwnerId;
use crate::ops::owners::Tally;

/// One owner. The counts are of the objects listed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnerRow {
    /// The user's id.
    pub owner: OwnerId,
    /// What was counted of theirs so far.
    pub tally: Tally,
}

/// What owners can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnerColumn {
    /// The id, by bytes.
    Owner,
    /// The number of objects.
    Objects,
    /// The bytes.
    Size,
    /// The newest object.
    Newest,
}

impl Row for OwnerRow {
    type Column = OwnerColumn;

    type Rows = Chunks<Self>;

    const COLUMNS: &'static [OwnerColumn] = &[
        OwnerColumn::Owner,
        OwnerColumn::Objects,
        OwnerColumn::Size,
        OwnerColumn::Newest,
    ];

    fn id(&self) -> &str {
        self.owner.as_str()
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.owner.as_str())
    }

    fn compare(&self, other: &Self, column: OwnerColumn) -> Ordering {
        match column {
            OwnerColumn::Owner => self.owner.cmp(&other.owner),
            OwnerColumn::Objects => self.tally.objects.cmp(&other.tally.objects),
            OwnerColumn::Size => self.tally.bytes.cmp(&other.tally.bytes),
            OwnerColumn::Newest => self.tally.newest.cmp(&other.tally.newest),
        }
    }
}
