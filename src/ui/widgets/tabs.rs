//! The names of the screens, with their number keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Screen, State};
use crate::ui::Theme;

/// Draws the tabs.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut spans = vec![Span::raw(" ")];
    for screen in Screen::ALL {
        let (number, name) = screen.title();
        // The audit log is behind Tasks.
        let is_behind = screen == Screen::Tasks && state.screen == Screen::AuditLog;
        let current = screen == state.screen || is_behind;
        let style = if current {
            theme.tab_current
        } else {
            theme.tab
        };
        // The mark tells the current screen where colour and weight do not.
        let mark = if current { "▸" } else { " " };
        spans.push(Span::styled(format!("{mark}{number} {name}  "), style));
    }
    frame.render_widget(Line::from(spans), area);
}
