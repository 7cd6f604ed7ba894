//! Carries out a batch user by user, and resumes one that was stopped at any point.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::document::{Batch, BatchUser, Planned};
use super::make::against;
use super::summary;
use crate::domain::OwnerId;
use crate::domain::advice::{Action, Limit, PlanOf};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::blueprint_hash;
use crate::domain::change::{Act, Plan, Subject};
use crate::domain::receipt::{self, Receipt, Seal, verify};
use crate::domain::size::{grouped, whole};
use crate::domain::words;
use crate::ops::change::{
    self, Begin, Bounds, Ended, Failure, PointHook, Progress, PurgeRequest, Stopped, Tools,
    Verified, WhyStopped, judged_again, operator,
};
use crate::ops::find::{self, Lists, ReadLists};

/// A batch to carry out.
pub struct BatchRun<'a> {
    /// The batch, which is not trusted.
    pub batch: &'a Batch,
    /// Its file, which is removed when every plan is carried out completely.
    pub file: PathBuf,
    /// Today's blueprint.
    pub blueprint: &'a Blueprint,
    /// The application's lists, which are read again.
    pub lists: Lists,
    /// The limits for all users together.
    pub bounds: Bounds,
    /// Whether receipts and summary contain the user ids in plain text.
    pub subject_as_given: bool,
    /// Whether plans and journals are kept after a complete purge.
    pub keep_plan: bool,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
    /// For tests: called at each point where a crash would leave a different state.
    pub at_point: Option<PointHook>,
}

/// What happened to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything found was deleted.
    Purged,
    /// Nothing was found.
    NothingFound,
    /// Something was left, appeared, or could not be searched. The receipt has the details.
    InPart,
    /// Something still exists although its deletion was tried.
    StillThere,
    /// The user was skipped: nothing was touched.
    Left,
}

impl Outcome {
    /// A word for the outcome.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Purged => "purged",
            Self::NothingFound => "nothing-found",
            Self::InPart => "in-part",
            Self::StillThere => "still-there",
            Self::Left => "left",
        }
    }
}

/// What happened to a user, and where it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEnd {
    /// The user's id.
    pub user: String,
    /// The number or name of the erasure request.
    pub reference: Option<String>,
    /// The case id; absent if there was no plan.
    pub case: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Why not everything was deleted.
    pub why: Option<String>,
    /// Number of deleted items.
    pub deleted: u64,
    /// The path of the receipt.
    pub receipt: Option<PathBuf>,
}

/// The result of a batch.
#[derive(Debug)]
pub struct BatchEnd {
    /// The outcome of each user so far.
    pub users: Vec<UserEnd>,
    /// Receipts of this run, to be copied.
    pub receipts: Vec<(Receipt, PathBuf)>,
    /// Why it stopped early, if it did. It can be resumed.
    pub stopped: Option<Stopped>,
    /// The path of the summary, if the batch is complete.
    pub summary: Option<PathBuf>,
    /// Whether the batch document was removed.
    pub plan_removed: bool,
}

impl BatchEnd {
    /// Whether it is complete and nothing is left of any user.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_done = |user: &UserEnd| {
            matches!(user.outcome, Outcome::Purged | Outcome::NothingFound) && user.why.is_none()
        };
        self.stopped.is_none() && self.users.iter().all(is_done)
    }
}

/// Carries out a batch. `told` is called after each user.
///
/// # Errors
/// [`Failure`] for errors that concern the whole batch before any change: another blueprint, endpoint or account, or a
/// limit. Later errors are in [`BatchEnd::stopped`], and an error that prevents the purge of one user is in that user's
/// [`UserEnd`].
pub async fn run(
    tools: Tools<'_>,
    run: &BatchRun<'_>,
    told: impl Fn(&UserEnd) + Send + Sync,
) -> Result<BatchEnd, Failure> {
    check(tools, run).await?;
    let mut lists = read_lists(tools, run).await?;
    let planned = [&run.batch.owner_list, &run.batch.record_list];
    let read = [lists.owners().is_some(), lists.keys().is_some()];
    judged_again(planned.map(Option::as_deref), read)?;
    let mut read_at = Instant::now();
    let mut end = BatchEnd {
        users: Vec::with_capacity(run.batch.users.len()),
        receipts: Vec::new(),
        stopped: None,
        summary: None,
        plan_removed: false,
    };
    for user in &run.batch.users {
        if read_at.elapsed() > LISTS_ANEW {
            lists = match read_lists(tools, run).await {
                Ok(lists) => lists,
                Err(failure) => {
                    end.stopped = Some(stopped(WhyStopped::Problem(failure.to_problem())));
                    return Ok(end);
                }
            };
            read_at = Instant::now();
        }
        let ended = if tools.stop.is_cancelled() {
            Err(stopped(WhyStopped::Interrupted))
        } else {
            Box::pin(one(tools, run, &lists, user, &mut end.receipts)).await
        };
        match ended {
            Ok(user) => {
                told(&user);
                end.users.push(user);
            }
            Err(why) => {
                end.stopped = Some(why);
                return Ok(end);
            }
        }
    }
    match summary::write(tools.store, run, &end) {
        Ok(file) => end.summary = Some(file),
        Err(error) => {
            let why = format!("could not write the summary: {error}");
            end.stopped = Some(stopped(WhyStopped::File(why)));
            return Ok(end);
        }
    }
    // What is left and has a plan can be retried.
    let is_over = |user: &UserEnd| {
        user.case.is_none() || matches!(user.outcome, Outcome::Purged | Outcome::NothingFound)
    };
    if !run.keep_plan && end.users.iter().all(is_over) {
        end.plan_removed = std::fs::remove_file(&run.file).is_ok();
    }
    Ok(end)
}

