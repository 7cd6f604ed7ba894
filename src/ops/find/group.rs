//! Adds up what was found, by bucket and by why it is the user's.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::change::{Item, What};
use crate::domain::{BucketName, ByteSize, StorageClass};

/// What one bucket holds for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub bucket: BucketName,
    /// Why these are the user's, in words: `layout upload`.
    pub why: String,
    /// Versions of objects.
    pub versions: u64,
    /// Delete markers.
    pub markers: u64,
    /// Incomplete uploads.
    pub uploads: u64,
    /// Versions and parts of uploads together.
    pub bytes: ByteSize,
    /// Versions and uploads by storage class, with their sizes.
    pub classes: BTreeMap<StorageClass, (u64, ByteSize)>,
    /// When the oldest was written; `None` where that is known of none.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest was written; `None` where that is known of none.
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

    /// Versions, markers and uploads together.
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
