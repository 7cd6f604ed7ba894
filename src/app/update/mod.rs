//! How the state changes: one function, split by what a message is about.

pub(super) mod access;
#[cfg(test)]
mod access_tests;
pub(super) mod actions;
mod arrivals;
mod keys;
pub(super) mod overlays;
#[cfg(test)]
mod tests;

pub(crate) use access::is_explained;

use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;

use super::action::Action;
use super::screens::{Screen, buckets, tasks};
use super::state::{Load, State, Toast};
use super::table::Arranged;
use crate::aws::Problem;
use crate::tasks::{Envelope, Job, Slot, Ticket, Work};

/// What happens to the console.
#[derive(Debug)]
pub(crate) enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The terminal has another size, in columns and rows.
    Resize(u16, u16),
    /// The task layer says something.
    Task(Envelope),
    /// Time has passed.
    Clock(DateTime<Utc>),
    /// The terminal took a copied text, or not.
    Copied(Result<String, String>),
}

/// What the console asks of the world around it.
#[derive(Debug)]
pub(crate) enum Command {
    /// Run a job.
    Run(Job),
    /// Cancel what runs in a slot.
    Cancel(Slot),
    /// Cancel one job.
    CancelTask(Ticket),
    /// Send a text to the terminal's clipboard.
    Copy(String),
    /// End the console; `true` when it was interrupted.
    Quit(bool),
}

/// How long a toast stays, in seconds.
const TOAST_SECONDS: i64 = 6;

/// The first commands of a console.
pub(crate) fn begin(state: &mut State) -> Vec<Command> {
    let mut commands = Vec::new();
    buckets::update::connect(state, &mut commands);
    fit_lists(state);
    commands
}

/// Folds a message into the state.
pub(crate) fn update(state: &mut State, message: Message) -> Vec<Command> {
    let mut commands = Vec::new();
    let before = (state.screen, state.toast.clone());
    match message {
        Message::Key(key) => keys::pressed(state, key, &mut commands),
        Message::Paste(text) => overlays::pasted(state, &text, &mut commands),
        Message::Resize(columns, rows) => state.size = (columns, rows),
        Message::Task(envelope) => arrivals::arrived(state, envelope, &mut commands),
        Message::Clock(now) => clock(state, now),
        Message::Copied(Ok(what)) => toast(
            state,
            format!("{what} sent to the terminal's clipboard"),
            false,
        ),
        Message::Copied(Err(why)) => toast(state, why, true),
    }
    // What was said of one screen means nothing on the next. An error may be of a job, and stays.
    if state.screen != before.0 && state.toast == before.1 {
        state.toast = state.toast.take().filter(|toast| toast.is_error);
    }
    fit_lists(state);
    for screen in Screen::ALL {
        screen.component().follow(state, &mut commands);
    }
    commands
}

fn clock(state: &mut State, now: DateTime<Utc>) {
    state.now = now;
    if state.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        state.toast = None;
    }
}

/// Makes a job of work, notes it on the Tasks screen, and has it run.
pub(super) fn start(state: &mut State, slot: Slot, work: Work, commands: &mut Vec<Command>) {
    let described = work.describe();
    let job = state.slots.job(slot, work);
    if let Some(described) = described {
        tasks::begun(state, job.ticket, described);
    }
    commands.push(Command::Run(job));
}

/// Runs what a table could not put in order at once; the slot says which table.
pub(super) fn arrange(
    state: &mut State,
    slot: Slot,
    arranged: Arranged,
    commands: &mut Vec<Command>,
) {
    if let Arranged::Later(work) = arranged {
        start(state, slot, Work::Arrange(work), commands);
    }
}

/// Stops what loads in a slot: whatever still arrives is stale, and requests in flight are dropped.
pub(super) fn abandon(state: &mut State, slot: Slot, commands: &mut Vec<Command>) {
    state.slots.forget(slot);
    commands.push(Command::Cancel(slot));
}

pub(super) fn toast(state: &mut State, words: impl Into<String>, is_error: bool) {
    let until = state.now + chrono::Duration::seconds(TOAST_SECONDS);
    state.toast = Some(Toast {
        words: words.into(),
        is_error,
        until,
    });
}

/// Lines that a page key scrolls a text by.
pub(super) const PAGE: isize = 10;

/// Scrolls a text by lines, no further up than to its first one.
pub(super) fn scroll(at: &mut u16, lines: isize) {
    let to = usize::from(*at).saturating_add_signed(lines);
    *at = u16::try_from(to).unwrap_or(u16::MAX);
}

/// Scrolls a text by the keys of a list; `false` when the action is none of theirs.
pub(super) fn scroll_text(at: &mut u16, action: Action) -> bool {
    let lines = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::PageUp => -PAGE,
        Action::PageDown => PAGE,
        Action::Top => isize::MIN,
        Action::Bottom => isize::MAX,
        _ => return false,
    };
    scroll(at, lines);
    true
}

/// Remembers a problem for `e`, and says it shortly at the bottom.
pub(super) fn report(state: &mut State, problem: std::sync::Arc<Problem>) -> Load {
    toast(state, problem.to_string(), true);
    state.last_problem = Some(std::sync::Arc::clone(&problem));
    Load::Failed(problem)
}

/// Tells every list how many lines it has.
fn fit_lists(state: &mut State) {
    let height = usize::from(state.size.1.saturating_sub(super::CHROME_LINES));
    for screen in Screen::ALL {
        screen.component().fit(state, height);
    }
}
