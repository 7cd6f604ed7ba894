//! Where only an object's metadata tells whose it is: each is asked, and nothing else is believed.

use std::sync::Arc;

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::ops::change::{Bounds, Point};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;

use super::bench::{Bench, Way, owner, refused, verified};
use crate::cli::support::bucket;

const MEDIA: &str = "media-by-metadata";

const RULES: &str = r#"
version = 1
name = "by-metadata"

[[bucket]]
name = "media-by-metadata"

[[bucket.layout]]
id = "media"
key = "media/{name}.{ext}"
owner_from = "metadata:owner-id"

[[bucket.derived]]
from = "media"
to_bucket = "media-by-metadata"
regex = '^media/(.+)$'
replace = 'thumbs/$1'
"#;

/// Three objects of user-1's with a thumbnail each, two of user-10's with theirs, and one of nobody's.
async fn bench() -> Bench {
    let world = World {
        name: "by-metadata".to_owned(),
        buckets: vec![bucket(MEDIA, [] as [&str; 0])],
        ..World::default()
    };
    let rules = Blueprint::parse("test", RULES).unwrap();
    let bench = Bench::by(rules, SandboxOptions::default(), world).await;
    for (name, of) in [
        ("a", Some("user-1")),
        ("b", Some("user-1")),
        ("c", Some("user-1")),
        ("d", Some("user-10")),
        ("e", Some("user-10")),
        ("f", None),
    ] {
        put(&bench, &format!("media/{name}.jpg"), of).await;
        put(&bench, &format!("thumbs/{name}.jpg"), None).await;
    }
    bench
}

async fn put(bench: &Bench, key: &str, of: Option<&str>) {
    let of = of.map(|of| ("owner-id", of));
    bench.put(MEDIA, key, of.as_slice()).await;
}

const OF_OTHERS: [&str; 6] = [
    "media/d.jpg",
    "media/e.jpg",
    "media/f.jpg",
    "thumbs/d.jpg",
    "thumbs/e.jpg",
    "thumbs/f.jpg",
];

#[tokio::test]
async fn exactly_what_metadata_gives_to_the_user_goes_with_what_was_made_of_it() {
    let bench = bench().await;
    bench.sandbox.requests().reset();
    let plan = bench.plan(&owner("user-1")).await;
    assert_eq!(plan.items.len(), 6);
    // Each object of the layout is asked once, and no thumbnail.
    assert_eq!(bench.sandbox.requests().of("HeadObject"), 6);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(done.plan_removed);
    assert_eq!(bench.keys(), OF_OTHERS);
}

#[tokio::test]
async fn a_plan_that_claims_a_neighbours_object_by_metadata_does_not_get_it() {
    let bench = bench().await;
    let mut plan = bench.plan(&owner("user-1")).await;
    let of_neighbour = bench.plan(&owner("user-10")).await;
    plan.items.extend(of_neighbour.items);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(bench.keys(), OF_OTHERS);
    let items = &done.receipt.items;
    let left = items
        .iter()
        .filter(|item| item.outcome == Outcome::Retained);
    assert!(left.count() > 0 || items.iter().any(|item| item.outcome == Outcome::GoneBefore));
    assert!(
        items[6..]
            .iter()
            .all(|item| item.outcome != Outcome::Deleted)
    );
}

#[tokio::test]
async fn what_is_gone_when_it_goes_on_needs_no_proof() {
    let bench = bench().await;
    let plan = bench.plan(&owner("user-1")).await;
    let stop = bench.stop.clone();
    let hook = Arc::new(
        move |at: Point| -> futures::future::BoxFuture<'static, ()> {
            if at == Point::Settled {
                stop.cancel();
            }
            Box::pin(std::future::ready(()))
        },
    );
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    bench.carry_out(&plan, way).await.unwrap();
    assert!(bench.keys().len() > OF_OTHERS.len());
    let bench = Bench {
        stop: tokio_util::sync::CancellationToken::new(),
        ..bench
    };
    bench.go_on(&plan).await;
    assert_eq!(bench.keys(), OF_OTHERS);
}

#[tokio::test]
async fn a_copy_in_quarantine_is_the_users_whom_its_metadata_names() {
    let bench = bench().await;
    for (name, of) in [("g", "user-1"), ("h", "user-10")] {
        let copy = format!("s3warden-quarantine/media/{name}.jpg");
        put(&bench, &copy, Some(of)).await;
        // Its thumbnail stands, or was put aside as well.
        put(&bench, &format!("thumbs/{name}.jpg"), None).await;
        put(
            &bench,
            &format!("s3warden-quarantine/thumbs/{name}.jpg"),
            None,
        )
        .await;
    }
    // By now another user has an object under the key that the copy had.
    put(&bench, "s3warden-quarantine/media/d.jpg", Some("user-1")).await;
    let done = verified(
        bench
            .carry_out(&bench.plan(&owner("user-1")).await, Way::default())
            .await,
    );
    // Whose media the copy of a thumbnail was made from, nothing tells for certain: it is left, and named.
    let mut left = vec![
        "s3warden-quarantine/media/h.jpg",
        "s3warden-quarantine/thumbs/g.jpg",
        "s3warden-quarantine/thumbs/h.jpg",
        "thumbs/h.jpg",
    ];
    left.extend(OF_OTHERS);
    left.sort_unstable();
    assert_eq!(bench.keys(), left);
    assert!(done.plan_removed, "{:?}", done.receipt.items);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_more_than_was_allowed() {
    let bench = bench().await;
    bench.program.write("rules.toml", RULES);
    let rules = bench.program.home.path().join("rules.toml");
    let rules = rules.to_str().unwrap();
    bench.sandbox.requests().reset();
    let find = |most| {
        [
            "find",
            "user-1",
            "--blueprint",
            rules,
            "--format",
            "json",
            "--max-heads",
            most,
        ]
    };
    let document = bench.program.run(&find("5")).json(0);
    assert_eq!(document["complete"], false);
    assert!(
        document["summary"]["incomplete"]
            .to_string()
            .contains("the limit is 5 in all")
    );
    let purge = ["purge", "user-1", "--blueprint", rules, "--max-heads", "5"];
    let ran = bench.program.run(&purge);
    assert_eq!(ran.status, 4, "{ran:#?}");
    assert!(ran.err.contains("--max-heads"), "{}", ran.err);
    assert_eq!(bench.sandbox.requests().of("HeadObject"), 0);
    let document = bench.program.run(&find("6")).json(0);
    // One is nobody's by its metadata, and may be the user's: that is all that is missing.
    let incomplete = document["summary"]["incomplete"].as_array().unwrap();
    assert_eq!(incomplete.len(), 1, "{document:#}");
    assert_eq!(
        incomplete[0]["what"],
        "media-by-metadata: the owner of 1 object"
    );
    // Carrying out a plan from a file is no way round.
    let plan = bench.plan(&owner("user-1")).await;
    let way = Way {
        bounds: Bounds {
            heads: Some(5),
            ..Bounds::default()
        },
        ..Way::default()
    };
    let why = refused(bench.carry_out(&plan, way).await);
    assert!(why.contains("and the limit is 5"), "{why}");
    assert_eq!(bench.keys().len(), 12);
}
