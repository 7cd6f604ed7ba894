//! Nothing is lost and nothing claimed that is not so, whatever the service does.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::aws::{WriteMode, WritePermit};
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::receipt::{Outcome, Receipt};
use s3warden::facade::ops::change::{Begin, Ended, Failure, Point, Stopped, WhyStopped};
use s3warden::facade::sandbox::faults::KEY_OF_BATCH;
use s3warden::facade::sandbox::world::{SeedKind, Versioning, World, WorldBucket};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::bench::{Bench, Thing, Way, owner, verified};
use super::locks::Lock;
use crate::ops::world::{bucket, day, version};

const UPLOADS: &str = "pilotforce-user-uploads";
const UUID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

fn key(directory: &str, user: &str, n: usize) -> String {
    format!("{directory}/{user}/{UUID}-{n:04}")
}

/// A thousand objects of a user in each of two directories, and as many of a neighbour's.
async fn many() -> Bench {
    some(1000, Versioning::Enabled, false).await
}

async fn some(count: usize, versioning: Versioning, lock: bool) -> Bench {
    let mut media = WorldBucket {
        versioning,
        ..bucket(UPLOADS)
    };
    for n in 0..count {
        for (directory, user) in [
            ("uploads", "user-1"),
            ("documents", "user-1"),
            ("uploads", "user-10"),
        ] {
            let kind = SeedKind::Plain { size: 100 };
            media
                .versions
                .push(version(key(directory, user, n), day(1), kind, None));
        }
    }
    if lock {
        let document = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
        media
            .configuration
            .insert("object-lock".to_owned(), document.to_owned());
    }
    let world = World {
        name: "many".to_owned(),
        buckets: vec![media],
        ..World::default()
    };
    Bench::with("pilotforce", SandboxOptions::default(), world).await
}

fn s3(bench: &Bench) -> (Client, WritePermit) {
    let bucket = BucketName::new(UPLOADS).unwrap();
    let permit = WriteMode::from_flag(true).permit().unwrap();
    (bench.aws.s3_for(&bucket), permit)
}

async fn write(bench: &Bench, key: &str) {
    let (s3, permit) = s3(bench);
    let put = s3.put_object().bucket(UPLOADS).key(key);
    let put = put.body(ByteStream::from_static(b"late"));
    put.customize().interceptor(permit).send().await.unwrap();
}

#[track_caller]
fn stopped(ended: Result<Ended, Failure>) -> Stopped {
    match ended {
        Ok(Ended::Stopped(stopped)) => stopped,
        other => panic!("it did not stop: {other:?}"),
    }
}

fn with(receipt: &Receipt, outcome: Outcome) -> Vec<&str> {
    let items = receipt.items.iter().filter(|item| item.outcome == outcome);
    items
        .map(|item| item.reason.as_deref().unwrap_or_default())
        .collect()
}

fn keys<'t>(things: impl IntoIterator<Item = &'t Thing>) -> Vec<&'t str> {
    things.into_iter().map(|thing| thing.1.as_str()).collect()
}

/// Everything of the user is gone, nothing of anybody else, and the receipt says just that.
fn is_clean(
    bench: &Bench,
    before: &BTreeSet<Thing>,
    expected: &BTreeSet<Thing>,
    receipt: &Receipt,
) {
    let left: BTreeSet<Thing> = before.difference(expected).cloned().collect();
    assert_eq!(bench.things(), left);
    assert_eq!(with(receipt, Outcome::Deleted).len(), expected.len());
    assert_eq!(receipt.items.len(), expected.len());
}

#[tokio::test]
async fn of_a_hundred_keys_one_fails_each_time_and_all_are_deleted_in_the_end() {
    for fault in [Fault::InternalError, Fault::SlowDown] {
        let bench = many().await;
        let user = owner("user-1");
        let (before, expected) = (bench.things(), bench.expected(&user));
        let plan = bench.plan(&user).await;
        let failing = FaultRule {
            every: NonZeroU64::new(100).unwrap(),
            ..FaultRule::new(fault).on(KEY_OF_BATCH)
        };
        bench.sandbox.set_faults(vec![failing]);
        let done = verified(bench.carry_out(&plan, Way::default()).await);
        is_clean(&bench, &before, &expected, &done.receipt);
        // One item first, two thousand in three batches, and what failed in each again.
        let requests = bench.sandbox.requests().of("DeleteObjects");
        assert!((5..=8).contains(&requests), "{requests} requests");
    }
}

