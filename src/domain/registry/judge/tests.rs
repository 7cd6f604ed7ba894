use chrono::TimeDelta;

use super::*;
use crate::domain::blueprint::values::Span;
use crate::domain::registry::{Intake, Row, Subject};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

/// A list of owners that was made this long before it was read; `None` for one without a date.
fn list(ids: &[&str], malformed: u64, age: Option<TimeDelta>) -> Registry {
    let mut intake = Intake::new(Subject::Owners, "/srv/users.txt", now());
    if let Some(age) = age {
        intake.made_at(now() - age);
    }
    let nothing = Row {
        ids: &[],
        owner: None,
        malformed: false,
    };
    for id in ids {
        let ids = [*id];
        let row = Row {
            ids: &ids,
            ..nothing
        };
        intake.row(&row).unwrap();
    }
    for _ in 0..malformed {
        intake.row(&nothing).unwrap();
    }
    intake.finish().unwrap()
}

fn fresh(ids: &[&str]) -> Registry {
    list(ids, 0, Some(TimeDelta::hours(1)))
}

struct Case {
    registry: Registry,
    requirements: Requirements,
    stated: ReferenceList,
    before: Vec<Before>,
    purpose: Purpose,
}

fn case(registry: Registry) -> Case {
    Case {
        registry,
        requirements: Requirements::default(),
        stated: ReferenceList::default(),
        before: Vec::new(),
        purpose: Purpose::Act,
    }
}

impl Case {
    fn judged(self) -> Result<TrustedList, Untrusted> {
        let circumstances = Circumstances {
            list: &self.stated,
            purpose: self.purpose,
            before: &self.before,
            now: now(),
        };
        judge(self.registry, &self.requirements, &circumstances)
    }

    #[track_caller]
    fn refused(self) -> Vec<(Requirement, String)> {
        let objections = self.judged().unwrap_err().objections.into_iter();
        objections.map(|one| (one.requirement, one.why)).collect()
    }
}

/// Checks that the list is rejected for this reason only, with these words.
#[track_caller]
fn refused(case: Case, requirement: Requirement, words: &str) {
    assert_eq!(case.refused(), [(requirement, words.to_owned())]);
}

fn media() -> BucketName {
    BucketName::new("media").unwrap()
}

#[test]
fn a_fresh_and_whole_list_is_trusted_and_says_what_it_says() {
    let list = case(fresh(&["a", "b"])).judged().unwrap();
    assert!(list.holds("a") && !list.holds("c"));
    assert_eq!(list.remarks(), [""; 0]);
}

#[test]
fn a_list_may_be_as_old_as_the_command_line_says_else_the_blueprint_else_a_day() {
    let days = |days| Some(TimeDelta::days(days));
    assert!(case(list(&["a"], 0, days(1))).judged().is_ok());
    refused(
        case(list(&["a"], 0, days(40))),
        Requirement::Age,
        "the list of owners (/srv/users.txt) was made 40 days ago, and may be 24 hours old",
    );
    let of_blueprint = |age, hours: u64| Case {
        stated: ReferenceList {
            max_age: Some(Span(Duration::from_hours(hours))),
            ..ReferenceList::default()
        },
        ..case(list(&["a"], 0, age))
    };
    assert!(of_blueprint(days(2), 48).judged().is_ok());
    assert!(of_blueprint(Some(TimeDelta::hours(3)), 2).judged().is_err());
    let overruled = Case {
        requirements: Requirements {
            max_age: Some(Duration::from_hours(96)),
            ..Requirements::default()
        },
        ..of_blueprint(days(3), 2)
    };
    assert!(overruled.judged().is_ok());
}

#[test]
fn by_a_list_of_unknown_age_one_may_look_and_not_act_unless_that_is_allowed() {
    let no_date = || list(&["a"], 0, None);
    let future = || list(&["a"], 0, Some(TimeDelta::days(-1)));
    refused(
        case(no_date()),
        Requirement::Dated,
        "the age of the list of owners (/srv/users.txt) is not known: a stream has no date",
    );
    refused(
        case(future()),
        Requirement::Dated,
        "the age of the list of owners (/srv/users.txt) is not known: its date, 2025-10-10 08:53 UTC, is in the future",
    );
    for registry in [no_date(), future()] {
        let look = Case {
            purpose: Purpose::Look,
            ..case(registry)
        };
        let remarks = look.judged().unwrap().remarks();
        assert!(remarks[0].contains("is not known"), "{remarks:?}");
        assert!(remarks[0].contains("--allow-undated-registry"));
    }
    for registry in [no_date(), future()] {
        let allowed = Case {
            requirements: Requirements {
                undated: true,
                ..Requirements::default()
            },
            ..case(registry)
        };
        assert!(allowed.judged().is_ok());
    }
    // The clock of a file server may be slightly ahead.
    let ahead = list(&["a"], 0, Some(TimeDelta::seconds(-30)));
    assert!(case(ahead).judged().is_ok());
}

