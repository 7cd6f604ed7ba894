//! What lies over the screen: one file each. A dialog is a box of plain lines; there is never a box inside a box.

mod access;
mod ask;
mod confirm;
mod explain;
mod help;
mod palette;
mod profiles;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph, Wrap};

use super::Theme;
use crate::app::State;
use crate::app::overlay::Overlay;

/// Draws what lies over the screen, if anything does.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match &state.overlay {
        None | Some(Overlay::Prompt { .. }) => {}
        Some(Overlay::Help { scroll }) => help::draw(frame, area, state, *scroll, theme),
        Some(Overlay::Palette(palette)) => palette::draw(frame, area, state, palette, theme),
        Some(Overlay::Explain(problem)) => explain::draw(frame, area, problem, theme),
        Some(Overlay::Access(dialog)) => access::draw(frame, area, dialog, theme),
        Some(Overlay::Words { title, text }) => {
            explain::draw_words(frame, area, title, text, theme);
        }
        Some(Overlay::Profiles { names, cursor }) => {
            profiles::draw(frame, area, names, *cursor, state, theme);
        }
        Some(Overlay::Ask {
            title, lines, yes, ..
        }) => {
            ask::draw(frame, area, (title, lines, yes), theme);
        }
        Some(Overlay::ConfirmQuit) => confirm::draw_quit(frame, area, state, theme),
        Some(Overlay::ConfirmCopy(text)) => confirm::draw_copy(frame, area, text, theme),
    }
}

/// A box in the middle of the screen, at most this wide and just as high as its lines.
fn draw_box(
    frame: &mut Frame,
    area: Rect,
    title: &str,
    lines: Vec<Line<'_>>,
    (width, scroll): (u16, u16),
    theme: &Theme,
) {
    let width = width.min(area.width.saturating_sub(4));
    let inner = width.saturating_sub(4);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.dialog_rule)
        .padding(Padding::horizontal(1))
        .title(format!(" {title} "))
        .title_style(theme.place);
    let text = Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .style(theme.dialog);
    let wrapped = u16::try_from(text.line_count(inner)).unwrap_or(u16::MAX);
    let height = wrapped.saturating_add(2).min(area.height.saturating_sub(2));
    let most = wrapped.saturating_sub(height.saturating_sub(2));
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 3,
        width,
        height,
    };
    frame.render_widget(Clear, at);
    frame.render_widget(text.scroll((scroll.min(most), 0)).block(block), at);
}
