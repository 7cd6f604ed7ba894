//! Acting on orphans: the plan for what was marked, and carrying it out.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::super::runner::{Outbox, Shared};
use super::super::work::Update;
use super::{OrphansNews, OrphansWork};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::config::private;
use crate::domain::BucketName;
use crate::domain::change::{Act, Plan};
use crate::domain::configuration::Rule;
use crate::domain::orphans::Verdict;
use crate::domain::quarantine::{Method, rule};
use crate::ops::Meter;
use crate::ops::change::grounds::Grounds;
use crate::ops::change::store::Store;
use crate::ops::change::{Begin, Failure, PlanningError, Progress, Tools};
use crate::ops::orphans::OrphansRequest;
use crate::ops::quarantine::{
    ActRequest, Acted, HeldRequest, InQuarantine, LeftOut, Orphans, PlanRequest, Wanted, act,
    plan_of, plan_of_held, things,
};

/// What is to be done to orphans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// They are put aside.
    Quarantine(Way),
    /// They are deleted with every version.
    Delete,
    /// What is in quarantine comes back.
    Restore,
}

/// How orphans are put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
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
    pub fn turned(self, forward: bool) -> Self {
        match (self, forward) {
            (Self::Tag, true) | (Self::Copy, false) => Self::TagAndRule,
            (Self::TagAndRule, true) | (Self::Tag, false) => Self::Copy,
            (Self::Copy, true) | (Self::TagAndRule, false) => Self::Tag,
        }
    }
}

/// What is to be planned for.
#[derive(Debug, Clone)]
pub struct PlanActWork {
    /// By which rules and lists it was judged, and will be judged again.
    pub work: OrphansWork,
    /// The bucket.
    pub bucket: BucketName,
    /// What was chosen of the report.
    pub verdicts: Vec<Arc<Verdict>>,
    /// What is to be done.
    pub deed: Deed,
}

/// A plan to be looked at.
#[derive(Debug, Clone)]
pub struct ActPlan {
    /// What it was made of.
    pub made_of: PlanActWork,
    /// The plan.
    pub plan: Plan,
    /// The lifecycle rule that goes with it.
    pub rule: Option<Rule>,
    /// What was chosen and is not in it.
    pub left_out: Vec<LeftOut>,
    /// How many that were chosen have nothing that could be put aside.
    pub not_taken: usize,
}

impl ActPlan {
    /// What has to be typed.
    #[must_use]
    pub fn confirmation(&self) -> String {
        format!("{}:{}", self.made_of.bucket, things(&self.plan))
    }
}

/// What became of a plan.
#[derive(Debug, Clone)]
pub struct ActDone {
    /// The plan.
    pub plan: Arc<ActPlan>,
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
        Deed::Delete => Some(Wanted::Delete),
        Deed::Quarantine(Way::Copy) => Some(Wanted::Aside(Method::Copy, today)),
        Deed::Quarantine(Way::Tag | Way::TagAndRule) => Some(Wanted::Aside(Method::Tag, today)),
        Deed::Restore => None,
    };
    let planned = if let Some(wanted) = wanted {
        let verdicts: Vec<Verdict> = work.verdicts.iter().map(|one| (**one).clone()).collect();
        let request = PlanRequest {
            blueprint,
            bucket,
            verdicts: &verdicts,
            wanted,
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
            rule: (work.deed == Deed::Quarantine(Way::TagAndRule))
                .then(|| rule::of(Method::Tag, today, rule::DAYS)),
            made_of: work,
        }
    } else {
        let request = |method| HeldRequest {
            blueprint,
            bucket,
            method,
            owner: None,
            records: None,
            max_heads: 0,
            in_flight,
        };
        let mut held = plan_of_held(aws, request(Method::Tag), token, meter)
            .await
            .map_err(planning)?;
        if held.objects == 0 {
            held = plan_of_held(aws, request(Method::Copy), token, meter)
                .await
                .map_err(planning)?;
        }
        ActPlan {
            plan: held.plan,
            left_out: Vec::new(),
            not_taken: 0,
            rule: None,
            made_of: work,
        }
    };
    let news = OrphansNews::ActPlanned(Arc::new(planned));
    out.send(Update::Orphans(news)).await;
    Ok(())
}

/// Carries a plan out.
pub(in crate::tasks) async fn carry_out(
    aws: &Aws,
    plan: Arc<ActPlan>,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: &CancellationToken,
) -> Result<(), Problem> {
    let bucket = &plan.made_of.bucket;
    let problem = |kind, why: &str, advice: &str| {
        Problem::new("act on the orphans of", bucket.as_str(), kind, why, advice)
    };
    let file_problem = |error: std::io::Error| {
        problem(
            ProblemKind::Configuration,
            &format!("could not keep a plan and a journal: {error}"),
            "look at the state folder",
        )
    };
    let permit = shared.write().permit().ok_or_else(|| {
        problem(
            ProblemKind::ReadOnly,
            "the program is read-only",
            "start s3warden with --write",
        )
    })?;
    let state = shared.state().ok_or_else(|| {
        problem(
            ProblemKind::Configuration,
            "there is no home folder for a plan and a journal",
            "set HOME, or XDG_STATE_HOME",
        )
    })?;
    let store = Store::open(state).map_err(file_problem)?;
    let file = store.plan_file(&plan.plan.header.case);
    let mut sha256 = String::new();
    private::replace(&file, |to| {
        sha256 = plan.plan.write(to)?;
        Ok(())
    })
    .map_err(file_problem)?;
    let (orphans, held);
    let grounds: &dyn Grounds = match plan.plan.header.act {
        Act::Untag | Act::CopyBack => {
            held = InQuarantine::of(bucket.clone());
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
        plan_file: PathBuf::from(&file),
        blueprint: &plan.made_of.work.blueprint,
        grounds,
        rule: plan.rule.as_ref(),
        is_everything: true,
        begin: Begin::First,
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
        }
    };
    let (acted, ()) = futures::join!(acting, telling);
    let acted = acted.map_err(|failure| {
        // A plan that was never begun is of no use to anybody, and holds keys.
        let _ = std::fs::remove_file(&file);
        match failure {
            Failure::Problem(problem) => problem,
            Failure::Refused { why, advice } => problem(ProblemKind::Other, &why, &advice),
            Failure::File(why) => problem(ProblemKind::Configuration, &why, ""),
        }
    })?;
    let done = ActDone {
        plan: Arc::clone(&plan),
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
        jobs: shared.limits().in_flight,
        state: None,
        every: super::EVERY,
    }
}

fn planning(error: PlanningError) -> Problem {
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
            "",
        ),
    }
}
