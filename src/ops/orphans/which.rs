//! Decides which buckets to list, and which verdicts are possible.

use super::OrphansRequest;
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, BucketBlueprint, ReferenceList};
use crate::domain::orphans::{Kind, Kinds};

/// The kinds of verdict that are possible with these lists.
#[must_use]
pub(crate) fn judgeable(owners: bool, keys: bool) -> Kinds {
    let mut kinds = Kinds::all();
    if !owners {
        kinds = kinds.without(Kind::OwnerGone);
    }
    if !keys {
        kinds = kinds.without(Kind::RecordGone).without(Kind::Dangling);
    }
    if !owners && !keys {
        kinds = kinds.without(Kind::Suspect);
    }
    kinds
}

/// The lists of owners and keys in a blueprint, if they are described well enough to be read.
#[must_use]
pub(crate) fn lists_of(blueprint: &Blueprint) -> (Option<ReferenceList>, Option<ReferenceList>) {
    let whole = |list: &Option<ReferenceList>| list.clone().filter(|list| list.gaps().is_empty());
    (
        whole(&blueprint.registry.owners),
        whole(&blueprint.registry.keys),
    )
}

/// The buckets for which verdicts are wanted, in the order of the blueprint: the named ones, or all that can be judged.
pub(super) fn wanted(request: &OrphansRequest) -> Vec<BucketName> {
    let buckets = request.blueprint.buckets.iter();
    let named = |bucket: &&BucketBlueprint| {
        if request.buckets.is_empty() {
            can_be_judged(&request.blueprint, bucket)
        } else {
            request.buckets.contains(&bucket.name)
        }
    };
    buckets
        .filter(named)
        .map(|bucket| bucket.name.clone())
        .collect()
}

/// The buckets that were not named and are left out, one sentence each.
pub(super) fn left_out(request: &OrphansRequest) -> Vec<String> {
    let buckets = request.blueprint.buckets.iter();
    let left_out = buckets
        .filter(|bucket| request.buckets.is_empty() && !can_be_judged(&request.blueprint, bucket));
    left_out
        .map(|bucket| {
            format!(
                "{} was not searched: the blueprint has no layout for it, and no derived rule leads into it",
                bucket.name
            )
        })
        .collect()
}

/// Whether a bucket has layouts, or rules that write into it.
fn can_be_judged(blueprint: &Blueprint, bucket: &BucketBlueprint) -> bool {
    let mut rules = blueprint.buckets.iter().flat_map(|from| &from.derived);
    !bucket.layouts.is_empty() || rules.any(|rule| rule.to_bucket == bucket.name)
}

/// The buckets to list: also all buckets of sources and derived objects, recursively.
pub(super) fn needed(
    blueprint: &Blueprint,
    wanted: &[BucketName],
    kinds: Kinds,
) -> Vec<BucketBlueprint> {
    let mut names = wanted.to_vec();
    if kinds.has(Kind::DerivedMissing) {
        let buckets = blueprint.buckets.iter();
        let sources = buckets.filter(|bucket| wanted.contains(&bucket.name));
        let made = sources.flat_map(|bucket| &bucket.derived);
        names.extend(made.map(|rule| rule.to_bucket.clone()));
    }
    // Owners and records may come from the source, so the source is needed for all kinds.
    loop {
        let before = names.len();
        for bucket in &blueprint.buckets {
            let leads_here = bucket
                .derived
                .iter()
                .any(|rule| names.contains(&rule.to_bucket));
            if leads_here && !names.contains(&bucket.name) {
                names.push(bucket.name.clone());
            }
        }
        if names.len() == before {
            break;
        }
    }
    let buckets = blueprint.buckets.iter();
    buckets
        .filter(|bucket| names.contains(&bucket.name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str], kinds: &[Kind]) -> Vec<String> {
        let blueprint = Blueprint::builtin("quikapp").unwrap();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|name| BucketName::new(*name).unwrap())
            .collect();
        needed(&blueprint, &wanted, kinds.iter().copied().collect())
            .into_iter()
            .map(|bucket| bucket.name.to_string())
            .collect()
    }

    #[test]
    fn what_thumbnails_were_made_from_is_listed_with_them() {
        let both = ["quikapp-media-prod", "quikapp-thumbnails-prod"];
        assert_eq!(
            names(&["quikapp-thumbnails-prod"], &[Kind::SourceGone]),
            both
        );
        assert_eq!(
            names(&["quikapp-media-prod"], &[Kind::DerivedMissing]),
            both
        );
        assert_eq!(
            names(&["quikapp-media-prod"], &[Kind::OwnerGone]),
            ["quikapp-media-prod"]
        );
    }

    #[test]
    fn a_verdict_that_needs_a_list_is_not_had_without_it() {
        let kinds = judgeable(true, false);
        assert!(kinds.has(Kind::OwnerGone) && !kinds.has(Kind::RecordGone));
        assert!(!judgeable(false, true).has(Kind::OwnerGone));
        assert!(judgeable(false, false).has(Kind::SourceGone));
    }
}
