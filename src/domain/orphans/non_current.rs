//! What no list is needed for: keys of which only old versions are left, and uploads that nobody completed.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Kind, Reason, Verdict};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::columns::Columns;
use crate::domain::ownership::{Explanation, Ownership, Seen};
use crate::domain::{ByteSize, ObjectKey, ObjectVersion, StorageClass, Upload};

/// How old an upload has to be where the blueprint says nothing of it.
pub(crate) const UPLOAD_LIMIT: TimeDelta = TimeDelta::days(7);

/// Collects keys without a current object from versions as they are listed.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    /// The bucket, where the metadata of each version names its owner: nobody asks older ones.
    by_metadata: Option<BucketBlueprint>,
    /// By layout, under how many current objects there are such older versions.
    older: BTreeMap<String, u64>,
    /// The key whose versions are coming in, one for each segment of the listing.
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
    /// Whether it is known of all when they were written.
    is_dated: bool,
    class: Option<StorageClass>,
    has_current: bool,
}

impl Versions {
    /// None yet, of this bucket.
    #[must_use]
    pub(crate) fn of(rules: &BucketBlueprint) -> Self {
        let mut layouts = rules.layouts.iter();
        let by_metadata = layouts.any(|one| matches!(one.owner(), OwnerSource::Metadata(_)));
        Self {
            by_metadata: by_metadata.then(|| rules.clone()),
            ..Self::default()
        }
    }

    /// Takes a version in. Those of one key come one after the other within their segment.
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

    /// A segment yields no more.
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

    /// By layout whose owners stand in metadata: how many current objects have older versions, which may be others'.
    /// Everything was added.
    pub(crate) fn older_of_others(&mut self) -> &BTreeMap<String, u64> {
        for segment in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(segment);
        }
        &self.older
    }

    /// The keys that have versions, and no current object among them. Everything was added.
    pub(crate) fn hidden(&mut self) -> Vec<ObjectKey> {
        for segment in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(segment);
        }
        let keys = self.without_current.iter();
        let hidden = keys.filter(|key| key.versions > 0);
        hidden.map(|key| key.key.clone()).collect()
    }

    /// The verdicts, by key, and how many keys are too young for one. `objects` are all current ones; `before` is as in the
    /// join.
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
        // A server that lists in no order may tell a key in two places.
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
        // The newest version comes first: its class stands for all.
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

/// The verdict on an upload, when it has been under way for too long: longer than the blueprint lets it, else than
/// [`UPLOAD_LIMIT`], and in any case since before `before`.
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

/// How long the blueprint lets an upload to this key take.
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

/// The layout that explains a key and its owner, as far as they are told.
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
