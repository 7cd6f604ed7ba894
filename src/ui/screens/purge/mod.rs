//! The Purge screen: one file a page.

mod confirm;
mod items;
mod many;
mod plan;
mod plan_notes;
mod run;
mod setup;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::screens::purge::Page;
use crate::ui::Theme;
use crate::ui::screens::receipt;

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.purge.page {
        Page::Setup => setup::draw(frame, area, state, theme),
        Page::Plan => plan::draw(frame, area, state, theme),
        Page::Items => items::draw(frame, area, state, theme),
        Page::Confirm => confirm::draw(frame, area, state, theme),
        Page::Many => many::draw(frame, area, state, theme),
        Page::ManyConfirm => many::draw_question(frame, area, state, theme),
        Page::Run => run::draw(frame, area, state, theme),
        Page::Receipt => {
            let (receipt, scroll) = (state.purge.run.receipt(), state.purge.scroll);
            receipt::draw(frame, area, (state, theme), receipt, scroll);
        }
    }
}
