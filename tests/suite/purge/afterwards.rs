//! What was made of media that are gone already is the user's still, and is looked for where only the plan tells of it.

use s3warden::facade::aws::WriteMode;
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::receipt::{Outcome, Receipt};
use s3warden::facade::sandbox::faults::KEY_OF_BATCH;
use s3warden::facade::sandbox::world::{Versioning, World};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::bench::{Bench, Way, owner, verified};
use crate::ops::world::bucket;

const MEDIA: &str = "after-media";
const THUMBS: &str = "after-thumbs";

/// No layout tells whose a thumbnail is: its source alone does.
const RULES: &str = r#"
version = 1
name = "after"

[[bucket]]
name = "after-media"

[[bucket.layout]]
id = "photo"
key = "photos/{user}/{name...}"
owner = "user"

[[bucket.derived]]
id = "thumbnail"
from = "photo"
to_bucket = "after-thumbs"
regex = '^photos/([^/]+)/(.+)$'
replace = 'of-$1/$2'

[[bucket]]
name = "after-thumbs"
"#;

/// Four photos of a user, and the thumbnails of all but the last.
async fn bench() -> Bench {
    let kept = |name| {
        let mut bucket = bucket(name);
        bucket.versioning = Versioning::Enabled;
        bucket
    };
    let world = World {
        name: "after".to_owned(),
        buckets: vec![kept(MEDIA), kept(THUMBS)],
        ..World::default()
    };
    let rules = Blueprint::parse("after", RULES).unwrap();
    let bench = Bench::by(rules, SandboxOptions::default(), world).await;
    for n in 1..=4 {
        bench.put(MEDIA, &format!("photos/ada/{n}.jpg"), &[]).await;
    }
    for n in 1..=3 {
        bench.put(THUMBS, &format!("of-ada/{n}.jpg"), &[]).await;
    }
    bench
}

fn count(receipt: &Receipt, of: Outcome) -> usize {
    let items = receipt.items.iter();
    items.filter(|item| item.outcome == of).count()
}

#[tokio::test]
async fn thumbnails_that_outlive_their_sources_are_said_to_be_there_and_go_the_next_time() {
    let bench = bench().await;
    let plan = bench.plan(&owner("ada")).await;
    assert_eq!(plan.items.len(), 7);
    let failing = FaultRule::new(Fault::InternalError)
        .on(KEY_OF_BATCH)
        .at(THUMBS, "*");
    bench.sandbox.set_faults(vec![failing]);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    let left = ["of-ada/1.jpg", "of-ada/2.jpg", "of-ada/3.jpg"];
    assert_eq!(bench.keys(), left, "the sources are gone");
    assert_eq!(count(&done.receipt, Outcome::StillThere), 3);
    assert_eq!(count(&done.receipt, Outcome::Deleted), 4);
    bench.sandbox.set_faults(Vec::new());
    let done = bench.go_on(&plan).await;
    assert!(bench.keys().is_empty(), "{:?}", bench.keys());
    assert_eq!(count(&done.receipt, Outcome::Deleted), 7);
}

#[tokio::test]
async fn a_thumbnail_that_comes_after_its_source_went_is_left_and_said() {
    let bench = bench().await;
    let plan = bench.plan(&owner("ada")).await;
    let source = "photos/ada/4.jpg";
    let things = bench.things();
    let version = things.iter().find(|thing| thing.1 == source).unwrap();
    let s3 = bench.aws.s3_for(&BucketName::new(MEDIA).unwrap());
    let delete = s3.delete_object().bucket(MEDIA).key(source);
    let delete = delete.version_id(&version.3).customize();
    let permit = WriteMode::from_flag(true).permit().unwrap();
    delete.interceptor(permit).send().await.unwrap();
    bench.put(THUMBS, "of-ada/4.jpg", &[]).await;
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(bench.keys(), ["of-ada/4.jpg"]);
    assert_eq!(done.receipt.appeared, 1);
    assert_eq!(count(&done.receipt, Outcome::GoneBefore), 1);
    assert_eq!(count(&done.receipt, Outcome::Deleted), 6);
}
