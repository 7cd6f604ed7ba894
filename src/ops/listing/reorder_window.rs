//! How far segments may run ahead of the first one, for a reader that wants everything in key order.

use super::reorder_buffer::ReorderBuffer;
use super::{Listed, ListingUpdate, SegmentId};

/// Keeps count of what such a reader has to hold back, and says who may go on without it becoming too much.
///
/// The first segment always may: what it yields is handed out at once, so that a listing never comes to a standstill.
/// The others share what may be held by their distance from the first, for what stands next is wanted next: with much
/// of it used up by segments far away, those near it could not go on when their turn comes.
#[derive(Debug)]
pub(super) struct ReorderWindow {
    buffer: ReorderBuffer<usize>,
    held: usize,
    most: usize,
}

impl ReorderWindow {
    pub(super) fn new(most: usize) -> Self {
        Self {
            buffer: ReorderBuffer::new(),
            held: 0,
            most,
        }
    }

    /// Notes what the reader is told.
    pub(super) fn note<T: Listed>(&mut self, update: &ListingUpdate<T>) {
        match update {
            ListingUpdate::Opened { segment, start } => self.buffer.open(*segment, start),
            ListingUpdate::Page { segment, objects } => {
                self.held += objects.len();
                self.buffer.add(*segment, objects.len());
            }
            ListingUpdate::Closed { segment } => self.buffer.close(*segment),
            ListingUpdate::Done(_) => self.buffer.close_all(),
        }
        self.held -= self.buffer.ready().into_iter().sum::<usize>();
    }

    /// The segments under way, the first one first.
    pub(super) fn nearest(&self, most: usize) -> impl Iterator<Item = u64> {
        self.buffer.in_order().take(most).map(|SegmentId(id)| id)
    }

    /// Whether a segment may be asked for a page: the one at `place`, 0 being the first, when `flying` requests may
    /// each bring a `page` of items and `limit` of them may be in flight.
    pub(super) fn admits(&self, place: usize, flying: usize, page: usize, limit: usize) -> bool {
        let (limit, place) = (limit.max(1), place.min(limit));
        let share = self.most / (2 * limit) * (2 * limit - place);
        place == 0 || self.held + (flying + 1) * page <= share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ObjectSummary;

    fn opened(segment: u64, start: &str) -> ListingUpdate {
        ListingUpdate::Opened {
            segment: SegmentId(segment),
            start: start.to_owned(),
        }
    }

    #[test]
    fn the_first_segment_always_goes_on_and_the_others_the_less_the_farther_they_are() {
        let mut ahead = ReorderWindow::new(100);
        for (id, start) in [(3, "c"), (1, "a"), (2, "b")] {
            ahead.note(&opened(id, start));
        }
        assert_eq!(ahead.nearest(9).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(ahead.admits(0, 1_000, 10, 4));
        assert!(ahead.admits(1, 7, 10, 4) && !ahead.admits(1, 8, 10, 4));
        assert!(ahead.admits(3, 5, 10, 4) && !ahead.admits(3, 6, 10, 4));
    }

    #[test]
    fn what_was_held_is_let_go_when_its_turn_comes() {
        let mut ahead = ReorderWindow::new(100);
        ahead.note(&opened(1, "a"));
        ahead.note(&opened(2, "b"));
        ahead.buffer.add(SegmentId(2), 80);
        ahead.held = 80;
        assert!(!ahead.admits(1, 0, 30, 1));
        ahead.note(&ListingUpdate::<ObjectSummary>::Closed {
            segment: SegmentId(1),
        });
        assert_eq!(ahead.held, 0);
    }
}
