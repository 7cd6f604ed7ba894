//! The line above the hints: what is being typed, a toast, or what is to be said of the row under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::app::State;
use crate::app::overlay::Overlay;
use crate::domain::text;
use crate::ui::Theme;

/// Draws the status line.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let room = usize::from(area.width.saturating_sub(4));
    let line = if let Some(Overlay::Prompt { kind, input }) = &state.overlay {
        typed_line(kind.words().0, input, room, theme)
    } else if let Some(toast) = &state.toast {
        let (mark, style) = if toast.is_error {
            (" ! ", theme.bad)
        } else {
            ("   ", theme.good)
        };
        Line::from(vec![
            Span::styled(mark, style),
            Span::styled(text::clip(&toast.words, room), style),
        ])
    } else {
        Line::from(vec![
            Span::raw("   "),
            Span::styled(text::clip(&about(state), room), theme.faint),
        ])
    };
    frame.render_widget(line, area);
}

/// A line that is being typed, with its cursor.
pub(in crate::ui) fn typed_line(
    label: &str,
    input: &Input,
    room: usize,
    theme: &Theme,
) -> Line<'static> {
    let (before, after): (String, String) = (
        input.value().chars().take(input.cursor()).collect(),
        input.value().chars().skip(input.cursor()).collect(),
    );
    // The end of what stands before the cursor is what one is typing at.
    let mut before = text::safe(&before).into_owned();
    while text::width(&before) + text::width(label) + 2 > room {
        before.remove(0);
    }
    let under = after.chars().next().map_or_else(
        || " ".to_owned(),
        |c| text::safe(&c.to_string()).into_owned(),
    );
    let rest: String = after.chars().skip(1).collect();
    Line::from(vec![
        Span::styled(label.to_owned(), theme.key),
        Span::styled(before, theme.dialog),
        Span::styled(under, theme.selected),
        Span::styled(text::clip(&rest, room / 2), theme.dialog),
    ])
}

/// What is to be said of the row under the cursor, or of the list.
fn about(state: &State) -> String {
    let filter = state.component().filter(state);
    if !filter.is_empty() {
        return match filter.strip_prefix('~') {
            Some(words) => format!("only rows with the letters of {words:?}; Esc shows all"),
            None => format!("only rows that hold {filter:?}; Esc shows all"),
        };
    }
    state.component().about(state)
}
