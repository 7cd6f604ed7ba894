//! Finds objects that were derived from media that no longer exist.
//!
//! Thumbnails often survive the deletion of their original. Nothing of the user's leads to them any more, so the rules
//! are inverted. For each rule, the search lists the part of the target bucket where objects derived from this user's
//! media would be. An object is the user's if [`Ownership`] then names the user. Objects of unknown owner that no
//! existing source produces are counted and reported. Replicas also survive the deletion of their originals: their
//! buckets are listed by the layouts of the source buckets.
//!
//! Cost: nothing if a rule keeps the owner's folder, because that folder was already listed. Otherwise, one more
//! listing of the target bucket below the prefix of the rule's keys. If the user's folder is not first in the source
//! keys, or the rule drops it, the listing covers the whole bucket. If owners cannot be determined, the sources are
//! listed once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::contested::outermost;
use super::question::{Answer, Question};
use super::{Place, Search, Stage, names_owner};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Attribution, Evidence, Ownership, Route, Seen, Unknown, Verdict};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectKey, OwnerId};

/// A key that a rule may have produced, and whose owner is unknown.
#[derive(Debug)]
pub(super) struct Untold {
    /// The place of the key, or of the original if the key is a replica.
    pub(super) place: Place,
    lies_in: BucketName,
    rule: String,
    from: BucketName,
    /// Whether this is an incomplete upload. Somebody other than the owner of an existing source may have started it.
    is_upload: bool,
}

/// A bucket to list, and the bucket whose rules explain its keys. The two differ for a replica.
#[derive(Debug)]
pub(super) struct Where {
    bucket: BucketName,
    by: BucketName,
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Asks for everything that the rules may have derived from the user's media.
    pub(super) fn ask_for_renditions(&mut self, round: usize) -> (Stage, Vec<Question>) {
        let mut places = Vec::new();
        let mut questions = Vec::new();
        let mut ask = |bucket: &BucketName, by: &BucketName, question: Question| {
            let (bucket, by) = (bucket.clone(), by.clone());
            places.push(Where { bucket, by });
            questions.push(question);
        };
        for target in self.searched() {
            if let Some(question) = self.below(target, &target.name) {
                ask(&target.name, &target.name, question);
            }
        }
        for (from, to) in &self.replicated_pairs() {
            let (Some(rules), Some(copy)) = (self.bucket(from), self.bucket(to)) else {
                continue;
            };
            if let Some(question) = self.below(rules, to) {
                ask(to, from, question);
            }
            // The same layouts were already applied to this bucket.
            if rules.layouts != copy.layouts {
                let (bucket, by) = (to.clone(), from.clone());
                ask(to, from, Question::VersionsOfUser { bucket, by });
            }
        }
        (Stage::Renditions { places, round }, questions)
    }

