//! Processes the pages of a scan on its own thread: columns, groups and snapshots.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout_at;

use super::progress::Pulse;
use super::{Finished, Origin, Scan, ScanRequest, ScanUpdate, Snapshot};
use crate::aws::Meter;
use crate::domain::columns::group::{By, Group, Grouping};
use crate::domain::columns::{Assembly, Columns};
use crate::domain::{ObjectSummary, Tally};
use crate::ops::listing::{ListingUpdate, Summary};
use crate::ops::{Coverage, Gap};

/// The minimum interval of snapshots.
const CLOSEST: Duration = Duration::from_millis(10);

/// The maximum share of time spent on snapshots: one part in this many. Only for a server that lists without order does
/// a snapshot take more than a few milliseconds.
const SHARE_OF_TIME: u32 = 10;

pub(super) struct Intake {
    origin: Origin,
    started: DateTime<Utc>,
    every: Duration,
    asked: Vec<By>,
    groupings: Vec<Grouping>,
    assembly: Assembly,
    total: Tally,
    pulse: Pulse,
}

impl Intake {
    pub(super) fn new(origin: Origin, request: ScanRequest, meter: Meter) -> Self {
        Self {
            pulse: Pulse::new(origin.prefixes.clone(), meter, Instant::now()),
            origin,
            started: Utc::now(),
            every: request.every.max(CLOSEST),
            groupings: request.groups.iter().cloned().map(Grouping::new).collect(),
            asked: request.groups,
            assembly: Assembly::new(request.etags),
            total: Tally::default(),
        }
    }

    /// Processes all pages, until the listing ends or the receiver is gone.
    pub(super) fn run(
        mut self,
        runtime: &Handle,
        mut arriving: Receiver<ListingUpdate>,
        updates: &Sender<ScanUpdate>,
    ) {
        let mut summary = None;
        let mut due = Instant::now() + self.every;
        while !updates.is_closed() {
            // Waits for a page, or until the next update is due.
            let next = runtime.block_on(async { timeout_at(due.into(), arriving.recv()).await });
            match next {
                Ok(Some(ListingUpdate::Done(done))) => summary = Some(done),
                Ok(Some(update)) => self.take(update),
                Ok(None) => break,
                Err(_) => {}
            }
            let now = Instant::now();
            if now >= due {
                self.publish(updates, now);
                due = now + self.every.max(now.elapsed() * SHARE_OF_TIME);
            }
        }
        if !updates.is_closed() {
            let finished = self.finish(summary);
            // If the receiver is gone, there is nobody to inform.
            let _ = updates.blocking_send(ScanUpdate::Done(finished));
        }
    }

    fn take(&mut self, update: ListingUpdate) {
        match update {
            ListingUpdate::Opened { segment, start } => self.pulse.opened(segment, start),
            ListingUpdate::Page { segment, objects } => {
                self.count(&objects);
                self.assembly.add(segment.0, &objects);
                self.pulse
                    .page(segment, &objects, self.total, Instant::now());
            }
            ListingUpdate::Closed { segment } => {
                self.assembly.close(segment.0);
                self.pulse.closed(segment);
            }
            ListingUpdate::Done(_) => {}
        }
    }

    fn count(&mut self, objects: &[ObjectSummary]) {
        for object in objects {
            self.total.add(object);
        }
        for grouping in &mut self.groupings {
            for object in objects {
                grouping.add_object(object);
            }
        }
    }

    /// Sends a snapshot, if the channel has room for it.
    fn publish(&mut self, updates: &Sender<ScanUpdate>, now: Instant) {
        let Ok(place) = updates.try_reserve() else {
            return;
        };
        place.send(ScanUpdate::Snapshot(Snapshot {
            columns: self.assembly.snapshot(),
            total: self.total,
            groups: self.groupings.iter_mut().map(Grouping::changes).collect(),
            progress: self.pulse.progress(self.total, now),
        }));
    }

    fn finish(mut self, summary: Option<Summary>) -> Finished {
        let coverage = summary.map_or_else(
            || Coverage::AtLeast(vec![Gap::cancelled("the rest of the objects")]),
            |summary| summary.coverage,
        );
        let counted = self.total.objects;
        let columns = self.assembly.finish();
        let groups = if columns.len() as u64 == counted {
            self.groupings.into_iter().map(Grouping::finish).collect()
        } else {
            // A server that lists without order returned a key twice; the columns keep it once.
            self.total = columns.total();
            let recount = |by| group(&columns, by);
            self.asked.into_iter().map(recount).collect()
        };
        let progress = self.pulse.progress(self.total, Instant::now());
        Finished {
            scan: Scan {
                origin: self.origin,
                started: self.started,
                finished: Utc::now(),
                columns,
                coverage,
            },
            groups,
            progress: progress.over(),
        }
    }
}

fn group(columns: &Columns, by: By) -> Vec<(Group, Tally)> {
    let mut grouping = Grouping::new(by);
    grouping.add_all(columns);
    grouping.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::columns::Etags;
    use crate::domain::{BucketName, ByteSize, ObjectKey, StorageClass};
    use crate::ops::listing::{ListingRequest, SegmentId};

    fn intake() -> Intake {
        let bucket = BucketName::new("media").unwrap();
        let origin = Origin {
            endpoint: None,
            bucket: bucket.clone(),
            prefixes: vec![String::new()],
        };
        let request = ScanRequest {
            listing: ListingRequest::new(bucket, ""),
            etags: Etags::Leave,
            groups: vec![By::Class],
            every: Duration::ZERO,
        };
        Intake::new(origin, request, Meter::new())
    }

    fn page(keys: &[&str]) -> ListingUpdate {
        let objects = keys.iter().map(|key| ObjectSummary {
            key: ObjectKey::new(*key).unwrap(),
            size: ByteSize(10),
            last_modified: None,
            storage_class: StorageClass::default(),
            etag: None,
        });
        ListingUpdate::Page {
            segment: SegmentId(1),
            objects: objects.collect(),
        }
    }

    #[test]
    fn a_key_that_a_server_told_twice_is_counted_once() {
        let mut intake = intake();
        intake.take(page(&["a", "b"]));
        intake.take(page(&["b", "c"]));
        let finished = intake.finish(None);
        assert_eq!(finished.scan.columns.len(), 3);
        assert_eq!(finished.groups[0][0].1.objects, 3);
        assert_eq!(finished.progress.objects, 3);
        assert_eq!(finished.progress.bytes, ByteSize(30));
    }

    #[test]
    fn a_listing_that_does_not_say_how_it_ended_is_not_complete() {
        let mut intake = intake();
        intake.take(page(&["a"]));
        assert!(!intake.finish(None).scan.coverage.is_complete());
    }
}
