//! Results that are too unlikely to be credible.

use super::*;

fn judged(objects: u64, explained: u64, inferred: u64) -> Judged {
    Judged {
        bucket: BucketName::new("media").unwrap(),
        objects,
        bytes: ByteSize(objects * 10),
        explained,
        young: 0,
        young_versions: 0,
        young_uploads: 0,
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
        "1 of 1,000 objects (0.1 %) and 1001 B of 9.8 KiB (10 %) would be orphans, and at most 10 % may be"
    );
    assert!(why[0].advice().command_line().contains("--max-share"));
}

#[test]
fn a_tenth_of_the_records_may_name_keys_that_no_layout_explains() {
    let limits = Limits::default();
    assert_eq!(limits.of_records(10, 100), None);
    assert_eq!(limits.of_records(0, 0), None);
    let tripped = limits.of_records(11, 100).unwrap();
    assert_eq!(tripped.gate, Gate::UnexplainedRecords);
    assert!(
        tripped.why.contains("11 of 100 records (11 %)"),
        "{}",
        tripped.why
    );
    assert!(
        tripped
            .advice()
            .command_line()
            .contains("--max-unexplained-records")
    );
}

#[test]
fn nothing_can_overrule_the_gates_that_guard_against_not_knowing() {
    for gate in [Gate::Listing, Gate::Registry, Gate::RegistryElsewhere] {
        assert_eq!(gate.overruled_by(), None, "{gate}");
    }
}
