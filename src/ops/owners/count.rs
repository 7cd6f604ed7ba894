//! Counts the objects of each owner by listing the whole bucket.
//!
//! A flat listing takes one request per thousand objects, regardless of the number of owners. A listing per owner would
//! take at least one request for each.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use super::{Counts, OwnerLimits, OwnersUpdate, Tally, Unattributed, send};
use crate::aws::{Aws, Meter, ProblemKind};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::ownership::{ByKey, by_key};
use crate::domain::words::counted;
use crate::domain::{ObjectSummary, OwnerId};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::listing::{self, ListingRequest, ListingUpdate};

/// The minimum interval of updates. Hundreds of pages arrive per second, and nobody can read numbers that change so
/// fast.
const BREATH: Duration = Duration::from_millis(250);

/// The number of pages that wait to be counted: enough that counting never delays the next request.
const PAGES_AHEAD: usize = 16;

/// The totals so far.
#[derive(Debug, Default)]
struct Ledger {
    owners: HashMap<OwnerId, Tally>,
    changed: HashSet<OwnerId>,
    total: Tally,
    unattributed: Unattributed,
}

impl Ledger {
    /// Adds objects up to the limit; returns false if there were more.
    fn enter_up_to(
        &mut self,
        cap: u64,
        bucket: &BucketBlueprint,
        objects: &[ObjectSummary],
    ) -> bool {
        let room = usize::try_from(cap.saturating_sub(self.total.objects)).unwrap_or(usize::MAX);
        let fits = objects.get(..room).unwrap_or(objects);
        self.enter(bucket, fits);
        fits.len() == objects.len()
    }

    fn enter(&mut self, bucket: &BucketBlueprint, objects: &[ObjectSummary]) {
        for object in objects {
            self.total.add(object);
            match by_key(bucket, object.key.as_str()) {
                ByKey::Owner(owner) => {
                    self.owners.entry(owner.clone()).or_default().add(object);
                    self.changed.insert(owner);
                }
                ByKey::Contested(_) => self.unattributed.contested.add(object),
                ByKey::Untold => self.unattributed.unnamed.add(object),
                ByKey::Unexplained => self.unattributed.unreadable.add(object),
            }
        }
    }

    /// The totals that changed since the last call.
    fn changes(&mut self) -> Counts {
        let owners = self
            .changed
            .drain()
            .filter_map(|owner| {
                let tally = *self.owners.get(&owner)?;
                Some((owner, tally))
            })
            .collect();
        Counts {
            owners,
            ..self.totals()
        }
    }

    fn totals(&self) -> Counts {
        Counts {
            owners: Vec::new(),
            total: self.total,
            unattributed: self.unattributed,
        }
    }
}

/// Counts; `None` if the receiver is gone.
pub(super) async fn run(
    aws: Aws,
    bucket: &BucketBlueprint,
    limits: OwnerLimits,
    cancel: &CancellationToken,
    meter: &Meter,
    updates: &Sender<OwnersUpdate>,
) -> Option<(Coverage, Counts)> {
    if limits.counted_objects == 0 {
        let mut coverage = Coverage::Complete;
        coverage.miss(Gap::new("every count", "counting was not asked for"));
        return Some((coverage, Counts::default()));
    }
    let mut request = ListingRequest {
        in_flight: limits.in_flight,
        ..ListingRequest::new(bucket.name.clone(), "")
    };
    loop {
        let cap = limits.counted_objects;
        let enough = cancel.child_token();
        let (pages, inbox) = mpsc::channel(PAGES_AHEAD);
        let listing = listing::objects(
            aws.clone(),
            request.clone(),
            enough.clone(),
            meter.clone(),
            pages,
        );
        let counting = count(inbox, bucket, cap, &enough, updates);
        let ((), counted) = futures::join!(listing, counting);
        let (coverage, counts, in_order) = counted?;
        let is_disorder =
            |gap: &Gap| matches!(&gap.problem, Some(p) if p.kind == ProblemKind::Malformed);
        if in_order || request.one_by_one || !coverage.gaps().iter().any(is_disorder) {
            return Some((coverage, counts));
        }
        // The server does not list in byte order, but it can be counted page by page. The counts restart and replace
        // those already sent.
        request.one_by_one = true;
    }
}

/// Adds page after page and sends updates. Also returns whether the listing was in order.
async fn count(
    mut inbox: Receiver<ListingUpdate>,
    bucket: &BucketBlueprint,
    cap: u64,
    enough: &CancellationToken,
    updates: &Sender<OwnersUpdate>,
) -> Option<(Coverage, Counts, bool)> {
    let mut ledger = Ledger::default();
    let mut told: Option<Instant> = None;
    let mut capped = false;
    while let Some(update) = inbox.recv().await {
        match update {
            ListingUpdate::Page { objects, .. } if !capped => {
                capped = !ledger.enter_up_to(cap, bucket, &objects);
                if capped {
                    enough.cancel();
                }
                if told.is_none_or(|told| told.elapsed() >= BREATH) {
                    send(updates, OwnersUpdate::Counted(ledger.changes())).await?;
                    told = Some(Instant::now());
                }
            }
            ListingUpdate::Done(summary) => {
                send(updates, OwnersUpdate::Counted(ledger.changes())).await?;
                let coverage = if capped {
                    Coverage::AtLeast(vec![Gap::new(
                        "the rest of the objects",
                        format!("counting stopped at {}", counted(cap, "object")),
                    )])
                } else {
                    summary.coverage
                };
                return Some((coverage, ledger.totals(), summary.in_order));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};

    fn object(key: &str, size: u64) -> ObjectSummary {
        ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(size),
            last_modified: None,
            storage_class: StorageClass::default(),
            etag: None,
        }
    }

    #[test]
    fn counts_tell_owners_from_what_nobody_owns() {
        let name = BucketName::new("media").unwrap();
        let bucket = BucketBlueprint::under_prefix(name, "users/");
        let mut ledger = Ledger::default();
        ledger.enter(
            &bucket,
            &[
                object("users/user-1/a", 5),
                object("users/user-10/a", 7),
                object("loose", 1),
            ],
        );
        let counts = ledger.changes();
        assert_eq!(counts.owners.len(), 2);
        assert_eq!(counts.total.objects, 3);
        assert_eq!(counts.unattributed.unreadable.bytes, ByteSize(1));
        assert_eq!(ledger.changes().owners.len(), 0, "nothing changed since");
    }
}
