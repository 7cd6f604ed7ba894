//! Tests of rules that S3 rejects.

use super::*;

#[test]
fn fact_7_cleaning_markers_and_aborting_uploads_refuse_tag_filters() {
    let tagged = |rule: Rule| {
        let mut rule = rule;
        rule.filter.tags = vec![("a".to_owned(), "b".to_owned())];
        faults(&rule)
    };
    let abort = Rule {
        abort_uploads_days: Some(7),
        ..rule("")
    };
    let clean = Rule {
        expiration: Some(Expiration::ExpiredDeleteMarker),
        ..rule("")
    };
    assert_eq!(faults(&abort), []);
    assert_eq!(tagged(abort.clone()), [Fault::TagFilter]);
    assert_eq!(tagged(clean), [Fault::TagFilter]);
    assert_eq!(tagged(expiring("", 1)), []);
    // If an emulator stored the rule anyway, it still aborts nothing.
    let mut stored = abort.clone();
    stored.filter.tags = vec![("a".to_owned(), "b".to_owned())];
    assert_eq!(abort_of(&rules([stored]), "a", written()), None);
    assert_eq!(
        abort_of(&rules([abort]), "a", written()),
        Some((at("2026-01-23T00:00:00Z"), 0))
    );
}

#[test]
fn fact_8_ia_may_come_before_30_days_but_two_transitions_keep_the_minimum_stay_apart() {
    assert_eq!(faults(&moving("", 7, "STANDARD_IA")), []);
    let close = |days| {
        let mut rule = moving("", 7, "STANDARD_IA");
        rule.transitions.push(Transition {
            when: When::Days(days),
            class: StorageClass::new("GLACIER"),
        });
        faults(&rule)
    };
    assert_eq!(
        close(36),
        [Fault::TooClose {
            days: 29,
            needed: 30
        }]
    );
    assert_eq!(close(37), []);
}
