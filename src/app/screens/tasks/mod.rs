//! The Tasks screen: what runs and what ran.

mod row;

pub(crate) use row::{TaskColumn, TaskRow};

use std::sync::Arc;

use super::{Component, Texts, purge};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::Overlay;
use crate::app::state::State;
use crate::app::table::List;
use crate::app::update::{Command, toast};
use crate::app::words::counted;
use crate::domain::text;
use crate::tasks::{Outcome, Progress, Slot, Ticket};

/// The screen.
pub(super) struct TasksScreen;

impl Texts for TasksScreen {
    fn title(&self) -> (u8, &'static str) {
        (7, "Tasks")
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let all = u64::try_from(state.tasks.len()).unwrap_or(u64::MAX);
        vec![counted(all, "task"), format!("{} running", state.running())]
    }

    fn about(&self, state: &State) -> String {
        let task = state.tasks.current();
        task.map_or_else(String::new, |task| format!("{} {}", task.what, task.target))
    }
}

impl Component for TasksScreen {
    fn keys(&self, _: &State) -> Place {
        Place::Tasks
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        match action {
            Action::Refresh => toast(state, "the tasks are always up to date", false),
            Action::Cancel => cancel(state, commands),
            Action::Explain => explain(state),
            _ => return false,
        }
        true
    }

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        // They are so few that they are always put in order at once.
        Some((Slot::ArrangeBuckets, &mut state.tasks))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        state.tasks.filter()
    }

    fn under_cursor(&self, state: &State, _: bool) -> Option<String> {
        Some(state.tasks.current()?.target.clone())
    }
}

/// Cancels the task under the cursor; a purge only once that was confirmed.
fn cancel(state: &mut State, commands: &mut Vec<Command>) {
    match state.tasks.current() {
        Some(task) if state.slots.is_current(Slot::Purge, task.ticket) && task.is_running() => {
            drop(task);
            purge::update::ask_to_stop(state);
        }
        Some(task) if task.is_running() => commands.push(Command::CancelTask(task.ticket)),
        Some(_) => toast(state, "this task has ended already", false),
        None => {}
    }
}

/// Tells what became of the task under the cursor.
fn explain(state: &mut State) {
    let Some(task) = state.tasks.current() else {
        return;
    };
    let title = format!("{} {}", task.what, text::safe(&task.target));
    let text = match &task.outcome {
        Some(Outcome::Failed(problem)) => {
            state.overlay = Some(Overlay::Explain(Arc::clone(problem)));
            return;
        }
        Some(Outcome::Panicked(words)) => {
            let log = state.log.as_ref();
            let log = log.map_or_else(String::new, |log| format!("The log is in {log}"));
            format!(
                "This is a defect of s3warden; nothing else is affected.\nThe panic said: {words}\n{log}"
            )
        }
        Some(Outcome::Cancelled) => {
            "It was cancelled, by you or because something newer took its place.".into()
        }
        Some(Outcome::Done) => format!(
            "Done: {}, {}, {}.",
            counted(task.progress.requests, "request"),
            counted(task.progress.retries, "retry"),
            counted(task.progress.objects, "object")
        ),
        None => "It is still running; `c` cancels it.".into(),
    };
    state.overlay = Some(Overlay::Words { title, text });
}

/// Notes a job that is begun: what it is called, and what it is about.
pub(crate) fn begun(state: &mut State, ticket: Ticket, (what, target): (&'static str, String)) {
    let row = TaskRow {
        ticket,
        number: ticket.0.to_string(),
        what,
        target,
        since: state.now,
        until: None,
        progress: Progress::default(),
        outcome: None,
    };
    keep_short(state);
    // There are a few hundred rows at most, so their order is always made at once.
    let _ = state.tasks.push(vec![row]);
}

/// Changes the row of a job, whether anybody waits for its results or not.
pub(crate) fn change(state: &mut State, ticket: Ticket, change: impl FnOnce(&mut TaskRow)) {
    let _ = state.tasks.change_row(|task| task.ticket == ticket, change);
}

/// How many tasks are remembered.
const REMEMBERED_TASKS: usize = 500;

/// Forgets the oldest ended tasks once there are many, so that a day's work does not pile up.
fn keep_short(state: &mut State) {
    if state.tasks.len() < REMEMBERED_TASKS {
        return;
    }
    let surplus = state.tasks.len() - REMEMBERED_TASKS / 2;
    let kept: Vec<TaskRow> = state
        .tasks
        .source()
        .iter()
        .enumerate()
        .filter(|(number, task)| *number >= surplus || task.is_running())
        .map(|(_, task)| task.clone())
        .collect();
    state.tasks.restart();
    let _ = state.tasks.push(kept);
}