#[tokio::test]
async fn a_key_that_never_can_be_deleted_is_reported_and_nothing_else_is() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let stubborn = key("uploads", "user-1", 500);
    let failing = FaultRule::new(Fault::InternalError)
        .on(KEY_OF_BATCH)
        .at("*", stubborn.as_str());
    bench.sandbox.set_faults(vec![failing]);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(keys(&bench.expected(&user)), [stubborn.as_str()]);
    assert_eq!(
        with(&done.receipt, Outcome::Deleted).len(),
        expected.len() - 1
    );
    let still_there = with(&done.receipt, Outcome::StillThere);
    assert!(
        matches!(still_there[..], [why] if why.contains("InternalError")),
        "{still_there:?}"
    );
    assert!(!done.plan_removed);
    bench.sandbox.set_faults(Vec::new());
    let done = bench.go_on(&plan).await;
    is_clean(&bench, &before, &expected, &done.receipt);
    assert!(done.plan_removed);
}

#[tokio::test]
async fn bursts_of_slow_down_are_sat_out() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let slow = FaultRule::new(Fault::SlowDown).on("DeleteObject*").times(6);
    let busy = FaultRule {
        every: NonZeroU64::new(4).unwrap(),
        ..FaultRule::new(Fault::ServiceUnavailable).on("List*")
    };
    bench.sandbox.set_faults(vec![slow, busy]);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn an_answer_that_never_came_is_looked_for_and_not_guessed() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    // Carried out, and the connection closed: the SDK asks again, and what is gone is no failure.
    let dropped = FaultRule::new(Fault::Drop).on("DeleteObjects").times(3);
    bench.sandbox.set_faults(vec![dropped]);
    let done = match bench.carry_out(&plan, Way::default()).await.unwrap() {
        Ended::Verified(verified) => *verified,
        Ended::Stopped(_) => bench.go_on(&plan).await,
    };
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn answers_that_are_always_lost_leave_items_in_doubt_until_they_are_listed() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let lost = async {
        let dropped = FaultRule::new(Fault::Drop).on("DeleteObjects");
        bench.sandbox.set_faults(vec![dropped]);
    };
    let said = stopped(bench.meanwhile(&plan, (Point::Settled, 1), lost).await);
    // The service did what it was asked; nobody was told, and nobody claims it.
    assert_eq!(said.progress.deleted, 1);
    assert!(said.in_doubt > 0, "{said:?}");
    assert!(bench.things().len() < before.len() - 1);
    bench.sandbox.set_faults(Vec::new());
    let done = bench.go_on(&plan).await;
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn a_denied_deletion_stops_the_purge_at_its_first_item() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, plan) = (bench.things(), bench.plan(&user).await);
    let denied = ["s3:DeleteObjectVersion", "s3:AbortMultipartUpload"];
    let denial =
        |denied: &[&str]| s3warden::facade::sandbox::identity::Denial::parse_all(denied).unwrap();
    bench.sandbox.owner().deny(denial(&denied));
    let said = stopped(bench.carry_out(&plan, Way::default()).await);
    assert!(matches!(said.why, WhyStopped::Problem(_)), "{said:?}");
    assert_eq!(said.progress.deleted, 0);
    assert_eq!(bench.sandbox.requests().non_read().len(), 1);
    assert_eq!(bench.things(), before);
    bench.sandbox.owner().deny(Vec::new());
    bench.go_on(&plan).await;
    assert!(bench.expected(&user).is_empty());
}

#[tokio::test]
async fn access_denied_on_one_prefix_stops_the_purge_and_what_is_said_is_what_is_so() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    // The first item is let through: `documents` sorts first.
    let denied = FaultRule::new(Fault::AccessDenied)
        .on(KEY_OF_BATCH)
        .at("*", "uploads/*");
    bench.sandbox.set_faults(vec![denied]);
    let said = stopped(bench.carry_out(&plan, Way::default()).await);
    let WhyStopped::Problem(problem) = &said.why else {
        panic!("it stopped for another reason: {said:?}");
    };
    assert_eq!(problem.code.as_deref(), Some("AccessDenied"));
    let left = bench.expected(&user);
    assert!(
        left.iter()
            .filter(|thing| thing.1.starts_with("uploads/"))
            .count()
            == 1000
    );
    let gone = expected.len() - left.len();
    assert_eq!(said.progress.deleted, u64::try_from(gone).unwrap());
    assert_eq!(before.difference(&bench.things()).count(), gone);
    let (receipt, _) = bench.store.receipt_files(&plan.header.case);
    assert!(!receipt.exists(), "a purge that stopped has no receipt");
    bench.sandbox.set_faults(Vec::new());
    let done = bench.go_on(&plan).await;
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn what_is_locked_while_it_runs_is_retained_with_its_reason_and_nothing_else_is() {
    for lock in Lock::ALL {
        let words = lock.words();
        let bench = some(20, Versioning::Enabled, true).await;
        let user = owner("user-1");
        let expected = bench.expected(&user);
        let plan = bench.plan(&user).await;
        let locked = key("uploads", "user-1", 13);
        let (client, _) = s3(&bench);
        let locking = lock.put(&client, UPLOADS, &locked);
        let ended = bench.meanwhile(&plan, (Point::Settled, 1), locking).await;
        let done = verified(ended);
        assert_eq!(keys(&bench.expected(&user)), [locked.as_str()], "{words}");
        assert_eq!(
            with(&done.receipt, Outcome::Deleted).len(),
            expected.len() - 1
        );
        let retained = with(&done.receipt, Outcome::Retained);
        assert!(
            matches!(retained[..], [why] if why.to_lowercase().contains(words)),
            "{words}: {retained:?}"
        );
        assert!(!done.plan_removed);
    }
}

