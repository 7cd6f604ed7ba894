//! Finds obstacles to a deletion before it starts: locks, legal holds, MFA delete, pending replication, minimum storage
//! durations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::wire::object::ObjectLock;
use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::change::{Item, What};
use crate::domain::ownership::ReplicationPath;
use crate::domain::prices::{ClassBytes, Part, PriceTable};
use crate::domain::{BucketName, ByteSize, StorageClass, VersionId};
use crate::ops::Gap;

/// Replication that takes longer than this counts as failed; older objects are not checked.
const LAG: TimeDelta = TimeDelta::days(1);

/// Obstacles to a deletion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Blockers {
    /// Versions that cannot be deleted, as indices into the list of items, and why. They are skipped.
    pub locked: BTreeMap<usize, String>,
    /// Buckets with MFA delete, which s3warden does not support.
    pub mfa: Vec<BucketName>,
    /// Number of objects with pending replication: a replica may appear later.
    pub lagging: u64,
    /// Objects that are charged for after their deletion.
    pub early: Vec<EarlyDeletion>,
    /// What could not be determined.
    pub unknown: Vec<Gap>,
}

/// Objects in a storage class with a minimum storage duration.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyDeletion {
    /// The class.
    pub class: StorageClass,
    /// Number of objects younger than the minimum.
    pub items: u64,
    /// Their total size.
    pub bytes: ByteSize,
    /// The minimum duration in days.
    pub minimum_days: u32,
    /// The cost of the remaining days in dollars; `None` if the price is unknown.
    pub estimate: Option<f64>,
}

/// What to check.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) aws: &'a Aws,
    pub(super) items: &'a [Item],
    pub(super) replication: &'a BTreeSet<ReplicationPath>,
    pub(super) in_flight: usize,
    pub(super) cancel: &'a CancellationToken,
    pub(super) meter: &'a Meter,
}

/// Obstacles that concern whole buckets.
#[derive(Debug, Default)]
pub(super) struct OfBuckets(BTreeMap<BucketName, OfBucket>);

#[derive(Debug, Default)]
struct OfBucket {
    /// Whether versions may be locked, so that each must be checked.
    can_lock: bool,
    wants_second_factor: bool,
    unknown: Vec<Gap>,
}

/// Checks the configuration of buckets. It needs no listing, and can run at the same time as one.
pub(super) async fn of_buckets(
    aws: &Aws,
    buckets: impl IntoIterator<Item = &BucketName>,
    in_flight: usize,
    meter: &Meter,
) -> OfBuckets {
    let buckets: Vec<BucketName> = buckets.into_iter().cloned().collect();
    let answers = stream::iter(buckets)
        .map(|bucket| async move {
            let says = of_bucket(aws, &bucket, meter).await;
            (bucket, says)
        })
        .buffer_unordered(in_flight.max(1));
    OfBuckets(answers.collect().await)
}

async fn of_bucket(aws: &Aws, bucket: &BucketName, meter: &Meter) -> OfBucket {
    let (locks, versions) = futures::join!(
        wire::configuration::object_lock(aws, bucket, meter),
        wire::configuration::versioning(aws, bucket, meter),
    );
    let mut says = OfBucket::default();
    match locks {
        Ok(answer) => says.can_lock = answer.value.is_some(),
        Err(problem) if is_not_there(&problem) => {}
        Err(problem) => {
            // Check the headers of each version instead.
            says.can_lock = true;
            let what = format!("whether {bucket} can lock objects");
            says.unknown.push(Gap::failed(what, problem));
        }
    }
    match versions {
        Ok(answer) => says.wants_second_factor = answer.value.is_some_and(|set| set.mfa_delete),
        Err(problem) if is_not_there(&problem) => {}
        Err(problem) => {
            let what = format!("whether {bucket} wants a second factor to delete");
            says.unknown.push(Gap::failed(what, problem));
        }
    }
    says
}

/// Checks the obstacles for these items. Buckets without any of them are not reported.
pub(super) async fn blockers(
    scope: Scope<'_>,
    of_buckets: OfBuckets,
    now: DateTime<Utc>,
) -> Blockers {
    let mut found = Blockers {
        early: early_deletions(scope.items, now),
        ..Blockers::default()
    };
    let concerned: BTreeSet<&BucketName> = scope.items.iter().map(|i| &i.claim.bucket).collect();
    let mut can_lock = BTreeSet::new();
    for (bucket, says) in of_buckets.0 {
        let Some(bucket) = concerned.get(&bucket) else {
            continue;
        };
        if says.can_lock {
            can_lock.insert(*bucket);
        }
        if says.wants_second_factor {
            found.mfa.push((*bucket).clone());
        }
        found.unknown.extend(says.unknown);
    }
    look_at_versions(scope, &can_lock, now, &mut found).await;
    found
}

