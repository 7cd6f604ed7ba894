//! What stands against deleting things, said before anything else: locks, legal holds, MFA delete, replication that lags
//! behind, archive classes that are paid for anyway.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::wire::object::ObjectLock;
use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::change::{Item, What};
use crate::domain::prices::{ClassBytes, Part, PriceTable};
use crate::domain::{BucketName, ByteSize, StorageClass, VersionId};
use crate::ops::Gap;

/// Replication is under way for this long at most before it counts as failed; older objects are not asked about.
const LAG: TimeDelta = TimeDelta::days(1);

/// What stands against deleting some things.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Blockers {
    /// Versions that cannot be deleted, as places in the list of items, and why. They are left alone.
    pub locked: BTreeMap<usize, String>,
    /// Buckets that want a second factor for each deletion, which this program does not bring.
    pub mfa: Vec<BucketName>,
    /// Objects that are still being replicated: a copy may appear later.
    pub lagging: u64,
    /// What is paid for although it is deleted.
    pub early: Vec<EarlyDeletion>,
    /// What could not be learnt.
    pub unknown: Vec<Gap>,
}

/// Objects of a class that is paid for a minimum of days.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyDeletion {
    /// The class.
    pub class: StorageClass,
    /// How many are younger than the minimum.
    pub items: u64,
    /// How large they are.
    pub bytes: ByteSize,
    /// The minimum, in days.
    pub minimum_days: u32,
    /// What the rest of the minimum costs, in dollars; `None` where the class has no price.
    pub estimate: Option<f64>,
}

/// What is asked about.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) aws: &'a Aws,
    pub(super) items: &'a [Item],
    pub(super) replication: &'a BTreeSet<(BucketName, BucketName)>,
    pub(super) in_flight: usize,
    pub(super) cancel: &'a CancellationToken,
    pub(super) meter: &'a Meter,
}

/// What buckets say of all that is in them.
#[derive(Debug, Default)]
pub(super) struct OfBuckets(BTreeMap<BucketName, OfBucket>);

#[derive(Debug, Default)]
struct OfBucket {
    /// Each version may be locked then, and has to be asked.
    can_lock: bool,
    wants_second_factor: bool,
    unknown: Vec<Gap>,
}

/// Asks buckets for what they say of all that is in them. That needs no listing, and can go beside one.
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
            // Each version is asked then: its own headers tell.
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

/// Asks for what stands against deleting these. Of buckets in which none of them is, nothing is said.
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

/// Reads the headers of versions that may be locked or on their way to a replica.
async fn look_at_versions(
    scope: Scope<'_>,
    can_lock: &BTreeSet<&BucketName>,
    now: DateTime<Utc>,
    found: &mut Blockers,
) {
    let replicates = |bucket: &BucketName| scope.replication.iter().any(|(from, _)| from == bucket);
    let is_asked = |item: &Item| {
        let is_new = item.written.is_none_or(|written| now - written < LAG);
        let bucket = &item.claim.bucket;
        matches!(item.what, What::Version { .. })
            && (can_lock.contains(bucket) || (is_new && replicates(bucket)))
    };
    let asked = scope.items.iter().enumerate();
    let asked = asked.filter(|(_, item)| is_asked(item)).map(|(at, _)| at);
    // By their places: a stream of what is borrowed could not be sent to another thread.
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
        // One that is gone, or that cannot be read, is judged by the answer to its deletion.
        let Some((at, Ok(head))) = head else {
            continue;
        };
        if let Some(why) = lock_words(&head.lock, now) {
            found.locked.insert(at, why);
        }
        found.lagging += u64::from(head.replication.as_deref() == Some("PENDING"));
    }
}

/// Why a version cannot be deleted, if it cannot.
pub(super) fn lock_words(lock: &ObjectLock, now: DateTime<Utc>) -> Option<String> {
    if lock.legal_hold {
        return Some("a legal hold is on it, which has to be lifted first".to_owned());
    }
    if let Some(hold) = lock.event_hold {
        return Some(format!(
            "an event hold is on it, which locks it {}",
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

/// Servers without locks or versions say so in several ways.
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
        let waiting = ObjectLock {
            event_hold: Some(EventHold {
                days: Some(30),
                years: None,
            }),
            ..ObjectLock::default()
        };
        let words = lock_words(&waiting, now).unwrap();
        assert!(
            words.contains("event hold") && words.contains("30 days"),
            "{words}"
        );
    }
}
