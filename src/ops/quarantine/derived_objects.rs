//! Objects derived from an orphan are deleted together with it, and before it.
//!
//! Without its source, a derived object would have no known owner. A plan therefore contains a source only if it also
//! contains all existing objects derived from it. In the same bucket, they are in the same plan, and come earlier. A
//! plan covers only one bucket: a source with derived objects in another bucket is left until that bucket was
//! processed. An object that an active user may own stays, and does not hold its source back.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::current_state::{self, Reach};
use super::plan::Wanted;
use crate::aws::ProblemKind;
use crate::domain::blueprint::Blueprint;
use crate::domain::orphans::Verdict;
use crate::domain::quarantine::Method;
use crate::domain::{BucketName, ObjectKey, ObjectVersion};

/// How far derived objects of derived objects are followed. No application derives in more generations.
const MOST_GENERATIONS: u8 = 4;

/// Keys that rules produce from a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    bucket: BucketName,
    key: ObjectKey,
    /// The number of rules between it and its source.
    generation: u8,
}

/// Keys that rules produce from a plan's keys.
pub(super) struct Family<'a> {
    bucket: &'a BucketName,
    of: HashMap<&'a ObjectKey, Vec<Made>>,
    /// Keys that an active user may own, too.
    shared: HashSet<&'a ObjectKey>,
    elsewhere: Elsewhere,
}

/// Objects in other buckets.
#[derive(Default)]
struct Elsewhere {
    there: HashSet<(BucketName, ObjectKey)>,
    /// Buckets that could not be listed.
    unknown: HashSet<BucketName>,
}

impl<'a> Family<'a> {
    /// The keys that rules produce from these keys of a bucket. `all` are all verdicts on it, including those that are
    /// not in the plan.
    pub(super) fn of(
        blueprint: &Blueprint,
        bucket: &'a BucketName,
        taken: &[&'a Verdict],
        all: &'a [Verdict],
        wanted: Wanted,
    ) -> Self {
        // A tagged object still exists.
        let matters = !matches!(wanted, Wanted::Aside(Method::Tag, _));
        let sources = taken
            .iter()
            .filter(|one| matters && one.upload_id.is_none());
        let of = sources.filter_map(|one| {
            let made = made_of(blueprint, bucket, &one.key);
            (!made.is_empty()).then_some((&one.key, made))
        });
        let is_shared = |one: &&Verdict| one.bucket == *bucket && one.reason.is_of_several();
        Self {
            bucket,
            of: of.collect(),
            shared: all.iter().filter(is_shared).map(|one| &one.key).collect(),
            elsewhere: Elsewhere::default(),
        }
    }

    /// The derived keys in the same bucket.
    pub(super) fn here(&self) -> impl Iterator<Item = &ObjectKey> {
        let made = self.of.values().flatten();
        made.filter(|made| made.bucket == *self.bucket)
            .map(|made| &made.key)
    }

    /// Checks derived keys in other buckets.
    pub(super) async fn look_elsewhere(&mut self, reach: Reach<'_>) {
        let mut keys: BTreeMap<&BucketName, HashSet<ObjectKey>> = BTreeMap::new();
        for made in self.of.values().flatten() {
            if made.bucket != *self.bucket {
                let of_bucket = keys.entry(&made.bucket).or_default();
                of_bucket.insert(made.key.clone());
            }
        }
        let mut elsewhere = Elsewhere::default();
        for (bucket, keys) in keys {
            let found = current_state::under(Reach { bucket, ..reach }, &keys, false).await;
            let gaps = found.coverage.gaps().iter();
            let is_no_bucket =
                |problem: &crate::aws::Problem| problem.kind == ProblemKind::NotFound;
            let mut unknown = gaps.filter(|gap| !gap.problem.as_ref().is_some_and(is_no_bucket));
            if unknown.next().is_some() {
                elsewhere.unknown.insert(bucket.clone());
            }
            let versions = found.versions.into_iter();
            let versions = versions.filter(|version| !version.is_delete_marker);
            elsewhere
                .there
                .extend(versions.map(|version| (bucket.clone(), version.object.key)));
        }
        self.elsewhere = elsewhere;
    }

    /// Why a source must stay while its derived objects do. `goes` tells whether the plan contains a key of this
    /// bucket; `there` is what exists under its keys.
    pub(super) fn keeps(
        &self,
        source: &ObjectKey,
        goes: impl Fn(&ObjectKey) -> bool,
        there: &HashMap<&ObjectKey, Vec<&ObjectVersion>>,
        wanted: Wanted,
    ) -> Option<String> {
        let is_left = |version: &&ObjectVersion| match wanted {
            Wanted::Delete => !version.is_delete_marker,
            Wanted::Aside(..) => version.is_latest && !version.is_delete_marker,
        };
        self.of.get(source)?.iter().find_map(|made| {
            let Made { bucket, key, .. } = made;
            if bucket == self.bucket {
                let mut versions = there.get(key).into_iter().flatten();
                let stays = !goes(key) && !self.shared.contains(key);
                return (stays && versions.any(&is_left)).then(|| {
                    "what was made from it lies in the bucket, and is not in the plan: it would lose its source"
                        .to_owned()
                });
            }
            if self.elsewhere.unknown.contains(bucket) {
                return Some(format!(
                    "something may have been made from it in {bucket}, which could not be looked at"
                ));
            }
            let place = (bucket.clone(), key.clone());
            self.elsewhere.there.contains(&place).then(|| {
                format!("what was made from it lies in {bucket}, and would lose its source: act on that bucket first")
            })
        })
    }

    /// For each key in the plan, the number of rules between it and its first source in the plan.
    pub(super) fn generations(&self, goes: impl Fn(&ObjectKey) -> bool) -> HashMap<&ObjectKey, u8> {
        let mut generations = HashMap::new();
        let sources = self.of.iter().filter(|(source, _)| goes(source));
        for made in sources.flat_map(|(_, made)| made) {
            if made.bucket == *self.bucket {
                let known: &mut u8 = generations.entry(&made.key).or_default();
                *known = made.generation.max(*known);
            }
        }
        generations
    }
}

fn made_of(blueprint: &Blueprint, bucket: &BucketName, key: &ObjectKey) -> Vec<Made> {
    let mut all: Vec<Made> = Vec::new();
    let mut fresh = vec![(bucket.clone(), key.clone())];
    for generation in 1..=MOST_GENERATIONS {
        let mut next = Vec::new();
        for (from, source) in fresh {
            let Some(rules) = blueprint.bucket(&from) else {
                continue;
            };
            for derived in rules.derived_of(source.as_str()) {
                let Ok(made) = ObjectKey::new(derived.key) else {
                    continue;
                };
                let is_source = derived.bucket == *bucket && made == *key;
                let mut known = all.iter();
                let is_known = known.any(|one| one.bucket == derived.bucket && one.key == made);
                if is_source || is_known {
                    continue;
                }
                next.push((derived.bucket.clone(), made.clone()));
                all.push(Made {
                    bucket: derived.bucket,
                    key: made,
                    generation,
                });
            }
        }
        fresh = next;
    }
    all
}
