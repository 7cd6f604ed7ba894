//! The tag that marks an object as quarantined, in addition to its other tags.

use chrono::NaiveDate;

/// The tag's key. Its value is the day of the quarantine, such as `2026-11-23`.
pub(crate) const TAG: &str = "s3warden-orphan";

/// S3's limit on the tags of an object.
pub(crate) const MOST: usize = 10;

/// An object's tags, in the order of the service.
pub(crate) type Tags = Vec<(String, String)>;

/// The result of adding the quarantine tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Marking {
    /// The tags to write: the object's own, with the quarantine tag at the end.
    Write(Tags),
    /// The object has been quarantined since this day and is not changed.
    Already(String),
    /// The object already has ten tags, so no tag can be added.
    Full,
}

/// Adds the quarantine tag for `day` to an object's tags.
#[must_use]
pub(crate) fn mark(tags: &[(String, String)], day: NaiveDate) -> Marking {
    if let Some(since) = since(tags) {
        return Marking::Already(since.to_owned());
    }
    if tags.len() >= MOST {
        return Marking::Full;
    }
    let ours = (TAG.to_owned(), value(day));
    Marking::Write(tags.iter().cloned().chain([ours]).collect())
}

/// Removes the quarantine tag; `None` if there is none.
#[must_use]
pub(crate) fn unmark(tags: &[(String, String)]) -> Option<Tags> {
    since(tags)?;
    let others = tags.iter().filter(|(name, _)| name != TAG);
    Some(others.cloned().collect())
}

/// The value of the quarantine tag, if there is one.
#[must_use]
pub(crate) fn since(tags: &[(String, String)]) -> Option<&str> {
    let ours = tags.iter().find(|(name, _)| name == TAG)?;
    Some(&ours.1)
}

/// The value of the tag for a day.
#[must_use]
pub(crate) fn value(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// Whether two lists have the same tags, in any order.
#[must_use]
pub(crate) fn are_same(one: &[(String, String)], other: &[(String, String)]) -> bool {
    let sorted = |tags: &[(String, String)]| {
        let mut tags = tags.to_vec();
        tags.sort();
        tags
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn tags(count: usize) -> Tags {
        (0..count)
            .map(|n| (format!("k{n}"), n.to_string()))
            .collect()
    }

    #[test]
    fn a_tenth_tag_fits_and_an_eleventh_does_not() {
        let Marking::Write(ten) = mark(&tags(9), day()) else {
            panic!("nine tags leave room");
        };
        assert_eq!(ten.len(), 10);
        assert_eq!(ten[9], (TAG.to_owned(), "2026-11-23".to_owned()));
        assert_eq!(mark(&tags(10), day()), Marking::Full);
    }

    #[test]
    fn the_day_of_the_first_quarantine_stays() {
        let Marking::Write(marked) = mark(&tags(2), day()) else {
            panic!("two tags leave room");
        };
        let later = day().succ_opt().unwrap();
        assert_eq!(
            mark(&marked, later),
            Marking::Already("2026-11-23".to_owned())
        );
    }

    proptest! {
        #[test]
        fn what_was_marked_and_unmarked_has_the_tags_that_it_had(
            names in proptest::collection::btree_map("[a-z]{1,6}", ".{0,8}", 0..10),
        ) {
            let before: Tags = names.into_iter().collect();
            prop_assert_eq!(unmark(&before), None);
            let Marking::Write(marked) = mark(&before, day()) else {
                panic!("there is room");
            };
            prop_assert!(marked.starts_with(&before));
            prop_assert_eq!(unmark(&marked), Some(before));
        }
    }
}
