//! A purge of the console: the search and its plan, plans that were begun before, the carrying out.
//!
//! Everything that decides is in [`change`](crate::ops::change); here is what stands between it and the screen. A plan
//! lives in memory until somebody has typed the user's id: only then is it written down, for it holds the user's keys.

mod batch;
mod carry;
mod undo;
mod unfinished;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::runner::{Outbox, Shared};
use super::scan::on_a_thread;
use super::work::{Update, Work};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Existence, Item, Plan};
use crate::domain::command_line::Given;
use crate::domain::orphans::Limits;
use crate::domain::registry::{Purpose, Requirements};
use crate::domain::search::{Contested, contested_in_words};
use crate::domain::{BucketName, ByteSize, OwnerId, S3Uri};
use crate::ops::Meter;
use crate::ops::change::annotated;
use crate::ops::change::blockers::Blockers;
use crate::ops::change::store::Store;
use crate::ops::change::undo::SoftPurge;
use crate::ops::change::undoable::Undoable;
use crate::ops::change::unfinished::Unfinished;
use crate::ops::change::{Bounds, Ended, Failure, PlanRequest, PlanningError, Progress, make_plan};
use crate::ops::find::{self, Group, Lists, Records, Unexplained};
use crate::ops::registry::NoRegistry;

pub(crate) use batch::{BatchNews, BatchPlan, BatchSearch, BatchWork};
pub(super) use unfinished::left_open;

/// Whose things are to be looked for.
#[derive(Debug, Clone)]
pub(crate) struct PurgeSearch {
    /// Whose objects are whose.
    pub blueprint: Blueprint,
    /// The user.
    pub owner: OwnerId,
    /// Whether current objects are only hidden, each behind a delete marker.
    pub soft: bool,
    /// What is asked of the application's lists: as the form of the Orphans screen has it.
    pub lists: Requirements,
}

/// A plan that was begun before and is to be looked at again.
#[derive(Debug, Clone)]
pub(crate) struct PurgeReopening {
    /// Where the plan is.
    pub file: PathBuf,
    /// Whose objects are whose.
    pub blueprint: Blueprint,
    /// What is asked of the application's lists: as the form of the Orphans screen has it.
    pub lists: Requirements,
}

/// A soft purge that is to be undone.
#[derive(Debug, Clone)]
pub(crate) struct PurgeUndoing {
    pub receipt: PathBuf,
    /// Whose it was; the receipt holds only the hash of the id.
    pub owner: OwnerId,
    /// The rules by which it was made.
    pub blueprint: Blueprint,
}

/// A plan that is to be carried out.
#[derive(Debug, Clone)]
pub(crate) struct PurgeWork {
    pub plan: Arc<PurgePlan>,
    /// The user's id as it was typed.
    pub confirmed: String,
    /// Why to go on although the user exists.
    pub owner_still_exists: Option<String>,
    /// Whether plan and journal stay when everything is gone.
    pub keep_plan: bool,
    /// The most that may be deleted.
    pub bounds: Bounds,
    /// Whether the receipt holds the user's id as it was given, and not only its HMAC.
    pub subject_as_given: bool,
    /// Where a copy of the receipt goes.
    pub receipt_to: Option<S3Uri>,
    /// What is asked of the application's lists: as the form of the Orphans screen has it.
    pub lists: Requirements,
}

/// A plan as the screen shows it.
#[derive(Debug)]
pub(crate) struct PurgePlan {
    pub plan: Plan,
    /// Whether it was begun before.
    pub origin: Origin,
    /// The rules that it was made by.
    pub blueprint: Blueprint,
    /// Whether the user exists, read just now.
    pub existence: Existence,
    /// Whether a list of keys was read with it that says whose keys are.
    pub has_record_list: bool,
    /// The list by which nothing may be changed, for nobody knows its age; in a clause.
    pub undated: Option<String>,
    /// A living user whose id looks like this one's.
    pub likeness: Option<String>,
    /// What it comes to, by bucket and reason.
    pub groups: Vec<Group>,
    /// The items of each group, as places in the plan.
    pub members: Vec<Vec<usize>>,
    /// What more than this user may have a claim to, in sentences; none where the plan was not made just now.
    pub contested: Vec<String>,
    /// What no layout explains, and was not searched, in sentences; none where the plan was not made just now.
    pub unexplained: Vec<String>,
    /// What a person should know about the id.
    pub about: Vec<String>,
    /// What a person should know about the application's lists.
    pub lists: Vec<String>,
    /// The soft purge that it undoes, where it is the plan of an undo.
    pub undoes: Option<SoftPurge>,
}

