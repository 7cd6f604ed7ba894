//! A question before something is changed. Its default is to leave everything as it is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::ui::Theme;

/// Draws the question.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    (title, words, yes): (&str, &[String], &str),
    theme: &Theme,
) {
    let mut lines = Vec::new();
    for line in words {
        lines.push(Line::styled(line.clone(), theme.dialog));
        lines.push(Line::default());
    }
    lines.push(Line::from(vec![
        Span::styled("[ Cancel (Enter, Esc) ]", theme.selected),
        Span::styled(format!("     {yes} (y)"), theme.dialog),
    ]));
    draw_box(frame, area, title, lines, (76, 0), theme);
}
