//! What follows from a claim: derived objects and replicas, and what a replica says of where it came from.

use std::fmt::Display;
use std::sync::Arc;

use super::{Search, names_owner};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::{BucketName, ObjectKey};

impl<E: Display + PartialEq> Search<'_, E> {
    /// What follows from claims: keys of derived objects and of replicas that were not thought of before.
    pub(super) fn follow(&mut self, fresh: &[Arc<Claim>]) -> Vec<Arc<Claim>> {
        let mut candidates = Vec::new();
        for claim in fresh {
            // What never was there, as far as anybody knows, nothing was made from.
            if self.claims.are_known_to_hold(claim) {
                // Of a copy in quarantine nothing was made: of what it is the copy of.
                let source = match &claim.why {
                    Why::QuarantinedCopy { source } => source,
                    _ => claim,
                };
                candidates.extend(self.made_of(source));
            }
            if let Some((place, why)) = self.copy_of(claim) {
                candidates.extend(self.candidate(&claim.bucket, &place, why));
            }
            let copies: Vec<BucketName> = self
                .found
                .replication
                .iter()
                .filter(|(from, _)| *from == claim.bucket)
                .map(|(_, to)| to.clone())
                .collect();
            for to in copies {
                let why = Why::Replica {
                    source: Arc::clone(claim),
                };
                candidates.extend(self.candidate(&to, &claim.key, why));
            }
            candidates.extend(self.originals(claim));
        }
        candidates
    }

    /// What the application makes of something.
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

    /// What a replica says of where it came from: that the key was there, and that things may have been made from it.
    fn originals(&mut self, claim: &Arc<Claim>) -> Vec<Arc<Claim>> {
        let origins: Vec<BucketName> = self
            .found
            .replication
            .iter()
            .filter(|(_, to)| *to == claim.bucket)
            .map(|(from, _)| from.clone())
            .collect();
        let mut claims = Vec::new();
        for from in origins {
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

    /// A claim to a key that was not thought of before. One that names the user was found by the sweep if it is there.
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
