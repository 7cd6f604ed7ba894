//! Many users at once, on the Purge screen: the plan over a file of requests, the question, the run and what came of it.

use std::sync::Arc;

use super::Purge;
use super::obstacle::{Obstacle, no_list};
use crate::aws::Problem;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::change::batch::{BatchEnd, BatchUser, Outcome, UserEnd};
use crate::ops::change::{Failure, Progress, judged_again};
use crate::ops::orphans::lists_of;
use crate::tasks::BatchPlan;

/// How far many users are.
#[derive(Debug, Default)]
pub(crate) enum Many {
    /// Nobody asked.
    #[default]
    None,
    /// A plan is made.
    Planning {
        file: String,
        /// Those that are planned for.
        users: Vec<BatchUser>,
    },
    /// There is a plan.
    Ready(Arc<BatchPlan>),
    /// There is none.
    Failed(Arc<Problem>),
    /// It is carried out.
    Running(Running),
    /// It has ended, however that was.
    Ended(Over),
}

/// A plan over many users that is carried out.
#[derive(Debug)]
pub(crate) struct Running {
    /// What is carried out.
    pub plan: Arc<BatchPlan>,
    /// Those that are done.
    pub done: Vec<UserEnd>,
    /// How far the purge of the next one is.
    pub progress: Progress,
    /// Whether somebody asked it to stop.
    pub stopping: bool,
}

/// A plan over many users that was carried out, or was to be.
#[derive(Debug)]
pub(crate) struct Over {
    /// What was carried out.
    pub plan: Arc<BatchPlan>,
    /// Those that are done.
    pub done: Vec<UserEnd>,
    /// How it ended; a problem where nothing can be said of it.
    pub end: Result<Arc<Result<BatchEnd, Failure>>, Arc<Problem>>,
    /// Copies of receipts that could not be stored, and why.
    pub no_copies: Vec<String>,
}

impl Many {
    /// The plan, where it can be carried out or gone on with.
    #[must_use]
    pub(crate) fn plan(&self) -> Option<&Arc<BatchPlan>> {
        match self {
            Self::Ready(plan) => Some(plan),
            Self::Ended(over) if over.can_go_on() => Some(&over.plan),
            _ => None,
        }
    }
}

impl Over {
    /// Whether it stopped on the way, and can go on.
    #[must_use]
    pub(crate) fn can_go_on(&self) -> bool {
        match &self.end {
            Ok(ended) => ended
                .as_ref()
                .as_ref()
                .is_ok_and(|end| end.stopped.is_some()),
            Err(_) => true,
        }
    }
}

impl Running {
    /// How far it is.
    #[must_use]
    pub(crate) fn how_far(&self) -> String {
        format!(
            "{} of {} done; of the next one {} of {} deleted.",
            self.done.len(),
            counted(count(self.plan.batch.users.len()), "user"),
            counted(self.progress.deleted, "thing"),
            self.progress.planned
        )
    }
}

/// What became of users, in numbers: `3 users purged, 1 left untouched`.
#[must_use]
pub(crate) fn totals(users: &[UserEnd]) -> String {
    let of = |outcome| count(users.iter().filter(|user| user.outcome == outcome).count());
    let mut parts = vec![format!("{} purged", counted(of(Outcome::Purged), "user"))];
    for (number, words) in [
        (of(Outcome::NothingFound), "without anything to delete"),
        (of(Outcome::InPart), "purged in part"),
        (of(Outcome::StillThere), "not purged although it was tried"),
        (of(Outcome::Left), "left untouched"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    parts.join(", ")
}

/// What keeps a plan over many users from being carried out; nothing when the question may be asked.
#[must_use]
pub(crate) fn obstacle(purge: &Purge, plan: &BatchPlan, write: bool) -> Option<Obstacle> {
    let no = |why: String, advice: Advice| Some(Obstacle { why, advice });
    if purge.is_running() {
        return no(
            "a purge is under way".into(),
            advice!("wait until it has ended"),
        );
    }
    if plan.batch.count() == 0 {
        return no(
            "there is no user to purge".into(),
            advice!("look at the reasons, and put them right"),
        );
    }
    let (owners, keys) = lists_of(&plan.blueprint);
    let planned = [&plan.batch.owner_list, &plan.batch.record_list];
    let read = [owners.is_some(), keys.is_some()];
    if let Err(Failure::Refused { why, .. }) = judged_again(planned.map(Option::as_deref), read) {
        return no(text::safe(&why).into_owned(), no_list());
    }
    let bounds = purge.setup.most.bounds();
    let (things, bytes) = (plan.batch.items(), plan.batch.bytes());
    if bounds.objects.is_some_and(|most| things > most)
        || bounds.bytes.is_some_and(|most| bytes > most)
    {
        let why = format!(
            "it is more than {}: {}, {bytes}",
            purge.setup.most.words(),
            counted(things, "thing")
        );
        return no(why, Action::ChangeSetup { field: "at most" }.into());
    }
    match purge.setup.receipt_to() {
        Ok(Some(to)) if !to.prefix.is_empty() && !to.prefix.ends_with('/') => {
            return no(
                "there is a receipt for each user, and their copies need a folder".into(),
                advice!("let it end with '/'").then(Action::ChangeSetup {
                    field: "receipt also to",
                }),
            );
        }
        Ok(_) => {}
        Err(why) => {
            return no(
                why,
                advice!("it takes s3://BUCKET/KEY/").then(Action::ChangeSetup {
                    field: "receipt also to",
                }),
            );
        }
    }
    if write {
        return None;
    }
    no(
        "this is a dry run, for the program is read-only".into(),
        Action::AllowChanges.into(),
    )
}

/// A number of things in memory.
#[must_use]
pub(crate) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
