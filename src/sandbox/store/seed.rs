//! Makes buckets of a world.

use std::sync::Arc;

use hyper::body::Bytes;

use super::keyspace::Entry;
use super::object::seed_of;
use super::upload::{Part, Upload};
use super::{
    Annotation, Attributes, Backend, Body, Bucket, Content, Encryption, Keyspace, Moment, Object,
    Version, VersionId, ids,
};
use crate::domain::hex::hex;
use crate::sandbox::configuration::BucketConfiguration;
use crate::sandbox::world::{
    SeedKind, SeedObject, SeedUpload, SeedVersion, Sse, Versioning, WorldBucket,
};

/// Makes a bucket of what a world says.
///
/// # Errors
/// What is wrong with the bucket's configuration documents.
pub(super) fn bucket(seed: &WorldBucket) -> Result<Bucket, String> {
    let configuration = BucketConfiguration::of_world(seed).map_err(|error| error.to_string())?;
    let mut bucket = Bucket::new(&seed.name, &seed.region, seed.created.into(), configuration);
    bucket.versioning = seed.versioning;
    bucket.keys = Keyspace::of_entries(entries(seed));
    for upload in &seed.uploads {
        bucket
            .uploads
            .begin_seeded(&seed.name, &upload.key, make_upload(upload));
    }
    Ok(bucket)
}

/// The versions of the world, gathered by key. Sorting is stable: what is oldest of a key stays first.
fn entries(seed: &WorldBucket) -> Vec<(Box<str>, Entry)> {
    let mut versions: Vec<&SeedVersion> = seed.versions.iter().collect();
    versions.sort_by(|a, b| a.key.cmp(&b.key));
    versions
        .chunk_by(|a, b| a.key == b.key)
        .filter_map(|of_key| {
            let key = &of_key.first()?.key;
            Some((key.as_str().into(), entry(seed, key, of_key)))
        })
        .collect()
}

fn entry(seed: &WorldBucket, key: &str, of_key: &[&SeedVersion]) -> Entry {
    if let [only] = of_key
        && let SeedKind::Plain { size } = only.kind
        && only.version_id.is_none()
        && seed.versioning != Versioning::Enabled
    {
        return Entry::Plain {
            size,
            modified: only.last_modified.into(),
        };
    }
    let mut versions: Vec<Version> = Vec::with_capacity(of_key.len());
    for (version, order) in of_key.iter().zip(0_u64..) {
        let id = match &version.version_id {
            Some(id) => VersionId::parse(id),
            None if seed.versioning == Versioning::Enabled => {
                VersionId::Id(ids::seeded_version_id(&seed.name, key, order))
            }
            None => VersionId::Null,
        };
        if id == VersionId::Null {
            versions.retain(|other| other.id != VersionId::Null);
        }
        versions.push(Version {
            id,
            order,
            modified: version.last_modified.into(),
            content: content(key, order, &version.kind),
        });
    }
    Entry::Versions(versions)
}

fn content(key: &str, ordinal: u64, kind: &SeedKind) -> Content {
    match kind {
        SeedKind::DeleteMarker => Content::DeleteMarker,
        SeedKind::Plain { size } => Content::Object(Arc::new(Object::plain(key, *size))),
        SeedKind::Object(seed) => Content::Object(Arc::new(object(key, ordinal, seed))),
    }
}

fn object(key: &str, ordinal: u64, seed: &SeedObject) -> Object {
    let body = match &seed.body {
        Some(bytes) => Body::kept(Bytes::clone(bytes)),
        None => Body::made_up(seed_of(key).wrapping_add(ordinal << 32), seed.size),
    };
    Object {
        etag: hex(&body.digest()).into(),
        body,
        storage_class: class(&seed.storage_class),
        encryption: match &seed.sse {
            Sse::None => Encryption::None,
            Sse::Aes256 => Encryption::Aes256,
            Sse::Kms(_) => Encryption::Kms {
                key: kms_key(&seed.sse),
                bucket_key: seed.bucket_key,
                dual_layer: false,
            },
        },
        attributes: Attributes {
            content_type: seed.content_type.clone(),
            cache_control: seed.cache_control.clone(),
            content_disposition: seed.content_disposition.clone(),
            content_encoding: seed.content_encoding.clone(),
            metadata: seed
                .metadata
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
            ..Attributes::default()
        },
        tags: seed
            .tags
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        annotations: seed
            .annotations
            .iter()
            .map(|(name, text)| {
                let annotation = Annotation {
                    text: text.clone(),
                    modified: Moment::now(),
                };
                (name.clone(), annotation)
            })
            .collect(),
        restored_until: seed.restored_until.map(Moment::from),
        replication_status: seed.replication_status.as_deref().map(Into::into),
        ..Object::default()
    }
}

