//! What holds of every job, whatever it does: it ends once, a newer one cancels it, and its panic stays its own.

use std::sync::mpsc as blocking;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::*;
use crate::aws::{ConnectOptions, ProblemKind};
use crate::domain::BucketName;

fn job(slot: Slot, ticket: u64, work: Work) -> Job {
    Job {
        slot,
        ticket: Ticket(ticket),
        work,
    }
}

fn arranging(order: impl FnOnce() -> Vec<u32> + Send + 'static) -> Work {
    Work::Arrange(Arrange(Box::new(|_| Some(order()))))
}

/// How the job with this ticket ended, and every update of it that came before.
async fn ended(inbox: &mut Receiver<Envelope>, ticket: u64) -> (Outcome, Vec<Update>) {
    let mut updates = Vec::new();
    loop {
        let next = timeout(Duration::from_mins(1), inbox.recv()).await;
        let envelope = next
            .expect("the job goes on")
            .expect("the channel is closed");
        if envelope.ticket != Ticket(ticket) {
            continue;
        }
        match envelope.update {
            Update::Finished(outcome) => return (outcome, updates),
            update => updates.push(update),
        }
    }
}

#[tokio::test]
async fn a_result_carries_the_slot_and_the_ticket_of_its_job() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    tasks.run(job(Slot::ArrangeListing, 7, arranging(|| vec![2, 0, 1])));
    let first = inbox.recv().await.unwrap();
    assert_eq!(
        (first.slot, first.ticket),
        (Slot::ArrangeListing, Ticket(7))
    );
    assert!(matches!(first.update, Update::Arranged(order) if order == [2, 0, 1]));
    let (outcome, _) = ended(&mut inbox, 7).await;
    assert!(matches!(outcome, Outcome::Done));
}

#[tokio::test]
async fn newer_work_in_a_slot_cancels_the_work_before_it_and_leaves_other_slots_alone() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    let (release, held) = blocking::channel::<()>();
    let (release_other, held_other) = blocking::channel::<()>();
    let waiting = |held: blocking::Receiver<()>| {
        arranging(move || {
            let _ = held.recv();
            vec![0]
        })
    };
    tasks.run(job(Slot::ArrangeListing, 1, waiting(held)));
    tasks.run(job(Slot::ArrangeBuckets, 2, waiting(held_other)));
    tasks.run(job(Slot::ArrangeListing, 3, arranging(|| vec![1])));
    let (outcome, updates) = ended(&mut inbox, 1).await;
    assert!(matches!(outcome, Outcome::Cancelled), "{outcome:?}");
    let results = |updates: &[Update]| {
        let is_result = |update: &&Update| matches!(update, Update::Arranged(_));
        updates.iter().filter(is_result).count()
    };
    assert_eq!(results(&updates), 0, "a cancelled job answered");
    drop((release, release_other));
    let (outcome, updates) = ended(&mut inbox, 2).await;
    assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
    assert_eq!(results(&updates), 1);
}

#[tokio::test]
async fn a_job_can_be_cancelled_by_its_ticket() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    let (release, held) = blocking::channel::<()>();
    let work = arranging(move || {
        let _ = held.recv();
        Vec::new()
    });
    tasks.run(job(Slot::ArrangeListing, 5, work));
    tasks.cancel(Ticket(4));
    tasks.cancel(Ticket(5));
    let (outcome, _) = ended(&mut inbox, 5).await;
    assert!(matches!(outcome, Outcome::Cancelled), "{outcome:?}");
    drop(release);
}

#[tokio::test]
async fn an_order_that_is_being_made_learns_that_a_newer_one_was_asked_for() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    let (begins, begun) = tokio::sync::oneshot::channel();
    let (noticed, notice) = blocking::channel();
    let endless = Work::Arrange(Arrange(Box::new(move |stop| {
        let _ = begins.send(());
        while !stop() {
            std::thread::yield_now();
        }
        let _ = noticed.send(());
        None
    })));
    tasks.run(job(Slot::ArrangeListing, 1, endless));
    begun.await.expect("it never began");
    tasks.run(job(Slot::ArrangeListing, 2, arranging(|| vec![1])));
    let (outcome, _) = ended(&mut inbox, 2).await;
    assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
    notice
        .recv_timeout(Duration::from_mins(1))
        .expect("the older order is still being made");
}

#[tokio::test]
async fn a_panic_becomes_an_outcome_with_its_words_and_the_next_job_runs() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    tasks.run(job(
        Slot::ArrangeListing,
        1,
        arranging(|| panic!("row 3 of 2")),
    ));
    let (outcome, _) = ended(&mut inbox, 1).await;
    assert!(
        matches!(&outcome, Outcome::Panicked(words) if words == "row 3 of 2"),
        "{outcome:?}"
    );
    tasks.run(job(Slot::ArrangeListing, 2, arranging(|| vec![0])));
    let (outcome, _) = ended(&mut inbox, 2).await;
    assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
}

#[tokio::test]
async fn without_a_connection_work_fails_with_what_to_do() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    let name = BucketName::new("any-bucket").unwrap();
    tasks.run(job(Slot::Facts, 1, Work::Facts(vec![name])));
    let (outcome, _) = ended(&mut inbox, 1).await;
    let Outcome::Failed(problem) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(problem.kind, ProblemKind::Configuration);
    assert!(!problem.advice.is_empty());
}

#[tokio::test]
async fn a_slow_screen_slows_a_job_down_instead_of_filling_memory() {
    let (mut tasks, mut inbox) = Tasks::new(ConnectOptions::default(), 4);
    // Nobody takes anything: each job sends a result, its progress and its end, until the channel is full.
    for ticket in 1..=200 {
        let slot = if ticket % 2 == 0 {
            Slot::ArrangeBuckets
        } else {
            Slot::ArrangeListing
        };
        tasks.run(job(slot, ticket, arranging(|| vec![0])));
    }
    while inbox.len() < inbox.max_capacity() {
        tokio::task::yield_now().await;
    }
    assert!(inbox.max_capacity() <= 64);
    // All of them end all the same once somebody does.
    let mut finished = 0;
    while finished < 200 {
        let envelope = timeout(Duration::from_mins(1), inbox.recv())
            .await
            .unwrap()
            .unwrap();
        finished += usize::from(matches!(envelope.update, Update::Finished(_)));
    }
}
