//! The same systems, compared with a list of active users. Some rows of the list cannot be read, and it may be out of
//! date. No active user may lose anything as an orphan.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::store::{Kind as ThingKind, Store};
use super::*;
use crate::domain::blueprint::registry::ListFormat;
use crate::domain::columns::{Assembly, Etags};
use crate::domain::orphans::{Ground, Join, Kind, Kinds, Living};
use crate::domain::registry::TrustedList;
use crate::domain::registry::judge::relied_on;
use crate::domain::registry::tests::unread::{read, torn_json};
use crate::domain::{ByteSize, ObjectKey, ObjectSummary, StorageClass};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

/// The keys that have versions but no current object.
fn hidden(store: &Store, bucket: &str) -> Vec<ObjectKey> {
    let current = store.current();
    let is_current = |key: &str| {
        let mut current = current.iter();
        current.any(|(name, thing)| name == bucket && thing.key == key)
    };
    let of_bucket = store.all().filter(|(name, _)| *name == bucket);
    let versions = of_bucket.filter(|(_, thing)| thing.kind == ThingKind::Version);
    let keys: BTreeSet<&str> = versions.map(|(_, thing)| thing.key.as_str()).collect();
    let keys = keys.into_iter().filter(|key| !is_current(key));
    keys.map(|key| ObjectKey::new(key).unwrap()).collect()
}

/// The time at which the object with this number was written.
fn written(at: u64) -> DateTime<Utc> {
    now() - TimeDelta::days(30) + TimeDelta::seconds(i64::try_from(at).unwrap())
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
                last_modified: Some(written(thing.at)),
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
            hidden: Some(hidden(store, bucket.name.as_str())),
            stated: None,
            wanted: true,
        }
    };
    rules.buckets.iter().map(ground).collect()
}

/// The list of active users as an export writes it. Each has a row; some rows cannot be read, or contain a different
/// id.
fn owners(living: &[(&str, usize)]) -> Option<TrustedList> {
    let row = |(id, how): &(&str, usize)| match how {
        0..WHOLE => serde_json::json!({ "id": id }).to_string(),
        torn => torn_json(id, torn - WHOLE),
    };
    let rows: Vec<String> = living.iter().map(row).collect();
    let list = read(&format!("{}\n", rows.join("\n")), ListFormat::Ndjson)?;
    Some(relied_on(list))
}

/// 12 rows out of this many cannot be read.
const WHOLE: usize = 24;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_of_a_living_user_is_called_an_orphan_whose_owner_is_gone(
        setup in setup(),
        events in proptest::collection::vec(event(), 1..16),
        dead in 0..USERS.len(),
        rows in prop::collection::vec(0..WHOLE + 12, USERS.len()),
        exported in 0..24_usize,
    ) {
        // Without the metadata, which s3warden reads before it judges orphans.
        let mut setup = setup;
        setup.areas.retain(|area| *area != application::Area::Metadata);
        prop_assume!(!setup.areas.is_empty());
        let application = run(&setup, &events);
        let rules = parsed(blueprint(&application, setup.layouts, setup.rival));
        let current = application.store.current();
        let is_current = |bucket: &str, key: &str| {
            current.iter().any(|(name, thing)| name == bucket && thing.key == key)
        };
        let keys = relied_on(registry(&application, is_current));
        // A user who came after the export is not in the list.
        let then = run(&setup, &events[..events.len().min(exported)]);
        let known = then.users();
        let living = USERS.into_iter().zip(rows);
        let living = living.filter(|(user, _)| *user != USERS[dead] && known.contains(user));
        let owners = owners(&living.collect::<Vec<_>>());
        prop_assume!(owners.is_some());
        let grounds = grounds(&rules, &application.store);
        let join = Join {
            grounds: &grounds,
            buckets: &rules.buckets,
            replication: &application.store.replication(MEDIA),
            living: Living { owners: owners.as_ref(), keys: Some(&keys) },
            kinds: Kinds::all(),
            before: written(then.store.now() + 1),
            now: now(),
            threads: 1,
        };
        let findings = join.run(&|| false).unwrap();
        for verdict in findings.verdicts.iter().filter(|one| one.kind == Kind::OwnerGone) {
            let (bucket, key) = (verdict.bucket.as_str(), verdict.key.as_str());
            let things = application.store.things_at(bucket, key);
            let versions: Vec<_> = things.filter(|one| one.kind == ThingKind::Version).collect();
            // If older versions may be another user's, nothing under the key is deleted.
            if verdict.may_hide_others_versions() && versions.len() > 1 {
                continue;
            }
            prop_assert!(
                versions.iter().all(|one| one.owner == USERS[dead]),
                "{bucket}/{key} is a living user's: {verdict:?}"
            );
        }
    }
}
