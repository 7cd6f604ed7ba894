//! The purge itself: begun, followed, asked to stop, ended.

use std::sync::Arc;

use super::{Page, many, to};
use crate::app::action::Action;
use crate::app::overlay::{Overlay, Then};
use crate::app::screens::purge::batch::Many;
use crate::app::screens::purge::ended::Counts;
use crate::app::screens::purge::obstacle::obstacle;
use crate::app::screens::purge::run::{Ended, Run, Running};
use crate::app::screens::purge::{Search, Typed};
use crate::app::state::{Load, State};
use crate::app::update::{Command, start, toast};
use crate::aws::Problem;
use crate::domain::change::Act;
use crate::domain::receipt::{Outcome, SealedItem};
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::change;
use crate::tasks::{PurgeNews, PurgeStage, PurgeWork, Slot, Work};

/// Begins. The gates are gone through once more: between the question and its answer anything may have come.
pub(super) fn begin(state: &mut State, commands: &mut Vec<Command>) {
    let Some(plan) = state.purge.plan().cloned() else {
        return;
    };
    let is_free = obstacle(&state.purge, &plan, state.write).is_none();
    if !is_free || state.purge.typed() != Typed::Whole {
        return;
    }
    let setup = &state.purge.setup;
    let Ok(receipt_to) = setup.receipt_to() else {
        return;
    };
    let work = PurgeWork {
        subject_as_given: setup.named,
        receipt_to,
        confirmed: state.purge.confirm.value().to_owned(),
        owner_still_exists: setup.reason(),
        keep_plan: setup.keep,
        bounds: setup.most.bounds(),
        lists: state.orphans.setup.limits.lists,
        plan: Arc::clone(&plan),
    };
    state.purge.run = Run::Running(Running::new(plan, state.now));
    // What is being deleted is no plan any more.
    state.purge.forget();
    to(state, Page::Run);
    super::state_operator(state, commands);
    start(state, Slot::Purge, Work::Purge(Box::new(work)), commands);
}

/// An update of a search or of a purge has arrived.
pub(crate) fn news(state: &mut State, slot: Slot, news: PurgeNews) {
    let now = state.now;
    match news {
        PurgeNews::Batch(news) => many::news(state, news),
        PurgeNews::Stage(PurgeStage::Deleting(progress))
            if slot == Slot::Purge && matches!(state.purge.many, Many::Running(_)) =>
        {
            if let Many::Running(running) = &mut state.purge.many {
                running.progress = progress;
            }
        }
        PurgeNews::Stage(told) if slot == Slot::Purge => {
            if let Run::Running(running) = &mut state.purge.run {
                running.take(told, now);
            }
        }
        PurgeNews::Stage(told) => {
            if let Search::Running { stage, .. } = &mut state.purge.search {
                *stage = told;
            }
        }
        PurgeNews::Planned(plan) => {
            state.purge.group = 0;
            state.purge.search = Search::Ready(plan);
        }
        PurgeNews::Unfinished(unfinished) => {
            state.purge.setup.unfinished = unfinished;
            // What the cursor stood on may be gone.
            state.purge.setup.move_by(0);
        }
        PurgeNews::Undoable(undoable) => {
            state.purge.setup.undoable = undoable;
            state.purge.setup.move_by(0);
        }
        PurgeNews::Ended(end) => {
            say_ended(state, &end);
            offer_no_more(state, &end);
            finish(state, Ok(end));
        }
    }
}

/// What was undone whole is not offered again, and not until the state folder was looked through anew either.
fn offer_no_more(state: &mut State, end: &crate::tasks::PurgeEnd) {
    let Ok(change::Ended::Verified(verified)) = &end.ended else {
        return;
    };
    let receipt = &verified.receipt;
    let is_left = |item: &SealedItem| item.outcome == Outcome::StillThere;
    if let Act::Unmark { case } = &receipt.act
        && !receipt.items.iter().any(is_left)
    {
        let setup = &mut state.purge.setup;
        setup.undoable.retain(|one| one.case != *case);
        setup.move_by(0);
    }
}

fn run_is_undo(state: &State) -> bool {
    matches!(&state.purge.run, Run::Running(running) if running.plan.is_undo())
}

fn say_ended(state: &mut State, end: &crate::tasks::PurgeEnd) {
    let (words, is_error) = match &end.ended {
        Ok(change::Ended::Verified(verified)) => {
            let counts = Counts::of(&verified.receipt);
            let gone = counted(counts.deleted, "thing");
            let is_soft = verified.receipt.act == Act::Mark;
            if is_soft && counts.left() == 0 {
                (format!("{gone} hidden; u brings them back"), false)
            } else if run_is_undo(state) && counts.left() == 0 {
                (
                    format!(
                        "{} taken away: what they hid is there again",
                        counted(counts.deleted, "delete marker")
                    ),
                    false,
                )
            } else if verified.receipt.is_whole() {
                (format!("{gone} deleted, listed again and gone"), false)
            } else {
                let why = verified.receipt.not_whole().join(", ");
                let done = verified.receipt.act.done();
                (format!("{gone} {done}; {why}"), true)
            }
        }
        Ok(change::Ended::Stopped(_)) => ("the purge stopped before its end".to_owned(), true),
        Err(_) => ("refused; nothing was touched".to_owned(), true),
    };
    toast(state, words, is_error);
}

