//! Separates objects that may belong to another user from those that are the user's alone.
//!
//! A key that names the user may have been derived from another user's media. A rule that drops a part of the key may
//! derive one thumbnail from the sources of two users. Records may name two owners for one key. Purging one user must
//! never delete anything of another.
//!
//! [`Search::weigh`] doubts each claim that [`Ownership`](crate::domain::ownership::Ownership) does not confirm by the
//! key alone. At the end, the search lists the sources from which the rules could have derived the doubted keys. An
//! existing source decides the owner. The exception is a key that names somebody who is in the list of owners: that
//! user may have uploaded the object themselves. Whatever is still not the user's alone is reported as contested.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::question::{Answer, Listed, Question};
use super::{Contested, MOST_ROUNDS, Place, Search, Stage};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::change::{Claim, Why};
use crate::domain::coverage::Gap;
use crate::domain::ownership::{Evidence, Seen, Source, Unknown, Verdict};
use crate::domain::registry::Standing;
use crate::domain::{BucketName, ObjectKey, OwnerId};

/// Above this number of prefixes, listing the whole bucket takes fewer requests than listing each prefix.
const MOST_BEGINNINGS: usize = 1_000;

/// The doubted keys whose sources the search lists.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The buckets to list, in the order of the questions.
    buckets: Vec<BucketName>,
    /// By bucket, the keys whose sources are wanted, each with the sources that exist. A source that was deleted, or
    /// has only delete markers, proves no more than the inverted rules do.
    keys: HashMap<BucketName, HashMap<String, Vec<Source>>>,
}

impl Wanted {
    fn sources(&self, bucket: &BucketName, key: &ObjectKey) -> &[Source] {
        let keys = self.keys.get(bucket);
        let sources = keys.and_then(|keys| keys.get(key.as_str()));
        sources.map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, bucket: &BucketName, key: &str, source: Source) {
        let keys = self.keys.get_mut(bucket);
        let Some(sources) = keys.and_then(|keys| keys.get_mut(key)) else {
            return;
        };
        let is_same = |one: &Source| one.bucket == source.bucket && one.key == source.key;
        if !sources.iter().any(is_same) {
            sources.push(source);
        }
    }
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Doubts a claim unless its key and the inverted rules give it to the user alone.
    pub(super) fn weigh(&mut self, claim: &Arc<Claim>) {
        // If no rule leads to the key, no record names it and its layouts agree, nothing can contradict the claim.
        let is_disputed = self
            .bucket(&claim.bucket)
            .is_some_and(BucketBlueprint::is_disputed);
        let is_target = self.ownership.is_target(&claim.bucket);
        if self.subject.list.is_none() && !is_target && !is_disputed {
            return;
        }
        let verdict = self.verdict(claim, &[]);
        let is_made = matches!(claim.why, Why::Derived { .. } | Why::Former { .. });
        let is_plain = matches!(&verdict, Verdict::One(owner) if owner == self.subject.owner);
        if !is_plain && (is_made || self.speaks_against(claim, &verdict).is_some()) {
            self.claims.doubt(claim);
        }
    }

    pub(super) fn verdict(&self, claim: &Claim, sources: &[Source]) -> Verdict {
        let owner = self.subject.owner.as_str();
        let seen = Seen {
            sources,
            metadata: matches!(claim.why, Why::Metadata { .. }).then_some(owner),
            entry: None,
        };
        let key = claim.key.as_str();
        let whose = self.ownership.whose_with_doubts(&claim.bucket, key, &seen);
        let others = whose.claims.iter().filter(|one| {
            matches!(one.evidence, Evidence::RecordAlike { .. }) && one.owner != *self.subject.owner
        });
        let others: BTreeSet<OwnerId> = others.map(|one| one.owner.clone()).collect();
        match whose.verdict {
            // Some evidence names the user, and a record may name somebody else.
            Verdict::Unknown(_) if !others.is_empty() => {
                let user = self.subject.owner.clone();
                Verdict::Contested(others.into_iter().chain([user]).collect())
            }
            verdict => verdict,
        }
    }

