//! The loop: sends requests for segments as the pace allows, takes answers in, cuts segments while slots are idle.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::certificate::{Part, Until};
use super::pace::{Pace, Retries, back_off};
use super::root::{Lead, Root, disjoint};
use super::segment::{Fault, Kind, Segment, Taken};
use super::{ListingRequest, ListingUpdate, SegmentId, Summary};
use crate::aws::wire::listing::page_once;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::{ObjectSummary, Tally};
use crate::ops::Coverage;
use crate::ops::browse::{ListRequest, Page, Start};

/// Looks for folders in flight.
const LOOKS: usize = 2;

/// Looks for folders that a listing may take in any case; beside these, one for so many pages.
const FREE_LOOKS: u64 = 8;
const PAGES_A_LOOK: u64 = 16;

/// Why the loop ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Cancelled,
    NobodyListens,
}

/// The answer to one request, with the window of the pace in which it was sent.
#[derive(Debug)]
enum Answer {
    Page {
        segment: u64,
        started_after: bool,
        page: Result<Page, Problem>,
        window: u64,
    },
    Look {
        root: usize,
        lead: Lead,
        page: Result<Page, Problem>,
        window: u64,
    },
}

pub(super) struct Engine {
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate>,
    roots: Vec<Root>,
    /// Those that are not finished.
    segments: BTreeMap<u64, Segment>,
    /// Those of which no request is in flight.
    ready: VecDeque<u64>,
    running: JoinSet<Answer>,
    pace: Pace,
    retries: Retries,
    opened: u64,
    pages: u64,
    looks: u64,
    looking: usize,
    total: Tally,
}

impl Engine {
    pub fn new(
        aws: Aws,
        request: ListingRequest,
        cancel: CancellationToken,
        meter: Meter,
        updates: Sender<ListingUpdate>,
    ) -> Self {
        let one_by_one = request.one_by_one || is_directory_bucket(&request);
        let roots = disjoint(request.prefixes.clone())
            .into_iter()
            .map(|prefix| Root::new(prefix, !one_by_one))
            .collect();
        Self {
            pace: Pace::new(request.in_flight, Instant::now()),
            aws,
            request,
            cancel,
            meter,
            updates,
            roots,
            segments: BTreeMap::new(),
            ready: VecDeque::new(),
            running: JoinSet::new(),
            retries: Retries::new(),
            opened: 0,
            pages: 0,
            looks: 0,
            looking: 0,
            total: Tally::default(),
        }
    }

    /// Lists; `None` when nobody listens any more.
    pub async fn run(mut self) -> Option<Summary> {
        let cancelled = match self.work().await {
            Ok(()) => false,
            Err(Stop::Cancelled) => true,
            Err(Stop::NobodyListens) => return None,
        };
        self.running.abort_all();
        let mut coverage = Coverage::Complete;
        for root in &self.roots {
            root.report(&self.request.bucket, cancelled, &mut coverage);
        }
        Some(Summary {
            coverage,
            total: self.total,
            in_order: self.roots.iter().all(|root| root.in_order),
        })
    }

