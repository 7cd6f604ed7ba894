//! The verdicts of one kind, with the reason and the evidence of the one under the cursor beside them.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::screens::orphans::{OrphanColumn, OrphanRow};
use crate::app::state::Load;
use crate::app::words;
use crate::domain::StorageClass;
use crate::domain::orphans::{Kind, Verdict};
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::screens::{draw_list, split_pane};
use crate::ui::widgets::columns::{Align, Cell, Column};

fn columns() -> [Column<OrphanColumn>; 7] {
    use OrphanColumn::{Key, Modified, Owner, Size};
    [
        Column::fixed("", 1, Align::Left, 0, None),
        Column::growing("KEY", Align::Middle, Some(Key)),
        Column::fixed("OWNER", 24, Align::Left, 72, Some(Owner)),
        Column::fixed("SIZE", 10, Align::Right, 0, Some(Size)),
        Column::fixed("MODIFIED", 10, Align::Left, 84, Some(Modified)),
        Column::fixed("CLASS", 12, Align::Left, 116, None),
        Column::fixed("BUCKET", 28, Align::Middle, 150, None),
    ]
}

/// Draws the list, and the pane when it is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let widest = state.orphans.pane.then_some(split_pane::WIDEST);
    let list = |frame: &mut Frame, area| {
        let empty = (&Load::Complete, ["There are none."]);
        let cells = |row: &_| cells(row, state, theme);
        draw_list(
            frame,
            area,
            &columns(),
            &state.orphans.items,
            cells,
            empty,
            theme,
        );
    };
    let pane = |frame: &mut Frame, area| reason(frame, area, state, theme);
    split_pane::draw(frame, area, widest, theme, list, pane);
}

fn cells(row: &OrphanRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let verdict = &row.verdict;
    let style = if row.marked { theme.warning } else { theme.row };
    let modified = verdict.last_modified.map_or_else(
        || words::NONE.to_owned(),
        |time| state.local(time).format("%Y-%m-%d").to_string(),
    );
    let or_none = |text: Option<&str>| text.unwrap_or(words::NONE).to_owned();
    vec![
        Cell::new(if row.marked { "✓" } else { "" }, theme.warning),
        Cell::new(verdict.key.as_str(), style),
        Cell::new(or_none(verdict.owner.as_deref()), theme.faint),
        Cell::new(size_of(verdict), style),
        Cell::new(modified, theme.faint),
        Cell::new(
            or_none(verdict.storage_class.as_ref().map(StorageClass::as_str)),
            theme.faint,
        ),
        Cell::new(verdict.bucket.as_str(), theme.faint),
    ]
}

/// What the parts of an upload hold no listing tells; a record without an object has no bytes.
fn size_of(verdict: &Verdict) -> String {
    match (verdict.size, verdict.kind) {
        (Some(size), _) => size.to_string(),
        (None, Kind::UploadAbandoned) => words::UNKNOWN.to_owned(),
        (None, _) => words::NONE.to_owned(),
    }
}

fn reason(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    let Some(row) = state.orphans.items.current() else {
        sheet.plain("There is nothing under the cursor.");
        sheet.draw(frame, area, 0);
        return;
    };
    let verdict = &row.verdict;
    sheet.title(verdict.key.as_str());
    sheet.styled("verdict", verdict.kind.word(), theme.bad);
    sheet.row("because", &verdict.words());
    for evidence in verdict.evidence() {
        sheet.row("evidence", &evidence);
    }
    sheet.section("What it is");
    sheet.row("bucket", verdict.bucket.as_str());
    sheet.optional("layout", verdict.layout.as_deref());
    sheet.optional("owner", verdict.owner.as_deref());
    sheet.row("size", &size_of(verdict));
    if verdict.kind != Kind::Dangling {
        let modified = sheet.time(verdict.last_modified);
        sheet.row("modified", &modified);
    }
    let class = verdict.storage_class.as_ref().map(StorageClass::as_str);
    sheet.optional("class", class);
    sheet.optional("etag", verdict.etag.as_deref());
    sheet.optional("upload", verdict.upload_id.as_deref());
    sheet.section("What can be done");
    sheet.plain(what_to_do(verdict));
    sheet.draw(frame, area, state.orphans.scroll);
}

/// What a person does with such a verdict.
fn what_to_do(verdict: &Verdict) -> &'static str {
    match verdict.kind {
        Kind::OwnerGone | Kind::RecordGone | Kind::SourceGone => {
            "Check a few of them by hand, mark them with Space, and put them aside with a, or save them with x for whoever decides."
        }
        Kind::UploadAbandoned => {
            "A lifecycle rule that aborts incomplete uploads keeps such parts from piling up."
        }
        Kind::VersionsOnly => {
            "A lifecycle rule that ends noncurrent versions and lone delete markers removes them in time."
        }
        Kind::Dangling => {
            "The application shows its user something that is not there: correct the record, or bring the object back."
        }
        Kind::DerivedMissing => "Have the application make it again from its source.",
        Kind::Unreadable => {
            "Either the blueprint lacks a layout, or something else writes into the bucket. It is never called an orphan."
        }
        Kind::Suspect if verdict.reason.is_of_several() => {
            "More than one user may have a claim to it: correct the record or the rule that names the wrong one. It is never called an orphan."
        }
        Kind::Suspect => {
            "Something alive is called nearly the same: correct the spelling on one side. It is never called an orphan."
        }
    }
}
