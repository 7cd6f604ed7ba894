//! What a scan tells while it runs, and what it is in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use s3warden::facade::aws::{Aws, Meter};
use s3warden::facade::domain::blueprint::BucketBlueprint;
use s3warden::facade::domain::columns::Etags;
use s3warden::facade::domain::columns::group::{By, Group};
use s3warden::facade::domain::{OwnerId, Tally};
use s3warden::facade::ops::listing::ListingRequest;
use s3warden::facade::ops::scan::{
    self, Finished, Kept, Overwrite, ScanRequest, ScanUpdate, Snapshot,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::ops::world::{holding, name, sandbox};

fn keys() -> Vec<String> {
    (0..5_000)
        .map(|n| format!("uploads/user-{:02}/{n:05}.jpg", n % 50))
        .collect()
}

fn request() -> ScanRequest {
    ScanRequest {
        listing: ListingRequest {
            page: Some(100),
            ..ListingRequest::new(name("media"), "")
        },
        etags: Etags::Keep,
        groups: vec![
            By::Owner(Box::new(BucketBlueprint::under_prefix(
                name("media"),
                "uploads/",
            ))),
            By::Age(Utc::now()),
        ],
        every: Duration::ZERO,
    }
}

/// Runs a scan to its end; `at_snapshot` sees each snapshot.
async fn run(
    aws: &Aws,
    request: ScanRequest,
    cancel: &CancellationToken,
    mut at_snapshot: impl FnMut(&Snapshot),
) -> Finished {
    let (sender, mut updates) = mpsc::channel(1);
    let work = scan::run(aws.clone(), request, cancel.clone(), Meter::new(), sender);
    let work = tokio::spawn(work);
    let mut finished = None;
    while let Some(update) = updates.recv().await {
        assert!(finished.is_none(), "nothing comes after the end");
        match update {
            ScanUpdate::Snapshot(snapshot) => at_snapshot(&snapshot),
            ScanUpdate::Done(done) => finished = Some(done),
        }
    }
    work.await.unwrap();
    finished.expect("a scan says how it ended")
}

#[tokio::test]
async fn a_scan_holds_every_object_and_counts_what_it_was_asked_to() {
    let (_sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    let finished = run(&aws, request(), &CancellationToken::new(), |_| {}).await;
    let scan = finished.scan;
    assert!(scan.coverage.is_complete());
    assert!(scan.started <= scan.finished);
    let mut expected = keys();
    expected.sort();
    let found: Vec<String> = scan
        .columns
        .iter()
        .map(|o| o.key.as_str().to_owned())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(finished.groups[0].len(), 50);
    let user = Group::Owner(OwnerId::new("user-07").unwrap());
    let (_, tally) = finished.groups[0].iter().find(|(g, _)| *g == user).unwrap();
    assert_eq!(tally.objects, 100);
    assert_eq!(
        *tally,
        scan.columns.tally(scan.columns.under("uploads/user-07/"))
    );
    assert_eq!(finished.groups[0], scan.groups(request().groups.remove(0)));
    assert_eq!(finished.progress.objects, 5_000);
    assert_eq!(finished.progress.left, None);
}

#[tokio::test]
async fn snapshots_grow_in_key_order_and_their_changes_add_up_to_the_end() {
    let (_sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    let mut groups: Vec<BTreeMap<Group, Tally>> = vec![BTreeMap::new(); 2];
    let (mut snapshots, mut objects, mut shared) = (0, 0, true);
    let finished = run(&aws, request(), &CancellationToken::new(), |snapshot| {
        snapshots += 1;
        let rows = snapshot.columns.len();
        assert!(rows >= objects, "a snapshot lost what the one before had");
        objects = rows;
        assert_eq!(snapshot.total, snapshot.columns.total());
        assert!(snapshot.columns.iter().is_sorted_by(|a, b| a.key < b.key));
        for (groups, changes) in groups.iter_mut().zip(&snapshot.groups) {
            groups.extend(changes.iter().cloned());
            let counted: u64 = groups.values().map(|tally| tally.objects).sum();
            shared &= counted == snapshot.total.objects;
        }
        if let Some(left) = snapshot.progress.left {
            assert!((0.0..1.0).contains(&left.done), "{left:?}");
        }
    })
    .await;
    assert!(snapshots > 0);
    assert!(
        shared,
        "changes did not add up to the total of their snapshot"
    );
    // What came after the last snapshot is in the end alone.
    for (grown, all) in groups.iter().zip(&finished.groups) {
        for (group, tally) in all {
            let before = grown.get(group).map_or(0, |tally| tally.objects);
            assert!(before <= tally.objects);
        }
    }
}

#[tokio::test]
async fn a_scan_that_is_cancelled_keeps_what_it_has_and_says_that_it_is_partial() {
    let (sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    sandbox.set_faults(vec![
        "slow:60000 operation=ListObjectsV2 every=12"
            .parse()
            .unwrap(),
    ]);
    let cancel = CancellationToken::new();
    let finished = run(&aws, request(), &cancel, |snapshot| {
        if snapshot.total.objects >= 300 {
            cancel.cancel();
        }
    })
    .await;
    assert!(!finished.scan.coverage.is_complete());
    let kept = finished.scan.columns.len();
    assert!((300..5_000).contains(&kept), "{kept}");
    let counted: u64 = finished.groups[0].iter().map(|(_, t)| t.objects).sum();
    assert_eq!(counted, kept as u64);
}

#[tokio::test]
async fn a_scan_that_nobody_reads_ends() {
    let (_sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    let (sender, updates) = mpsc::channel(1);
    drop(updates);
    let cancel = CancellationToken::new();
    scan::run(aws, request(), cancel, Meter::new(), sender).await;
}

#[tokio::test]
async fn a_reader_that_takes_no_snapshot_does_not_hold_the_scan_up() {
    let (_sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    let (sender, mut updates) = mpsc::channel(1);
    let meter = Meter::new();
    // More pages than are in flight and in the channel together: they would wait if the first snapshot did.
    let mut request = request();
    request.listing.page = Some(20);
    request.listing.in_flight = 16;
    let work = scan::run(
        aws,
        request,
        CancellationToken::new(),
        meter.clone(),
        sender,
    );
    let work = tokio::spawn(work);
    while meter.objects() < 5_000 {
        tokio::task::yield_now().await;
    }
    // The first snapshot still waits here; all the others were left out.
    let mut last = None;
    while let Some(update) = updates.recv().await {
        last = Some(update);
    }
    let Some(ScanUpdate::Done(done)) = last else {
        panic!("the end is missing");
    };
    assert_eq!(done.scan.columns.len(), 5_000);
    work.await.unwrap();
}

#[tokio::test]
async fn a_scan_that_is_opened_again_is_the_one_that_was_saved() {
    let (_sandbox, aws) = sandbox(vec![holding("media", keys())]).await;
    let scan = run(&aws, request(), &CancellationToken::new(), |_| {})
        .await
        .scan;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.s3scan");
    scan::save(&file, &scan, Overwrite::Scans).unwrap();
    let kept = Kept::in_state(folder.path());
    kept.save(&scan).unwrap();
    for opened in [
        scan::open(&file).unwrap(),
        kept.latest(&scan.origin).unwrap().unwrap(),
    ] {
        assert_eq!(opened.origin, scan.origin);
        assert_eq!(
            (opened.started, opened.finished),
            (scan.started, scan.finished)
        );
        assert!(opened.coverage.is_complete());
        assert!(opened.columns.iter().eq(scan.columns.iter()));
    }
}
