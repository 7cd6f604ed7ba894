//! Carries a plan out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Origin, PurgeEnd, PurgeNews, PurgePlan, PurgeStage, PurgeWork, ask, store, tell};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::config::private;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::registry::Purpose;
use crate::domain::text::safe;
use crate::ops::Meter;
use crate::ops::change::receipt_copy::{self, NoCopy};
use crate::ops::change::store::Store;
use crate::ops::change::{self, Begin, Ended, Progress, PurgeRequest, Tools};
use crate::ops::find::Records;
use crate::tasks::runner::{Outbox, Shared};
use crate::tasks::work::Update;

/// How often progress is told.
const EVERY: Duration = Duration::from_millis(100);

/// Carries a plan out. It is not dropped when it is cancelled: it stops by itself after the batches under way.
pub(super) async fn carry_out(
    aws: &Aws,
    work: PurgeWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    stop: CancellationToken,
) -> Result<(), Problem> {
    let refused = |kind, why: &str, advice: Advice| {
        let target = safe(work.plan.user()).into_owned();
        Problem::new("purge", target, kind, why, advice)
    };
    let permit = shared.write().permit().ok_or_else(|| {
        let advice = Advice::from(Action::AllowChanges).then(advice!("nothing was touched"));
        refused(ProblemKind::ReadOnly, "the program is read-only", advice)
    })?;
    // The screen has compared them, too. What deletes does not rely on that.
    if work.confirmed != work.plan.user() {
        let advice = advice!("type the user's id exactly; nothing was touched");
        return Err(refused(
            ProblemKind::Invalid,
            "another id was typed",
            advice,
        ));
    }
    let owner = work.plan.plan.owner().ok().flatten().ok_or_else(|| {
        let advice = advice!("look for the user again; nothing was touched");
        refused(ProblemKind::Invalid, "the plan is about no user", advice)
    })?;
    let store = store(shared)?;
    let records = if work.plan.undoes.is_some() {
        // By the sealed list of markers alone, whatever the application says of the user.
        Records::unread()
    } else {
        tell(out, PurgeStage::Asking).await;
        {
            let asked = (shared, Purpose::Act, work.lists);
            ask(aws, &work.plan.blueprint, &owner, asked, &stop, meter).await?
        }
    };
    let (plan_file, plan_sha256) = written(&store, &work.plan)?;
    tell(out, PurgeStage::Checking).await;
    let begin = if work.plan.is_begun() {
        Begin::Again
    } else {
        Begin::First
    };
    let request = PurgeRequest {
        plan: &work.plan.plan,
        plan_sha256: &plan_sha256,
        plan_file: plan_file.clone(),
        blueprint: &work.plan.blueprint,
        records: records.keys,
        lists: records.lists,
        existence: records.existence,
        owner_still_exists: work.owner_still_exists.clone(),
        subject_as_given: work.subject_as_given,
        bounds: work.bounds,
        begin,
        keep_plan: work.keep_plan,
        in_flight: shared.limits().in_flight,
        at_point: None,
    };
    let (sender, receiver) = watch::channel(Progress::default());
    let (store, permit, stop, request) = (&store, &permit, &stop, &request);
    let undoes = &work.plan.undoes;
    let purging = async move {
        let tools = Tools {
            aws,
            store,
            permit,
            stop,
            meter,
            progress: &sender,
        };
        // The sender goes with the block, which ends the telling.
        match undoes {
            Some(soft) => Box::pin(change::perform(tools, &request.on(soft))).await,
            None => Box::pin(change::purge(tools, request)).await,
        }
    };
    let (ended, ()) = futures::join!(purging, telling(out, receiver));
    if ended.is_err() && begin == Begin::First {
        // Nothing was begun: nobody needs a file with the user's keys in it.
        let _ = std::fs::remove_file(&plan_file);
    }
    let copy = match (&ended, &work.receipt_to) {
        (Ok(Ended::Verified(verified)), Some(to)) => {
            let sending = async {
                let (receipt, blueprint) = (&verified.receipt, &work.plan.blueprint);
                let place = receipt_copy::place(to, blueprint, &receipt.case)?;
                receipt_copy::copy((aws, store), &place, receipt, permit, meter).await?;
                Ok(format!("s3://{}/{}", place.bucket, place.key.as_str()))
            };
            Some(sending.await.map_err(no_copy))
        }
        _ => None,
    };
    let end = PurgeEnd {
        again: work.options(),
        ended,
        plan_file,
        copy,
    };
    out.send(Update::Purge(PurgeNews::Ended(Arc::new(end))))
        .await;
    Ok(())
}

/// Why there is no copy of the receipt, in words.
pub(super) fn no_copy(why: NoCopy) -> String {
    match why {
        NoCopy::Place(why) | NoCopy::File(why) => why,
        NoCopy::Problem(problem) => problem.to_string(),
        NoCopy::Differs => "something else is there, and was not overwritten".to_owned(),
    }
}

/// Where the plan is on the disk, and its checksum.
fn written(store: &Store, plan: &PurgePlan) -> Result<(PathBuf, String), Problem> {
    if let Origin::Begun { file, sha256 } = &plan.origin {
        return Ok((file.clone(), sha256.clone()));
    }
    let file = store.plan_file(&plan.plan.header.case);
    let mut sha256 = String::new();
    let wrote = private::replace(&file, |to| {
        sha256 = plan.plan.write(to)?;
        Ok(())
    });
    wrote.map_err(|error| {
        Problem::new(
            "write the plan",
            file.display().to_string(),
            ProblemKind::Configuration,
            &error.to_string(),
            advice!("nothing was touched: what is deleted has to be written down first"),
        )
    })?;
    Ok((file, sha256))
}

/// Passes on how far it came, the last word among it.
pub(super) async fn telling(out: &Outbox, mut progress: watch::Receiver<Progress>) {
    while progress.changed().await.is_ok() {
        let now = *progress.borrow_and_update();
        tell(out, PurgeStage::Deleting(now)).await;
        tokio::time::sleep(EVERY).await;
    }
}
