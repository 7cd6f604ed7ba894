//! The smoke test: looking at a bucket, testing it, and removing what earlier tests left.

use std::fmt;
use std::path::PathBuf;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::runner::{Outbox, Shared};
use super::scan::on_a_thread;
use super::work::Update;
use crate::aws::{Aws, Problem, ProblemKind, WritePermit};
use crate::domain::BucketName;
use crate::domain::advice::{Action, advice};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::ops::Meter;
use crate::ops::smoke::{self, Event, Options, Plan, Refusal, Removed};

/// Events that may wait for the screen: a screen that is slow holds the test up rather than the other way round.
const WAITING: usize = 4;

/// Which bucket, and by which rules.
#[derive(Debug, Clone)]
pub(crate) struct SmokeTarget {
    pub bucket: BucketName,
    /// What is known of the application.
    pub blueprint: Option<Blueprint>,
    /// Whether test objects may set off what the bucket tells of new objects.
    pub allow_events: bool,
}

/// A plan on its way to the screen and back.
pub(crate) struct SmokePlan(pub Plan);

impl fmt::Debug for SmokePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmokePlan")
            .field("run", &self.0.run)
            .finish_non_exhaustive()
    }
}

/// What looking at a bucket has shown.
#[derive(Debug)]
pub(crate) struct SmokeLook {
    /// A plan, or what stands against testing there.
    pub plan: Result<Box<SmokePlan>, Refusal>,
    /// What earlier tests left, in words; nothing when they left nothing.
    pub left: Result<Option<String>, Problem>,
}

/// What a smoke test says.
#[derive(Debug)]
pub(crate) enum SmokeNews {
    /// The bucket was looked at.
    Looked(Box<SmokeLook>),
    /// A check begins or ended.
    Check(Event),
    /// What earlier tests left was removed.
    CleanedUp(Removed),
}

impl SmokeTarget {
    fn known(&self) -> BucketBlueprint {
        let known = self.blueprint.as_ref().and_then(|b| b.bucket(&self.bucket));
        known
            .cloned()
            .unwrap_or_else(|| BucketBlueprint::unknown(self.bucket.clone()))
    }
}

fn state_folder(shared: &Shared) -> Result<PathBuf, Problem> {
    shared.state().map_or_else(
        || {
            Err(Problem::new(
                "keep a journal of test objects",
                "",
                ProblemKind::Configuration,
                "there is no home folder",
                advice!("set HOME, or XDG_STATE_HOME"),
            ))
        },
        |folder| Ok(folder.to_owned()),
    )
}

fn permit(shared: &Shared, target: &BucketName) -> Result<WritePermit, Problem> {
    shared.write().permit().ok_or_else(|| {
        Problem::new(
            "test",
            format!("s3://{target}/"),
            ProblemKind::ReadOnly,
            "a smoke test creates objects and removes them again, and the program is read-only",
            Action::AllowChanges,
        )
    })
}

/// Looks at a bucket. Reads alone.
pub(super) async fn look(
    aws: &Aws,
    target: SmokeTarget,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    let state = state_folder(shared)?;
    let known = target.known();
    let left = smoke::leftovers::find(aws, &known, &state, meter).await;
    let left = left.map(|left| (!left.is_empty()).then(|| left.words()));
    let options = Options {
        allow_events: target.allow_events,
        ..Options::new(state)
    };
    let blueprint = target.blueprint.as_ref();
    let plan = smoke::plan(aws, &target.bucket, blueprint, options, meter).await;
    let look = SmokeLook {
        plan: plan.map(|plan| Box::new(SmokePlan(plan))),
        left,
    };
    out.send(Update::Smoke(SmokeNews::Looked(Box::new(look))))
        .await;
    Ok(())
}

/// Carries a plan out. It is not dropped when it is cancelled: it ends by itself, and removes what it created.
pub(super) async fn test(
    aws: Aws,
    plan: Box<SmokePlan>,
    shared: &Shared,
    meter: Meter,
    out: Outbox,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let permit = permit(shared, &plan.0.bucket.name)?;
    let runtime = Handle::current();
    // On a thread of its own: it signs and compares megabytes between its requests.
    let test = move || {
        runtime.block_on(async {
            let (events, mut arriving) = mpsc::channel(WAITING);
            let testing = smoke::run(&aws, &plan.0, &permit, events, &stop, &meter);
            let passing_on = async {
                while let Some(event) = arriving.recv().await {
                    out.send(Update::Smoke(SmokeNews::Check(event))).await;
                }
            };
            let (report, ()) = futures::join!(testing, passing_on);
            report.map(|_| ())
        })
    };
    on_a_thread(test).await?
}

/// Removes what earlier tests left. It is looked for once more: what is removed is what is there now.
pub(super) async fn clean_up(
    aws: &Aws,
    target: SmokeTarget,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    let permit = permit(shared, &target.bucket)?;
    let state = state_folder(shared)?;
    let left = smoke::leftovers::find(aws, &target.known(), &state, meter).await?;
    let removed = smoke::leftovers::remove_all(aws, left, &permit, meter).await;
    out.send(Update::Smoke(SmokeNews::CleanedUp(removed))).await;
    Ok(())
}
