//! The same systems, held against the list of who is alive: nobody who lives loses anything as an orphan.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::store::{Kind as ThingKind, Store};
use super::*;
use crate::domain::columns::{Assembly, Etags};
use crate::domain::orphans::{Ground, Join, Kind, Kinds, Living};
use crate::domain::registry::TrustedList;
use crate::domain::registry::judge::relied_on;
use crate::domain::{ByteSize, ObjectKey, ObjectSummary, StorageClass};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

fn grounds(rules: &Blueprint, store: &Store) -> Vec<Ground> {
    let current = store.current();
    let ground = |bucket: &crate::domain::blueprint::BucketBlueprint| {
        let of_bucket = current
            .iter()
            .filter(|(name, _)| name == bucket.name.as_str());
        let mut objects: Vec<ObjectSummary> = of_bucket
            .map(|(_, thing)| ObjectSummary {
                key: ObjectKey::new(thing.key.as_str()).unwrap(),
                size: ByteSize(1),
                last_modified: Some(now() - TimeDelta::days(30)),
                storage_class: StorageClass::default(),
                etag: None,
            })
            .collect();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        let mut columns = Assembly::new(Etags::Keep);
        columns.add(0, &objects);
        Ground {
            rules: bucket.clone(),
            objects: columns.finish(),
            stated: None,
            wanted: true,
        }
    };
    rules.buckets.iter().map(ground).collect()
}

fn owners(ids: &[&str]) -> TrustedList {
    let mut intake = Intake::new(Names::Owners, "a test", now());
    for id in ids {
        let ids = [*id];
        let row = Row {
            ids: &ids,
            owner: None,
            malformed: false,
        };
        intake.row(&row).unwrap();
    }
    relied_on(intake.finish().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_of_a_living_user_is_called_an_orphan_whose_owner_is_gone(
        setup in setup(),
        events in proptest::collection::vec(event(), 1..16),
        dead in 0..USERS.len(),
    ) {
        // Without the metadata, which is asked for before orphans are judged.
        let mut setup = setup;
        setup.areas.retain(|area| *area != application::Area::Metadata);
        prop_assume!(!setup.areas.is_empty());
        let application = run(&setup, &events);
        let rules = parsed(blueprint(&application, setup.layouts));
        let keys = relied_on(registry(&application));
        let living: Vec<&str> = USERS.into_iter().filter(|user| *user != USERS[dead]).collect();
        let owners = owners(&living);
        let grounds = grounds(&rules, &application.store);
        let join = Join {
            grounds: &grounds,
            buckets: &rules.buckets,
            living: Living { owners: Some(&owners), keys: Some(&keys) },
            kinds: Kinds::all(),
            before: now() - TimeDelta::hours(48),
            now: now(),
            threads: 1,
        };
        let findings = join.run(&|| false).unwrap();
        for verdict in findings.verdicts.iter().filter(|one| one.kind == Kind::OwnerGone) {
            let (bucket, key) = (verdict.bucket.as_str(), verdict.key.as_str());
            let things = application.store.things_at(bucket, key);
            let mut current = things.filter(|one| one.kind == ThingKind::Version);
            prop_assert!(
                current.all(|one| one.owner == USERS[dead]),
                "{bucket}/{key} is a living user's: {verdict:?}"
            );
        }
    }
}
