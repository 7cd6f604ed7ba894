//! A derived object that two users' media become is not taken from the one by the purge of the other.

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;

use super::bench::{Bench, Way, owner, verified};
use crate::cli::support::{Endpoint, bucket};
use crate::quarantine::snapshot;

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

const UPLOADS: &str = "pilotforce-user-uploads";
const PHOTO: &str = "uploads/ada.l/6f9619ff-8b86-4011-b42d-00c04fc964ff-photo";
/// What the application makes of it: the rule takes the dot of the id for that of an extension.
const THUMBNAIL: &str = "uploads/ada-thumbnail.l/6f9619ff-8b86-4011-b42d-00c04fc964ff-photo";

#[test]
fn what_lies_where_a_living_user_has_media_is_left_and_told_wherever_the_list_is_read() {
    let none: [&str; 0] = [];
    let endpoint = Endpoint::serving(vec![
        bucket(UPLOADS, [PHOTO, THUMBNAIL]),
        bucket("pilotforce-assets", none),
        bucket("pilotforce-access-logs", none),
    ]);
    let program = endpoint.program();
    let run = |arguments: &[&str]| {
        let list = [
            "--blueprint",
            "pilotforce",
            "--registry",
            "owners=users.txt",
        ];
        program.run(&[arguments, &list[..], &["--format", "json"]].concat())
    };
    // The plan is from when nobody was called so: it holds both.
    program.write("users.txt", "bob\n");
    let made = run(&["purge", "ada.l", "--plan-out", "plan.jsonl"]);
    assert_eq!(made.json(0)["items"].as_array().unwrap().len(), 2);
    program.write("users.txt", "bob\nada-thumbnail.l\n");
    let found = run(&["find", "ada.l"]);
    let document = found.json(0);
    assert_eq!(
        document["summary"]["contested"].as_array().unwrap().len(),
        1
    );
    assert_eq!(document["summary"]["contested"][0]["key"], THUMBNAIL);
    let why = document["summary"]["contested"][0]["why"].as_str().unwrap();
    assert!(why.contains("ada-thumbnail.l"), "{why}");
    assert_eq!(document["complete"], false);
    let execute = ["--write", "--execute", "--confirm", "ada.l"];
    let done = run(&[&["purge", "--plan", "plan.jsonl"], &execute[..]].concat());
    let done = done.json(3);
    assert_eq!(done["complete"], false);
    let receipt = std::fs::read_to_string(done["summary"]["receipt"].as_str().unwrap()).unwrap();
    let contested = r#""contested":[{"bucket":"pilotforce-user-uploads","items":1,"keys":1}]"#;
    assert!(receipt.contains(contested), "{receipt}");
    let left = snapshot::of(&endpoint.sandbox);
    // The buckets themselves have no key.
    let left = left.keys().map(|(_, key, _)| key.as_str());
    let left: Vec<&str> = left.filter(|key| !key.is_empty()).collect();
    assert_eq!(left, [THUMBNAIL]);
}

#[test]
fn what_lies_with_another_name_and_records_give_to_the_user_is_purged() {
    let none: [&str; 0] = [];
    let endpoint = Endpoint::serving(vec![
        bucket(UPLOADS, [PHOTO, THUMBNAIL]),
        bucket("pilotforce-assets", none),
        bucket("pilotforce-access-logs", none),
    ]);
    let program = endpoint.program();
    program.write("users.txt", "bob\n");
    program.write(
        "assets.csv",
        &format!("s3Key,thumbnailKey,userId\n{PHOTO},{THUMBNAIL},ada.l\n"),
    );
    let done = program.run(&[
        "purge",
        "ada.l",
        "--blueprint",
        "pilotforce",
        "--registry",
        "owners=users.txt",
        "--registry",
        "keys=assets.csv",
        "--registry-column",
        "keys=s3Key",
        "--registry-column",
        "keys=thumbnailKey",
        "--registry-owner-column",
        "userId",
        "--write",
        "--execute",
        "--confirm",
        "ada.l",
    ]);
    assert_eq!(done.status, 0, "{done:#?}");
    let left = snapshot::of(&endpoint.sandbox);
    assert!(left.keys().all(|(_, key, _)| key.is_empty()), "{left:?}");
}
