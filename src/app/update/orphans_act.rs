//! Acting on orphans from their screen: choose, look at the plan, type what it is about, watch, read what became of it.

use std::sync::Arc;

use super::{Command, start, toast};
use crate::app::action::Action;
use crate::app::orphans::act::Acting;
use crate::app::orphans::{Page, Search};
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::state::{Load, State};
use crate::domain::BucketName;
use crate::domain::orphans::Verdict;
use crate::ops::change::Progress as ActProgress;
use crate::tasks::{ActDone, ActPlan, Deed, PlanActWork, Slot, Way, Work};

/// A report that is older, in minutes, is made again before anything is done on its word.
const FRESH_MINUTES: i64 = 60;

/// Begins with what is marked, or else shown: a plan is made, and nothing is changed.
pub(super) fn begin(state: &mut State, deed: Deed, commands: &mut Vec<Command>) {
    if state.orphans.acting.is_under_way() {
        state.orphans.page = Page::Act;
        return;
    }
    if matches!(state.orphans.search, Search::Running(_)) {
        toast(state, "a search is under way; C-x stops it".into(), false);
        return;
    }
    let Some(work) = state.orphans.work.clone() else {
        toast(state, "search first: s".into(), false);
        return;
    };
    let verdicts = match deed {
        Deed::Restore => Vec::new(),
        Deed::Quarantine(_) | Deed::Delete => chosen(state),
    };
    let bucket = match deed {
        Deed::Restore => one(work.buckets.iter()),
        Deed::Quarantine(_) | Deed::Delete => one(verdicts.iter().map(|one| &one.bucket)),
    };
    let Some(bucket) = bucket else {
        let words = match deed {
            Deed::Restore => "search one bucket first: what comes back is of one bucket",
            _ if verdicts.is_empty() => "mark orphans first, or open a kind of them",
            _ => "mark orphans of one bucket: a plan is about one",
        };
        toast(state, words.into(), false);
        return;
    };
    let age = state
        .orphans
        .found()
        .map(|found| state.now - found.report.finished);
    if deed != Deed::Restore && age.is_none_or(|age| age.num_minutes() >= FRESH_MINUTES) {
        let words = "the report is older than an hour: it is made again first";
        super::orphans::search(state, commands);
        toast(state, words.into(), false);
        return;
    }
    let work = PlanActWork {
        work: *work,
        bucket,
        verdicts,
        deed,
    };
    state.orphans.acting = Acting::Planning;
    state.orphans.page = Page::Act;
    state.orphans.scroll = 0;
    commands.push(start(state, Slot::Act, Work::PlanAct(Box::new(work))));
}

/// The one bucket that all of it is of.
fn one<'b>(mut buckets: impl Iterator<Item = &'b BucketName>) -> Option<BucketName> {
    let first = buckets.next()?;
    buckets.all(|other| other == first).then(|| first.clone())
}

/// What is marked; else, where one kind is listed, what is shown of it.
fn chosen(state: &State) -> Vec<Arc<Verdict>> {
    let orphans = &state.orphans;
    if orphans.marked.is_empty() && orphans.page != Page::Items {
        return Vec::new();
    }
    let Some(found) = orphans.found() else {
        return Vec::new();
    };
    super::orphans::selected(state)
        .into_iter()
        .filter_map(|number| found.verdicts.get(number))
        .filter(|verdict| verdict.kind.is_orphan())
        .cloned()
        .collect()
}

/// Keys on the page of the plan.
pub(super) fn on_act(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    match action {
        Action::Open => ask(state),
        Action::NextChoice => turn(state, true, commands),
        Action::PreviousChoice => turn(state, false, commands),
        Action::Down => super::orphans::scroll(state, 1),
        Action::Up => super::orphans::scroll(state, -1),
        Action::PageDown => super::orphans::scroll(state, 10),
        Action::PageUp => super::orphans::scroll(state, -10),
        Action::Top => state.orphans.scroll = 0,
        Action::Cancel if state.orphans.acting.is_under_way() => {
            commands.push(Command::Cancel(Slot::Act));
        }
        Action::Back => {
            if !state.orphans.acting.is_under_way() {
                state.orphans.acting = Acting::None;
            }
            state.orphans.page = Page::Kinds;
            state.orphans.scroll = 0;
        }
        Action::Bottom
        | Action::Filter
        | Action::SortNext
        | Action::SortPrevious
        | Action::Mark => {}
        _ => return false,
    }
    true
}

/// Another way to put them aside, and the plan for it.
fn turn(state: &mut State, forward: bool, commands: &mut Vec<Command>) {
    let Some(plan) = state.orphans.acting.plan() else {
        return;
    };
    if let Deed::Quarantine(way) = plan.made_of.deed {
        let work = PlanActWork {
            deed: Deed::Quarantine(way.turned(forward)),
            ..plan.made_of.clone()
        };
        state.orphans.acting = Acting::Planning;
        commands.push(start(state, Slot::Act, Work::PlanAct(Box::new(work))));
    }
}

/// Asks for the words that allow it. Nothing typed, or anything else, cancels.
fn ask(state: &mut State) {
    let Some(plan) = state.orphans.acting.plan() else {
        return;
    };
    if plan.plan.items.is_empty() {
        toast(state, "there is nothing to act on".into(), false);
    } else if !state.write {
        let words = "a dry run: nothing is changed unless s3warden is started with --write";
        toast(state, words.into(), false);
    } else {
        state.overlay = Some(Overlay::Prompt {
            kind: PromptKind::ConfirmAct,
            input: String::new().into(),
        });
    }
}

/// The words were typed.
pub(super) fn confirmed(state: &mut State, typed: &str, commands: &mut Vec<Command>) {
    let Some(plan) = state.orphans.acting.plan().cloned() else {
        return;
    };
    let wanted = plan.confirmation();
    if typed != wanted {
        toast(
            state,
            format!("cancelled: {wanted} was not typed, and nothing was touched"),
            !typed.is_empty(),
        );
        return;
    }
    state.orphans.acting = Acting::Running(Arc::clone(&plan), ActProgress::default());
    commands.push(start(state, Slot::Act, Work::Act(plan)));
}

pub(super) fn planned(state: &mut State, plan: Arc<ActPlan>) {
    state.orphans.acting = Acting::Planned(plan);
    state.orphans.scroll = 0;
}

pub(super) fn progress(state: &mut State, progress: ActProgress) {
    if let Acting::Running(_, now) = &mut state.orphans.acting {
        *now = progress;
    }
}

pub(super) fn acted(state: &mut State, done: Arc<ActDone>) {
    state.orphans.acting = Acting::Ended(done);
    state.orphans.page = Page::Act;
    state.orphans.scroll = 0;
    // What was found is not what is there any more.
    state.orphans.marked.clear();
}

/// The work ended without saying what became of it: it was refused, failed, or was stopped before anything was changed.
pub(super) fn ended(state: &mut State, load: &Load) {
    if state.orphans.acting.is_under_way() {
        state.orphans.acting = Acting::None;
        state.orphans.page = Page::Kinds;
        if !matches!(load, Load::Failed(_)) {
            toast(state, "stopped; nothing was changed".into(), false);
        }
    }
}

/// What is done by a key of this screen, where it is one of these.
pub(super) fn deed_of(action: Action) -> Option<Deed> {
    match action {
        Action::QuarantineOrphans => Some(Deed::Quarantine(Way::default())),
        Action::DeleteOrphans => Some(Deed::Delete),
        Action::RestoreOrphans => Some(Deed::Restore),
        _ => None,
    }
}
