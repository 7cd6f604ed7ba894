use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Claim, What, Why};
use super::*;
use crate::domain::{BucketName, ObjectKey, StorageClass, VersionId};

fn header() -> Header {
    Header {
        format: FORMAT.to_owned(),
        case: "0".repeat(32),
        subject: Subject::User {
            id: "user-1".to_owned(),
        },
        act: Act::Delete,
        made_at: DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
        tool: "0.1.0".to_owned(),
        operator: Operator {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/demo".to_owned(),
            source: None,
        },
        endpoint: None,
        blueprint: "pilotforce".to_owned(),
        blueprint_sha256: "ab".to_owned(),
        regions: BTreeMap::new(),
        existence: Existence::NotChecked,
        not_searched: Vec::new(),
        contested: Vec::new(),
        other_buckets: None,
        annotations: None,
        record_list: None,
    }
}

fn whys() -> impl Strategy<Value = Why> {
    let leaf = prop_oneof![
        (".*", any::<bool>()).prop_map(|(layout, tail_parses)| Why::Key {
            layout,
            tail_parses
        }),
        ".*".prop_map(|layout| Why::Record { layout }),
        (".*", ".*").prop_map(|(layout, name)| Why::Metadata { layout, name }),
        "(?s).{1,20}".prop_map(|key| Why::InQuarantine {
            original: ObjectKey::new(key).unwrap(),
        }),
    ];
    leaf.prop_recursive(3, 8, 1, |inner| {
        (inner, ".*", "[a-z]{3,9}", "(?s).{1,20}", 0..3_u8).prop_map(
            |(why, rule, bucket, key, step)| {
                let source = Arc::new(Claim {
                    bucket: BucketName::new(bucket).unwrap(),
                    key: ObjectKey::new(key).unwrap(),
                    why,
                });
                match step {
                    0 => Why::Derived { rule, source },
                    1 => Why::QuarantinedCopy { source },
                    _ => Why::Replica { source },
                }
            },
        )
    })
}

fn items() -> impl Strategy<Value = Item> {
    let id = (".*", 0..3_u8, any::<bool>());
    let rest = (
        0..1_u64 << 40,
        proptest::option::of(".*"),
        0..4_000_000_000_i64,
    );
    ("[a-z]{3,9}", "(?s).{1,40}", whys(), id, rest).prop_map(
        |(bucket, key, why, (id, kind, is_latest), (size, etag, at))| {
            let what = match kind {
                0 => What::Version {
                    id: VersionId(id),
                    is_latest,
                },
                1 => What::Marker {
                    id: VersionId(id),
                    is_latest,
                },
                _ => What::Upload { id },
            };
            Item {
                claim: Arc::new(Claim {
                    bucket: BucketName::new(bucket).unwrap(),
                    key: ObjectKey::new(key).unwrap(),
                    why,
                }),
                what,
                size: ByteSize(size),
                etag,
                class: StorageClass::default(),
                written: DateTime::from_timestamp(at, 0),
            }
        },
    )
}

fn written(plan: &Plan) -> String {
    let mut text = Vec::new();
    plan.write(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

proptest! {
    #[test]
    fn a_plan_is_read_as_it_was_written(items in proptest::collection::vec(items(), 0..8)) {
        let plan = Plan { header: header(), items };
        let (read, _) = Plan::read(&written(&plan)).unwrap();
        prop_assert_eq!(read, plan);
    }

    #[test]
    fn a_plan_of_which_a_byte_is_missing_is_refused(
        items in proptest::collection::vec(items(), 0..4),
        at in any::<prop::sample::Index>(),
    ) {
        let text = written(&Plan { header: header(), items });
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places[at.index(places.len())];
        let mut damaged = text.clone();
        damaged.remove(at);
        prop_assert!(Plan::read(&damaged).is_err());
    }
}

#[test]
fn a_plan_that_ends_early_is_told_from_one_that_was_edited() {
    let text = written(&Plan {
        header: header(),
        items: Vec::new(),
    });
    let first = text.split_inclusive('\n').next().unwrap();
    assert!(matches!(Plan::read(first), Err(PlanError::CutShort)));
    assert!(matches!(Plan::read(""), Err(PlanError::CutShort)));
    let edited = text.replace("user-1", "user-2");
    assert!(matches!(Plan::read(&edited), Err(PlanError::Changed(_))));
}

#[test]
fn a_case_that_could_name_another_file_is_none() {
    let plan = Plan {
        header: Header {
            case: "../../../../../../../../etc/pass".to_owned(),
            ..header()
        },
        items: Vec::new(),
    };
    assert!(matches!(
        Plan::read(&written(&plan)),
        Err(PlanError::Line { line: 1, .. })
    ));
}

#[test]
fn a_plan_of_a_later_form_is_not_guessed_at() {
    let plan = Plan {
        header: Header {
            format: "s3warden/plan/9".to_owned(),
            ..header()
        },
        items: Vec::new(),
    };
    assert!(matches!(
        Plan::read(&written(&plan)),
        Err(PlanError::Format(_))
    ));
}

#[test]
fn a_plan_from_before_lists_had_dates_is_still_read() {
    let old = r#"{"state":"gone","stated":"users.txt","read_at":"2026-03-01T09:00:00Z"}"#;
    let existence: Existence = serde_json::from_str(old).unwrap();
    assert_eq!(existence.words(), "users.txt does not hold this user");
    assert_eq!(serde_json::to_string(&existence).unwrap(), old);
    let dated = old.replace('}', r#","made_at":"2026-02-28T09:00:00Z"}"#);
    let existence: Existence = serde_json::from_str(&dated).unwrap();
    assert_eq!(
        existence.words(),
        "users.txt (made 2026-02-28 09:00 UTC) does not hold this user"
    );
    assert_eq!(serde_json::to_string(&existence).unwrap(), dated);
    assert!(!existence.needs_reason());
}
