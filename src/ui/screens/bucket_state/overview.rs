//! The Overview: one row a concern, and below them where the bytes are and what they cost.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::{classes, mark, severity_style, standing_words};
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, ConcernColumn, ConcernRow, layout};
use crate::app::words;
use crate::domain::configuration::State as Standing;
use crate::ui::Theme;
use crate::ui::screens::draw_list;
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<ConcernColumn>; 5] {
    use ConcernColumn::{Title, Worst};
    [
        Column::fixed("", 1, Align::Left, 0, None),
        Column::fixed("CONCERN", 23, Align::Left, 0, Some(Title)),
        Column::fixed("FINDINGS", 10, Align::Left, 0, Some(Worst)),
        Column::fixed("STATE", 7, Align::Left, 100, None),
        Column::growing("IN WORDS", Align::Left, None),
    ]
}

/// Draws the page.
pub(super) fn draw(
    frame: &mut Frame,
    page: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let shares = layout::overview(page.height);
    let [list, below] =
        Layout::vertical([Constraint::Length(shares.list), Constraint::Min(0)]).areas(page);
    let table = &shown.concerns;
    let is_asked = shown.configuration.load.is_loading();
    let empty = (&shown.configuration.load, []);
    let cells = |row: &_| cells(row, is_asked, theme);
    draw_list(frame, list, &columns(), table, cells, empty, theme);
    classes::draw(frame, below, state, shown, theme);
    // The first line below the list is blank, and tells how much of the list is not on the screen.
    let mark = Rect {
        height: below.height.min(1),
        ..below
    };
    let words = hidden(table.top(), table.shown(), table.height());
    frame.render_widget(Line::styled(words, theme.faint).right_aligned(), mark);
}

/// How many rows lie above and below those that are on the screen; nothing when all of them are.
fn hidden(top: usize, rows: usize, height: usize) -> String {
    let below = rows.saturating_sub(top + height);
    match (top, below) {
        (0, 0) => String::new(),
        (0, below) => format!("{below} more below   "),
        (above, 0) => format!("{above} more above   "),
        (above, below) => format!("{above} more above · {below} more below   "),
    }
}

fn cells(row: &ConcernRow, is_asked: bool, theme: &Theme) -> Vec<Cell> {
    // What was to tell has failed or was stopped: that is no longer pending.
    if row.state.is_none() && !is_asked {
        let cell = |words: &str| Cell::new(words, theme.warning);
        let why = "Unknown: it could not be asked; e explains, r asks again.";
        return vec![
            cell(words::UNKNOWN),
            cell(row.title),
            cell(""),
            cell("unknown"),
            cell(why),
        ];
    }
    let style = match (&row.state, row.worst) {
        (Some(Standing::Unknown(_)), _) => theme.warning,
        (Some(Standing::Set), _) | (Some(Standing::NotSet), Some(_)) => theme.row,
        (Some(Standing::NotSet) | None, _) => theme.faint,
    };
    let wrong = match row.worst {
        Some((severity, 1)) => Cell::new(severity.as_str(), severity_style(severity, theme)),
        Some((severity, count)) => {
            let words = format!("{} {count}", severity.as_str());
            Cell::new(words, severity_style(severity, theme))
        }
        None => Cell::new("", theme.faint),
    };
    vec![
        Cell::new(mark(row.state.as_ref()), style),
        Cell::new(row.title, style),
        wrong,
        Cell::new(standing_words(row.state.as_ref()), style),
        Cell::new(row.sentence.as_str(), style),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_screen_is_counted() {
        for (top, rows, height, expected) in [
            (0, 9, 9, ""),
            (0, 21, 30, ""),
            (0, 21, 9, "12 more below"),
            (3, 21, 9, "3 more above · 9 more below"),
            (12, 21, 9, "12 more above"),
            (0, 0, 9, ""),
        ] {
            assert_eq!(hidden(top, rows, height).trim_end(), expected);
        }
    }
}
