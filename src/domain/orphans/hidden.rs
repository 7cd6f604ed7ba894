//! Finds keys that may be derived from originals of which only noncurrent versions remain.
//!
//! A rule that drops the owner gives the same key for media of several users. An existing original decides the owner of
//! such a derived object. If a delete marker hides another user's original, the object may be that user's instead.

use foldhash::{HashMap, HashSet};

use super::Ground;
use crate::domain::OwnerId;
use crate::domain::ownership::{Ownership, Seen};

/// Keys that may be derived from hidden originals.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// By ground and key: the owners of the hidden originals, if known.
    made: HashMap<(usize, String), Vec<Option<OwnerId>>>,
    /// Grounds that rules fill from a bucket whose versions were not listed.
    unknown: HashSet<usize>,
}

impl Hidden {
    pub(super) fn of(grounds: &[Ground], ownership: &Ownership<'_>) -> Self {
        let mut all = Self::default();
        let number = |name: &crate::domain::BucketName| {
            let mut grounds = grounds.iter();
            grounds.position(|ground| ground.rules.name == *name)
        };
        for ground in grounds {
            let Some(hidden) = &ground.hidden else {
                let targets = ground.rules.derived.iter();
                let targets = targets.filter_map(|rule| number(&rule.to_bucket));
                all.unknown.extend(targets);
                continue;
            };
            for key in hidden {
                let made = ground.rules.derived_of(key.as_str());
                let made: Vec<_> = made
                    .into_iter()
                    .filter_map(|one| Some((number(&one.bucket)?, one.key)))
                    .collect();
                if made.is_empty() {
                    continue;
                }
                let whose = ownership.whose(&ground.rules.name, key.as_str(), &Seen::default());
                for place in made {
                    let owners = all.made.entry(place).or_default();
                    owners.push(whose.owner().cloned());
                }
            }
        }
        all
    }

    /// Whether the key may be derived from a hidden original of another owner.
    pub(super) fn has_others(&self, ground: usize, key: &str, owner: Option<&str>) -> bool {
        let owners = self.made.get(&(ground, key.to_owned()));
        let is_others = |one: &Option<OwnerId>| one.as_ref().map(OwnerId::as_str) != owner;
        owners.is_some_and(|owners| owners.iter().any(is_others))
    }

    /// Whether the hidden originals are unknown.
    pub(super) fn is_unknown(&self, ground: usize) -> bool {
        self.unknown.contains(&ground)
    }
}
