//! The Orphans screen: one file a page.

mod act;
mod items;
mod kinds;
mod setup;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::screens::orphans::Page;
use crate::ui::Theme;
use crate::ui::screens::receipt;

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.orphans.page {
        Page::Setup => setup::draw(frame, area, state, theme),
        Page::Kinds => kinds::draw(frame, area, state, theme),
        Page::Items => items::draw(frame, area, state, theme),
        Page::Act => act::draw(frame, area, state, theme),
        Page::Receipt => {
            let (receipt, scroll) = (state.orphans.acting.receipt(), state.orphans.scroll);
            receipt::draw(frame, area, (state, theme), receipt, scroll);
        }
    }
}
