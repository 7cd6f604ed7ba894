//! Random owners and derived objects.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::blueprint::Location;
use crate::domain::ownership::tests::zoo::{LAYOUTS, RULES, TARGETS, key_of, system, word};

/// A few names, so that they collide: owners that are prefixes of one another, and names that look like thumbnails.
fn any_key() -> impl Strategy<Value = String> {
    let owner = prop::sample::select(vec!["u", "u1", "u10", "U1", "a.b", "a-thumbnail.b"]);
    let name = prop::sample::select(vec![
        "a.jpg",
        "a-thumbnail.jpg",
        "a-thumbnail-thumbnail.jpg",
        "b",
        "b-thumbnail.jpg",
    ]);
    (owner, name, any::<bool>()).prop_map(|(owner, name, parses)| {
        let uuid = if parses { UUID } else { "no" };
        format!("uploads/{owner}/{uuid}-{name}")
    })
}

proptest! {
    #[test]
    fn a_living_owners_media_are_never_called_ownerless_and_a_gone_ones_always(
        all in prop::collection::btree_set(any_key(), 1..12),
        living in prop::sample::subsequence(vec!["u", "u1", "u10", "a.b", "x"], 1..5),
    ) {
        let all: Vec<String> = all.into_iter().collect();
        let registry = owners(&living);
        let found = findings("pilotforce", &[uploads(&all)], Some(&registry), None);
        let blueprint = Blueprint::builtin("pilotforce").unwrap();
        let bucket = blueprint.bucket(&BucketName::new(UPLOADS).unwrap()).unwrap();
        for key in &all {
            let of_key: Vec<_> = found.verdicts.iter().filter(|v| v.key.as_str() == key).collect();
            prop_assert!(of_key.len() <= 1, "{key} has {of_key:?}");
            let kind = of_key.first().map(|verdict| verdict.kind);
            let owner = key.split('/').nth(1).unwrap();
            let sources: Vec<&str> = all
                .iter()
                .filter(|source| bucket.derived_of(source).iter().any(|made| made.key == *key))
                .filter(|source| *source != key)
                .map(|source| source.split('/').nth(1).unwrap())
                .collect();
            let alive = |owner: &str| living.contains(&owner);
            // The rule derives `a-thumbnail.b/x` from `a.b/x`, which may have existed.
            let file = key.rsplit('/').next().unwrap();
            let may_be_anothers =
                owner == "a-thumbnail.b" && !file.contains('.') && sources.is_empty();
            if alive(owner) || sources.iter().any(|source| alive(source)) {
                prop_assert_ne!(kind, Some(Kind::OwnerGone), "{}", key);
            } else if may_be_anothers && alive("a.b") {
                prop_assert_eq!(kind, Some(Kind::Suspect), "{}", key);
            } else if registry.likeness(owner).is_none()
                && sources.iter().all(|source| registry.likeness(source).is_none())
            {
                prop_assert_eq!(kind, Some(Kind::OwnerGone), "{}", key);
            }
            if kind == Some(Kind::SourceGone) {
                prop_assert!(sources.is_empty(), "{key} has a source");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// The test knows each user's uploads and derived objects; some of the uploads are gone.
    #[test]
    fn by_no_rule_is_a_living_users_object_an_orphan_for_want_of_its_owner(
        layout in 0..LAYOUTS.len(),
        rule in 0..RULES.len(),
        target in 0..TARGETS.len(),
        uploads in prop::collection::vec((prop::collection::vec(word(), 3..5), word(), any::<bool>()), 1..6),
        dead in word(),
    ) {
        let system = system(layout, rule, target);
        let media = &system.buckets[0];
        // Bucket and key; the owners, and whether the source exists.
        let mut objects: BTreeMap<(String, String), Vec<(String, bool)>> = BTreeMap::new();
        let mut originals = BTreeSet::new();
        for (words, user, is_there) in &uploads {
            let key = key_of(LAYOUTS[layout], words, user);
            let Location::Owned { owner, .. } = media.locate(&key) else {
                continue;
            };
            let owner = owner.as_str().to_owned();
            for made in media.derived_of(&key) {
                if made.bucket != media.name || made.key != key {
                    let place = (made.bucket.to_string(), made.key);
                    objects.entry(place).or_default().push((owner.clone(), *is_there));
                }
            }
            if *is_there {
                let place = ("media".to_owned(), key);
                originals.insert(place.clone());
                objects.entry(place).or_default().push((owner, true));
            }
        }
        let owned_by: BTreeSet<&String> = objects.values().flatten().map(|(owner, _)| owner).collect();
        let living: Vec<&str> = owned_by.into_iter().map(String::as_str).filter(|id| *id != dead).chain(["somebody"]).collect();
        let grounds: Vec<Ground> = system.buckets.iter().map(|bucket| {
            let of_bucket = objects.keys().filter(|(name, _)| *name == bucket.name.as_str());
            let keys: Vec<(String, i64)> = of_bucket.map(|(_, key)| (key.clone(), 1_000)).collect();
            aged_by(system, bucket.name.as_str(), &keys)
        }).collect();
        let found = findings_by(system, &grounds, Some(&owners(&living)), None);
        let derives = &media.derived[0];
        for verdict in &found.verdicts {
            let place = (verdict.bucket.to_string(), verdict.key.as_str().to_owned());
            let Some(of) = objects.get(&place) else {
                continue;
            };
            // If two users' media produce the same key, an existing source decides.
            let has_source = of.iter().any(|(_, is_there)| *is_there);
            let is_livings = of.iter().any(|(owner, is_there)| *owner != dead && *is_there == has_source);
            prop_assert!(
                verdict.kind != Kind::OwnerGone || !is_livings,
                "{place:?} of {of:?} by {:?}: {verdict:?}", derives.steps
            );
            // A key with a rule's mark was derived by that rule, unless a user chose the name for an upload.
            if verdict.kind == Kind::SourceGone && originals.contains(&place) && is_livings {
                let is_marked = derives.leaves_mark()
                    && derives.witness(media, &place.1).is_some_and(|witness| witness.is_whole);
                prop_assert!(is_marked, "{place:?} of {of:?} by {:?}", derives.steps);
            }
        }
    }
}