fn kms_key(sse: &Sse) -> Box<str> {
    match sse {
        Sse::Kms(key) if !key.is_empty() => key.as_str().into(),
        _ => Backend::default_kms_key("us-east-1", Backend::ACCOUNT_ID).into(),
    }
}

fn class(name: &str) -> Option<Box<str>> {
    (!name.is_empty() && name != "STANDARD").then(|| name.into())
}

fn make_upload(seed: &SeedUpload) -> Upload {
    let part = |number: i32, size: u64| {
        let body = Body::made_up(
            seed_of(&seed.key).wrapping_add(u64::from(number.unsigned_abs()) << 32),
            size,
        );
        Part {
            digest: body.digest(),
            body,
            modified: seed.initiated.into(),
            checksums: None,
        }
    };
    Upload {
        initiated: seed.initiated.into(),
        draft: Object {
            storage_class: class(&seed.storage_class),
            ..Object::default()
        },
        checksum_algorithm: None,
        checksum_type: None,
        parts: seed
            .parts
            .iter()
            .zip(1_i32..)
            .map(|(&size, number)| (number, part(number, size)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::Store;
    use crate::sandbox::world::World;

    fn seed(key: &str, kind: SeedKind) -> SeedVersion {
        SeedVersion {
            key: key.into(),
            last_modified: "2024-01-15T10:30:00Z".parse().unwrap(),
            kind,
            version_id: None,
        }
    }

    fn world(versioning: Versioning, versions: Vec<SeedVersion>) -> World {
        World {
            name: "test".into(),
            buckets: vec![WorldBucket {
                name: "media".into(),
                region: "eu-west-1".into(),
                created: "2024-01-15T10:30:00Z".parse().unwrap(),
                versioning,
                configuration: std::collections::BTreeMap::new(),
                configuration_lists: std::collections::BTreeMap::new(),
                versions,
                uploads: Vec::new(),
            }],
            ..World::default()
        }
    }

    fn sizes(world: &World, key: &str) -> Vec<Option<u64>> {
        let store = Store::load(world).unwrap();
        let look = |bucket: &Bucket| {
            let all = bucket.keys.version(key, &VersionId::Null).into_iter();
            let newer = bucket
                .keys
                .before_version(key, &VersionId::parse("unheard of"));
            let told = if newer.is_empty() {
                all.collect()
            } else {
                newer
            };
            Ok(told
                .iter()
                .map(|v| v.object().map(|o| o.body.length()))
                .collect())
        };
        store.read("media", look).unwrap()
    }

    #[test]
    fn versions_of_a_key_stay_in_the_order_of_the_world_wherever_they_stand() {
        let versions = vec![
            seed("b", SeedKind::Plain { size: 1 }),
            seed("a", SeedKind::Plain { size: 9 }),
            seed("b", SeedKind::Plain { size: 2 }),
            seed("b", SeedKind::DeleteMarker),
        ];
        let world = world(Versioning::Enabled, versions);
        assert_eq!(sizes(&world, "b"), [Some(1), Some(2), None]);
        assert_eq!(sizes(&world, "a"), [Some(9)]);
    }

    #[test]
    fn without_versioning_the_last_of_a_key_is_all_there_is() {
        let versions = vec![
            seed("k", SeedKind::Plain { size: 1 }),
            seed("k", SeedKind::Plain { size: 2 }),
        ];
        assert_eq!(sizes(&world(Versioning::Off, versions), "k"), [Some(2)]);
    }

    #[test]
    fn a_bucket_that_is_there_already_is_named() {
        let world = world(Versioning::Off, Vec::new());
        let store = Store::load(&world).unwrap();
        let error = store.add_world(&world).unwrap_err();
        assert!(error.to_string().contains("\"media\""), "{error}");
    }

    #[test]
    fn a_document_that_cannot_be_read_is_named_with_its_bucket() {
        let mut world = world(Versioning::Off, Vec::new());
        let documents = &mut world.buckets[0].configuration;
        documents.insert("cors".into(), "<nonsense".into());
        let error = Store::load(&world).unwrap_err().to_string();
        assert!(
            error.contains("\"media\"") && error.contains("cors"),
            "{error}"
        );
    }
}
