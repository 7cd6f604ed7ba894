//! What a search found, and how far it came.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::change::Item;
use crate::domain::coverage::Coverage;
use crate::domain::{BucketName, ObjectKey, Region};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<E> {
    /// Everything, by bucket and key; under a key versions and markers newest first, then uploads.
    pub items: Vec<Item>,
    /// The buckets that were searched, and the Region of each as far as the service tells.
    pub searched: BTreeMap<BucketName, Option<Region>>,
    /// From which bucket to which replication copies, by the blueprint or by the buckets' configuration.
    pub replication: BTreeSet<(BucketName, BucketName)>,
    /// Keys whose metadata was read and names the user, of the objects that only metadata tells whose they are.
    pub told: BTreeSet<(BucketName, ObjectKey)>,
    /// How many HEAD requests it would have taken to learn all owners; `None` where they were allowed.
    pub heads_wanted: Option<u64>,
    /// Keys of items that are made from something as well that is there and not known to be the user's: they are not to
    /// be deleted.
    pub shared: BTreeSet<(BucketName, ObjectKey)>,
    /// Layouts that no object of this user can follow, and why: `(bucket, layout, why)`.
    pub impossible: Vec<(BucketName, String, String)>,
    /// Complete, or what could not be searched and why.
    pub coverage: Coverage<E>,
}

impl<E> Default for Found<E> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            searched: BTreeMap::new(),
            replication: BTreeSet::new(),
            told: BTreeSet::new(),
            heads_wanted: None,
            shared: BTreeSet::new(),
            impossible: Vec::new(),
            coverage: Coverage::Complete,
        }
    }
}
