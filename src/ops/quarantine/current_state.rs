//! Lists the versions, delete markers and uploads under some keys of a bucket.

use std::collections::HashSet;

use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter};
use crate::domain::{BucketName, ObjectKey, ObjectVersion, Upload};
use crate::ops::find::exact;
use crate::ops::listing::{self, ListingRequest, ListingUpdate};
use crate::ops::{Coverage, Gap};

/// Up to this many keys are listed one by one; for more, listing the bucket takes fewer requests.
const ONE_BY_ONE: usize = 48;

/// The number of pages that wait to be processed.
const PAGES_AHEAD: usize = 32;

/// The bucket to list.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a> {
    pub aws: &'a Aws,
    pub bucket: &'a BucketName,
    pub in_flight: usize,
    pub cancel: &'a CancellationToken,
    pub meter: &'a Meter,
}

/// The result.
#[derive(Default)]
pub(super) struct There {
    /// By key, newest first.
    pub versions: Vec<ObjectVersion>,
    pub uploads: Vec<Upload>,
    pub coverage: Coverage,
}

/// The versions and delete markers of these keys, with their uploads if wanted.
pub(super) async fn under(
    reach: Reach<'_>,
    keys: &HashSet<ObjectKey>,
    with_uploads: bool,
) -> There {
    let mut there = if keys.len() <= ONE_BY_ONE {
        one_by_one(reach, keys).await
    } else {
        versions(reach, |key| keys.contains(key)).await
    };
    if with_uploads {
        let mut uploads = Vec::new();
        let take = |page: Vec<Upload>| {
            uploads.extend(page.into_iter().filter(|upload| keys.contains(&upload.key)));
        };
        let coverage = all(reach, take).await;
        there.uploads = uploads;
        there.coverage.merge(coverage);
    }
    there
}

/// All versions and delete markers of a bucket with wanted keys.
pub(super) async fn versions(reach: Reach<'_>, is_wanted: impl Fn(&ObjectKey) -> bool) -> There {
    let mut there = There::default();
    let versions = &mut there.versions;
    let take = |page: Vec<ObjectVersion>| {
        versions.extend(page.into_iter().filter(|one| is_wanted(&one.object.key)));
    };
    there.coverage = all(reach, take).await;
    // Segments arrive in any order; the versions of a key arrive in their own.
    there
        .versions
        .sort_by(|a, b| a.object.key.cmp(&b.object.key));
    there
}

async fn one_by_one(reach: Reach<'_>, keys: &HashSet<ObjectKey>) -> There {
    let mut keys: Vec<ObjectKey> = keys.iter().cloned().collect();
    keys.sort();
    let asked: Vec<_> = stream::iter(keys)
        .map(|key| async move {
            let versions = exact::versions(reach.aws, reach.bucket, &key, reach.meter);
            reach.cancel.run_until_cancelled(versions).await
        })
        .buffered(reach.in_flight.max(1))
        .collect()
        .await;
    let mut there = There::default();
    for answer in asked {
        match answer {
            Some(Ok(versions)) => there.versions.extend(versions),
            Some(Err(problem)) => {
                let what = format!("versions in {}", reach.bucket);
                there.coverage.miss(Gap::failed(what, problem));
            }
            None => there.coverage.miss(Gap::cancelled("the rest")),
        }
    }
    there
}

async fn all<T: listing::Listed>(reach: Reach<'_>, mut take: impl FnMut(Vec<T>)) -> Coverage {
    let request = ListingRequest {
        in_flight: reach.in_flight.max(1),
        ..ListingRequest::new(reach.bucket.clone(), "")
    };
    let (pages, mut arriving) = mpsc::channel(PAGES_AHEAD);
    let (aws, cancel, meter) = (reach.aws.clone(), reach.cancel.clone(), reach.meter.clone());
    let listing = listing::items(aws, request, cancel, meter, pages);
    let taking = async {
        let mut summary = None;
        while let Some(update) = arriving.recv().await {
            match update {
                ListingUpdate::Page { objects, .. } => take(objects),
                ListingUpdate::Done(done) => summary = Some(done),
                ListingUpdate::Opened { .. } | ListingUpdate::Closed { .. } => {}
            }
        }
        summary
    };
    let ((), summary) = tokio::join!(listing, taking);
    summary.map_or_else(
        || Coverage::AtLeast(vec![Gap::cancelled("the rest")]),
        |summary| summary.coverage,
    )
}
