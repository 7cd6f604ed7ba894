//! The numbered facts about lifecycles, each a sentence, and the algebra of rules as properties.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::StorageClass;
use crate::domain::configuration::{
    Expiration, Filter, Lifecycle, MinimumSize, NoncurrentExpiration, NoncurrentTransition, Rule,
    Transition, When,
};

const MIB: u64 = 1 << 20;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn rule(prefix: &str) -> Rule {
    Rule {
        id: "rule".to_owned(),
        enabled: true,
        filter: Filter {
            prefix: prefix.to_owned(),
            ..Filter::default()
        },
        ..Rule::default()
    }
}

fn moving(prefix: &str, days: u32, class: &str) -> Rule {
    Rule {
        transitions: vec![Transition {
            when: When::Days(days),
            class: StorageClass(class.to_owned()),
        }],
        ..rule(prefix)
    }
}

fn expiring(prefix: &str, days: u32) -> Rule {
    Rule {
        expiration: Some(Expiration::At(When::Days(days))),
        ..rule(prefix)
    }
}

fn rules(rules: impl IntoIterator<Item = Rule>) -> Lifecycle {
    Lifecycle {
        rules: rules.into_iter().collect(),
        ..Lifecycle::default()
    }
}

fn written() -> DateTime<Utc> {
    at("2026-01-15T10:30:00Z")
}

fn object(key: &str) -> Subject<'_> {
    Subject::current(key, MIB, "STANDARD", written())
}

fn noncurrent(since: &str, newer: u32) -> Subject<'static> {
    Subject {
        version: VersionState::Noncurrent {
            since: at(since),
            newer,
        },
        ..object("a")
    }
}

