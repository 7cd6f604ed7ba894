//! Every key that is the user's, as far as the search came.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;

use crate::domain::change::{Claim, Why};
use crate::domain::{BucketName, ObjectKey};

/// Keys that are the user's, and what is known of them. There may be hundreds of thousands, and each is asked about in
/// every step: so they are hashed, and looking for one copies nothing.
#[derive(Debug, Default)]
pub(super) struct Claims {
    keys: BTreeMap<BucketName, HashMap<ObjectKey, Held>>,
    /// Those of which it is not plain that they are the user's alone, in the order in which they were doubted.
    doubted: Vec<Arc<Claim>>,
    /// In the order in which they were made: hashes have none, and one search is to go as another.
    made: Vec<Arc<Claim>>,
}

/// What is known of a key.
#[derive(Debug, Default)]
struct Held {
    /// The claim to it, whether or not anything stands under it.
    claim: Option<Arc<Claim>>,
    /// Whether it is not plain that it is the user's alone.
    is_doubted: bool,
    /// Whether other users have versions under it, too.
    is_mixed: bool,
    /// Whether something stands under it, or a record, a replica or a copy in quarantine says that something stood there.
    is_known: bool,
}

impl Claims {
    pub(super) fn get(&self, bucket: &BucketName, key: &ObjectKey) -> Option<&Arc<Claim>> {
        self.keys.get(bucket)?.get(key)?.claim.as_ref()
    }

    pub(super) fn contain(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        self.get(bucket, key).is_some()
    }

    /// All of them, the first that was made first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Claim>> {
        self.made.iter()
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
        self.put(&claim, false);
        claim
    }

    /// Takes in a claim from an earlier search, under whose key something stood then. Gives whether there was none to it.
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

    /// Something stands under a key, or stood there.
    pub(super) fn know(&mut self, bucket: &BucketName, key: &ObjectKey) {
        // Once a version: what is there already is not copied.
        let held = self.keys.get_mut(bucket).and_then(|keys| keys.get_mut(key));
        match held {
            Some(held) => held.is_known = true,
            None => self.held(bucket, key).is_known = true,
        }
    }

    /// It is not plain that what a claim is to is the user's alone.
    pub(super) fn doubt(&mut self, claim: &Arc<Claim>) {
        let held = self.held(&claim.bucket, &claim.key);
        if !std::mem::replace(&mut held.is_doubted, true) {
            self.doubted.push(Arc::clone(claim));
        }
    }

    /// Those that were doubted.
    pub(super) fn doubted(&self) -> &[Arc<Claim>] {
        &self.doubted
    }

    /// Other users have versions under a key, too.
    pub(super) fn mix(&mut self, bucket: &BucketName, key: &ObjectKey) {
        self.held(bucket, key).is_mixed = true;
    }

    /// Whether other users have versions under a key, too.
    pub(super) fn are_mixed(&self, bucket: &BucketName, key: &ObjectKey) -> bool {
        let held = self.keys.get(bucket).and_then(|keys| keys.get(key));
        held.is_some_and(|held| held.is_mixed)
    }

    fn held(&mut self, bucket: &BucketName, key: &ObjectKey) -> &mut Held {
        let keys = self.keys.entry(bucket.clone()).or_default();
        keys.entry(key.clone()).or_default()
    }

    /// Whether anything is known ever to have stood under a claimed key.
    pub(super) fn are_known_to_hold(&self, claim: &Claim) -> bool {
        let keys = self.keys.get(&claim.bucket);
        let held = keys.and_then(|keys| keys.get(&claim.key));
        held.is_some_and(|held| held.is_known)
    }
}
