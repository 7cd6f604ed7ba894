//! Finds places to cut segments at, and cuts them while there are requests to spare.

use std::time::Duration;

use super::{Answer, Engine, Stop};
use crate::ops::browse::ListRequest;
use crate::ops::listing::kind::Listed;
use crate::ops::listing::prefix_scan::DiscoveryRequest;
use crate::ops::listing::segment::Segment;

/// Looks for folders in flight.
const LOOKS: usize = 4;

/// Looks for folders that a listing may take in any case; beside these, one for so many pages.
const FREE_LOOKS: u64 = 16;
const PAGES_A_LOOK: u64 = 8;

/// Pages a piece where everything is wanted in key order: what comes next is cut finely and the rest later, for pages far
/// ahead would have to be held back, and those near the beginning be waited for one after the other.
pub(super) const PAGES_NEARBY: f64 = 2.0;

/// A segment with so many times the pieces that are wanted is long enough to stop counting them.
const ENOUGH: usize = 8;

impl<T: Listed> Engine<T> {
    /// Cuts a segment for the slots that are idle; false when there is none to cut.
    pub(super) async fn split_at_prefix(&mut self, idle: usize) -> Result<bool, Stop> {
        let Some((id, most)) = self.most_worth_cutting(idle) else {
            return Ok(false);
        };
        let Some(segment) = self.segments.get_mut(&id) else {
            return Ok(false);
        };
        let Some(scan) = self.scans.get_mut(segment.scan) else {
            return Ok(false);
        };
        let widest = match self.ahead {
            Some(_) => PAGES_NEARBY,
            None => f64::INFINITY,
        };
        let cuts = scan.choose_cuts(segment, most, widest);
        scan.was_cut = true;
        let mut made = Vec::with_capacity(cuts.len());
        // From the last one: each cuts off the end of what is left.
        for cut in cuts.iter().rev() {
            let Some(mut piece) = segment.cut(self.opened + 1, cut) else {
                continue;
            };
            self.opened += 1;
            piece.is_guess = scan.is_predicted(cut);
            made.push(piece);
        }
        for segment in made.into_iter().rev() {
            self.open(segment).await?;
        }
        Ok(true)
    }

    /// The segment to cut, and at how many places at most, 1 or more.
    ///
    /// It is the one with the most pages ahead, as far as its folders tell. Where everything is wanted in key order it
    /// is the one nearest to the first, for the pieces of segments far away would have to wait for their turn. No piece
    /// is to be less than a page, or a listing would cost a request for every folder.
    fn most_worth_cutting(&self, idle: usize) -> Option<(u64, usize)> {
        let pieces_of = |segment: &Segment<T>| {
            let scan = self.scans.get(segment.scan)?;
            let pieces = scan.pieces_of(segment, idle.saturating_mul(ENOUGH));
            Some(pieces).filter(|pieces| *pieces > 0)
        };
        let (id, pieces) = match &self.ahead {
            None => self
                .segments
                .values()
                .filter_map(|segment| Some((segment.id, pieces_of(segment)?)))
                .max_by_key(|(_, pieces)| *pieces)?,
            Some(ahead) => ahead
                .nearest(self.concurrency.limit())
                .find_map(|id| Some((id, pieces_of(self.segments.get(&id)?)?)))?,
        };
        Some((id, idle.min(pieces)))
    }

    /// Supposes folders to cut at where nobody looked; false when there are none to suppose.
    pub(super) fn predict_prefixes(&mut self) -> bool {
        if self.misses > 0 && self.misses_left() == 0 {
            return false;
        }
        let mut any = false;
        for segment in self.segments.values_mut() {
            if let Some(scan) = self.scans.get_mut(segment.scan) {
                any |= scan.predict_prefixes(segment);
            }
        }
        any
    }

    /// Looks for more folders to cut at, below the segment that has yielded most; false when there is nothing to do.
    pub(super) fn discover_further(&mut self) -> Result<bool, Stop> {
        if self.looking.len() >= LOOKS || self.looks >= FREE_LOOKS + self.pages / PAGES_A_LOOK {
            return Ok(false);
        }
        let mut long: Vec<&Segment<T>> =
            self.segments.values().filter(|s| s.can_be_cut()).collect();
        long.sort_by_key(|segment| std::cmp::Reverse(segment.pages));
        for segment in long {
            let at = segment.scan;
            let Some(scan) = self.scans.get_mut(at).filter(|scan| scan.can_be_cut) else {
                continue;
            };
            if let Some(discovery) = scan
                .next_discovery()
                .or_else(|| scan.discovery_for(segment))
            {
                self.discover_prefixes(at, discovery)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn discover_prefixes(
        &mut self,
        scan: usize,
        discovery: DiscoveryRequest<T::Next>,
    ) -> Result<(), Stop> {
        let mut request =
            ListRequest::folder(self.request.bucket.clone(), discovery.folder.clone());
        request.max_keys = self.request.page;
        request.start = discovery.start.clone();
        self.looks += 1;
        self.looking.push((scan, discovery.folder.clone()));
        let window = self.concurrency.window();
        self.send(request, Duration::ZERO, move |page| Answer::Look {
            scan,
            discovery,
            page,
            window,
        })
    }
}
