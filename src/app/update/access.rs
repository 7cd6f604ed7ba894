//! `e`: why a request is allowed or refused.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use super::{Command, abandon, start, toast};
use crate::app::access::{self, Access, Choice, Stage};
use crate::app::overlay::Overlay;
use crate::app::state::{Load, State, Who};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::ops::explain::{Asker, Explanation, Question};
use crate::tasks::{Slot, Work};

/// Opens the choice of requests for an object.
pub(in crate::app) fn choose(state: &mut State, (bucket, key): (&BucketName, &str)) {
    let asker = signed_in(state);
    let last = state.last_problem.as_ref();
    let dialog = Access::of_object((bucket, key), asker.as_ref(), last);
    state.overlay = Some(Overlay::Access(Box::new(dialog)));
}

/// Opens the choice of requests for a folder.
pub(in crate::app) fn choose_listing(state: &mut State, (bucket, prefix): (&BucketName, &str)) {
    let asker = signed_in(state);
    let last = state.last_problem.as_ref();
    let dialog = Access::of_folder((bucket, prefix), asker.as_ref(), last);
    state.overlay = Some(Overlay::Access(Box::new(dialog)));
}

/// Explains what the service refused, where the error says enough to ask about it.
pub(super) fn of_problem(state: &mut State, problem: Arc<Problem>, commands: &mut Vec<Command>) {
    let question = signed_in(state).and_then(|asker| access::refused(&problem, &asker));
    match question {
        Some(question) => {
            let dialog = Access::of_question(question.clone());
            ask(state, dialog, question, commands);
        }
        None => state.overlay = Some(Overlay::Explain(problem)),
    }
}

/// Whether `e` has more to say of an error.
#[must_use]
pub(crate) fn is_explained(state: &State, problem: &Problem) -> bool {
    signed_in(state).is_some_and(|asker| access::refused(problem, &asker).is_some())
}

fn signed_in(state: &State) -> Option<Asker> {
    match &state.who {
        Who::Known(identity) => access::asker(identity),
        Who::Pending | Who::Unknown => None,
    }
}

fn ask(state: &mut State, mut dialog: Access, question: Question, commands: &mut Vec<Command>) {
    dialog.scroll = 0;
    dialog.stage = Stage::Reading(Box::new(question.clone()));
    state.overlay = Some(Overlay::Access(Box::new(dialog)));
    let work = Work::Explain(Box::new(access::inquiry(question)));
    start(state, Slot::Explain, work, commands);
}

/// A key was pressed while the dialog is open.
pub(super) fn pressed(
    state: &mut State,
    mut dialog: Box<Access>,
    key: KeyEvent,
    commands: &mut Vec<Command>,
) {
    if key.code == KeyCode::Esc {
        if matches!(dialog.stage, Stage::Reading(_)) {
            abandon(state, Slot::Explain, commands);
        }
        if !matches!(dialog.stage, Stage::Choosing) && !dialog.choices.is_empty() {
            dialog.stage = Stage::Choosing;
            state.overlay = Some(Overlay::Access(dialog));
        }
        return;
    }
    if !matches!(dialog.stage, Stage::Choosing) {
        let page = isize::try_from(Access::height(state.size.1)).unwrap_or(1);
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => dialog.scroll_by(1, state.size),
            KeyCode::Up | KeyCode::Char('k') => dialog.scroll_by(-1, state.size),
            KeyCode::PageDown | KeyCode::Char(' ') => dialog.scroll_by(page, state.size),
            KeyCode::PageUp => dialog.scroll_by(-page, state.size),
            KeyCode::Home => dialog.scroll_by(isize::MIN, state.size),
            KeyCode::End | KeyCode::Char('G') => dialog.scroll_by(isize::MAX, state.size),
            _ => {}
        }
        state.overlay = Some(Overlay::Access(dialog));
        return;
    }
    let last = dialog.choices.len().saturating_sub(1);
    match key.code {
        KeyCode::Up | KeyCode::Char('k') => dialog.cursor = dialog.cursor.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => dialog.cursor = (dialog.cursor + 1).min(last),
        KeyCode::Home => dialog.cursor = 0,
        KeyCode::End | KeyCode::Char('G') => dialog.cursor = last,
        KeyCode::Enter => match dialog.choices.get(dialog.cursor).cloned() {
            Some(Choice::Request {
                question,
                is_refused,
            }) => {
                dialog.was_refused = is_refused;
                ask(state, *dialog, *question, commands);
                return;
            }
            Some(Choice::LastError(problem)) => {
                state.overlay = Some(Overlay::Explain(problem));
                return;
            }
            Some(Choice::Nobody(_)) => {
                let words =
                    "STS has not said who is signed in; `s3warden explain` takes any principal";
                toast(state, words.to_owned(), true);
            }
            None => {}
        },
        _ => {}
    }
    state.overlay = Some(Overlay::Access(dialog));
}

/// The answer is here.
pub(super) fn arrived(state: &mut State, explanation: Box<Explanation>) {
    change(state, |question| Stage::Explained(question, explanation));
}

/// The job has ended: without an answer there will be none.
pub(super) fn finished(state: &mut State, load: &Load) {
    let problem = match load {
        Load::Failed(problem) => Arc::clone(problem),
        Load::Stopped => Arc::new(Problem::cancelled("explain the access to", "")),
        _ => return,
    };
    change(state, |_| Stage::Failed(problem));
}

/// Goes on from reading, if that is what the dialog does.
fn change(state: &mut State, to: impl FnOnce(Box<Question>) -> Stage) {
    let Some(Overlay::Access(dialog)) = &mut state.overlay else {
        return;
    };
    if let Stage::Reading(question) = &dialog.stage {
        dialog.stage = to(question.clone());
        dialog.scroll = 0;
    }
}
