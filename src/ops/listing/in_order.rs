//! Brings the pages of segments that run side by side into key order.

use std::collections::{BTreeMap, HashMap};

use super::{ListingUpdate, SegmentId};
use crate::domain::ObjectSummary;

/// Holds pages back until all that come before them were handed out. What it holds is in memory: a listing of which
/// the first segment is the slowest is held nearly whole.
#[derive(Debug, Default)]
pub struct InOrder {
    segments: BTreeMap<(String, SegmentId), Waiting>,
    starts: HashMap<SegmentId, String>,
}

#[derive(Debug, Default)]
struct Waiting {
    pages: Vec<Vec<ObjectSummary>>,
    closed: bool,
}

impl InOrder {
    /// Holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an update in and gives the pages whose turn it is, in order. With `Done`, all that is left.
    pub fn take(&mut self, update: ListingUpdate) -> Vec<Vec<ObjectSummary>> {
        match update {
            ListingUpdate::Opened { segment, start } => {
                self.starts.insert(segment, start.clone());
                self.segments.entry((start, segment)).or_default();
            }
            ListingUpdate::Page { segment, objects } => {
                if let Some(waiting) = self.waiting(segment) {
                    waiting.pages.push(objects);
                }
            }
            ListingUpdate::Closed { segment } => {
                if let Some(waiting) = self.waiting(segment) {
                    waiting.closed = true;
                }
            }
            ListingUpdate::Done(_) => {
                for waiting in self.segments.values_mut() {
                    waiting.closed = true;
                }
            }
        }
        self.ready()
    }

    fn waiting(&mut self, segment: SegmentId) -> Option<&mut Waiting> {
        let start = self.starts.get(&segment)?.clone();
        self.segments.get_mut(&(start, segment))
    }

    fn ready(&mut self) -> Vec<Vec<ObjectSummary>> {
        let mut ready = Vec::new();
        while let Some(mut first) = self.segments.first_entry() {
            ready.append(&mut first.get_mut().pages);
            if !first.get().closed {
                break;
            }
            let ((_, segment), _) = first.remove_entry();
            self.starts.remove(&segment);
        }
        ready
    }
}
