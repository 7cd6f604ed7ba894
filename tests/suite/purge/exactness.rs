//! After a purge there is what was there before, less exactly what was the user's.

use std::collections::BTreeSet;

use s3warden::facade::domain::OwnerId;
use s3warden::facade::domain::receipt::{Outcome, verify};

use super::bench::{Bench, Thing, Way, owner, verified};

const USERS: usize = 20;

/// Users of whom nothing is there that are looked for, besides.
const WITHOUT_MEDIA: usize = 3;

/// Purges twenty users one after the other, and compares what is there after each.
async fn purge_users(world: &str) {
    let mut bench = Bench::of(world).await;
    let of_message = messages(&bench);
    let mut purged = 0;
    let mut without_media = 0;
    for user in &hardest(&bench.owners()) {
        // Whose each message of the chats is, only records tell: here every user has twelve, from all over the list.
        let recorded = of_message
            .iter()
            .skip(purged)
            .step_by(of_message.len() / 12 + 1);
        bench.records = (!of_message.is_empty()).then(|| recorded.cloned().collect());
        let (before, expected) = (bench.things(), bench.expected(user));
        if expected.is_empty() {
            without_media += 1;
            if without_media > WITHOUT_MEDIA {
                continue;
            }
        }
        let plan = bench.plan(user).await;
        if expected.is_empty() {
            // All that names them is made from another's, and the other's.
            assert_eq!(plan.items, [], "{world}, {user:?}");
            continue;
        }
        let done = verified(bench.carry_out(&plan, Way::default()).await);
        let left: BTreeSet<Thing> = before.difference(&expected).cloned().collect();
        assert_eq!(bench.things(), left, "{world}, {user:?}");
        let receipt = &done.receipt;
        assert_eq!(receipt.items.len(), expected.len());
        let mut outcomes = receipt.items.iter().map(|item| item.outcome);
        assert!(outcomes.all(|outcome| outcome == Outcome::Deleted));
        let text = std::fs::read_to_string(&done.receipt_file).unwrap();
        verify(&text, Some(&bench.store.secret().unwrap())).unwrap();
        assert!(
            !text.contains(user.as_str()) || user.as_str().len() < 4,
            "{user:?} in {text}"
        );
        assert!(done.plan_removed);
        purged += 1;
        if purged == USERS {
            break;
        }
    }
    assert_eq!(purged, USERS, "{world} has too few users");
    bench.store.audit().check().unwrap();
}

/// Users with those first whose ids are most easily taken for another's, then others from all over the list.
fn hardest(all: &[OwnerId]) -> Vec<OwnerId> {
    let is_plain = |id: &str| {
        id.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_hard = |user: &OwnerId| {
        let id = user.as_str();
        let folded = id.to_lowercase();
        let begins_another = |other: &OwnerId| {
            let other = other.as_str();
            other != id && (other.starts_with(id) || other.to_lowercase() == folded)
        };
        !is_plain(id) || all.iter().any(begins_another)
    };
    let (hard, others): (Vec<OwnerId>, Vec<OwnerId>) = all.iter().cloned().partition(is_hard);
    let mut users = vec![owner("user-1")];
    users.extend(hard);
    let every = (others.len() / USERS).max(1);
    users.extend(others.into_iter().step_by(every));
    let mut seen = BTreeSet::new();
    users.retain(|user| seen.insert(user.clone()));
    users
}

/// The keys of messages, which name nobody.
fn messages(bench: &Bench) -> Vec<String> {
    let things = bench.things().into_iter();
    let of_media = things
        .filter(|(bucket, key, ..)| bucket == "quikapp-media-prod" && !key.contains("/avatars/"));
    let keys: BTreeSet<String> = of_media.map(|(_, key, ..)| key).collect();
    keys.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_twenty_users_of_the_game_removes_exactly_what_is_theirs() {
    purge_users("game").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_twenty_users_of_infinite_removes_exactly_what_is_theirs() {
    purge_users("infinite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_twenty_users_of_pilotforce_removes_exactly_what_is_theirs() {
    purge_users("pilotforce").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_twenty_users_of_quikapp_removes_exactly_what_is_theirs() {
    purge_users("quikapp").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_twenty_users_of_leadfactory_removes_exactly_what_is_theirs() {
    purge_users("leadfactory").await;
}
