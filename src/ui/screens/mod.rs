//! The screens: one file each, and one for each list that Browse can show.

mod audit_log;
mod browse;
mod bucket_state;
mod buckets;
mod change_progress;
mod form;
mod orphans;
mod presign;
mod purge;
mod receipt;
mod sheet;
mod split_pane;
mod tasks;

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::Theme;
use crate::app::state::Load;
use crate::app::{Screen, State};

/// The narrowest list beside a pane; below it the pane takes the whole screen.
pub(in crate::ui) const LIST_BESIDE_PANE: u16 = 64;

/// Draws the screen that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.screen {
        Screen::Buckets => buckets::draw(frame, area, state, theme),
        Screen::State => bucket_state::draw(frame, area, state, theme),
        Screen::Orphans => orphans::draw(frame, area, state, theme),
        Screen::Purge => purge::draw(frame, area, state, theme),
        Screen::Presign => presign::draw(frame, area, state, theme),
        Screen::AuditLog => audit_log::draw(frame, area, state, theme),
        Screen::Tasks => tasks::draw(frame, area, state, theme),
        Screen::Browse => browse::draw(frame, area, state, theme),
    }
}

/// Where one is, for the rule: `bucket › by owner › user-1`.
pub(super) fn place(state: &State) -> String {
    match state.screen {
        Screen::Buckets => "Buckets".into(),
        Screen::Browse => browse::place(state),
        Screen::State => bucket_state::place(state),
        Screen::Orphans => orphans::place(state),
        Screen::Purge => purge::place(state),
        Screen::Presign => presign::place(state),
        Screen::Tasks => "Tasks".into(),
        Screen::AuditLog => "Tasks › audit log".into(),
    }
}

/// What is to be said of the bucket under the cursor of the Buckets screen, in the status line.
pub(super) fn about_bucket(state: &State) -> String {
    buckets::about(state)
}

/// What is to be said of the row under the cursor in Browse, in the status line.
pub(super) fn about_browse(state: &State) -> String {
    browse::about(state)
}

/// What is to be said of the line under the cursor of the Orphans screen, in the status line.
pub(super) fn about_orphans(state: &State) -> String {
    orphans::about(state)
}

/// What is to be said of the line under the cursor of the Purge screen, in the status line.
pub(super) fn about_purge(state: &State) -> String {
    purge::about(state)
}

/// The keys that matter on the page of the Orphans screen that is shown, where they are not those of the key map.
pub(super) fn hints_orphans(state: &State) -> Option<&'static [(&'static str, &'static str)]> {
    orphans::hints(state)
}

/// The keys that matter on the page of the Purge screen that is shown.
pub(super) fn hints_purge(state: &State) -> &'static [(&'static str, &'static str)] {
    purge::hints(state)
}

/// What is to be said of the line under the cursor of the audit log, in the status line.
pub(super) fn about_audit_log(state: &State) -> String {
    audit_log::about(state)
}

/// What is to be said of the line under the cursor of the Presign screen, in the status line.
pub(super) fn about_presign(state: &State) -> String {
    presign::about(state)
}

/// What is to be said of the row under the cursor of the State screen, in the status line.
pub(super) fn about_state(state: &State) -> String {
    bucket_state::about(state)
}

/// How much is here, for the right of the rule; a part of the whole says so.
pub(super) fn summary(state: &State) -> Vec<String> {
    match state.screen {
        Screen::Buckets => buckets::summary(state),
        Screen::State => bucket_state::summary(state),
        Screen::Orphans => orphans::summary(state),
        Screen::Purge => purge::summary(state),
        Screen::Presign => presign::summary(state),
        Screen::AuditLog => audit_log::summary(state),
        Screen::Tasks => tasks::summary(state),
        Screen::Browse => browse::summary(state),
    }
}

/// A time of today by the clock, another one with its day.
fn when(state: &State, time: DateTime<Utc>) -> String {
    let (then, now) = (state.local(time), state.local(state.now));
    let format = if then.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    then.format(format).to_string()
}

/// How far a list is, in a word or two for the summary.
fn load_words(load: &Load) -> &'static str {
    match load {
        Load::Idle | Load::Complete => "",
        Load::Loading => "loading",
        Load::Partial => "more below",
        Load::Stopped => "stopped, r begins again",
        Load::Failed(_) => "failed, e explains",
    }
}

/// The lines of a list that has no rows.
fn empty_words(load: &Load, filter: &str, nothing: &[&str]) -> Vec<String> {
    if !filter.is_empty() {
        return vec![
            format!("No row holds {filter:?}."),
            "Esc shows all of them.".into(),
        ];
    }
    match load {
        Load::Idle | Load::Loading => vec!["Asking …".into()],
        Load::Failed(problem) => vec![
            format!("Could not {} {}", problem.attempted, problem.target)
                .trim_end()
                .to_owned()
                + ".",
            problem.message.clone(),
            problem.advice.to_string(),
            "r tries again, e explains.".into(),
        ],
        Load::Stopped => vec![
            "Stopped before there was anything.".into(),
            "r begins again.".into(),
        ],
        Load::Complete | Load::Partial => nothing.iter().map(|line| (*line).to_owned()).collect(),
    }
}
