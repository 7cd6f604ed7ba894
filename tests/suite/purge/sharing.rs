//! A derived object that two users' media become is not taken from the one by the purge of the other.

use s3warden::domain::blueprint::Blueprint;
use s3warden::domain::receipt::Outcome;
use s3warden::sandbox::SandboxOptions;
use s3warden::sandbox::world::World;

use super::bench::{Bench, Way, owner, verified};
use crate::cli::support::bucket;

const MEDIA: &str = "shared-media";
const THUMBS: &str = "shared-thumbs";

/// One rule cuts off how keys end, the other the folder of the user.
const RULES: &str = r#"
version = 1
name = "shared"

[[bucket]]
name = "shared-media"

[[bucket.layout]]
id = "profile"
key = "profiles/{user}/{name...}"
owner = "user"

[[bucket.layout]]
id = "photo"
key = "photos/{user}/{name...}"
owner = "user"

[[bucket.derived]]
id = "cut"
from = "profile"
to_bucket = "shared-thumbs"
steps = [{ cut_from_last = "." }, { append = ".webp" }]

[[bucket.derived]]
id = "flat"
from = "photo"
to_bucket = "shared-thumbs"
regex = '^photos/[^/]+/(.+)$'
replace = 'photos/$1'

[[bucket]]
name = "shared-thumbs"
"#;

async fn bench() -> Bench {
    let world = World {
        name: "shared".to_owned(),
        buckets: vec![
            bucket(
                MEDIA,
                [
                    // The dot that the rule takes for the extension's is in the id.
                    "profiles/ada.l/portrait",
                    "profiles/ada.l/b.jpg",
                    "photos/ada.l/1.jpg",
                    "photos/ada.l/2.jpg",
                ],
            ),
            bucket(
                THUMBS,
                [
                    "profiles/ada.webp",
                    "profiles/ada.l/b.webp",
                    "photos/1.jpg",
                    "photos/2.jpg",
                ],
            ),
        ],
        ..World::default()
    };
    let rules = Blueprint::parse("test", RULES).unwrap();
    Bench::by(rules, SandboxOptions::default(), world).await
}

const OF_THE_NEIGHBOUR: [&str; 2] = ["profiles/ada.x/face", "photos/bob/1.jpg"];

#[tokio::test]
async fn what_a_neighbours_media_become_as_well_is_left_and_told() {
    let bench = bench().await;
    let plan = bench.plan(&owner("ada.l")).await;
    assert_eq!(plan.items.len(), 8);
    for key in OF_THE_NEIGHBOUR {
        bench.put(MEDIA, key, &[]).await;
    }
    let left = [
        "photos/bob/1.jpg",
        "profiles/ada.x/face",
        "photos/1.jpg",
        "profiles/ada.webp",
    ];
    // The plan is from before: what it has of them is left all the same.
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(bench.keys(), left);
    let retained = done.receipt.items.iter();
    let retained = retained.filter(|item| item.outcome == Outcome::Retained);
    let reasons: Vec<_> = retained.map(|item| item.reason.clone().unwrap()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(
        reasons[0].contains("not known to be the user's alone"),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn a_plan_of_today_does_not_hold_them_and_says_why() {
    let bench = bench().await;
    for key in OF_THE_NEIGHBOUR {
        bench.put(MEDIA, key, &[]).await;
    }
    let plan = bench.plan(&owner("ada.l")).await;
    let gaps = plan.header.not_searched.iter();
    let gaps: Vec<_> = gaps.map(|gap| gap.what.as_str()).collect();
    assert_eq!(gaps, ["shared-thumbs: 2 keys are contested"]);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(done.plan_removed);
    assert_eq!(done.receipt.appeared, 0);
    let left = [
        "photos/bob/1.jpg",
        "profiles/ada.x/face",
        "photos/1.jpg",
        "profiles/ada.webp",
    ];
    assert_eq!(bench.keys(), left);
    // When the last of them goes, they go, too.
    for user in ["ada.x", "bob"] {
        let plan = bench.plan(&owner(user)).await;
        verified(bench.carry_out(&plan, Way::default()).await);
    }
    assert_eq!(bench.keys(), [] as [&str; 0]);
}
