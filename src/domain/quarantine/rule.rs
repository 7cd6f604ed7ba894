//! The lifecycle rule that ends a quarantine.
//!
//! Lifecycle rules count days from when an object was written, not from when it was tagged. A rule of thirty days would
//! expire older objects at once, and orphans are older. A rule for tagged objects therefore has a date: each day's
//! quarantine has its own rule, which selects the value of the tag. Copies are written when they are quarantined, so
//! they need only one rule, with days.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::{Method, place, tags};
use crate::domain::change::Act;
use crate::domain::configuration::{Expiration, Filter, Rule, When};

/// The default length of a quarantine in days.
pub(crate) const DAYS: u32 = 30;

/// The id of the rule for copies.
const OF_COPIES: &str = "s3warden-quarantine";

/// The rule that expires objects quarantined on `day` after this many days (at least 1).
#[must_use]
pub(crate) fn of(method: Method, day: NaiveDate, days: u32) -> Rule {
    let days = days.max(1);
    let (id, filter, when) = match method {
        Method::Tag => {
            let value = tags::value(day);
            // Add a day: whatever the time of day, the quarantine must last at least as long as promised.
            let end = day + TimeDelta::days(i64::from(days) + 1);
            (
                format!("{}-{value}", tags::TAG),
                Filter {
                    tags: vec![(tags::TAG.to_owned(), value)],
                    ..Filter::default()
                },
                When::Date(end.and_time(NaiveTime::MIN).and_utc()),
            )
        }
        Method::Copy => (
            OF_COPIES.to_owned(),
            Filter {
                prefix: place::PREFIX.to_owned(),
                ..Filter::default()
            },
            When::Days(days),
        ),
    };
    Rule {
        id,
        enabled: true,
        filter,
        expiration: Some(Expiration::At(when)),
        ..Rule::default()
    }
}

/// Whether a rule with this id expires the objects that this act restores.
#[must_use]
pub(crate) fn is_ours(id: &str, act: &Act) -> bool {
    match act {
        Act::Untag => id
            .strip_prefix(tags::TAG)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok()),
        Act::CopyBack => id == OF_COPIES,
        _ => false,
    }
}

/// Describes how the rule that the server stored differs from the given one; `None` if they are equal.
///
/// Some servers silently drop conditions of a filter. The stored rule then applies to more objects than intended.
#[must_use]
pub(crate) fn difference(given: &Rule, kept: Option<&Rule>) -> Option<String> {
    let Some(kept) = kept else {
        return Some("it does not keep the rule".to_owned());
    };
    if given.filter.tags != kept.filter.tags {
        return Some(format!(
            "it dropped or changed the rule's condition on tags: what is left is about {}",
            kept.filter.words()
        ));
    }
    if given.filter != kept.filter {
        return Some(format!(
            "it changed the rule's filter: what is left is about {}",
            kept.filter.words()
        ));
    }
    if given.expiration != kept.expiration {
        return Some(format!(
            "it changed when the rule acts: {} became {}",
            given.actions().join(", "),
            match kept.actions().join(", ") {
                actions if actions.is_empty() => "nothing".to_owned(),
                actions => actions,
            }
        ));
    }
    (given != kept).then(|| "it changed the rule".to_owned())
}

/// Describes the rule for the person who confirms it.
#[must_use]
pub(crate) fn words(rule: &Rule) -> String {
    format!(
        "{}: for {}: {}",
        rule.id,
        rule.filter.words(),
        rule.actions().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn a_rule_by_tag_names_a_date_and_never_days() {
        let rule = of(Method::Tag, day(), 30);
        let end = chrono::Utc.with_ymd_and_hms(2026, 12, 24, 0, 0, 0).unwrap();
        assert_eq!(rule.expiration, Some(Expiration::At(When::Date(end))));
        assert_eq!(
            rule.filter.tags,
            [("s3warden-orphan".to_owned(), "2026-11-23".to_owned())]
        );
        // The rule never expires anything today, whatever the arguments.
        let soonest = of(Method::Tag, day(), 0).expiration;
        let end = chrono::Utc.with_ymd_and_hms(2026, 11, 25, 0, 0, 0).unwrap();
        assert_eq!(soonest, Some(Expiration::At(When::Date(end))));
    }

    #[test]
    fn a_filter_that_lost_a_condition_shows() {
        let given = of(Method::Tag, day(), 30);
        assert_eq!(difference(&given, Some(&given.clone())), None);
        let mut kept = given.clone();
        kept.filter.tags.clear();
        let why = difference(&given, Some(&kept)).unwrap();
        assert!(
            why.contains("condition on tags") && why.contains("all objects"),
            "{why}"
        );
        let mut kept = given.clone();
        kept.filter.prefix = "uploads/".to_owned();
        assert!(difference(&given, Some(&kept)).unwrap().contains("filter"));
        let mut kept = given.clone();
        kept.expiration = Some(Expiration::At(When::Days(30)));
        assert!(
            difference(&given, Some(&kept))
                .unwrap()
                .contains("after 30 days")
        );
        let mut kept = given.clone();
        kept.enabled = false;
        assert!(difference(&given, Some(&kept)).is_some());
        assert!(difference(&given, None).is_some());
    }
}
