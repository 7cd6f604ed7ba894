//! Acting on orphans from their screen: choose, look at the plan, type what it is about, watch, read what became of it.

use std::sync::Arc;

use super::again;
use crate::app::action::Action;
use crate::app::change_progress::ChangeProgress;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::orphans::act::{Acting, Running};
use crate::app::screens::orphans::{Page, Search};
use crate::app::state::{Load, State};
use crate::app::update::{Command, scroll_text, start, toast};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::domain::orphans::Verdict;
use crate::ops::change::{Ended, Progress as ActProgress};
use crate::tasks::{ActDone, ActPlan, OrphanAction, PlanActWork, Slot, Way, Work};

/// A report that is older, in minutes, is made again before anything is done on its word.
const FRESH_MINUTES: i64 = 60;

/// Begins with what is marked, or else shown: a plan is made, and nothing is changed.
pub(super) fn begin(state: &mut State, deed: OrphanAction, commands: &mut Vec<Command>) {
    if !is_free(state) {
        return;
    }
    if deed == OrphanAction::Restore {
        again::restore(state, None, commands);
        return;
    }
    let Some(work) = state.orphans.work.clone() else {
        toast(state, "search first: s", false);
        return;
    };
    let verdicts = chosen(state);
    let Some(bucket) = one(verdicts.iter().map(|one| &one.bucket)) else {
        let words = if verdicts.is_empty() && is_something_chosen(state) {
            "these are only reported: nothing is quarantined or deleted that may be somebody's or does not exist"
        } else if verdicts.is_empty() {
            "mark orphans first, or open a kind of them"
        } else {
            "mark orphans of one bucket: a plan is about one"
        };
        toast(state, words, false);
        return;
    };
    let age = state
        .orphans
        .found()
        .map(|found| state.now - found.report.finished);
    if age.is_none_or(|age| age.num_minutes() >= FRESH_MINUTES) {
        let words = "the report is older than an hour: it is made again first";
        super::search(state, commands);
        toast(state, words, false);
        return;
    }
    let work = PlanActWork {
        work: *work,
        bucket,
        verdicts,
        deed,
        owner: None,
    };
    plan(state, Work::PlanAct(Box::new(work)), commands);
}

/// Whether nothing is under way; else it is shown, or said.
pub(super) fn is_free(state: &mut State) -> bool {
    if state.orphans.acting.is_under_way() {
        state.orphans.page = Page::Act;
        return false;
    }
    if matches!(state.orphans.search, Search::Running(_)) {
        toast(state, "a search is under way; C-x stops it", false);
        return false;
    }
    true
}

/// Makes a plan, or reads one. Changes nothing.
pub(super) fn plan(state: &mut State, work: Work, commands: &mut Vec<Command>) {
    state.orphans.acting = Acting::Planning;
    state.orphans.page = Page::Act;
    state.orphans.scroll = 0;
    start(state, Slot::Act, work, commands);
}

/// The one bucket that all of it is of.
pub(super) fn one<'b>(mut buckets: impl Iterator<Item = &'b BucketName>) -> Option<BucketName> {
    let first = buckets.next()?;
    buckets.all(|other| other == first).then(|| first.clone())
}

/// What is marked; else, where one kind is listed, what is shown of it; else what the plan that is shown was made of.
fn chosen(state: &State) -> Vec<Arc<Verdict>> {
    let orphans = &state.orphans;
    if orphans.page == Page::Act
        && let Some(plan) = orphans.acting.plan()
    {
        return plan.made_of.verdicts.clone();
    }
    if !is_something_chosen(state) {
        return Vec::new();
    }
    let Some(found) = orphans.found() else {
        return Vec::new();
    };
    super::selected(state)
        .into_iter()
        .filter_map(|number| found.verdicts.get(number))
        .filter(|verdict| verdict.kind.is_orphan())
        .cloned()
        .collect()
}

/// Whether anything is marked or listed.
fn is_something_chosen(state: &State) -> bool {
    !state.orphans.marked.is_empty() || state.orphans.page == Page::Items
}

/// Keys on the page of the plan.
pub(super) fn on_act(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    match action {
        Action::Open if state.orphans.acting.receipt().is_some() => {
            state.orphans.page = Page::Receipt;
            state.orphans.scroll = 0;
        }
        Action::Open if state.orphans.acting.stopped().is_some() => {
            again::go_on(state, commands);
        }
        Action::Open => ask(state),
        Action::NextChoice => turn(state, true, commands),
        Action::PreviousChoice => turn(state, false, commands),
        Action::Cancel if state.orphans.acting.is_under_way() => {
            if let Acting::Running(running) = &mut state.orphans.acting {
                running.stopping = true;
            }
            commands.push(Command::Cancel(Slot::Act));
        }
        Action::Copy => copy_receipt(state, commands),
        Action::Explain => {
            let Acting::Failed(problem) = &state.orphans.acting else {
                return false;
            };
            state.overlay = Some(Overlay::Explain(Arc::clone(problem)));
        }
        Action::Back => back(state),
        Action::CopyUri => {}
        action => return scroll_text(&mut state.orphans.scroll, action),
    }
    true
}

