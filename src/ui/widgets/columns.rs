//! Columns of a list: widths that fit the screen, heads with the sort order, rows with the cursor's mark.
//!
//! Widths depend on the screen alone, never on the rows, so that nothing jumps while results arrive.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::text;
use crate::ui::Theme;

/// Columns before the first: the cursor's mark and a space, and a margin.
const MARGIN: usize = 3;
/// Between two columns.
const GAP: usize = 2;

/// How a cell's text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Align {
    /// On the left, its end cut.
    Left,
    /// On the left, its middle cut: for keys, whose end tells most.
    Middle,
    /// On the right: for numbers.
    Right,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Column<C> {
    pub head: &'static str,
    /// Its width; the one column that takes what is left has the smallest width that it is useful at.
    pub width: usize,
    /// Whether it takes what is left, and up to which width: beyond that the eye loses the line.
    pub grows: Option<usize>,
    /// Where its text stands.
    pub align: Align,
    /// Dropped when the list is narrower than this.
    pub from: usize,
    /// What sorting by it is called.
    pub sorts: Option<C>,
}

impl<C> Column<C> {
    /// The column that takes what is left.
    pub(in crate::ui) fn growing(head: &'static str, align: Align, sorts: Option<C>) -> Self {
        Self {
            head,
            width: 12,
            grows: Some(usize::MAX),
            align,
            from: 0,
            sorts,
        }
    }

    /// The same for short texts: it takes what is left up to this width.
    pub(in crate::ui) fn at_most(self, width: usize) -> Self {
        Self {
            grows: Some(width),
            ..self
        }
    }

    /// A column of a fixed width, shown when the list is at least `from` wide.
    pub(in crate::ui) fn fixed(
        head: &'static str,
        width: usize,
        align: Align,
        from: usize,
        sorts: Option<C>,
    ) -> Self {
        Self {
            head,
            width,
            grows: None,
            align,
            from,
            sorts,
        }
    }
}

/// One cell: its text, still to be made safe, and its style.
pub(in crate::ui) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell in a style.
    pub(in crate::ui) fn new(text: impl Into<String>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }
}

/// Draws heads and rows. Each row has one cell a column, dropped columns included.
pub(in crate::ui) fn draw<C: Copy + PartialEq>(
    frame: &mut Frame,
    area: Rect,
    columns: &[Column<C>],
    sort: Option<(C, bool)>,
    rows: impl Iterator<Item = (bool, Vec<Cell>)>,
    theme: &Theme,
) {
    let widths = widths(columns, usize::from(area.width));
    let mut heads = vec![Span::raw(" ".repeat(MARGIN))];
    for (column, width) in columns.iter().zip(&widths) {
        let Some(width) = width else { continue };
        let arrow = match sort {
            Some((by, descending)) if column.sorts == Some(by) => {
                if descending {
                    " ▼"
                } else {
                    " ▲"
                }
            }
            _ => "",
        };
        let head = format!("{}{arrow}", column.head);
        let head = if column.align == Align::Right {
            text::fit_right(&head, *width)
        } else {
            text::fit(&head, *width)
        };
        heads.push(Span::styled(head, theme.head));
        heads.push(Span::raw(" ".repeat(GAP)));
    }
    let mut lines = area.rows();
    if let Some(line) = lines.next() {
        frame.render_widget(Line::from(heads), line);
    }
    for ((current, cells), line) in rows.zip(lines) {
        let mut spans = if current {
            vec![Span::styled(" ▌ ", theme.marker)]
        } else {
            vec![Span::raw("   ")]
        };
        for ((column, width), cell) in columns.iter().zip(&widths).zip(cells) {
            let Some(width) = width else { continue };
            let shown = match column.align {
                Align::Left => text::fit(&cell.text, *width),
                Align::Middle => text::fit_middle(&cell.text, *width),
                Align::Right => text::fit_right(&cell.text, *width),
            };
            let style = if current {
                cell.style.patch(theme.current)
            } else {
                cell.style
            };
            spans.push(Span::styled(shown, style));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        frame.render_widget(Line::from(spans), line);
    }
}

fn widths<C>(columns: &[Column<C>], total: usize) -> Vec<Option<usize>> {
    let shown = |column: &&Column<C>| total >= column.from;
    let fixed: usize = columns
        .iter()
        .filter(shown)
        .filter(|column| column.grows.is_none())
        .map(|column| column.width + GAP)
        .sum();
    // One column of margin on the right as well.
    let left = total.saturating_sub(MARGIN + fixed + 1);
    columns
        .iter()
        .map(|column| {
            shown(&column).then(|| match column.grows {
                Some(most) => left.min(most).max(column.width),
                None => column.width,
            })
        })
        .collect()
}

/// Says something in the middle of an empty list: what is so, and what to do next.
pub(in crate::ui) fn draw_empty(frame: &mut Frame, area: Rect, words: &[String], theme: &Theme) {
    let top = 2 + area.height.saturating_sub(8) / 4;
    let room = usize::from(area.width.saturating_sub(6));
    let wrapped = words.iter().flat_map(|words| text::wrap(words, room));
    for (words, line) in wrapped.zip(area.rows().skip(usize::from(top))) {
        let line_of = Line::from(vec![Span::raw("   "), Span::styled(words, theme.faint)]);
        frame.render_widget(line_of, line);
    }
}
