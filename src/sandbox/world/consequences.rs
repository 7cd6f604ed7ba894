//! What a bucket holds because of what another one does: derived objects and replicas.

use chrono::Duration;

use super::build::{Builder, blueprint_of, class};
use super::file::{DerivedFile, ReplicaFile};
use super::rng::{Rng, days_before};
use super::{SeedKind, SeedObject, SeedVersion, Sse, World, WorldBucket, bodies};
use crate::sandbox::store::seeded_version_id;

/// Replication statuses, the better ones first: with several destinations the source tells the worst.
const STATUSES: [&str; 3] = ["COMPLETED", "PENDING", "FAILED"];

/// Plants what the application made from the current objects of another bucket, some seconds after each was written.
/// A source that was deleted since has left its derived objects behind.
pub(super) fn derived(
    builder: &mut Builder,
    file: &DerivedFile,
    world: &World,
) -> Result<(), String> {
    let source = source(&world.buckets, &file.of)?;
    let blueprint = blueprint_of(&source.name)
        .filter(|known| {
            let mut rules = known.derived.iter();
            rules.any(|rule| rule.to_bucket.as_str() == builder.bucket)
        })
        .ok_or_else(|| {
            format!(
                "no blueprint has a rule that derives something in {} from {}",
                builder.bucket, source.name
            )
        })?;
    let section = format!("{}/derived/{}", builder.bucket, source.name);
    let mut rng = Rng::new(builder.seed, &section);
    let [least, most] = file.days_ago.map(|days| days_before(builder.now, days));
    for version in &source.versions {
        let lucky = rng.happens(file.share);
        let in_time = (most..=least).contains(&version.last_modified);
        let triggers = version.key.contains(&file.containing);
        if version.kind == SeedKind::DeleteMarker || !triggers || !lucky || !in_time {
            continue;
        }
        for made in blueprint.derived_of(&version.key) {
            if made.bucket.as_str() != builder.bucket {
                continue;
            }
            let seconds = i64::try_from(rng.between([1, 9])).unwrap_or_default();
            let object = SeedObject {
                size: rng.size(file.size),
                content_type: Some(bodies::type_of(&made.key).to_owned()),
                cache_control: file.cache_control.clone(),
                storage_class: class(""),
                ..SeedObject::default()
            };
            builder.plant(
                &made.key,
                version.last_modified + Duration::seconds(seconds),
                SeedKind::Object(Box::new(object)),
            );
        }
    }
    Ok(())
}

/// Plants the replicas of another bucket's versions, under the same ids, and tells the sources what became of theirs.
pub(super) fn replicas(
    builder: &mut Builder,
    file: &ReplicaFile,
    world: &mut World,
) -> Result<(), String> {
    let source = world
        .buckets
        .iter_mut()
        .find(|bucket| bucket.name == file.of)
        .ok_or_else(|| no_bucket_above(&file.of))?;
    let section = format!("{}/replica/{}", builder.bucket, source.name);
    let mut rng = Rng::new(builder.seed, &section);
    let arrived = days_before(builder.now, file.lag_days);
    let name = source.name.clone();
    for of_key in source.versions.chunk_by_mut(|a, b| a.key == b.key) {
        for (version, order) in of_key.iter_mut().zip(0_u64..) {
            let failed = rng.happens(file.failed);
            let pending = version.last_modified > arrived;
            let replica = match &mut version.kind {
                SeedKind::Object(object) => {
                    let status = match (failed, pending) {
                        (true, _) => "FAILED",
                        (false, true) => "PENDING",
                        (false, false) => "COMPLETED",
                    };
                    let told = object.replication_status.get_or_insert_default();
                    *told = worse(told, status).to_owned();
                    if status != "COMPLETED" {
                        continue;
                    }
                    replica_of(object, file)
                }
                SeedKind::DeleteMarker if file.markers && !pending => SeedKind::DeleteMarker,
                SeedKind::DeleteMarker | SeedKind::Plain { .. } => continue,
            };
            let id = version.version_id.clone();
            let id = id.unwrap_or_else(|| seeded_version_id(&name, &version.key, order).into());
            builder.versions.push(SeedVersion {
                key: version.key.clone(),
                last_modified: version.last_modified,
                kind: replica,
                version_id: Some(id),
            });
        }
    }
    Ok(())
}

/// A replica is what its source was when it was written: no lifecycle rule of the source's reaches it.
fn replica_of(source: &SeedObject, file: &ReplicaFile) -> SeedKind {
    let sse = Sse::from(&file.sse);
    SeedKind::Object(Box::new(SeedObject {
        storage_class: class(&file.class),
        bucket_key: source.bucket_key && matches!(sse, Sse::Kms(_)),
        sse,
        replication_status: Some("REPLICA".to_owned()),
        restored_until: None,
        ..source.clone()
    }))
}

fn worse<'s>(one: &'s str, other: &'s str) -> &'s str {
    let rank = |status: &str| STATUSES.iter().position(|known| *known == status);
    if rank(one) > rank(other) { one } else { other }
}

fn source<'w>(buckets: &'w [WorldBucket], name: &str) -> Result<&'w WorldBucket, String> {
    let source = buckets.iter().find(|bucket| bucket.name == name);
    source.ok_or_else(|| no_bucket_above(name))
}

fn no_bucket_above(name: &str) -> String {
    format!("expected a bucket above this one, and {name:?} is none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_destinations_the_source_tells_the_worse() {
        assert_eq!(worse("", "COMPLETED"), "COMPLETED");
        assert_eq!(worse("COMPLETED", "PENDING"), "PENDING");
        assert_eq!(worse("FAILED", "COMPLETED"), "FAILED");
    }
}
