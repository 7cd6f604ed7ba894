//! What is told beforehand: by the application's records, and by an earlier search.

use std::fmt::Display;
use std::sync::Arc;

use super::{Search, names_owner};
use crate::domain::ObjectKey;
use crate::domain::change::{Claim, Why};
use crate::domain::ownership::takes_records;

impl<E: Display + PartialEq> Search<'_, E> {
    /// The claims that the application's records make, in every bucket whose layouts leave these keys to the records.
    pub(super) fn recorded(&mut self) -> Vec<Arc<Claim>> {
        let subject = self.subject;
        let mut claims = Vec::new();
        let owner = subject.owner.as_str();
        let texts = subject.records.into_iter().flatten().map(String::as_str);
        // Those that records give to others as well are contested, and told as that.
        let shared = subject.list.into_iter();
        let shared = shared.flat_map(|list| list.contested_of(owner));
        for text in texts.chain(shared) {
            let Ok(key) = ObjectKey::new(text) else {
                continue;
            };
            for bucket in &subject.blueprint.buckets {
                let Some(layout) = takes_records(bucket, text, subject.owner) else {
                    continue;
                };
                if self.claims.contain(&bucket.name, &key) {
                    continue;
                }
                let why = Why::Record {
                    layout: layout.to_owned(),
                };
                let claim = self.claims.claim(&bucket.name, &key, why);
                self.weigh(&claim);
                self.claims.know(&claim.bucket, &claim.key);
                claims.push(claim);
            }
        }
        claims
    }

    /// The claims that were known beforehand. Those by keys that name the user were swept; the others are looked up.
    pub(super) fn remembered(&mut self) -> Vec<Arc<Claim>> {
        let subject = self.subject;
        let mut to_look_up = Vec::new();
        for claim in subject.known {
            let Some(bucket) = self.bucket(&claim.bucket) else {
                continue;
            };
            if !self.claims.remember(claim) {
                continue;
            }
            self.weigh(claim);
            // What only metadata tells was asked about when its bucket was listed, and is not believed otherwise.
            let by_metadata = |why: &Why| matches!(why, Why::Metadata { .. });
            let was_asked = by_metadata(&claim.why)
                || matches!(&claim.why, Why::Aside { source } if by_metadata(&source.why))
                || names_owner(bucket, &claim.key, subject).is_some();
            if !was_asked && self.found.searched.contains_key(&claim.bucket) {
                to_look_up.push(Arc::clone(claim));
            }
        }
        to_look_up
    }
}