/// Where a plan comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// It was made just now.
    Fresh {
        /// What stands against it.
        blockers: Blockers,
    },
    /// It was begun before, and goes on.
    Begun {
        /// Where it is.
        file: PathBuf,
        /// The checksum in its last line.
        sha256: String,
    },
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurgeStage {
    /// The application's lists are read.
    Asking,
    /// The buckets are listed.
    Searching,
    /// A plan is read from its file.
    Reading,
    /// Everything in the plan is held against what is there today.
    Checking,
    /// Things are deleted; when all are, everything is listed again.
    Deleting(Progress),
}

/// How a purge ended.
#[derive(Debug)]
pub(crate) struct PurgeEnd {
    /// What became of it; a failure is one before anything was changed.
    pub ended: Result<Ended, Failure>,
    /// Where its plan is, or was.
    pub plan_file: PathBuf,
    /// Where the copy of the receipt is, or why there is none; nothing where none was asked for, or there is no receipt.
    pub copy: Option<Result<String, String>>,
    /// The options that a command needs to go on in the same way.
    pub again: Vec<Given>,
}

impl PurgeWork {
    /// What was chosen on the form, as options of the command line.
    #[must_use]
    pub(crate) fn options(&self) -> Vec<Given> {
        let Self {
            plan: _,
            confirmed: _,
            // Whoever goes on with a plan on the command line has looked at it.
            bounds: _,
            owner_still_exists,
            keep_plan,
            subject_as_given,
            receipt_to,
            lists,
        } = self;
        let mut options = lists.options();
        for (name, value) in [
            ("--owner-still-exists", owner_still_exists.clone()),
            ("--receipt-to", receipt_to.as_ref().map(S3Uri::to_string)),
        ] {
            options.extend(value.map(|value| (name, Some(value))));
        }
        for (name, is_given) in [
            ("--keep-plan", *keep_plan),
            ("--subject-as-given", *subject_as_given),
        ] {
            options.extend(is_given.then_some((name, None)));
        }
        options
    }
}

/// What a purge says.
#[derive(Debug)]
pub(crate) enum PurgeNews {
    /// What is going on.
    Stage(PurgeStage),
    /// There is a plan.
    Planned(Arc<PurgePlan>),
    /// What was begun here, at this endpoint, and did not come to its end.
    Unfinished(Vec<Unfinished>),
    /// Soft purges that were made here, at this endpoint, and can be undone.
    Undoable(Vec<Undoable>),
    /// The carrying out has ended.
    Ended(Arc<PurgeEnd>),
    /// Many users at once.
    Batch(BatchNews),
}

impl PurgePlan {
    /// Puts a plan together with what is said of it. It goes through all items: not for the screen's thread.
    pub(crate) fn new(
        plan: Plan,
        origin: Origin,
        blueprint: Blueprint,
        records: &Records,
        about: Vec<String>,
    ) -> Self {
        let groups = find::groups(&plan.items);
        let mut members = vec![Vec::new(); groups.len()];
        for (at, item) in plan.items.iter().enumerate() {
            let why = item.claim.group();
            let of = groups.binary_search_by(|group| {
                (&group.bucket, &group.why).cmp(&(&item.claim.bucket, &why))
            });
            if let Some(members) = of.ok().and_then(|group| members.get_mut(group)) {
                members.push(at);
            }
        }
        Self {
            plan,
            origin,
            blueprint,
            existence: records.existence.clone(),
            has_record_list: records.lists.keys().is_some(),
            undated: records.undated.clone(),
            likeness: records.likeness.clone(),
            groups,
            members,
            contested: Vec::new(),
            unexplained: Vec::new(),
            about,
            lists: records.remarks.clone(),
            undoes: None,
        }
    }

    /// The same, with what it leaves: what was found and is not the user's alone, and what no layout explains.
    pub(crate) fn leaving(
        self,
        contested: &[Contested],
        unexplained: &[(BucketName, Unexplained)],
    ) -> Self {
        let unexplained = unexplained.iter();
        Self {
            contested: contested_in_words(contested),
            unexplained: unexplained.map(|(bucket, one)| one.words(bucket)).collect(),
            ..self
        }
    }

