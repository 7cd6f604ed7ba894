//! Counts what each owner has, by listing the whole bucket.
//!
//! A flat listing costs one request a thousand objects, however many owners there are; a listing an owner would cost
//! at least one request each. The bucket is cut at folders that the search for owners found, and the pieces are
//! listed side by side where the endpoint is known to list in byte order.

use std::collections::{HashMap, HashSet};

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::{Counts, OwnerLimits, OwnersUpdate, Tally, send};
use crate::aws::{Aws, Meter, Problem};
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::{ObjectSummary, OwnerId};
use crate::ops::browse::{self, ListRequest, Page, Start};
use crate::ops::coverage::{Coverage, Gap};

/// Pieces on AWS, which allows thousands of listings a second.
const SEGMENTS_ON_AWS: usize = 8;

/// A piece of the key space: keys after `after`, up to and including `until`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    after: Option<String>,
    until: Option<String>,
}

impl Segment {
    /// The part of a page that lies in the piece, and whether the piece ends within the page.
    fn clip<'p>(&self, objects: &'p [ObjectSummary]) -> (&'p [ObjectSummary], bool) {
        let Some(until) = &self.until else {
            return (objects, false);
        };
        let end = objects.partition_point(|object| object.key.as_str() <= until.as_str());
        let (inside, beyond) = objects.split_at(end);
        (inside, !beyond.is_empty())
    }
}

/// Totals while they grow.
#[derive(Debug, Default)]
struct Ledger {
    owners: HashMap<OwnerId, Tally>,
    changed: HashSet<OwnerId>,
    total: Tally,
    unnamed: Tally,
    unreadable: Tally,
}

impl Ledger {
    fn enter(&mut self, bucket: &BucketBlueprint, objects: &[ObjectSummary]) {
        for object in objects {
            self.total.add(object);
            match bucket.locate(object.key.as_str()) {
                Location::Owned { owner, .. } => {
                    self.owners.entry(owner.clone()).or_default().add(object);
                    self.changed.insert(owner);
                }
                Location::Unnamed { .. } => self.unnamed.add(object),
                Location::Unreadable => self.unreadable.add(object),
            }
        }
    }

    /// Totals of those that changed since this was asked before.
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
            unnamed: self.unnamed,
            unreadable: self.unreadable,
        }
    }
}

type Listed = (Segment, ListRequest, Result<Page, Problem>);

/// Counts; `None` when nobody listens any more.
pub(super) async fn run(
    aws: &Aws,
    bucket: &BucketBlueprint,
    limits: OwnerLimits,
    anchors: Vec<String>,
    cancel: &CancellationToken,
    meter: &Meter,
    updates: &Sender<OwnersUpdate>,
) -> Option<(Coverage, Counts)> {
    let mut coverage = Coverage::Complete;
    let mut ledger = Ledger::default();
    if limits.counted_objects == 0 {
        coverage.miss(Gap::new("every count", "counting was not asked for"));
        return Some((coverage, ledger.totals()));
    }
    let one_piece = aws.endpoint().is_some() || bucket.name.as_str().ends_with("--x-s3");
    let pieces = limits
        .segments
        .unwrap_or(if one_piece { 1 } else { SEGMENTS_ON_AWS })
        // Each piece has one request under way.
        .min(limits.in_flight.max(1));

    let list = |segment: Segment, request: ListRequest| -> BoxFuture<'_, Listed> {
        Box::pin(async move {
            let page = browse::page(aws, &request, meter).await;
            (segment, request, page)
        })
    };
    let mut running: FuturesUnordered<BoxFuture<'_, Listed>> = FuturesUnordered::new();
    for segment in cut(anchors, pieces) {
        let mut request = ListRequest::flat(bucket.name.clone(), "");
        if let Some(after) = &segment.after {
            request.start = Start::After(after.clone());
        }
        running.push(list(segment, request));
    }

    loop {
        let listed = tokio::select! {
            biased;
            () = cancel.cancelled() => {
                coverage.miss(Gap::cancelled("the rest of the objects"));
                break;
            }
            listed = running.next() => listed,
        };
        let Some((segment, mut request, page)) = listed else {
            break;
        };
        let page = match page {
            Ok(page) => page,
            Err(problem) => {
                coverage.miss(Gap::failed("the rest of the objects", problem));
                continue;
            }
        };
        let (inside, ended) = segment.clip(&page.objects);
        ledger.enter(bucket, inside);
        let counts = ledger.changes();
        send(updates, OwnersUpdate::Counted(counts)).await?;
        if ended {
            continue;
        }
        let Some(next) = page.next else {
            continue;
        };
        if ledger.total.objects >= limits.counted_objects {
            coverage.miss(Gap::new(
                "the rest of the objects",
                format!("counting stopped at {} objects", limits.counted_objects),
            ));
            continue;
        }
        request.start = Start::Next(next);
        running.push(list(segment, request));
    }
    Some((coverage, ledger.totals()))
}

/// Cuts the key space into pieces with about the same number of owners' folders each.
fn cut(mut anchors: Vec<String>, pieces: usize) -> Vec<Segment> {
    anchors.sort_unstable();
    anchors.dedup();
    let pieces = pieces.max(1);
    let mut cuts: Vec<String> = (1..pieces)
        .filter_map(|i| anchors.get(i * anchors.len() / pieces).cloned())
        .collect();
    cuts.dedup();
    let starts = std::iter::once(None).chain(cuts.iter().cloned().map(Some));
    let ends = cuts.iter().cloned().map(Some).chain(std::iter::once(None));
    starts
        .zip(ends)
        .map(|(after, until)| Segment { after, until })
        .collect()
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
    fn every_key_lies_in_exactly_one_piece() {
        let anchors = ["a/u1/", "a/u2/", "b/u1/", "b/u3/", "c/u9/"];
        let keys = [
            "A", "a/u1/", "a/u1/x", "a/u2/", "a/u2/x", "b", "b/u1/", "b/u3/z", "c/u9/", "z",
        ];
        for pieces in 1..8 {
            let segments = cut(anchors.iter().map(|&a| a.to_owned()).collect(), pieces);
            assert!(segments.len() <= pieces);
            for key in keys {
                let within = segments
                    .iter()
                    .filter(|s| s.after.as_deref().is_none_or(|after| key > after))
                    .filter(|s| s.until.as_deref().is_none_or(|until| key <= until))
                    .count();
                assert_eq!(within, 1, "{key} in {pieces} pieces");
            }
        }
    }

    #[test]
    fn a_page_is_clipped_at_the_end_of_its_piece() {
        let segment = Segment {
            after: None,
            until: Some("b".to_owned()),
        };
        let page = [object("a", 1), object("b", 1), object("c", 1)];
        let (inside, ended) = segment.clip(&page);
        assert_eq!((inside.len(), ended), (2, true));
        let (inside, ended) = segment.clip(&page[..2]);
        assert_eq!((inside.len(), ended), (2, false));
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
        assert_eq!(counts.unreadable.bytes, ByteSize(1));
        assert_eq!(ledger.changes().owners.len(), 0, "nothing changed since");
    }
}
