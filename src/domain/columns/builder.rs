//! Builds columns from objects in key order.

use std::sync::Arc;

use thiserror::Error;

use super::chunk::Chunk;
use super::{Columns, Etags};
use crate::domain::ObjectSummary;

/// The error for a key that does not follow the previous one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the key {key:?} does not come after {after:?}")]
pub struct OutOfOrder {
    /// The key.
    pub key: String,
    /// The previous key.
    pub after: String,
}

/// Builds [`Columns`] from objects in key order.
#[derive(Debug, Clone)]
pub struct ColumnsBuilder {
    etags: Etags,
    full: Vec<Arc<Chunk>>,
    open: Chunk,
    /// A copy of `open` from the last snapshot; dropped when `open` grows.
    published: Option<Arc<Chunk>>,
}

impl ColumnsBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new(etags: Etags) -> Self {
        Self {
            etags,
            full: Vec::new(),
            open: Chunk::new(etags == Etags::Keep),
            published: None,
        }
    }

    /// Adds an object.
    ///
    /// # Errors
    /// [`OutOfOrder`] if its key does not follow the last one. The object is not added then.
    pub fn push(&mut self, object: &ObjectSummary) -> Result<(), OutOfOrder> {
        if let Some(last) = self.last_key()
            && object.key.as_str() <= last
        {
            return Err(OutOfOrder {
                key: object.key.as_str().to_owned(),
                after: last.to_owned(),
            });
        }
        self.published = None;
        if !self.open.push(object) {
            self.seal();
            // An empty chunk has room for any object.
            self.open.push(object);
        }
        Ok(())
    }

    /// The last key so far.
    #[must_use]
    pub fn last_key(&self) -> Option<&str> {
        if self.open.len() > 0 {
            return Some(&self.open.last);
        }
        self.full.last().map(|chunk| chunk.last.as_str())
    }

    /// The objects so far. Only objects added since the last snapshot are copied.
    pub fn snapshot(&mut self) -> Columns {
        let mut chunks = self.full.clone();
        chunks.extend(self.published());
        Columns::of_chunks(chunks)
    }

    /// All objects.
    #[must_use]
    pub fn finish(mut self) -> Columns {
        self.seal();
        Columns::of_chunks(self.full)
    }

    /// Adds a whole chunk if its keys follow all keys here; otherwise returns false.
    pub(super) fn push_chunk(&mut self, chunk: &Arc<Chunk>) -> bool {
        if self
            .last_key()
            .is_some_and(|last| chunk.first.as_str() <= last)
        {
            return false;
        }
        self.seal();
        self.full.push(Arc::clone(chunk));
        true
    }

    /// The number of rows that are not in a full chunk yet.
    pub(super) fn open_rows(&self) -> usize {
        self.open.len()
    }

    fn published(&mut self) -> Option<Arc<Chunk>> {
        if self.open.len() == 0 {
            return None;
        }
        let open = &self.open;
        let published = self.published.get_or_insert_with(|| Arc::new(open.clone()));
        Some(Arc::clone(published))
    }

    fn seal(&mut self) {
        if self.open.len() == 0 {
            return;
        }
        let fresh = Chunk::new(self.etags == Etags::Keep);
        let mut full = std::mem::replace(&mut self.open, fresh);
        full.shrink();
        self.full.push(Arc::new(full));
        self.published = None;
    }
}