/// Keys on the page of the receipt.
pub(super) fn on_receipt(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    match action {
        Action::Back | Action::Open | Action::PreviousChoice => {
            state.orphans.page = Page::Act;
            state.orphans.scroll = 0;
        }
        Action::Copy => copy_receipt(state, commands),
        Action::CopyUri => {}
        action => return scroll_text(&mut state.orphans.scroll, action),
    }
    true
}

/// Leaves the page. What is under way goes on, and a key of the screen shows it again.
fn back(state: &mut State) {
    let orphans = &mut state.orphans;
    if !orphans.acting.is_under_way() {
        orphans.acting = Acting::None;
    }
    orphans.page = match orphans.search {
        Search::None => Page::Setup,
        Search::Running(_) | Search::Ended(_) | Search::Failed(_) => Page::Kinds,
    };
    orphans.scroll = 0;
}

fn copy_receipt(state: &mut State, commands: &mut Vec<Command>) {
    let path = match &state.orphans.acting {
        Acting::Ended(done) => match &done.acted.ended {
            Ended::Verified(verified) => Some(verified.receipt_file.display().to_string()),
            Ended::Stopped(_) => None,
        },
        _ => None,
    };
    match path {
        Some(path) => commands.push(Command::Copy(path)),
        None => toast(state, "there is nothing to be copied yet", false),
    }
}

/// Another way to put them aside, and the plan for it.
fn turn(state: &mut State, forward: bool, commands: &mut Vec<Command>) {
    let Some(plan) = state.orphans.acting.plan() else {
        return;
    };
    if let (OrphanAction::Quarantine(way), false) = (plan.made_of.deed, plan.is_begun()) {
        let work = PlanActWork {
            deed: OrphanAction::Quarantine(way.turned(forward)),
            ..plan.made_of.clone()
        };
        state.orphans.acting = Acting::Planning;
        start(state, Slot::Act, Work::PlanAct(Box::new(work)), commands);
    }
}

/// Asks for the words that allow it. Nothing typed, or anything else, cancels.
fn ask(state: &mut State) {
    let Some(plan) = state.orphans.acting.plan() else {
        return;
    };
    if plan.plan.items.is_empty() {
        toast(state, "there is nothing to act on", false);
    } else if !state.write {
        let words = "a dry run: changes are not allowed in this session";
        toast(state, words, false);
    } else {
        state.overlay = Some(Overlay::prompt(PromptKind::ConfirmAct, ""));
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
    state.orphans.acting = Acting::Running(Running {
        plan: Arc::clone(&plan),
        since: state.now,
        progress: ChangeProgress::default(),
        stopping: false,
    });
    start(state, Slot::Act, Work::Act(plan), commands);
}

pub(super) fn planned(state: &mut State, plan: Arc<ActPlan>) {
    state.orphans.acting = Acting::Planned(plan);
    state.orphans.scroll = 0;
}

pub(super) fn progress(state: &mut State, progress: ActProgress) {
    let now = state.now;
    if let Acting::Running(running) = &mut state.orphans.acting {
        running.progress.take(progress, now);
    }
}

pub(super) fn acted(state: &mut State, done: Arc<ActDone>) {
    state.orphans.acting = Acting::Ended(done);
    state.orphans.page = Page::Act;
    state.orphans.scroll = 0;
    // What was found is not what is there any more.
    state.orphans.marked.clear();
}

/// The work ended without saying what became of it: it was refused or failed before anything was changed, was stopped while
/// it was planned, or is a defect.
pub(crate) fn ended(state: &mut State, load: &Load) {
    match (&state.orphans.acting, load) {
        (Acting::Planning | Acting::Running(_), Load::Failed(problem)) => {
            state.orphans.acting = Acting::Failed(Arc::clone(problem));
            state.orphans.scroll = 0;
        }
        (Acting::Planning, _) => {
            back_to_nothing(state);
            toast(state, "stopped; nothing was changed", false);
        }
        (Acting::Running(running), _) => {
            let bucket = running.plan.made_of.bucket.as_str();
            let problem = Problem::cancelled("act on the orphans of", bucket);
            state.orphans.acting = Acting::Failed(Arc::new(problem));
        }
        _ => {}
    }
}

fn back_to_nothing(state: &mut State) {
    state.orphans.acting = Acting::None;
    if state.orphans.page == Page::Act {
        back(state);
    }
}

/// What is done by a key of this screen, where it is one of these.
pub(super) fn deed_of(action: Action) -> Option<OrphanAction> {
    match action {
        Action::QuarantineOrphans => Some(OrphanAction::Quarantine(Way::default())),
        Action::DeleteOrphans => Some(OrphanAction::Delete),
        Action::RestoreOrphans => Some(OrphanAction::Restore),
        _ => None,
    }
}
