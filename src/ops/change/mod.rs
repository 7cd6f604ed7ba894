//! Changes that are planned, confirmed, carried out under a journal, listed again and receipted.
//!
//! [`perform`] takes a plan, from a moment ago or from a file that anybody may have touched, and refuses it unless every
//! claim in it holds today (`check`); then it acts wave by wave (`execute`), each batch written down before and after
//! (`journal`, `audit`), looks at everything again, and writes the receipt (`verify`). What was stopped at any point goes
//! on where it was: [`Begin::Again`]. [`store`] keeps the files.
//!
//! What is done is the plan's [`Act`](crate::domain::change::Act). Why it may be done to these items is not the engine's
//! to know: [`authorization`] is the seam. For a user's things [`make_plan`] finds everything and says what stands against
//! deleting it ([`blockers`]), and [`purge`] carries the plan out.

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
    /// A safety gate said no, before anything was changed.
    Refused {
        /// What speaks against it.
        why: String,
        /// What to do about it.
        advice: Advice,
    },
    /// A request failed, before anything was changed.
    Problem(Problem),
    /// A file of the state folder cannot be used.
    File(String),
}

impl Failure {
    /// No, and what to do about it.
    pub fn refused(why: impl Into<String>, advice: impl Into<Advice>) -> Self {
        Self::Refused {
            why: why.into(),
            advice: advice.into(),
        }
    }

    /// The same where changes were made already.
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
    /// A list that cannot be relied on, or had, is a refusal.
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

/// The most that may be deleted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Versions, markers and uploads; `None` for any number.
    pub objects: Option<u64>,
    /// Bytes; `None` for any size.
    pub bytes: Option<ByteSize>,
    /// Objects that are asked one by one for an owner who stands in their metadata; `None` for any number.
    pub heads: Option<u64>,
}

/// Whether a plan is carried out for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It is: one that was begun before is refused.
    First,
    /// It was begun before, and goes on.
    Again,
}

/// A plan that is to be carried out.
pub struct ChangeRequest<'a> {
    /// The plan. Nothing in it is believed.
    pub plan: &'a Plan,
    /// The checksum in its last line.
    pub plan_sha256: &'a str,
    /// Where it was read from or written to; it goes when everything is done.
    pub plan_file: PathBuf,
    /// Today's rules.
    pub blueprint: &'a Blueprint,
    /// Why its items may be acted on.
    pub grounds: &'a dyn Authorization,
    /// The most that may be acted on.
    pub bounds: Bounds,
    /// Whether it goes on.
    pub begin: Begin,
    /// Whether plan and journal stay when everything is done.
    pub keep_plan: bool,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
    /// Called at each point where a crash leaves another state behind; for tests. One that never ends is a crash.
    pub at_point: Option<PointHook>,
}

/// See [`ChangeRequest::at_point`].
pub type PointHook = Arc<dyn Fn(Point) -> futures::future::BoxFuture<'static, ()> + Send + Sync>;

/// A point between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// Everything was checked; nothing is written down.
    Checked,
    /// An object of our own is in a bucket, to learn whether conditions are heeded there.
    Probing,
    /// A batch is written down and not sent.
    WrittenDown,
    /// A batch is answered, and the answer is not written down.
    Answered,
    /// The answer is written down.
    Settled,
    /// Everything was listed again; there is no receipt.
    Verified,
    /// The receipt is written; plan and journal are still there.
    Receipted,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Things to delete.
    pub planned: u64,
    /// Things that the service says are deleted.
    pub deleted: u64,
    /// Things that could not be deleted so far.
    pub failed: u64,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything was tried and listed again.
    Verified(Box<Verified>),
    /// It stopped on the way, and can go on.
    Stopped(Stopped),
}

/// What is left to show for a purge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The receipt.
    pub receipt: Receipt,
    /// Where it is.
    pub receipt_file: PathBuf,
    /// Where the page is.
    pub page_file: PathBuf,
    /// Whether plan and journal are gone.
    pub plan_removed: bool,
    /// Lists of earlier soft purges of the same user that were removed: what they name was deleted.
    pub lists_removed: Vec<PathBuf>,
    /// Other plans of the same user: those of this folder that went as well, and those that are still somewhere.
    pub other_plans: plans::OtherPlans,
}

/// Why it stopped, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What the service said is deleted, and nobody has listed again.
    pub progress: Progress,
    /// Batches that were sent and not answered.
    pub in_doubt: u64,
    /// Why.
    pub why: WhyStopped,
}

/// Why a purge stopped on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyStopped {
    /// The user wanted it.
    Interrupted,
    /// A request failed.
    Problem(Problem),
    /// A file of the state folder could not be written.
    File(String),
}

/// What a purge works with, beside what it is to do.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The connection.
    pub aws: &'a Aws,
    /// The files.
    pub store: &'a Store,
    /// Allows the changes.
    pub permit: &'a WritePermit,
    /// Stops after the batches under way.
    pub stop: &'a CancellationToken,
    /// Counts requests.
    pub meter: &'a Meter,
    /// Told how far it came.
    pub progress: &'a watch::Sender<Progress>,
}

/// Carries out a plan: checks it, acts, looks again, and writes the receipt.
///
/// # Errors
/// [`Failure`] when nothing was changed. What goes wrong later is [`Ended::Stopped`].
pub async fn perform(tools: Tools<'_>, request: &ChangeRequest<'_>) -> Result<Ended, Failure> {
    // Held to the end: what the check sees, nobody else takes away from here meanwhile.
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

/// The secret that seals receipts.
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

/// The time, to the second: what a receipt and a journal tell.
fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}
