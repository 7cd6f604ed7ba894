//! The set of keys that belong to the user, and what the search knows about each.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;

use crate::domain::change::{Claim, Why};
use crate::domain::{BucketName, ObjectKey};

/// The user's keys. There may be hundreds of thousands, and every step looks them up. The maps are therefore hashed,
/// and a lookup copies nothing.
#[derive(Debug, Default)]
pub(super) struct Claims {
    keys: BTreeMap<BucketName, HashMap<ObjectKey, Held>>,
    /// Claims to keys that other users may share, in the order in which the doubt arose.
    doubted: Vec<Arc<Claim>>,
    /// In order of insertion. Hash maps have no order, and two runs of a search must give the same result.
    made: Vec<Arc<Claim>>,
}

#[derive(Debug, Default)]
struct Held {
    /// The claim to the key, whether or not an object exists there.
    claim: Option<Arc<Claim>>,
    /// Whether the key may belong to another user, too.
    is_doubted: bool,
    /// Whether other users also have versions under the key.
    is_mixed: bool,
    /// Whether something exists under the key, or a record, a replica or a quarantined copy shows that it once did.
    is_known: bool,
}

impl Claims {
    pub(super) fn get(&self, bucket: &BucketName, key: &ObjectKey) -> Option<&Arc<Claim>> {
        self.keys.get(bucket)?.get(key)?.claim.as_ref()
    }

    pub(super) fn contain(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.get(bucket, key).is_some()
    }

    /// All claims, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Claim>> {
        self.made.iter()
    }

    /// Returns the claim to a key, and adds one if there is none.
    pub(super) fn claim(&mut self, bucket: &BucketName, key: &ObjectKey, why: Why) -> Arc<Claim> {
        if let Some(claim) = self.get(bucket, key) {
            return Arc::clone(claim);
        }
        let claim = Arc::new(Claim {
            bucket: bucket.clone(),
            key: key.clone(),
            why,
        });
        self.put(&claim, false);
        claim
    }

    /// Adds a claim from an earlier search, which found something under the key. Returns whether the claim is new.
    pub(super) fn remember(&mut self, claim: &Arc<Claim>) -> bool {
        self.put(claim, true)
    }

    fn put(&mut self, claim: &Arc<Claim>, is_known: bool) -> bool {
        let keys = match self.keys.get_mut(&claim.bucket) {
            Some(keys) => keys,
            None => self.keys.entry(claim.bucket.clone()).or_default(),
        };
        if let Some(held) = keys.get_mut(&claim.key) {
            held.is_known |= is_known;
            if held.claim.is_some() {
                return false;
            }
            held.claim = Some(Arc::clone(claim));
        } else {
            let held = Held {
                claim: Some(Arc::clone(claim)),
                is_known,
                ..Held::default()
            };
            keys.insert(claim.key.clone(), held);
        }
        self.made.push(Arc::clone(claim));
        true
    }

    /// Records that something exists under a key, or did in the past.
    pub(super) fn know(&mut self, bucket: &BucketName, key: &ObjectKey) {
        // This runs once for every version: do not copy the key if it is already known.
        let held = self.keys.get_mut(bucket).and_then(|keys| keys.get_mut(key));
        match held {
            Some(held) => held.is_known = true,
            None => self.held(bucket, key).is_known = true,
        }
    }

    /// Records that the claim may not be the user's alone.
    pub(super) fn doubt(&mut self, claim: &Arc<Claim>) {
        let held = self.held(&claim.bucket, &claim.key);
        if !std::mem::replace(&mut held.is_doubted, true) {
            self.doubted.push(Arc::clone(claim));
        }
    }

    pub(super) fn doubted(&self) -> &[Arc<Claim>] {
        &self.doubted
    }

    /// Records that other users have versions under the key, too.
    pub(super) fn mix(&mut self, bucket: &BucketName, key: &ObjectKey) {
        self.held(bucket, key).is_mixed = true;
    }

    pub(super) fn are_mixed(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        let held = self.keys.get(bucket).and_then(|keys| keys.get(key));
        held.is_some_and(|held| held.is_mixed)
    }

    fn held(&mut self, bucket: &BucketName, key: &ObjectKey) -> &mut Held {
        let keys = self.keys.entry(bucket.clone()).or_default();
        keys.entry(key.clone()).or_default()
    }

    /// Whether anything is known to exist, or to have existed, under the key.
    pub(super) fn are_known_to_hold(&self, claim: &Claim) -> bool {
        let keys = self.keys.get(&claim.bucket);
        let held = keys.and_then(|keys| keys.get(&claim.key));
        held.is_some_and(|held| held.is_known)
    }
}
