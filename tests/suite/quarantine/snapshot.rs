//! Everything that a sandbox holds, as it can be compared.

use std::collections::BTreeMap;

use s3warden::facade::sandbox::Sandbox;
use s3warden::facade::sandbox::store::listing::{Row, Start};

/// Bucket, key and version or upload.
pub type Place = (String, String, String);

/// What is at each place: all that can be told of it.
pub type Snapshot = BTreeMap<Place, Thing>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// When it was written.
    pub written: String,
    /// Bytes, class, encryption, metadata.
    pub content: String,
    pub tags: Vec<(String, String)>,
}

pub fn of(sandbox: &Sandbox) -> Snapshot {
    let buckets = sandbox.store().each(|bucket| {
        let mut things = Vec::new();
        let place = |key: &str, id: &str| (bucket.name.clone(), key.to_owned(), id.to_owned());
        for row in bucket.keys.walk_versions("", None, Start::Beginning) {
            let Row::Key(key, entry) = row else { continue };
            for version in entry.versions(key).iter() {
                let thing = match version.object() {
                    Some(object) => Thing {
                        written: format!("{:?}", version.modified),
                        content: format!(
                            "{} {} {:?} {:?} {:?}",
                            object.etag,
                            object.body.length(),
                            object.storage_class,
                            object.encryption,
                            object.attributes
                        ),
                        tags: object.tags.clone(),
                    },
                    None => plain("marker"),
                };
                things.push((place(key, version.id.as_str()), thing));
            }
        }
        for row in bucket.uploads.walk("", None, Start::Beginning) {
            let Row::Key(key, uploads) = row else {
                continue;
            };
            let uploads = uploads.keys();
            things.extend(uploads.map(|id| (place(key, id), plain("upload"))));
        }
        let rules = format!("{:?}", bucket.configuration.lifecycle);
        things.push((place("", "lifecycle"), plain(&rules)));
        things
    });
    buckets.into_iter().flatten().collect()
}

fn plain(content: &str) -> Thing {
    Thing {
        written: String::new(),
        content: content.to_owned(),
        tags: Vec::new(),
    }
}

/// The same without what a copy cannot keep: version and time.
pub fn without_versions(snapshot: &Snapshot) -> BTreeMap<(String, String), Vec<Thing>> {
    let mut keys: BTreeMap<(String, String), Vec<Thing>> = BTreeMap::new();
    for ((bucket, key, _), thing) in snapshot {
        let thing = Thing {
            written: String::new(),
            ..thing.clone()
        };
        keys.entry((bucket.clone(), key.clone()))
            .or_default()
            .push(thing);
    }
    for things in keys.values_mut() {
        things.sort_by(|a, b| a.content.cmp(&b.content));
    }
    keys
}

/// The keys of a bucket.
pub fn keys(snapshot: &Snapshot, bucket: &str) -> Vec<String> {
    let mut keys: Vec<String> = snapshot
        .keys()
        .filter(|(of, key, _)| of == bucket && !key.is_empty())
        .map(|(_, key, _)| key.clone())
        .collect();
    keys.dedup();
    keys
}

/// The keys that have our tag.
pub fn tagged(snapshot: &Snapshot) -> Vec<&str> {
    let tagged = snapshot.iter().filter(|(_, thing)| {
        let mut tags = thing.tags.iter();
        tags.any(|(name, _)| name == "s3warden-orphan")
    });
    tagged.map(|((_, key, _), _)| key.as_str()).collect()
}
