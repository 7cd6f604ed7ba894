//! The loop: sends requests for segments as the pace allows, and cuts segments while slots are idle.
//!
//! `answers` takes in what comes back, `prefix_split` finds folders to cut at, `speculative_split` guesses places where there are none.

mod answers;
mod prefix_split;
mod speculative_split;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::concurrency_limit::{ConcurrencyLimit, Retries};
use super::covered_intervals::Interval;
use super::kind::{Listed, Portion};
use super::prefix_scan::{DiscoveryRequest, PrefixScan, disjoint};
use super::reorder_window::ReorderWindow;
use super::segment::{Kind, Segment};
use super::{ListingRequest, ListingUpdate, SegmentId, Summary};
use crate::aws::{Aws, Meter, Problem};
use crate::domain::{ListingOrder, Tally};
use crate::ops::browse::{ListRequest, Start};
use crate::ops::coverage::{Coverage, Gap, undecided_keys};
use speculative_split::DigitProbes;

/// Items that a page has at most, where the request does not say fewer.
const PAGE: usize = 1_000;

/// Prefixes that were not reached are told one by one when they are fewer than this.
const MANY: usize = 5;

/// Why the loop ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Cancelled,
    NobodyListens,
}

/// The answer to one request, with the window of the pace in which it was sent.
#[derive(Debug)]
enum Answer<T: Listed> {
    Page {
        segment: u64,
        started_after: bool,
        page: Result<Portion<T>, Problem>,
        window: u64,
    },
    Look {
        scan: usize,
        discovery: DiscoveryRequest<T::Next>,
        page: Result<Portion<T>, Problem>,
        window: u64,
    },
    Probe {
        segment: u64,
        /// What was asked behind.
        behind: String,
        page: Result<Portion<T>, Problem>,
        window: u64,
    },
}

pub(super) struct Engine<T: Listed> {
    aws: Aws,
    request: ListingRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ListingUpdate<T>>,
    scans: Vec<PrefixScan<T>>,
    /// Those that are not finished.
    segments: BTreeMap<u64, Segment<T>>,
    /// Those of which no request is in flight. The oldest go first.
    ready: BTreeSet<u64>,
    running: JoinSet<Answer<T>>,
    concurrency: ConcurrencyLimit,
    retries: Retries,
    /// Where the reader wants everything in key order.
    ahead: Option<ReorderWindow>,
    opened: u64,
    pages: u64,
    looks: u64,
    /// The folders that are looked into now, with the number of their prefix.
    looking: Vec<(usize, String)>,
    /// Spines that were asked for, by segment.
    spines: BTreeMap<u64, DigitProbes>,
    /// What is still to be asked for them: a segment, and the key behind which to look.
    probes: VecDeque<(u64, String)>,
    /// Guessed segments in which there was nothing.
    misses: u64,
    total: Tally,
    /// Whether a key was met of which nobody can say whether the server encoded it.
    met_undecided: Arc<AtomicBool>,
}

impl<T: Listed> Engine<T> {
    pub(super) fn new(
        aws: Aws,
        request: ListingRequest,
        cancel: CancellationToken,
        meter: Meter,
        updates: Sender<ListingUpdate<T>>,
    ) -> Self {
        let one_by_one = request.one_by_one || is_directory_bucket(&request);
        let scans = disjoint(request.prefixes.clone())
            .into_iter()
            .map(|prefix| PrefixScan::new(prefix, !one_by_one))
            .collect();
        Self {
            concurrency: ConcurrencyLimit::new(request.in_flight, Instant::now()),
            ahead: request.ahead.map(ReorderWindow::new),
            aws,
            request,
            cancel,
            meter,
            updates,
            scans,
            segments: BTreeMap::new(),
            ready: BTreeSet::new(),
            running: JoinSet::new(),
            retries: Retries::new(),
            opened: 0,
            pages: 0,
            looks: 0,
            looking: Vec::new(),
            spines: BTreeMap::new(),
            probes: VecDeque::new(),
            misses: 0,
            total: Tally::default(),
            met_undecided: Arc::default(),
        }
    }

