//! What keeps a plan from being carried out: decided once, for the page that shows it and the key that asks.

use super::Purge;
use crate::domain::ByteSize;
use crate::domain::change::{Act, Existence};
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::change::elsewhere::{self, NoCopy};
use crate::ops::change::{Failure, judged_again};
use crate::tasks::PurgePlan;

/// Something that stands in the way, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What.
    pub why: String,
    /// What to do.
    pub advice: String,
}

/// What to do about a list that a plan was made by and that the blueprint does not name.
pub(super) const NO_LIST: &str =
    "name the list in the blueprint, or carry the plan out with `s3warden purge` and --registry";

impl Obstacle {
    fn new(why: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            advice: advice.into(),
        }
    }
}

/// What keeps this plan from being carried out, the first thing first; nothing when the last question may be asked.
/// `write` says whether the program may change anything, `demo` how it was started.
#[must_use]
pub fn obstacle(purge: &Purge, plan: &PurgePlan, write: bool, demo: bool) -> Option<Obstacle> {
    if plan.plan.items.is_empty() {
        return Some(if plan.is_undo() {
            Obstacle::new(
                "there is nothing to take away",
                "it is undone already: look for the user to see what is there",
            )
        } else if plan.plan.header.not_searched.is_empty() {
            Obstacle::new(
                "there is nothing to delete",
                "look at the id: case, blanks and accents count",
            )
        } else {
            Obstacle::new(
                "there is nothing to delete, and that is not all that may be the user's",
                "see below what is contested or was not searched",
            )
        });
    }
    if purge.is_running() {
        return Some(Obstacle::new(
            "a purge is under way",
            "wait until it has ended",
        ));
    }
    let blockers = plan.blockers();
    if let Some(bucket) = blockers.and_then(|blockers| blockers.mfa.first()) {
        return Some(Obstacle::new(
            format!("{bucket} wants a second factor for every deletion (MFA delete)"),
            "turn MFA delete off for the time of the purge, with the root user's device",
        ));
    }
    if plan.user().chars().any(char::is_control) {
        return Some(Obstacle::new(
            "the id holds control characters, which cannot be typed here",
            "`s3warden purge` on the command line takes them",
        ));
    }
    if !plan.is_undo() {
        let header = &plan.plan.header;
        let planned = [header.existence.list(), header.record_list.as_deref()];
        let read = [plan.existence.list().is_some(), plan.has_record_list];
        if let Err(Failure::Refused { why, .. }) = judged_again(planned, read) {
            return Some(Obstacle::new(text::safe(&why), NO_LIST));
        }
    }
    if let Some(undated) = &plan.undated {
        return Some(Obstacle::new(
            format!("{}: nothing is changed by it", text::safe(undated)),
            "put the list into a file with its own time; or allow it on the Orphans form (\"undated list\"), and look again (n)",
        ));
    }
    if plan.existence.needs_reason() && purge.setup.reason().is_none() {
        let exists = match &plan.existence {
            Existence::Suspect { .. } => "the user may still exist",
            _ => "the user still exists",
        };
        return Some(Obstacle::new(
            format!("{exists}: {}", text::safe(&plan.existence.words())),
            "delete the user in the application first; or type a reason on the first page (f), and the receipt will say so",
        ));
    }
    if let Some(unfit) = beyond(purge, plan).or_else(|| no_place(purge, plan)) {
        return Some(unfit);
    }
    (!write).then(|| {
        let start = if demo {
            "s3warden demo --write".to_owned()
        } else {
            format!("s3warden --write --blueprint {}", plan.blueprint.name)
        };
        Obstacle::new(
            "this is a dry run, for the program is read-only",
            format!(
                "to {}, quit (q) and start it with --write: {start}",
                verb(plan)
            ),
        )
    })
}

/// What is done with a plan.
#[must_use]
pub fn verb(plan: &PurgePlan) -> &'static str {
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
        Ok(Some(to)) => elsewhere::place(&to, &plan.blueprint, &plan.plan.header.case),
        Err(why) => Err(NoCopy::Place(why)),
    };
    let why = match place {
        Err(NoCopy::Place(why)) => text::safe(&why).into_owned(),
        _ => return None,
    };
    Some(Obstacle::new(
        format!("no copy of the receipt can go there: {why}"),
        "on the first page (f), \"receipt also to\" takes s3://BUCKET/KEY; Delete empties it",
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
            "look at the plan; if it is right, allow more on the first page (f, \"at most\")",
        )
    })
}
