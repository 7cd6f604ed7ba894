//! The profiles of the AWS configuration.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::app::State;
use crate::domain::text;
use crate::ui::Theme;

/// Draws the choice.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    names: &[String],
    cursor: usize,
    state: &State,
    theme: &Theme,
) {
    let room = usize::from(area.height.saturating_sub(6)).max(3);
    let first = (cursor + 1).saturating_sub(room);
    let now = state.profile.as_deref().unwrap_or("default");
    let mut lines = Vec::new();
    for (at, name) in names.iter().enumerate().skip(first).take(room) {
        let style = if at == cursor {
            theme.selected
        } else {
            theme.dialog
        };
        let mark = if name == now { "  in use" } else { "" };
        lines.push(Line::from(vec![
            Span::styled(text::fit(name, 36), style),
            Span::styled(mark, theme.faint),
        ]));
    }
    if names.is_empty() {
        lines.push(Line::styled(
            "There are no profiles. `aws configure` or `aws configure sso` makes one.",
            theme.dialog,
        ));
    }
    draw_box(frame, area, "Switch profile", lines, (60, 0), theme);
}