#[test]
fn a_malformed_row_makes_a_list_not_whole_unless_so_many_are_allowed() {
    let torn = |rows| list(&["a", "b"], rows, Some(TimeDelta::hours(1)));
    refused(
        case(torn(1)),
        Requirement::Whole,
        "1 of the 3 rows of the list of owners (/srv/users.txt) is malformed, and none may be: a row is malformed when it names no owner, has too many or too few fields, is unclear about a condition (where) or is damaged",
    );
    let allowing = |rows, most, stated| Case {
        requirements: Requirements {
            max_malformed: most,
            ..Requirements::default()
        },
        stated: ReferenceList {
            max_malformed: stated,
            ..ReferenceList::default()
        },
        ..case(torn(rows))
    };
    assert!(allowing(2, Some(1), None).judged().is_err());
    assert!(allowing(2, None, Some(2)).judged().is_ok());
    assert!(allowing(2, Some(0), Some(2)).judged().is_err());
    let allowed = allowing(2, Some(2), None).judged().unwrap();
    let remarks = allowed.remarks();
    assert!(remarks[0].contains("could name anybody"), "{remarks:?}");
    assert_ne!(allowed.standing("gone"), super::super::Standing::Gone);
}

#[test]
fn a_list_may_shrink_as_far_as_is_allowed_for_each_bucket() {
    let shrunk = |before: u64| Case {
        before: vec![(media(), before)],
        ..case(fresh(&["a", "b", "c", "d"]))
    };
    assert!(shrunk(5).judged().is_ok());
    assert!(shrunk(2).judged().is_ok());
    refused(
        shrunk(8),
        Requirement::Size,
        "the list of owners names 4 owners, and named 8 at the last run: 50 % less, and at most 20 % may go",
    );
    let untrusted = shrunk(8).judged().unwrap_err();
    assert_eq!(untrusted.objections[0].bucket, Some(media()));
    let allowed = Case {
        requirements: Requirements {
            max_loss: 50.0,
            ..Requirements::default()
        },
        ..shrunk(8)
    };
    assert!(allowed.judged().is_ok());
}

#[test]
fn the_number_of_rows_is_what_the_blueprint_asks_for() {
    let stated = |min_rows, expected_rows| Case {
        stated: ReferenceList {
            min_rows,
            expected_rows,
            ..ReferenceList::default()
        },
        ..case(fresh(&["a", "b", "a"]))
    };
    assert!(stated(Some(2), Some(3)).judged().is_ok());
    refused(
        stated(Some(3), None),
        Requirement::Least,
        "the list of owners (/srv/users.txt) names 2 owners, and min_rows asks for 3 at least",
    );
    refused(
        stated(None, Some(2)),
        Requirement::Expected,
        "the list of owners (/srv/users.txt) has 3 rows, and 2 are expected",
    );
}

#[test]
fn what_is_named_twice_and_what_is_left_out_is_told() {
    let mut intake = Intake::new(Subject::Owners, "/srv/users.txt", now());
    intake.made_at(now());
    for id in ["a", "b", "a"] {
        let ids = [id];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    intake.leave_out();
    let list = case(intake.finish().unwrap()).judged().unwrap();
    assert_eq!(
        list.remarks(),
        [
            "the list of owners (/srv/users.txt) names 1 owner again that it has named before",
            "1 row of the list of owners (/srv/users.txt) does not meet the conditions (where): what it names does not count as alive",
        ]
    );
}

#[test]
fn every_reason_is_told_at_once() {
    let all = Case {
        stated: ReferenceList {
            min_rows: Some(10),
            expected_rows: Some(10),
            ..ReferenceList::default()
        },
        before: vec![(media(), 100)],
        ..case(list(&["a"], 1, Some(TimeDelta::days(9))))
    };
    let requirements: Vec<Requirement> = all.refused().into_iter().map(|one| one.0).collect();
    assert_eq!(
        requirements,
        [
            Requirement::Age,
            Requirement::Whole,
            Requirement::Least,
            Requirement::Expected,
            Requirement::Size,
        ]
    );
}
