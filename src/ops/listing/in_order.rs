//! Brings the pages of segments that run side by side into key order.

use super::reorder_buffer::ReorderBuffer;
use super::{Listed, ListingUpdate};
use crate::domain::ObjectSummary;

/// Holds pages back until all that come before them were handed out.
///
/// What it holds is in memory: a listing of which the first segment is the slowest would be held nearly whole. Ask for
/// it [`in key order`](super::ListingRequest::in_key_order), and the engine sees to it that little is held.
#[derive(Debug)]
pub struct InOrder<T = ObjectSummary> {
    buffer: ReorderBuffer<Vec<T>>,
    held: usize,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> InOrder<T> {
    /// Holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            buffer: ReorderBuffer::new(),
            held: 0,
        }
    }

    /// How many items are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }
}

impl<T: Listed> InOrder<T> {
    /// Takes an update in and gives the pages whose turn it is, in order. With `Done`, all that is left.
    pub fn take(&mut self, update: ListingUpdate<T>) -> Vec<Vec<T>> {
        match update {
            ListingUpdate::Opened { segment, start } => self.buffer.open(segment, &start),
            ListingUpdate::Page { segment, objects } => {
                self.held += objects.len();
                self.buffer.add(segment, objects);
            }
            ListingUpdate::Closed { segment } => self.buffer.close(segment),
            ListingUpdate::Done(_) => self.buffer.close_all(),
        }
        let ready = self.buffer.ready();
        self.held -= ready.iter().map(Vec::len).sum::<usize>();
        ready
    }
}
