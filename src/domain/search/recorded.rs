//! Claims that are known before the search: from the application's records, and from an earlier search.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use super::{Search, names_owner};
use crate::domain::ObjectKey;
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Explanation, Seen, takes_records};
use crate::domain::registry::likeness;

impl<E: Display + PartialEq> Search<'_, E> {
    /// The claims from the application's records, in every bucket whose layouts take the owner from records.
    pub(super) fn recorded(&mut self) -> Vec<Arc<Claim>> {
        let subject = self.subject;
        let mut claims = Vec::new();
        let owner = subject.owner.as_str();
        let texts = subject.records.into_iter().flatten().map(String::as_str);
        // Keys that the records also give to other users are contested, and reported as such.
        let shared = subject.list.into_iter();
        let shared = shared.flat_map(|list| list.contested_of(owner));
        for text in texts.chain(shared) {
            let Ok(key) = ObjectKey::new(text) else {
                self.unexplained += 1;
                continue;
            };
            let mut buckets = subject.blueprint.buckets.iter();
            if !buckets.any(|bucket| self.explains(bucket, text)) {
                self.unexplained += 1;
            } else if likeness::is_rewritten(text) && !self.is_swept(&key) {
                self.rewritten.push(key.clone());
            }
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

    /// Whether a layout or a rule explains the key.
    fn explains(&self, bucket: &BucketBlueprint, key: &str) -> bool {
        let seen = Seen::default();
        let whose = || self.ownership.whose(&bucket.name, key, &seen);
        !matches!(bucket.locate(key), Location::Unreadable)
            || self.ownership.is_target(&bucket.name) && whose().explanation != Explanation::Nothing
    }

    /// Whether the key itself names the user. The sweep then finds everything there, and an empty result is certain.
    fn is_swept(&self, key: &ObjectKey) -> bool {
        let mut buckets = self.subject.blueprint.buckets.iter();
        buckets.any(|bucket| names_owner(bucket, key, self.subject).is_some())
    }

    /// Reports records whose owner is written as several ids, the user's among them.
    pub(super) fn say_which_records_name_several(&mut self) {
        let shared = self.subject.list;
        let shared = shared.map_or(0, |list| {
            list.records_shared_by(self.subject.owner.as_str())
        });
        let what = match shared {
            0 => return,
            1 => "the object of 1 record".to_owned(),
            more => format!("the objects of {more} records"),
        };
        let why = "the record names this user among others";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// Reports records of the user that seem to mean an object but lead to none. Either the blueprint does not explain
    /// their keys, or they are written in another form and nothing exists there.
    pub(super) fn say_which_records_lead_nowhere(&mut self) {
        let found: BTreeSet<&ObjectKey> = if self.rewritten.is_empty() {
            BTreeSet::new()
        } else {
            let items = self.found.items.iter();
            let contested = self.found.contested.iter().map(|one| &one.item);
            items.chain(contested).map(|one| &one.claim.key).collect()
        };
        let rewritten = self.rewritten.iter();
        let rewritten = rewritten.filter(|key| !found.contains(key)).count() as u64;
        let what = match self.unexplained + rewritten {
            0 => return,
            1 => "the object of 1 record of this user".to_owned(),
            more => format!("the objects of {more} records of this user"),
        };
        let why = "no layout and no rule of the blueprint explains the key in the record, or nothing is stored under it as it is written: if the list writes keys in another form, such as URLs or with a slash before them, state that with `normalize` in the blueprint";
        self.found.coverage.miss(Gap::new(what, why));
    }

    /// The claims from an earlier search. Keys that name the user were swept; the others are looked up.
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
            // Owners from metadata were read again when the bucket was listed. An old claim of this kind is not
            // trusted.
            let by_metadata = |why: &Why| matches!(why, Why::Metadata { .. });
            let was_asked = by_metadata(&claim.why)
                || matches!(&claim.why, Why::QuarantinedCopy { source } if by_metadata(&source.why))
                || names_owner(bucket, &claim.key, subject).is_some();
            if !was_asked && self.found.searched.contains_key(&claim.bucket) {
                to_look_up.push(Arc::clone(claim));
            }
        }
        to_look_up
    }
}
