//! What is made from another user's media as well.
//!
//! A rule that loses a part of the key makes one thumbnail from the sources of two users. Whoever is purged first must not
//! take it from the other. The rule tells where sources lie that become the same key; what is there now is listed, and
//! what becomes the key and is not known to be the user's keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Listed, Question};
use super::{Place, Search, Stage, names_owner};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::{BucketName, ObjectKey};

impl<E: Display + PartialEq> Search<'_, E> {
    /// Asks for what else may become what was made of the user's media.
    pub(super) fn ask_what_is_shared(&mut self) -> (Stage, Vec<Question>) {
        self.say_which_copies_nobody_tells();
        let derived = self.derived();
        let beginnings = self.beginnings(&derived);
        let mut buckets = Vec::new();
        let mut questions = Vec::new();
        for (bucket, prefixes) in beginnings {
            questions.push(Question::KeysBelow {
                bucket: bucket.clone(),
                prefixes: prefixes.into_iter().collect(),
            });
            buckets.push(bucket);
        }
        (Stage::Sharing { buckets, derived }, questions)
    }

    /// Says what of the user's is made from something else that is there, too.
    pub(super) fn tell_shared(
        &mut self,
        buckets: &[BucketName],
        derived: &BTreeMap<Place, Arc<Claim>>,
        answers: Vec<Answer<E>>,
    ) {
        let mut shared = BTreeSet::new();
        for (from, answer) in buckets.iter().zip(answers) {
            let Answer::Keys(Listed { items, coverage }) = answer else {
                continue;
            };
            self.found.coverage.merge(coverage);
            for key in items {
                shared.extend(self.made_for_others(from, &key, derived));
            }
        }
        let mut counts: BTreeMap<BucketName, BTreeSet<&ObjectKey>> = BTreeMap::new();
        for item in &self.found.items {
            let is_shared = item
                .claim
                .chain()
                .any(|claim| shared.contains(&place(claim)));
            if is_shared {
                let of_bucket = counts.entry(item.claim.bucket.clone()).or_default();
                of_bucket.insert(&item.claim.key);
                self.found.shared.insert(place(&item.claim));
            }
        }
        for (bucket, keys) in counts {
            self.found.coverage.miss(Gap::new(
                format!("{} derived keys in {bucket}", keys.len()),
                "the same rule makes them from media that are there and not the user's: they are left",
            ));
        }
    }

    /// What was made of something, as far as anything stands under it or hangs on it.
    fn derived(&self) -> BTreeMap<Place, Arc<Claim>> {
        let mut derived = BTreeMap::new();
        for item in &self.found.items {
            for claim in item.claim.chain() {
                if matches!(claim.why, Why::Derived { .. }) {
                    let known = derived.entry(place(claim));
                    known.or_insert_with(|| Arc::new(claim.clone()));
                }
            }
        }
        derived
    }

    /// What the keys begin with that may become one of these, by bucket.
    fn beginnings(
        &self,
        derived: &BTreeMap<Place, Arc<Claim>>,
    ) -> BTreeMap<BucketName, BTreeSet<String>> {
        let mut beginnings: BTreeMap<BucketName, BTreeSet<String>> = BTreeMap::new();
        for claim in derived.values() {
            let Why::Derived { rule, source } = &claim.why else {
                continue;
            };
            let Some(from) = self.bucket(&source.bucket) else {
                continue;
            };
            let Some(rule) = from.derived.iter().find(|one| one.id == *rule) else {
                continue;
            };
            let whence = rule.whence(claim.key.as_str(), source.key.as_str());
            // Any key may be a source where the rule does not tell.
            let mut whence = whence.unwrap_or_else(|| BTreeSet::from([String::new()]));
            let owner = self.subject.owner;
            whence.retain(|beginning| {
                let is_itself = !rule.cuts_ends() && *beginning == source.key.as_str();
                !is_itself && from.may_hold_anothers(rule, beginning, owner)
            });
            if !whence.is_empty() {
                let of_bucket = beginnings.entry(source.bucket.clone()).or_default();
                of_bucket.extend(whence);
            }
        }
        beginnings
    }

    /// Which of these become of a key that is not known to be the user's.
    fn made_for_others(
        &self,
        from: &BucketName,
        key: &ObjectKey,
        derived: &BTreeMap<Place, Arc<Claim>>,
    ) -> Vec<Place> {
        let is_users = |rules| {
            self.claims.contain(from, key) || names_owner(rules, key, self.subject).is_some()
        };
        let Some(rules) = self.bucket(from).filter(|rules| !is_users(rules)) else {
            return Vec::new();
        };
        let made = rules.derived_of(key.as_str()).into_iter();
        made.filter_map(|made| Some((made.bucket, ObjectKey::new(made.key).ok()?)))
            .filter(|made| derived.contains_key(made))
            .collect()
    }
}

fn place(claim: &Claim) -> Place {
    (claim.bucket.clone(), claim.key.clone())
}
