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

/// How many generations of sources are listed. No application derives in more.
const MOST_GENERATIONS: usize = 3;

/// The doubted keys whose sources the search lists. A source that was itself derived is listed in turn: whose it is
/// depends on its own sources.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The buckets to list, in the order of the questions.
    buckets: Vec<BucketName>,
    /// By bucket, the keys whose sources are wanted, each with the sources that exist. A source that was deleted, or
    /// has only delete markers, proves no more than the inverted rules do.
    keys: HashMap<BucketName, HashMap<ObjectKey, Vec<Link>>>,
    /// The keys whose sources are to be listed next.
    next: BTreeSet<Place>,
    generation: usize,
    /// Whether some listing was not complete.
    is_cut: bool,
}

/// An existing source, and the rule that derives a wanted key from it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    place: Place,
    rule: String,
}

impl Wanted {
    fn sources(&self, (bucket, key): &Place) -> &[Link] {
        let keys = self.keys.get(bucket);
        let sources = keys.and_then(|keys| keys.get(key));
        sources.map_or(&[], Vec::as_slice)
    }

    fn want(&mut self, place: Place) {
        let keys = self.keys.entry(place.0.clone()).or_default();
        if !keys.contains_key(&place.1) {
            keys.insert(place.1.clone(), Vec::new());
            self.next.insert(place);
        }
    }

    fn add(&mut self, bucket: &BucketName, key: &ObjectKey, source: Link) {
        let keys = self.keys.get_mut(bucket);
        let Some(sources) = keys.and_then(|keys| keys.get_mut(key)) else {
            return;
        };
        if !sources.iter().any(|one| one.place == source.place) {
            sources.push(source);
        }
    }
}

