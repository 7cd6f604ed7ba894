//! Many users at once: planned, confirmed by their number, carried out, stopped and gone on with.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Page, to};
use crate::app::action::Action;
use crate::app::screens::purge::Typed;
use crate::app::screens::purge::batch::{Many, Over, Running, obstacle, totals};
use crate::app::screens::purge::setup::Line;
use crate::app::state::{Load, State};
use crate::app::update::{Command, scroll_text, start, toast};
use crate::aws::Problem;
use crate::tasks::{BatchNews, BatchSearch, BatchWork, Slot, Work};

/// Plans for everybody in the file that stands on the form.
pub(super) fn search(state: &mut State, commands: &mut Vec<Command>) {
    let setup = &state.purge.setup;
    let file = setup.requests.value().trim().to_owned();
    let Some(blueprint) = setup.chosen().cloned() else {
        let words = "choose with → whose users they are: the blueprint of the application";
        return super::ask_for(state, Line::Blueprint, words);
    };
    state.purge.many = Many::Planning {
        file: file.clone(),
        users: Vec::new(),
    };
    state.toast = None;
    to(state, Page::Many);
    let work = BatchSearch {
        file: PathBuf::from(file),
        blueprint,
        lists: state.orphans.setup.limits.lists,
    };
    super::state_operator(state, commands);
    start(
        state,
        Slot::PurgePlan,
        Work::BatchSearch(Box::new(work)),
        commands,
    );
}

/// Asks for the number of users, unless something stands in the way.
pub(super) fn ask(state: &mut State) {
    let Some(plan) = state.purge.many.plan().cloned() else {
        toast(state, "there is no plan to carry out", false);
        return;
    };
    if let Some(obstacle) = obstacle(&state.purge, &plan, state.write) {
        return super::refuse(state, &obstacle);
    }
    state.purge.confirm.reset();
    to(state, Page::ManyConfirm);
}

/// Begins, where the number stands there whole.
pub(super) fn begin(state: &mut State, commands: &mut Vec<Command>) {
    let Some(plan) = state.purge.many.plan().cloned() else {
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
    let work = BatchWork {
        confirmed: state.purge.confirm.value().to_owned(),
        lists: state.orphans.setup.limits.lists,
        keep_plan: setup.keep,
        bounds: setup.most.bounds(),
        subject_as_given: setup.named,
        receipt_to,
        plan: Arc::clone(&plan),
    };
    state.purge.many = Many::Running(Running {
        plan,
        done: Vec::new(),
        progress: crate::ops::change::Progress::default(),
        stopping: false,
    });
    state.purge.confirm.reset();
    to(state, Page::Many);
    super::state_operator(state, commands);
    start(state, Slot::Purge, Work::Batch(Box::new(work)), commands);
}

/// An update has arrived.
pub(super) fn news(state: &mut State, news: BatchNews) {
    match news {
        BatchNews::User(user) => {
            if let Many::Planning { users, .. } = &mut state.purge.many {
                users.push(user);
            }
        }
        BatchNews::Planned(plan) => state.purge.many = Many::Ready(plan),
        BatchNews::Done(user) => {
            if let Many::Running(running) = &mut state.purge.many {
                running.done.push(user);
                running.progress = crate::ops::change::Progress::default();
            }
        }
        BatchNews::Ended { ended, no_copies } => {
            let words = match ended.as_ref() {
                Ok(end) if end.stopped.is_some() => {
                    ("the purge stopped before its end".to_owned(), true)
                }
                Ok(end) => (totals(&end.users), !end.is_whole()),
                Err(_) => ("refused; nothing was touched".to_owned(), true),
            };
            toast(state, words.0, words.1);
            over(state, Ok(ended), no_copies);
            super::run::no_more_questions(state);
        }
    }
}

fn over(
    state: &mut State,
    end: Result<
        Arc<Result<crate::ops::change::batch::BatchEnd, crate::ops::change::Failure>>,
        Arc<Problem>,
    >,
    no_copies: Vec<String>,
) {
    if let Many::Running(running) = std::mem::take(&mut state.purge.many) {
        state.purge.many = Many::Ended(Over {
            plan: running.plan,
            done: running.done,
            end,
            no_copies,
        });
        state.purge.scroll = 0;
    }
}

/// The job of planning has ended; without a plan it broke off.
pub(super) fn plan_ended(state: &mut State, load: &Load) {
    if let Many::Planning { file, .. } = &state.purge.many {
        let problem = match load {
            Load::Failed(problem) => Arc::clone(problem),
            _ => Arc::new(Problem::cancelled("make a plan for", file.as_str())),
        };
        state.purge.many = Many::Failed(problem);
    }
}

/// The job of carrying out has ended, without a word of how.
pub(super) fn run_ended(state: &mut State, load: &Load) {
    if let Many::Running(running) = &state.purge.many {
        let problem = if let Load::Failed(problem) = load {
            Arc::clone(problem)
        } else {
            let file = running.plan.file.display().to_string();
            Arc::new(Problem::cancelled("purge by", file))
        };
        over(state, Err(problem), Vec::new());
        super::run::no_more_questions(state);
    }
}

/// What was asked for on the page.
pub(super) fn on_page(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    match action {
        Action::Back if state.purge.is_running() => super::ask_to_stop(state),
        Action::Back => super::form(state, commands),
        Action::Open => ask(state),
        _ => return scroll_text(&mut state.purge.scroll, action),
    }
    true
}
