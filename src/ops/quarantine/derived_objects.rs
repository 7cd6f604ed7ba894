//! What was made from an orphan goes with it, and before it.
//!
//! Without its source nobody could tell any more whose a derived object is. So a plan takes a source only when everything
//! that was made from it and is there goes, too: in the same bucket by the same plan, earlier. A plan is about one bucket;
//! a source of which something was made in another is left until that bucket was acted on. What somebody living has a claim
//! on as well stays, and keeps nothing back.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::current_state::{self, Reach};
use super::plan::Wanted;
use crate::aws::ProblemKind;
use crate::domain::blueprint::Blueprint;
use crate::domain::orphans::Verdict;
use crate::domain::quarantine::Method;
use crate::domain::{BucketName, ObjectKey, ObjectVersion};

/// A thumbnail of a thumbnail of a thumbnail: further on nobody derives.
const MOST_GENERATIONS: u8 = 4;

/// What the blueprint makes of something.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    bucket: BucketName,
    key: ObjectKey,
    /// How many rules lie between it and its source.
    generation: u8,
}

/// What the blueprint makes of a plan's keys.
pub(super) struct Family<'a> {
    bucket: &'a BucketName,
    of: HashMap<&'a ObjectKey, Vec<Made>>,
    /// What somebody living has a claim on, too.
    shared: HashSet<&'a ObjectKey>,
    elsewhere: Elsewhere,
}

/// What lies in other buckets.
#[derive(Default)]
struct Elsewhere {
    there: HashSet<(BucketName, ObjectKey)>,
    /// Buckets that could not be looked at.
    unknown: HashSet<BucketName>,
}

impl<'a> Family<'a> {
    /// What is made of these keys of a bucket. `all` are the verdicts on it, those that the plan does not take among them.
    pub(super) fn of(
        blueprint: &Blueprint,
        bucket: &'a BucketName,
        taken: &[&'a Verdict],
        all: &'a [Verdict],
        wanted: Wanted,
    ) -> Self {
        // What a tag puts aside is still there.
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

    /// The keys of what is made in the same bucket.
    pub(super) fn here(&self) -> impl Iterator<Item = &ObjectKey> {
        let made = self.of.values().flatten();
        made.filter(|made| made.bucket == *self.bucket)
            .map(|made| &made.key)
    }

    /// Looks at what is made in other buckets.
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

    /// Why a source has to stay while what was made from it does. `goes` says of a key of this bucket whether the plan
    /// takes it, `there` what is under the keys of this bucket.
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

    /// How many rules lie between each key that goes and the first of what it was made from that goes, too.
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
