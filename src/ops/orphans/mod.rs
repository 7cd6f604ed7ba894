//! Orphaned media: the lists of what is alive are read, the buckets listed whole, the two joined, and the result held
//! against the gates.
//!
//! [`run`] does all of it in that order and sends [`OrphansUpdate`]s. The lists come first: what is written while the
//! bucket is listed is then younger than they are, and nobody's orphan. What is judged, and by which rules, is told in
//! [`crate::domain::orphans`].
//!
//! Inside: `search` (the order of things), `which` (the buckets that have to be listed), `listed` (one bucket, whole), `heads` (objects that tell their owners themselves), `report` (what comes of it).

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

/// What to look for, where, and by whose word.
#[derive(Debug, Clone)]
pub struct OrphansRequest {
    /// Whose objects are whose.
    pub blueprint: Blueprint,
    /// The buckets; when none is named, all of the blueprint that have layouts. Those that are no part of the blueprint
    /// are left out: look before.
    pub buckets: Vec<BucketName>,
    /// The list of living owners.
    pub owners: Option<ReferenceList>,
    /// The list of living keys.
    pub keys: Option<ReferenceList>,
    /// What to look for; `None` for whatever the lists and the permissions allow.
    pub kinds: Option<Kinds>,
    /// Where the gates stand.
    pub limits: Limits,
    /// Whether something is to be changed by what is found.
    pub purpose: Purpose,
    /// Requests in flight, at least 1.
    pub jobs: usize,
    /// The user's state folder, where it is kept how long the lists were; without one that is not compared.
    pub state: Option<PathBuf>,
    /// How often progress is told; on a screen 250 ms.
    pub every: Duration,
}

/// What a search tells.
#[derive(Debug, Clone)]
pub enum OrphansUpdate {
    /// How far it is.
    Progress(Progress),
    /// The end.
    Done(Box<Report>),
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// Requests sent so far, retries among them.
    pub requests: u64,
    /// Requests that repeated one that had failed.
    pub retries: u64,
    /// Since it began.
    pub elapsed: Duration,
}

/// What a search is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A list is read.
    Reading {
        /// Which.
        subject: Subject,
        /// Rows so far.
        rows: u64,
    },
    /// A bucket is listed.
    Listing {
        /// Which.
        bucket: BucketName,
        /// What of it.
        what: What,
        /// How many so far.
        items: u64,
        /// The how manieth it is, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// Objects are asked one by one whose they are.
    Asking {
        /// How many were so far.
        objects: u64,
        /// Of how many.
        of: u64,
    },
    /// Objects and lists are brought together.
    Joining {
        /// How many objects.
        objects: u64,
    },
}

/// What is listed of a bucket.
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
    /// Several of them, in a word.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Versions => "versions",
            Self::Uploads => "uploads",
        }
    }
}

/// Looks for orphans. Ends with [`OrphansUpdate::Done`] in every case, cancelled or not, unless the receiver is gone.
/// Nothing is changed, but for the note of how long the lists were.
///
/// # Panics
/// When the thread that takes listings in or joins does: the panic goes on here, so that whoever runs the task learns of
/// it.
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
            // One that finds no place is told by the next.
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
    // Nobody is there to be told that nobody is there.
    let _ = updates.send(OrphansUpdate::Done(Box::new(report))).await;
}
