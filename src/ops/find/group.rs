//! Totals of what was found, by bucket and reason.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::change::{Item, What};
use crate::domain::{BucketName, ByteSize, StorageClass};

/// The items of one bucket with the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub bucket: BucketName,
    /// Why these are the user's, such as `layout upload`.
    pub why: String,
    pub versions: u64,
    pub markers: u64,
    pub uploads: u64,
    /// Size of versions and of parts of uploads.
    pub bytes: ByteSize,
    /// Number and size of versions and uploads by storage class.
    pub classes: BTreeMap<StorageClass, (u64, ByteSize)>,
    /// When the oldest was written; `None` if no time is known.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest was written; `None` if no time is known.
    pub newest: Option<DateTime<Utc>>,
}

impl Group {
    fn new(item: &Item) -> Self {
        Self {
            bucket: item.claim.bucket.clone(),
            why: item.claim.group(),
            versions: 0,
            markers: 0,
            uploads: 0,
            bytes: ByteSize(0),
            classes: BTreeMap::new(),
            oldest: None,
            newest: None,
        }
    }

    /// The number of versions, delete markers and uploads.
    #[must_use]
    pub(crate) fn items(&self) -> u64 {
        self.versions + self.markers + self.uploads
    }

    fn add(&mut self, item: &Item) {
        match item.what {
            What::Version { .. } => self.versions += 1,
            What::Marker { .. } => self.markers += 1,
            What::Upload { .. } => self.uploads += 1,
        }
        self.bytes += item.size;
        if !matches!(item.what, What::Marker { .. }) {
            let class = self.classes.entry(item.class.clone()).or_default();
            class.0 += 1;
            class.1 += item.size;
        }
        if let Some(written) = item.written {
            self.oldest = Some(self.oldest.map_or(written, |oldest| oldest.min(written)));
            self.newest = Some(self.newest.map_or(written, |newest| newest.max(written)));
        }
    }
}

/// The groups, by bucket and reason.
#[must_use]
pub(crate) fn groups(items: &[Item]) -> Vec<Group> {
    let mut groups: BTreeMap<(BucketName, String), Group> = BTreeMap::new();
    for item in items {
        let of = (item.claim.bucket.clone(), item.claim.group());
        groups
            .entry(of)
            .or_insert_with(|| Group::new(item))
            .add(item);
    }
    groups.into_values().collect()
}
