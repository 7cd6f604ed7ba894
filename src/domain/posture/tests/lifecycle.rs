//! Lifecycle rules, and what they have to do with.

use super::*;

#[test]
fn a_rule_whose_prefix_no_key_has_is_found_and_its_objects_as_well() {
    let wrong = Configuration {
        lifecycle: lifecycle(vec![Rule {
            expiration: Some(Expiration::At(When::Days(4000))),
            abort_uploads_days: Some(1),
            ..rule("photos", "photos/")
        }]),
        ..sound()
    };
    let versions = [version("w/photos/a", 1 << 20, 10)];
    let found = contents(&wrong, None, &versions);
    let judged = Case {
        contents: Some(&found),
        ..case(&wrong)
    };
    assert_eq!(
        said(&judged),
        [
            "high lifecycle-rule-matches-nothing",
            "medium lifecycle-object-uncovered"
        ]
    );
    let right = [version("photos/a", 1 << 20, 10)];
    let found = contents(&wrong, None, &right);
    let judged = Case {
        contents: Some(&found),
        ..case(&wrong)
    };
    assert_eq!(said(&judged), Vec::<String>::new());
}

#[test]
fn a_listing_that_stopped_early_condemns_no_rule() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            expiration: Some(Expiration::At(When::Days(4000))),
            abort_uploads_days: Some(1),
            ..rule("zebra", "zebra/")
        }]),
        ..sound()
    };
    let mut found = contents(&configuration, None, &[version("a", 1, 1)]);
    found.complete = false;
    let judged = Case {
        contents: Some(&found),
        ..case(&configuration)
    };
    assert!(!said(&judged).iter().any(|s| s.contains("matches-nothing")));
}

#[test]
fn what_should_have_moved_and_what_is_too_small_are_found() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            transitions: vec![Transition {
                when: When::Days(30),
                class: StorageClass::new("GLACIER"),
            }],
            abort_uploads_days: Some(1),
            ..rule("move", "")
        }]),
        ..sound()
    };
    let judged = |versions: &[ObjectVersion]| {
        let found = contents(&configuration, None, versions);
        said(&Case {
            contents: Some(&found),
            ..case(&configuration)
        })
    };
    assert_eq!(
        judged(&[version("a", 1 << 20, 40)]),
        ["medium lifecycle-transition-overdue"]
    );
    assert_eq!(judged(&[version("a", 1 << 20, 30)]), Vec::<String>::new());
    assert_eq!(judged(&[version("a", 9, 40)]), ["low lifecycle-too-small"]);
}

#[test]
fn old_versions_that_never_expire_are_found_unless_a_rule_is_for_all_of_them() {
    let versioned = |rules| Configuration {
        versioning: set(Versioning {
            state: VersioningState::Suspended,
            mfa_delete: false,
        }),
        lifecycle: lifecycle(rules),
        ..sound()
    };
    let ending = |prefix: &str| Rule {
        noncurrent_expiration: Some(crate::domain::configuration::NoncurrentExpiration {
            days: 30,
            newer_versions: 0,
        }),
        abort_uploads_days: Some(1),
        ..rule("end", prefix)
    };
    assert_eq!(of(&versioned(vec![ending("")])), Vec::<String>::new());
    assert_eq!(
        of(&versioned(vec![ending("photos/")])),
        ["medium noncurrent-never-expire"]
    );
    let disabled = Rule {
        enabled: false,
        ..ending("")
    };
    assert_eq!(
        of(&versioned(vec![disabled])),
        [
            "medium noncurrent-never-expire",
            "low incomplete-uploads-never-abort"
        ]
    );
}

/// Transitions into a class, each on its day.
fn moves(days: &[(u32, &str)]) -> Vec<Transition> {
    let of = |(day, class): &(u32, &str)| Transition {
        when: When::Days(*day),
        class: StorageClass::new(class),
    };
    days.iter().map(of).collect()
}

#[test]
fn a_rule_is_required_for_the_keys_that_it_is_wanted_for_and_for_no_others() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            transitions: moves(&[(90, "GLACIER")]),
            abort_uploads_days: Some(1),
            ..rule("move", "uploads/u/a")
        }]),
        ..sound()
    };
    let versions: Vec<ObjectVersion> = ["uploads/u/a", "uploads/u/a1", "uploads/v/b"]
        .map(|key| version(key, 1 << 20, 10))
        .into();
    let uncovered = |wanted: &str| {
        let wants = blueprint(&format!(
            "[bucket.expect]\n[[bucket.expect.lifecycle]]\nid = 'move'\n\
             transitions = [{{ days = 90, class = 'GLACIER' }}]\n{wanted}\n"
        ));
        let found = contents(&configuration, Some(&wants), &versions);
        let judged = Case {
            blueprint: Some(&wants),
            contents: Some(&found),
            ..case(&configuration)
        };
        said(&judged).contains(&"medium lifecycle-object-uncovered".to_owned())
    };
    // By its prefix alone the rule is not asked for where it is not.
    assert!(!uncovered("prefix = 'uploads/u/'"));
    assert!(uncovered("prefix = 'uploads/v/'"));
    // Where it names the layout, the prefix excuses nothing.
    assert!(uncovered("prefix = 'uploads/u/'\nlayouts = ['upload']"));
}

#[test]
fn a_class_left_before_its_minimum_charge_is_found_and_only_told_where_the_blueprint_asks_for_it() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            transitions: moves(&[(7, "STANDARD_IA"), (30, "GLACIER")]),
            abort_uploads_days: Some(1),
            ..rule("videos", "videos/")
        }]),
        ..sound()
    };
    assert_eq!(of(&configuration), ["low lifecycle-minimum-stay"]);
    for (days, severity) in [(30, "info"), (40, "low")] {
        let wants = blueprint(&format!(
            "[bucket.expect]\n[[bucket.expect.lifecycle]]\nid = 'videos'\nprefix = 'videos/'\n\
             transitions = [{{ days = 7, class = 'STANDARD_IA' }}, {{ days = {days}, class = 'GLACIER' }}]\n"
        ));
        let judged = Case {
            blueprint: Some(&wants),
            ..case(&configuration)
        };
        let said = said(&judged);
        assert!(
            said.contains(&format!("{severity} lifecycle-minimum-stay")),
            "{days}: {said:?}"
        );
    }
}
