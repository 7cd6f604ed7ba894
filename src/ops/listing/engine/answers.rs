//! What comes back: pages are taken in and handed out, failed requests are sent again or given up.

use std::time::Instant;

use super::{Answer, Engine, Stop};
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::{Action, advice};
use crate::domain::{ListingOrder, Tally};
use crate::ops::listing::concurrency_limit::back_off;
use crate::ops::listing::covered_intervals::{CoveredIntervals, Interval};
use crate::ops::listing::kind::{Listed, Portion};
use crate::ops::listing::segment::{Fault, Kind, Segment, Taken};
use crate::ops::listing::{ListingUpdate, SegmentId};

impl<T: Listed> Engine<T> {
    pub(super) async fn answered(&mut self, answer: Answer<T>) -> Result<(), Stop> {
        let (page, window) = match &answer {
            Answer::Page { page, window, .. }
            | Answer::Look { page, window, .. }
            | Answer::Probe { page, window, .. } => (page, *window),
        };
        match page {
            Ok(_) => {
                self.retries.succeeded();
                self.concurrency
                    .answered(self.running.len(), Instant::now());
            }
            Err(problem) if asks_to_slow_down(problem) => {
                self.concurrency.slowed(window, Instant::now());
            }
            Err(_) => {}
        }
        match answer {
            Answer::Look {
                scan,
                discovery,
                page,
                ..
            } => {
                let is_this =
                    |(at, folder): &(usize, String)| *at == scan && *folder == discovery.folder;
                if let Some(at) = self.looking.iter().position(is_this) {
                    self.looking.swap_remove(at);
                }
                // Without the folders a listing is slower and no less complete.
                if let (Some(scan), Ok(page)) = (self.scans.get_mut(scan), page) {
                    scan.found(discovery, page);
                }
                Ok(())
            }
            Answer::Probe {
                segment,
                behind,
                page,
                ..
            } => self.probed(segment, behind, page).await,
            Answer::Page {
                segment,
                page: Ok(page),
                ..
            } => self.arrived(segment, page).await,
            Answer::Page {
                segment,
                started_after,
                page: Err(problem),
                ..
            } => self.failed(segment, started_after, problem).await,
        }
    }

    /// A page arrived.
    async fn arrived(&mut self, id: u64, page: Portion<T>) -> Result<(), Stop> {
        let Some(mut segment) = self.segments.remove(&id) else {
            return Ok(());
        };
        self.pages += 1;
        if !segment.follows(&page.items) {
            self.disregard_order(&mut segment);
        }
        let taken = match segment.take(page) {
            Ok(taken) => taken,
            Err(fault) => {
                if let Some(scan) = self.scans.get_mut(segment.scan) {
                    scan.in_order &= fault != Fault::OutOfOrder;
                }
                return self.give_up(segment, self.problem_of(fault)).await;
            }
        };
        if let Some(scan) = self.scans.get_mut(segment.scan) {
            scan.passed_through(&segment);
        }
        let finished = taken.finished;
        if segment.is_guess && finished && taken.items.is_empty() && segment.pages == 1 {
            self.empty_split(&segment);
        }
        self.hand_out(&segment, taken).await?;
        if finished {
            return self.close(&segment).await;
        }
        for id in segment.passed() {
            let segment = SegmentId(id);
            self.tell(ListingUpdate::Closed { segment }).await?;
        }
        self.segments.insert(id, segment);
        self.ready.insert(id);
        Ok(())
    }

    /// Sends what a segment took in, and records it as told.
    async fn hand_out(&mut self, segment: &Segment<T>, taken: Taken<T>) -> Result<(), Stop> {
        match &segment.kind {
            Kind::Ordered | Kind::Chain(_) => {
                self.send_items(segment.id, taken.items).await?;
                self.cover(segment.scan, taken.covered);
            }
            Kind::Again(parts) => {
                let mut items = taken.items.into_iter().peekable();
                for (id, part) in parts {
                    let precedes =
                        |item: &T| part.after.as_deref().is_some_and(|at| item.key() <= at);
                    while items.next_if(precedes).is_some() {}
                    let inside: Vec<T> =
                        std::iter::from_fn(|| items.next_if(|item| part.holds(item.key())))
                            .collect();
                    self.send_items(*id, inside).await?;
                    // What lies between its parts is for others to answer for.
                    self.cover(segment.scan, taken.covered.as_ref().map(|it| it.meet(part)));
                }
            }
        }
        Ok(())
    }

