//! Whose turn it is when pages of segments that run side by side are wanted in key order.

use std::collections::{BTreeMap, HashMap};

use super::SegmentId;

/// Pieces of segments, each held until all segments that start before its own were closed.
#[derive(Debug)]
pub(super) struct ReorderBuffer<P> {
    /// In the order of their starts.
    segments: BTreeMap<(String, SegmentId), Waiting<P>>,
    starts: HashMap<SegmentId, String>,
}

#[derive(Debug)]
struct Waiting<P> {
    pieces: Vec<P>,
    closed: bool,
}

impl<P> ReorderBuffer<P> {
    pub(super) fn new() -> Self {
        Self {
            segments: BTreeMap::new(),
            starts: HashMap::new(),
        }
    }

    pub(super) fn open(&mut self, segment: SegmentId, start: &str) {
        self.starts.insert(segment, start.to_owned());
        let waiting = Waiting {
            pieces: Vec::new(),
            closed: false,
        };
        self.segments.insert((start.to_owned(), segment), waiting);
    }

    pub(super) fn add(&mut self, segment: SegmentId, piece: P) {
        if let Some(waiting) = self.waiting(segment) {
            waiting.pieces.push(piece);
        }
    }

    pub(super) fn close(&mut self, segment: SegmentId) {
        if let Some(waiting) = self.waiting(segment) {
            waiting.closed = true;
        }
    }

    pub(super) fn close_all(&mut self) {
        for waiting in self.segments.values_mut() {
            waiting.closed = true;
        }
    }

    fn waiting(&mut self, segment: SegmentId) -> Option<&mut Waiting<P>> {
        let start = self.starts.get(&segment)?.clone();
        self.segments.get_mut(&(start, segment))
    }

    /// The pieces whose turn it is, in order.
    pub(super) fn ready(&mut self) -> Vec<P> {
        let mut ready = Vec::new();
        while let Some(mut first) = self.segments.first_entry() {
            ready.append(&mut first.get_mut().pieces);
            if !first.get().closed {
                break;
            }
            let ((_, segment), _) = first.remove_entry();
            self.starts.remove(&segment);
        }
        ready
    }

    /// The segments that were not closed, in order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = SegmentId> {
        self.segments
            .iter()
            .filter(|(_, waiting)| !waiting.closed)
            .map(|((_, segment), _)| *segment)
    }
}
