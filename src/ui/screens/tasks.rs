//! The Tasks screen: what runs and what ran.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::draw_list;
use crate::app::State;
use crate::app::screens::tasks::{TaskColumn, TaskRow};
use crate::app::state::Load;
use crate::app::words;
use crate::tasks::Outcome;
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<TaskColumn>; 9] {
    use TaskColumn::{Requests, Since, What};
    [
        Column::fixed("WHAT", 18, Align::Left, 0, Some(What)),
        Column::growing("WHERE", Align::Middle, None),
        Column::fixed("SINCE", 8, Align::Left, 0, Some(Since)),
        Column::fixed("TOOK", 11, Align::Right, 110, None),
        Column::fixed("REQUESTS", 8, Align::Right, 84, Some(Requests)),
        Column::fixed("OBJECTS", 9, Align::Right, 96, None),
        Column::fixed("RATE", 11, Align::Right, 120, None),
        Column::fixed("RETRIES", 7, Align::Right, 130, None),
        Column::fixed("OUTCOME", 9, Align::Left, 0, None),
    ]
}

/// Draws the list.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let empty = (&Load::Complete, ["Nothing has run yet."]);
    let cells = |row: &_| cells(row, state, theme);
    draw_list(frame, area, &columns(), &state.tasks, cells, empty, theme);
}

fn cells(row: &TaskRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let took = (row.until.unwrap_or(state.now) - row.since).num_milliseconds();
    let (outcome, style) = match &row.outcome {
        None => ("running", theme.good),
        Some(Outcome::Done) => ("done", theme.faint),
        Some(Outcome::Cancelled) => ("cancelled", theme.warning),
        Some(Outcome::Failed(_)) => ("failed", theme.bad),
        Some(Outcome::Panicked(_)) => ("panicked", theme.bad),
    };
    let rate = match row.rate(state.now) {
        Some(rate) if row.progress.objects > 0 => format!("{}/s", words::count(rate)),
        _ => words::NONE.into(),
    };
    let retries = match row.progress.retries {
        0 => Cell::new("0", theme.faint),
        retries => Cell::new(words::count(retries), theme.warning),
    };
    vec![
        Cell::new(row.what, theme.row),
        Cell::new(row.target.as_str(), theme.faint),
        Cell::new(
            state.local(row.since).format("%H:%M:%S").to_string(),
            theme.faint,
        ),
        Cell::new(words::duration(took), theme.row),
        Cell::new(words::count(row.progress.requests), theme.row),
        Cell::new(words::count(row.progress.objects), theme.row),
        Cell::new(rate, theme.faint),
        retries,
        Cell::new(outcome, style),
    ]
}
