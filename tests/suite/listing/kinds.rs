//! Versions and uploads: several a key.

use std::time::Duration;

use s3warden::facade::aws::Meter;
use s3warden::facade::domain::{ObjectVersion, Upload};
use s3warden::facade::ops::listing::ListingRequest;
use s3warden::facade::sandbox::world::{SeedKind, SeedUpload, Versioning, WorldBucket};
use s3warden::facade::sandbox::{Fault, FaultRule, Latency};

use super::support::{everything, list_of};
use crate::ops::world::{bucket, day, name, sandbox, version};

/// 40 users with ten keys of five versions each, the newest of every key a marker.
fn versioned() -> WorldBucket {
    let mut media = bucket("media");
    media.versioning = Versioning::Enabled;
    let keys = (0..400).map(|n| format!("uploads/user-{:02}/{n:03}.jpg", n / 10));
    media.versions = keys
        .flat_map(|key| {
            (0..5).map(move |n| {
                let kind = match u64::try_from(n) {
                    Ok(size @ 0..4) => SeedKind::Plain { size },
                    _ => SeedKind::DeleteMarker,
                };
                version(&key, day(n), kind, None)
            })
        })
        .collect();
    media
}

#[tokio::test]
async fn versions_are_listed_in_segments_that_begin_and_end_between_keys() {
    let (sandbox, aws) = sandbox(vec![versioned()]).await;
    sandbox.set_latency(Latency::uniform(Duration::from_millis(2)));
    // Seven a page: nearly every page ends within a key.
    let request = everything(Some(7)).in_key_order();
    let listed = list_of::<ObjectVersion>(&aws, request, &Meter::new()).await;
    assert!(listed.summary.coverage.is_complete());
    assert_eq!(listed.summary.total.objects, 2_000);
    assert!(listed.segments > 8, "{} segments", listed.segments);
    for of_key in listed.ordered.chunks(5) {
        assert!(of_key.iter().all(|v| v.object.key == of_key[0].object.key));
        assert!(of_key[0].is_latest && of_key[0].is_delete_marker);
        let sizes: Vec<u64> = of_key[1..].iter().map(|v| v.object.size.bytes()).collect();
        assert_eq!(sizes, [3, 2, 1, 0], "newest first");
    }
    assert!(listed.ordered_keys().is_sorted());
}

#[tokio::test]
async fn a_server_that_ignores_key_markers_is_listed_one_page_after_the_other() {
    let (sandbox, aws) = sandbox(vec![versioned()]).await;
    sandbox.set_faults(vec![FaultRule::new(Fault::IgnoreStart)]);
    let request = everything(Some(7));
    let listed = list_of::<ObjectVersion>(&aws, request, &Meter::new()).await;
    assert!(
        listed.summary.coverage.is_complete(),
        "{:?}",
        listed.summary
    );
    assert_eq!(listed.ordered.len(), 2_000);
    assert!(listed.segments > 1, "it was tried");
    // The segment that began at the beginning went on: nothing was listed twice.
    let requests = sandbox.requests().of("ListObjectVersions");
    assert!(requests < 286 + 40, "{requests} for 286 pages");
}

#[tokio::test]
async fn a_marker_that_leads_nowhere_ends_a_listing_of_versions_as_partial() {
    let (sandbox, aws) = sandbox(vec![versioned()]).await;
    sandbox.set_faults(vec![FaultRule::new(Fault::RepeatToken)]);
    let request = ListingRequest {
        one_by_one: true,
        ..everything(Some(7))
    };
    let listed = list_of::<ObjectVersion>(&aws, request, &Meter::new()).await;
    assert!(listed.summary.coverage.gaps()[0].why.contains("twice"));
}

#[tokio::test]
async fn the_uploads_of_some_prefixes_are_listed_each_once() {
    let mut media = bucket("media");
    let seed = |n: usize| SeedUpload {
        key: format!("user-{:02}/video.mp4", n / 30),
        initiated: day(3),
        parts: vec![5 << 20],
        storage_class: "STANDARD".to_owned(),
    };
    media.uploads = (0..600).map(seed).collect();
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let prefixes = ["user-01/", "user-03/", "user-0", "nobody/"];
    let request = ListingRequest {
        page: Some(7),
        ..ListingRequest::of_prefixes(name("media"), prefixes.map(str::to_owned).to_vec())
    };
    let listed = list_of::<Upload>(&aws, request, &Meter::new()).await;
    assert!(listed.summary.coverage.is_complete());
    let mut names = listed.ordered_names();
    assert_eq!(names.len(), 300);
    names.dedup();
    assert_eq!(names.len(), 300);
    assert_eq!(listed.summary.total.newest, Some(day(3)));
}
