//! When a lifecycle action is due. S3 acts once a day, at midnight UTC.

use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::domain::configuration::When;

/// The midnight UTC at or after a moment.
#[must_use]
pub(crate) fn midnight_after(at: DateTime<Utc>) -> DateTime<Utc> {
    let today = at.date_naive().and_time(NaiveTime::MIN).and_utc();
    if today == at {
        return at;
    }
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

/// Adds days to a moment and rounds up to the next midnight UTC. Saturates at the end of the calendar.
#[must_use]
pub(crate) fn days_after(start: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    start
        .checked_add_days(Days::new(u64::from(days)))
        .map_or(DateTime::<Utc>::MAX_UTC, midnight_after)
}

/// When a rule is due for an object that was written at `written`. A date applies from that day on: objects written
/// later are due at once.
#[must_use]
pub(crate) fn due(when: When, written: DateTime<Utc>) -> DateTime<Utc> {
    match when {
        When::Days(days) => days_after(written, days),
        When::Date(date) => date.max(midnight_after(written)),
    }
}