    fn searched(&self) -> impl Iterator<Item = &'_ BucketBlueprint> {
        let buckets = self.subject.blueprint.buckets.iter();
        buckets.filter(|bucket| self.found.searched.contains_key(&bucket.name))
    }

    /// The prefixes of a bucket, besides the user's folders, where rules write into `target`.
    fn below(&self, target: &BucketBlueprint, bucket: &BucketName) -> Option<Question> {
        let mut beginnings = BTreeSet::new();
        for route in self.ownership.routes_to(&target.name) {
            beginnings.extend(self.beginnings(route, target));
        }
        (!beginnings.is_empty()).then(|| Question::VersionsBelow {
            bucket: bucket.clone(),
            prefixes: outermost(beginnings),
        })
    }

    /// The prefixes of a rule's keys that were not listed with the user's folders.
    fn beginnings(&self, route: Route<'_>, target: &BucketBlueprint) -> BTreeSet<String> {
        let Route { from, rule } = route;
        let owner = self.subject.owner;
        let sources = rule.from.iter().filter_map(|id| from.layout(id));
        let is_by_records = sources
            .clone()
            .all(|one| *one.owner() == OwnerSource::Registry);
        // Without records such layouts say nothing. That is reported per layout.
        if (is_by_records && self.subject.records.is_none())
            || rule.keeps_owner(from, target, owner)
        {
            return BTreeSet::new();
        }
        let plan = target.owner_plan(owner);
        let listed: Vec<String> = plan
            .walks
            .iter()
            .filter_map(crate::domain::blueprint::Walk::known_prefixes)
            .flatten()
            .collect();
        let mut beginnings = rule.beginnings(from, owner);
        beginnings.retain(|one| !listed.iter().any(|folder| one.starts_with(folder)));
        beginnings
    }

    /// Takes the objects that are the user's, and returns their claims so that the search can follow them.
    pub(super) fn take_renditions(
        &mut self,
        places: &[Where],
        answers: Vec<Answer<E>>,
    ) -> Vec<Arc<Claim>> {
        let mut fresh = Vec::new();
        for (one, answer) in places.iter().zip(answers) {
            let versions = self.versions(Some(answer));
            for of_key in versions.chunk_by(|one, other| one.object.key == other.object.key) {
                let Some(key) = of_key.first().map(|version| &version.object.key) else {
                    continue;
                };
                if self.claims.contain(&one.bucket, key) || place::is_place(key.as_str()) {
                    continue;
                }
                let claim = if one.bucket == one.by {
                    self.claim_rendition(&one.bucket, key, &one.bucket, false)
                } else {
                    self.claim_replica(one, key)
                };
                if let Some(claim) = claim {
                    for version in of_key {
                        self.enter(&claim, version);
                    }
                    fresh.push(claim);
                }
            }
        }
        let mut uploads: Vec<Place> = Vec::new();
        for (bucket, of_bucket) in &self.uploads {
            if self.ownership.is_target(bucket) {
                let of_bucket = of_bucket.iter();
                uploads.extend(of_bucket.map(|one| (bucket.clone(), one.key.clone())));
            }
        }
        for (bucket, key) in uploads {
            if !self.claims.contain(&bucket, &key) {
                fresh.extend(self.claim_rendition(&bucket, &key, &bucket, true));
            }
        }
        fresh.extend(self.claim_uploads_beside_replicas());
        fresh
    }

    /// The claims to incomplete uploads in a bucket of replicas whose keys are the user's by the layouts of the
    /// originals. Replication leaves no uploads, but nothing else says whose they are.
    fn claim_uploads_beside_replicas(&mut self) -> Vec<Arc<Claim>> {
        let mut places = Vec::new();
        for (by, bucket) in self.replicated_pairs() {
            for upload in self.uploads.get(&bucket).into_iter().flatten() {
                let (by, bucket) = (by.clone(), bucket.clone());
                places.push((Where { bucket, by }, upload.key.clone()));
            }
        }
        let mut claims = Vec::new();
        for (place, key) in places {
            let is_users = |rules| names_owner(rules, &key, self.subject).is_some();
            if !self.claims.contain(&place.bucket, &key)
                && self.bucket(&place.by).is_some_and(is_users)
            {
                claims.extend(self.claim_replica(&place, &key));
            }
        }
        claims
    }

    /// The claim to a replica whose original was the user's and no longer exists.
    fn claim_replica(&mut self, place: &Where, key: &ObjectKey) -> Option<Arc<Claim>> {
        let rules = self.bucket(&place.by)?;
        if self.is_no_replica(&place.by, &place.bucket, key.as_str()) {
            return None;
        }
        let source = match self.claim_by_key(rules, key) {
            Some(source) => source,
            None => self.claim_rendition(&place.by, key, &place.bucket, false)?,
        };
        self.claims.know(&source.bucket, &source.key);
        let claim = self
            .claims
            .claim(&place.bucket, key, Why::Replica { source });
        self.weigh(&claim);
        Some(claim)
    }

    /// The claim to a new key that a rule may have derived from this user's media. `lies_in` is the bucket of the
    /// object or of its replica.
    fn claim_rendition(
        &mut self,
        bucket: &BucketName,
        key: &ObjectKey,
        lies_in: &BucketName,
        is_upload: bool,
    ) -> Option<Arc<Claim>> {
        let whose = self.ownership.whose(bucket, key.as_str(), &Seen::default());
        let why =
            former(&whose, self.subject.owner).filter(|why| self.is_by_rules(bucket, key, why));
        if let Some(why) = why {
            let claim = self.claims.claim(bucket, key, why);
            self.weigh(&claim);
            return Some(claim);
        }
        let may_be_users = match &whose.verdict {
            Verdict::One(owner) => owner == self.subject.owner,
            Verdict::Contested(owners) => owners.contains(self.subject.owner),
            Verdict::Unknown(Unknown::RuleLosesOwner { .. } | Unknown::UntoldSource) => true,
            Verdict::Unknown(_) => false,
        };
        if let Some((rule, from)) = whose.former.filter(|_| may_be_users) {
            self.untold.push(Untold {
                place: (bucket.clone(), key.clone()),
                lies_in: lies_in.clone(),
                rule,
                from,
                is_upload,
            });
        }
        None
    }

    /// Whether the rules alone prove it. A record of a deleted original proves nothing.
    pub(super) fn is_by_rules(&self, bucket: &BucketName, key: &ObjectKey, why: &Why) -> bool {
        let rules = Ownership::new(&self.subject.blueprint.buckets, None);
        let whose = rules.whose(bucket, key.as_str(), &Seen::default());
        let mut claims = whose.claims.iter();
        claims.any(|claim| claim.owner == *self.subject.owner && is_evidence(&claim.evidence, why))
    }

    /// Reports where derived objects may be the user's, although their originals are gone and the rule drops the owner.
    pub(super) fn say_whose_originals_are_gone(&mut self, has_source: impl Fn(&Place) -> bool) {
        let mut counts: BTreeMap<(&BucketName, &str, &BucketName), BTreeSet<&ObjectKey>> =
            BTreeMap::new();
        for one in &self.untold {
            let is_explained = !one.is_upload && has_source(&one.place);
            if !is_explained && !self.claims.contain(&one.place.0, &one.place.1) {
                let of_rule = counts.entry((&one.lies_in, &one.rule, &one.from));
                of_rule.or_default().insert(&one.place.1);
            }
        }
        for ((bucket, rule, from), keys) in counts {
            let (keys, them) = match keys.len() {
                1 => ("1 key".to_owned(), "it may be"),
                more => (format!("{more} keys"), "they may be"),
            };
            self.found.coverage.miss(Gap::new(
                format!("{bucket}: renditions of originals that are gone, {keys}"),
                format!(
                    "the rule {rule} of {from} makes them without what names the owner: {them} this user's"
                ),
            ));
        }
    }
}

/// Why an object is the user's according to the inverted rules. `None` if they name only others, or nobody.
pub(super) fn former(whose: &Attribution, owner: &OwnerId) -> Option<Why> {
    let is_users = match &whose.verdict {
        Verdict::One(one) => one == owner,
        Verdict::Contested(owners) => owners.contains(owner),
        Verdict::Unknown(_) => false,
    };
    let mut claims = whose.claims.iter().filter(|claim| claim.owner == *owner);
    claims.find_map(|claim| match &claim.evidence {
        Evidence::FormerSource { rule, bucket, .. } if is_users => Some(Why::Former {
            rule: rule.clone(),
            from: bucket.clone(),
        }),
        _ => None,
    })
}

fn is_evidence(evidence: &Evidence, why: &Why) -> bool {
    match (evidence, why) {
        (Evidence::FormerSource { rule, bucket, .. }, Why::Former { rule: by, from }) => {
            (rule, bucket) == (by, from)
        }
        _ => false,
    }
}
