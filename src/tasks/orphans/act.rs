//! Acting on orphans: the plan for what was marked, and carrying it out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::super::runner::{Outbox, Shared};
use super::super::work::Update;
use super::{OrphansNews, OrphansWork, unfinished};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::config::private;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::change::{Act, Plan};
use crate::domain::configuration::Rule;
use crate::domain::orphans::Verdict;
use crate::domain::quarantine::{Method, rule};
use crate::domain::registry::Purpose;
use crate::domain::text::safe;
use crate::domain::{BucketName, OwnerId};
use crate::ops::Meter;
use crate::ops::change::annotated;
use crate::ops::change::authorization::Authorization;
use crate::ops::change::store::Store;
use crate::ops::change::{Begin, Failure, PlanningError, Progress, Tools};
use crate::ops::find;
use crate::ops::orphans::OrphansRequest;
use crate::ops::quarantine::{
    ActRequest, Acted, HeldRequest, LeftOut, Orphans, PlanRequest, QuarantineContents, Wanted, act,
    plan_of, plan_restore, things,
};

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// What is to be done to orphans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrphanAction {
    /// They are put aside.
    Quarantine(Way),
    /// They are deleted with every version.
    Delete,
    /// What is in quarantine comes back.
    Restore,
}

/// How orphans are put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    /// By tag.
    #[default]
    Tag,
    /// By tag, and a lifecycle rule expires them in time.
    TagAndRule,
    /// By copy.
    Copy,
}

impl Way {
    /// The next one, or the one before.
    #[must_use]
    pub(crate) fn turned(self, forward: bool) -> Self {
        match (self, forward) {
            (Self::Tag, true) | (Self::Copy, false) => Self::TagAndRule,
            (Self::TagAndRule, true) | (Self::Tag, false) => Self::Copy,
            (Self::Copy, true) | (Self::TagAndRule, false) => Self::Tag,
        }
    }
}

/// What is to be planned for.
#[derive(Debug, Clone)]
pub(crate) struct PlanActWork {
    /// By which rules and lists it was judged, and will be judged again.
    pub work: OrphansWork,
    pub bucket: BucketName,
    /// What was chosen of the report.
    pub verdicts: Vec<Arc<Verdict>>,
    /// What is to be done.
    pub deed: OrphanAction,
    /// Whose objects come back; nobody's for everybody's.
    pub owner: Option<OwnerId>,
}

/// A plan to be looked at.
#[derive(Debug, Clone)]
pub(crate) struct ActPlan {
    /// What it was made of.
    pub made_of: PlanActWork,
    pub plan: Plan,
    /// The lifecycle rule that goes with it.
    pub rule: Option<Rule>,
    /// What was chosen and is not in it.
    pub left_out: Vec<LeftOut>,
    /// How many that were chosen have nothing that could be put aside.
    pub not_taken: usize,
    /// What else there is to know, a sentence each.
    pub remarks: Vec<String>,
    /// Where it comes from.
    pub origin: ActOrigin,
    /// Whether all that is in quarantine comes back by it, so that the rules that would end it go, too.
    pub is_everything: bool,
}

/// Where a plan comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ActOrigin {
    /// It was made just now, and is in no file.
    Fresh,
    /// It was begun before, and goes on.
    Begun {
        /// Where it is.
        file: PathBuf,
        /// The checksum in its last line.
        sha256: String,
    },
}

impl ActPlan {
    /// What has to be typed.
    #[must_use]
    pub(crate) fn confirmation(&self) -> String {
        format!("{}:{}", self.made_of.bucket, things(&self.plan))
    }

    /// Whether it was begun before.
    #[must_use]
    pub(crate) fn is_begun(&self) -> bool {
        self.origin != ActOrigin::Fresh
    }
}

/// What became of a plan.
#[derive(Debug, Clone)]
pub(crate) struct ActDone {
    pub plan: Arc<ActPlan>,
    /// Where it is, or was.
    pub plan_file: PathBuf,
    /// What became of it.
    pub acted: Acted,
}

