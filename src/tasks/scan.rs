//! Scans for the screen: what `ops::scan` tells, made ready to be shown, and what is read out of a scan afterwards.
//!
//! The screen's thread gets no more than it can take in between two frames: the columns, which are shared, the largest
//! groups, and the owners that grew, some thousands at a time. Everything else that a place wants to know of a scan is a
//! [`Reading`](super::Reading), made on a thread of its own and dropped as soon as somebody goes elsewhere.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::runner::{Outbox, Shared};
use super::shares::{self, Aspect, Ranking, Shares};
use super::work::Update;
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::columns::group::{By, Group};
use crate::domain::columns::{Columns, Etags};
use crate::domain::{BucketName, OwnerId, Tally};
use crate::ops::listing::ListingRequest;
use crate::ops::owners::{Counts, OwnersUpdate, Unattributed};
use crate::ops::scan::{
    self, Finished, Kept, Origin, Scan, ScanProgress, ScanRequest, ScanUpdate, Snapshot,
};
use crate::ops::{Coverage, Meter};

/// How often a running scan is shown.
const EVERY: Duration = Duration::from_millis(250);

/// Snapshots that wait for the screen. One is enough: each tells all that the one before it did.
const SNAPSHOTS: usize = 1;

/// Owners in one update: they are taken in within a millisecond or two.
const OWNERS_AT_ONCE: usize = 2_048;

/// What to scan.
#[derive(Debug, Clone)]
pub(crate) struct ScanWork {
    /// In which bucket.
    pub bucket: BucketName,
    /// Everything below these; the empty one is the whole bucket.
    pub prefixes: Vec<String>,
    /// Whose everything is, where that is known.
    pub layouts: Option<Arc<BucketBlueprint>>,
}

impl ScanWork {
    /// Whether it is of the whole bucket.
    #[must_use]
    pub(crate) fn is_whole_bucket(&self) -> bool {
        self.prefixes.iter().any(String::is_empty)
    }

    /// What it is of, in the words of the Tasks screen.
    #[must_use]
    pub(crate) fn target(&self) -> String {
        match self.prefixes.as_slice() {
            [only] => format!("s3://{}/{only}", self.bucket),
            several => format!("{} prefixes of s3://{}/", several.len(), self.bucket),
        }
    }
}

/// What a scan has come to.
#[derive(Debug, Clone)]
pub(crate) struct ScanNews {
    /// All objects so far, in key order.
    pub columns: Columns,
    /// What they come to.
    pub total: Tally,
    /// How it goes on.
    pub progress: ScanProgress,
    /// Where the bytes are.
    pub shares: Arc<Shares>,
    /// How it ended, when it has.
    pub over: Option<ScanEnd>,
}

/// How a scan ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScanEnd {
    /// When it began: what was written since may be missing.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// Complete, or what is missing and why.
    pub coverage: Coverage,
}

/// Scans, and tells the screen.
pub(super) async fn scan(
    aws: Aws,
    work: ScanWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let mut listing = ListingRequest::of_prefixes(work.bucket.clone(), work.prefixes.clone());
    listing.in_flight = shared.limits().in_flight;
    let below = match work.prefixes.as_slice() {
        [only] => only.as_str(),
        _ => "",
    };
    let aspects = shares::aspects(work.layouts.as_deref(), below, Utc::now());
    let (aspects, groups): (Vec<Aspect>, Vec<By>) = aspects.into_iter().unzip();
    let request = ScanRequest {
        listing,
        etags: Etags::Leave,
        groups,
        every: EVERY,
    };
    let (updates, mut inbox) = mpsc::channel(SNAPSHOTS);
    let running = scan::run(aws, request, token, meter.clone(), updates);
    let telling = async {
        let mut teller = Teller::new(aspects, work.is_whole_bucket());
        let mut scan = None;
        while let Some(update) = inbox.recv().await {
            scan = teller.tell(update, out).await;
        }
        scan
    };
    let ((), scan) = futures::join!(running, telling);
    match (scan, shared.kept()) {
        (Some(scan), Some(kept)) => keep(scan, kept).await,
        _ => Ok(()),
    }
}

/// Keeps a scan for the next time. Nothing is lost when that fails but the next time.
async fn keep(scan: Scan, kept: Kept) -> Result<(), Problem> {
    if scan.columns.is_empty() && !scan.coverage.is_complete() {
        return Ok(());
    }
    let bucket = scan.origin.bucket.clone();
    let saved = on_a_thread(move || kept.save(&scan)).await?;
    saved.map_err(|why| {
        Problem::new(
            "keep the scan of",
            format!("s3://{bucket}/"),
            ProblemKind::Other,
            &why.to_string(),
            advice!(
                "it is there until the console ends; see to the state folder's rights and room"
            ),
        )
    })
}

