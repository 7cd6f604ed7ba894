//! What the state folder has of acts on orphans that did not come to their end.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::act::{ActOrigin, ActPlan, OrphanAction, PlanActWork, Way, planning};
use super::{OrphansNews, OrphansWork};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::{Advice, advice};
use crate::domain::change::{Act, Plan, Subject};
use crate::domain::quarantine::Method;
use crate::ops::Meter;
use crate::ops::change::store::Store;
use crate::ops::change::unfinished::unfinished;
use crate::ops::quarantine::{HeldRequest, brings_back_all};
use crate::tasks::runner::{Outbox, Shared};
use crate::tasks::scan::on_a_thread;
use crate::tasks::work::Update;

/// An act that was begun before and is to be looked at again.
#[derive(Debug, Clone)]
pub(crate) struct ReopenActWork {
    /// Where its plan is.
    pub file: PathBuf,
    pub bucket: BucketName,
    /// By which rules and lists it will be judged again.
    pub work: OrphansWork,
}

/// The files of the state folder.
pub(super) fn store(shared: &Shared, bucket: &BucketName) -> Result<Store, Problem> {
    let problem = |why: &str, advice: Advice| {
        let kind = ProblemKind::Configuration;
        Problem::new("act on the orphans of", bucket.as_str(), kind, why, advice)
    };
    let state = shared.state().ok_or_else(|| {
        problem(
            "there is no home folder for a plan and a journal",
            advice!("set HOME, or XDG_STATE_HOME"),
        )
    })?;
    Store::open(state).map_err(|error| {
        let why = format!("could not keep a plan and a journal: {error}");
        problem(&why, advice!("look at the state folder"))
    })
}

/// Looks for what was begun at this endpoint and did not come to its end. Where there is no state folder there is nothing.
pub(in crate::tasks) async fn left_open(
    aws: Aws,
    shared: &Shared,
    out: &Outbox,
) -> Result<(), Problem> {
    let endpoint = aws.endpoint().map(str::to_owned);
    let state = shared.state().map(ToOwned::to_owned);
    let looking = move || {
        let store = state.and_then(|state| Store::open(&state).ok());
        let mut found = store.and_then(|store| unfinished(&store).ok());
        if let Some(found) = &mut found {
            found.retain(|one| one.bucket().is_some() && one.header.endpoint == endpoint);
        }
        found.unwrap_or_default()
    };
    let found = on_a_thread(looking).await?;
    out.send(Update::Orphans(OrphansNews::Unfinished(found)))
        .await;
    Ok(())
}

/// Reads a plan that was begun before. Anybody may have touched it since: it is held against today when it is carried out.
pub(in crate::tasks) async fn reopen(
    aws: &Aws,
    work: ReopenActWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: &CancellationToken,
) -> Result<(), Problem> {
    let store = store(shared, &work.bucket)?;
    let cannot = |why: &dyn std::fmt::Display| {
        Problem::new(
            "go on with the plan",
            work.file.display().to_string(),
            ProblemKind::Invalid,
            &why.to_string(),
            advice!("nothing was touched; search again, and plan again"),
        )
    };
    let text = store
        .read_untrusted(&work.file)
        .map_err(|why| cannot(&why))?;
    let (plan, sha256) = Plan::read(&text).map_err(|why| cannot(&why))?;
    drop(text);
    let subject = Subject::Orphans {
        bucket: work.bucket.as_str().to_owned(),
    };
    if plan.header.subject != subject {
        return Err(cannot(&"it is about something else"));
    }
    let (deed, way_back) = match plan.header.act {
        Act::Delete => (OrphanAction::Delete, None),
        Act::Tag { .. } => (OrphanAction::Quarantine(Way::Tag), None),
        Act::CopyAside => (OrphanAction::Quarantine(Way::Copy), None),
        Act::Untag => (OrphanAction::Restore, Some(Method::Tag)),
        Act::CopyBack => (OrphanAction::Restore, Some(Method::Copy)),
        Act::Mark | Act::Unmark { .. } => return Err(cannot(&"it is about a user")),
    };
    let is_everything = match way_back {
        None => true,
        Some(method) => {
            let request = HeldRequest {
                blueprint: &work.work.blueprint,
                bucket: &work.bucket,
                method,
                owner: None,
                records: None,
                max_heads: 0,
                in_flight: shared.limits().in_flight,
            };
            let asked = brings_back_all(aws, request, &plan, token, meter).await;
            asked.map_err(planning)?
        }
    };
    let reopened = ActPlan {
        plan,
        rule: None,
        left_out: Vec::new(),
        not_taken: 0,
        remarks: Vec::new(),
        origin: ActOrigin::Begun {
            file: work.file,
            sha256,
        },
        is_everything,
        made_of: PlanActWork {
            work: work.work,
            bucket: work.bucket,
            verdicts: Vec::new(),
            deed,
            owner: None,
        },
    };
    let news = OrphansNews::ActPlanned(Arc::new(reopened));
    out.send(Update::Orphans(news)).await;
    Ok(())
}
