//! Finds orphaned media: reads the lists of active users and keys, lists the buckets completely, joins both, and
//! applies the safety gates.
//!
//! [`run`] does all of this in that order and sends [`OrphansUpdate`]s. The lists are read first, so that objects
//! written during the listing are newer than the lists and never orphans. [`crate::domain::orphans`] has the rules.
//!
//! Inside: `search` (the sequence of steps), `which` (the buckets to list), `listed` (one bucket), `heads` (owners from
//! metadata), `report` (the result).

mod heads;
mod listed;
mod progress;
mod report;
mod search;
mod which;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::progress::SearchProgress;
use self::search::Search;
use crate::aws::{Aws, Meter};
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, ReferenceList};
use crate::domain::orphans::Kinds;
use crate::domain::orphans::gates::Limits;
use crate::domain::registry::{Purpose, Subject};

pub use report::Report;
pub(crate) use report::{BucketReport, Ended, NotJudged, RegistryFacts};
pub(crate) use which::{judgeable, lists_of};

/// The input of a search for orphans.
#[derive(Debug, Clone)]
pub struct OrphansRequest {
    /// The blueprint.
    pub blueprint: Blueprint,
    /// The buckets; if empty, all buckets of the blueprint that have layouts. Buckets outside the blueprint are
    /// skipped: the caller must check.
    pub buckets: Vec<BucketName>,
    /// The list of active owners.
    pub owners: Option<ReferenceList>,
    /// The list of active keys.
    pub keys: Option<ReferenceList>,
    /// The kinds to look for; `None` for all that the lists and the permissions allow.
    pub kinds: Option<Kinds>,
    /// The thresholds of the gates.
    pub limits: Limits,
    /// Whether a change will be based on the result.
    pub purpose: Purpose,
    /// The maximum number of concurrent requests, at least 1.
    pub jobs: usize,
    /// The user's state folder with the previous sizes of the lists; without one, sizes are not compared.
    pub state: Option<PathBuf>,
    /// The interval of progress updates; 250 ms on a screen.
    pub every: Duration,
}

/// An update from a search.
#[derive(Debug, Clone)]
pub enum OrphansUpdate {
    /// How far it is.
    Progress(Progress),
    /// The end.
    Done(Box<Report>),
}

/// The progress of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The current step.
    pub stage: Stage,
    /// Requests so far, including retries.
    pub requests: u64,
    /// Retries so far.
    pub retries: u64,
    /// Time since the start.
    pub elapsed: Duration,
}

/// A step of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A list is being read.
    Reading {
        /// Owners or keys.
        subject: Subject,
        /// Rows so far.
        rows: u64,
    },
    /// A bucket is being listed.
    Listing {
        /// The bucket.
        bucket: BucketName,
        /// The type of items.
        what: What,
        /// Items so far.
        items: u64,
        /// The number of this bucket, from 1.
        number: usize,
        /// The number of buckets.
        of: usize,
    },
    /// Owners are being read from metadata.
    Asking {
        /// Objects so far.
        objects: u64,
        /// The number of objects.
        of: u64,
    },
    /// Objects and lists are being joined.
    Joining {
        /// The number of objects.
        objects: u64,
    },
}

/// The type of listed items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Current objects.
    Objects,
    /// All versions and delete markers.
    Versions,
    /// Incomplete uploads.
    Uploads,
}

impl What {
    /// Its plural.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Versions => "versions",
            Self::Uploads => "uploads",
        }
    }
}

/// Searches for orphans. It always ends with [`OrphansUpdate::Done`], even if cancelled, unless the receiver is
/// dropped. It changes nothing, except that it records the sizes of the lists.
///
/// # Panics
/// If a thread that processes listings or joins panics, the panic is passed on to the caller.
pub async fn run(
    aws: Aws,
    request: OrphansRequest,
    cancel: CancellationToken,
    meter: Meter,
    updates: Sender<OrphansUpdate>,
) {
    let every = request.every.max(Duration::from_millis(10));
    let progress = Arc::new(SearchProgress::new(meter.clone()));
    let search = Search {
        aws,
        request,
        cancel,
        meter,
        progress: Arc::clone(&progress),
    };
    let telling = async {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // If the channel is full, the next update replaces this one.
            if let Some(progress) = progress.progress() {
                let _ = updates.try_send(OrphansUpdate::Progress(progress));
            }
        }
    };
    let report = tokio::select! {
        report = search.run() => report,
        () = telling => return,
        () = updates.closed() => return,
    };
    // If the receiver is gone, there is nobody to inform.
    let _ = updates.send(OrphansUpdate::Done(Box::new(report))).await;
}
