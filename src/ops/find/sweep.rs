//! Lists a bucket where its layouts say that the user's objects are.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, ProblemKind, wire};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::quarantine::place;
use crate::domain::{BucketName, ObjectVersion, OwnerId, Region, Upload};
use crate::ops::listing::{self, Listed, ListingRequest, ListingUpdate};
use crate::ops::owners::{self, OwnerLimits};
use crate::ops::{Coverage, Gap};

/// Pages that wait to be taken in, which takes no time.
const PAGES_AHEAD: usize = 4;

/// What a bucket holds that may be the user's.
pub(super) struct Swept {
    pub(super) region: Option<Region>,
    /// Whether there is such a bucket.
    pub(super) exists: bool,
    /// Versions below the user's prefixes, and all of the bucket where only metadata tells. By key, newest first.
    pub(super) versions: Vec<ObjectVersion>,
    /// Every incomplete upload of the bucket: there are few, and keys of any kind may be among them. By key.
    pub(super) uploads: Vec<Upload>,
    /// Everything that lies in quarantine as a copy, whosever it is. By key, newest first.
    pub(super) copies: Vec<ObjectVersion>,
    pub(super) coverage: Coverage,
}

/// How a bucket is listed.
#[derive(Clone, Copy)]
pub(super) struct Sweep<'a> {
    pub(super) aws: &'a Aws,
    pub(super) bucket: &'a BucketBlueprint,
    pub(super) owner: &'a OwnerId,
    pub(super) in_flight: usize,
    pub(super) cancel: &'a CancellationToken,
    pub(super) meter: &'a Meter,
}

impl Sweep<'_> {
    pub(super) async fn run(self) -> Swept {
        let name = &self.bucket.name;
        let mut swept = Swept {
            region: None,
            exists: true,
            versions: Vec::new(),
            uploads: Vec::new(),
            copies: Vec::new(),
            coverage: Coverage::Complete,
        };
        match wire::bucket::region(self.aws, name, self.meter).await {
            Ok(region) => swept.region = Some(region),
            Err(problem) if problem.kind == ProblemKind::NotFound => {
                swept.exists = false;
                swept.coverage.miss(Gap::new(
                    format!("the bucket {name}"),
                    "there is no such bucket here",
                ));
                return swept;
            }
            // Whoever may not ask for a Region may still be allowed to list.
            Err(_) => {}
        }
        let prefixes = self.prefixes(&mut swept.coverage).await;
        let places = vec![place::PREFIX.to_owned(), place::LONG_PREFIX.to_owned()];
        let (versions, uploads, copies) = futures::join!(
            self.list::<ObjectVersion>(prefixes),
            self.list::<Upload>(vec![String::new()]),
            self.list::<ObjectVersion>(places),
        );
        (swept.versions, swept.uploads, swept.copies) = (versions.0, uploads.0, copies.0);
        swept.coverage.merge(versions.1);
        swept.coverage.merge(uploads.1);
        swept.coverage.merge(copies.1);
        swept
    }

    /// Below what the user's versions are. Where only an object's metadata tells whose it is, anywhere.
    async fn prefixes(self, coverage: &mut Coverage) -> Vec<String> {
        if tells_by_metadata(self.bucket) {
            return vec![String::new()];
        }
        let limits = OwnerLimits {
            in_flight: self.in_flight,
            folder_requests: u64::MAX,
            ..OwnerLimits::default()
        };
        let (prefixes, missed) = owners::version_prefixes(
            self.aws,
            self.bucket,
            self.owner,
            limits,
            self.cancel,
            self.meter,
        )
        .await;
        coverage.merge(missed);
        prefixes
    }

    /// Everything below the prefixes, by key; under a key in the server's order.
    pub(super) async fn list<T: Listed>(self, prefixes: Vec<String>) -> (Vec<T>, Coverage) {
        if prefixes.is_empty() {
            return (Vec::new(), Coverage::Complete);
        }
        let mut request = ListingRequest {
            in_flight: self.in_flight,
            ..ListingRequest::of_prefixes(self.bucket.name.clone(), prefixes)
        };
        loop {
            let (updates, inbox) = mpsc::channel(PAGES_AHEAD);
            let listing = listing::items::<T>(
                self.aws.clone(),
                request.clone(),
                self.cancel.clone(),
                self.meter.clone(),
                updates,
            );
            let ((), (mut items, coverage, in_order)) =
                futures::join!(listing, gather(inbox, &self.bucket.name));
            if in_order || coverage.is_complete() || request.one_by_one {
                items.sort_by(|a, b| a.key().cmp(b.key()));
                return (items, coverage);
            }
            // The server does not list in byte order: one page after the other it can be listed all the same.
            request.one_by_one = true;
        }
    }
}

/// Whether a layout says that only metadata tells whose its objects are.
pub(super) fn tells_by_metadata(bucket: &BucketBlueprint) -> bool {
    let mut layouts = bucket.layouts.iter();
    layouts.any(|layout| matches!(layout.owner(), OwnerSource::Metadata(_)))
}

async fn gather<T: Listed>(
    mut inbox: mpsc::Receiver<ListingUpdate<T>>,
    bucket: &BucketName,
) -> (Vec<T>, Coverage, bool) {
    let mut items = Vec::new();
    while let Some(update) = inbox.recv().await {
        match update {
            ListingUpdate::Page { objects, .. } => items.extend(objects),
            ListingUpdate::Done(summary) => return (items, summary.coverage, summary.in_order),
            ListingUpdate::Opened { .. } | ListingUpdate::Closed { .. } => {}
        }
    }
    let mut coverage = Coverage::Complete;
    coverage.miss(Gap::new(
        format!("the rest of {bucket}"),
        "the listing ended without saying how far it came",
    ));
    (items, coverage, true)
}
