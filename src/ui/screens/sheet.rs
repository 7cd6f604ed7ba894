//! Labels and what belongs to them, in lines that fit a pane.

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::app::State;
use crate::app::words;
use crate::aws::Problem;
use crate::domain::text;
use crate::ui::Theme;

/// The width of the labels on the left, with the blank after them.
const LABELS: usize = 14;

/// The lines of a pane, as they are put together.
pub(super) struct Sheet<'s> {
    /// The lines so far.
    pub lines: Vec<Line<'static>>,
    /// Columns that a line has.
    pub width: usize,
    /// The styles.
    pub theme: &'s Theme,
    /// The time, and how it is told here.
    pub state: &'s State,
}

impl<'s> Sheet<'s> {
    /// A pane in this area, a column of it on either side left empty.
    pub(super) fn new(area: Rect, state: &'s State, theme: &'s Theme) -> Self {
        Self {
            lines: Vec::new(),
            width: usize::from(area.width.saturating_sub(2)),
            theme,
            state,
        }
    }

    /// Draws it from a line on, no further than to its end. Where lines are left below, the last one says how many.
    pub(super) fn draw(self, frame: &mut Frame, area: Rect, scroll: u16) {
        let inner = Rect {
            x: area.x + 1,
            width: area.width.saturating_sub(2),
            ..area
        };
        let lines = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let scroll = scroll.min(lines.saturating_sub(inner.height));
        let below = lines.saturating_sub(inner.height.saturating_add(scroll));
        let theme = self.theme;
        frame.render_widget(Paragraph::new(self.lines).scroll((scroll, 0)), inner);
        if below > 0 && inner.height > 1 {
            // The line that it covers is below as well.
            let words = format!(" {} ↓ ", words::counted(u64::from(below) + 1, "more line"));
            let last = Rect {
                y: inner.bottom().saturating_sub(1),
                height: 1,
                ..inner
            };
            frame.render_widget(Clear, last);
            frame.render_widget(Line::styled(words, theme.faint).right_aligned(), last);
        }
    }

    pub(super) fn title(&mut self, words: &str) {
        self.paragraph(words, self.theme.place);
        self.lines.push(Line::default());
    }

    pub(super) fn section(&mut self, words: &'static str) {
        self.lines.push(Line::default());
        self.lines.push(Line::styled(words, self.theme.label));
    }

    pub(super) fn plain(&mut self, words: &str) {
        self.paragraph(words, self.theme.faint);
    }

    pub(super) fn paragraph(&mut self, words: &str, style: Style) {
        for line in text::wrap(words, self.width) {
            self.lines.push(Line::styled(line, style));
        }
    }

    pub(super) fn row(&mut self, label: &str, words: &str) {
        self.styled(label, words, self.theme.row);
    }

    /// A label and what belongs to it; lines that go on begin under the value, not under the label.
    pub(super) fn styled(&mut self, label: &str, words: &str, style: Style) {
        // One that is too long for its column stands above what belongs to it: cut, it could be another's.
        let mut label = if text::width(label) < LABELS {
            format!("{} ", text::fit(label, LABELS - 1))
        } else {
            let above = Span::styled(text::clip(label, self.width), self.theme.label);
            self.lines.push(Line::from(above));
            " ".repeat(LABELS)
        };
        for line in text::wrap(words, self.width.saturating_sub(LABELS)) {
            self.lines.push(Line::from(vec![
                Span::styled(label, self.theme.label),
                Span::styled(line, style),
            ]));
            label = " ".repeat(LABELS);
        }
    }

    pub(super) fn optional(&mut self, label: &str, words: Option<&str>) {
        if let Some(words) = words {
            self.row(label, words);
        }
    }

    pub(super) fn time(&self, time: Option<DateTime<Utc>>) -> String {
        match time {
            None => words::UNKNOWN.into(),
            Some(time) => format!(
                "{} ({})",
                self.state.local(time).format("%Y-%m-%d %H:%M:%S %:z"),
                words::ago(time, self.state.now)
            ),
        }
    }

    pub(super) fn problem(&mut self, problem: &Problem) {
        let needs = problem
            .permission
            .map_or_else(String::new, |permission| format!("needs {permission}"));
        self.styled(words::UNKNOWN, &problem.message, self.theme.warning);
        if !needs.is_empty() {
            self.styled("", &needs, self.theme.warning);
        }
        self.plain(&problem.advice);
    }
}
