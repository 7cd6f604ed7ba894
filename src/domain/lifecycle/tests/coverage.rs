//! Tests of the effect of rules on a whole bucket.

use super::*;

#[test]
fn a_rule_on_a_folder_that_is_not_at_the_beginning_touches_nothing() {
    let lifecycle = rules([moving("photos/", 30, "STANDARD_IA")]);
    let mut coverage = Coverage::new(
        lifecycle.clone(),
        Kept::Nothing,
        written(),
        TimeDelta::days(3),
    );
    coverage.add(&object("w1/photos/c/m/u.jpg.enc"));
    assert_eq!(coverage.idle_rules(), [0]);
    assert_eq!(coverage.untouched.count, 1);
    assert_eq!(coverage.untouched.examples, ["w1/photos/c/m/u.jpg.enc"]);
}

#[test]
fn a_rule_for_what_a_bucket_has_nothing_of_is_not_idle() {
    let lifecycle = rules([Rule {
        abort_uploads_days: Some(1),
        ..rule("")
    }]);
    let mut coverage = Coverage::new(
        lifecycle.clone(),
        Kept::Nothing,
        written(),
        TimeDelta::days(3),
    );
    coverage.add(&object("a"));
    assert_eq!(coverage.idle_rules(), Vec::<usize>::new());
    coverage.add_upload("a", Some(written() - TimeDelta::days(10)));
    assert_eq!(coverage.rules[0].uploads.count, 1);
    assert_eq!(coverage.overdue.uploads.count, 1);
}

#[test]
fn a_rule_that_another_always_precedes_is_shadowed() {
    let lifecycle = rules([expiring("", 10), moving("", 30, "GLACIER")]);
    let mut coverage = Coverage::new(
        lifecycle.clone(),
        Kept::Nothing,
        written(),
        TimeDelta::days(3),
    );
    coverage.add(&object("a"));
    assert_eq!(coverage.shadowed_rules(), [1]);
    assert_eq!(coverage.rules[1].shadowed_by, [(0, 1)].into());
    assert_eq!(coverage.rules[0].acts_on, 1);
}

#[test]
fn what_is_due_is_overdue_only_after_the_days_of_grace() {
    let lifecycle = rules([moving("", 10, "GLACIER")]);
    let overdue = |now: &str| {
        let mut coverage = Coverage::new(
            lifecycle.clone(),
            Kept::Nothing,
            at(now),
            TimeDelta::days(3),
        );
        coverage.add(&object("a"));
        coverage.overdue.transitions.count
    };
    assert_eq!(overdue("2026-01-28T23:59:59Z"), 0);
    assert_eq!(overdue("2026-01-29T00:00:00Z"), 1);
}

#[test]
fn small_objects_are_counted_apart_from_those_that_move() {
    let lifecycle = rules([moving("", 10, "GLACIER")]);
    let mut coverage = Coverage::new(
        lifecycle.clone(),
        Kept::Nothing,
        written(),
        TimeDelta::days(3),
    );
    coverage.add(&Subject {
        size: 9,
        ..object("small")
    });
    coverage.add(&object("large"));
    assert_eq!(coverage.rules[0].objects.count, 2);
    assert_eq!(coverage.rules[0].too_small.examples, ["small"]);
    assert_eq!(coverage.rules[0].acts_on, 1);
    assert_eq!(coverage.shadowed_rules(), Vec::<usize>::new());
}