    /// Describes the evidence that the user is not the only owner.
    fn speaks_against(&self, claim: &Claim, verdict: &Verdict) -> Option<String> {
        match verdict {
            Verdict::One(owner) if owner == self.subject.owner => None,
            Verdict::One(_) => Some("it is made from another user's media".to_owned()),
            Verdict::Contested(_) => Some(self.how_layouts_differ(claim).unwrap_or_else(|| {
                "keys, rules or records give it to another user as well".to_owned()
            })),
            Verdict::Unknown(
                why @ (Unknown::RuleLosesOwner { .. }
                | Unknown::UntoldSource
                | Unknown::LayoutsDiffer { .. }),
            ) => Some(why.words()),
            // Only the evidence of the claim names an owner.
            Verdict::Unknown(_) => None,
        }
    }

    /// Describes which layouts give the key to different owners.
    fn how_layouts_differ(&self, claim: &Claim) -> Option<String> {
        let rules = self.bucket(&claim.bucket)?;
        let readings = rules.readings(claim.key.as_str());
        let decided = readings.first()?;
        let owner = decided.owner.as_ref()?;
        let mut others = readings.iter();
        let other = others.find(|one| one.owner.as_ref().is_some_and(|one| one != owner))?;
        Some(format!(
            "the layouts {} and {} give its key to different owners, {} and {}",
            decided.layout,
            other.layout,
            owner.as_str(),
            other.owner.as_ref()?.as_str()
        ))
    }

    /// Describes that the key names another user who is active, or may be. That user may own the object, even if it was
    /// derived from this user's media.
    fn lies_with_the_living(&self, claim: &Claim) -> Option<String> {
        let living = self.subject.living?;
        let rules = self.bucket(&claim.bucket)?;
        let key = claim.key.as_str();
        let decided = match rules.locate(key) {
            Location::Owned { owner, .. } => Some(owner),
            Location::Unnamed { .. } | Location::Unreadable => None,
        };
        let rivals = rules.rivals(key).into_iter();
        let rivals = rivals.filter_map(|rival| rival.owner);
        let mut others = decided.into_iter().chain(rivals).filter(|owner| {
            owner != self.subject.owner && living.standing(owner.as_str()) != Standing::Gone
        });
        let owner = others.next()?;
        Some(format!(
            "its key names {}, who is in the list of owners or may be",
            owner.as_str()
        ))
    }

    /// Asks for every source from which a rule could have derived a doubted key, or a key of unknown owner.
    pub(super) fn ask_for_sources(&mut self) -> (Stage, Vec<Question>) {
        self.say_which_copies_nobody_tells();
        let mut wanted = Wanted {
            buckets: Vec::new(),
            keys: HashMap::default(),
        };
        let doubted = self.claims.doubted().iter();
        let doubted = doubted.map(|claim| (claim.bucket.clone(), claim.key.clone()));
        for (bucket, key) in doubted.chain(self.untold.iter().map(|one| one.place.clone())) {
            let keys = wanted.keys.entry(bucket).or_default();
            keys.entry(key.as_str().to_owned()).or_default();
        }
        let mut beginnings: BTreeMap<&BucketName, BTreeSet<String>> = BTreeMap::new();
        for (bucket, keys) in &wanted.keys {
            for route in self.ownership.routes_to(bucket) {
                if !self.found.searched.contains_key(&route.from.name) {
                    continue;
                }
                let of_bucket = beginnings.entry(&route.from.name).or_default();
                for key in keys.keys() {
                    let found = route.rule.source_beginnings(route.from, key);
                    of_bucket.extend(found);
                }
            }
        }
        let mut questions = Vec::new();
        for (bucket, prefixes) in beginnings {
            let prefixes = outermost(prefixes);
            if prefixes.is_empty() {
                continue;
            }
            wanted.buckets.push(bucket.clone());
            questions.push(Question::VersionsBelow {
                bucket: bucket.clone(),
                prefixes,
            });
        }
        (Stage::Sources(wanted), questions)
    }

