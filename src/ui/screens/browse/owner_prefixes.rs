//! One owner's page: a row for each prefix that is theirs.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::draw_list;
use crate::app::screens::browse::OwnerPage;
use crate::app::screens::browse::rows::{AnchorColumn, AnchorRow};
use crate::app::words;
use crate::domain::text;
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<AnchorColumn>; 4] {
    use AnchorColumn::{Objects, Prefix, Size};
    [
        Column::growing("PREFIX", Align::Middle, Some(Prefix)).at_most(80),
        Column::fixed("LAYOUT", 12, Align::Left, 0, None),
        Column::fixed("OBJECTS", 10, Align::Right, 0, Some(Objects)),
        Column::fixed("SIZE", 11, Align::Right, 0, Some(Size)),
    ]
}

/// Draws the list.
pub(super) fn draw(frame: &mut Frame, area: Rect, owner: &OwnerPage, theme: &Theme) {
    let id = text::safe(owner.owner.as_str());
    let nobody = if owner.is_complete() {
        format!("{id} has nothing in this bucket, by the layouts that are known.")
    } else {
        let why = owner.why_partial().unwrap_or("the search was not finished");
        format!("Nothing of {id} was found, but not everything could be searched: {why}.")
    };
    let nothing = [
        nobody.as_str(),
        "Ids are compared byte by byte: is it spelt like this? Esc goes back.",
    ];
    let empty = (&owner.load, nothing);
    let cells = |row: &_| cells(row, owner.is_complete(), theme);
    draw_list(frame, area, &columns(), &owner.table, cells, empty, theme);
}

fn cells(row: &AnchorRow, all_counted: bool, theme: &Theme) -> Vec<Cell> {
    let (objects, size) = match (all_counted, row.tally.objects) {
        (false, 0) => (words::PENDING.to_owned(), words::PENDING.to_owned()),
        (_, objects) => (words::count(objects), row.tally.bytes.to_string()),
    };
    // Until all were counted a number is what was reached so far.
    let style = if all_counted { theme.row } else { theme.faint };
    vec![
        Cell::new(row.of.prefix.as_str(), theme.folder),
        Cell::new(row.of.layout.as_str(), theme.faint),
        Cell::new(objects, style),
        Cell::new(size, style),
    ]
}
