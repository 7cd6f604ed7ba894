//! The things of one group, with why each is the user's beside them.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::screens::purge::texts;
use crate::app::screens::purge::{PurgeColumn, PurgeRow};
use crate::app::state::Load;
use crate::app::words;
use crate::domain::change::{Item, What};
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::screens::{draw_list, split_pane};
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<PurgeColumn>; 6] {
    use PurgeColumn::{Key, Size, Written};
    [
        Column::growing("KEY", Align::Middle, Some(Key)),
        Column::fixed("WHAT", 11, Align::Left, 0, None),
        Column::fixed("SIZE", 10, Align::Right, 0, Some(Size)),
        Column::fixed("WRITTEN", 16, Align::Left, 84, Some(Written)),
        Column::fixed("CLASS", 12, Align::Left, 116, None),
        Column::fixed("VERSION", 32, Align::Left, 140, None),
    ]
}

/// Draws the list, and the pane when it is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let widest = state.purge.pane.then_some(split_pane::WIDEST);
    let list = |frame: &mut Frame, area| {
        let empty = (&Load::Complete, ["There is nothing."]);
        let cells = |row: &_| cells(row, state, theme);
        draw_list(
            frame,
            area,
            &columns(),
            &state.purge.items,
            cells,
            empty,
            theme,
        );
    };
    let pane = |frame: &mut Frame, area| pane(frame, area, state, theme);
    split_pane::draw(frame, area, widest, theme, list, pane);
}

/// `version`, `old version`, `marker` or `upload`.
fn what(item: &Item) -> &'static str {
    match item.what {
        What::Version {
            is_latest: false, ..
        } => "old version",
        What::Version { .. } | What::Marker { .. } | What::Upload { .. } => item.kind(),
    }
}

fn cells(row: &PurgeRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let Some(item) = row.item() else {
        return Vec::new();
    };
    let written = item.written.map_or_else(
        || words::NONE.to_owned(),
        |time| state.local(time).format("%Y-%m-%d %H:%M").to_string(),
    );
    let is_marker = matches!(item.what, What::Marker { .. });
    let or_none = |text: String| {
        if is_marker {
            words::NONE.to_owned()
        } else {
            text
        }
    };
    vec![
        Cell::new(item.claim.key.as_str(), theme.row),
        Cell::new(what(item), theme.faint),
        Cell::new(or_none(item.size.to_string()), theme.row),
        Cell::new(written, theme.faint),
        Cell::new(or_none(item.class.to_string()), theme.faint),
        Cell::new(item.id(), theme.faint),
    ]
}

fn pane(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    let row = state.purge.items.current();
    let Some(item) = row.as_ref().and_then(|row| row.item()) else {
        sheet.plain("There is nothing under the cursor.");
        sheet.draw(frame, area, 0);
        return;
    };
    sheet.title(item.claim.key.as_str());
    for (at, why) in texts::why_words(&item.claim).iter().enumerate() {
        sheet.row(if at == 0 { "the user's" } else { "for" }, why);
    }
    sheet.section("What it is");
    sheet.row("bucket", item.claim.bucket.as_str());
    sheet.row("what", what(item));
    let id = match item.what {
        What::Upload { .. } => "upload",
        What::Version { .. } | What::Marker { .. } => "version",
    };
    sheet.row(id, item.id());
    sheet.row("size", &item.size.to_string());
    sheet.row("class", item.class.as_str());
    let written = sheet.time(item.written);
    sheet.row("written", &written);
    sheet.optional("etag", item.etag.as_deref());
    sheet.draw(frame, area, state.purge.scroll);
}
