//! Event holds: a version is kept until somebody releases the hold, and for a time after that.
//!
//! s3s does not know them. Their headers and elements are read and written here; [`super::lock`] says what they forbid.
//! Source: *Object Lock considerations*, "Troubleshooting variable retention" (S3 user guide).

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use s3s::{S3Result, s3_error};

use crate::sandbox::element;
use crate::sandbox::store::{HoldTime, Object};

const STATUS: HeaderName = HeaderName::from_static("x-amz-object-lock-event-hold");
const DAYS: HeaderName = HeaderName::from_static("x-amz-object-lock-event-hold-duration-days");
const YEARS: HeaderName = HeaderName::from_static("x-amz-object-lock-event-hold-duration-years");

/// What a request says about an event hold, as it was written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    status: Option<String>,
    days: Option<String>,
    years: Option<String>,
}

/// What a request wants of an event hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// `ON`, and how long the version is kept after the release.
    Hold(HoldTime),
    /// `OFF`.
    Release,
}

impl Asked {
    /// Reads the headers of a PUT, a copy or the beginning of an upload.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            let value = headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            status: text(STATUS),
            days: text(DAYS),
            years: text(YEARS),
        }
    }

    /// Takes the elements out of a `Retention` document, so that s3s can read the rest.
    pub(super) fn of_retention(document: &str) -> (String, Self) {
        let (document, time) = element::take(document, "EventHoldDuration");
        let (rest, status) = element::take(&document, "EventHold");
        let of_time = |name| element::inside(time?, name).map(str::to_owned);
        let asked = Self {
            status: status.map(|status| status.trim().to_owned()),
            // An empty duration is one that says nothing.
            days: of_time("Days").or_else(|| {
                time.filter(|time| time.trim().is_empty())
                    .map(str::to_owned)
            }),
            years: of_time("Years"),
        };
        (rest.into_owned(), asked)
    }

    /// Whether the request speaks of an event hold at all.
    pub(super) fn is_some(&self) -> bool {
        *self != Self::default()
    }

    /// What it wants.
    ///
    /// # Errors
    /// `InvalidArgument` for a hold without exactly one duration in the allowed range, and for a release with one.
    pub(super) fn wanted(&self) -> S3Result<Option<Wanted>> {
        let time = || time(self.days.as_deref(), self.years.as_deref());
        let has_time = self.days.is_some() || self.years.is_some();
        match self.status.as_deref() {
            Some("ON") => Ok(Some(Wanted::Hold(time()?))),
            Some("OFF") if has_time => Err(s3_error!(
                InvalidArgument,
                "An event hold duration cannot be given with an event hold that is OFF"
            )),
            Some("OFF") => Ok(Some(Wanted::Release)),
            None if has_time => Err(s3_error!(
                InvalidArgument,
                "An event hold duration is given without an event hold"
            )),
            None => Ok(None),
            Some(_) => Err(s3_error!(
                InvalidArgument,
                "An event hold must be either of 'ON' or 'OFF'"
            )),
        }
    }
}

/// The duration: either days or years.
fn time(days: Option<&str>, years: Option<&str>) -> S3Result<HoldTime> {
    let count = |text: &str, most: u32| text.parse().ok().filter(|n| (1..=most).contains(n));
    let time = match (days, years) {
        (Some(days), None) => count(days, 36_500).map(HoldTime::Days),
        (None, Some(years)) => count(years, 100).map(HoldTime::Years),
        _ => {
            return Err(s3_error!(
                InvalidArgument,
                "An event hold requires exactly one duration, in days or in years"
            ));
        }
    };
    time.ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "An event hold duration is a positive integer of at most 36500 days or 100 years"
        )
    })
}

/// Takes the default event hold out of an Object Lock configuration, so that s3s can read the rest.
///
/// # Errors
/// `InvalidArgument` for a duration that S3 would refuse.
pub(crate) fn default_of(document: &str) -> S3Result<(Cow<'_, str>, Option<HoldTime>)> {
    let (rest, hold) = element::take(document, "DefaultEventHold");
    let hold = hold.map(|hold| {
        time(
            element::inside(hold, "Days"),
            element::inside(hold, "Years"),
        )
    });
    Ok((rest, hold.transpose()?))
}

/// The duration as an element writes it.
pub(crate) fn written(time: HoldTime) -> String {
    match time {
        HoldTime::Days(days) => format!("<Days>{days}</Days>"),
        HoldTime::Years(years) => format!("<Years>{years}</Years>"),
    }
}

/// The elements of a `Retention` document.
pub(super) fn elements(time: HoldTime) -> String {
    let time = written(time);
    format!("<EventHold>ON</EventHold><EventHoldDuration>{time}</EventHoldDuration>")
}

/// Adds the headers by which GET and HEAD tell of a hold that is on.
pub(super) fn tell(object: &Object, headers: &mut HeaderMap) {
    let Some(time) = object.lock.retention.and_then(|one| one.event_hold) else {
        return;
    };
    let (name, count) = match time {
        HoldTime::Days(days) => (DAYS, days),
        HoldTime::Years(years) => (YEARS, years),
    };
    headers.insert(STATUS, HeaderValue::from_static("ON"));
    headers.insert(name, HeaderValue::from(count));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_has_one_duration_in_range_and_a_release_has_none() {
        let refused = Err(());
        let hold = |time| Ok(Some(Wanted::Hold(time)));
        for (document, wanted) in [
            ("", Ok(None)),
            ("<EventHold>ON</EventHold>", refused),
            ("<EventHold>OFF</EventHold>", Ok(Some(Wanted::Release))),
            ("<EventHold>on</EventHold>", refused),
            (
                "<EventHoldDuration><Days>1</Days></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>OFF</EventHold><EventHoldDuration><Days>1</Days></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>OFF</EventHold><EventHoldDuration></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Days>1</Days></EventHoldDuration>",
                hold(HoldTime::Days(1)),
            ),
            (
                "<EventHoldDuration><Days>36500</Days></EventHoldDuration><EventHold>ON</EventHold>",
                hold(HoldTime::Days(36_500)),
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Days>36501</Days></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Days>0</Days></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Days>-1</Days></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Years>100</Years></EventHoldDuration>",
                hold(HoldTime::Years(100)),
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Years>101</Years></EventHoldDuration>",
                refused,
            ),
            (
                "<EventHold>ON</EventHold><EventHoldDuration><Days>1</Days><Years>1</Years></EventHoldDuration>",
                refused,
            ),
        ] {
            let written = format!("<Retention>{document}</Retention>");
            let (rest, asked) = Asked::of_retention(&written);
            assert_eq!(rest, "<Retention></Retention>", "{document}");
            assert_eq!(asked.is_some(), !document.is_empty(), "{document}");
            assert_eq!(asked.wanted().map_err(drop), wanted, "{document}");
        }
    }
}
