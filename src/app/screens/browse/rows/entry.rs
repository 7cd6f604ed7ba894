//! A row of a raw listing: a folder (a common prefix) or an object.

use std::cmp::Ordering;

use super::Entries;
use crate::app::table::Row;
use crate::domain::Needle;
use crate::domain::{ByteSize, ObjectSummary, Tally};

/// A folder or an object, with its name below the folder that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A common prefix.
    Folder {
        /// The prefix, exact and whole; it ends with the delimiter.
        prefix: String,
        /// What is below it, where a scan has told.
        holds: Option<Tally>,
    },
    /// An object.
    Object(ObjectSummary),
}

/// What entries can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryColumn {
    /// The key, by bytes.
    Name,
    /// The number of objects: an object is one, a folder as many as a scan found below it.
    Objects,
    /// The size.
    Size,
    /// The time of the last change.
    Modified,
    /// The storage class.
    Class,
}

impl Entry {
    /// A folder that no scan has looked into.
    #[must_use]
    pub fn folder(prefix: impl Into<String>) -> Self {
        Self::Folder {
            prefix: prefix.into(),
            holds: None,
        }
    }

    /// The whole prefix or key, exact.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Folder { prefix, .. } => prefix,
            Self::Object(object) => object.key.as_str(),
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&ObjectSummary> {
        match self {
            Self::Folder { .. } => None,
            Self::Object(object) => Some(object),
        }
    }

    /// Where it stands by a column that is neither its name nor its class. A folder of which nothing is known stands
    /// before everything else.
    pub(super) fn weight(&self, column: EntryColumn) -> u64 {
        match self {
            Self::Folder { holds: None, .. } => 0,
            Self::Folder {
                holds: Some(tally), ..
            } => match column {
                EntryColumn::Objects => tally.objects.saturating_add(1),
                EntryColumn::Size => weight_of_size(tally.bytes),
                EntryColumn::Name | EntryColumn::Modified | EntryColumn::Class => 0,
            },
            Self::Object(object) => match column {
                EntryColumn::Objects => 2,
                EntryColumn::Size => weight_of_size(object.size),
                EntryColumn::Modified => weight_of_time(object.last_modified),
                EntryColumn::Name | EntryColumn::Class => 1,
            },
        }
    }
}

/// See [`Entry::weight`].
pub(super) fn weight_of_size(size: ByteSize) -> u64 {
    size.bytes().saturating_add(1)
}

/// See [`Entry::weight`]. An unknown time is before all known ones.
pub(super) fn weight_of_time(time: Option<chrono::DateTime<chrono::Utc>>) -> u64 {
    // From the smallest number to the largest, with 0 and 1 left for folders and unknown times.
    time.map_or(1, |time| {
        let since_the_beginning = time.timestamp_micros().wrapping_sub(i64::MIN);
        since_the_beginning.cast_unsigned().max(2)
    })
}

impl Row for Entry {
    type Column = EntryColumn;

    type Rows = Entries;

    const COLUMNS: &'static [EntryColumn] = &[
        EntryColumn::Name,
        EntryColumn::Objects,
        EntryColumn::Size,
        EntryColumn::Modified,
        EntryColumn::Class,
    ];

    fn id(&self) -> &str {
        self.path()
    }

    fn matches(&self, needle: &Needle) -> bool {
        needle.is_in(self.path())
    }

    /// Folders come before objects by time and by class, for they have neither; by size they stand among the objects as
    /// soon as a scan has told what is in them.
    fn compare(&self, other: &Self, column: EntryColumn) -> Ordering {
        match (column, self.object(), other.object()) {
            (EntryColumn::Name, ..) => self.path().cmp(other.path()),
            (EntryColumn::Class, Some(a), Some(b)) => a.storage_class.cmp(&b.storage_class),
            _ => self.weight(column).cmp(&other.weight(column)),
        }
    }
}
