//! Many users at once, from a file of erasure requests or a plan over them that was made before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::carry::telling;
use super::{PurgeNews, PurgeStage, store, tell};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::S3Uri;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::Blueprint;
use crate::domain::orphans::Limits;
use crate::domain::registry::{Purpose, Requirements};
use crate::ops::Meter;
use crate::ops::change::batch::{
    self, Batch, BatchEnd, BatchRequest, BatchRun, BatchUser, UserEnd,
};
use crate::ops::change::{Bounds, Failure, Progress, Tools};
use crate::ops::change::{annotated, receipt_copy};
use crate::ops::find::Lists;
use crate::tasks::runner::{Outbox, Shared};
use crate::tasks::work::Update;

/// A file that is to be planned for: requests, or a plan over many users.
#[derive(Debug, Clone)]
pub(crate) struct BatchSearch {
    pub file: PathBuf,
    /// Whose objects are whose.
    pub blueprint: Blueprint,
    /// What is asked of the application's lists: as the form of the Orphans screen has it.
    pub lists: Requirements,
}

/// A plan over many users as the screen shows it.
#[derive(Debug)]
pub(crate) struct BatchPlan {
    /// The plan.
    pub batch: Batch,
    /// Where it is.
    pub file: PathBuf,
    /// The rules that it was made by.
    pub blueprint: Blueprint,
    /// What no layout explains, and was not searched, in sentences; none where the plan was not made just now.
    pub unexplained: Vec<String>,
}

/// A plan over many users that is to be carried out.
#[derive(Debug, Clone)]
pub(crate) struct BatchWork {
    pub plan: Arc<BatchPlan>,
    /// What was typed.
    pub confirmed: String,
    /// What is asked of the application's lists: as the form of the Orphans screen has it.
    pub lists: Requirements,
    /// Whether plans and journals stay when everything is gone.
    pub keep_plan: bool,
    /// The most that may be deleted, of all users together.
    pub bounds: Bounds,
    /// Whether the receipts hold the users' ids as they were given.
    pub subject_as_given: bool,
    /// The folder that copies of the receipts go to.
    pub receipt_to: Option<S3Uri>,
}

/// What is said of many users.
#[derive(Debug)]
pub(crate) enum BatchNews {
    /// A user is planned for.
    User(BatchUser),
    /// There is a plan.
    Planned(Arc<BatchPlan>),
    /// A user is done.
    Done(UserEnd),
    /// It has ended; a failure is one before anything was changed.
    Ended {
        /// How.
        ended: Arc<Result<BatchEnd, Failure>>,
        /// Copies of receipts that could not be stored, and why.
        no_copies: Vec<String>,
    },
}

fn problem(what: &str, file: &std::path::Path, why: &str, advice: impl Into<Advice>) -> Problem {
    let target = file.display().to_string();
    Problem::new(what, target, ProblemKind::Invalid, why, advice)
}

fn lists(
    blueprint: &Blueprint,
    purpose: Purpose,
    requirements: Requirements,
    shared: &Shared,
) -> Lists {
    let state = shared.state().map(Path::to_owned);
    Lists::of(blueprint, purpose, requirements, state)
}

