//! Owners and derived objects of all sorts, thrown together.

use proptest::prelude::*;

use super::*;

/// Few names, so that they meet: owners that are prefixes of one another, names that look like thumbnails.
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
            // `a-thumbnail.b/x` is what the rule makes of `a.b/x`, which may have been there.
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