#[tokio::test]
async fn credentials_that_expire_midway_stop_the_purge_and_it_goes_on_later() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let expiring = async {
        let expired = FaultRule::new(Fault::ExpiredToken);
        bench.sandbox.set_faults(vec![expired]);
    };
    let said = stopped(bench.meanwhile(&plan, (Point::Settled, 1), expiring).await);
    assert_eq!(said.progress.deleted, 1, "{said:?}");
    assert_eq!(before.difference(&bench.things()).count(), 1);
    // They are still expired: nothing is changed, and it can still go on afterwards.
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    let ended = bench.carry_out(&plan, way).await;
    assert!(matches!(ended, Err(Failure::Problem(_))), "{ended:?}");
    bench.sandbox.set_faults(Vec::new());
    let done = bench.go_on(&plan).await;
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn a_network_that_is_lost_midway_stops_the_purge_and_it_goes_on_when_it_is_back() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let losing = bench.sandbox.disconnect();
    let said = stopped(bench.meanwhile(&plan, (Point::Settled, 1), losing).await);
    assert_eq!(said.progress.deleted, 1, "{said:?}");
    assert_eq!(before.difference(&bench.things()).count(), 1);
    bench.sandbox.reconnect().await.unwrap();
    let done = bench.go_on(&plan).await;
    is_clean(&bench, &before, &expected, &done.receipt);
}

#[tokio::test]
async fn what_is_written_or_begun_while_it_runs_is_left_alone_and_said() {
    let bench = many().await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let (new, overwritten) = (
        key("uploads", "user-1", 9999),
        key("uploads", "user-1", 800),
    );
    let writing = async {
        write(&bench, &new).await;
        write(&bench, &overwritten).await;
        let (s3, permit) = s3(&bench);
        let begin = s3.create_multipart_upload().bucket(UPLOADS).key(&new);
        begin.customize().interceptor(permit).send().await.unwrap();
    };
    let done = verified(bench.meanwhile(&plan, (Point::Settled, 1), writing).await);
    let left = bench.expected(&user);
    assert_eq!(keys(&left), [&overwritten, &new, &new]);
    assert!(
        left.is_disjoint(&before),
        "the versions that were planned are gone"
    );
    assert_eq!(done.receipt.appeared, 3);
    assert_eq!(with(&done.receipt, Outcome::Deleted).len(), expected.len());
}

#[tokio::test]
async fn what_is_overwritten_without_versioning_while_it_runs_is_not_deleted() {
    let bench = some(20, Versioning::Off, false).await;
    let user = owner("user-1");
    let expected = bench.expected(&user);
    let plan = bench.plan(&user).await;
    let overwritten = key("uploads", "user-1", 13);
    let writing = write(&bench, &overwritten);
    let done = verified(bench.meanwhile(&plan, (Point::Settled, 1), writing).await);
    assert_eq!(keys(&bench.expected(&user)), [&overwritten]);
    assert_eq!(
        with(&done.receipt, Outcome::Deleted).len(),
        expected.len() - 1
    );
    let retained = with(&done.receipt, Outcome::Retained);
    assert!(
        matches!(retained[..], [why] if why.contains("overwritten")),
        "{retained:?}"
    );
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_says_how_far_it_came() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let stop = bench.stop.clone();
    let hook = Arc::new(
        move |at: Point| -> futures::future::BoxFuture<'static, ()> {
            if at == Point::WrittenDown {
                stop.cancel();
            }
            Box::pin(std::future::ready(()))
        },
    );
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    let said = stopped(bench.carry_out(&plan, way).await);
    assert_eq!(said.why, WhyStopped::Interrupted);
    assert_eq!((said.progress.deleted, said.in_doubt), (1, 0));
}
