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
                class: StorageClass("GLACIER".to_owned()),
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
