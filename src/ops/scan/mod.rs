//! Scans: all objects below some prefixes in columns, counted by groups while the scan runs.
//!
//! [`run`] lists with [`super::listing`] and sends [`ScanUpdate`]s: snapshots from time to time, and the final
//! [`Scan`], complete or not. Encoding keys and counting owners is CPU work, so a separate thread processes the pages
//! (`intake`). If it cannot keep up, a short bounded channel slows the listing down. A slow reader of updates does not:
//! if the channel is full, a snapshot is dropped, and the next one includes its changes.
//!
//! [`save`] and [`open`] use a file that the user chose. [`Kept`] stores one scan per place in the user's state folder.
//! [`crate::domain::columns`] describes how columns are sorted, filtered and browsed. `remaining` estimates what is
//! left.

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

/// Pages between the listing and the thread that processes them. The thread takes some milliseconds to prepare a
/// snapshot. Meanwhile a page of about 250 kB arrives for each completed request.
const PAGES_AHEAD: usize = 32;

/// The input of a scan.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// What to list, and how.
    pub listing: ListingRequest,
    /// Whether ETags are stored: sixteen bytes per object.
    pub etags: Etags,
    /// The groupings to count while it runs. Others are available from the finished scan ([`Scan::groups`]).
    pub groups: Vec<By>,
    /// The minimum interval of snapshots; 250 ms on a screen. Longer if they are slow to make.
    pub every: Duration,
}

/// An update from a scan.
#[derive(Debug, Clone)]
pub enum ScanUpdate {
    /// The objects so far.
    Snapshot(Snapshot),
    /// The end.
    Done(Finished),
}

/// The objects so far. It is cheap to make and to clone, because full columns are shared.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// All objects so far, in key order.
    pub columns: Columns,
    /// Their total.
    pub total: Tally,
    /// For each grouping, the groups that changed since the previous snapshot, with their totals.
    pub groups: Vec<Vec<(Group, Tally)>>,
    /// The progress.
    pub progress: ScanProgress,
}

/// A finished scan with its totals.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The objects, and whether they are complete.
    pub scan: Scan,
    /// For each grouping, all groups in order.
    pub groups: Vec<Vec<(Group, Tally)>>,
    /// The final progress.
    pub progress: ScanProgress,
}

/// The place that a scan covers. Bucket names are unique within AWS, so no account id is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The endpoint's URL, if it is not AWS.
    pub endpoint: Option<String>,
    /// The bucket.
    pub bucket: BucketName,
    /// The listed prefixes; an empty one means the whole bucket.
    pub prefixes: Vec<String>,
}

impl Origin {
    /// The place that a listing covers.
    #[must_use]
    pub fn of(aws: &Aws, listing: &ListingRequest) -> Self {
        Self {
            endpoint: aws.endpoint().map(str::to_owned),
            bucket: listing.bucket.clone(),
            prefixes: listing.prefixes.clone(),
        }
    }
}

/// All objects of a place at some time, as far as the coverage says.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The place.
    pub origin: Origin,
    /// When the scan started. Objects written later may be missing, and objects deleted later may be included.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// The objects.
    pub columns: Columns,
    /// Complete, or what is missing and why.
    pub coverage: Coverage,
}

impl Scan {
    /// Totals by group, in order. Takes about a microsecond per object by owner, and less by other criteria.
    #[must_use]
    pub fn groups(&self, by: By) -> Vec<(Group, Tally)> {
        let mut grouping = Grouping::new(by);
        grouping.add_all(&self.columns);
        grouping.finish()
    }
}

/// Runs a scan. It always ends with [`ScanUpdate::Done`], even if cancelled, unless the receiver is dropped.
///
/// # Panics
/// If the thread that processes pages panics, the panic is passed on to the caller.
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