/// Makes a plan. Changes nothing.
pub(in crate::tasks) async fn plan(
    aws: &Aws,
    work: PlanActWork,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: &CancellationToken,
) -> Result<(), Problem> {
    let in_flight = shared.limits().in_flight;
    let today = Utc::now().date_naive();
    let (blueprint, bucket) = (&work.work.blueprint, &work.bucket);
    let wanted = match work.deed {
        OrphanAction::Delete => Some(Wanted::Delete),
        OrphanAction::Quarantine(Way::Copy) => Some(Wanted::Aside(Method::Copy, today)),
        OrphanAction::Quarantine(Way::Tag | Way::TagAndRule) => {
            Some(Wanted::Aside(Method::Tag, today))
        }
        OrphanAction::Restore => None,
    };
    let planned = if let Some(wanted) = wanted {
        let verdicts: Vec<Verdict> = work.verdicts.iter().map(|one| (**one).clone()).collect();
        let request = PlanRequest {
            blueprint,
            bucket,
            verdicts: &verdicts,
            wanted,
            max_annotated: annotated::ASKED,
            in_flight,
        };
        let planned = plan_of(aws, request, token, meter)
            .await
            .map_err(planning)?;
        let not_taken = verdicts.iter().filter(|one| !wanted.takes(one.kind));
        ActPlan {
            not_taken: not_taken.count(),
            plan: planned.plan,
            left_out: planned.left_out,
            rule: (work.deed == OrphanAction::Quarantine(Way::TagAndRule))
                .then(|| rule::of(Method::Tag, today, rule::DAYS)),
            remarks: Vec::new(),
            origin: ActOrigin::Fresh,
            is_everything: true,
            made_of: work,
        }
    } else {
        let owner = work.owner.as_ref();
        let records = match owner {
            None => None,
            Some(owner) => {
                let lists = find::Lists {
                    owners: work.work.owners.clone(),
                    keys: work.work.keys.clone(),
                    requirements: work.work.limits.lists,
                    purpose: Purpose::Look,
                    state: shared.state().map(Path::to_owned),
                };
                let asked = find::ask(aws, blueprint, &lists, owner, token, meter);
                let asked = Box::pin(asked).await;
                asked.map_err(|none| none.problem)?.keys
            }
        };
        let request = |method| HeldRequest {
            blueprint,
            bucket,
            method,
            owner,
            records: records.as_ref(),
            max_heads: work.work.limits.heads,
            in_flight,
        };
        let mut held = plan_restore(aws, request(Method::Tag), token, meter)
            .await
            .map_err(planning)?;
        if held.objects == 0 {
            held = plan_restore(aws, request(Method::Copy), token, meter)
                .await
                .map_err(planning)?;
        }
        let unknown = held.unknown.iter().map(|key| {
            let key = safe(key.as_str());
            format!("nothing tells where {key} belongs; it is left")
        });
        ActPlan {
            remarks: unknown.collect(),
            plan: held.plan,
            left_out: Vec::new(),
            not_taken: 0,
            rule: None,
            origin: ActOrigin::Fresh,
            is_everything: owner.is_none(),
            made_of: work,
        }
    };
    let news = OrphansNews::ActPlanned(Arc::new(planned));
    out.send(Update::Orphans(news)).await;
    Ok(())
}

/// Where a plan is on the disk, and its checksum.
fn written(store: &Store, plan: &ActPlan) -> std::io::Result<(PathBuf, String)> {
    if let ActOrigin::Begun { file, sha256 } = &plan.origin {
        return Ok((file.clone(), sha256.clone()));
    }
    let file = store.plan_file(&plan.plan.header.case);
    let mut sha256 = String::new();
    private::replace(&file, |to| {
        sha256 = plan.plan.write(to)?;
        Ok(())
    })?;
    Ok((file, sha256))
}

