//! What was made of media that are gone.
//!
//! When an original is deleted without a trace, its thumbnails often stay. Nothing of the user's leads to them any more:
//! the rules have to be turned round. For each rule the target bucket is listed where its keys lie that are made of this
//! user's media. What names the user then, by [`Ownership`], is the user's. What
//! nobody can tell the owner of, and no existing source makes, is counted and told. Replicas stay as well when what they
//! are copies of is deleted: their buckets are listed by the layouts of those that are replicated there.
//!
//! What it costs: nothing where a rule keeps the owner's folder, for the folder was listed. One more listing of the
//! target bucket below what the rule's keys begin with, and of all of it where the user's folder is not first in the
//! sources' keys or the rule drops it. Where owners cannot be told, one more listing of the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::contested::outermost;
use super::question::{Answer, Question};
use super::sweep::tells_by_metadata;
use super::{Place, Search, Stage};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Attribution, Evidence, Ownership, Route, Seen, Unknown, Verdict};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectKey, OwnerId};

/// A key that a rule can have made, and of which nobody can tell whose it is.
#[derive(Debug)]
pub(super) struct Untold {
    /// Where it lies, or what is there is the replica of.
    pub(super) place: Place,
    lies_in: BucketName,
    rule: String,
    from: BucketName,
    /// Whether nobody has completed it. Whoever began it may be another than the owner of a source that is there.
    is_upload: bool,
}

/// A bucket that is listed, and the one by whose rules its keys are read: another, where replication copies from there.
#[derive(Debug)]
pub(super) struct Where {
    bucket: BucketName,
    by: BucketName,
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Asks for what lies where the rules put what is made of the user's media.
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
        for (from, to) in &self.found.replication {
            let (Some(rules), Some(copy)) = (self.bucket(from), self.bucket(to)) else {
                continue;
            };
            if let Some(question) = self.below(rules, to) {
                ask(to, from, question);
            }
            // By the same layouts the bucket was listed already.
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

    /// What has to be listed of a bucket beside the user's folders to find what rules put into the target.
    fn below(&self, target: &BucketBlueprint, bucket: &BucketName) -> Option<Question> {
        let mut beginnings = BTreeSet::new();
        for route in self.ownership.routes_to(&target.name) {
            beginnings.extend(self.beginnings(route, target));
        }
        // Whose a replica is by its metadata nobody asks where the original is gone; that it is there is counted.
        if target.name != *bucket && tells_by_metadata(target) {
            beginnings.insert(String::new());
        }
        (!beginnings.is_empty()).then(|| Question::VersionsBelow {
            bucket: bucket.clone(),
            prefixes: outermost(beginnings),
        })
    }

    /// Where a rule's keys lie that were not listed with the user's folders.
    fn beginnings(&self, route: Route<'_>, target: &BucketBlueprint) -> BTreeSet<String> {
        let Route { from, rule } = route;
        let owner = self.subject.owner;
        let sources = rule.from.iter().filter_map(|id| from.layout(id));
        let is_by_records = sources
            .clone()
            .all(|one| *one.owner() == OwnerSource::Registry);
        // Without records nothing of such layouts can be told, which is said of the layouts.
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

    /// Takes in what is the user's of it. Gives the claims, for what follows from them.
    pub(super) fn take_renditions(
        &mut self,
        places: &[Where],
        answers: Vec<Answer<E>>,
    ) -> Vec<Arc<Claim>> {
        let mut fresh = Vec::new();
        let mut left: BTreeMap<&BucketName, BTreeSet<ObjectKey>> = BTreeMap::new();
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
                } else if one.bucket != one.by && self.is_left_to_metadata(&one.by, key) {
                    left.entry(&one.bucket).or_default().insert(key.clone());
                }
            }
        }
        for (bucket, keys) in left {
            let keys = match keys.len() {
                1 => "the owner of 1 replica".to_owned(),
                more => format!("the owners of {more} replicas"),
            };
            let why =
                "only metadata would name the owner, and the original is another user's or gone";
            self.found
                .coverage
                .miss(Gap::new(format!("{bucket}: {keys}"), why));
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
        fresh
    }

    /// The claim to the replica of something that is the user's, and gone.
    fn claim_replica(&mut self, place: &Where, key: &ObjectKey) -> Option<Arc<Claim>> {
        let rules = self.bucket(&place.by)?;
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

    /// The claim to a key that was not thought of before and that a rule can have made of this user's media. `lies_in` is
    /// the bucket in which it lies, or its replica does.
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

    /// Whether the rules say so without any record: what records say of an original that is gone proves nothing.
    pub(super) fn is_by_rules(&self, bucket: &BucketName, key: &ObjectKey, why: &Why) -> bool {
        let rules = Ownership::new(&self.subject.blueprint.buckets, None);
        let whose = rules.whose(bucket, key.as_str(), &Seen::default());
        let mut claims = whose.claims.iter();
        claims.any(|claim| claim.owner == *self.subject.owner && is_evidence(&claim.evidence, why))
    }

    /// Says where something may be the user's that was made of media that are gone, by a rule that loses the owner.
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

/// Why something is the user's by what rules turned round say of it; nothing where they give it to others alone, or to
/// nobody.
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
