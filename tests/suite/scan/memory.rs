//! What the columns take for keys as buckets have them.

use chrono::{DateTime, Utc};
use s3warden::facade::domain::columns::{Columns, ColumnsBuilder, Etags};
use s3warden::facade::domain::{ByteSize, ObjectKey, ObjectSummary, StorageClass};
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, World};

/// Enough that what a chunk costs by itself is spread over its rows.
const OBJECTS: u64 = 100_000;

/// A sum that no other number has, as MD5 sums look.
fn sum(n: u64) -> String {
    let mix = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ n;
    format!("{:016x}{:016x}", mix(n + 1), mix(mix(n + 3)))
}

fn columns<'k>(
    objects: impl Iterator<Item = (&'k str, u64, DateTime<Utc>)>,
    etags: Etags,
) -> Columns {
    let mut builder = ColumnsBuilder::new(etags);
    for ((key, size, written), n) in objects.zip(0..) {
        let parts = if n % 10 == 0 { "-7" } else { "" };
        let object = ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(size),
            last_modified: Some(written),
            storage_class: StorageClass::default(),
            etag: Some(sum(n) + parts),
        };
        builder.push(&object).unwrap();
    }
    builder.finish()
}

fn size(version: &SeedVersion) -> u64 {
    match version.kind {
        SeedKind::Plain { size } => size,
        _ => 0,
    }
}

#[test]
fn an_object_of_any_synthetic_shape_takes_at_most_80_bytes_with_its_etag() {
    for shape in ["flat", "users", "chat", "dates", "skew"] {
        let world = World::synthetic(&format!("{shape}:{OBJECTS}")).unwrap();
        let versions = &world.buckets[0].versions;
        let objects = || {
            versions
                .iter()
                .map(|v| (v.key.as_str(), size(v), v.last_modified))
        };
        let of_ten = |etags| columns(objects(), etags).memory() * 10 / versions.len();
        let (with, without) = (of_ten(Etags::Keep), of_ten(Etags::Leave));
        println!("{shape}: ten objects take {with} bytes with entity tags, {without} without");
        assert!(with <= 800, "{shape}: {with}");
        assert!(without <= 620, "{shape}: {without}");
    }
}

#[test]
fn an_object_with_a_key_of_any_world_takes_at_most_80_bytes_with_its_etag() {
    // To the second, as listings tell it.
    let written = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
    for name in World::builtin_names() {
        let world = World::builtin(name).unwrap();
        let mut keys: Vec<&str> = world
            .buckets
            .iter()
            .flat_map(|bucket| &bucket.versions)
            .map(|version| version.key.as_str())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < 2_000 {
            // What a chunk costs by itself is all that there is to see in so few.
            continue;
        }
        let columns = columns(keys.iter().map(|key| (*key, 1_000, written)), Etags::Keep);
        let of_ten = columns.memory() * 10 / keys.len();
        println!(
            "{name}: {} keys, ten objects take {of_ten} bytes",
            keys.len()
        );
        assert!(of_ten <= 800, "{name}: {of_ten}");
    }
}