/// Opens the scan of an earlier session, of the first of some places of which there is one.
pub(super) async fn open_kept(
    aws: &Aws,
    bucket: BucketName,
    places: Vec<Vec<String>>,
    kept: Option<Kept>,
    out: &Outbox,
) -> Result<(), Problem> {
    let Some(kept) = kept else { return Ok(()) };
    let origins: Vec<Origin> = places
        .into_iter()
        .map(|prefixes| ListingRequest::of_prefixes(bucket.clone(), prefixes))
        .map(|listing| Origin::of(aws, &listing))
        .collect();
    let opening = move || {
        // A file that cannot be read is as good as none: the place can be scanned again, and then it is replaced.
        let mut found = origins.iter().filter_map(|of| match kept.latest(of) {
            Ok(scan) => scan,
            Err(why) => {
                tracing::warn!(%why, "a kept scan could not be opened");
                None
            }
        });
        found.next()
    };
    if let Some(scan) = on_a_thread(opening).await? {
        out.send(Update::Kept(Box::new(scan))).await;
    }
    Ok(())
}

/// Turns what a scan tells into what the screen takes in.
struct Teller {
    rankings: Vec<(Aspect, Ranking)>,
    /// Whether the counts of owners are of all that they have here.
    tells_owners: bool,
}

impl Teller {
    fn new(aspects: Vec<Aspect>, tells_owners: bool) -> Self {
        let ranking = |aspect| (aspect, Ranking::default());
        Self {
            rankings: aspects.into_iter().map(ranking).collect(),
            tells_owners,
        }
    }

    /// Tells the screen; gives the scan when it is over.
    async fn tell(&mut self, update: ScanUpdate, out: &Outbox) -> Option<Scan> {
        let (columns, total, progress, groups, scan) = match update {
            ScanUpdate::Snapshot(Snapshot {
                columns,
                total,
                groups,
                progress,
            }) => (columns, total, progress, groups, None),
            ScanUpdate::Done(Finished {
                scan,
                groups,
                progress,
            }) => {
                let total = scan.columns.total();
                (scan.columns.clone(), total, progress, groups, Some(scan))
            }
        };
        let over = scan.as_ref().map(|scan| ScanEnd {
            started: scan.started,
            finished: scan.finished,
            coverage: scan.coverage.clone(),
        });
        let owners = self.take(groups);
        for counts in batches(owners, |group| self.of_all(group), total) {
            out.send(Update::Owners(OwnersUpdate::Counted(counts)))
                .await;
        }
        let of = self
            .rankings
            .iter()
            .map(|(aspect, ranking)| ranking.share(*aspect));
        let news = ScanNews {
            columns,
            total,
            progress,
            shares: Arc::new(Shares {
                total,
                of: of.collect(),
            }),
            over,
        };
        out.send(Update::Scan(Box::new(news))).await;
        scan
    }

    /// Takes the groups in, and gives the owners that are not as they were.
    fn take(&mut self, groups: Vec<Vec<(Group, Tally)>>) -> Vec<(OwnerId, Tally)> {
        let mut owners = Vec::new();
        for ((aspect, ranking), changes) in self.rankings.iter_mut().zip(groups) {
            if *aspect == Aspect::Owner && self.tells_owners {
                owners = changes
                    .iter()
                    .filter(|(group, tally)| ranking.get(group) != *tally)
                    .filter_map(|(group, tally)| match group {
                        Group::Owner(owner) => Some((owner.clone(), *tally)),
                        _ => None,
                    })
                    .collect();
            }
            ranking.take(changes);
        }
        owners
    }

    fn of_all(&self, group: &Group) -> Tally {
        let owners = self
            .rankings
            .iter()
            .find(|(aspect, _)| *aspect == Aspect::Owner);
        owners.map_or_else(Tally::default, |(_, ranking)| ranking.get(group))
    }
}

/// Owners in pieces that the screen takes in at once.
pub(super) fn batches(
    owners: Vec<(OwnerId, Tally)>,
    of_all: impl Fn(&Group) -> Tally,
    total: Tally,
) -> Vec<Counts> {
    let unattributed = Unattributed::of(of_all);
    let mut owners = owners.into_iter().peekable();
    let mut batches = Vec::new();
    while owners.peek().is_some() {
        batches.push(Counts {
            owners: owners.by_ref().take(OWNERS_AT_ONCE).collect(),
            total,
            unattributed,
        });
    }
    batches
}

/// A panic goes on from here as if it had happened here, to where all panics of jobs are taken care of.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|ended| match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cancelled) => Problem::new(
                "look through the rows",
                "",
                ProblemKind::Cancelled,
                &cancelled.to_string(),
                advice!("try it again"),
            ),
        })
}
