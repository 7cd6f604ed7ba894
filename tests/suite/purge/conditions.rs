//! What has no version of its own is deleted on a condition where that was shown to be heeded, and looked at elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::aws::WriteMode;
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::change::{Item, Plan};
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::ops::change::{Begin, Ended, Point, PointHook};
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Defect, Fault, FaultRule, SandboxOptions};
use tokio::sync::Notify;

use super::bench::{Bench, Way, owner, verified};

async fn laxer(defects: Vec<Defect>) -> Bench {
    let options = SandboxOptions {
        defects,
        ..SandboxOptions::default()
    };
    Bench::with("game", options, World::builtin("game").unwrap()).await
}

/// How many of a plan no condition protects: what is not current, and delete markers, which have no entity tag.
fn to_be_looked_at(plan: &Plan) -> usize {
    let is_free =
        |item: &&Item| item.can_be_overwritten() && !(item.is_latest() && item.etag.is_some());
    plan.items.iter().filter(is_free).count()
}

fn probes(bench: &Bench) -> usize {
    let things = bench.things();
    let ours = |key: &str| key.starts_with("s3warden-probe-");
    things.iter().filter(|thing| ours(&thing.1)).count()
}

#[tokio::test]
async fn where_conditions_are_heeded_objects_without_versions_go_in_batches() {
    let bench = Bench::of("game").await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    let receipt = &done.receipt;
    let looked_at = to_be_looked_at(&plan);
    assert_eq!(receipt.window.is_some(), looked_at > 0);
    let heeded: Vec<bool> = receipt.conditions.iter().map(|note| note.heeded).collect();
    assert!(!heeded.is_empty() && heeded.iter().all(|heeded| *heeded));
    assert_eq!(probes(&bench), 0);
    let after = bench.things();
    let gone: Vec<_> = before.difference(&after).cloned().collect();
    assert_eq!(gone, expected.into_iter().collect::<Vec<_>>());
    assert!(after.is_subset(&before));
    // One by one go those that are looked at, and what our own objects leave.
    let alone = bench.sandbox.requests().of("DeleteObject");
    let most = looked_at + 2 * heeded.len();
    assert!(most < plan.items.len() / 2, "{most}");
    assert!(alone <= u64::try_from(most).unwrap(), "{alone}");
    bench.store.audit().check().unwrap();
}

/// Overwrites an object of the plan when its batch is written down.
fn overwriting(bench: &Bench, plan: &Plan) -> PointHook {
    let claim = &plan.items.last().unwrap().claim;
    let (bucket, key) = (claim.bucket.as_str().to_owned(), claim.key.clone());
    let s3 = bench.aws.s3_for(&BucketName::new(&bucket).unwrap());
    let put = s3.put_object().bucket(bucket).key(key.as_str());
    let late = std::sync::Mutex::new(Some(put.body(ByteStream::from_static(b"newer"))));
    Arc::new(
        move |at: Point| -> futures::future::BoxFuture<'static, ()> {
            let put = (at == Point::WrittenDown)
                .then(|| late.lock().unwrap().take())
                .flatten();
            Box::pin(async move {
                if let Some(put) = put {
                    let permit = WriteMode::from_flag(true).permit().unwrap();
                    put.customize().interceptor(permit).send().await.unwrap();
                }
            })
        },
    )
}

