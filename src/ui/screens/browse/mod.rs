//! The Browse screen: one file for each list that it can show, and for what stands beside them.

mod bars;
mod detail;
mod folder;
mod owner_prefixes;
mod owners;
mod timeline;
mod treemap;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{draw_list, split_pane};
use crate::app::State;
use crate::app::screens::browse::{Browse, Place};
use crate::ui::Theme;

/// Draws the list, with what is shown beside it, or the map.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let Some(browse) = &state.browse else { return };
    if let Some(map) = &browse.treemap {
        treemap::draw(frame, area, state, browse, map, theme);
        return;
    }
    let draw_beside = |frame: &mut Frame, area: Rect| match (&browse.bars, &browse.pane) {
        (Some(bars), _) => bars::draw(frame, area, state, browse, bars, theme),
        (None, Some(pane)) => detail::draw(frame, area, state, browse, pane, theme),
        (None, None) => {}
    };
    let widest = match (&browse.bars, &browse.pane) {
        (Some(_), _) => Some(90),
        (None, Some(_)) => Some(split_pane::WIDEST),
        (None, None) => None,
    };
    let list = |frame: &mut Frame, area| draw_place(frame, area, state, browse, theme);
    split_pane::draw(frame, area, widest, theme, list, draw_beside);
}

fn draw_place(frame: &mut Frame, area: Rect, state: &State, browse: &Browse, theme: &Theme) {
    match &browse.place {
        Place::Owners(owners) => owners::draw(frame, area, state, owners, theme),
        Place::Owner(owner) => owner_prefixes::draw(frame, area, owner, theme),
        Place::Folder(folder) => folder::draw(frame, area, state, browse, folder, theme),
    }
}
