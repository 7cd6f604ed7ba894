//! The Findings: the worst first, and the one under the cursor in full.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::severity_style;
use crate::app::State;
use crate::app::screens::bucket_state::{BucketState, FindingColumn, FindingRow, layout};
use crate::ops::audit::Severity;
use crate::ui::Theme;
use crate::ui::screens::empty_words;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::columns::{self, Align, Cell, Column};

fn columns() -> [Column<FindingColumn>; 3] {
    use FindingColumn::{Id, Severity};
    [
        Column::fixed("SEVERITY", 10, Align::Left, 0, Some(Severity)),
        Column::fixed("FINDING", 30, Align::Left, 0, Some(Id)),
        Column::growing("DESCRIPTION", Align::Left, None),
    ]
}

/// Draws the page.
pub(super) fn draw(
    frame: &mut Frame,
    page: Rect,
    state: &State,
    shown: &BucketState,
    theme: &Theme,
) {
    let table = &shown.findings;
    if table.shown() == 0 {
        columns::draw_empty(frame, page, &nothing(shown), theme);
        return;
    }
    let shares = layout::findings(page.height);
    if shown.in_full && shares.list == page.height {
        draw_finding(frame, page, state, shown, theme);
        return;
    }
    let used = u16::try_from(table.shown() + 1).unwrap_or(shares.list);
    let [list, rule, below] = Layout::vertical([
        Constraint::Length(used.min(shares.list)),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(page);
    let rows = table
        .visible()
        .map(|(line, row)| (line == table.cursor(), cells(&row, theme)));
    let sort = table.sort().map(|sort| (sort.column, sort.descending));
    columns::draw(frame, list, &columns(), sort, rows, theme);
    if shares.list < page.height {
        let dashes = "─".repeat(usize::from(rule.width).saturating_sub(6));
        let line = Line::from(vec![Span::raw("   "), Span::styled(dashes, theme.rule)]);
        frame.render_widget(line, rule);
        draw_finding(frame, below, state, shown, theme);
    }
}

/// Why there are no rows.
fn nothing(shown: &BucketState) -> Vec<String> {
    if shown.least > Severity::Info && shown.findings.filter().is_empty() {
        return vec![
            format!("No finding is {} or worse.", shown.least.as_str()),
            "f shows others.".into(),
        ];
    }
    let words = [
        "Nothing is wrong with this bucket, as far as s3warden can tell.",
        "The Overview tells what is not known.",
    ];
    empty_words(&shown.audited.load, shown.findings.filter(), &words)
}

fn cells(row: &FindingRow, theme: &Theme) -> Vec<Cell> {
    let finding = &row.finding;
    if row.accepted.is_some() {
        return vec![
            Cell::new("accepted", theme.faint),
            Cell::new(finding.id, theme.faint),
            Cell::new(finding.message.as_str(), theme.faint),
        ];
    }
    let style = severity_style(finding.severity, theme);
    vec![
        Cell::new(finding.severity.as_str(), style),
        Cell::new(finding.id, theme.row),
        Cell::new(finding.message.as_str(), theme.row),
    ]
}

/// What is so, what shows it, why it matters, what to do.
fn draw_finding(frame: &mut Frame, area: Rect, state: &State, shown: &BucketState, theme: &Theme) {
    let Some(row) = shown.findings.current() else {
        return;
    };
    let area = Rect {
        x: area.x + 2,
        width: area.width.saturating_sub(3),
        ..area
    };
    let finding = &row.finding;
    let mut sheet = Sheet::new(area, state, theme);
    sheet.paragraph(
        &format!("{} · {}", finding.severity.as_str(), finding.id),
        severity_style(finding.severity, theme),
    );
    sheet.paragraph(&finding.message, theme.place);
    if let Some(accepted) = &row.accepted {
        sheet.paragraph(accepted, theme.good);
    }
    sheet.lines.push(Line::default());
    let mut label = "evidence";
    for shown in &finding.evidence {
        sheet.styled(label, shown, theme.row);
        label = "";
    }
    if !finding.why.is_empty() {
        sheet.styled("why", finding.why, theme.row);
    }
    if !finding.advice.is_empty() {
        sheet.styled("what to do", &state.says(&finding.advice), theme.key);
    }
    if !finding.references.is_empty() {
        sheet.styled("references", &finding.references.join(", "), theme.faint);
    }
    sheet.draw(frame, area, shown.scroll);
}
