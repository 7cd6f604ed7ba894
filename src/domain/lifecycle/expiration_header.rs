//! The `x-amz-expiration` header, in which S3 itself reports when an object expires.
//!
//! HEAD and GET return it. It gives the earliest expiration of the current object by an enabled rule, and the id of
//! that rule. It covers neither transitions nor locks. Source: "Amazon S3 User Guide: Expiring objects".

use chrono::{DateTime, NaiveDateTime, Utc};
use percent_encoding::percent_decode_str;

use super::{Effect, Kept, Subject, timeline};
use crate::domain::configuration::Lifecycle;

/// When the object expires and by which rule, according to S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpirationHeader {
    /// Midnight UTC of the day when it is due.
    pub at: DateTime<Utc>,
    /// The rule's id: percent-decoded, not escaped for display.
    pub rule: String,
}

impl ExpirationHeader {
    /// Parses a header such as `expiry-date="Sun, 23 Dec 2012 00:00:00 GMT", rule-id="photos%20of%20guests"`. Returns
    /// `None` for any other form.
    #[must_use]
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let date = quoted(header, "expiry-date")?;
        // The weekday is redundant, and some servers get it wrong.
        let (_, date) = date.split_once(", ")?;
        let at = NaiveDateTime::parse_from_str(date, "%d %b %Y %H:%M:%S GMT").ok()?;
        let rule = percent_decode_str(quoted(header, "rule-id").unwrap_or_default());
        Some(Self {
            at: at.and_utc(),
            rule: rule.decode_utf8_lossy().into_owned(),
        })
    }
}

fn quoted<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let (_, rest) = header.split_once(name)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let (value, _) = rest.strip_prefix('"')?.split_once('"')?;
    Some(value)
}

/// The comparison of the header with the forecast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// There is no header; not every server sends it.
    Silent,
    /// Header and forecast give the same day.
    Agrees(ExpirationHeader),
    /// The header gives a different day than the forecast, which may have no expiration at all.
    Differs {
        /// The expiration in the header.
        told: ExpirationHeader,
        /// The day of the forecast.
        found: Option<DateTime<Utc>>,
    },
    /// The header cannot be parsed.
    Unreadable(String),
}

impl Check {
    /// Compares the header, if any, with the forecast.
    #[must_use]
    pub(crate) fn of(
        header: Option<&str>,
        lifecycle: &Lifecycle,
        kept: Kept,
        subject: &Subject<'_>,
    ) -> Self {
        let Some(header) = header else {
            return Self::Silent;
        };
        let Some(told) = ExpirationHeader::parse(header) else {
            return Self::Unreadable(header.to_owned());
        };
        let found = end_by_rules(lifecycle, kept, subject);
        if found.map(|end| end.date_naive()) == Some(told.at.date_naive()) {
            Self::Agrees(told)
        } else {
            Self::Differs { told, found }
        }
    }
}

/// The expiration of the current object by the rules alone: the header ignores locks and pending replication.
fn end_by_rules(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Option<DateTime<Utc>> {
    let free = Subject {
        lock: None,
        unreplicated: false,
        ..*subject
    };
    let steps = timeline(lifecycle, kept, &free);
    let mut ends = steps
        .iter()
        .filter(|step| !matches!(step.effect, Effect::Transition(_)));
    ends.next().map(|step| step.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StorageClass;
    use crate::domain::configuration::{Expiration, Rule, Transition, When};
    use crate::domain::lifecycle::Lock;

    const SENT: &str =
        "expiry-date=\"Sun, 23 Dec 2012 00:00:00 GMT\", rule-id=\"photos%20of%20guests\"";

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn rules(days: u32) -> Lifecycle {
        let rule = Rule {
            id: "photos of guests".into(),
            enabled: true,
            transitions: vec![Transition {
                when: When::Days(30),
                class: StorageClass::new("GLACIER"),
            }],
            expiration: Some(Expiration::At(When::Days(days))),
            ..Rule::default()
        };
        Lifecycle {
            rules: vec![rule],
            ..Lifecycle::default()
        }
    }

    fn subject() -> Subject<'static> {
        let written = "2012-09-13T15:00:00Z".parse().unwrap();
        Subject::current("a", 1 << 20, "STANDARD", written)
    }

    #[test]
    fn the_header_is_read_whatever_the_day_of_the_week() {
        let told = ExpirationHeader::parse(SENT).unwrap();
        assert_eq!(told.at, day("2012-12-23"));
        assert_eq!(told.rule, "photos of guests");
        let wrong_day = SENT.replace("Sun", "Fri");
        assert_eq!(ExpirationHeader::parse(&wrong_day), Some(told));
        let no_rule = "expiry-date=\"Sun, 23 Dec 2012 00:00:00 GMT\"";
        assert_eq!(ExpirationHeader::parse(no_rule).unwrap().rule, "");
    }

    #[test]
    fn what_has_another_form_is_not_taken_for_no_header() {
        for sent in [
            "",
            "expiry-date=2012-12-23",
            "expiry-date=\"soon\", rule-id=\"x\"",
        ] {
            let check = Check::of(Some(sent), &rules(100), Kept::Nothing, &subject());
            assert_eq!(check, Check::Unreadable(sent.to_owned()));
        }
        let silent = Check::of(None, &rules(100), Kept::Nothing, &subject());
        assert_eq!(silent, Check::Silent);
    }

    #[test]
    fn the_same_day_agrees_and_any_other_is_a_difference() {
        let check = |days| Check::of(Some(SENT), &rules(days), Kept::Versions, &subject());
        assert!(matches!(check(100), Check::Agrees(_)));
        let Check::Differs { found, .. } = check(99) else {
            panic!("another day agrees")
        };
        assert_eq!(found, Some(day("2012-12-22")));
    }

    #[test]
    fn an_end_that_no_rule_brings_is_a_difference() {
        let check = Check::of(Some(SENT), &Lifecycle::default(), Kept::Nothing, &subject());
        assert!(matches!(check, Check::Differs { found: None, .. }));
    }

    #[test]
    fn a_lock_is_not_in_the_header_and_so_not_in_the_comparison() {
        let locked = Subject {
            lock: Some(Lock::Hold),
            ..subject()
        };
        let check = Check::of(Some(SENT), &rules(100), Kept::Nothing, &locked);
        assert!(matches!(check, Check::Agrees(_)));
    }
}
