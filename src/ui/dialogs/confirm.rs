//! Questions with a harmless default.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::app::State;
use crate::app::words;
use crate::domain::text;
use crate::ui::Theme;

/// Asks whether to leave although work is running.
pub(super) fn draw_quit(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let running = u64::try_from(state.running()).unwrap_or(u64::MAX);
    let mut lines = vec![
        Line::from(format!(
            "{} still running:",
            words::counted(running, "task")
        )),
        Line::default(),
    ];
    for task in state.tasks.rows().filter(|task| task.is_running()).take(6) {
        lines.push(Line::from(text::clip(
            &format!("{}  {}", task.what, task.target),
            60,
        )));
    }
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled("[ Stay (Enter, Esc) ]", theme.selected),
        Span::styled("     Quit (q)", theme.dialog),
    ]));
    draw_box(frame, area, "Quit?", lines, (68, 0), theme);
}

/// Asks whether to copy a text that holds characters one does not see.
pub(super) fn draw_copy(frame: &mut Frame, area: Rect, copied: &str, theme: &Theme) {
    let lines = vec![
        Line::from("This text holds characters that one does not see:"),
        Line::default(),
        Line::styled(text::safe(copied).into_owned(), theme.place),
        Line::default(),
        Line::from("Pasted into a shell they may do something. The copy would be exact."),
        Line::default(),
        Line::from(vec![
            Span::styled("[ Do not copy (Enter, Esc) ]", theme.selected),
            Span::styled("     Copy exactly (y)", theme.dialog),
        ]),
    ];
    draw_box(frame, area, "Copy?", lines, (72, 0), theme);
}