/// Carries a plan out. It is not dropped when it is cancelled: it stops by itself after what is under way.
pub(in crate::tasks) async fn carry_out(
    aws: &Aws,
    plan: Arc<ActPlan>,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: &CancellationToken,
) -> Result<(), Problem> {
    let bucket = &plan.made_of.bucket;
    let problem = |kind, why: &str, advice: Advice| {
        Problem::new("act on the orphans of", bucket.as_str(), kind, why, advice)
    };
    let file_problem = |error: std::io::Error| {
        problem(
            ProblemKind::Configuration,
            &format!("could not keep a plan and a journal: {error}"),
            advice!("look at the state folder"),
        )
    };
    let permit = shared.write().permit().ok_or_else(|| {
        problem(
            ProblemKind::ReadOnly,
            "the program is read-only",
            Action::AllowChanges.into(),
        )
    })?;
    let store = unfinished::store(shared, bucket)?;
    let (file, sha256) = written(&store, &plan).map_err(file_problem)?;
    let begin = if plan.is_begun() {
        Begin::Again
    } else {
        Begin::First
    };
    let (orphans, held);
    let grounds: &dyn Authorization = match plan.plan.header.act {
        Act::Untag | Act::CopyBack => {
            held = QuarantineContents::of(bucket.clone());
            &held
        }
        _ => {
            orphans = Orphans::new(bucket.clone(), request(&plan.made_of.work, shared));
            &orphans
        }
    };
    let request = ActRequest {
        bucket,
        plan: &plan.plan,
        plan_sha256: &sha256,
        plan_file: file.clone(),
        blueprint: &plan.made_of.work.blueprint,
        grounds,
        rule: plan.rule.as_ref(),
        is_everything: plan.is_everything,
        begin,
        in_flight: shared.limits().in_flight,
        at_point: None,
    };
    let (sender, mut receiver) = watch::channel(Progress::default());
    let (request, permit, store) = (&request, &permit, &store);
    let acting = async move {
        let tools = Tools {
            aws,
            store,
            permit,
            stop: token,
            meter,
            progress: &sender,
        };
        Box::pin(act(tools, request)).await
    };
    let telling = async {
        while receiver.changed().await.is_ok() {
            let now = *receiver.borrow_and_update();
            out.send(Update::Orphans(OrphansNews::ActProgress(now)))
                .await;
            tokio::time::sleep(TOLD_EVERY).await;
        }
    };
    let (acted, ()) = futures::join!(acting, telling);
    let acted = acted.map_err(|failure| {
        if begin == Begin::First {
            // A plan that was never begun is of no use to anybody, and holds keys.
            let _ = std::fs::remove_file(&file);
        }
        match failure {
            Failure::Problem(problem) => problem,
            Failure::Refused { why, advice } => problem(ProblemKind::Other, &why, advice),
            Failure::File(why) => problem(ProblemKind::Configuration, &why, Advice::default()),
        }
    })?;
    let done = ActDone {
        plan: Arc::clone(&plan),
        plan_file: file.clone(),
        acted,
    };
    let news = OrphansNews::Acted(Arc::new(done));
    out.send(Update::Orphans(news)).await;
    Ok(())
}

fn request(work: &OrphansWork, shared: &Shared) -> OrphansRequest {
    OrphansRequest {
        blueprint: work.blueprint.clone(),
        buckets: work.buckets.clone(),
        owners: work.owners.clone(),
        keys: work.keys.clone(),
        kinds: None,
        limits: work.limits,
        purpose: Purpose::Look,
        jobs: shared.limits().in_flight,
        state: shared.state().map(Path::to_owned),
        every: super::EVERY,
    }
}

pub(super) fn planning(error: PlanningError) -> Problem {
    match error {
        PlanningError::Problem(problem) => problem,
        PlanningError::Refused { why, advice } => Problem::new(
            "make a plan for",
            "",
            ProblemKind::Configuration,
            &why,
            &advice,
        ),
        PlanningError::Random(error) => Problem::new(
            "make a plan for",
            "",
            ProblemKind::Configuration,
            &format!("the system has no random numbers: {error}"),
            Advice::default(),
        ),
    }
}
