//! Browse by owner: one row a user.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::draw_list;
use crate::app::State;
use crate::app::screens::browse::Owners;
use crate::app::screens::browse::rows::{OwnerColumn, OwnerRow};
use crate::app::words;
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<OwnerColumn>; 4] {
    use OwnerColumn::{Newest, Objects, Owner, Size};
    [
        Column::growing("OWNER", Align::Left, Some(Owner)).at_most(56),
        Column::fixed("OBJECTS", 10, Align::Right, 0, Some(Objects)),
        Column::fixed("SIZE", 11, Align::Right, 0, Some(Size)),
        Column::fixed("NEWEST", 14, Align::Left, 0, Some(Newest)),
    ]
}

/// Draws the list.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, owners: &Owners, theme: &Theme) {
    let nothing = [
        "No key of this bucket names an owner by the layouts that are known.",
        "v shows the raw prefixes; there, o takes a level of folders for the owners.",
    ];
    let empty = (&owners.load, nothing);
    let cells = |row: &_| cells(row, owners, state, theme);
    draw_list(frame, area, &columns(), &owners.table, cells, empty, theme);
}

fn cells(row: &OwnerRow, owners: &Owners, state: &State, theme: &Theme) -> Vec<Cell> {
    // An owner whose objects were not reached yet has some, so nothing is said rather than zero.
    let reached = row.tally.objects > 0 || owners.all_counted();
    let (objects, size, newest) = if reached {
        (
            words::count(row.tally.objects),
            row.tally.bytes.to_string(),
            row.tally
                .newest
                .map_or_else(|| words::NONE.into(), |time| words::ago(time, state.now)),
        )
    } else {
        let pending = || words::PENDING.to_owned();
        (pending(), pending(), pending())
    };
    // Until all were counted a number is what was reached so far.
    let style = if owners.all_counted() {
        theme.row
    } else {
        theme.faint
    };
    vec![
        Cell::new(row.owner.as_str(), theme.row),
        Cell::new(objects, style),
        Cell::new(size, style),
        Cell::new(newest, theme.faint),
    ]
}