fn finish(state: &mut State, end: Result<Arc<crate::tasks::PurgeEnd>, Arc<Problem>>) {
    if let Run::Running(running) = std::mem::take(&mut state.purge.run) {
        state.purge.run = Run::Ended(Ended {
            plan: running.plan,
            end,
            at: state.now,
            took: (state.now - running.since).num_milliseconds(),
        });
        state.purge.scroll = 0;
    }
    no_more_questions(state);
}

/// What is asked about a purge that is over is asked no more.
pub(super) fn no_more_questions(state: &mut State) {
    let asks = matches!(
        state.overlay,
        Some(Overlay::Ask {
            then: Then::StopPurge | Then::LeavePurge(_),
            ..
        })
    );
    if asks {
        // What it asks about is over.
        state.overlay = None;
    }
}

/// The job of a search has ended; without a plan it broke off.
pub(crate) fn plan_ended(state: &mut State, load: Load) {
    many::plan_ended(state, &load);
    if let Search::Running { user, .. } = &state.purge.search {
        let problem = match load {
            Load::Failed(problem) => problem,
            _ => Arc::new(Problem::cancelled(
                "look for everything of",
                text::safe(user),
            )),
        };
        state.purge.search = Search::Failed(problem);
    }
}

/// The job of a purge has ended; without a word of how, it failed before anything was changed, or is a defect.
pub(crate) fn run_ended(state: &mut State, load: Load) {
    many::run_ended(state, &load);
    if let Run::Running(running) = &state.purge.run {
        let problem = match load {
            Load::Failed(problem) => problem,
            _ => Arc::new(Problem::cancelled("purge", text::safe(running.plan.user()))),
        };
        finish(state, Err(problem));
    }
}

/// How far the purge is that runs, and whether it was asked to stop.
fn under_way(state: &State) -> Option<(String, bool)> {
    match (&state.purge.run, &state.purge.many) {
        (Run::Running(running), _) => Some((how_far(running), running.stopping)),
        (_, Many::Running(running)) => Some((running.how_far(), running.stopping)),
        _ => None,
    }
}

fn how_far(running: &Running) -> String {
    let done = running.plan.plan.header.act.done();
    match running.progress.progress() {
        Some(progress) => format!(
            "{} of {} {done} so far, {} failed.",
            counted(progress.deleted, "thing"),
            counted(progress.planned, "thing"),
            progress.failed
        ),
        None => format!("Nothing was {done} so far."),
    }
}

const HOW_TO_GO_ON: &str = "Batches under way are waited for. What is not deleted by then stays, and the purge can go on later: this screen offers it.";

/// Asks whether to stop the purge.
pub(crate) fn ask_to_stop(state: &mut State) {
    let Some((how_far, is_stopping)) = under_way(state) else {
        return;
    };
    if is_stopping {
        let words = "it is stopping: batches under way are waited for";
        toast(state, words, false);
        return;
    }
    state.overlay = Some(Overlay::Ask {
        title: "Stop the purge?".into(),
        lines: vec![how_far, HOW_TO_GO_ON.into()],
        yes: "Stop it".into(),
        then: Then::StopPurge,
    });
}

/// Asks whether to leave the console while the purge runs. `true` when it was asked, and not for the second time.
pub(crate) fn ask_to_quit(state: &mut State) -> bool {
    let Some((how_far, _)) = under_way(state) else {
        return false;
    };
    let was_asked = matches!(
        &state.overlay,
        Some(Overlay::Ask { then, .. }) if *then == Then::QuitPurging
    );
    if was_asked {
        return false;
    }
    state.overlay = Some(Overlay::Ask {
        title: "A purge is running: stop it and quit?".into(),
        lines: vec![how_far, HOW_TO_GO_ON.into()],
        yes: "Stop and quit".into(),
        then: Then::QuitPurging,
    });
    true
}

/// Whether it shows another screen.
pub(super) fn leaves(action: Action) -> bool {
    matches!(
        action,
        Action::ShowBuckets
            | Action::ShowBrowse
            | Action::ShowState
            | Action::ShowOrphans
            | Action::ShowPresign
            | Action::ShowTasks
            | Action::ShowAuditLog
            | Action::NextScreen
            | Action::PreviousScreen
    )
}

/// Asks whether to look elsewhere while the purge runs. `true` when it was asked.
pub(super) fn ask_to_leave(state: &mut State, action: Action) -> bool {
    let Some((how_far, _)) = under_way(state) else {
        return false;
    };
    state.overlay = Some(Overlay::Ask {
        title: "Look elsewhere while the purge runs?".into(),
        lines: vec![
            how_far,
            "It goes on, and is not stopped by that. 5 comes back to it; its end is told wherever you are.".into(),
        ],
        yes: "Let it run".into(),
        then: Then::LeavePurge(action),
    });
    true
}

/// Stops the purge after the batches under way.
pub(crate) fn stop(state: &mut State, commands: &mut Vec<Command>) {
    match (&mut state.purge.run, &mut state.purge.many) {
        (Run::Running(running), _) => running.stopping = true,
        (_, Many::Running(running)) => running.stopping = true,
        _ => return,
    }
    commands.push(Command::Cancel(Slot::Purge));
}
