//! Buckets in memory: versions, delete markers and uploads, each with its true owner, and the answers S3 would give.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Answer, Listed, Presence, Question};
use crate::domain::blueprint::Blueprint;
use crate::domain::coverage::{Coverage, Gap};
use crate::domain::ownership::ReplicationPath;
use crate::domain::quarantine::place;
use crate::domain::{
    BucketName, ByteSize, ObjectKey, ObjectSummary, ObjectVersion, OwnerId, StorageClass, Upload,
    VersionId,
};

/// The versioning state of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Versioning {
    Off,
    On,
    Suspended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Version,
    Marker,
    Upload,
}

/// A version, delete marker or upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub key: String,
    pub id: String,
    pub kind: Kind,
    pub owner: &'static str,
    pub metadata: Option<&'static str>,
    /// Its position in the order of all writes.
    pub at: u64,
}

#[derive(Debug, Clone)]
struct Held {
    versioning: Versioning,
    things: Vec<Thing>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    buckets: BTreeMap<String, Held>,
    clock: u64,
    /// Buckets in which nobody may list more than one user's folders.
    pub denied: BTreeSet<String>,
    /// Whether the store lists uploads under keys that it then does not recognise.
    pub unknown_uploads: bool,
    /// The prefix of the keys that are replicated.
    pub replicated: &'static str,
}

impl Store {
    pub(super) fn add(&mut self, bucket: &str, versioning: Versioning) {
        let held = Held {
            versioning,
            things: Vec::new(),
        };
        self.buckets.insert(bucket.to_owned(), held);
    }

    /// The number of the last write.
    pub(super) fn now(&self) -> u64 {
        self.clock
    }

    pub(super) fn put(
        &mut self,
        bucket: &str,
        key: &str,
        owner: &'static str,
        metadata: Option<&'static str>,
    ) {
        self.write(bucket, key, Kind::Version, owner, metadata);
    }

    /// Deletes the current object, as a DELETE without a version id does.
    pub(super) fn delete(&mut self, bucket: &str, key: &str) {
        let newest = self
            .things_at(bucket, key)
            .filter(|one| one.kind != Kind::Upload);
        let Some(newest) = newest.max_by_key(|one| one.at).cloned() else {
            return;
        };
        if newest.kind == Kind::Marker {
            return;
        }
        let held = self.buckets.get_mut(bucket).unwrap();
        if held.versioning == Versioning::Off {
            held.things
                .retain(|one| one.key != key || one.kind == Kind::Upload);
        } else {
            self.write(bucket, key, Kind::Marker, newest.owner, None);
        }
    }

    fn write(
        &mut self,
        bucket: &str,
        key: &str,
        kind: Kind,
        owner: &'static str,
        metadata: Option<&'static str>,
    ) {
        self.clock += 1;
        let at = self.clock;
        let held = self.buckets.get_mut(bucket).unwrap();
        let id = if held.versioning == Versioning::On {
            format!("v{at}")
        } else {
            held.things.retain(|one| one.key != key || one.id != "null");
            "null".to_owned()
        };
        held.things.push(Thing {
            key: key.to_owned(),
            id,
            kind,
            owner,
            metadata,
            at,
        });
    }

    pub(super) fn begin(&mut self, bucket: &str, key: &str, owner: &'static str) {
        self.clock += 1;
        let at = self.clock;
        let held = self.buckets.get_mut(bucket).unwrap();
        let id = format!("u{at}");
        let key = key.to_owned();
        held.things.push(Thing {
            key,
            id,
            kind: Kind::Upload,
            owner,
            metadata: None,
            at,
        });
    }

    /// Removes every version and delete marker of a key without a trace.
    pub(super) fn remove_all(&mut self, bucket: &str, key: &str) {
        let held = self.buckets.get_mut(bucket).unwrap();
        held.things
            .retain(|one| one.key != key || one.kind == Kind::Upload);
    }

    pub(super) fn remove_of(&mut self, bucket: &str, key: &str, owner: &str) {
        let held = self.buckets.get_mut(bucket).unwrap();
        held.things
            .retain(|one| one.key != key || one.owner != owner);
    }

    /// Removes one version, delete marker or upload, and returns it.
    pub(super) fn remove(
        &mut self,
        bucket: &str,
        key: &str,
        kind: Kind,
        id: &str,
    ) -> Option<Thing> {
        let things = &mut self.buckets.get_mut(bucket)?.things;
        let is_it = |one: &Thing| one.key == key && one.kind == kind && one.id == id;
        let at = things.iter().position(is_it)?;
        Some(things.remove(at))
    }

