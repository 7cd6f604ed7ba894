//! What the built-in worlds tell: their metrics end with what they hold, and their alarms are judged as they deserve.

use std::collections::BTreeMap;

use chrono::Utc;
use futures::StreamExt;
use s3warden::facade::aws::Meter;
use s3warden::facade::domain::metrics::{Counts, StorageType};
use s3warden::facade::ops::{Gate, metrics};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, World, WorldBucket};

use crate::ops::world::{name, serving};

/// Bytes by class, noncurrent versions and parts of uploads among them.
fn held(bucket: &WorldBucket) -> BTreeMap<String, u64> {
    let mut held: BTreeMap<String, u64> = BTreeMap::new();
    for version in &bucket.versions {
        let (class, size) = match &version.kind {
            SeedKind::Object(object) => (object.storage_class.clone(), object.size),
            SeedKind::Plain { size } => ("STANDARD".to_owned(), *size),
            SeedKind::DeleteMarker => continue,
        };
        *held.entry(class).or_default() += size;
    }
    for upload in &bucket.uploads {
        *held.entry(upload.storage_class.clone()).or_default() += upload.parts.iter().sum::<u64>();
    }
    held.retain(|_, size| *size > 0);
    held
}

#[tokio::test]
async fn the_newest_point_of_every_world_is_what_its_bucket_holds_and_a_day_or_two_old() {
    for world in World::builtin_names() {
        let world = World::builtin(world).unwrap();
        let buckets = world.buckets.clone();
        let (_sandbox, aws) = serving(SandboxOptions {
            worlds: vec![world],
            ..SandboxOptions::default()
        })
        .await;
        let names = buckets.iter().map(|bucket| name(&bucket.name)).collect();
        let meter = Meter::new();
        let found: Vec<_> = metrics::storage(&aws, names, 90, Gate::new(8), &meter)
            .collect()
            .await;
        for one in found {
            let bucket = buckets
                .iter()
                .find(|b| b.name == one.bucket.as_str())
                .unwrap();
            let known = one.storage.value().unwrap_or_else(|| panic!("{one:?}"));
            let told: BTreeMap<String, u64> = known
                .latest()
                .filter(|(of, _)| of.counts() == Counts::Objects)
                .map(|(of, size)| (of.class().unwrap().to_owned(), size.bytes()))
                .collect();
            assert_eq!(told, held(bucket), "{}", bucket.name);
            let parts: usize = bucket.uploads.iter().map(|upload| upload.parts.len()).sum();
            let (day, objects) = known.count().unwrap();
            assert_eq!(
                objects,
                (bucket.versions.len() + parts) as u64,
                "{}",
                bucket.name
            );
            let late = (Utc::now().date_naive() - day).num_days();
            assert!((1..=2).contains(&late), "{} {late}", bucket.name);
        }
    }
}

/// The findings of all alarms of a world, and the alarms that name no bucket.
async fn judged(world: &str) -> (Vec<(&'static str, String)>, Vec<String>) {
    let world = World::builtin(world).unwrap();
    let names = world
        .buckets
        .iter()
        .map(|bucket| name(&bucket.name))
        .collect();
    let (_sandbox, aws) = serving(SandboxOptions {
        worlds: vec![world],
        ..SandboxOptions::default()
    })
    .await;
    let (gate, meter) = (Gate::new(8), Meter::new());
    let stored: Vec<_> = metrics::storage(&aws, names, 90, gate.clone(), &meter)
        .collect()
        .await;
    let alarms = metrics::alarms(&aws, &stored, &gate, &meter).await;
    let mut findings: Vec<_> = alarms
        .buckets
        .iter()
        .flat_map(|one| &one.findings)
        .map(|finding| (finding.id, finding.message.clone()))
        .collect();
    findings.sort_unstable();
    let adrift = alarms.adrift.iter().map(|alarm| alarm.name.clone());
    (findings, adrift.collect())
}

#[tokio::test]
async fn the_request_alarms_of_quikapp_can_never_go_off() {
    let (findings, adrift) = judged("quikapp").await;
    let never: Vec<_> = findings
        .iter()
        .filter(|(id, _)| *id == "alarm-never-has-data")
        .collect();
    assert_eq!(never.len(), 1, "{findings:?}");
    assert!(never[0].1.contains("QuikApp-S3-Requests-High") && never[0].1.contains("FilterId"));
    assert_eq!(adrift, ["QuikApp-S3-4xx-Errors"]);
}

#[tokio::test]
async fn the_size_alarm_of_pilotforce_counts_one_class() {
    let (findings, adrift) = judged("pilotforce").await;
    let [(id, message)] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(*id, "alarm-counts-one-class");
    assert!(
        message.contains("PilotForce-UserUploads-BucketSize"),
        "{message}"
    );
    assert_eq!(adrift, [""; 0]);
}

#[tokio::test]
async fn the_query_of_leadfactory_returns_nothing_and_its_cost_alarm_is_none_of_s3() {
    let (findings, adrift) = judged("leadfactory").await;
    let ids: Vec<_> = findings.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, ["alarm-never-has-data"; 2], "{findings:?}");
    assert!(
        findings
            .iter()
            .any(|(_, message)| message.contains("StorageType"))
    );
    assert!(
        findings
            .iter()
            .any(|(_, message)| message.contains("once a day"))
    );
    assert_eq!(adrift, [""; 0]);
}

#[tokio::test]
async fn the_alarms_of_game_are_as_they_should_be_and_a_type_nobody_knows_occurs() {
    assert_eq!(judged("game").await, (Vec::new(), Vec::new()));
    let world = World::builtin("game").unwrap();
    assert!(world.metrics.histories.iter().any(|history| {
        let of = history.storage_type.as_deref().map(StorageType::new);
        of.is_some_and(|of| of.counts() == Counts::Unknown)
    }));
}
