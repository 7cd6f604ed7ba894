//! Browse by prefix: folders and objects of one prefix.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::draw_list;
use crate::app::State;
use crate::app::screens::browse::rows::{Entry, EntryColumn};
use crate::app::screens::browse::{Browse, Folder};
use crate::app::state::Load;
use crate::app::words;
use crate::domain::Tally;
use crate::domain::blueprint::Location;
use crate::ops::Coverage;
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns(folder: &Folder) -> Vec<Column<EntryColumn>> {
    use EntryColumn::{Class, Modified, Name, Objects, Size};
    // What a scan tells of folders takes the place of what objects alone have.
    let (class, layout) = if has_counts(folder) {
        (100, 116)
    } else {
        (76, 104)
    };
    let mut columns = vec![Column::growing("NAME", Align::Middle, Some(Name))];
    if has_counts(folder) {
        let objects = Column::fixed("OBJECTS", 10, Align::Right, 0, Some(Objects));
        columns.push(objects);
    }
    columns.extend([
        Column::fixed("SIZE", 11, Align::Right, 0, Some(Size)),
        Column::fixed("MODIFIED", 16, Align::Left, 0, Some(Modified)),
        Column::fixed("CLASS", 19, Align::Left, class, Some(Class)),
        Column::fixed("LAYOUT", 12, Align::Left, layout, None),
    ]);
    columns
}

/// Whether a scan has told what is in the folders.
fn has_counts(folder: &Folder) -> bool {
    folder.sizes.is_some() && folder.below.is_none()
}

/// Draws the list.
pub(super) fn draw(
    frame: &mut Frame,
    area: Rect,
    state: &State,
    browse: &Browse,
    folder: &Folder,
    theme: &Theme,
) {
    let empty = if folder.below.is_some() && state.scan_here().is_none() {
        let nothing = vec![
            "No scan of this place yet.",
            "S makes one: it lists everything below here, and this list fills at once.",
            "Esc goes back.",
        ];
        (&Load::Complete, nothing)
    } else {
        let nothing = vec!["Nothing begins with this prefix.", "Esc goes back."];
        (&folder.load, nothing)
    };
    let cells = |row: &_| cells(row, state, browse, folder, theme);
    draw_list(
        frame,
        area,
        &columns(folder),
        &folder.table,
        cells,
        empty,
        theme,
    );
}

/// What a scan found below a folder: the number of objects and their bytes.
fn held(holds: Option<Tally>, folder: &Folder) -> (String, String) {
    let is_complete = folder.sizes.as_ref().is_some_and(Coverage::is_complete);
    match (holds, &folder.sizes) {
        (_, None) => (String::new(), String::new()),
        (Some(tally), _) if is_complete => (words::count(tally.objects), tally.bytes.to_string()),
        (Some(tally), _) => (
            format!("≥{}", words::count(tally.objects)),
            format!("≥{}", tally.bytes),
        ),
        // It was not there when the place was scanned, or has not been reached.
        (None, _) if is_complete => (words::UNKNOWN.into(), words::UNKNOWN.into()),
        (None, _) => (words::PENDING.into(), words::PENDING.into()),
    }
}

fn cells(row: &Entry, state: &State, browse: &Browse, folder: &Folder, theme: &Theme) -> Vec<Cell> {
    let name = row
        .path()
        .strip_prefix(folder.prefix.as_str())
        .unwrap_or(row.path());
    let mut cells = match row {
        Entry::Folder { holds, .. } => {
            let (objects, size) = held(*holds, folder);
            let exact = folder.sizes.as_ref().is_some_and(Coverage::is_complete);
            let style = if exact { theme.row } else { theme.faint };
            vec![
                Cell::new(name, theme.folder),
                Cell::new(objects, style),
                Cell::new(size, style),
                Cell::new("", theme.row),
                Cell::new("", theme.row),
                Cell::new("", theme.row),
            ]
        }
        Entry::Object(object) => {
            // A key may equal the prefix itself: the marker that consoles leave when they make a "folder".
            let name = if name.is_empty() {
                "(the prefix itself)"
            } else {
                name
            };
            let modified = object.last_modified.map_or_else(
                || words::UNKNOWN.to_owned(),
                |time| state.local(time).format("%Y-%m-%d %H:%M").to_string(),
            );
            let class_style = if object.storage_class.is_archived() {
                theme.warning
            } else {
                theme.faint
            };
            vec![
                Cell::new(name, theme.row),
                Cell::new("", theme.row),
                Cell::new(object.size.to_string(), theme.row),
                Cell::new(modified, theme.faint),
                Cell::new(object.storage_class.as_str(), class_style),
                Cell::new(layout_of(browse, row.path()), theme.faint),
            ]
        }
    };
    if !has_counts(folder) {
        cells.remove(1);
    }
    cells
}

/// The layout that explains a key, `?` when none of those that are known does.
fn layout_of(browse: &Browse, key: &str) -> String {
    let Some((layouts, _)) = &browse.layouts else {
        return words::NONE.into();
    };
    match layouts.locate(key) {
        Location::Owned { layout, .. } | Location::Unnamed { layout, .. } => layout.to_owned(),
        Location::Unreadable => words::UNKNOWN.into(),
    }
}
