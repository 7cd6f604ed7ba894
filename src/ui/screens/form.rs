//! Lines of a form, one below the other: a mark at the cursor's, a label, a value.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::text;
use crate::ui::Theme;

/// The width of the labels, with the blank after them.
const LABELS: usize = 16;
/// Columns before the labels: the cursor's mark.
pub(super) const MARGIN: usize = 3;

/// Columns that a value has beside its label, between its brackets.
pub(super) fn room(width: usize) -> usize {
    width.saturating_sub(MARGIN + LABELS + 5)
}

/// Words of their own, under the labels.
pub(super) fn indented(words: &str, style: Style) -> Line<'static> {
    Line::from(vec![
        Span::raw(" ".repeat(MARGIN)),
        Span::styled(words.to_owned(), style),
    ])
}

/// The beginning of a line: the mark where the cursor is, and the label.
pub(super) fn label(words: &str, is_current: bool, theme: &Theme) -> Vec<Span<'static>> {
    let mark = if is_current {
        Span::styled(" ▌ ", theme.marker)
    } else {
        Span::raw(" ".repeat(MARGIN))
    };
    vec![mark, Span::styled(text::fit(words, LABELS), theme.label)]
}

/// A value that can be chosen or typed, cut to its room.
pub(super) fn value(words: &str, is_current: bool, width: usize, theme: &Theme) -> Span<'static> {
    let style = if is_current {
        theme.row.patch(theme.current)
    } else {
        theme.row
    };
    Span::styled(format!("‹ {} ›", text::clip(words, room(width))), style)
}

/// Draws lines from the first one on, or from as far down as it takes to show the cursor's.
pub(super) fn draw(frame: &mut Frame, area: Rect, lines: Vec<Line<'static>>, cursor: usize) {
    let first = (cursor + 1).saturating_sub(usize::from(area.height));
    for (line, row) in lines.into_iter().skip(first).zip(area.rows()) {
        frame.render_widget(line, row);
    }
}
