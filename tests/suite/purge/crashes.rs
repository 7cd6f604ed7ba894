//! A purge that is killed at any point goes on to the same end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use s3warden::domain::receipt::Outcome;
use s3warden::ops::change::{Begin, Point};
use tokio::sync::Notify;

use super::bench::{Bench, Way, owner, verified};

/// Kills a purge when it comes to a point for the nth time, and goes on; everything is gone then, and counted once.
async fn survives(point: Point, nth: usize) {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = bench.plan(&user).await;
    let (reached, seen) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let hook = {
        let reached = Arc::clone(&reached);
        Arc::new(
            move |at: Point| -> futures::future::BoxFuture<'static, ()> {
                if at == point && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
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
    let begin = if point == Point::Checked {
        Begin::First
    } else {
        Begin::Again
    };
    let way = Way {
        begin,
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    let after = bench.things();
    let gone: Vec<_> = before.difference(&after).cloned().collect();
    assert_eq!(
        gone,
        expected.iter().cloned().collect::<Vec<_>>(),
        "{point:?} {nth}"
    );
    let deleted = done.receipt.items.iter();
    let deleted = deleted.filter(|item| item.outcome == Outcome::Deleted);
    assert_eq!(deleted.count(), expected.len(), "{point:?} {nth}");
    assert!(done.plan_removed);
    bench.store.audit().check().unwrap();
}

#[tokio::test]
async fn killed_before_the_journal_is_begun() {
    survives(Point::Checked, 1).await;
}

#[tokio::test]
async fn killed_with_a_batch_written_down_and_not_sent() {
    for nth in [1, 2, 3] {
        survives(Point::WrittenDown, nth).await;
    }
}

#[tokio::test]
async fn killed_with_a_batch_answered_and_the_answer_lost() {
    for nth in [1, 2, 3] {
        survives(Point::Answered, nth).await;
    }
}

#[tokio::test]
async fn killed_between_batches() {
    for nth in [1, 2] {
        survives(Point::Settled, nth).await;
    }
}

#[tokio::test]
async fn killed_before_and_after_the_receipt() {
    survives(Point::Verified, 1).await;
    survives(Point::Receipted, 1).await;
}