    /// Lists; `None` when nobody listens any more.
    pub(super) async fn run(mut self) -> Option<Summary> {
        let cancelled = match self.work().await {
            Ok(()) => false,
            Err(Stop::Cancelled) => true,
            Err(Stop::NobodyListens) => return None,
        };
        self.running.abort_all();
        let mut coverage = Coverage::Complete;
        let untouched = self.scans.iter().filter(|scan| scan.is_untouched());
        let untouched = if cancelled { untouched.count() } else { 0 };
        // Of thousands of prefixes that were not reached, each by itself would be thousands of lines.
        let together = untouched >= MANY;
        for scan in &self.scans {
            if !(together && scan.is_untouched()) {
                scan.report(&self.request.bucket, cancelled, &mut coverage);
            }
        }
        if together {
            let (of, bucket) = (self.scans.len(), &self.request.bucket);
            coverage.miss(Gap::cancelled(format!(
                "{untouched} of {of} prefixes of s3://{bucket}"
            )));
        }
        if self.met_undecided.load(Ordering::Relaxed) {
            coverage.miss(undecided_keys(&self.request.bucket));
        }
        Some(Summary {
            coverage,
            total: self.total,
            in_order: self.scans.iter().all(|scan| scan.in_order),
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
        for at in 0..self.scans.len() {
            let kind = match self.scans.get_mut(at) {
                Some(scan) if !scan.can_be_cut => {
                    scan.in_order = false;
                    Kind::Chain(ListingOrder::none())
                }
                _ => Kind::Ordered,
            };
            let id = self.number();
            let segment = Segment::new(id, at, Interval::whole(), kind);
            self.open(segment).await?;
        }
        self.send_ready()?;
        if let [scan] = self.scans.as_mut_slice()
            && scan.can_be_cut
            && self.concurrency.limit() > 1
        {
            let discovery = scan.first_discovery();
            self.discover_prefixes(0, discovery)?;
        }
        Ok(())
    }

    /// Sends requests until the pace is reached or there is nothing to send.
    async fn fill(&mut self) -> Result<(), Stop> {
        loop {
            self.send_ready()?;
            let idle = self.concurrency.limit().saturating_sub(self.running.len());
            if idle == 0
                || !(self.split_at_prefix(idle).await?
                    || self.predict_prefixes()
                    || self.discover_further()?
                    || self.split_longest(idle).await?)
            {
                return Ok(());
            }
        }
    }

    fn send_ready(&mut self) -> Result<(), Stop> {
        self.send_probes()?;
        while self.running.len() < self.concurrency.limit()
            && let Some(id) = self.whose_turn()
        {
            self.ready.remove(&id);
            self.ask(id, Duration::ZERO)?;
        }
        Ok(())
    }

    /// The segment to be asked for a page next.
    fn whose_turn(&self) -> Option<u64> {
        let oldest = self.ready.first().copied();
        let Some(ahead) = &self.ahead else {
            return oldest;
        };
        let (limit, flying) = (self.concurrency.limit(), self.running.len());
        let page = self.request.page.map_or(PAGE, usize::from);
        let mut nearest = ahead.nearest(limit).zip(0..);
        nearest
            .find(|(id, place)| {
                self.ready.contains(id) && ahead.admits(*place, flying, page, limit)
            })
            .map(|(id, _)| id)
            // A segment that took over the parts of others goes by their numbers.
            .or(oldest.filter(|_| self.running.is_empty()))
    }

    /// Asks for the next page of a segment, after a wait.
    fn ask(&mut self, id: u64, wait: Duration) -> Result<(), Stop> {
        let Some(segment) = self.segments.get(&id) else {
            return Ok(());
        };
        let start = segment.start();
        let started_after = matches!(start, Start::After(_));
        let prefix = self.scans.get(segment.scan).map(|scan| scan.prefix.clone());
        let mut request =
            ListRequest::flat(self.request.bucket.clone(), prefix.unwrap_or_default());
        request.max_keys = self.request.page;
        request.etags = self.request.etags;
        request.start = start;
        let window = self.concurrency.window();
        self.send(request, wait, move |page| Answer::Page {
            segment: id,
            started_after,
            page,
            window,
        })
    }

    fn send(
        &mut self,
        request: ListRequest<T::Next>,
        wait: Duration,
        answer: impl FnOnce(Result<Portion<T>, Problem>) -> Answer<T> + Send + 'static,
    ) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let (aws, meter, cancel) = (self.aws.clone(), self.meter.clone(), self.cancel.clone());
        let met_undecided = Arc::clone(&self.met_undecided);
        self.running.spawn(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            if cancel.is_cancelled() {
                let target = format!("s3://{}", request.bucket);
                return answer(Err(Problem::cancelled(T::ATTEMPT, target)));
            }
            let page = T::page(&aws, &request, &meter).await;
            if page.as_ref().is_ok_and(|page| page.undecided > 0) {
                met_undecided.store(true, Ordering::Relaxed);
            }
            answer(page)
        });
        Ok(())
    }

    fn number(&mut self) -> u64 {
        self.opened += 1;
        self.opened
    }

    async fn open(&mut self, segment: Segment<T>) -> Result<(), Stop> {
        self.tell_opened(segment.id, segment.scan, &segment.part)
            .await?;
        self.ready.insert(segment.id);
        self.segments.insert(segment.id, segment);
        Ok(())
    }

    async fn tell_opened(&mut self, id: u64, scan: usize, part: &Interval) -> Result<(), Stop> {
        let start = part
            .after
            .clone()
            .or_else(|| Some(self.scans.get(scan)?.prefix.clone()));
        self.tell(ListingUpdate::Opened {
            segment: SegmentId(id),
            start: start.unwrap_or_default(),
        })
        .await
    }

    async fn close(&mut self, segment: &Segment<T>) -> Result<(), Stop> {
        let ids = match &segment.kind {
            Kind::Again(parts) => parts.iter().map(|(id, _)| *id).collect(),
            Kind::Ordered | Kind::Chain(_) => vec![segment.id],
        };
        for id in ids {
            let segment = SegmentId(id);
            self.tell(ListingUpdate::Closed { segment }).await?;
        }
        Ok(())
    }

    async fn tell(&mut self, update: ListingUpdate<T>) -> Result<(), Stop> {
        if let Some(ahead) = &mut self.ahead {
            ahead.note(&update);
        }
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
