//! The rows of a raw listing, in little memory: objects in columns, folders and what does not come in order as they are.
//!
//! A listing appends pages, each of them a part; a scan shows a range of its columns, which are one part. In both cases a
//! row is made when it is looked at, and sorting looks at what it sorts by alone.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Entry, EntryColumn};
use crate::app::table::{Row, Sort, Source, Stop};
use crate::domain::Needle;
use crate::domain::columns::{Columns, ColumnsBuilder, Etags};
use crate::domain::{ObjectSummary, Tally};
use crate::tasks::reading::ranges;

/// What a scan found in the folders of one place: whole prefixes in order of their bytes, and what is below each.
pub(crate) type FolderSizes = Vec<(String, Tally)>;

/// Folders and objects in order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    pub(super) parts: Vec<Part>,
    len: usize,
    sizes: Option<Arc<FolderSizes>>,
}

#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The number of its first row.
    pub(super) start: usize,
    pub(super) rows: Kept,
}

#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Rows as they are.
    Whole(Arc<Vec<Entry>>),
    /// These rows of columns.
    Columns(Columns, Range<usize>),
}

impl Kept {
    fn len(&self) -> usize {
        match self {
            Self::Whole(rows) => rows.len(),
            Self::Columns(_, range) => range.len(),
        }
    }
}

impl Entries {
    /// All objects below some prefixes, out of the columns of a scan.
    #[must_use]
    pub fn below(columns: &Columns, prefixes: &[String]) -> Self {
        let mut entries = Self::default();
        for range in ranges(columns, prefixes) {
            entries.add(Kept::Columns(columns.clone(), range));
        }
        entries
    }

    /// What the objects come to; folders are not counted.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for part in &self.parts {
            match &part.rows {
                Kept::Columns(columns, range) => total.merge(columns.tally(range.clone())),
                Kept::Whole(rows) => rows
                    .iter()
                    .filter_map(Entry::object)
                    .for_each(|object| total.add(object)),
            }
        }
        total
    }

    /// Takes what a scan found in the folders; it replaces what was known.
    pub fn set_sizes(&mut self, sizes: Option<Arc<FolderSizes>>) {
        self.sizes = sizes;
    }

    /// Bytes of memory that the objects take, for the figures in the tests.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        let of_part = |part: &Part| match &part.rows {
            Kept::Columns(columns, _) => columns.memory() + size_of::<Part>(),
            Kept::Whole(rows) => rows.capacity() * size_of::<Entry>() + size_of::<Part>(),
        };
        self.parts.iter().map(of_part).sum()
    }

    fn add(&mut self, rows: Kept) {
        let len = rows.len();
        if len > 0 {
            self.parts.push(Part {
                start: self.len,
                rows,
            });
            self.len += len;
        }
    }

    fn add_objects(&mut self, objects: Vec<ObjectSummary>) {
        let mut columns = ColumnsBuilder::new(Etags::Leave);
        // Directory buckets do not list in order: their objects stay as they are.
        if objects.iter().all(|object| columns.push(object).is_ok()) {
            let columns = columns.finish();
            let all = 0..columns.len();
            self.add(Kept::Columns(columns, all));
        } else {
            let rows = objects.into_iter().map(Entry::Object).collect();
            self.add(Kept::Whole(Arc::new(rows)));
        }
    }

    /// The entry as it is shown: a folder with what a scan found in it.
    pub(super) fn filled<'e>(&self, entry: &'e Entry) -> Cow<'e, Entry> {
        match entry {
            Entry::Folder { prefix, .. } if self.sizes.is_some() => Cow::Owned(Entry::Folder {
                prefix: prefix.clone(),
                holds: self.size_of(prefix),
            }),
            entry => Cow::Borrowed(entry),
        }
    }

    fn size_of(&self, prefix: &str) -> Option<Tally> {
        let sizes = self.sizes.as_ref()?;
        let at = sizes.binary_search_by(|(known, _)| known.as_str().cmp(prefix));
        at.ok().and_then(|at| Some(sizes.get(at)?.1))
    }

    pub(super) fn part(&self, number: usize) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.start <= number);
        self.parts.get(after.checked_sub(1)?)
    }
}

impl Source<Entry> for Entries {
    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, number: usize) -> Option<Cow<'_, Entry>> {
        let part = self.part(number)?;
        let row = number - part.start;
        match &part.rows {
            Kept::Whole(rows) => rows.get(row).map(|entry| self.filled(entry)),
            Kept::Columns(_, range) if row >= range.len() => None,
            Kept::Columns(columns, range) => {
                let object = columns.get(range.start + row)?;
                Some(Cow::Owned(Entry::Object(object)))
            }
        }
    }

    fn push(&mut self, rows: Vec<Entry>) {
        let mut folders = Vec::new();
        let mut objects = Vec::new();
        for row in rows {
            match row {
                Entry::Object(object) => objects.push(object),
                folder @ Entry::Folder { .. } => folders.push(folder),
            }
        }
        self.add(Kept::Whole(Arc::new(folders)));
        self.add_objects(objects);
    }

    fn order(
        &self,
        needle: &Needle,
        sort: Option<Sort<EntryColumn>>,
        stop: Stop<'_>,
    ) -> Option<Vec<u32>> {
        self.arranged(needle, sort, stop)
    }

    fn can_sort_by(&self, column: EntryColumn) -> bool {
        column != EntryColumn::Objects || self.sizes.is_some()
    }

    fn find(&self, id: &str, from: usize) -> Option<usize> {
        let after = |part: &&Part| part.start + part.rows.len() > from;
        let mut parts = self.parts.iter().filter(after);
        parts.find_map(|part| {
            let row = match &part.rows {
                Kept::Whole(rows) => rows.iter().position(|row| row.id() == id)?,
                Kept::Columns(columns, range) => {
                    let row = columns.find(id).ok().filter(|row| range.contains(row))?;
                    row - range.start
                }
            };
            Some(part.start + row).filter(|number| *number >= from)
        })
    }

    fn beginning(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        for part in &self.parts {
            match &part.rows {
                Kept::Whole(rows) => ranges.extend(
                    rows.iter()
                        .enumerate()
                        .filter(|(_, row)| row.id().starts_with(text))
                        .map(|(row, _)| part.start + row..part.start + row + 1),
                ),
                Kept::Columns(columns, range) => {
                    let found = columns.under(text);
                    let (from, to) = (found.start.max(range.start), found.end.min(range.end));
                    if from < to {
                        ranges.push(part.start + from - range.start..part.start + to - range.start);
                    }
                }
            }
        }
        ranges
    }
}

#[cfg(test)]
#[path = "entries_tests.rs"]
mod tests;