    /// The same as the plan that undoes a soft purge.
    pub(crate) fn undoing(self, soft: SoftPurge) -> Self {
        Self {
            undoes: Some(soft),
            ..self
        }
    }

    /// The user's id.
    #[must_use]
    pub(crate) fn user(&self) -> &str {
        self.plan.header.subject.user().unwrap_or_default()
    }

    /// How many things it would delete.
    #[must_use]
    pub(crate) fn things(&self) -> u64 {
        u64::try_from(self.plan.items.len()).unwrap_or(u64::MAX)
    }

    /// Whether it only hides current objects, each behind a delete marker that can be taken away again.
    #[must_use]
    pub(crate) fn is_soft(&self) -> bool {
        self.plan.header.act == Act::Mark
    }

    /// Whether it takes away again what such a plan did.
    #[must_use]
    pub(crate) fn is_undo(&self) -> bool {
        matches!(self.plan.header.act, Act::Unmark { .. })
    }

    /// Their bytes.
    #[must_use]
    pub(crate) fn bytes(&self) -> ByteSize {
        self.groups.iter().map(|group| group.bytes).sum()
    }

    /// An item by its place.
    #[must_use]
    pub(crate) fn item(&self, at: usize) -> Option<&Item> {
        self.plan.items.get(at)
    }

    /// What stands against it, where that was asked for.
    #[must_use]
    pub(crate) fn blockers(&self) -> Option<&Blockers> {
        match &self.origin {
            Origin::Fresh { blockers, .. } => Some(blockers),
            Origin::Begun { .. } => None,
        }
    }

    /// Whether it was begun before.
    #[must_use]
    pub(crate) fn is_begun(&self) -> bool {
        matches!(self.origin, Origin::Begun { .. })
    }
}

fn store(shared: &Shared) -> Result<Store, Problem> {
    let Some(folder) = shared.state() else {
        return Err(Problem::new(
            "keep a plan and a journal",
            "",
            ProblemKind::Configuration,
            "there is no home folder",
            advice!("set HOME, or XDG_STATE_HOME"),
        ));
    };
    Store::open(folder).map_err(|error| {
        Problem::new(
            "make the state folder",
            folder.display().to_string(),
            ProblemKind::Configuration,
            &error.to_string(),
            advice!("nothing was touched; a purge needs a folder that only you can write to"),
        )
    })
}

async fn tell(out: &Outbox, stage: PurgeStage) {
    out.send(Update::Purge(PurgeNews::Stage(stage))).await;
}

