//! Iterates over rows without an allocation for each.

use std::ops::Range;

use super::Columns;
use super::chunk::Row;
use super::keys::KeyCursor;
use crate::domain::{ObjectKey, ObjectSummary, StorageClass};

/// Iterates over rows in order. A row borrows its key from this structure, so it cannot be an `Iterator`: use `while
/// let Some(row) = rows.advance()`.
#[derive(Debug)]
pub struct Rows<'a> {
    columns: &'a Columns,
    chunk: usize,
    /// The next row, within the chunk.
    row: usize,
    left: usize,
    keys: Option<KeyCursor<'a>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(columns: &'a Columns, rows: Range<usize>) -> Self {
        let end = rows.end.min(columns.rows);
        let chunk = columns
            .starts
            .partition_point(|&start| start <= rows.start)
            .saturating_sub(1);
        let row = rows.start - columns.starts.get(chunk).copied().unwrap_or_default();
        Self {
            columns,
            chunk,
            row,
            left: end.saturating_sub(rows.start),
            keys: columns
                .chunks
                .get(chunk)
                .map(|chunk| chunk.keys.cursor(row)),
        }
    }

    /// The next row; `None` at the end.
    pub fn advance(&mut self) -> Option<Row<'_>> {
        self.step()?;
        let row = self.row.checked_sub(1)?;
        let chunk = self.columns.chunks.get(self.chunk)?;
        chunk.row(row, self.keys.as_ref()?.key())
    }

    /// The key of the next row, without its other fields; `None` at the end.
    pub fn advance_key(&mut self) -> Option<&str> {
        self.step()?;
        self.key()
    }

    /// The key of the current row.
    pub(super) fn key(&self) -> Option<&str> {
        self.keys.as_ref().map(KeyCursor::key)
    }

    fn step(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        if self.row >= self.columns.chunks.get(self.chunk)?.len() {
            self.chunk += 1;
            self.row = 0;
            self.keys = Some(self.columns.chunks.get(self.chunk)?.keys.cursor(0));
        }
        self.keys.as_mut()?.advance()?;
        self.row += 1;
        Some(())
    }
}

impl Row<'_> {
    /// Converts the row to an owned object.
    #[must_use]
    pub fn to_object(self) -> Option<ObjectSummary> {
        Some(ObjectSummary {
            key: ObjectKey::new(self.key).ok()?,
            size: self.size,
            last_modified: self.last_modified,
            storage_class: StorageClass::new(self.storage_class),
            etag: self.etag.map(super::EntityTag::to_text),
        })
    }
}
