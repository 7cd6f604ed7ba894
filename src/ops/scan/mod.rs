//! A scan: every object below some prefixes in columns, counted by groups while it runs.
//!
//! [`run`] lists through [`super::listing`] and sends [`ScanUpdate`]s: snapshots now and then, and the [`Scan`] when it
//! is over, complete or not. Coding keys and counting owners is work for a processor, not for the runtime: a thread of
//! its own takes the pages in (`intake`), and a short bounded channel before it slows the listing when it cannot keep up.
//! A slow reader of the updates does not: a snapshot that finds no place in the channel is left out, and the next one
//! tells what it would have told.
//!
//! [`save`] and [`open`] keep a scan in a file that somebody named, [`Kept`] in the user's state folder, one a place.
//! [`crate::domain::columns`] explains how the columns are sorted, filtered and browsed. `remaining` estimates what is left.

mod file;
mod intake;
mod progress;
mod remaining;
mod saved_scans;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Sender};
use tokio_util::sync::CancellationToken;

use self::intake::Intake;
use super::Coverage;
use super::listing::{self, ListingRequest};
use crate::aws::{Aws, Meter};
use crate::domain::columns::group::{By, Group, Grouping};
use crate::domain::columns::{Columns, Etags};
use crate::domain::{BucketName, Tally};

pub use file::{OpenError, Overwrite, SaveError, WhyNotSaved, may_save, open, save};
pub use progress::ScanProgress;
pub use remaining::Left;
pub use saved_scans::Kept;

/// Pages between the listing and the thread that takes them in. It sorts chunks into a snapshot for some milliseconds
/// at a time; meanwhile as many pages arrive as there are requests answered, and each is about 250 kB.
const PAGES_AHEAD: usize = 32;

/// What to scan, and what to tell meanwhile.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// What to list, and how.
    pub listing: ListingRequest,
    /// Whether entity tags are kept: sixteen bytes an object.
    pub etags: Etags,
    /// What to count by while it runs. More can be asked of the finished scan ([`Scan::groups`]).
    pub groups: Vec<By>,
    /// How often a snapshot is told at most; on a screen 250 ms. Rarer where making one takes long.
    pub every: Duration,
}

/// What a scan tells.
#[derive(Debug, Clone)]
pub enum ScanUpdate {
    /// What there is so far.
    Snapshot(Snapshot),
    /// The end.
    Done(Finished),
}

/// What there is so far. Cheap to make and to clone: what is finished of the columns is shared.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// All objects so far, in key order.
    pub columns: Columns,
    /// What they come to.
    pub total: Tally,
    /// For each grouping that was asked for, the groups that grew since the snapshot before and what they come to now.
    pub groups: Vec<Vec<(Group, Tally)>>,
    /// How it goes on.
    pub progress: ScanProgress,
}

/// A scan that is over, and what was counted meanwhile.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The objects, and whether they are all.
    pub scan: Scan,
    /// For each grouping that was asked for all its groups, in their order.
    pub groups: Vec<Vec<(Group, Tally)>>,
    /// What it took.
    pub progress: ScanProgress,
}

/// What a scan is of. Names of buckets are unique within AWS, so that no account is needed to tell two apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The endpoint's URL, where it is not AWS's.
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: BucketName,
    /// The prefixes that were listed; the empty one is the whole bucket.
    pub prefixes: Vec<String>,
}

impl Origin {
    /// What a listing through this connection is of.
    #[must_use]
    pub fn of(aws: &Aws, listing: &ListingRequest) -> Self {
        Self {
            endpoint: aws.endpoint().map(str::to_owned),
            bucket: listing.bucket.clone(),
            prefixes: listing.prefixes.clone(),
        }
    }
}

/// Every object that was there, as far as it says, with the time that it is true of.
#[derive(Debug, Clone)]
pub struct Scan {
    /// What it is of.
    pub origin: Origin,
    /// When it began: what was written later may be missing, what was deleted later may be in it.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// The objects.
    pub columns: Columns,
    /// Complete, or what is missing and why.
    pub coverage: Coverage,
}

impl Scan {
    /// Counts by groups, in the order of the groups; about a microsecond an object by owner, less by anything else.
    #[must_use]
    pub fn groups(&self, by: By) -> Vec<(Group, Tally)> {
        let mut grouping = Grouping::new(by);
        grouping.add_all(&self.columns);
        grouping.finish()
    }
}

/// Scans. Ends with [`ScanUpdate::Done`] in every case, cancelled or not, unless the receiver is gone.
///
/// # Panics
/// When the thread that takes pages in does: the panic goes on here, so that whoever runs the task learns of it.
pub async fn run(
    aws: Aws,
    request: ScanRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<ScanUpdate>,
) {
    let origin = Origin::of(&aws, &request.listing);
    let (pages, arriving) = mpsc::channel(PAGES_AHEAD);
    let listed = ListingRequest {
        etags: request.etags == Etags::Keep,
        ..request.listing.clone()
    };
    let listing = listing::objects(aws, listed, cancel, meter.clone(), pages);
    let intake = Intake::new(origin, request, meter);
    let runtime = Handle::current();
    let intake = tokio::task::spawn_blocking(move || intake.run(&runtime, arriving, &updates));
    let ((), taken_in) = tokio::join!(listing, intake);
    if let Err(failed) = taken_in
        && let Ok(panic) = failed.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
