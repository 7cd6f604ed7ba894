//! Verdicts that need no list: keys with only noncurrent versions, and incomplete uploads.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Kind, Reason, Verdict};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::columns::Columns;
use crate::domain::ownership::{Explanation, Ownership, Seen};
use crate::domain::{ByteSize, ObjectKey, ObjectVersion, StorageClass, Upload};

/// The default age limit of an upload, if the blueprint has none.
pub(crate) const UPLOAD_LIMIT: TimeDelta = TimeDelta::days(7);

/// Collects keys without a current object while versions are listed.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    /// The bucket, if the metadata of each version names its owner. s3warden does not read the metadata of noncurrent
    /// versions.
    by_metadata: Option<BucketBlueprint>,
    /// By layout, the number of current objects that have such noncurrent versions.
    older: BTreeMap<String, u64>,
    /// The key whose versions are arriving, one for each segment of the listing.
    open: BTreeMap<u64, Bygone>,
    without_current: Vec<Bygone>,
}

#[derive(Debug)]
struct Bygone {
    key: ObjectKey,
    versions: u64,
    markers: u64,
    bytes: ByteSize,
    newest: Option<DateTime<Utc>>,
    /// Whether the time of every version is known.
    is_dated: bool,
    class: Option<StorageClass>,
    has_current: bool,
}

impl Versions {
    #[must_use]
    pub(crate) fn of(rules: &BucketBlueprint) -> Self {
        let mut layouts = rules.layouts.iter();
        let by_metadata = layouts.any(|one| matches!(one.owner(), OwnerSource::Metadata(_)));
        Self {
            by_metadata: by_metadata.then(|| rules.clone()),
            ..Self::default()
        }
    }

    /// Adds a version. Within a segment, the versions of a key arrive one after the other.
    pub(crate) fn add(&mut self, segment: u64, version: &ObjectVersion) {
        let key = &version.object.key;
        if self.open.get(&segment).is_none_or(|open| open.key != *key) {
            self.close(segment);
            self.open.insert(segment, Bygone::new(key.clone()));
        }
        if let Some(open) = self.open.get_mut(&segment) {
            open.add(version);
        }
    }

    /// Ends a segment.
    pub(crate) fn close(&mut self, segment: u64) {
        let Some(key) = self.open.remove(&segment) else {
            return;
        };
        if !key.has_current {
            self.without_current.push(key);
        } else if key.versions > 1
            && let Some(rules) = &self.by_metadata
            && let Some((layout, _)) = rules.metadata_of(key.key.as_str())
        {
            *self.older.entry(layout.to_owned()).or_default() += 1;
        }
    }

    /// By layout with owners in metadata: how many current objects have noncurrent versions, which may be another
    /// user's. Call it after the last version.
    pub(crate) fn older_of_others(&mut self) -> &BTreeMap<String, u64> {
        for segment in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(segment);
        }
        &self.older
    }

    /// The keys that have versions but no current object. Call it after the last version.
    pub(crate) fn hidden(&mut self) -> Vec<ObjectKey> {
        for segment in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(segment);
        }
        let keys = self.without_current.iter();
        let hidden = keys.filter(|key| key.versions > 0);
        hidden.map(|key| key.key.clone()).collect()
    }

    /// The verdicts, by key, and the number of keys that are too young. `objects` are all current objects; `before` is
    /// the same as in the join.
    #[must_use]
    pub(crate) fn finish(
        mut self,
        bucket: &BucketBlueprint,
        objects: &Columns,
        ownership: &Ownership<'_>,
        before: DateTime<Utc>,
    ) -> (Vec<Verdict>, u64) {
        for segment in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(segment);
        }
        let mut keys = self.without_current;
        // A server that lists without order may return a key in two places.
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        keys.dedup_by(|later, key| {
            let same = later.key == key.key;
            if same {
                key.merge(later);
            }
            same
        });
        let keys = keys.into_iter();
        let (old, young): (Vec<Bygone>, Vec<Bygone>) = keys
            .filter(|key| objects.find(key.key.as_str()).is_err())
            .partition(|key| key.is_dated && key.newest.is_some_and(|newest| newest < before));
        let verdicts = old
            .into_iter()
            .map(|key| {
                let (layout, owner) = whose(bucket, ownership, key.key.as_str());
                Verdict {
                    kind: Kind::VersionsOnly,
                    bucket: bucket.name.clone(),
                    size: Some(key.bytes),
                    last_modified: key.newest,
                    storage_class: key.class,
                    etag: None,
                    upload_id: None,
                    layout,
                    owner,
                    reason: Reason::NoCurrent {
                        versions: key.versions,
                        markers: key.markers,
                    },
                    key: key.key,
                }
            })
            .collect();
        (verdicts, young.len() as u64)
    }
}

