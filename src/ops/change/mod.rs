//! Changes: planned, confirmed, carried out with a journal, verified by a new listing, and recorded in a receipt.
//!
//! [`perform`] takes a plan, which may have been edited, and refuses it unless every claim in it holds today (`check`).
//! It carries out the plan wave by wave (`execute`) and records each batch before and after (`journal`, `audit`). Then
//! it surveys everything again and writes the receipt (`verify`). A change that stopped at any point is resumed with
//! [`Begin::Again`]. [`store`] manages the files.
//!
//! The plan's [`Act`](crate::domain::change::Act) says what is done. The engine does not know why it is allowed: that
//! is the task of an [`authorization`]. For a user's objects, [`make_plan`] finds everything and the obstacles to
//! deleting it ([`blockers`]), and [`purge`] carries out the plan.

pub mod annotated;
pub mod audit;
pub mod audit_log;
pub mod authorization;
pub mod batch;
pub mod blockers;
mod check;
pub mod current_state;
mod execute;
mod journal;
mod lock;
mod marker_cleanup;
pub mod operator;
mod planning;
pub mod plans;
pub mod receipt_copy;
pub mod store;
mod survey;
pub mod undo;
pub mod undoable;
pub mod unfinished;
mod user;
mod verify;
mod versioning;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Meter;
use super::registry::NoRegistry;
use crate::aws::{Aws, Problem, ProblemKind, WritePermit};
use crate::domain::ByteSize;
use crate::domain::advice::Advice;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::Plan;
use crate::domain::receipt::Receipt;

pub use planning::{
    PlanRequest, Planned, PlanningError, make_plan, new_case, not_searched, regions,
};
pub(super) use planning::{first_problem, too_many_heads};
pub use user::{PurgeRequest, judged_again, may_be_purged, purge};

use authorization::Authorization;
use store::Store;

/// Why nothing was changed, or nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A safety gate refused, before any change.
    Refused {
        /// The reason.
        why: String,
        /// What the user can do about it.
        advice: Advice,
    },
    /// A request failed, before any change.
    Problem(Problem),
    /// A file of the state folder cannot be used.
    File(String),
}

impl Failure {
    /// A refusal with advice.
    pub fn refused(why: impl Into<String>, advice: impl Into<Advice>) -> Self {
        Self::Refused {
            why: why.into(),
            advice: advice.into(),
        }
    }

    /// The same as a problem, after some changes were made.
    fn to_problem(&self) -> Problem {
        let of = |why: &str, advice: &Advice| {
            Problem::new("look again", "", ProblemKind::Invalid, why, advice)
        };
        match self {
            Self::Problem(problem) => problem.clone(),
            Self::Refused { why, advice } => of(why, advice),
            Self::File(why) => of(why, &Advice::default()),
        }
    }
}

impl From<NoRegistry> for Failure {
    /// An unreliable or unavailable list is a refusal.
    fn from(none: NoRegistry) -> Self {
        if !none.why.is_refusal() {
            return Self::Problem(none.problem);
        }
        let mut problem = none.problem;
        let advice = std::mem::take(&mut problem.advice);
        Self::refused(problem.to_string(), advice)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Limits on a single change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Number of versions, delete markers and uploads; `None` for no limit.
    pub objects: Option<u64>,
    /// Size in bytes; `None` for no limit.
    pub bytes: Option<ByteSize>,
    /// Number of HEAD requests to read owners from metadata; `None` for no limit.
    pub heads: Option<u64>,
}

/// Whether a plan is started or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It is started; a plan that was started before is refused.
    First,
    /// It is resumed.
    Again,
}

/// A plan to carry out.
pub struct ChangeRequest<'a> {
    /// The plan, which is not trusted.
    pub plan: &'a Plan,
    /// The checksum in its last line.
    pub plan_sha256: &'a str,
    /// Its file, which is removed after a complete change.
    pub plan_file: PathBuf,
    /// Today's blueprint.
    pub blueprint: &'a Blueprint,
    /// Why its items may be changed.
    pub grounds: &'a dyn Authorization,
    /// The limits.
    pub bounds: Bounds,
    /// Whether it is started or resumed.
    pub begin: Begin,
    /// Whether plan and journal are kept after a complete change.
    pub keep_plan: bool,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
    /// For tests: called at each point where a crash would leave a different state. A hook that never returns simulates
    /// a crash.
    pub at_point: Option<PointHook>,
}

