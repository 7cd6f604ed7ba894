//! Every key that is the user's, as far as the search came.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::change::{Claim, Why};
use crate::domain::{BucketName, ObjectKey};

/// Keys that are the user's, and what is known of them. There may be hundreds of thousands: looking for one copies nothing.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Whether or not anything stands under it.
    claims: BTreeMap<BucketName, BTreeMap<ObjectKey, Arc<Claim>>>,
    /// Keys under which something stands, or of which a record, a replica or a copy in quarantine says that something
    /// stood there.
    known: BTreeMap<BucketName, BTreeSet<ObjectKey>>,
}

impl Claims {
    pub(super) fn get(&self, bucket: &BucketName, key: &ObjectKey) -> Option<&Arc<Claim>> {
        self.claims.get(bucket)?.get(key)
    }

    pub(super) fn contain(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.get(bucket, key).is_some()
    }

    /// All of them, by bucket and key.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Claim>> {
        self.claims.values().flat_map(BTreeMap::values)
    }

    /// The claim to a key: the one that there is, or a new one.
    pub(super) fn claim(&mut self, bucket: &BucketName, key: &ObjectKey, why: Why) -> Arc<Claim> {
        if let Some(claim) = self.get(bucket, key) {
            return Arc::clone(claim);
        }
        let claim = Arc::new(Claim {
            bucket: bucket.clone(),
            key: key.clone(),
            why,
        });
        self.put(Arc::clone(&claim));
        claim
    }

    /// Takes in a claim that somebody else made.
    pub(super) fn put(&mut self, claim: Arc<Claim>) {
        let keys = match self.claims.get_mut(&claim.bucket) {
            Some(keys) => keys,
            None => self.claims.entry(claim.bucket.clone()).or_default(),
        };
        keys.insert(claim.key.clone(), claim);
    }

    /// Something stands under a key, or stood there.
    pub(super) fn know(&mut self, bucket: &BucketName, key: &ObjectKey) {
        let keys = match self.known.get_mut(bucket) {
            Some(keys) => keys,
            None => self.known.entry(bucket.clone()).or_default(),
        };
        if !keys.contains(key) {
            keys.insert(key.clone());
        }
    }

    /// Whether anything is known ever to have stood under a claimed key.
    pub(super) fn are_known_to_hold(&self, claim: &Claim) -> bool {
        let keys = self.known.get(&claim.bucket);
        keys.is_some_and(|keys| keys.contains(&claim.key))
    }
}
