//! A row of a raw listing: a folder (a common prefix) or an object.

use std::cmp::Ordering;

use crate::app::table::Row;
use crate::domain::Needle;
use crate::domain::ObjectSummary;

/// A folder or an object, with its name below the folder that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A common prefix, exact and whole; it ends with the delimiter.
    Folder(String),
    /// An object.
    Object(ObjectSummary),
}

/// What entries can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryColumn {
    /// The key, by bytes.
    Name,
    /// The size.
    Size,
    /// The time of the last change.
    Modified,
    /// The storage class.
    Class,
}

impl Entry {
    /// The whole prefix or key, exact.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Folder(prefix) => prefix,
            Self::Object(object) => object.key.as_str(),
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&ObjectSummary> {
        match self {
            Self::Folder(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl Row for Entry {
    type Column = EntryColumn;

    const COLUMNS: &'static [EntryColumn] = &[
        EntryColumn::Name,
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

    /// Folders come before objects by every column but the name: they have nothing else to compare.
    fn compare(&self, other: &Self, column: EntryColumn) -> Ordering {
        match (self.object(), other.object()) {
            (Some(a), Some(b)) => match column {
                EntryColumn::Name => a.key.cmp(&b.key),
                EntryColumn::Size => a.size.cmp(&b.size),
                EntryColumn::Modified => a.last_modified.cmp(&b.last_modified),
                EntryColumn::Class => a.storage_class.cmp(&b.storage_class),
            },
            _ if column == EntryColumn::Name => self.path().cmp(other.path()),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}