/// See [`ChangeRequest::at_point`].
pub type PointHook = Arc<dyn Fn(Point) -> futures::future::BoxFuture<'static, ()> + Send + Sync>;

/// A point between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// All checks passed; nothing is recorded yet.
    Checked,
    /// A test object is in a bucket, to find out which conditions it honours.
    Probing,
    /// A batch is recorded but not sent.
    WrittenDown,
    /// The response has arrived but is not recorded.
    Answered,
    /// The response is recorded.
    Settled,
    /// The final listing is complete; there is no receipt yet.
    Verified,
    /// The receipt is written; plan and journal still exist.
    Receipted,
}

/// The progress of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Number of items to change.
    pub planned: u64,
    /// Number of items that the service reported as deleted.
    pub deleted: u64,
    /// Number of items that failed so far.
    pub failed: u64,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything was tried and verified.
    Verified(Box<Verified>),
    /// It stopped early, and can be resumed.
    Stopped(Stopped),
}

/// The results of a verified change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The receipt.
    pub receipt: Receipt,
    /// Its path.
    pub receipt_file: PathBuf,
    /// The path of the Markdown page.
    pub page_file: PathBuf,
    /// Whether plan and journal were removed.
    pub plan_removed: bool,
    /// Removed lists of delete markers from earlier soft purges of the same user, whose entries were deleted.
    pub lists_removed: Vec<PathBuf>,
    /// Other plans of the same user: those that were removed, and those that still exist.
    pub other_plans: plans::OtherPlans,
}

/// Why a change stopped, and how far it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What the service reported as deleted; not verified.
    pub progress: Progress,
    /// Number of batches without a response.
    pub in_doubt: u64,
    /// The reason.
    pub why: WhyStopped,
}

/// Why a change stopped early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyStopped {
    /// The user cancelled it.
    Interrupted,
    /// A request failed.
    Problem(Problem),
    /// A file of the state folder could not be written.
    File(String),
}

/// The resources of a change.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The connection.
    pub aws: &'a Aws,
    /// The state folder.
    pub store: &'a Store,
    /// The permission to write.
    pub permit: &'a WritePermit,
    /// Cancels after the batches in progress.
    pub stop: &'a CancellationToken,
    /// Counts requests.
    pub meter: &'a Meter,
    /// Receives progress.
    pub progress: &'a watch::Sender<Progress>,
}

/// Carries out a plan: checks it, changes the items, verifies the result and writes the receipt.
///
/// # Errors
/// [`Failure`] if nothing was changed. Later errors are [`Ended::Stopped`].
pub async fn perform(tools: Tools<'_>, request: &ChangeRequest<'_>) -> Result<Ended, Failure> {
    // Keep the lock to the end, so that no other process here changes what the check saw.
    let secret = secret(tools.store)?;
    let _lock = lock::SubjectLock::take(tools.store, &secret, &request.plan.header)?;
    let checked = check::check(tools, request, secret).await?;
    reach(request, Point::Checked).await;
    let carried = execute::carry_out(tools, request, checked).await?;
    match carried {
        execute::Carried::Stopped(stopped) => Ok(Ended::Stopped(stopped)),
        execute::Carried::All(run) => Ok(verify::settle(tools, request, *run).await),
    }
}

fn secret(store: &Store) -> Result<crate::domain::receipt::Secret, Failure> {
    store.secret().map_err(|error| {
        Failure::File(format!(
            "could not read the secret that seals receipts: {error}"
        ))
    })
}

async fn reach(request: &ChangeRequest<'_>, point: Point) {
    if let Some(hook) = &request.at_point {
        hook(point).await;
    }
}

/// The current time, to the second, for receipts and journals.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}
