//! Why a request is allowed or refused: the choice of a request, and the layers of the answer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph};

use super::draw_box;
use crate::app::access::{Access, LineKind, Stage};
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::explain::{Answer, Outcome};
use crate::ui::Theme;

/// Draws the dialog.
pub(super) fn draw(frame: &mut Frame, area: Rect, dialog: &Access, theme: &Theme) {
    match &dialog.stage {
        Stage::Choosing => choice(frame, area, dialog, theme),
        Stage::Reading(_) | Stage::Explained(..) | Stage::Failed(..) => {
            answer(frame, area, dialog, theme);
        }
    }
}

fn choice(frame: &mut Frame, area: Rect, dialog: &Access, theme: &Theme) {
    let mut lines = vec![
        Line::styled(text::fit_middle(&dialog.target, 66), theme.dialog),
        Line::default(),
    ];
    for (at, choice) in dialog.choices.iter().enumerate() {
        let is_chosen = at == dialog.cursor;
        let style = if is_chosen {
            theme.selected
        } else {
            theme.dialog
        };
        let mark = if is_chosen { "> " } else { "  " };
        let words = text::clip(&text::safe(&choice.words()), 64);
        lines.push(Line::styled(format!("{mark}{words}"), style));
    }
    draw_box(frame, area, "Explain which request?", lines, (72, 0), theme);
}

fn answer(frame: &mut Frame, area: Rect, dialog: &Access, theme: &Theme) {
    let lines = dialog.lines(area.width);
    let room = Access::height(area.height);
    let shown = lines.len().min(room);
    let first = dialog.scroll.min(lines.len() - shown);
    let below = lines.len() - shown - first;
    let width = Access::width(area.width);
    let height = u16::try_from(shown + 2).unwrap_or(area.height);
    let at = Rect {
        x: area.x + area.width.saturating_sub(width) / 2,
        y: area.y + area.height.saturating_sub(height) / 3,
        width,
        height,
    };
    let title = text::fit_middle(&dialog.target, usize::from(width.saturating_sub(10)));
    let mut block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.dialog_rule)
        .padding(Padding::horizontal(1))
        .title(format!(" {} ", title.trim_end()))
        .title_style(theme.place);
    if first > 0 {
        block = block
            .title_bottom(Line::from(format!(" {} above ", counted(first, "line"))).left_aligned());
    }
    if below > 0 {
        block = block.title_bottom(
            Line::from(format!(" {} below ", counted(below, "line"))).right_aligned(),
        );
    }
    let lines: Vec<Line<'_>> = lines
        .into_iter()
        .skip(first)
        .take(shown)
        .map(|line| Line::styled(line.words, style(line.kind, theme)))
        .collect();
    frame.render_widget(Clear, at);
    frame.render_widget(Paragraph::new(lines).style(theme.dialog).block(block), at);
}

fn style(kind: LineKind, theme: &Theme) -> Style {
    match kind {
        LineKind::Answer(Answer::Allowed) | LineKind::Layer(Outcome::Allows) => theme.good,
        LineKind::Answer(Answer::Denied) | LineKind::Layer(Outcome::Denies) => theme.bad,
        LineKind::Answer(Answer::AllowedIf | Answer::Unknown)
        | LineKind::Layer(Outcome::Depends | Outcome::Unknown) => theme.warning,
        LineKind::Layer(Outcome::Silent | Outcome::NoEffect) => theme.label,
        LineKind::Words | LineKind::Blank => theme.dialog,
    }
}
