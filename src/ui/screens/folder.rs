//! Browse by prefix: folders and objects of one prefix.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{empty_words, load_words};
use crate::app::State;
use crate::app::browse::{Browse, Folder};
use crate::app::rows::{Entry, EntryColumn};
use crate::domain::blueprint::Location;
use crate::ui::widgets::columns::{self, Align, Cell, Column};
use crate::ui::{Theme, words};

fn columns() -> [Column<EntryColumn>; 5] {
    use EntryColumn::{Class, Modified, Name, Size};
    [
        Column::growing("NAME", Align::Middle, Some(Name)),
        Column::fixed("SIZE", 11, Align::Right, 0, Some(Size)),
        Column::fixed("MODIFIED", 16, Align::Left, 0, Some(Modified)),
        Column::fixed("CLASS", 19, Align::Left, 76, Some(Class)),
        Column::fixed("LAYOUT", 12, Align::Left, 104, None),
    ]
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
    let table = &folder.table;
    let rows = table.visible().map(|(line, row)| {
        let current = line == table.cursor();
        (current, cells(&row, state, browse, folder, theme))
    });
    let sort = table.sort().map(|sort| (sort.column, sort.descending));
    columns::draw(frame, area, &columns(), sort, rows, theme);
    if table.shown() == 0 {
        let nothing = ["Nothing begins with this prefix.", "Esc goes back."];
        let words = empty_words(&folder.load, table.filter(), &nothing);
        columns::draw_empty(frame, area, &words, theme);
    }
}

/// How many folders and objects, and whether there are more.
pub(super) fn summary(folder: &Folder) -> Vec<String> {
    let (objects, size) = folder.objects;
    let mut whole = Vec::new();
    if folder.folders > 0 {
        whole.push(words::counted(folder.folders, "folder"));
    }
    if objects > 0 || folder.folders == 0 {
        whole.push(format!("{} · {size}", words::counted(objects, "object")));
    }
    let mut whole = whole.join(" · ");
    if folder.next.is_some() {
        whole = format!("at least {whole}");
    }
    if folder.table.shown() < folder.table.len() {
        let shown = u64::try_from(folder.table.shown()).unwrap_or(u64::MAX);
        whole = format!("{} shown of {whole}", words::exact(shown));
    }
    let mut parts = vec![whole];
    let load = load_words(&folder.load);
    if !load.is_empty() {
        parts.push(load.into());
    }
    parts
}

fn cells(row: &Entry, state: &State, browse: &Browse, folder: &Folder, theme: &Theme) -> Vec<Cell> {
    let name = row
        .path()
        .strip_prefix(folder.prefix.as_str())
        .unwrap_or(row.path());
    match row {
        Entry::Folder { .. } => vec![
            Cell::new(name, theme.folder),
            Cell::new("", theme.row),
            Cell::new("", theme.row),
            Cell::new("", theme.row),
            Cell::new("", theme.row),
        ],
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
                Cell::new(object.size.to_string(), theme.row),
                Cell::new(modified, theme.faint),
                Cell::new(object.storage_class.as_str(), class_style),
                Cell::new(layout_of(browse, row.path()), theme.faint),
            ]
        }
    }
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