    async fn work(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        while !self.segments.is_empty() {
            self.fill().await?;
            let answer = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(Stop::Cancelled),
                answer = self.running.join_next() => answer,
            };
            match answer {
                Some(Ok(answer)) => self.answered(answer).await?,
                // A request that panicked leaves its segment without an answer, and so the range without a proof.
                Some(Err(_)) => {}
                None => break,
            }
        }
        Ok(())
    }

    /// One segment a prefix; with a single prefix, a look beside its first page.
    async fn begin(&mut self) -> Result<(), Stop> {
        for at in 0..self.roots.len() {
            let kind = match self.roots.get_mut(at) {
                Some(root) if !root.can_be_cut => {
                    root.in_order = false;
                    Kind::Chain
                }
                _ => Kind::Ordered,
            };
            let id = self.number();
            let segment = Segment::new(id, at, Part::whole(), kind);
            self.open(segment).await?;
        }
        self.send_ready()?;
        if let [root] = self.roots.as_mut_slice()
            && root.can_be_cut
            && self.pace.limit() > 1
        {
            let lead = root.first_lead();
            self.look(0, lead)?;
        }
        Ok(())
    }

    /// Sends requests until the pace is reached or there is nothing to send.
    async fn fill(&mut self) -> Result<(), Stop> {
        loop {
            self.send_ready()?;
            let idle = self.pace.limit().saturating_sub(self.running.len());
            if idle == 0 || !(self.cut(idle).await? || self.look_further()?) {
                return Ok(());
            }
        }
    }

    fn send_ready(&mut self) -> Result<(), Stop> {
        while self.running.len() < self.pace.limit() {
            let Some(id) = self.ready.pop_front() else {
                break;
            };
            self.ask(id, Duration::ZERO)?;
        }
        Ok(())
    }

    /// Asks for the next page of a segment, after a wait.
    fn ask(&mut self, id: u64, wait: Duration) -> Result<(), Stop> {
        let Some(segment) = self.segments.get(&id) else {
            return Ok(());
        };
        let start = segment.start();
        let started_after = matches!(start, Start::After(_));
        let prefix = self.roots.get(segment.root).map(|root| root.prefix.clone());
        let mut request =
            ListRequest::flat(self.request.bucket.clone(), prefix.unwrap_or_default());
        request.max_keys = self.request.page;
        request.start = start;
        let window = self.pace.window();
        self.send(request, wait, move |page| Answer::Page {
            segment: id,
            started_after,
            page,
            window,
        })
    }

    fn look(&mut self, root: usize, lead: Lead) -> Result<(), Stop> {
        let mut request = ListRequest::folder(self.request.bucket.clone(), lead.folder.clone());
        request.max_keys = self.request.page;
        request.start = lead.start.clone();
        self.looks += 1;
        self.looking += 1;
        let window = self.pace.window();
        self.send(request, Duration::ZERO, move |page| Answer::Look {
            root,
            lead,
            page,
            window,
        })
    }

    fn send(
        &mut self,
        request: ListRequest,
        wait: Duration,
        answer: impl FnOnce(Result<Page, Problem>) -> Answer + Send + 'static,
    ) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let (aws, meter, cancel) = (self.aws.clone(), self.meter.clone(), self.cancel.clone());
        self.running.spawn(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            if cancel.is_cancelled() {
                let target = format!("s3://{}", request.bucket);
                return answer(Err(Problem::cancelled("list the objects of", target)));
            }
            answer(page_once(&aws, &request, &meter).await)
        });
        Ok(())
    }

    async fn answered(&mut self, answer: Answer) -> Result<(), Stop> {
        let (page, window) = match &answer {
            Answer::Page { page, window, .. } | Answer::Look { page, window, .. } => {
                (page, *window)
            }
        };
        match page {
            Ok(_) => {
                self.retries.succeeded();
                self.pace.answered(Instant::now());
            }
            Err(problem) if asks_to_slow_down(problem) => self.pace.slowed(window, Instant::now()),
            Err(_) => {}
        }
        match answer {
            Answer::Look {
                root, lead, page, ..
            } => {
                self.looking -= 1;
                // Without the folders a listing is slower and no less complete.
                if let (Some(root), Ok(page)) = (self.roots.get_mut(root), page) {
                    root.found(lead, page);
                }
                Ok(())
            }
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
    async fn arrived(&mut self, id: u64, page: Page) -> Result<(), Stop> {
        let Some(mut segment) = self.segments.remove(&id) else {
            return Ok(());
        };
        self.pages += 1;
        if !segment.follows(&page.objects) && self.may_ignore_order(&segment) {
            segment.kind = Kind::Chain;
        }
        let taken = match segment.take(page) {
            Ok(taken) => taken,
            Err(fault) => return self.give_up(segment, self.fault(fault)).await,
        };
        let finished = taken.finished;
        self.hand_out(&segment, taken).await?;
        if finished {
            return self.close(&segment).await;
        }
        self.segments.insert(id, segment);
        self.ready.push_back(id);
        Ok(())
    }

    /// Sends what a segment took in, and records it as told.
    async fn hand_out(&mut self, segment: &Segment, taken: Taken) -> Result<(), Stop> {
        let Taken {
            objects,
            after,
            until,
            finished,
        } = taken;
        match &segment.kind {
            Kind::Ordered | Kind::Chain => self.send_objects(segment.id, objects).await?,
            Kind::Again(parts) => {
                let mut objects = objects.into_iter().peekable();
                for (id, part) in parts {
                    while objects.next_if(|object| precedes(object, part)).is_some() {}
                    let inside: Vec<ObjectSummary> = std::iter::from_fn(|| {
                        objects.next_if(|object| part.holds(object.key.as_str()))
                    })
                    .collect();
                    self.send_objects(*id, inside).await?;
                }
            }
        }
        if let Some(root) = self.roots.get_mut(segment.root)
            && (finished || segment.kind != Kind::Chain)
        {
            let after = after.filter(|_| segment.kind != Kind::Chain);
            root.certificate.cover(after.as_deref(), &until);
        }
        Ok(())
    }

    async fn send_objects(&mut self, id: u64, objects: Vec<ObjectSummary>) -> Result<(), Stop> {
        if objects.is_empty() {
            return Ok(());
        }
        let mut tally = Tally::default();
        for object in &objects {
            tally.add(object);
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
            self.list_again(segment).await
        } else {
            self.give_up(segment, problem).await
        }
    }

    async fn give_up(&mut self, segment: Segment, problem: Problem) -> Result<(), Stop> {
        if let Some(root) = self.roots.get_mut(segment.root) {
            root.fail(segment.rest(), problem);
        }
        self.close(&segment).await
    }

    /// The server cannot begin after a key: what is left of the prefix is listed from its beginning, one page after
    /// the other, and what was told before is left out.
    async fn list_again(&mut self, segment: Segment) -> Result<(), Stop> {
        let at = segment.root;
        let mut dropped: Vec<u64> = vec![segment.id];
        dropped.extend(
            self.segments
                .values()
                .filter(|s| s.root == at)
                .map(|s| s.id),
        );
        self.segments.retain(|_, segment| segment.root != at);
        let gaps = match self.roots.get_mut(at) {
            Some(root) => {
                root.keep_whole();
                root.certificate.gaps()
            }
            None => Vec::new(),
        };
        let mut parts = Vec::with_capacity(gaps.len());
        for part in gaps {
            let id = self.number();
            self.tell_opened(id, at, &part).await?;
            parts.push((id, part));
        }
        for id in dropped {
            let segment = SegmentId(id);
            self.tell(ListingUpdate::Closed { segment }).await?;
        }
        let id = self.number();
        let again = Segment::new(id, at, Part::whole(), Kind::Again(parts));
        self.segments.insert(id, again);
        self.ready.push_back(id);
        Ok(())
    }

    /// Whether a prefix may be listed without regard to order: only when its one segment began at the beginning.
    fn may_ignore_order(&mut self, segment: &Segment) -> bool {
        let Some(root) = self.roots.get_mut(segment.root) else {
            return false;
        };
        if root.was_cut || segment.kind != Kind::Ordered {
            return false;
        }
        root.keep_whole();
        root.in_order = false;
        root.certificate = super::certificate::Certificate::default();
        true
    }

    fn fault(&self, fault: Fault) -> Problem {
        let message = match fault {
            Fault::OutOfOrder => "the server does not list in byte order",
            Fault::Circle => {
                "the server gave a continuation token twice: the listing would never end"
            }
        };
        Problem::new(
            "list the objects of",
            format!("s3://{}", self.request.bucket),
            ProblemKind::Malformed,
            message,
            "the listing is incomplete; list a longer prefix instead",
        )
    }

    /// Cuts the segment with the most folders ahead for the slots that are idle; false when there is none.
    async fn cut(&mut self, idle: usize) -> Result<bool, Stop> {
        let richest = self
            .segments
            .values()
            .filter(|segment| segment.can_be_cut())
            .filter_map(|segment| {
                let root = self
                    .roots
                    .get(segment.root)
                    .filter(|root| root.can_be_cut)?;
                Some((root.cuts_in(segment), segment.id))
            })
            .max();
        let Some((1.., id)) = richest else {
            return Ok(false);
        };
        let Some(segment) = self.segments.get_mut(&id) else {
            return Ok(false);
        };
        let Some(root) = self.roots.get_mut(segment.root) else {
            return Ok(false);
        };
        let cuts = root.choose_cuts(segment, idle);
        root.was_cut = true;
        let mut made = Vec::with_capacity(cuts.len());
        // From the last one: each cuts off the end of what is left.
        for cut in cuts.iter().rev() {
            self.opened += 1;
            made.push(segment.cut(self.opened, cut));
        }
        for segment in made.into_iter().rev() {
            self.open(segment).await?;
        }
        Ok(true)
    }

    /// Looks for more folders to cut at, below the segment that has yielded most; false when there is nothing to do.
    fn look_further(&mut self) -> Result<bool, Stop> {
        if self.looking >= LOOKS || self.looks >= FREE_LOOKS + self.pages / PAGES_A_LOOK {
            return Ok(false);
        }
        let mut long: Vec<&Segment> = self.segments.values().filter(|s| s.can_be_cut()).collect();
        long.sort_by_key(|segment| std::cmp::Reverse(segment.pages));
        for segment in long {
            let at = segment.root;
            let Some(root) = self.roots.get_mut(at).filter(|root| root.can_be_cut) else {
                continue;
            };
            if let Some(lead) = root.open_lead().or_else(|| root.lead_for(segment)) {
                self.look(at, lead)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn number(&mut self) -> u64 {
        self.opened += 1;
        self.opened
    }

    async fn open(&mut self, segment: Segment) -> Result<(), Stop> {
        self.tell_opened(segment.id, segment.root, &segment.part)
            .await?;
        self.ready.push_back(segment.id);
        self.segments.insert(segment.id, segment);
        Ok(())
    }

    async fn tell_opened(&self, id: u64, root: usize, part: &Part) -> Result<(), Stop> {
        let start = part
            .after
            .clone()
            .or_else(|| Some(self.roots.get(root)?.prefix.clone()));
        self.tell(ListingUpdate::Opened {
            segment: SegmentId(id),
            start: start.unwrap_or_default(),
        })
        .await
    }

    async fn close(&self, segment: &Segment) -> Result<(), Stop> {
        let mut ids = vec![segment.id];
        if let Kind::Again(parts) = &segment.kind {
            ids.extend(parts.iter().map(|(id, _)| *id));
        }
        for id in ids {
            let segment = SegmentId(id);
            self.tell(ListingUpdate::Closed { segment }).await?;
        }
        Ok(())
    }

    async fn tell(&self, update: ListingUpdate) -> Result<(), Stop> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Cancelled),
            sent = self.updates.send(update) => sent.map_err(|_| Stop::NobodyListens),
        }
    }
}

/// Directory buckets list in an order of their own and do not take `start-after`.
fn is_directory_bucket(request: &ListingRequest) -> bool {
    request.bucket.as_str().ends_with("--x-s3")
}

fn asks_to_slow_down(problem: &Problem) -> bool {
    problem.kind == ProblemKind::Throttled || problem.code.as_deref() == Some("ServiceUnavailable")
}

fn precedes(object: &ObjectSummary, part: &Part) -> bool {
    !part.holds(object.key.as_str())
        && match &part.until {
            Until::Key(until) => object.key.as_str() <= until.as_str(),
            Until::Last => true,
        }
}
