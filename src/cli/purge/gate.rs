//! The gates that need no request, and their refusals.

use super::PurgeArgs;
use super::plan::Prepared;
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure, choice};
use crate::config::Paths;
use crate::domain::blueprint::Blueprint;
use crate::domain::size::whole;
use crate::domain::{ByteSize, S3Uri, text};
use crate::ops::change;
use crate::ops::change::receipt_copy::{self, NoCopy};
use crate::ops::change::store::Store;
use crate::ops::registry::{NoRegistry, Why};

/// The blueprint. A deletion requires one that the user named.
pub(super) fn blueprint(session: &Session) -> Result<Blueprint, Failure> {
    choice::named(&session.settings)?.ok_or_else(|| {
        Failure::usage("could not tell whose things to delete: no blueprint was named").advising(
            "give --blueprint NAME or FILE; `s3warden blueprint list` shows the built-in ones",
        )
    })
}

pub(in crate::cli) fn store(session: &Session) -> Result<Store, Failure> {
    let state = session.settings.paths.as_ref().map(Paths::state);
    let state = state.ok_or_else(|| {
        Failure::failed("could not keep a plan and a journal: there is no home folder")
    })?;
    Store::open(state).map_err(|error| {
        Failure::failed(format!(
            "could not make the state folder {}: {error}",
            state.display()
        ))
    })
}

/// Checks `--write` and the repeated user id, before any request.
pub(super) fn confirmation(args: &PurgeArgs, session: &Session) -> Result<(), Failure> {
    if !args.is_carried_out() {
        return Ok(());
    }
    if !session.settings.write {
        return Err(read_only());
    }
    if args.from.is_some() && args.confirm.is_none() {
        return Err(Failure::refused("could not delete the things of the file's users: it was not confirmed")
            .advising("give --confirm users:COUNT; without --execute the plan says how many; nothing was touched"));
    }
    if let Some(owner) = &args.owner {
        confirms(args, owner.as_str())?;
    } else if args.confirm.is_none() && args.from.is_none() {
        return Err(unconfirmed("the plan's user"));
    }
    Ok(())
}

/// Whether the typed id is the user's, byte for byte.
pub(super) fn confirms(args: &PurgeArgs, user: &str) -> Result<(), Failure> {
    match &args.confirm {
        None => Err(unconfirmed(&text::quoted(user))),
        Some(typed) if typed != user => Err(Failure::refused(format!(
            "could not delete the things of {}: --confirm says {}",
            text::quoted(user),
            text::quoted(typed)
        ))
        .advising("type the user's id exactly; nothing was touched")),
        Some(_) => Ok(()),
    }
}

fn unconfirmed(whose: &str) -> Failure {
    Failure::refused(format!(
        "could not delete the things of {whose}: it was not confirmed"
    ))
    .advising("give --confirm with the user's id; nothing was touched")
}

/// Checks the destination of the receipt's copy before any request. The case id is not known yet.
pub(super) fn receipt_to(args: &PurgeArgs, blueprint: &Blueprint) -> Result<(), Failure> {
    let Some(to) = &args.receipt_to else {
        return Ok(());
    };
    let nothing = "0".repeat(32);
    let place = receipt_copy::place(to, blueprint, &nothing);
    place.map(drop).map_err(|why| no_copy(to, why))
}

/// Why the receipt was not copied.
pub(super) fn no_copy(to: &S3Uri, why: NoCopy) -> Failure {
    let to = to.to_string();
    match why {
        NoCopy::Place(why) => Failure::refused(format!(
            "could not store a copy of the receipt at {to}: {why}"
        ))
        .advising("give a bucket that is for such things; nothing was touched"),
        NoCopy::Problem(problem) => Failure::from(problem),
        NoCopy::Differs => Failure::failed(format!(
            "could not store a copy of the receipt at {to}: something else is there"
        ))
        .advising("give another key, or one that ends in '/'"),
        NoCopy::File(why) => Failure::failed(why),
    }
}

/// Why a plan that is only shown would be refused, and what to do about it.
pub(in crate::cli) struct Obstacle {
    pub(in crate::cli) why: String,
    pub(in crate::cli) advice: String,
}

