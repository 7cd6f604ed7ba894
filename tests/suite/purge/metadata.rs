//! Where only an object's metadata tells whose it is: each is asked, and nothing else is believed.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use s3warden::aws::WriteMode;
use s3warden::domain::BucketName;
use s3warden::domain::blueprint::Blueprint;
use s3warden::domain::receipt::Outcome;
use s3warden::ops::change::Point;
use s3warden::sandbox::SandboxOptions;
use s3warden::sandbox::world::World;

use super::bench::{Bench, Way, owner, verified};
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
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let s3 = bench.aws.s3_for(&BucketName::new(MEDIA).unwrap());
    let mut put = s3.put_object().bucket(MEDIA).key(key);
    if let Some(of) = of {
        put = put.metadata("owner-id", of);
    }
    let put = put.body(ByteStream::from_static(b"x")).customize();
    put.interceptor(permit).send().await.unwrap();
}

fn keys(bench: &Bench) -> Vec<String> {
    let things = bench.things().into_iter();
    things.map(|thing| thing.1).collect()
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
    assert_eq!(keys(&bench), OF_OTHERS);
}

#[tokio::test]
async fn a_plan_that_claims_a_neighbours_object_by_metadata_does_not_get_it() {
    let bench = bench().await;
    let mut plan = bench.plan(&owner("user-1")).await;
    let of_neighbour = bench.plan(&owner("user-10")).await;
    plan.items.extend(of_neighbour.items);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(keys(&bench), OF_OTHERS);
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
    assert!(keys(&bench).len() > OF_OTHERS.len());
    let bench = Bench {
        stop: tokio_util::sync::CancellationToken::new(),
        ..bench
    };
    bench.go_on(&plan).await;
    assert_eq!(keys(&bench), OF_OTHERS);
}
