//! The plan that undoes a soft purge: by the sealed list of its markers, and by nothing else.

use std::path::Path;
use std::sync::Arc;

use super::{Origin, PurgeNews, PurgePlan, PurgeStage, PurgeUndoing, store, tell};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::OwnerId;
use crate::domain::advice::{Advice, advice};
use crate::ops::Meter;
use crate::ops::change::Failure;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::store::Store;
use crate::ops::change::undo::SoftPurge;
use crate::ops::find::Records;
use crate::tasks::runner::{Outbox, Shared};
use crate::tasks::work::Update;

/// Reads the receipt of a soft purge and the list beside it, and holds them against the id that was typed.
pub(super) fn read(store: &Store, receipt: &Path, owner: &OwnerId) -> Result<SoftPurge, Problem> {
    let soft = SoftPurge::read(store, receipt).and_then(|soft| {
        soft.is_of(store, owner)?;
        Ok(soft)
    });
    soft.map_err(problem)
}

/// Makes the plan. Changes nothing, and writes nothing down.
pub(super) async fn plan(
    aws: &Aws,
    work: PurgeUndoing,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
) -> Result<(), Problem> {
    tell(out, PurgeStage::Reading).await;
    let store = store(shared)?;
    let soft = read(&store, &work.receipt, &work.owner)?;
    let planned = soft.plan(aws, &work.blueprint, &work.owner, meter).await;
    let plan = planned.map_err(problem)?;
    let origin = Origin::Fresh {
        blockers: Blockers::default(),
    };
    let made =
        PurgePlan::new(plan, origin, work.blueprint, &Records::unread(), Vec::new()).undoing(soft);
    let news = PurgeNews::Planned(Arc::new(made));
    out.send(Update::Purge(news)).await;
    Ok(())
}

fn problem(failure: Failure) -> Problem {
    let undo = |kind, why: &str, advice: Advice| {
        let advice = advice.then(advice!("nothing was touched"));
        Problem::new("undo the soft purge", "", kind, why, advice)
    };
    match failure {
        Failure::Refused { why, advice } => undo(ProblemKind::Invalid, &why, advice),
        Failure::Problem(problem) => problem,
        Failure::File(why) => undo(
            ProblemKind::Configuration,
            &why,
            advice!("look at the state folder"),
        ),
    }
}