/// How long the lists are trusted. Many users take hours, and a user may have returned in the meantime.
const LISTS_ANEW: Duration = Duration::from_mins(5);

async fn read_lists(tools: Tools<'_>, run: &BatchRun<'_>) -> Result<ReadLists, Failure> {
    let read = find::read(
        tools.aws,
        run.blueprint,
        &run.lists,
        tools.stop,
        tools.meter,
    );
    Box::pin(read).await.map_err(Failure::from)
}

/// Checks that concern the whole batch.
async fn check(tools: Tools<'_>, run: &BatchRun<'_>) -> Result<(), Failure> {
    let batch = run.batch;
    let anew = Action::MakePlanAgain(PlanOf::PurgeOfMany);
    if blueprint_hash(run.blueprint) != batch.blueprint_sha256 {
        return Err(Failure::refused(
            format!(
                "the blueprint {} is not the one that the plan was made by, or was changed since",
                run.blueprint.name
            ),
            anew,
        ));
    }
    if tools.aws.endpoint() != batch.endpoint.as_deref() {
        let of = |endpoint: Option<&str>| endpoint.unwrap_or("AWS").to_owned();
        return Err(Failure::refused(
            format!(
                "the plan was made at {}, and this is {}",
                of(batch.endpoint.as_deref()),
                of(tools.aws.endpoint())
            ),
            Action::UseEndpointOfPlan,
        ));
    }
    let now = operator::operator(tools.aws, tools.meter).await?;
    operator::is_for(&batch.operator, &now)?;
    let (items, bytes) = (batch.items(), batch.bytes());
    let users = words::counted(batch.count(), "user");
    if let Some(most) = run.bounds.objects.filter(|most| items > *most) {
        return Err(Failure::refused(
            format!(
                "the plan holds {} of {users}, and the limit is {}",
                words::counted(items, "thing"),
                grouped(most)
            ),
            Action::RaiseLimit(Limit::Objects),
        ));
    }
    if let Some(most) = run.bounds.bytes.filter(|most| bytes > *most) {
        return Err(Failure::refused(
            format!("the plan holds {bytes} of {users}, and the limit is {most}"),
            Action::RaiseLimit(Limit::Bytes),
        ));
    }
    Ok(())
}

/// Purges one user, or returns why not.
///
/// # Errors
/// An error that also prevents the purge of the other users.
async fn one(
    tools: Tools<'_>,
    run: &BatchRun<'_>,
    lists: &ReadLists,
    user: &BatchUser,
    receipts: &mut Vec<(Receipt, PathBuf)>,
) -> Result<UserEnd, Stopped> {
    let gaps = || {
        let gap = user.not_searched.first()?;
        Some(gap.words())
    };
    let Some(planned) = &user.plan else {
        let (outcome, why) = match &user.left {
            Some(why) => (Outcome::Left, Some(why.clone())),
            None => (Outcome::NothingFound, gaps()),
        };
        return Ok(ended(user, outcome, why));
    };
    let file = tools.store.plan_file(&planned.case);
    let (receipt_file, _) = tools.store.receipt_files(&planned.case);
    let past = receipt_of(tools, user, planned);
    let is_settled = |receipt: &Receipt| receipt.left().is_empty();
    if let Some(receipt) = past.filter(|receipt| is_settled(receipt) || !file.exists()) {
        // A previous run may have been killed after the receipt and before the cleanup.
        if is_settled(&receipt) && !run.keep_plan {
            let _ = std::fs::remove_file(&file);
            let _ = std::fs::remove_file(tools.store.journal_file(&planned.case));
        }
        return Ok(by_receipt(user, &receipt, &receipt_file));
    }
    let (plan, owner) = match read(tools, user, planned, &file) {
        Ok(read) => read,
        Err(why) => return Ok(ended(user, Outcome::Left, Some(why))),
    };
    let records = lists.about(&owner);
    if let Some(why) = against(&records) {
        return Ok(ended(user, Outcome::Left, Some(why)));
    }
    let begin = if tools
        .store
        .journal_file(&planned.case)
        .symlink_metadata()
        .is_ok()
    {
        Begin::Again
    } else {
        Begin::First
    };
    let request = PurgeRequest {
        plan: &plan,
        plan_sha256: &planned.sha256,
        plan_file: file,
        blueprint: run.blueprint,
        records: records.keys,
        lists: records.lists,
        existence: records.existence,
        owner_still_exists: None,
        subject_as_given: run.subject_as_given,
        // The total is within the limits, and each plan matches the document.
        bounds: Bounds {
            heads: run.bounds.heads,
            ..Bounds::default()
        },
        begin,
        keep_plan: run.keep_plan,
        in_flight: run.in_flight,
        at_point: run.at_point.clone(),
    };
    match Box::pin(change::purge(tools, &request)).await {
        Ok(Ended::Verified(verified)) => {
            let Verified {
                receipt,
                receipt_file,
                ..
            } = *verified;
            let end = by_receipt(user, &receipt, &receipt_file);
            receipts.push((receipt, receipt_file));
            Ok(end)
        }
        Ok(Ended::Stopped(why)) => Err(why),
        Err(Failure::Refused { why, .. }) => Ok(ended(user, Outcome::Left, Some(why))),
        Err(Failure::Problem(problem)) => Err(stopped(WhyStopped::Problem(problem))),
        Err(Failure::File(why)) => Err(stopped(WhyStopped::File(why))),
    }
}

