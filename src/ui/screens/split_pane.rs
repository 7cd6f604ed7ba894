//! A list with a pane beside it, or in its place where there is no room for both.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::LIST_BESIDE_PANE;
use crate::ui::Theme;

/// The widest pane, in columns, of those that hold text.
pub(super) const WIDEST: u16 = 64;

/// Draws a list, and the pane beside it where it is shown: half of the area, and no wider than `widest`. Where both do not
/// fit the pane takes the list's place.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    widest: Option<u16>,
    theme: &Theme,
    list: impl FnOnce(&mut Frame, Rect),
    pane: impl FnOnce(&mut Frame, Rect),
) {
    let Some(widest) = widest else {
        list(frame, area);
        return;
    };
    if area.width < LIST_BESIDE_PANE + 36 {
        pane(frame, area);
        return;
    }
    let [left, line, right] = Layout::horizontal([
        Constraint::Min(LIST_BESIDE_PANE),
        Constraint::Length(1),
        Constraint::Length((area.width / 2).min(widest)),
    ])
    .areas(area);
    list(frame, left);
    for row in line.rows() {
        frame.render_widget(Line::from(Span::styled("│", theme.rule)), row);
    }
    pane(frame, right);
}