/// Reads the headers of versions that may be locked or waiting for replication.
async fn look_at_versions(
    scope: Scope<'_>,
    can_lock: &BTreeSet<&BucketName>,
    now: DateTime<Utc>,
    found: &mut Blockers,
) {
    let replicates =
        |bucket: &BucketName| scope.replication.iter().any(|path| path.from == *bucket);
    let is_asked = |item: &Item| {
        let is_new = item.written.is_none_or(|written| now - written < LAG);
        let bucket = &item.claim.bucket;
        matches!(item.what, What::Version { .. })
            && (can_lock.contains(bucket) || (is_new && replicates(bucket)))
    };
    let asked = scope.items.iter().enumerate();
    let asked = asked.filter(|(_, item)| is_asked(item)).map(|(at, _)| at);
    // Use indices: a stream of borrowed items cannot be sent to another thread.
    let places: Vec<usize> = asked.collect();
    let mut heads = stream::iter(places)
        .map(|at| async move {
            let item = scope.items.get(at)?;
            let id = VersionId(item.id().to_owned());
            let (bucket, key) = (&item.claim.bucket, &item.claim.key);
            let head = wire::object::head(scope.aws, bucket, key, Some(&id), scope.meter);
            Some((at, scope.cancel.run_until_cancelled(head).await?))
        })
        .buffered(scope.in_flight.max(1));
    while let Some(head) = heads.next().await {
        // A version that is gone or unreadable is judged by the response to its deletion.
        let Some((at, Ok(head))) = head else {
            continue;
        };
        if let Some(why) = lock_words(&head.lock, now) {
            found.locked.insert(at, why);
        }
        found.lagging += u64::from(head.replication.as_deref() == Some("PENDING"));
    }
}

/// Why a version cannot be deleted, if there is a reason.
pub(super) fn lock_words(lock: &ObjectLock, now: DateTime<Utc>) -> Option<String> {
    if lock.legal_hold {
        return Some("a legal hold is on it, which has to be lifted first".to_owned());
    }
    if let Some(hold) = lock.event_hold {
        let mode = lock.mode.as_deref().map_or_else(String::new, |mode| {
            format!(" in {} mode", mode.to_lowercase())
        });
        return Some(format!(
            "an event hold is on it, which locks it{mode} {}",
            hold.words()
        ));
    }
    let mode = lock.mode.as_deref()?;
    let until = lock.until.filter(|until| *until > now)?;
    let day = until.format("%Y-%m-%d");
    Some(if mode == "GOVERNANCE" {
        format!(
            "it is locked in governance mode until {day}; whoever may bypass that has to lift it"
        )
    } else {
        format!(
            "it is locked in {} mode until {day}, and nobody can lift that",
            mode.to_lowercase()
        )
    })
}

/// Servers without locks or versions report it in several ways.
fn is_not_there(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotConfigured
            | ProblemKind::NotSupported
            | ProblemKind::NotFound
            | ProblemKind::Malformed
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "an estimate in dollars from days and bytes"
)]
fn early_deletions(items: &[Item], now: DateTime<Utc>) -> Vec<EarlyDeletion> {
    let Ok(prices) = PriceTable::built_in() else {
        return Vec::new();
    };
    let mut by_class: BTreeMap<&StorageClass, Vec<&Item>> = BTreeMap::new();
    let versions = items
        .iter()
        .filter(|i| matches!(i.what, What::Version { .. }));
    for item in versions {
        by_class.entry(&item.class).or_default().push(item);
    }
    let mut early = Vec::new();
    for (class, items) in by_class {
        let cost = |size| {
            let of = ClassBytes {
                class: class.clone(),
                part: Part::Current,
                size,
            };
            prices.estimate_scan(&[of]).lines.into_iter().next()
        };
        let minimum_days = cost(ByteSize(0)).map_or(0, |line| line.minimum_days);
        let mut one = EarlyDeletion {
            class: class.clone(),
            items: 0,
            bytes: ByteSize(0),
            minimum_days,
            estimate: Some(0.0),
        };
        for item in items {
            let age = item
                .written
                .map_or(0, |written| (now - written).num_days().max(0));
            let left = i64::from(minimum_days) - age;
            if left <= 0 {
                continue;
            }
            one.items += 1;
            one.bytes += item.size;
            let month = cost(item.size).and_then(|line| line.cost);
            one.estimate = one
                .estimate
                .zip(month)
                .map(|(sum, month)| sum + month * left as f64 / 30.0);
        }
        if one.items > 0 {
            early.push(one);
        }
    }
    early
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::wire::object::EventHold;

    #[test]
    fn a_lock_that_has_ended_holds_nothing() {
        let now = DateTime::from_timestamp(1_760_000_000, 0).unwrap();
        let lock = |mode: &str, days| ObjectLock {
            mode: Some(mode.to_owned()),
            until: Some(now + TimeDelta::days(days)),
            ..ObjectLock::default()
        };
        assert_eq!(lock_words(&ObjectLock::default(), now), None);
        assert_eq!(lock_words(&lock("COMPLIANCE", -1), now), None);
        assert!(
            lock_words(&lock("COMPLIANCE", 1), now)
                .unwrap()
                .contains("nobody")
        );
        assert!(
            lock_words(&lock("GOVERNANCE", 1), now)
                .unwrap()
                .contains("bypass")
        );
        let held = ObjectLock {
            legal_hold: true,
            ..ObjectLock::default()
        };
        assert!(lock_words(&held, now).unwrap().contains("legal hold"));
        for (days, years, mode, said) in [
            (
                Some(30),
                None,
                Some("GOVERNANCE"),
                "in governance mode until 30 days after its release",
            ),
            (
                None,
                Some(1),
                Some("COMPLIANCE"),
                "in compliance mode until 1 year after its release",
            ),
            (None, None, None, "locks it until an unknown time"),
        ] {
            // A clock that runs behind the server's sees the date that moves on as gone by.
            for since in [-1, 1] {
                let waiting = ObjectLock {
                    event_hold: Some(EventHold { days, years }),
                    mode: mode.map(str::to_owned),
                    until: Some(now + TimeDelta::days(since)),
                    ..ObjectLock::default()
                };
                let words = lock_words(&waiting, now).unwrap();
                assert!(
                    words.contains("event hold") && words.contains(said),
                    "{words}"
                );
            }
        }
    }
}
