//! Every key that is the user's, as far as the search came.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::change::{Claim, Why};
use crate::domain::{BucketName, ObjectKey};

/// Keys that are the user's, whether or not anything stands under them. There may be hundreds of thousands: looking for
/// one copies nothing.
#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<BucketName, BTreeMap<ObjectKey, Claimed>>);

#[derive(Debug)]
struct Claimed {
    claim: Arc<Claim>,
    /// Something stands under it, or a record, a replica or whoever asks says that something stood there.
    is_known: bool,
}

impl Claims {
    pub(super) fn get(&self, bucket: &BucketName, key: &ObjectKey) -> Option<&Arc<Claim>> {
        Some(&self.0.get(bucket)?.get(key)?.claim)
    }

    pub(super) fn contain(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.get(bucket, key).is_some()
    }

    /// All of them, by bucket and key.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Claim>> {
        let keys = self.0.values().flat_map(BTreeMap::values);
        keys.map(|claimed| &claimed.claim)
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

    /// Takes a claim in that somebody else made, where there is none to its key.
    pub(super) fn put(&mut self, claim: Arc<Claim>) {
        let keys = match self.0.get_mut(&claim.bucket) {
            Some(keys) => keys,
            None => self.0.entry(claim.bucket.clone()).or_default(),
        };
        keys.entry(claim.key.clone()).or_insert(Claimed {
            claim,
            is_known: false,
        });
    }

    /// Something stands under a claimed key, or stood there.
    pub(super) fn mark_known(&mut self, claim: &Claim) {
        let keys = self.0.get_mut(&claim.bucket);
        if let Some(claimed) = keys.and_then(|keys| keys.get_mut(&claim.key)) {
            claimed.is_known = true;
        }
    }

    pub(super) fn is_known(&self, claim: &Claim) -> bool {
        let keys = self.0.get(&claim.bucket);
        keys.and_then(|keys| keys.get(&claim.key))
            .is_some_and(|claimed| claimed.is_known)
    }
}
