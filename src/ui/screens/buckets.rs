//! The Buckets screen: one row a bucket, its cells filled in as their answers arrive.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::draw_list;
use crate::app::State;
use crate::app::screens::buckets::{
    BucketColumn, BucketRow, Cell as Answer, TREND_COLUMNS, TREND_DAYS,
};
use crate::app::words;
use crate::ops::Fact;
use crate::ops::audit::Severity;
use crate::ops::buckets::{Encryption, Publicity, Versioning, VersioningState};
use crate::ui::Theme;
use crate::ui::widgets::columns::{Align, Cell, Column};

/// What goes first on narrow screens is what one can see elsewhere, or seldom looks for.
fn columns() -> [Column<BucketColumn>; 10] {
    use BucketColumn::{Created, Findings, Growth, Name, Objects, Region, Size};
    [
        // The ends of names tell as much as their beginnings.
        Column::growing("BUCKET", Align::Middle, Some(Name)).at_most(63),
        Column::fixed("REGION", 14, Align::Left, 118, Some(Region)),
        Column::fixed("CREATED", 10, Align::Left, 144, Some(Created)),
        Column::fixed("OBJECTS", 8, Align::Right, 70, Some(Objects)),
        Column::fixed("SIZE", 10, Align::Right, 0, Some(Size)),
        Column::fixed("90 DAYS", 13, Align::Left, 104, Some(Growth)),
        Column::fixed("SSE", 4, Align::Left, 78, None),
        Column::fixed("VERSIONS", 9, Align::Left, 92, None),
        Column::fixed("PUBLIC", 7, Align::Left, 0, None),
        Column::fixed("FINDINGS", 11, Align::Right, 0, Some(Findings)),
    ]
}

/// Draws the list.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let nothing = [
        "This account has no buckets, or none that this identity may list.",
        "Open one by its name: press : and type s3://BUCKET.",
    ];
    let empty = (&state.buckets_load, nothing);
    let cells = |row: &_| cells(row, state, theme);
    draw_list(frame, area, &columns(), &state.buckets, cells, empty, theme);
}

fn cells(row: &BucketRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let created = row.created.map_or_else(
        || words::UNKNOWN.to_owned(),
        |time| state.local(time).format("%Y-%m-%d").to_string(),
    );
    vec![
        Cell::new(row.name.as_str(), theme.row),
        answer(&row.region, |region| (region.to_string(), theme.row), theme),
        Cell::new(created, theme.faint),
        figure(row, row.objects().map(words::count), theme),
        figure(row, row.size().map(|size| size.to_string()), theme),
        trend(row, theme),
        answer(
            &row.encryption,
            |encryption| (encryption_word(encryption), theme.row),
            theme,
        ),
        match &row.versioning {
            // Never enabled: known, and the default.
            Answer::Answered(Fact::NotSet) => Cell::new("off", theme.faint),
            cell => answer(
                cell,
                |versioning| versioning_word(*versioning, theme),
                theme,
            ),
        },
        match &row.publicity {
            // No policy that could be public: known, and the default.
            Answer::Answered(Fact::NotSet) => Cell::new("no", theme.faint),
            cell => answer(cell, |publicity| publicity_word(*publicity, theme), theme),
        },
        findings(row, theme),
    ]
}

/// A number of objects or bytes. Where CloudWatch has none, what was counted here may be less than all.
fn figure(row: &BucketRow, figure: Option<String>, theme: &Theme) -> Cell {
    let is_part = row.measured.value().is_none() && row.known.is_some_and(|known| !known.complete);
    match (figure, &row.measured) {
        (Some(figure), _) if is_part => Cell::new(format!("≥{figure}"), theme.row),
        (Some(figure), _) => Cell::new(figure, theme.row),
        (None, Answer::Pending) => Cell::new(words::PENDING, theme.faint),
        (None, Answer::Answered(Fact::Unknown(_))) => Cell::new(words::UNKNOWN, theme.warning),
        (None, Answer::Answered(_)) => Cell::new(words::NONE, theme.faint),
    }
}

