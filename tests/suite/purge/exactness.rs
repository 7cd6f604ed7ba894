//! After a purge there is what was there before, less exactly what was the user's.

use s3warden::domain::receipt::{Outcome, verify};

use super::bench::{Bench, Way, owner, verified};

/// Purges users one after the other, and compares what is there after each.
async fn purge_users(world: &str, count: usize) {
    let mut bench = Bench::of(world).await;
    let all = bench.owners();
    // Spread over all kinds of ids: named ones, UUIDs, addresses.
    let every = (all.len() / count).max(1);
    let mut users: Vec<_> = all.iter().step_by(every).take(count).cloned().collect();
    users.push(owner("user-1"));
    assert!(users.len() >= count, "{world} has {} users", all.len());
    for (n, user) in users.iter().enumerate() {
        bench.records = records(&bench, n);
        let (before, expected) = (bench.things(), bench.expected(user));
        let plan = bench.plan(user).await;
        let done = verified(bench.carry_out(&plan, Way::default()).await);
        let after = bench.things();
        let gone: Vec<_> = before.difference(&after).collect();
        assert_eq!(
            gone,
            expected.iter().collect::<Vec<_>>(),
            "{world}, {user:?}"
        );
        assert!(after.is_subset(&before), "{world}, {user:?}");
        let receipt = &done.receipt;
        assert_eq!(receipt.items.len(), expected.len());
        assert!(
            receipt
                .items
                .iter()
                .all(|item| item.outcome == Outcome::Deleted)
        );
        let text = std::fs::read_to_string(&done.receipt_file).unwrap();
        verify(&text, Some(&bench.store.secret().unwrap())).unwrap();
        assert!(
            !text.contains(user.as_str()) || user.as_str().len() < 4,
            "{user:?} in {text}"
        );
        assert!(done.plan_removed);
    }
    bench.store.audit().check().unwrap();
}

/// Whose each message of the chats is, only records tell: here every seventh is a user's.
fn records(bench: &Bench, user: usize) -> Option<std::collections::BTreeSet<String>> {
    let keys = bench.things();
    let of_messages = keys
        .iter()
        .filter(|(bucket, key, ..)| bucket == "quikapp-media-prod" && !key.contains("/avatars/"));
    let of_messages: Vec<_> = of_messages.map(|(_, key, ..)| key).collect();
    if of_messages.is_empty() {
        return None;
    }
    let of_user = of_messages.into_iter().skip(user).step_by(37);
    Some(of_user.cloned().collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_users_of_the_game_removes_exactly_what_is_theirs() {
    purge_users("game", 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_users_of_infinite_removes_exactly_what_is_theirs() {
    purge_users("infinite", 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_users_of_pilotforce_removes_exactly_what_is_theirs() {
    purge_users("pilotforce", 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_users_of_quikapp_removes_exactly_what_is_theirs() {
    purge_users("quikapp", 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn purging_users_of_leadfactory_removes_exactly_what_is_theirs() {
    purge_users("leadfactory", 20).await;
}
