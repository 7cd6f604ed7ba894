//! Time as S3 tells it: to the second.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use s3s::dto::{Timestamp, TimestampFormat};

/// A point in time, to the second, for that is all that S3 keeps of `Last-Modified` and its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// This second.
    #[must_use]
    pub fn now() -> Self {
        Utc::now().into()
    }

    /// A moment so many seconds after 1970 began.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970 began.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The midnight (UTC) that ends the day so many days from here, which is when a restored copy goes.
    #[must_use]
    pub const fn midnight_after_days(self, days: i64) -> Self {
        const DAY: i64 = 86_400;
        let later = self.0.saturating_add(days.saturating_mul(DAY));
        Self(later.div_euclid(DAY).saturating_add(1).saturating_mul(DAY))
    }

    /// As a calendar date and time; the end of what a calendar can tell when it is beyond that.
    #[must_use]
    pub fn to_calendar(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// As HTTP headers write it: `Fri, 21 Dec 2012 00:00:00 GMT`.
    #[must_use]
    pub fn to_http_date(self) -> String {
        self.to_calendar()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// As the protocol library takes it.
    #[must_use]
    pub fn to_timestamp(self) -> Timestamp {
        let distance = Duration::from_secs(self.0.unsigned_abs());
        let time = if self.0 >= 0 {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        };
        time.unwrap_or(SystemTime::UNIX_EPOCH).into()
    }

    /// From the protocol library; `None` when the text that it makes is no date.
    #[must_use]
    pub fn from_timestamp(timestamp: &Timestamp) -> Option<Self> {
        let mut text = Vec::new();
        timestamp
            .format(TimestampFormat::DateTime, &mut text)
            .ok()?;
        let text = String::from_utf8(text).ok()?;
        Some(
            DateTime::parse_from_rfc3339(&text)
                .ok()?
                .with_timezone(&Utc)
                .into(),
        )
    }
}

impl From<DateTime<Utc>> for Moment {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_survives_the_way_through_the_protocol_library() {
        for seconds in [-86_400, 0, 1_356_048_000] {
            let moment = Moment::from_seconds(seconds);
            assert_eq!(Moment::from_timestamp(&moment.to_timestamp()), Some(moment));
        }
    }

    #[test]
    fn a_restored_copy_goes_at_the_midnight_after_its_days() {
        let noon = Moment::from_seconds(1_356_048_000 + 12 * 3600);
        assert_eq!(
            noon.midnight_after_days(2).to_http_date(),
            "Mon, 24 Dec 2012 00:00:00 GMT"
        );
    }
}