fn trend(row: &BucketRow, theme: &Theme) -> Cell {
    match &row.measured {
        Answer::Pending => Cell::new(words::PENDING, theme.faint),
        Answer::Answered(Fact::Unknown(_)) => Cell::new(words::UNKNOWN, theme.warning),
        Answer::Answered(Fact::NotSet) => Cell::new(words::NONE, theme.faint),
        Answer::Answered(Fact::Set(measured)) => {
            let growth = measured
                .growth
                .map(|growth| words::growth_within(growth, TREND_DAYS))
                .unwrap_or_default();
            // A growth that says its days takes the place of the trend's oldest columns.
            let room = TREND_COLUMNS.saturating_sub(growth.chars().count().saturating_sub(5));
            let columns = measured.trend.chars().count();
            let trend: String = measured
                .trend
                .chars()
                .skip(columns.saturating_sub(room))
                .collect();
            Cell::new(format!("{trend:>room$} {growth:>5}"), theme.row)
        }
    }
}

/// How many of the worst kind, then how many others; what is merely worth knowing is not counted.
fn findings(row: &BucketRow, theme: &Theme) -> Cell {
    let judged = match &row.judged {
        // Nobody asked, which is not the same as nothing to be said.
        None => return Cell::new(words::UNKNOWN, theme.faint),
        Some(Answer::Pending) => return Cell::new(words::PENDING, theme.faint),
        Some(Answer::Answered(Fact::Unknown(_) | Fact::NotSet)) => {
            return Cell::new(words::UNKNOWN, theme.warning);
        }
        Some(Answer::Answered(Fact::Set(judged))) => judged,
    };
    let at_least = if judged.gap.is_some() { "≥" } else { "" };
    let faults = judged.severities.faults();
    match judged.severities.worst() {
        None if judged.gap.is_some() => Cell::new(words::UNKNOWN, theme.warning),
        None => Cell::new(words::NONE, theme.good),
        Some((worst @ (Severity::Critical | Severity::High), count)) => {
            let word = if worst == Severity::Critical {
                "crit"
            } else {
                "high"
            };
            let others = match faults - count {
                0 => String::new(),
                others => others.to_string(),
            };
            Cell::new(format!("{at_least}{count} {word} {others:>2}"), theme.bad)
        }
        Some((worst, _)) => {
            let style = if worst == Severity::Medium {
                theme.warning
            } else {
                theme.row
            };
            Cell::new(format!("{at_least}{faults}"), style)
        }
    }
}

fn answer<T>(cell: &Answer<T>, show: impl Fn(&T) -> (String, Style), theme: &Theme) -> Cell {
    match cell {
        Answer::Pending => Cell::new(words::PENDING, theme.faint),
        Answer::Answered(Fact::Set(value)) => {
            let (words, style) = show(value);
            Cell::new(words, style)
        }
        Answer::Answered(Fact::NotSet) => Cell::new(words::NONE, theme.warning),
        Answer::Answered(Fact::Unknown(_)) => Cell::new(words::UNKNOWN, theme.warning),
    }
}

fn encryption_word(encryption: &Encryption) -> String {
    match encryption.algorithm.as_str() {
        "AES256" => "S3".into(),
        "aws:kms" => "KMS".into(),
        "aws:kms:dsse" => "DSSE".into(),
        other => other.to_owned(),
    }
}

fn versioning_word(versioning: Versioning, theme: &Theme) -> (String, Style) {
    match versioning.state {
        VersioningState::Enabled => ("on".into(), theme.row),
        VersioningState::Suspended => ("suspended".into(), theme.warning),
    }
}

fn publicity_word(publicity: Publicity, theme: &Theme) -> (String, Style) {
    match publicity {
        Publicity::Public => ("public".into(), theme.warning),
        Publicity::Blocked => ("blocked".into(), theme.row),
        Publicity::NotPublic => ("no".into(), theme.row),
    }
}