    /// Takes the listed sources and moves everything that is not the user's alone to the contested items.
    pub(super) fn settle_doubts(&mut self, mut wanted: Wanted, answers: Vec<Answer<E>>) {
        let mut is_whole = true;
        for (name, answer) in wanted.buckets.clone().iter().zip(answers) {
            let Answer::Versions(Listed { items, coverage }) = answer else {
                is_whole = false;
                continue;
            };
            is_whole &= coverage.is_complete();
            self.found.coverage.merge(coverage);
            let Some(rules) = self.bucket(name) else {
                continue;
            };
            for of_key in items.chunk_by(|one, other| one.object.key == other.object.key) {
                if let Some(version) = of_key.iter().find(|one| !one.is_delete_marker) {
                    self.put_through_rules(rules, &version.object.key, &mut wanted);
                }
            }
        }
        self.say_whose_originals_are_gone(|(bucket, key)| !wanted.sources(bucket, key).is_empty());
        let mut contested: HashMap<Place, String> = HashMap::default();
        // Keys that only rules give to the user, although an existing source shows another owner.
        let mut others: HashSet<Place> = HashSet::default();
        for claim in self.claims.doubted() {
            let mut sources = wanted.sources(&claim.bucket, &claim.key).to_vec();
            if sources.is_empty() {
                sources.extend(self.only_source(claim));
            }
            let verdict = self.verdict(claim, &sources);
            let is_former = matches!(claim.why, Why::Former { .. });
            if is_former && matches!(&verdict, Verdict::One(owner) if owner != self.subject.owner) {
                others.insert(place(claim));
            } else if let Some(why) = self.speaks_against(claim, &verdict) {
                contested.insert(place(claim), why);
            } else if let Some(why) = self.lies_with_the_living(claim) {
                contested.insert(place(claim), why);
            } else if !is_whole {
                let why = "not everything could be listed that it may have been made from";
                contested.insert(place(claim), why.to_owned());
            }
        }
        self.doubt_sources(&mut contested);
        self.spread(&mut contested, &others, &wanted);
        self.part(&contested, &others);
    }

    /// If a record gives a derived object to somebody else, its source is contested, too: both show the same picture.
    fn doubt_sources(&self, contested: &mut HashMap<Place, String>) {
        let Some(list) = self.subject.list else {
            return;
        };
        let doubted = self.claims.doubted().iter();
        let contested_ones = doubted.filter(|claim| contested.contains_key(&place(claim)));
        let recorded = contested_ones.filter(|claim| {
            let owners = list.owners_of(claim.key.as_str());
            let mut owners = owners.into_iter();
            owners.any(|owner| owner != self.subject.owner.as_str())
        });
        let sources = recorded.flat_map(|claim| claim.chain().skip(1)).map(place);
        let sources: BTreeSet<Place> = sources.collect();
        let why = "a record gives what was made from it to another user";
        for source in sources {
            contested.entry(source).or_insert_with(|| why.to_owned());
        }
    }

    /// Marks objects as contested if they were derived from a contested object.
    fn spread(
        &self,
        contested: &mut HashMap<Place, String>,
        others: &HashSet<Place>,
        wanted: &Wanted,
    ) {
        for _ in 0..MOST_ROUNDS {
            let mut fresh = Vec::new();
            for claim in self.claims.doubted() {
                let place = place(claim);
                if contested.contains_key(&place) || others.contains(&place) {
                    continue;
                }
                let sources = wanted.sources(&claim.bucket, &claim.key).iter();
                let sources =
                    sources.filter_map(|one| Some((one, ObjectKey::new(&*one.key).ok()?)));
                let mut sources = sources.map(|(one, key)| (one.bucket.clone(), key));
                let is_doubtful =
                    |place: Place| contested.contains_key(&place) || others.contains(&place);
                if sources.any(is_doubtful) {
                    fresh.push(place);
                }
            }
            if fresh.is_empty() {
                return;
            }
            let why = "it is made from something that more than this user may have a claim to";
            contested.extend(fresh.into_iter().map(|place| (place, why.to_owned())));
        }
    }

