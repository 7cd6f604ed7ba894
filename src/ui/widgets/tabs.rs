//! The names of the screens, with their number keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Screen, State};
use crate::ui::Theme;

/// Draws the tabs.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut spans = vec![Span::raw(" ")];
    let numbered = |screen: &Screen| screen.component().behind().is_none();
    for screen in Screen::ALL.into_iter().filter(numbered) {
        let (number, name) = screen.component().title();
        let current = screen == state.component().behind().unwrap_or(state.screen);
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