/// What the application's lists say of a user. Nothing is planned or deleted on the word of a list that cannot be relied on.
async fn ask(
    aws: &Aws,
    blueprint: &Blueprint,
    owner: &OwnerId,
    (shared, purpose, requirements): (&Shared, Purpose, Requirements),
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Records, Problem> {
    let state = shared.state().map(Path::to_owned);
    let lists = Lists::of(blueprint, purpose, requirements, state);
    let asked = Box::pin(find::ask(aws, blueprint, &lists, owner, cancel, meter)).await;
    asked.map_err(|NoRegistry { why, mut problem }| {
        if why.is_refusal() {
            problem.advice = problem.advice.then(advice!("nothing was touched"));
        }
        problem
    })
}

/// Does one of the six on a thread of its own, where plans of any length are added up, written and read. Cancelled, each
/// ends by itself: what deletes stops after the batches under way, and tells how far it came.
pub(super) async fn run(
    aws: Aws,
    work: Work,
    shared: Arc<Shared>,
    meter: Meter,
    out: Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    let runtime = Handle::current();
    let doing = move || {
        runtime.block_on(async {
            match work {
                Work::PurgeSearch(work) => plan(&aws, *work, &shared, &meter, &out, token).await,
                Work::PurgeReopening(work) => {
                    reopen(&aws, *work, &shared, &meter, &out, token).await
                }
                Work::PurgeUndoing(work) => undo::plan(&aws, *work, &shared, &meter, &out).await,
                Work::Purge(work) => {
                    carry::carry_out(&aws, *work, &shared, &meter, &out, token).await
                }
                Work::BatchSearch(work) => {
                    batch::plan(&aws, *work, &shared, &meter, &out, token).await
                }
                Work::Batch(work) => {
                    batch::carry_out(&aws, *work, &shared, &meter, &out, token).await
                }
                _ => Ok(()),
            }
        })
    };
    on_a_thread(doing).await?
}

/// Finds everything of a user and makes a plan of it. Changes nothing, and writes nothing down.
async fn plan(
    aws: &Aws,
    work: PurgeSearch,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    tell(out, PurgeStage::Asking).await;
    let records = ask(
        aws,
        &work.blueprint,
        &work.owner,
        (shared, Purpose::Look, work.lists),
        &token,
        meter,
    )
    .await?;
    tell(out, PurgeStage::Searching).await;
    let request = PlanRequest {
        blueprint: work.blueprint.clone(),
        owner: work.owner.clone(),
        act: if work.soft { Act::Mark } else { Act::Delete },
        records: records.keys.clone(),
        lists: records.lists.clone(),
        existence: records.existence.clone(),
        max_heads: Limits::default().heads,
        max_annotated: annotated::ASKED,
        in_flight: shared.limits().in_flight,
    };
    let jobs = shared.limits().in_flight;
    let (planned, unexplained) = futures::join!(
        Box::pin(make_plan(aws, request, &token, meter)),
        find::unexplained(aws, &work.blueprint, jobs, &token, meter)
    );
    let planned = planned.map_err(|error| match error {
        PlanningError::Problem(problem) => problem,
        PlanningError::Refused { why, advice } => Problem::new(
            "make a plan for",
            crate::domain::text::safe(work.owner.as_str()),
            ProblemKind::Invalid,
            &why,
            advice.then(advice!("nothing was touched")),
        ),
        PlanningError::Random(_) => Problem::new(
            "make a plan",
            "",
            ProblemKind::Other,
            &error.to_string(),
            advice!("nothing was touched"),
        ),
    })?;
    let about = find::about_id(&work.owner, &planned.found, planned.plan.items.is_empty());
    let origin = Origin::Fresh {
        blockers: planned.blockers,
    };
    let made = PurgePlan::new(planned.plan, origin, work.blueprint, &records, about)
        .leaving(&planned.found.contested, &unexplained);
    let news = PurgeNews::Planned(Arc::new(made));
    out.send(Update::Purge(news)).await;
    Ok(())
}

/// Reads a plan that was begun before. Anybody may have touched it since: it is held against today when it is carried out.
async fn reopen(
    aws: &Aws,
    work: PurgeReopening,
    shared: &Shared,
    meter: &Meter,
    out: &Outbox,
    token: CancellationToken,
) -> Result<(), Problem> {
    tell(out, PurgeStage::Reading).await;
    let store = store(shared)?;
    let shown = work.file.display().to_string();
    let cannot = |why: &dyn std::fmt::Display| {
        Problem::new(
            "go on with the plan",
            shown.clone(),
            ProblemKind::Invalid,
            &why.to_string(),
            advice!("nothing was touched; look for the user again"),
        )
    };
    let text = store
        .read_untrusted(&work.file)
        .map_err(|why| cannot(&why))?;
    let (plan, sha256) = Plan::read(&text).map_err(|why| cannot(&why))?;
    drop(text);
    let owner = plan.owner().map_err(|why| cannot(&why))?;
    let owner = owner.ok_or_else(|| cannot(&"it is not about a user"))?;
    let origin = Origin::Begun {
        file: work.file,
        sha256,
    };
    let made = if let Act::Unmark { case } = &plan.header.act {
        let (receipt, _) = store.receipt_files(case);
        let soft = undo::read(&store, &receipt, &owner)?;
        PurgePlan::new(plan, origin, work.blueprint, &Records::unread(), Vec::new()).undoing(soft)
    } else {
        tell(out, PurgeStage::Asking).await;
        let records = ask(
            aws,
            &work.blueprint,
            &owner,
            (shared, Purpose::Look, work.lists),
            &token,
            meter,
        )
        .await?;
        PurgePlan::new(plan, origin, work.blueprint, &records, Vec::new())
    };
    let news = PurgeNews::Planned(Arc::new(made));
    out.send(Update::Purge(news)).await;
    Ok(())
}
