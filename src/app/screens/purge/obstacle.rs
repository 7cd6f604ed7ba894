//! What keeps a plan from being carried out: decided once, for the page that shows it and the key that asks.

use super::Purge;
use crate::domain::ByteSize;
use crate::domain::advice::{Action, Advice, PlanOf, advice};
use crate::domain::change::{Act, Existence};
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::change::receipt_copy::{self, NoCopy};
use crate::ops::change::{Failure, judged_again};
use crate::tasks::PurgePlan;

/// Something that stands in the way, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// What.
    pub why: String,
    /// What to do.
    pub advice: Advice,
}

/// What to do about a list that a plan was made by and that the blueprint does not name.
pub(super) fn no_list() -> Advice {
    advice!("name the list in the blueprint, or carry the plan out on the command line")
}

impl Obstacle {
    fn new(why: impl Into<String>, advice: impl Into<Advice>) -> Self {
        Self {
            why: why.into(),
            advice: advice.into(),
        }
    }
}

/// What keeps this plan from being carried out, the first thing first; nothing when the last question may be asked.
/// `write` says whether the program may change anything.
#[must_use]
pub(crate) fn obstacle(purge: &Purge, plan: &PurgePlan, write: bool) -> Option<Obstacle> {
    if plan.plan.items.is_empty() {
        return Some(if plan.is_undo() {
            Obstacle::new(
                "there is nothing to take away",
                advice!("it is undone already: look for the user to see what is there"),
            )
        } else if plan.plan.header.not_searched.is_empty() {
            Obstacle::new(
                "there is nothing to delete",
                advice!("look at the id: case, blanks and accents count"),
            )
        } else {
            Obstacle::new(
                "there is nothing to delete, and that is not all that may be the user's",
                advice!("see below what is contested or was not searched"),
            )
        });
    }
    if purge.is_running() {
        return Some(Obstacle::new(
            "a purge is under way",
            advice!("wait until it has ended"),
        ));
    }
    let blockers = plan.blockers();
    if let Some(bucket) = blockers.and_then(|blockers| blockers.mfa.first()) {
        return Some(Obstacle::new(
            format!("{bucket} wants a second factor for every deletion (MFA delete)"),
            advice!("turn MFA delete off for the time of the purge, with the root user's device"),
        ));
    }
    if plan.user().chars().any(char::is_control) {
        return Some(Obstacle::new(
            "the id holds control characters, which cannot be typed here",
            advice!("purge this user on the command line, which takes them"),
        ));
    }
    if !plan.is_undo() {
        let header = &plan.plan.header;
        let planned = [header.existence.list(), header.record_list.as_deref()];
        let read = [plan.existence.list().is_some(), plan.has_record_list];
        if let Err(Failure::Refused { why, .. }) = judged_again(planned, read) {
            return Some(Obstacle::new(text::safe(&why), no_list()));
        }
    }
    if let Some(undated) = &plan.undated {
        return Some(Obstacle::new(
            format!("{}: nothing is changed by it", text::safe(undated)),
            advice!("put the list into a file with its own time, or allow an undated list on the Orphans form")
                .then(Action::MakePlanAgain(PlanOf::Purge)),
        ));
    }
    if plan.existence.needs_reason() && purge.setup.reason().is_none() {
        let exists = match &plan.existence {
            Existence::Suspect { .. } => "the user may still exist",
            _ => "the user still exists",
        };
        return Some(Obstacle::new(
            format!("{exists}: {}", text::safe(&plan.existence.words())),
            Action::PurgeExistingUser,
        ));
    }
    if let Some(unfit) = beyond(purge, plan).or_else(|| no_place(purge, plan)) {
        return Some(unfit);
    }
    (!write).then(|| {
        Obstacle::new(
            "this is a dry run, for the program is read-only",
            advice!("to {} it,", verb(plan)).then(Action::AllowChanges),
        )
    })
}

/// What is done with a plan.
#[must_use]
pub(crate) fn verb(plan: &PurgePlan) -> &'static str {
    match plan.plan.header.act {
        Act::Mark => "hide",
        Act::Unmark { .. } => "undo",
        _ => "purge",
    }
}

/// A copy of the receipt that could not be stored is said before anything is changed, where that can be known.
fn no_place(purge: &Purge, plan: &PurgePlan) -> Option<Obstacle> {
    let place = match purge.setup.receipt_to() {
        Ok(None) => return None,
        Ok(Some(to)) => receipt_copy::place(&to, &plan.blueprint, &plan.plan.header.case),
        Err(why) => Err(NoCopy::Place(why)),
    };
    let why = match place {
        Err(NoCopy::Place(why)) => text::safe(&why).into_owned(),
        _ => return None,
    };
    Some(Obstacle::new(
        format!("no copy of the receipt can go there: {why}"),
        advice!("it takes s3://BUCKET/KEY, or nothing").then(Action::ChangeSetup {
            field: "receipt also to",
        }),
    ))
}

fn beyond(purge: &Purge, plan: &PurgePlan) -> Option<Obstacle> {
    let bounds = purge.setup.most.bounds();
    let (things, bytes): (u64, ByteSize) = (plan.things(), plan.bytes());
    let is_beyond = bounds.objects.is_some_and(|most| things > most)
        || bounds.bytes.is_some_and(|most| bytes > most);
    is_beyond.then(|| {
        Obstacle::new(
            format!(
                "it is more than {}: {}, {bytes}",
                purge.setup.most.words(),
                counted(things, "thing")
            ),
            advice!("look at the plan; if it is right, allow more")
                .then(Action::ChangeSetup { field: "at most" }),
        )
    })
}