/// The receipt of a user who was purged before: sealed here, and for exactly this case and user.
fn receipt_of(tools: Tools<'_>, user: &BatchUser, planned: &Planned) -> Option<Receipt> {
    let (file, _) = tools.store.receipt_files(&planned.case);
    let text = tools.store.read_untrusted(&file).ok()?;
    let secret = tools.store.kept_secret().ok()??;
    let verified = verify(&text, Some(&secret)).ok()?;
    let subject = Subject::User {
        id: user.user.clone(),
    };
    let receipt = verified.receipt;
    let is_it = verified.seal == Seal::Ours
        && receipt.case == planned.case
        && receipt.act == Act::Delete
        && receipt.subject_hmac == secret.subject(&subject);
    is_it.then_some(receipt)
}

/// Reads a user's plan, which must be the one that was confirmed.
fn read(
    tools: Tools<'_>,
    user: &BatchUser,
    planned: &Planned,
    file: &Path,
) -> Result<(Plan, OwnerId), String> {
    let text = tools.store.read_untrusted(file);
    let text = text.map_err(|error| format!("the plan {}: {error}", file.display()))?;
    let (plan, sha256) =
        Plan::read(&text).map_err(|error| format!("the plan {}: {error}", file.display()))?;
    let items = whole(plan.items.len());
    let is_it = sha256 == planned.sha256
        && plan.header.case == planned.case
        && plan.header.act == Act::Delete
        && plan.header.subject.user() == Some(&user.user)
        && (items, plan.bytes().bytes()) == (planned.items, planned.bytes);
    if !is_it {
        return Err("the plan is not the one that was confirmed: it was changed since".to_owned());
    }
    let owner = OwnerId::new(user.user.as_str()).map_err(|why| why.to_string())?;
    Ok((plan, owner))
}

fn ended(user: &BatchUser, outcome: Outcome, why: Option<String>) -> UserEnd {
    UserEnd {
        user: user.user.clone(),
        reference: user.reference.clone(),
        case: user.plan.as_ref().map(|plan| plan.case.clone()),
        outcome,
        why,
        deleted: 0,
        receipt: None,
    }
}

/// The outcome of a user according to the receipt.
fn by_receipt(user: &BatchUser, receipt: &Receipt, file: &Path) -> UserEnd {
    let still_there = receipt.count(receipt::Outcome::StillThere);
    let left: u64 = receipt.left().values().sum();
    let (outcome, why) = if still_there > 0 {
        let words = words::counted_are(still_there, "thing");
        (Outcome::StillThere, Some(format!("{words} still there")))
    } else if left > 0 {
        let words = words::counted_were(left, "thing");
        (Outcome::InPart, Some(format!("{words} left")))
    } else if receipt.appeared > 0 {
        let words = words::counted_were(receipt.appeared, "thing");
        let why = format!("{words} found beside the plan, and left");
        (Outcome::InPart, Some(why))
    } else if let Some(gap) = receipt.not_searched.first() {
        (Outcome::InPart, Some(gap.words()))
    } else if receipt.is_whole() {
        (Outcome::Purged, None)
    } else {
        (Outcome::InPart, Some("the receipt says why".to_owned()))
    };
    UserEnd {
        deleted: receipt.count(receipt::Outcome::Deleted),
        receipt: Some(file.to_owned()),
        ..ended(user, outcome, why)
    }
}

fn stopped(why: WhyStopped) -> Stopped {
    Stopped {
        progress: Progress::default(),
        in_doubt: 0,
        why,
    }
}
