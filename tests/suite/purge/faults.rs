//! Nothing is lost and nothing claimed that is not so, whatever the service does.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use s3warden::domain::BucketName;
use s3warden::domain::receipt::Outcome;
use s3warden::ops::change::{Begin, Ended, Point, WhyStopped};
use s3warden::sandbox::{Fault, FaultRule};

use super::bench::{Bench, Way, owner, verified};

const UPLOADS: &str = "pilotforce-user-uploads";

#[tokio::test]
async fn bursts_of_slow_down_are_sat_out() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let expected = bench.expected(&user);
    let plan = bench.plan(&user).await;
    let slow = FaultRule::new(Fault::SlowDown).on("DeleteObject*").times(6);
    bench.sandbox.set_faults(vec![slow]);
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert!(
        done.receipt
            .items
            .iter()
            .all(|item| item.outcome == Outcome::Deleted)
    );
    assert!(bench.expected(&user).is_empty());
    assert_eq!(done.receipt.items.len(), expected.len());
}

#[tokio::test]
async fn an_answer_that_never_came_is_looked_for_and_not_guessed() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    // Carried out, and the connection closed: the SDK asks again, and what is gone is no failure.
    let dropped = FaultRule::new(Fault::Drop).on("DeleteObjects").times(3);
    bench.sandbox.set_faults(vec![dropped]);
    let ended = bench.carry_out(&plan, Way::default()).await.unwrap();
    let done = match ended {
        Ended::Verified(verified) => *verified,
        Ended::Stopped(_) => {
            let way = Way {
                begin: Begin::Again,
                ..Way::default()
            };
            verified(bench.carry_out(&plan, way).await)
        }
    };
    assert!(
        done.receipt
            .items
            .iter()
            .all(|item| item.outcome == Outcome::Deleted)
    );
    assert!(bench.expected(&user).is_empty());
}

#[tokio::test]
async fn a_denied_deletion_stops_the_purge_at_its_first_item() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, plan) = (bench.things(), bench.plan(&user).await);
    let denied = ["s3:DeleteObjectVersion", "s3:AbortMultipartUpload"];
    let denial = |denied: &[&str]| s3warden::sandbox::identity::Denial::parse_all(denied).unwrap();
    bench.sandbox.owner().deny(denial(&denied));
    let ended = bench.carry_out(&plan, Way::default()).await.unwrap();
    let Ended::Stopped(stopped) = ended else {
        panic!("it did not stop: {ended:?}");
    };
    assert!(matches!(stopped.why, WhyStopped::Problem(_)), "{stopped:?}");
    assert_eq!(stopped.progress.deleted, 0);
    assert_eq!(bench.sandbox.requests().non_read().len(), 1);
    assert_eq!(bench.things(), before);
    bench.sandbox.owner().deny(Vec::new());
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    verified(bench.carry_out(&plan, way).await);
    assert!(bench.expected(&user).is_empty());
}

#[tokio::test]
async fn credentials_that_expire_stop_the_purge_and_it_goes_on_later() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let expired = FaultRule::new(Fault::ExpiredToken).on("DeleteObjects");
    bench.sandbox.set_faults(vec![expired]);
    let ended = bench.carry_out(&plan, Way::default()).await.unwrap();
    assert!(matches!(ended, Ended::Stopped(_)), "{ended:?}");
    bench.sandbox.set_faults(Vec::new());
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    verified(bench.carry_out(&plan, way).await);
    assert!(bench.expected(&user).is_empty());
}

#[tokio::test]
async fn what_appears_while_it_runs_is_left_alone_and_said() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = bench.plan(&user).await;
    let key = "uploads/user-1/6f9619ff-8b86-4011-b42d-00c04fc964ff-late.jpg";
    let s3 = bench.aws.s3_for(&BucketName::new(UPLOADS).unwrap());
    let late = Arc::new(std::sync::Mutex::new(Some(
        s3.put_object()
            .bucket(UPLOADS)
            .key(key)
            .body(ByteStream::from_static(b"late")),
    )));
    let hook = Arc::new(
        move |at: Point| -> futures::future::BoxFuture<'static, ()> {
            let put = (at == Point::Settled)
                .then(|| late.lock().unwrap().take())
                .flatten();
            Box::pin(async move {
                if let Some(put) = put {
                    let permit = s3warden::aws::WriteMode::from_flag(true).permit().unwrap();
                    put.customize().interceptor(permit).send().await.unwrap();
                }
            })
        },
    );
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    assert_eq!(done.receipt.appeared, 1);
    let left: Vec<String> = bench
        .expected(&user)
        .into_iter()
        .map(|thing| thing.1)
        .collect();
    assert_eq!(left, [key]);
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
    let ended = bench.carry_out(&plan, way).await.unwrap();
    let Ended::Stopped(stopped) = ended else {
        panic!("it did not stop: {ended:?}");
    };
    assert_eq!(stopped.why, WhyStopped::Interrupted);
    assert_eq!((stopped.progress.deleted, stopped.in_doubt), (1, 0));
}