    /// Adds a key as a source for what the rules derive from it.
    fn put_through_rules(&self, rules: &BucketBlueprint, key: &ObjectKey, wanted: &mut Wanted) {
        let made = rules.derived_of(key.as_str());
        let is_wanted = |bucket: &BucketName, key: &str| {
            let keys = wanted.keys.get(bucket);
            keys.is_some_and(|keys| keys.contains_key(key))
        };
        // If a rule leaves a key unchanged, the key is its own source and derives nothing.
        let is_itself =
            |bucket: &BucketName, made: &str| *bucket == rules.name && made == key.as_str();
        let made: Vec<_> = made
            .into_iter()
            .filter(|one| is_wanted(&one.bucket, &one.key) && !is_itself(&one.bucket, &one.key))
            .collect();
        if made.is_empty() {
            return;
        }
        let whose = self.whose_source(rules, key);
        for one in made {
            let source = Source {
                bucket: rules.name.clone(),
                key: key.as_str().to_owned(),
                rule: one.rule,
                whose: whose.clone(),
            };
            wanted.add(&one.bucket, &one.key, source);
        }
    }

    fn whose_source(&self, rules: &BucketBlueprint, key: &ObjectKey) -> Verdict {
        if self.claims.are_mixed(&rules.name, key) {
            return Verdict::Unknown(Unknown::UntoldSource);
        }
        // A contested source makes everything derived from it contested.
        if self.claims.contain(&rules.name, key) {
            return Verdict::One(self.subject.owner.clone());
        }
        let seen = Seen { ..Seen::default() };
        let key = key.as_str();
        let whose = self.ownership.whose_with_doubts(&rules.name, key, &seen);
        whose.verdict
    }

    /// The source behind a claim, if no other source could have produced the key. It need not exist: a record, a
    /// quarantined copy or a plan may prove it.
    pub(super) fn only_source(&self, claim: &Claim) -> Option<Source> {
        let Why::Derived { rule, source } = &claim.why else {
            return None;
        };
        let only = self
            .ownership
            .only_source(&claim.bucket, claim.key.as_str());
        let is_it = |(bucket, key): (&BucketName, String)| {
            *bucket == source.bucket && key == source.key.as_str()
        };
        only.is_some_and(is_it).then(|| Source {
            bucket: source.bucket.clone(),
            key: source.key.as_str().to_owned(),
            rule: rule.clone(),
            whose: Verdict::One(self.subject.owner.clone()),
        })
    }

    /// Moves everything that depends on a contested object out of the result, and drops objects of other users.
    fn part(&mut self, contested: &HashMap<Place, String>, others: &HashSet<Place>) {
        if contested.is_empty() && others.is_empty() {
            return;
        }
        let mut counts: BTreeMap<BucketName, BTreeSet<ObjectKey>> = BTreeMap::new();
        for item in std::mem::take(&mut self.found.items) {
            let chain: Vec<Place> = item.claim.chain().map(place).collect();
            let is_others = chain.iter().any(|place| others.contains(place));
            let why = chain.iter().find_map(|place| contested.get(place));
            match why {
                _ if is_others => {}
                Some(why) => {
                    let of_bucket = counts.entry(item.claim.bucket.clone()).or_default();
                    of_bucket.insert(item.claim.key.clone());
                    let why = why.clone();
                    self.found.contested.push(Contested { item, why });
                }
                None => self.found.items.push(item),
            }
        }
        for (bucket, keys) in counts {
            let (are, them) = match keys.len() {
                1 => ("1 key is contested".to_owned(), "it: it is"),
                more => (format!("{more} keys are contested"), "them: they are"),
            };
            self.found.coverage.miss(Gap::new(
                format!("{bucket}: {are}"),
                format!("more than this user may have a claim to {them} left"),
            ));
        }
    }
}

fn place(claim: &Claim) -> Place {
    (claim.bucket.clone(), claim.key.clone())
}

/// Returns the prefixes in order, without those that start with another prefix.
pub(super) fn outermost(beginnings: BTreeSet<String>) -> Vec<String> {
    let mut outer: Vec<String> = Vec::new();
    for one in beginnings {
        if !outer
            .last()
            .is_some_and(|last| one.starts_with(last.as_str()))
        {
            outer.push(one);
        }
    }
    if outer.len() > MOST_BEGINNINGS {
        return vec![String::new()];
    }
    outer
}