impl Obstacle {
    fn of(failure: change::Failure) -> Option<Self> {
        match failure {
            change::Failure::Refused { why, advice } => Some(Self {
                why,
                advice: advice.command_line(),
            }),
            change::Failure::Problem(_) | change::Failure::File(_) => None,
        }
    }
}

/// The first reason to refuse the plan with these options. The output of a plan uses it, so that no command is
/// suggested that would be refused.
pub(super) fn obstacle(args: &PurgeArgs, prepared: &Prepared) -> Option<Obstacle> {
    let header = &prepared.plan.header;
    // An undo only depends on the sealed list of its markers.
    if prepared.undoes.is_none() {
        let planned = [header.existence.list(), header.record_list.as_deref()];
        let read = [
            prepared.existence.list().is_some(),
            prepared.lists.keys().is_some(),
        ];
        let by_lists = change::judged_again(planned, read).and_then(|()| {
            let reason = args.owner_still_exists.is_some();
            change::may_be_purged(&prepared.existence, reason)
        });
        if let Err(failure) = by_lists {
            return Obstacle::of(failure);
        }
        if let Some(obstacle) = undated(prepared.undated.as_deref()) {
            return Some(obstacle);
        }
    }
    let blockers = prepared.fresh.as_ref().map(|fresh| &fresh.blockers);
    if let Some(bucket) = blockers.and_then(|blockers| blockers.mfa.first()) {
        return Some(Obstacle {
            why: format!("{bucket} wants a second factor for every deletion (MFA delete)"),
            advice: "turn MFA delete off for the time of the purge, with the root user's device"
                .to_owned(),
        });
    }
    let items = whole(prepared.plan.items.len());
    beyond(args, items, prepared.plan.bytes())
}

/// Lists on which a plan is based and that were not read again.
pub(super) fn not_judged_again(planned: [Option<&str>; 2], read: [bool; 2]) -> Option<Obstacle> {
    Obstacle::of(change::judged_again(planned, read).err()?)
}

/// A list of unknown age that the user did not allow.
pub(in crate::cli) fn undated(list: Option<&str>) -> Option<Obstacle> {
    Some(Obstacle {
        why: format!("{}: nothing is changed by it", list?),
        advice:
            "put the list into a file with its own time; --allow-undated-registry overrules this"
                .to_owned(),
    })
}

/// A limit that is exceeded.
pub(super) fn beyond(args: &PurgeArgs, items: u64, bytes: ByteSize) -> Option<Obstacle> {
    let option = if args.max_objects.is_some_and(|most| items > most) {
        "--max-objects"
    } else if args.max_bytes.is_some_and(|most| bytes > most) {
        "--max-bytes"
    } else {
        return None;
    };
    Some(Obstacle {
        why: format!("it is more than {option} allows"),
        advice: format!("look at the plan; give a larger {option} if it is right"),
    })
}

pub(super) fn read_only() -> Failure {
    Failure::refused("could not delete anything: the program is read-only")
        .advising("give --write to allow it; nothing was touched")
}

/// Why nothing was deleted, for one user.
pub(super) fn failure(subject: &str, failure: change::Failure) -> Failure {
    failure_of(&format!("the things of {}", text::quoted(subject)), failure)
}

/// Why nothing was deleted.
pub(super) fn failure_of(what: &str, failure: change::Failure) -> Failure {
    match failure {
        change::Failure::Refused { why, advice } => {
            Failure::refused(format!("could not delete {what}: {why}"))
                .advising(advice)
                .advising("nothing was touched")
        }
        change::Failure::Problem(problem) => Failure::from(problem),
        change::Failure::File(why) => Failure::failed(why),
    }
}

/// The refusal because of an unavailable or unreliable list.
pub(in crate::cli) fn refused_list(none: NoRegistry) -> Failure {
    let status = match &none.why {
        Why::Asked => ExitStatus::Usage,
        why if why.is_refusal() => ExitStatus::Refused,
        _ => return Failure::from(none.problem),
    };
    let failure = Failure {
        status,
        ..Failure::from(none.problem)
    };
    if status == ExitStatus::Refused {
        failure.advising("nothing was touched")
    } else {
        failure
    }
}