impl Bygone {
    fn new(key: ObjectKey) -> Self {
        Self {
            key,
            versions: 0,
            markers: 0,
            bytes: ByteSize(0),
            newest: None,
            is_dated: true,
            class: None,
            has_current: false,
        }
    }

    fn add(&mut self, version: &ObjectVersion) {
        let object = &version.object;
        self.newest = self.newest.max(object.last_modified);
        self.is_dated &= object.last_modified.is_some();
        if version.is_delete_marker {
            self.markers += 1;
            return;
        }
        self.versions += 1;
        self.bytes += object.size;
        // The newest version comes first; its storage class represents all.
        self.class
            .get_or_insert_with(|| object.storage_class.clone());
        self.has_current |= version.is_latest;
    }

    fn merge(&mut self, other: &Self) {
        self.versions += other.versions;
        self.markers += other.markers;
        self.bytes += other.bytes;
        self.newest = self.newest.max(other.newest);
        self.is_dated &= other.is_dated;
    }
}

/// The verdict on an upload that was started too long ago: before `before`, and longer ago than the limit in the
/// blueprint or else [`UPLOAD_LIMIT`].
#[must_use]
pub(crate) fn upload(
    bucket: &BucketBlueprint,
    upload: &Upload,
    ownership: &Ownership<'_>,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Option<Verdict> {
    let key = upload.key.as_str();
    let (layout, owner) = whose(bucket, ownership, key);
    let limit = limit(bucket, layout.as_deref(), key).max(now - before);
    let begun = upload.initiated?;
    (now - begun > limit).then(|| Verdict {
        kind: Kind::UploadAbandoned,
        bucket: bucket.name.clone(),
        key: upload.key.clone(),
        size: None,
        last_modified: Some(begun),
        storage_class: Some(upload.storage_class.clone()),
        etag: None,
        upload_id: Some(upload.upload_id.clone()),
        layout,
        owner,
        reason: Reason::Unfinished {
            limit: limit.num_hours(),
        },
    })
}

/// The time limit for an upload to this key.
fn limit(bucket: &BucketBlueprint, layout: Option<&str>, key: &str) -> TimeDelta {
    let rules = bucket.expect.lifecycle.iter().flatten();
    rules
        .filter(|rule| match rule.layouts.as_slice() {
            [] => key.starts_with(&rule.prefix),
            layouts => layouts.iter().any(|id| Some(id.as_str()) == layout),
        })
        .filter_map(|rule| rule.abort_uploads_days)
        .min()
        .map_or(UPLOAD_LIMIT, |days| TimeDelta::days(days.into()))
}

/// The layout of a key and its owner, as far as they are known.
fn whose(
    bucket: &BucketBlueprint,
    ownership: &Ownership<'_>,
    key: &str,
) -> (Option<String>, Option<String>) {
    let whose = ownership.whose(&bucket.name, key, &Seen::default());
    let owner = whose.owner().map(|owner| owner.as_str().to_owned());
    match whose.explanation {
        Explanation::Layout { layout, .. } => (Some(layout), owner),
        Explanation::Rule { .. } | Explanation::Nothing => (None, owner),
    }
}
