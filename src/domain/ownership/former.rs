//! What the inverted rules say about a key without an existing source.

use super::{Evidence, OwnerClaim, Ownership};
use crate::domain::BucketName;
use crate::domain::blueprint::FormerSource;

/// How far back sources of sources are followed. No application derives in more generations.
const MOST_GENERATIONS: usize = 3;

/// If a rule may have produced a key from more sources than this, the owner is unknown.
const MOST_FOLLOWED: usize = 64;

/// The claims of possible former sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Former {
    pub claims: Vec<OwnerClaim>,
    /// The first rule that can have produced the key, and the bucket of its sources.
    pub rule: Option<(String, BucketName)>,
    /// A rule that can have produced it and drops the owner.
    pub loses_owner: Option<(String, BucketName)>,
    /// Whether there may have been a source whose owner was only in records or metadata, which no longer name it.
    pub has_silent_source: bool,
}

impl Ownership<'_> {
    pub(super) fn former(&self, bucket: &BucketName, key: &str) -> Former {
        let mut former = Former::default();
        self.collect(bucket, key, MOST_GENERATIONS, &mut former);
        former
    }

    fn collect(&self, bucket: &BucketName, key: &str, generations: usize, all: &mut Former) {
        for route in self.routes_to(bucket) {
            let found = route.rule.former_sources(route.from, key);
            if found.are_impossible() {
                continue;
            }
            let of_rule = || (route.rule.id.clone(), route.from.name.clone());
            all.rule.get_or_insert_with(of_rule);
            let is_followed = found.keys.len() <= MOST_FOLLOWED;
            if found.is_owner_lost || !is_followed {
                all.loses_owner.get_or_insert_with(of_rule);
            }
            for source in &found.keys {
                self.collect_source(route.rule.id.as_str(), &route.from.name, source, all);
                // A source that was itself derived belongs to the owner of its own source.
                if generations > 1 && is_followed && source.key != key {
                    self.collect(&route.from.name, &source.key, generations - 1, all);
                }
            }
            for owner in found.owners {
                let is_of_key = |one: &FormerSource| one.owner.as_ref() == Some(&owner);
                if !found.keys.iter().any(is_of_key) {
                    all.claims.push(OwnerClaim {
                        owner,
                        evidence: Evidence::FormerSource {
                            rule: route.rule.id.clone(),
                            bucket: route.from.name.clone(),
                            key: None,
                        },
                    });
                }
            }
        }
    }

    fn collect_source(
        &self,
        rule: &str,
        bucket: &BucketName,
        source: &FormerSource,
        all: &mut Former,
    ) {
        let recorded = self.recorded(&source.key).into_iter();
        let recorded: Vec<_> = recorded.map(|claim| claim.owner).collect();
        all.has_silent_source |= source.owner.is_none() && recorded.is_empty();
        let owners = source.owner.iter().cloned().chain(recorded);
        all.claims.extend(owners.map(|owner| OwnerClaim {
            owner,
            evidence: Evidence::FormerSource {
                rule: rule.to_owned(),
                bucket: bucket.clone(),
                key: Some(source.key.clone()),
            },
        }));
    }
}