/// Makes a plan over all requests of a file, or reads one. Changes nothing in any bucket.
pub(super) async fn plan(
    aws: &Aws,
    work: BatchSearch,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let store = store(shared)?;
    tell(out, PurgeStage::Reading).await;
    let before = batch::read(&store, &work.file).unwrap_or_default();
    let (batch, file, unexplained) = if let Some(batch) = before {
        (batch, work.file, Vec::new())
    } else {
        let advice = advice!("put the file right; nothing was touched");
        let requests = batch::read_requests(&work.file)
            .map_err(|why| problem("read the requests", &work.file, &why, advice))?;
        tell(out, PurgeStage::Searching).await;
        let request = BatchRequest {
            blueprint: work.blueprint.clone(),
            requests,
            lists: lists(&work.blueprint, Purpose::Look, work.lists, shared),
            max_heads: Limits::default().heads,
            max_annotated: annotated::ASKED,
            in_flight: shared.limits().in_flight,
        };
        let (users, mut planned) = tokio::sync::mpsc::unbounded_channel();
        let making = async {
            // The sender goes with the block, which ends the telling.
            let told = move |user: &BatchUser| drop(users.send(user.clone()));
            Box::pin(batch::make((aws, &store), &request, &token, meter, told)).await
        };
        let telling = async {
            while let Some(user) = planned.recv().await {
                news(out, BatchNews::User(user)).await;
            }
        };
        let (made, ()) = futures::join!(making, telling);
        let made = made.map_err(|error| match Failure::from(error) {
            Failure::Problem(problem) => problem,
            Failure::Refused { why, advice } => {
                let advice = advice.then(advice!("nothing was touched"));
                problem("make a plan for", &work.file, &why, advice)
            }
            Failure::File(why) => problem("make a plan for", &work.file, &why, Advice::default()),
        })?;
        let file = store.batch_file(&made.batch.batch);
        let written = batch::write(&made.batch, &file);
        written
            .map_err(|why| problem("write the plan", &file, &why.to_string(), Advice::default()))?;
        let unexplained = made.unexplained.iter();
        let unexplained = unexplained.map(|(bucket, one)| one.words(bucket));
        (made.batch, file, unexplained.collect())
    };
    let plan = BatchPlan {
        batch,
        file,
        blueprint: work.blueprint,
        unexplained,
    };
    news(out, BatchNews::Planned(Arc::new(plan))).await;
    Ok(())
}

/// Carries a plan over many users out, or goes on with one. It stops by itself after the batches under way.
pub(super) async fn carry_out(
    aws: &Aws,
    work: BatchWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let plan = &work.plan;
    let refused = |why: &str, advice: Advice| problem("purge by", &plan.file, why, advice);
    let permit = shared.write().permit().ok_or_else(|| {
        refused(
            "the program is read-only",
            Advice::from(Action::AllowChanges).then(advice!("nothing was touched")),
        )
    })?;
    // The screen has compared them, too. What deletes does not rely on that.
    if work.confirmed != plan.batch.confirmation() {
        let advice = advice!("type it exactly; nothing was touched");
        return Err(refused("something else was typed", advice));
    }
    let store = store(shared)?;
    let run = BatchRun {
        batch: &plan.batch,
        file: plan.file.clone(),
        blueprint: &plan.blueprint,
        lists: lists(&plan.blueprint, Purpose::Act, work.lists, shared),
        bounds: work.bounds,
        subject_as_given: work.subject_as_given,
        keep_plan: work.keep_plan,
        in_flight: shared.limits().in_flight,
        at_point: None,
    };
    let (sender, receiver) = watch::channel(Progress::default());
    let (users, mut done) = tokio::sync::mpsc::unbounded_channel();
    let (store, permit, stop, run) = (&store, &permit, &stop, &run);
    let purging = async move {
        let tools = Tools {
            aws,
            store,
            permit,
            stop,
            meter,
            progress: &sender,
        };
        // The senders go with the block, which ends the telling.
        let told = move |user: &UserEnd| drop(users.send(user.clone()));
        Box::pin(batch::run(tools, run, told)).await
    };
    let naming = async {
        while let Some(user) = done.recv().await {
            news(out, BatchNews::Done(user)).await;
        }
    };
    let (ended, (), ()) = futures::join!(purging, telling(out, receiver), naming);
    let mut no_copies = Vec::new();
    if let (Ok(end), Some(to)) = (&ended, &work.receipt_to) {
        for (receipt, file) in &end.receipts {
            let copying = async {
                let place = receipt_copy::place(to, &plan.blueprint, &receipt.case)?;
                receipt_copy::copy((aws, store), &place, receipt, permit, meter).await
            };
            if let Err(why) = copying.await {
                let why = super::carry::no_copy(why);
                no_copies.push(format!("{}: {why}", file.display()));
            }
        }
    }
    let ended = BatchNews::Ended {
        ended: Arc::new(ended),
        no_copies,
    };
    news(out, ended).await;
    Ok(())
}

async fn news(out: &Outbox, news: BatchNews) {
    out.send(Update::Purge(PurgeNews::Batch(news))).await;
}
