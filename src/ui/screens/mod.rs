//! Draws the screens: a file or a folder each, with the name that the screen has in [`crate::app::screens`].

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

use ratatui::Frame;
use ratatui::layout::Rect;

use super::Theme;
use super::widgets::columns::{self, Cell, Column};
use crate::app::state::Load;
use crate::app::table::{Row, Table};
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

/// Draws a list; where it has no rows, how far it is, or what is to be said when there are none.
fn draw_list<'n, R: Row>(
    frame: &mut Frame,
    area: Rect,
    columns: &[Column<R::Column>],
    table: &Table<R>,
    cells: impl Fn(&R) -> Vec<Cell>,
    (load, nothing): (&Load, impl AsRef<[&'n str]>),
    theme: &Theme,
) {
    let rows = table
        .visible()
        .map(|(line, row)| (line == table.cursor(), cells(&row)));
    let sort = table.sort().map(|sort| (sort.column, sort.descending));
    columns::draw(frame, area, columns, sort, rows, theme);
    if table.shown() == 0 {
        let words = empty_words(load, table.filter(), nothing.as_ref());
        columns::draw_empty(frame, area, &words, theme);
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
