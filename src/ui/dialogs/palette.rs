//! Actions by name.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::app::State;
use crate::app::overlay::Palette;
use crate::domain::text;
use crate::ui::{Theme, widgets};

/// Draws the palette.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, palette: &Palette, theme: &Theme) {
    let items = palette.items(&state.keymap, state.keys());
    let mut lines = vec![
        widgets::status::typed_line(": ", &palette.input, 70, theme),
        Line::default(),
    ];
    let room = usize::from(area.height.saturating_sub(8)).max(3);
    let first = (palette.cursor + 1).saturating_sub(room);
    for (at, item) in items.iter().enumerate().skip(first).take(room) {
        let style = if at == palette.cursor {
            theme.selected
        } else {
            theme.dialog
        };
        lines.push(Line::from(vec![
            Span::styled(text::fit(&item.does, 54), style),
            Span::styled(format!("  {}", item.keys), theme.key),
        ]));
    }
    if items.is_empty() {
        let words = if palette.input.value().starts_with("s3://") {
            "Enter goes to this address."
        } else {
            "No action has this in its words. An s3://BUCKET/PREFIX can be typed, too."
        };
        lines.push(Line::styled(words, theme.faint));
    }
    draw_box(frame, area, "Palette", lines, (84, 0), theme);
}
