//! A problem in full: what was tried, on what, why it failed, what to do.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::aws::Problem;
use crate::domain::text;
use crate::ui::Theme;

/// Draws a problem.
pub(super) fn draw(frame: &mut Frame, area: Rect, problem: &Problem, theme: &Theme) {
    let mut lines = Vec::new();
    let mut say = |label: &'static str, words: &str| {
        if !words.is_empty() {
            lines.push(Line::from(vec![
                Span::styled(text::fit(label, 12), theme.label),
                Span::styled(text::safe(words).into_owned(), theme.dialog),
            ]));
        }
    };
    say("tried to", &problem.attempted);
    say("on", &problem.target);
    say("failed", &problem.message);
    say("code", problem.code.as_deref().unwrap_or_default());
    say("needs", problem.permission.unwrap_or_default());
    say("what to do", &problem.advice);
    say(
        "request id",
        problem.request_id.as_deref().unwrap_or_default(),
    );
    draw_box(frame, area, "What went wrong", lines, (90, 0), theme);
}

/// Draws words with a title.
pub(super) fn draw_words(frame: &mut Frame, area: Rect, title: &str, words: &str, theme: &Theme) {
    let lines = words
        .lines()
        .map(|line| Line::styled(text::safe(line).into_owned(), theme.dialog))
        .collect();
    draw_box(frame, area, &text::clip(title, 70), lines, (90, 0), theme);
}