    fn cover(&mut self, scan: usize, part: Option<Interval>) {
        if let (Some(scan), Some(part)) = (self.scans.get_mut(scan), part) {
            scan.covered.cover(&part);
        }
    }

    async fn send_items(&mut self, id: u64, objects: Vec<T>) -> Result<(), Stop> {
        if objects.is_empty() {
            return Ok(());
        }
        let mut tally = Tally::default();
        for object in &objects {
            object.add_to(&mut tally);
        }
        let segment = SegmentId(id);
        self.tell(ListingUpdate::Page { segment, objects }).await?;
        self.total.merge(tally);
        Ok(())
    }

    /// A page did not arrive: it is asked for again, or given up with the rest of its segment.
    async fn failed(&mut self, id: u64, started_after: bool, problem: Problem) -> Result<(), Stop> {
        let Some(segment) = self.segments.get_mut(&id) else {
            return Ok(());
        };
        if problem.kind == ProblemKind::Cancelled {
            return Err(Stop::Cancelled);
        }
        segment.failed += 1;
        let tries = segment.failed;
        if problem.is_transient() && tries < self.request.tries && self.retries.take() {
            self.meter.repeats();
            return self.ask(id, back_off(tries));
        }
        let Some(segment) = self.segments.remove(&id) else {
            return Ok(());
        };
        if started_after && problem.kind == ProblemKind::NotSupported {
            self.list_again(segment);
            Ok(())
        } else {
            self.give_up(segment, problem).await
        }
    }

    async fn give_up(&mut self, segment: Segment<T>, problem: Problem) -> Result<(), Stop> {
        if let Some(scan) = self.scans.get_mut(segment.scan) {
            scan.fail(segment.rest(), problem);
        }
        self.close(&segment).await
    }

    /// The server cannot begin after a key: the parts of which nothing was told yet are listed by the segment that began
    /// at the beginning, one page after the other, and what was told before is left out. When that one has come to its
    /// end already, another one begins there.
    fn list_again(&mut self, segment: Segment<T>) {
        let at = segment.scan;
        if let Some(scan) = self.scans.get_mut(at) {
            scan.keep_whole();
        }
        let is_untold = |_: &u64, other: &mut Segment<T>| {
            other.scan == at && other.pages == 0 && other.part.after.is_some()
        };
        let mut parts = vec![(segment.id, segment.part)];
        for (id, untold) in self.segments.extract_if(.., is_untold) {
            self.ready.remove(&id);
            parts.push((id, untold.part));
        }
        let began_there = |other: &&mut Segment<T>| other.scan == at && other.part.after.is_none();
        if let Some(segment) = self.segments.values_mut().find(began_there) {
            segment.take_over(parts);
            return;
        }
        parts.sort_by(|(_, a), (_, b)| a.after.cmp(&b.after));
        let id = self.number();
        let again = Segment::new(id, at, Interval::whole(), Kind::Again(parts));
        self.segments.insert(id, again);
        self.ready.insert(id);
    }

    /// Lists a prefix without regard to the order of bytes, where its one segment began at the beginning: a server that
    /// keeps folders as such lists folder by folder, which is an order, too.
    fn disregard_order(&mut self, segment: &mut Segment<T>) {
        let Some(scan) = self.scans.get_mut(segment.scan) else {
            return;
        };
        if scan.was_cut || !matches!(segment.kind, Kind::Ordered) {
            return;
        }
        scan.keep_whole();
        scan.in_order = false;
        scan.covered = CoveredIntervals::default();
        segment.kind = Kind::Chain(ListingOrder::folder_by_folder(segment.front.as_deref()));
    }

    fn problem_of(&self, fault: Fault) -> Problem {
        let (message, hint) = match fault {
            Fault::OutOfOrder => (
                "the server does not list in byte order",
                advice!("the listing is incomplete").then(Action::ListInOrder),
            ),
            Fault::WentBack => (
                "the server went back to keys that it had already listed or passed, so that the listing may never end",
                advice!("the listing is incomplete; list a longer prefix instead"),
            ),
            Fault::Circle => (
                "the server gave a continuation token twice: the listing would never end",
                advice!("the listing is incomplete; list a longer prefix instead"),
            ),
        };
        Problem::new(
            T::ATTEMPT,
            format!("s3://{}", self.request.bucket),
            ProblemKind::Malformed,
            message,
            hint,
        )
    }
}

fn asks_to_slow_down(problem: &Problem) -> bool {
    problem.kind == ProblemKind::Throttled || problem.code.as_deref() == Some("ServiceUnavailable")
}