impl<E: Display + PartialEq> Search<'_, E> {
    /// Doubts a claim unless its key and the inverted rules give it to the user alone.
    pub(super) fn weigh(&mut self, claim: &Arc<Claim>) {
        // If neither a rule nor replication leads to the key, no record names it and its layouts agree, nothing can
        // contradict the claim.
        let is_disputed = self
            .bucket(&claim.bucket)
            .is_some_and(BucketBlueprint::is_disputed);
        let (bucket, key) = (&claim.bucket, claim.key.as_str());
        let is_target = self.ownership.is_target(bucket);
        let is_replica =
            self.ownership.is_destination(bucket) || matches!(claim.why, Why::Replica { .. });
        if self.subject.list.is_none() && !is_target && !is_disputed && !is_replica {
            return;
        }
        let verdict = self.verdict(claim, &[]);
        let is_made = matches!(claim.why, Why::Derived { .. } | Why::Former { .. });
        let user = self.subject.owner;
        let is_users = matches!(&verdict, Verdict::One(owner) if owner == user);
        // A record or the metadata may name the user although the object was made from another user's media.
        let is_doubtful = if is_users {
            self.ownership.is_shared(bucket, key, Some(user.as_str()))
        } else {
            is_made
        };
        if is_doubtful || self.speaks_against(claim, &verdict).is_some() {
            self.claims.doubt(claim);
        }
    }

    /// The owner of a claimed key, by everything that was read of it. If its versions name different owners, each must
    /// confirm the claim.
    pub(super) fn verdict(&self, claim: &Claim, sources: &[Source]) -> Verdict {
        let user = self.subject.owner;
        // Of a key that metadata gives to the user, only those versions were taken that name the user.
        if let Why::Metadata { .. } = claim.why {
            return self.verdict_by(claim, sources, Some(user.as_str()));
        }
        let values = self.stated.of(&claim.bucket, &claim.key).iter();
        let verdicts = values.map(|value| self.verdict_by(claim, sources, Some(value)));
        let mut verdicts: Vec<Verdict> = verdicts.collect();
        let is_users = |one: &Verdict| matches!(one, Verdict::One(owner) if owner == user);
        let other = verdicts.iter().position(|one| !is_users(one));
        match other {
            Some(other) => verdicts.swap_remove(other),
            None => match verdicts.pop() {
                Some(verdict) => verdict,
                None => self.verdict_by(claim, sources, None),
            },
        }
    }

    fn verdict_by(&self, claim: &Claim, sources: &[Source], metadata: Option<&str>) -> Verdict {
        let seen = Seen {
            sources,
            metadata,
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
        if let Why::Replica { source } = &claim.why
            && !self.is_replicated(&source.bucket, &claim.bucket, claim.key.as_str())
        {
            return Some(format!(
                "{} is replicated there, and none of the rules covers the key",
                source.bucket
            ));
        }
        match verdict {
            Verdict::One(owner) if owner == self.subject.owner => None,
            Verdict::One(_) if matches!(claim.why, Why::Replica { .. }) => {
                Some("its key, metadata or record gives it to another user".to_owned())
            }
            Verdict::One(_) => Some("it is made from another user's media".to_owned()),
            Verdict::Contested(_) => Some(self.how_layouts_differ(claim).unwrap_or_else(|| {
                "keys, rules or records give it to another user as well".to_owned()
            })),
            Verdict::Unknown(
                why @ (Unknown::RuleLosesOwner { .. }
                | Unknown::UntoldSource
                | Unknown::MetadataNotRead
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
        let mut wanted = Wanted::default();
        let doubted = self.claims.doubted().iter().map(|claim| place(claim));
        for place in doubted.chain(self.untold.iter().map(|one| one.place.clone())) {
            wanted.want(place);
        }
        let questions = self.ask_for_next(&mut wanted);
        (Stage::Sources(wanted), questions)
    }

    /// The listings that show the sources of the next keys.
    fn ask_for_next(&self, wanted: &mut Wanted) -> Vec<Question> {
        let mut beginnings: BTreeMap<&BucketName, BTreeSet<String>> = BTreeMap::new();
        for (bucket, key) in std::mem::take(&mut wanted.next) {
            for route in self.ownership.routes_to(&bucket) {
                if self.found.searched.contains_key(&route.from.name) {
                    let of_bucket = beginnings.entry(&route.from.name).or_default();
                    of_bucket.extend(route.rule.source_beginnings(route.from, key.as_str()));
                }
            }
        }
        wanted.buckets.clear();
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
        questions
    }

    /// Takes the listed sources, and asks for the sources of those that were themselves derived. When there are no
    /// more, it moves everything that is not the user's alone to the contested items.
    pub(super) fn take_sources(
        &mut self,
        mut wanted: Wanted,
        answers: Vec<Answer<E>>,
    ) -> (Stage, Vec<Question>) {
        for (name, answer) in wanted.buckets.clone().iter().zip(answers) {
            let Answer::Versions(Listed { items, coverage }) = answer else {
                wanted.is_cut = true;
                continue;
            };
            wanted.is_cut |= !coverage.is_complete();
            self.found.coverage.merge(coverage);
            let Some(rules) = self.bucket(name) else {
                continue;
            };
            for of_key in items.chunk_by(|one, other| one.object.key == other.object.key) {
                if let Some(version) = of_key.iter().find(|one| !one.is_delete_marker) {
                    put_through_rules(rules, &version.object.key, &mut wanted);
                }
            }
        }
        wanted.generation += 1;
        if wanted.generation < MOST_GENERATIONS {
            let sources = wanted.keys.values().flat_map(HashMap::values).flatten();
            let further: Vec<Place> = sources
                .map(|source| &source.place)
                .filter(|(bucket, _)| self.ownership.is_target(bucket))
                .cloned()
                .collect();
            for place in further {
                wanted.want(place);
            }
            let questions = self.ask_for_next(&mut wanted);
            if !questions.is_empty() {
                return (Stage::Sources(wanted), questions);
            }
        }
        self.settle_doubts(&wanted);
        (Stage::Done, Vec::new())
    }

    fn settle_doubts(&mut self, wanted: &Wanted) {
        self.say_whose_originals_are_gone(|place| !wanted.sources(place).is_empty());
        let mut contested: HashMap<Place, String> = HashMap::default();
        // Keys that only rules give to the user, although an existing source shows another owner.
        let mut others: HashSet<Place> = HashSet::default();
        for claim in self.claims.doubted() {
            let mut sources = self.sources(wanted, &place(claim), MOST_GENERATIONS);
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
            } else if wanted.is_cut {
                let why = "not everything could be listed that it may have been made from";
                contested.insert(place(claim), why.to_owned());
            }
        }
        self.doubt_sources(&mut contested);
        self.spread(&mut contested, &others, wanted);
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
                let mut sources = wanted.sources(&place).iter();
                let is_doubtful = |source: &Link| {
                    contested.contains_key(&source.place) || others.contains(&source.place)
                };
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

    /// The existing sources of a key, each with its owner.
    fn sources(&self, wanted: &Wanted, place: &Place, generations: usize) -> Vec<Source> {
        let sources = wanted.sources(place).iter();
        let sources = sources.map(|source| Source {
            bucket: source.place.0.clone(),
            key: source.place.1.as_str().to_owned(),
            rule: source.rule.clone(),
            whose: self.whose_source(wanted, &source.place, generations - 1),
        });
        sources.collect()
    }

    fn whose_source(&self, wanted: &Wanted, place: &Place, generations: usize) -> Verdict {
        let (bucket, key) = place;
        // A contested source makes everything derived from it contested.
        if self.claims.contain(bucket, key) && !self.claims.are_mixed(bucket, key) {
            return Verdict::One(self.subject.owner.clone());
        }
        let metadata = match self.stated.of(bucket, key) {
            [] => None,
            [value] => Some(value.as_str()),
            _ => return Verdict::Unknown(Unknown::UntoldSource),
        };
        let sources = if generations == 0 {
            Vec::new()
        } else {
            self.sources(wanted, place, generations)
        };
        let seen = Seen {
            sources: &sources,
            metadata,
            entry: None,
        };
        let key = key.as_str();
        let whose = self.ownership.whose_with_doubts(bucket, key, &seen);
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

/// Adds a key as a source for what the rules derive from it.
fn put_through_rules(rules: &BucketBlueprint, key: &ObjectKey, wanted: &mut Wanted) {
    for made in rules.derived_of(key.as_str()) {
        // If a rule leaves a key unchanged, the key is its own source and derives nothing.
        let is_itself = made.bucket == rules.name && made.key == key.as_str();
        let Ok(made_key) = ObjectKey::new(made.key) else {
            continue;
        };
        if !is_itself {
            let source = Link {
                place: (rules.name.clone(), key.clone()),
                rule: made.rule,
            };
            wanted.add(&made.bucket, &made_key, source);
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
