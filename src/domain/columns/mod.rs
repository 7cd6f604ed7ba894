//! The objects of a scan in little memory: front-coded keys, five bytes per size, four per time, one per storage class,
//! and sixteen per ETag if requested.
//!
//! [`Columns`] is immutable and in key order; its clones share all data. [`Assembly`] builds it from pages that arrive
//! by segment in any order, and [`ColumnsBuilder`] from objects in order. [`group`] counts rows by owner, class, age,
//! layout or prefix. [`Columns::arrange`] filters and sorts, and [`Columns::children`] returns the folders of a scan.
//! [`mod@file`] saves it.
//!
//! Inside, from the bottom up: `side` (values that do not fit), `keys` and `tag` (two columns), `chunk` (all columns of
//! some thousands of objects).

mod assembly;
mod builder;
mod chunk;
pub mod file;
mod folders;
pub(crate) mod group;
mod keys;
mod order;
mod rows;
mod side;
mod tag;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::chunk::Chunk;
use super::{ByteSize, ObjectKey, ObjectSummary, StorageClass, Tally};

pub use assembly::Assembly;
pub use builder::ColumnsBuilder;
pub(crate) use chunk::Row;
pub use folders::Child;
pub use order::{Arrangement, SortBy};
pub(crate) use rows::Rows;
pub(crate) use tag::EntityTag;

/// Whether ETags are stored: sixteen bytes per object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Etags {
    /// ETags are stored exactly.
    Keep,
    /// ETags are not stored; objects are returned without one.
    Leave,
}

/// Objects in byte order of their keys, without duplicates. Rows are numbered from 0.
#[derive(Clone, Default)]
pub struct Columns {
    chunks: Vec<Arc<Chunk>>,
    /// The number of the first row of each chunk.
    starts: Vec<usize>,
    rows: usize,
}

/// Prints only the count: nobody wants millions of objects in a log.
impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Columns({} rows)", self.rows)
    }
}

impl Columns {
    /// `chunks` must be in order, and none empty.
    fn of_chunks(chunks: Vec<Arc<Chunk>>) -> Self {
        let mut starts = Vec::with_capacity(chunks.len());
        let mut rows = 0;
        for chunk in &chunks {
            starts.push(rows);
            rows += chunk.len();
        }
        Self {
            chunks,
            starts,
            rows,
        }
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Memory use in bytes, which clones share.
    #[must_use]
    pub fn memory(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.memory()).sum();
        chunks
            + self.chunks.capacity() * size_of::<Arc<Chunk>>()
            + self.starts.capacity() * size_of::<usize>()
    }

    /// The total of all objects.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for chunk in &self.chunks {
            total.merge(chunk.total);
        }
        total
    }

    /// The object in this row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<ObjectSummary> {
        self.rows_in(row..row.saturating_add(1))
            .advance()
            .and_then(Row::to_object)
    }

    /// The key of this row.
    #[must_use]
    pub fn key(&self, row: usize) -> Option<ObjectKey> {
        let (chunk, row) = self.place(row)?;
        let mut cursor = chunk.keys.cursor(row);
        cursor.advance()?;
        ObjectKey::new(cursor.key()).ok()
    }

    /// The size in this row; faster than the whole object.
    #[must_use]
    pub fn size(&self, row: usize) -> Option<ByteSize> {
        let (chunk, row) = self.place(row)?;
        chunk.size(row)
    }

    /// When the object in this row was written; `None` if unknown.
    #[must_use]
    pub fn last_modified(&self, row: usize) -> Option<DateTime<Utc>> {
        let (chunk, row) = self.place(row)?;
        chunk.time(row)
    }

    /// The storage class of this row.
    #[must_use]
    pub fn storage_class(&self, row: usize) -> Option<&StorageClass> {
        let (chunk, row) = self.place(row)?;
        chunk.class(row)
    }

    /// The row of this key.
    ///
    /// # Errors
    /// The row where the key would be, if it does not exist.
    pub fn find(&self, key: &str) -> Result<usize, usize> {
        let row = self.partition_point(|other| other < key);
        match self.key(row) {
            Some(found) if found.as_str() == key => Ok(row),
            _ => Err(row),
        }
    }

    /// The rows of the keys with this prefix.
    #[must_use]
    pub fn under(&self, prefix: &str) -> Range<usize> {
        let start = self.partition_point(|key| key < prefix);
        let end = self.partition_point(|key| key < prefix || key.starts_with(prefix));
        start..end.max(start)
    }

    /// All rows, in order.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        self.rows_in(0..self.rows)
    }

    /// These rows, in order. Rows that do not exist are skipped.
    #[must_use]
    pub fn rows_in(&self, rows: Range<usize>) -> Rows<'_> {
        Rows::new(self, rows)
    }

    /// All objects, in order. [`Columns::rows`] does not allocate for each.
    pub fn iter(&self) -> impl Iterator<Item = ObjectSummary> + '_ {
        let mut rows = self.rows();
        std::iter::from_fn(move || rows.advance().and_then(Row::to_object))
    }

    /// Merges several in key order. If two contain the same key, the later object is kept.
    ///
    /// Parts that do not overlap, as in a listing, are merged without reading their objects.
    #[must_use]
    pub fn merge(parts: Vec<Self>) -> Self {
        assembly::merge(parts)
    }

    /// The number of keys for which `before` holds. It must hold for the first keys and not for the rest.
    fn partition_point(&self, before: impl Fn(&str) -> bool) -> usize {
        let at = self.chunks.partition_point(|chunk| before(&chunk.last));
        match (self.chunks.get(at), self.starts.get(at)) {
            (Some(chunk), Some(start)) => start + chunk.keys.partition_point(before),
            _ => self.rows,
        }
    }

    /// The chunk of a row, and the row within it.
    fn place(&self, row: usize) -> Option<(&Chunk, usize)> {
        let at = self
            .starts
            .partition_point(|&start| start <= row)
            .checked_sub(1)?;
        let chunk = self.chunks.get(at)?;
        let within = row - self.starts.get(at)?;
        (within < chunk.len()).then_some((chunk.as_ref(), within))
    }
}

#[cfg(test)]
mod tests;
