//! Derives new claims from existing ones: derived objects, replicas, and the originals of replicas.

use std::fmt::Display;
use std::sync::Arc;

use super::{Search, names_owner};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::{BucketName, ObjectKey};

impl<E: Display + PartialEq> Search<'_, E> {
    /// Returns the claims that follow from `fresh`: new keys of derived objects and replicas.
    pub(super) fn follow(&mut self, fresh: &[Arc<Claim>]) -> Vec<Arc<Claim>> {
        let mut candidates = Vec::new();
        for claim in fresh {
            // Nothing can have been derived from an object that never existed, as far as s3warden knows.
            if self.claims.are_known_to_hold(claim) {
                // Objects are derived from the original, never from its quarantined copy.
                let source = match &claim.why {
                    Why::QuarantinedCopy { source } => source,
                    _ => claim,
                };
                candidates.extend(self.made_of(source));
            }
            if let Some((place, why)) = self.copy_of(claim) {
                candidates.extend(self.candidate(&claim.bucket, &place, why));
            }
            for (_, to) in self
                .replicated_pairs()
                .into_iter()
                .filter(|(from, _)| *from == claim.bucket)
            {
                if self.is_no_replica(&claim.bucket, &to, claim.key.as_str()) {
                    continue;
                }
                let why = Why::Replica {
                    source: Arc::clone(claim),
                };
                candidates.extend(self.candidate(&to, &claim.key, why));
            }
            candidates.extend(self.originals(claim));
        }
        candidates
    }

    /// Claims to the objects that the application derives from a source.
    fn made_of(&mut self, source: &Arc<Claim>) -> Vec<Arc<Claim>> {
        let mut candidates = Vec::new();
        let Some(bucket) = self.bucket(&source.bucket) else {
            return candidates;
        };
        for derived in bucket.derived_of(source.key.as_str()) {
            let Ok(key) = ObjectKey::new(derived.key) else {
                continue;
            };
            let why = Why::Derived {
                rule: derived.rule,
                source: Arc::clone(source),
            };
            candidates.extend(self.candidate(&derived.bucket, &key, why));
        }
        candidates
    }

    /// Claims to the originals of a replica. The original existed, so other objects may have been derived from it.
    fn originals(&mut self, claim: &Arc<Claim>) -> Vec<Arc<Claim>> {
        let origins = self.replicated_pairs().into_iter();
        let mut claims = Vec::new();
        for (from, _) in origins.filter(|(_, to)| *to == claim.bucket) {
            if self.claims.contain(&from, &claim.key) {
                continue;
            }
            let why = self
                .bucket(&from)
                .and_then(|bucket| names_owner(bucket, &claim.key, self.subject));
            if let Some(why) = why {
                let claim = self.claims.claim(&from, &claim.key, why);
                self.weigh(&claim);
                self.claims.know(&claim.bucket, &claim.key);
                claims.push(claim);
            }
        }
        claims
    }

    /// A claim to a key that the search does not know yet. If the key names the user and exists, the sweep has already
    /// found it.
    fn candidate(&mut self, bucket: &BucketName, key: &ObjectKey, why: Why) -> Option<Arc<Claim>> {
        if self.claims.contain(bucket, key) {
            return None;
        }
        let Some(rules) = self.bucket(bucket) else {
            self.found.coverage.miss(Gap::new(
                format!("what was made in {bucket}"),
                "the blueprint says that objects are made there, and does not name that bucket",
            ));
            return None;
        };
        if !self.found.searched.contains_key(bucket) {
            return None;
        }
        if names_owner(rules, key, self.subject).is_some() {
            return None;
        }
        let claim = self.claims.claim(bucket, key, why);
        self.weigh(&claim);
        Some(claim)
    }
}
