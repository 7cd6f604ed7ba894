//! Copies in quarantine: a purge takes the user's with all else, and nobody else's.

use std::collections::BTreeSet;

use s3warden::facade::domain::ObjectKey;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::quarantine::place;
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{Versioning, World, WorldBucket};

use super::bench::{Bench, Way, owner, refused, verified};
use crate::cli::support::bucket;

const UPLOADS: &str = "pilotforce-user-uploads";
const MEDIA: &str = "media-by-records";

const RULES: &str = r#"
version = 1
name = "by-records"

[[bucket]]
name = "media-by-records"

[[bucket.layout]]
id = "media"
key = "media/{name}.{ext}"
owner_from = "registry"

[[bucket.derived]]
from = "media"
to_bucket = "thumbs-by-records"
regex = '^(.+)(\..+?)$'
replace = '$1-small$2'

[[bucket]]
name = "thumbs-by-records"
"#;

fn versioned(name: &str) -> WorldBucket {
    WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket(name, [] as [&str; 0])
    }
}

async fn bench(rules: Blueprint, buckets: Vec<WorldBucket>) -> Bench {
    let world = World {
        name: rules.name.clone(),
        buckets,
        ..World::default()
    };
    Bench::by(rules, SandboxOptions::default(), world).await
}

fn of(user: &str, name: &str) -> String {
    format!("uploads/{user}/6f9619ff-8b86-4011-b42d-00c04fc964ff-{name}")
}

/// What is there under keys that hold one of these words.
fn with(bench: &Bench, words: &[&str]) -> BTreeSet<super::bench::Thing> {
    let things = bench.things().into_iter();
    things
        .filter(|thing| words.iter().any(|word| thing.1.contains(word)))
        .collect()
}

#[tokio::test]
async fn the_users_copies_go_with_every_version_and_the_neighbours_stay() {
    let bench = bench(
        Blueprint::builtin("pilotforce").unwrap(),
        vec![versioned(UPLOADS)],
    )
    .await;
    // Long enough for a place that does not tell the key.
    let long = of("user-1", &"l".repeat(960));
    let anothers_long = of("user-10", &"l".repeat(960));
    for key in [&long, &anothers_long] {
        let place = place::of(&ObjectKey::new(key.as_str()).unwrap()).unwrap();
        let entry = place.entry.unwrap();
        let metadata = [(place::KEY_ENTRY, entry.as_str())];
        bench.put(UPLOADS, place.key.as_str(), &metadata).await;
    }
    for user in ["user-1", "user-10", "uploads"] {
        bench.put(UPLOADS, &of(user, "there.jpg"), &[]).await;
        for name in ["a.jpg", "a-thumbnail.jpg"] {
            let copy = format!("s3warden-quarantine/{}", of(user, name));
            // Put aside twice: an older version lies under the copy.
            bench.put(UPLOADS, &copy, &[]).await;
            bench.put(UPLOADS, &copy, &[]).await;
        }
        // The copy's original is gone, and its thumbnail was made again.
        bench.put(UPLOADS, &of(user, "a-thumbnail.jpg"), &[]).await;
    }
    let neighbours = bench.things();
    let is_users = |key: &str| {
        key.contains("/user-1/")
            || key
                == place::of(&ObjectKey::new(long.as_str()).unwrap())
                    .unwrap()
                    .key
                    .as_str()
    };
    let neighbours: BTreeSet<_> = neighbours
        .into_iter()
        .filter(|thing| !is_users(&thing.1))
        .collect();
    let plan = bench.plan(&owner("user-1")).await;
    let mut gaps = plan.header.not_searched.iter();
    assert!(gaps.all(|gap| !gap.what.contains("quarantine")));
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(done.plan_removed);
    assert_eq!(bench.things(), neighbours);
}

#[tokio::test]
async fn records_tell_whose_a_copy_is_and_what_was_made_of_it() {
    let rules = Blueprint::parse("test", RULES).unwrap();
    let thumbs = "thumbs-by-records";
    let mut bench = bench(rules, vec![versioned(MEDIA), versioned(thumbs)]).await;
    for name in ["mine", "theirs"] {
        let copy = format!("s3warden-quarantine/media/{name}.jpg");
        bench.put(MEDIA, &copy, &[]).await;
        let thumbnail = format!("media/{name}-small.jpg");
        let copy = format!("s3warden-quarantine/{thumbnail}");
        bench.put(thumbs, &copy, &[]).await;
        bench.put(thumbs, &thumbnail, &[]).await;
    }
    let theirs = with(&bench, &["theirs"]);
    bench.records = Some(BTreeSet::from(["media/mine.jpg".to_owned()]));
    let plan = bench.plan(&owner("user-1")).await;
    // Whose the others are no record says: they may be of the user, who is gone.
    let gaps: Vec<&str> = plan
        .header
        .not_searched
        .iter()
        .map(|gap| gap.what.as_str())
        .collect();
    assert_eq!(
        gaps,
        [
            "what media-by-records has in quarantine as copies",
            "what thumbs-by-records has in quarantine as copies",
            "thumbs-by-records: renditions of originals that are gone, 1 key",
            "thumbs-by-records: 1 key is contested",
        ]
    );
    verified(bench.carry_out(&plan, Way::default()).await);
    // The copy of a thumbnail was made when another's media may have lain under its source's key: it is left, and named.
    let copy = "s3warden-quarantine/media/mine-small.jpg";
    let left = bench.things().into_iter().filter(|thing| thing.1 != copy);
    assert_eq!(left.collect::<BTreeSet<_>>(), theirs);
}

#[tokio::test]
async fn a_plan_that_claims_a_neighbours_copy_is_refused() {
    let bench = bench(
        Blueprint::builtin("pilotforce").unwrap(),
        vec![bucket(
            UPLOADS,
            ["user-1", "user-10"].map(|user| format!("s3warden-quarantine/{}", of(user, "a.jpg"))),
        )],
    )
    .await;
    let mut plan = bench.plan(&owner("user-1")).await;
    plan.items.extend(bench.plan(&owner("user-10")).await.items);
    assert_eq!(plan.items.len(), 2);
    let why = refused(bench.carry_out(&plan, Way::default()).await);
    assert!(why.contains("its key names another user"), "{why}");
    assert_eq!(bench.things().len(), 2);
}
