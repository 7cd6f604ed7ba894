//! Whose what comes back is, where it comes back for one owner alone.

use std::collections::BTreeSet;

use s3warden::facade::aws::Meter;
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::quarantine::Method;
use s3warden::facade::ops::quarantine::{HeldRequest, plan_restore};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;

use crate::cli::support::bucket;
use crate::purge::bench::{Bench, owner};

const THUMBS: &str = "thumbs-of-owners";

/// Thumbnails whose keys name nobody, in a bucket of their own, and objects that name their owner in metadata.
const RULES: &str = r#"
version = 1
name = "of-owners"

[[bucket]]
name = "media-of-owners"

[[bucket.layout]]
id = "media"
key = "media/{user}/{name}.{ext}"
owner = "user"

[[bucket.derived]]
id = "small"
from = "media"
to_bucket = "thumbs-of-owners"
steps = [{ replace_all = "media/", with = "" }, { replace_all = "/", with = "_" }]

[[bucket]]
name = "thumbs-of-owners"

[[bucket.layout]]
id = "face"
key = "faces/{name}.{ext}"
owner_from = "metadata:owner-id"
"#;

async fn bench() -> Bench {
    let world = World {
        name: "of-owners".to_owned(),
        buckets: vec![
            bucket(
                "media-of-owners",
                [
                    "media/ada/there.jpg",
                    "media/bob/there.jpg",
                    "s3warden-quarantine/media/ada/aside.jpg",
                    "s3warden-quarantine/media/bob/aside.jpg",
                ],
            ),
            bucket(
                THUMBS,
                [
                    "ada_there.jpg",
                    "bob_there.jpg",
                    "s3warden-quarantine/ada_there.jpg",
                    "s3warden-quarantine/ada_aside.jpg",
                    "s3warden-quarantine/bob_there.jpg",
                    "s3warden-quarantine/nobody.jpg",
                ],
            ),
        ],
        ..World::default()
    };
    let rules = Blueprint::parse("test", RULES).unwrap();
    let bench = Bench::by(rules, SandboxOptions::default(), world).await;
    for user in ["ada", "bob"] {
        let key = format!("s3warden-quarantine/faces/{user}.jpg");
        bench.put(THUMBS, &key, &[("owner-id", user)]).await;
    }
    for key in ["ada_there.jpg", "bob_there.jpg"] {
        let tagged = bench.sandbox.store().write(THUMBS, |bucket| {
            let id = bucket.keys.current(key).unwrap().id;
            let tags = vec![("s3warden-orphan".to_owned(), "2026-01-01".to_owned())];
            bucket
                .keys
                .change(key, &id, |object| object.tags.clone_from(&tags));
            Ok(())
        });
        tagged.unwrap();
    }
    bench
}

async fn held(bench: &Bench, method: Method) -> BTreeSet<String> {
    let bucket = BucketName::new(THUMBS).unwrap();
    let owner = owner("ada");
    let request = HeldRequest {
        blueprint: &bench.blueprint,
        bucket: &bucket,
        method,
        owner: Some(&owner),
        records: None,
        max_heads: 100,
        in_flight: 8,
    };
    let held = plan_restore(&bench.aws, request, &bench.stop, &Meter::new()).await;
    let items = held.unwrap().plan.items.into_iter();
    items
        .map(|item| item.claim.key.as_str().to_owned())
        .collect()
}

#[tokio::test]
async fn what_was_made_of_an_owners_media_comes_back_with_them() {
    let bench = bench().await;
    // The rule loses where folders ended: whose the copies of thumbnails are nothing tells for certain.
    let copies = ["s3warden-quarantine/faces/ada.jpg"];
    assert_eq!(
        held(&bench, Method::Copy).await,
        copies.map(str::to_owned).into()
    );
    let tagged = ["ada_there.jpg".to_owned()];
    assert_eq!(held(&bench, Method::Tag).await, tagged.into());
}
