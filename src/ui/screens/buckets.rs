//! The Buckets screen: one row a bucket, its cells filled in as their answers arrive.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{empty_words, load_words};
use crate::app::State;
use crate::app::rows::{BucketColumn, BucketRow, Cell as Answer};
use crate::ops::Fact;
use crate::ops::buckets::{Encryption, PublicAccess, Versioning, VersioningState};
use crate::ui::widgets::columns::{self, Align, Cell, Column};
use crate::ui::{Theme, words};

fn columns() -> [Column<BucketColumn>; 8] {
    use BucketColumn::{Created, Name, Objects, Region, Size};
    [
        Column::growing("BUCKET", Align::Left, Some(Name)).at_most(63),
        Column::fixed("REGION", 14, Align::Left, 0, Some(Region)),
        Column::fixed("CREATED", 10, Align::Left, 130, Some(Created)),
        Column::fixed("OBJECTS", 9, Align::Right, 100, Some(Objects)),
        Column::fixed("SIZE", 10, Align::Right, 100, Some(Size)),
        Column::fixed("ENCRYPTION", 10, Align::Left, 0, None),
        Column::fixed("VERSIONS", 9, Align::Left, 0, None),
        Column::fixed("PUBLIC", 8, Align::Left, 72, None),
    ]
}

/// Draws the list.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let table = &state.buckets;
    let rows = table.visible().map(|(line, row)| {
        let current = line == table.cursor();
        (current, cells(&row, state, theme))
    });
    let sort = table.sort().map(|sort| (sort.column, sort.descending));
    columns::draw(frame, area, &columns(), sort, rows, theme);
    if table.shown() == 0 {
        let nothing = [
            "This account has no buckets, or none that this identity may list.",
            "Open one by its name: press : and type s3://BUCKET.",
        ];
        let words = empty_words(&state.buckets_load, table.filter(), &nothing);
        columns::draw_empty(frame, area, &words, theme);
    }
}

/// The number of buckets.
pub(super) fn summary(state: &State) -> Vec<String> {
    let table = &state.buckets;
    let number = u64::try_from(table.len()).unwrap_or(u64::MAX);
    let mut parts = vec![words::counted(number, "bucket")];
    if table.shown() < table.len() {
        parts.push(format!("{} shown", table.shown()));
    }
    let load = load_words(&state.buckets_load);
    if !load.is_empty() {
        parts.push(load.into());
    }
    parts
}

fn cells(row: &BucketRow, state: &State, theme: &Theme) -> Vec<Cell> {
    let created = row.created.map_or_else(
        || words::UNKNOWN.to_owned(),
        |time| state.local(time).format("%Y-%m-%d").to_string(),
    );
    let (objects, size) = match row.known {
        // Nothing was counted, which is not the same as an empty bucket.
        None => (words::UNKNOWN.to_owned(), words::UNKNOWN.to_owned()),
        Some(known) => {
            let at_least = if known.complete { "" } else { "≥" };
            (
                format!("{at_least}{}", words::count(known.objects)),
                format!("{at_least}{}", known.size),
            )
        }
    };
    let known_style = if row.known.is_some() {
        theme.row
    } else {
        theme.faint
    };
    vec![
        Cell::new(row.name.as_str(), theme.row),
        answer(&row.region, |region| (region.to_string(), theme.row), theme),
        Cell::new(created, theme.faint),
        Cell::new(objects, known_style),
        Cell::new(size, known_style),
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
        answer(
            &row.public_access,
            |access| access_word(*access, theme),
            theme,
        ),
    ]
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
        "aws:kms:dsse" => "KMS dsse".into(),
        other => other.to_owned(),
    }
}

fn versioning_word(versioning: Versioning, theme: &Theme) -> (String, Style) {
    match versioning.state {
        VersioningState::Enabled => ("on".into(), theme.row),
        VersioningState::Suspended => ("suspended".into(), theme.warning),
    }
}

fn access_word(access: PublicAccess, theme: &Theme) -> (String, Style) {
    if access.blocks_everything() {
        ("blocked".into(), theme.row)
    } else {
        ("not all".into(), theme.warning)
    }
}
