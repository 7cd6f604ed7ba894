//! The Presign screen: the form with its result beside it where there is room, or one after the other; URLs of others.

mod form;
mod inspect;
mod result;
mod smoke;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::presign::{Page, WIDE};
use crate::ui::Theme;

/// The width of the form beside a result.
const FORM: u16 = 60;

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.presign.page {
        Page::Inspect => inspect::draw(frame, area, state, theme),
        Page::Smoke => smoke::draw(frame, area, state, theme),
        Page::Form | Page::Result if area.width >= WIDE => {
            let [left, line, right] = Layout::horizontal([
                Constraint::Length(FORM),
                Constraint::Length(1),
                Constraint::Min(1),
            ])
            .areas(area);
            form::draw(frame, left, state, theme);
            for row in line.rows() {
                frame.render_widget(Line::from(Span::styled("│", theme.rule)), row);
            }
            result::draw(frame, right, state, theme);
        }
        Page::Form => form::draw(frame, area, state, theme),
        Page::Result => result::draw(frame, area, state, theme),
    }
}
