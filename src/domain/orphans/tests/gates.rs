//! What is too unlikely to be believed.

use super::*;

fn judged(objects: u64, explained: u64, inferred: u64) -> Judged {
    Judged {
        bucket: BucketName::new("media").unwrap(),
        objects,
        bytes: ByteSize(objects * 10),
        explained,
        young: 0,
        inferred,
        inferred_bytes: ByteSize(inferred * 10),
    }
}

#[test]
fn gates_trip_above_their_limits_and_not_at_them() {
    let limits = Limits {
        count: 100,
        ..Limits::default()
    };
    let tripped = |judged| -> Vec<Gate> {
        let tripped = limits.of_bucket(&judged).into_iter();
        tripped.map(|one| one.gate).collect()
    };
    assert_eq!(tripped(judged(1_000, 900, 100)), []);
    assert_eq!(tripped(judged(1_000, 899, 100)), [Gate::Layouts]);
    assert_eq!(tripped(judged(1_000, 900, 101)), [Gate::Share, Gate::Count]);
    assert_eq!(tripped(judged(0, 0, 0)), []);
    let heavy = Judged {
        inferred_bytes: ByteSize(1_001),
        ..judged(1_000, 1_000, 1)
    };
    let why = limits.of_bucket(&heavy);
    assert_eq!(
        why[0].why,
        "1 of 1000 objects (0.1 %) and 1001 B of 9.8 KiB (10 %) would be orphans, and at most 10 % may be"
    );
    assert!(why[0].advice().contains("--max-share"));
}

#[test]
fn a_list_may_shrink_and_age_as_far_as_the_limits_say() {
    let limits = Limits::default();
    let bucket = BucketName::new("media").unwrap();
    let size = |now, before| limits.of_size(&bucket, Subject::Owners, now, before);
    assert_eq!(size(80, 100), None);
    assert_eq!(size(200, 100), None);
    assert!(size(79, 100).unwrap().why.contains("21 %"));
    let list = owners(&["a"]);
    let age = |hours, stated: Option<u64>| {
        let stated = stated.map(|hours| std::time::Duration::from_secs(hours * 3_600));
        limits.of_age(&list, TimeDelta::hours(hours), stated)
    };
    assert_eq!(age(24, None), None);
    assert!(age(25, None).unwrap().why.contains("25 hours"));
    assert_eq!(age(25, Some(48)), None);
    assert!(age(3, Some(2)).is_some());
    // A clock that runs ahead makes no list old.
    assert_eq!(age(-5, Some(0)), None);
}

#[test]
fn nothing_can_overrule_the_gates_that_guard_against_not_knowing() {
    for gate in [Gate::Listing, Gate::Registry, Gate::RegistryElsewhere] {
        assert_eq!(gate.overruled_by(), None, "{gate}");
    }
}
