//! The audit log: whether its chain holds, and its lines, newest first.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::sheet::Sheet;
use super::{draw_list, split_pane};
use crate::app::State;
use crate::app::screens::audit_log::Checked;
use crate::app::screens::audit_log::{AuditedColumn, AuditedRow};
use crate::app::words;
use crate::domain::text;
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

/// Numbers of broken lines that are named; the others are counted.
const NAMED: usize = 5;

fn columns() -> [Column<AuditedColumn>; 5] {
    use AuditedColumn::{Case, Event, Number};
    [
        Column::fixed("LINE", 8, Align::Right, 0, Some(Number)),
        Column::fixed("WHEN", 19, Align::Left, 0, None),
        Column::fixed("CASE", 14, Align::Left, 72, Some(Case)),
        Column::fixed("WHAT", 16, Align::Left, 0, Some(Event)),
        Column::growing("DETAIL", Align::Left, None),
    ]
}

/// Draws the log.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let [chain, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    frame.render_widget(
        verdict(
            state.audit_log.checked.as_ref(),
            usize::from(area.width),
            theme,
        ),
        chain,
    );
    let widest = state.audit_log.pane.then_some(split_pane::WIDEST);
    let list = |frame: &mut Frame, area| list(frame, area, state, theme);
    let pane = |frame: &mut Frame, area| pane(frame, area, state, theme);
    split_pane::draw(frame, below, widest, theme, list, pane);
}

/// Whether the chain holds, in a line that nobody can overlook where it does not.
fn verdict(checked: Option<&Checked>, width: usize, theme: &Theme) -> Line<'static> {
    let Some(checked) = checked else {
        return Line::styled("   checking the chain …", theme.faint);
    };
    if checked.broken.is_empty() {
        return Line::styled(
            "   The chain of hashes holds from the first line to the last.",
            theme.good,
        );
    }
    let named: Vec<String> = checked
        .broken
        .iter()
        .take(NAMED)
        .map(|number| words::exact(*number))
        .collect();
    let more = match checked.broken.len().saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let words = format!(
        "THE CHAIN IS BROKEN at line {}{more}: this log was changed after it was written.",
        named.join(", ")
    );
    let words = text::clip(&words, width.saturating_sub(4));
    Line::from(vec![
        Span::styled(" ! ", theme.bad),
        Span::styled(words, theme.bad),
    ])
}

fn list(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let log = &state.audit_log;
    let nothing = [
        "Nothing was changed by s3warden for this user of this computer.",
        "Purges and smoke tests are written down here before and after they change anything.",
    ];
    let empty = (&log.load, nothing);
    let cells = |row: &_| cells(row, state, theme);
    draw_list(frame, area, &columns(), &log.lines, cells, empty, theme);
}

fn cells(row: &AuditedRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let line = &row.0;
    let style = if line.fault.is_some() {
        theme.bad
    } else {
        theme.row
    };
    let at = line.at.map_or_else(
        || words::UNKNOWN.to_owned(),
        |at| state.local(at).format("%Y-%m-%d %H:%M:%S").to_string(),
    );
    let number = if line.fault.is_some() {
        format!("! {}", words::exact(line.number))
    } else {
        words::exact(line.number)
    };
    let (event, detail) = match line.fault {
        Some(fault) => (
            if line.event.is_empty() {
                "?"
            } else {
                line.event.as_str()
            },
            format!("{}: {}", fault.words(), line.detail),
        ),
        None => (line.event.as_str(), detail_words(&line.detail)),
    };
    vec![
        Cell::new(number, style),
        Cell::new(at, theme.faint),
        Cell::new(line.case.as_str(), theme.faint),
        Cell::new(event, style),
        Cell::new(
            detail,
            if line.fault.is_some() {
                theme.bad
            } else {
                theme.faint
            },
        ),
    ]
}

/// `{"batch":0,"items":1}` as `batch 0, items 1`.
fn detail_words(json: &str) -> String {
    let Ok(serde_json::Value::Object(detail)) = serde_json::from_str(json) else {
        return json.to_owned();
    };
    let parts: Vec<String> = detail
        .iter()
        .map(|(name, value)| match value {
            serde_json::Value::String(value) => format!("{name} {value}"),
            value => format!("{name} {value}"),
        })
        .collect();
    parts.join(", ")
}

fn pane(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let mut sheet = Sheet::new(area, state, theme);
    let row = state.audit_log.lines.current();
    let Some(line) = row.as_ref().map(|row| &row.0) else {
        sheet.plain("There is nothing under the cursor.");
        sheet.draw(frame, area, 0);
        return;
    };
    sheet.title(&format!("Line {}", words::exact(line.number)));
    if let Some(fault) = line.fault {
        sheet.styled("broken", fault.words(), theme.bad);
    }
    let at = sheet.time(line.at);
    sheet.row("when", &at);
    sheet.row("case", &line.case);
    sheet.row("what", &line.event);
    sheet.row("hash", &line.hash);
    sheet.section("Detail");
    match serde_json::from_str(&line.detail) {
        Ok(serde_json::Value::Object(detail)) => {
            for (name, value) in &detail {
                let value = match value {
                    serde_json::Value::String(value) => value.clone(),
                    value => value.to_string(),
                };
                sheet.row(name, &value);
            }
        }
        _ => sheet.plain(&line.detail),
    }
    if let Some(checked) = &state.audit_log.checked {
        sheet.section("Log");
        sheet.plain(&checked.file);
    }
    sheet.draw(frame, area, state.audit_log.scroll);
}