    pub(super) fn things_at<'s>(
        &'s self,
        bucket: &str,
        key: &str,
    ) -> impl Iterator<Item = &'s Thing> + use<'s> {
        let key = key.to_owned();
        let things = self
            .buckets
            .get(bucket)
            .into_iter()
            .flat_map(|held| &held.things);
        things.filter(move |one| one.key == key)
    }

    pub(super) fn has_things(&self, bucket: &str, key: &str) -> bool {
        self.things_at(bucket, key).next().is_some()
    }

    pub(super) fn has_versions(&self, bucket: &str, key: &str) -> bool {
        self.things_at(bucket, key)
            .any(|one| one.kind == Kind::Version)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Thing)> {
        let buckets = self.buckets.iter();
        buckets.flat_map(|(name, held)| held.things.iter().map(|one| (name.as_str(), one)))
    }

    /// The objects that a GET without a version id returns.
    pub(super) fn current(&self) -> Vec<(String, Thing)> {
        let things = self
            .all()
            .filter(|(bucket, one)| self.is_latest(bucket, one));
        let things = things.filter(|(_, one)| one.kind == Kind::Version);
        things
            .map(|(bucket, one)| (bucket.to_owned(), one.clone()))
            .collect()
    }

    fn is_latest(&self, bucket: &str, thing: &Thing) -> bool {
        let others = self
            .things_at(bucket, &thing.key)
            .filter(|one| one.kind != Kind::Upload);
        thing.kind != Kind::Upload && others.map(|one| one.at).max() == Some(thing.at)
    }

    /// Where a bucket is replicated.
    pub(super) fn replication(&self, bucket: &str) -> Vec<ReplicationPath> {
        let replica = super::application::REPLICA;
        let is_source = bucket == super::application::MEDIA;
        let path = (is_source && self.buckets.contains_key(replica)).then(|| ReplicationPath {
            from: BucketName::new(bucket).unwrap(),
            to: BucketName::new(replica).unwrap(),
            prefix: self.replicated.to_owned(),
        });
        path.into_iter().collect()
    }

    /// The answer that S3 would give.
    pub(super) fn answer(
        &self,
        question: &Question,
        rules: &Blueprint,
        owner: &OwnerId,
    ) -> Answer<String> {
        match question {
            Question::Account => {
                let names = self
                    .buckets
                    .keys()
                    .map(|name| BucketName::new(name.as_str()).unwrap());
                Answer::Account(Ok(names.collect()))
            }
            Question::Bucket(name) => Answer::Bucket(if self.buckets.contains_key(name.as_str()) {
                Presence::There(None)
            } else {
                Presence::Missing
            }),
            Question::Replication(name) => Answer::Replication(Ok(self.replication(name.as_str()))),
            Question::VersionsOfUser { bucket, by } => {
                let plan = rules.bucket(by).unwrap().owner_plan(owner);
                let unshaped = plan.impossible.iter().filter_map(|one| one.walk.as_ref());
                let walks: Vec<_> = plan.walks.iter().chain(unshaped).collect();
                self.versions(bucket, |key| walks.iter().any(|walk| walk.covers(key)))
            }
            Question::VersionsBelow { bucket, prefixes }
                if self.denied.contains(bucket.as_str())
                    && !prefixes.iter().all(|prefix| place::is_place(prefix)) =>
            {
                let mut coverage = Coverage::Complete;
                coverage.miss(Gap::failed(bucket.as_str(), "denied".to_owned()));
                let items = Vec::new();
                Answer::Versions(Listed { items, coverage })
            }
            Question::VersionsBelow { bucket, prefixes } => self.versions(bucket, |key| {
                prefixes.iter().any(|prefix| key.starts_with(prefix))
            }),
            Question::Uploads(bucket) => {
                let things = self
                    .all()
                    .filter(|(name, one)| *name == bucket.as_str() && one.kind == Kind::Upload);
                let mut items: Vec<Upload> = things
                    .map(|(_, one)| Upload {
                        key: ObjectKey::new(one.key.as_str()).unwrap(),
                        upload_id: one.id.clone(),
                        initiated: None,
                        storage_class: StorageClass::default(),
                    })
                    .collect();
                items.sort_by(|a, b| a.key.cmp(&b.key));
                Answer::Uploads(Listed {
                    items,
                    coverage: Coverage::Complete,
                })
            }
            Question::Standing(claim) => {
                let key = claim.key.as_str();
                let Answer::Versions(listed) = self.versions(&claim.bucket, |one| one == key)
                else {
                    unreachable!()
                };
                Answer::Standing(Ok(listed.items))
            }
            Question::Metadata {
                bucket,
                key,
                version,
            } => {
                let mut things = self.things_at(bucket.as_str(), key.as_str());
                let thing =
                    things.find(|one| one.kind == Kind::Version && one.id == version.as_str());
                Answer::Metadata(Ok(thing.map(|one| {
                    let entry = one
                        .metadata
                        .map(|value| ("owner".to_owned(), value.to_owned()));
                    entry.into_iter().collect()
                })))
            }
            Question::Stored { .. } => {
                Answer::Stored(Ok((!self.unknown_uploads).then_some(ByteSize(1))))
            }
        }
    }

    fn versions(&self, bucket: &BucketName, wanted: impl Fn(&str) -> bool) -> Answer<String> {
        let things = self.all().filter(|(name, one)| {
            *name == bucket.as_str() && one.kind != Kind::Upload && wanted(&one.key)
        });
        let mut things: Vec<&Thing> = things.map(|(_, one)| one).collect();
        things.sort_by(|a, b| (&a.key, b.at).cmp(&(&b.key, a.at)));
        let items = things.into_iter().map(|one| ObjectVersion {
            object: ObjectSummary {
                key: ObjectKey::new(one.key.as_str()).unwrap(),
                size: ByteSize(1),
                last_modified: None,
                storage_class: StorageClass::default(),
                etag: None,
            },
            version_id: VersionId(one.id.clone()),
            is_latest: self.is_latest(bucket.as_str(), one),
            is_delete_marker: one.kind == Kind::Marker,
        });
        Answer::Versions(Listed {
            items: items.collect(),
            coverage: Coverage::Complete,
        })
    }
}
