//! What replication says about a key in the bucket that it writes into.

use super::{Evidence, Explanation, OwnerClaim, Ownership};
use crate::domain::BucketName;
use crate::domain::blueprint::{BucketBlueprint, Location};

/// Objects of one bucket are copied to another, under the same key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicationPath {
    /// The bucket of the originals.
    pub from: BucketName,
    /// The bucket of the replicas.
    pub to: BucketName,
    /// The prefix of the keys; an empty one matches all. Filters by tags are left out: a key may match.
    pub prefix: String,
}

impl ReplicationPath {
    /// Whether an object under this key is copied.
    #[must_use]
    pub(crate) fn covers(&self, key: &str) -> bool {
        key.starts_with(&self.prefix)
    }
}

/// What the layouts of one original's bucket say about a key.
pub(super) struct Original {
    pub explanation: Explanation,
    pub claims: Vec<OwnerClaim>,
}

/// The replication that a blueprint expects of a bucket.
pub(super) fn expected(from: &BucketBlueprint) -> impl Iterator<Item = ReplicationPath> + '_ {
    let rules = from.expect.replication.iter().flatten();
    rules.map(|rule| ReplicationPath {
        from: from.name.clone(),
        to: rule.to.clone(),
        prefix: rule.prefix.clone(),
    })
}

impl<'a> Ownership<'a> {
    /// Adds replication that a bucket's configuration names.
    pub(crate) fn learn_replication(&mut self, path: ReplicationPath) {
        if !self.replication.contains(&path) {
            self.replication.push(path);
        }
    }

    /// Whether any bucket is replicated to this one. If none is, no rule writes into it and no record names a key, the
    /// key's layout alone decides: [`BucketBlueprint::locate`] is the fast way then.
    #[must_use]
    pub(crate) fn is_destination(&self, bucket: &BucketName) -> bool {
        let mut paths = self.replication.iter();
        paths.any(|path| path.to == *bucket && path.from != *bucket)
    }

    /// The layout that takes the owner of the key's object from metadata, and the name of that metadata. A replica has
    /// the metadata of its original, so the layouts of the original's bucket count as well.
    #[must_use]
    pub(crate) fn metadata_of<'k>(
        &self,
        bucket: &BucketName,
        key: &'k str,
    ) -> Option<(&'k str, &'k str)>
    where
        'a: 'k,
    {
        let rules = self.buckets.iter().find(|rules| rules.name == *bucket);
        let own = rules.and_then(|rules| rules.metadata_of(key));
        own.or_else(|| {
            let mut origins = self.origins(bucket, key).into_iter();
            origins.find_map(|origin| origin.metadata_of(key))
        })
    }

    /// What the layouts say of the originals that an object under this key may be a replica of.
    pub(super) fn originals(&self, bucket: &BucketName, key: &str) -> Vec<Original> {
        let origins = self.origins(bucket, key).into_iter();
        origins.filter_map(|origin| original(origin, key)).collect()
    }

    /// The buckets from which objects under this key are replicated to a bucket, each once.
    fn origins(&self, bucket: &BucketName, key: &str) -> Vec<&'a BucketBlueprint> {
        if !self.is_destination(bucket) {
            return Vec::new();
        }
        let buckets = self.buckets.iter().copied();
        let is_origin = |from: &&BucketBlueprint| {
            let mut paths = self.replication.iter();
            from.name != *bucket
                && paths.any(|one| one.from == from.name && one.to == *bucket && one.covers(key))
        };
        buckets.filter(is_origin).collect()
    }
}

fn original(origin: &BucketBlueprint, key: &str) -> Option<Original> {
    let (layout, tail_parses) = match origin.locate(key) {
        Location::Owned {
            layout,
            tail_parses,
            ..
        } => (layout, tail_parses),
        Location::Unnamed { layout } => (layout, true),
        Location::Unreadable => return None,
    };
    let readings = origin.readings(key).into_iter();
    let claims = readings.filter_map(|reading| {
        Some(OwnerClaim {
            owner: reading.owner?,
            evidence: Evidence::Original {
                bucket: origin.name.clone(),
                layout: reading.layout.to_owned(),
            },
        })
    });
    Some(Original {
        explanation: Explanation::by_layout(layout, tail_parses),
        claims: claims.collect(),
    })
}