/// The next step as "day effect".
fn said(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> String {
    match next(lifecycle, kept, subject) {
        Outcome::Next(step) => word(&step),
        Outcome::Nothing(why) => format!("{:?}", why.first().map(|h| h.reason)),
    }
}

fn word(step: &Step) -> String {
    let effect = match &step.effect {
        Effect::Transition(class) => class.to_string(),
        other => format!("{other:?}"),
    };
    format!("{} {effect}", step.at.format("%Y-%m-%d"))
}

fn line(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> Vec<String> {
    timeline(lifecycle, kept, subject)
        .iter()
        .map(word)
        .collect()
}

#[test]
fn fact_1_only_enabled_rules_whose_filter_matches_act_and_an_empty_filter_matches_all() {
    let one = |rule: Rule| said(&rules([rule]), Kept::Nothing, &object("uploads/a.jpg"));
    assert_eq!(one(expiring("", 1)), "2026-01-17 Delete");
    assert_eq!(one(expiring("uploads/", 1)), "2026-01-17 Delete");
    assert_eq!(one(expiring("photos/", 1)), "Some(Prefix)");
    let disabled = Rule {
        enabled: false,
        ..expiring("", 1)
    };
    assert_eq!(one(disabled), "Some(Disabled)");
    assert_eq!(
        next(&rules([]), Kept::Nothing, &object("a")),
        Outcome::Nothing(Vec::new())
    );
}

#[test]
fn fact_1_both_sizes_of_a_filter_are_exclusive() {
    let sized = |larger_than, smaller_than, size| {
        let mut rule = expiring("", 1);
        rule.filter.larger_than = larger_than;
        rule.filter.smaller_than = smaller_than;
        let subject = Subject {
            size,
            ..object("a")
        };
        said(&rules([rule]), Kept::Nothing, &subject) == "2026-01-17 Delete"
    };
    assert!(!sized(Some(500), None, 500) && sized(Some(500), None, 501));
    assert!(!sized(None, Some(500), 500) && sized(None, Some(500), 499));
    assert!(sized(Some(500), Some(502), 501));
}

#[test]
fn fact_1_all_tags_of_a_filter_have_to_be_there_and_unknown_tags_decide_nothing() {
    let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    let mut rule = expiring("", 1);
    rule.filter.tags = vec![pair("kind", "temp"), pair("a", "b")];
    let rules = rules([rule]);
    let both = [pair("a", "b"), pair("kind", "temp"), pair("x", "y")];
    let tagged = |tags| Subject {
        tags,
        ..object("a")
    };
    let said = |tags| said(&rules, Kept::Nothing, &tagged(tags));
    assert_eq!(said(Some(&both)), "2026-01-17 Delete");
    assert_eq!(said(Some(&both[..1])), "Some(Tags)");
    assert_eq!(said(None), "Some(TagsUnknown)");
}

#[test]
fn fact_2_days_are_counted_from_writing_and_rounded_up_to_the_next_midnight() {
    assert_eq!(
        calendar::days_after(at("2026-01-15T10:30:00Z"), 3),
        at("2026-01-19T00:00:00Z")
    );
    assert_eq!(
        calendar::days_after(at("2026-01-15T00:00:00Z"), 3),
        at("2026-01-18T00:00:00Z")
    );
    assert_eq!(
        calendar::days_after(at("2026-01-15T23:59:59Z"), 0),
        at("2026-01-16T00:00:00Z")
    );
}

#[test]
fn fact_2_a_noncurrent_version_s_clock_starts_when_its_successor_is_written() {
    let rules = rules([Rule {
        noncurrent_expiration: Some(NoncurrentExpiration {
            days: 30,
            newer_versions: 0,
        }),
        ..rule("")
    }]);
    let subject = noncurrent("2026-03-01T12:00:00Z", 0);
    assert_eq!(said(&rules, Kept::Versions, &subject), "2026-04-01 Delete");
}

#[test]
fn fact_2_a_rule_with_a_date_applies_from_that_date_on_to_later_objects_too() {
    let date = at("2026-01-10T00:00:00Z");
    let rules = rules([Rule {
        expiration: Some(Expiration::At(When::Date(date))),
        ..rule("")
    }]);
    let early = Subject {
        written: at("2025-12-01T00:00:00Z"),
        ..object("a")
    };
    assert_eq!(said(&rules, Kept::Nothing, &early), "2026-01-10 Delete");
    assert_eq!(
        said(&rules, Kept::Nothing, &object("a")),
        "2026-01-16 Delete"
    );
}

#[test]
fn fact_3_objects_under_128_kb_do_not_transition_by_default() {
    let small = |class: &str, size, minimum_size| {
        let lifecycle = Lifecycle {
            minimum_size,
            ..rules([moving("", 1, class)])
        };
        let subject = Subject {
            size,
            ..object("a")
        };
        said(&lifecycle, Kept::Nothing, &subject)
    };
    let all = MinimumSize::AllClasses128K;
    assert_eq!(small("GLACIER", 131_071, all), "Some(TooSmall)");
    assert_eq!(small("GLACIER", 131_072, all), "2026-01-17 GLACIER");
    let varies = MinimumSize::VariesByStorageClass;
    assert_eq!(small("GLACIER", 10, varies), "2026-01-17 GLACIER");
    assert_eq!(small("DEEP_ARCHIVE", 10, varies), "2026-01-17 DEEP_ARCHIVE");
    assert_eq!(small("STANDARD_IA", 10, varies), "Some(TooSmall)");
}

#[test]
fn fact_3_an_explicit_size_filter_wins_over_the_minimum() {
    let mut rule = moving("", 1, "STANDARD_IA");
    rule.filter.larger_than = Some(500);
    let subject = Subject {
        size: 1000,
        ..object("a")
    };
    assert_eq!(
        said(&rules([rule]), Kept::Nothing, &subject),
        "2026-01-17 STANDARD_IA"
    );
}

#[test]
fn fact_3_small_objects_still_expire() {
    let subject = Subject {
        size: 10,
        ..object("a")
    };
    let lifecycle = rules([moving("", 1, "GLACIER"), expiring("", 5)]);
    assert_eq!(
        line(&lifecycle, Kept::Nothing, &subject),
        ["2026-01-21 Delete"]
    );
}

#[test]
fn fact_4_transitions_lead_downwards_only_and_not_between_every_two_classes() {
    let ladder = [
        (
            "STANDARD",
            "STANDARD_IA INTELLIGENT_TIERING ONEZONE_IA GLACIER_IR GLACIER DEEP_ARCHIVE",
        ),
        (
            "STANDARD_IA",
            "INTELLIGENT_TIERING ONEZONE_IA GLACIER_IR GLACIER DEEP_ARCHIVE",
        ),
        (
            "INTELLIGENT_TIERING",
            "ONEZONE_IA GLACIER_IR GLACIER DEEP_ARCHIVE",
        ),
        ("ONEZONE_IA", "GLACIER DEEP_ARCHIVE"),
        ("GLACIER_IR", "GLACIER DEEP_ARCHIVE"),
        ("GLACIER", "DEEP_ARCHIVE"),
        ("DEEP_ARCHIVE", ""),
        ("EXPRESS_ONEZONE", ""),
    ];
    for (from, to) in ladder {
        let wanted: Vec<&str> = to.split_whitespace().collect();
        let found: Vec<&str> = ladder
            .iter()
            .map(|(class, _)| *class)
            .filter(|to| class::may_follow(from, to))
            .collect();
        assert_eq!(found, wanted, "from {from}");
    }
}

#[test]
fn fact_5_on_the_same_day_a_permanent_deletion_beats_a_transition() {
    let lifecycle = rules([moving("", 10, "GLACIER"), expiring("", 10)]);
    assert_eq!(
        line(&lifecycle, Kept::Nothing, &object("a")),
        ["2026-01-26 Delete"]
    );
}

#[test]
fn fact_5_on_the_same_day_a_transition_beats_a_delete_marker() {
    let lifecycle = rules([expiring("", 10), moving("", 10, "GLACIER")]);
    assert_eq!(
        line(&lifecycle, Kept::Versions, &object("a")),
        ["2026-01-26 GLACIER", "2026-01-26 Marker"]
    );
}

#[test]
fn fact_5_on_the_same_day_glacier_beats_ia_and_otherwise_the_earliest_wins() {
    let same = rules([moving("", 10, "STANDARD_IA"), moving("", 10, "GLACIER")]);
    assert_eq!(
        line(&same, Kept::Nothing, &object("a")),
        ["2026-01-26 GLACIER"]
    );
    let earlier = rules([moving("", 10, "GLACIER"), moving("", 9, "STANDARD_IA")]);
    assert_eq!(
        line(&earlier, Kept::Nothing, &object("a")),
        ["2026-01-25 STANDARD_IA", "2026-01-26 GLACIER"]
    );
    let two_ends = rules([expiring("", 10), expiring("a", 3)]);
    assert_eq!(
        line(&two_ends, Kept::Nothing, &object("a")),
        ["2026-01-19 Delete"]
    );
}

#[test]
fn fact_6_expiration_deletes_marks_or_writes_a_null_marker_as_the_bucket_keeps_versions() {
    let lifecycle = rules([expiring("", 1)]);
    let said = |kept, is_null| {
        let subject = Subject {
            version: VersionState::Current { is_null },
            ..object("a")
        };
        said(&lifecycle, kept, &subject)
    };
    assert_eq!(said(Kept::Nothing, true), "2026-01-17 Delete");
    assert_eq!(said(Kept::Versions, false), "2026-01-17 Marker");
    assert_eq!(said(Kept::OldVersions, true), "2026-01-17 NullMarker");
    assert_eq!(said(Kept::OldVersions, false), "2026-01-17 Marker");
}

#[test]
fn fact_6_what_a_marker_hides_goes_on_as_a_noncurrent_version() {
    let lifecycle = rules([Rule {
        noncurrent_expiration: Some(NoncurrentExpiration {
            days: 30,
            newer_versions: 0,
        }),
        ..expiring("", 10)
    }]);
    assert_eq!(
        line(&lifecycle, Kept::Versions, &object("a")),
        ["2026-01-26 Marker", "2026-02-25 Delete"]
    );
}

#[test]
fn fact_6_newer_noncurrent_versions_keep_the_newest() {
    let lifecycle = rules([Rule {
        noncurrent_expiration: Some(NoncurrentExpiration {
            days: 1,
            newer_versions: 2,
        }),
        noncurrent_transitions: vec![NoncurrentTransition {
            days: 0,
            class: StorageClass("GLACIER".to_owned()),
            newer_versions: 1,
        }],
        ..rule("")
    }]);
    let line = |newer| {
        line(
            &lifecycle,
            Kept::Versions,
            &noncurrent("2026-03-01T00:00:00Z", newer),
        )
    };
    assert_eq!(line(0), Vec::<String>::new());
    assert_eq!(line(1), ["2026-03-01 GLACIER"]);
    assert_eq!(line(2), ["2026-03-01 GLACIER", "2026-03-02 Delete"]);
}

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
    // Where an emulator stored it all the same, it aborts nothing.
    let mut stored = abort.clone();
    stored.filter.tags = vec![("a".to_owned(), "b".to_owned())];
    assert_eq!(abort_of(&rules([stored]), "a", written()), None);
    assert_eq!(
        abort_of(&rules([abort]), "a", written()),
        Some((at("2026-01-23T00:00:00Z"), 0))
    );
}

#[test]
fn fact_7_a_marker_goes_only_when_nothing_stands_behind_it() {
    let lifecycle = rules([Rule {
        expiration: Some(Expiration::ExpiredDeleteMarker),
        ..rule("")
    }]);
    let marker = |is_alone| Subject {
        version: VersionState::Marker { is_alone },
        ..object("a")
    };
    assert_eq!(
        said(&lifecycle, Kept::Versions, &marker(true)),
        "2026-01-16 Delete"
    );
    assert_eq!(
        said(&lifecycle, Kept::Versions, &marker(false)),
        "Some(OtherState)"
    );
    assert_eq!(
        said(&lifecycle, Kept::Versions, &object("a")),
        "Some(OtherState)"
    );
}

#[test]
fn fact_8_ia_may_come_before_30_days_but_two_transitions_keep_the_minimum_stay_apart() {
    assert_eq!(faults(&moving("", 7, "STANDARD_IA")), []);
    let close = |days| {
        let mut rule = moving("", 7, "STANDARD_IA");
        rule.transitions.push(Transition {
            when: When::Days(days),
            class: StorageClass("GLACIER".to_owned()),
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

#[test]
fn fact_9_unfinished_replication_suspends_and_a_lock_wins_over_deletion_alone() {
    let lifecycle = rules([expiring("", 1), moving("", 0, "GLACIER")]);
    let unreplicated = Subject {
        unreplicated: true,
        ..object("a")
    };
    assert_eq!(
        said(&lifecycle, Kept::Nothing, &unreplicated),
        "Some(Unreplicated)"
    );
    let held = Subject {
        lock: Some(Lock::Hold),
        ..object("a")
    };
    assert_eq!(
        line(&lifecycle, Kept::Nothing, &held),
        ["2026-01-16 GLACIER"]
    );
    let locked = Subject {
        lock: Some(Lock::Until(at("2026-06-01T08:00:00Z"))),
        ..object("a")
    };
    assert_eq!(
        line(&lifecycle, Kept::Nothing, &locked),
        ["2026-01-16 GLACIER", "2026-06-02 Delete"]
    );
}

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

fn any_class() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "STANDARD",
        "STANDARD_IA",
        "INTELLIGENT_TIERING",
        "ONEZONE_IA",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
    ])
}

prop_compose! {
    fn any_rule()(
        prefix in prop::sample::select(vec!["", "a", "b"]),
        moves in prop::collection::vec((0..60_u32, any_class()), 0..3),
        expire in prop::option::of(0..60_u32),
        noncurrent in prop::option::of((1..40_u32, 0..3_u32)),
        enabled in prop::bool::weighted(0.9),
    ) -> Rule {
        Rule {
            enabled,
            transitions: moves
                .into_iter()
                .map(|(days, class)| Transition {
                    when: When::Days(days),
                    class: StorageClass(class.to_owned()),
                })
                .collect(),
            expiration: expire.map(|days| Expiration::At(When::Days(days))),
            noncurrent_expiration: noncurrent.map(|(days, newer_versions)| NoncurrentExpiration {
                days,
                newer_versions,
            }),
            ..rule(prefix)
        }
    }
}

fn any_kept() -> impl Strategy<Value = Kept> {
    prop::sample::select(vec![Kept::Nothing, Kept::Versions, Kept::OldVersions])
}

/// The day from which on a GET answers 404, and the day when the bytes are gone.
fn ends(lifecycle: &Lifecycle, kept: Kept, subject: &Subject<'_>) -> [Option<DateTime<Utc>>; 2] {
    let steps = timeline(lifecycle, kept, subject);
    let first =
        |wanted: fn(&Effect) -> bool| steps.iter().find(|s| wanted(&s.effect)).map(|s| s.at);
    [
        first(|effect| !matches!(effect, Effect::Transition(_))),
        first(|effect| matches!(effect, Effect::Delete | Effect::NullMarker)),
    ]
}

proptest! {
    #[test]
    fn nothing_moves_on_the_day_when_it_is_deleted_for_good(
        found in prop::collection::vec(any_rule(), 0..5), class in any_class(), size in 0..300_000_u64,
    ) {
        let subject = Subject { size, class, ..object("a") };
        let steps = timeline(&rules(found), Kept::Nothing, &subject);
        if let Some(end) = steps.iter().find(|s| s.effect == Effect::Delete) {
            prop_assert!(steps.iter().all(|s| s.effect == Effect::Delete || s.at < end.at));
        }
    }

    #[test]
    fn no_transition_leads_upwards(
        found in prop::collection::vec(any_rule(), 0..5), class in any_class(), kept in any_kept(),
    ) {
        let subject = Subject { class, ..object("a") };
        let mut from = class.to_owned();
        for step in timeline(&rules(found), kept, &subject) {
            if let Effect::Transition(to) = step.effect {
                prop_assert!(class::coldness(to.as_str()) > class::coldness(&from));
                from = to.0;
            }
        }
    }

    #[test]
    fn another_rule_never_delays_an_end(
        found in prop::collection::vec(any_rule(), 0..4), another in any_rule(), kept in any_kept(),
        class in any_class(), is_null: bool,
    ) {
        let subject = Subject { class, version: VersionState::Current { is_null }, ..object("a") };
        let before = ends(&rules(found.clone()), kept, &subject);
        let after = ends(&rules(found.into_iter().chain([another])), kept, &subject);
        for (before, after) in before.into_iter().zip(after) {
            if let Some(before) = before {
                prop_assert!(after.is_some_and(|after| after <= before));
            }
        }
    }

    #[test]
    fn days_follow_each_other(
        found in prop::collection::vec(any_rule(), 0..5), kept in any_kept(),
    ) {
        let steps = timeline(&rules(found), kept, &object("a"));
        prop_assert!(steps.windows(2).all(|pair| pair[0].at <= pair[1].at));
    }
}
