//! How far a change is: a bar, what is done, what is left and for how long, what failed.

use chrono::{DateTime, Utc};

use super::sheet::Sheet;
use crate::app::change_progress::{ChangeProgress, done_of};
use crate::app::words;
use crate::domain::text;

/// Tells it, once there is something to tell. `done` is what has become of a thing: `deleted`.
pub(super) fn progress_rows(
    sheet: &mut Sheet<'_>,
    change: &ChangeProgress,
    done: &str,
    now: DateTime<Utc>,
) {
    let Some(progress) = change.progress() else {
        return;
    };
    let tried = done_of(progress);
    let width = sheet.width.saturating_sub(30).min(60);
    let bar = words::bar(tried, progress.planned, width);
    let percent = words::percent(tried, progress.planned);
    let bar = format!("{} {percent}", text::fit(&bar, width));
    sheet.styled("", &bar, sheet.theme.good);
    let so_far = format!(
        "{} of {}",
        words::exact(progress.deleted),
        words::counted(progress.planned, "thing")
    );
    sheet.row(done, &so_far);
    let left = words::exact(progress.planned.saturating_sub(tried));
    let left = match change.pace(now) {
        Some(pace) if pace.left > 0 => {
            let rate = words::rate(pace.a_second);
            format!("{left}, about {} at {rate}", words::duration(pace.left))
        }
        Some(pace) => format!("{left}; {} so far", words::rate(pace.a_second)),
        None => left,
    };
    sheet.row("left", &left);
    let failed = words::exact(progress.failed);
    if progress.failed > 0 {
        sheet.styled("failed", &failed, sheet.theme.bad);
    } else {
        sheet.row("failed", &failed);
    }
}
