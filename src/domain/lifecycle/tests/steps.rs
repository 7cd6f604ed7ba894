//! Tests of the simulation, fact by fact.

use super::*;

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
            class: StorageClass::new("GLACIER"),
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