async fn leaves_what_was_overwritten(bench: &Bench) -> s3warden::facade::domain::receipt::Receipt {
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let way = Way {
        at_point: Some(overwriting(bench, &plan)),
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    let last = done.receipt.items.last().unwrap();
    assert_eq!(last.outcome, Outcome::Retained, "{last:?}");
    assert!(last.reason.as_ref().unwrap().contains("overwritten"));
    let left = bench.expected(&user);
    let keys: Vec<&str> = left.iter().map(|thing| thing.1.as_str()).collect();
    assert_eq!(keys, [plan.items.last().unwrap().claim.key.as_str()]);
    assert_eq!(probes(bench), 0);
    done.receipt
}

#[tokio::test]
async fn what_was_overwritten_at_the_last_moment_stays_by_the_condition() {
    let receipt = leaves_what_was_overwritten(&Bench::of("game").await).await;
    assert!(receipt.conditions.iter().all(|note| note.heeded));
}

#[tokio::test]
async fn where_conditions_are_ignored_each_object_is_looked_at_and_the_receipt_says_so() {
    let bench = laxer(vec![Defect::IgnoresDeleteConditions]).await;
    let receipt = leaves_what_was_overwritten(&bench).await;
    assert!(receipt.window.unwrap().contains("looked at right before"));
    let notes = receipt.conditions;
    assert!(notes.iter().all(|note| !note.heeded && note.left.is_none()));
    assert!(notes[0].why.as_ref().unwrap().contains("did not have"));
}

#[tokio::test]
async fn where_nothing_may_be_put_each_object_is_looked_at() {
    let bench = Bench::of("game").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let denied = s3warden::facade::sandbox::identity::Denial::parse_all(&["s3:PutObject"]).unwrap();
    bench.sandbox.owner().deny(denied);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(done.receipt.window.is_some());
    assert!(done.receipt.conditions.iter().all(|note| !note.heeded));
    assert!(bench.expected(&user).is_empty());
}

#[tokio::test]
async fn nothing_is_put_where_nothing_can_be_taken_away() {
    let bench = Bench::of("game").await;
    let plan = bench.plan(&owner("user-1")).await;
    let denied = [
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload",
    ];
    let denied = s3warden::facade::sandbox::identity::Denial::parse_all(&denied).unwrap();
    bench.sandbox.owner().deny(denied);
    let before = bench.expected(&owner("user-1"));
    let ended = bench.carry_out(&plan, Way::default()).await.unwrap();
    assert!(matches!(ended, Ended::Stopped(_)), "{ended:?}");
    assert_eq!(bench.sandbox.requests().of("PutObject"), 0);
    assert!(bench.expected(&owner("user-1")) == before);
}

#[tokio::test]
async fn keys_that_a_batch_cannot_carry_go_on_a_condition_too() {
    let bench = Bench::of("game").await;
    let user = owner("user-1");
    let bucket = BucketName::new("elimination-profile-pictures").unwrap();
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let put = bench
        .aws
        .s3_for(&bucket)
        .put_object()
        .bucket(bucket.as_str());
    let put = put
        .key("profiles/user-1/\u{1}.jpg")
        .body(ByteStream::from_static(b"x"));
    put.customize().interceptor(permit).send().await.unwrap();
    let plan = bench.plan(&user).await;
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(done.receipt.conditions.iter().all(|note| note.heeded));
    // Ours were put twice in the one bucket: once for batches, once for keys alone.
    assert_eq!(bench.sandbox.requests().of("PutObject"), 1 + 3);
    assert!(bench.expected(&user).is_empty());
    assert_eq!(probes(&bench), 0);
}

#[tokio::test]
async fn an_object_of_ours_that_a_crash_left_is_taken_away_when_it_goes_on() {
    let bench = Bench::of("game").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let reached = Arc::new(Notify::new());
    let hook = {
        let (reached, seen) = (Arc::clone(&reached), AtomicUsize::new(0));
        Arc::new(
            move |at: Point| -> futures::future::BoxFuture<'static, ()> {
                if at == Point::Probing && seen.fetch_add(1, Ordering::SeqCst) == 0 {
                    reached.notify_one();
                    return Box::pin(std::future::pending());
                }
                Box::pin(std::future::ready(()))
            },
        )
    };
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    tokio::select! {
        ended = bench.carry_out(&plan, way) => panic!("it ended: {ended:?}"),
        () = reached.notified() => {}
    }
    assert_eq!(probes(&bench), 1);
    // Nobody may put another one now.
    let refused = FaultRule::new(Fault::AccessDenied).on("PutObject");
    bench.sandbox.set_faults(vec![refused]);
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    verified(bench.carry_out(&plan, way).await);
    assert_eq!(probes(&bench), 0);
    assert!(bench.expected(&user).is_empty());
}
