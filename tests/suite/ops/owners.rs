//! Whose media is where: all owners, one owner, counts, and how work stops.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use s3warden::facade::aws::{Aws, Meter};
use s3warden::facade::domain::blueprint::{Blueprint, BucketBlueprint};
use s3warden::facade::domain::{ByteSize, OwnerId};
use s3warden::facade::ops::Coverage;
use s3warden::facade::ops::owners::{
    self, OwnerItems, OwnerLimits, OwnersSummary, OwnersUpdate, Tally, of_owner,
};
use s3warden::facade::sandbox::world::{SeedKind, Versioning};
use s3warden::facade::sandbox::{Fault, FaultRule, Latency};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::world::{bucket, day, holding, name, sandbox, version};

fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

/// A layout of two folders, the second of which is the owner's: `{directory}/{user}/…`.
fn by_second_folder(bucket: &str) -> BucketBlueprint {
    BucketBlueprint::by_depth(name(bucket), 1)
}

#[derive(Default)]
struct Outcome {
    found: BTreeSet<String>,
    counts: BTreeMap<String, Tally>,
    enumerated: Option<Coverage>,
    summary: Option<OwnersSummary>,
}

async fn owners_of(
    aws: &Aws,
    bucket: BucketBlueprint,
    limits: OwnerLimits,
    meter: &Meter,
) -> Outcome {
    // One place in the channel: the stream has to cope with a reader that is slower than it is.
    let (updates, mut inbox) = mpsc::channel(1);
    let cancel = CancellationToken::new();
    let work = owners::stream(aws.clone(), bucket, limits, cancel, meter.clone(), updates);
    let work = tokio::spawn(work);
    let mut outcome = Outcome::default();
    while let Some(update) = inbox.recv().await {
        match update {
            OwnersUpdate::Found(folders) => outcome
                .found
                .extend(folders.into_iter().map(|f| f.owner.as_str().to_owned())),
            OwnersUpdate::Enumerated(coverage) => outcome.enumerated = Some(coverage),
            OwnersUpdate::Counted(counts) => outcome.counts.extend(
                counts
                    .owners
                    .into_iter()
                    .map(|(owner, tally)| (owner.as_str().to_owned(), tally)),
            ),
            OwnersUpdate::Done(summary) => outcome.summary = Some(summary),
        }
    }
    work.await.unwrap();
    outcome
}

/// 1,500 users in three directories, three objects each, and two keys of nobody.
fn crowd() -> Vec<String> {
    let users = (0..1_500).flat_map(|n| (0..3).map(move |d| format!("dir-{d}/user-{n}/file.jpg")));
    users
        .chain(["loose".to_owned(), "dir-0/loose".to_owned()])
        .collect()
}

#[tokio::test]
async fn fifteen_hundred_owners_are_found_and_counted() {
    let (sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    let meter = Meter::new();
    let outcome = owners_of(
        &aws,
        by_second_folder("media"),
        OwnerLimits::default(),
        &meter,
    )
    .await;
    assert_eq!(outcome.found.len(), 1_500);
    assert_eq!(outcome.enumerated, Some(Coverage::Complete));
    let summary = outcome.summary.unwrap();
    assert!(summary.counted.is_complete());
    assert_eq!(summary.total.objects, 4_502);
    assert_eq!(summary.unattributed.unreadable.objects, 2);
    assert_eq!(outcome.counts.len(), 1_500);
    assert!(outcome.counts.values().all(|tally| tally.objects == 3));
    let bytes: ByteSize = outcome.counts.values().map(|tally| tally.bytes).sum();
    assert_eq!(
        bytes + summary.unattributed.unreadable.bytes,
        ByteSize((1..=4_502).sum())
    );
    // 1 for the top, 2 for each of three directories of 1,500 folders, 5 to count 4,502 objects; and twice as many for
    // what is counted side by side.
    let requests = sandbox.requests().of("ListObjectsV2");
    assert!((12..=36).contains(&requests), "{requests}");
    // The last look for folders may be dropped before it arrives.
    assert!(meter.requests() >= requests);
}

#[tokio::test]
async fn counting_side_by_side_gives_the_same_counts() {
    let (_sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    let mut outcomes = Vec::new();
    for in_flight in [1, 16] {
        let limits = OwnerLimits {
            in_flight,
            ..OwnerLimits::default()
        };
        let outcome = owners_of(&aws, by_second_folder("media"), limits, &Meter::new()).await;
        outcomes.push((outcome.counts, outcome.summary));
    }
    assert_eq!(outcomes[0], outcomes[1]);
}

#[tokio::test]
async fn what_was_cut_short_says_at_least_and_why() {
    let (_sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    for limits in [
        OwnerLimits {
            owners: 10,
            ..OwnerLimits::default()
        },
        OwnerLimits {
            folder_requests: 2,
            ..OwnerLimits::default()
        },
    ] {
        let outcome = owners_of(&aws, by_second_folder("media"), limits, &Meter::new()).await;
        let coverage = outcome.enumerated.unwrap();
        assert!(coverage.gaps()[0].why.contains("stopped"), "{coverage:?}");
    }
    let limits = OwnerLimits {
        counted_objects: 1_000,
        ..OwnerLimits::default()
    };
    let outcome = owners_of(&aws, by_second_folder("media"), limits, &Meter::new()).await;
    let summary = outcome.summary.unwrap();
    assert_eq!(summary.total.objects, 1_000);
    assert!(
        summary.counted.gaps()[0].why.contains("1,000"),
        "{summary:?}"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_listed_leaves_the_others_and_is_told() {
    let (sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    sandbox.set_faults(vec![
        FaultRule::new(Fault::AccessDenied).at("media", "dir-1/"),
    ]);
    let outcome = owners_of(
        &aws,
        by_second_folder("media"),
        OwnerLimits::default(),
        &Meter::new(),
    )
    .await;
    assert_eq!(
        outcome.found.len(),
        1_500,
        "they are in the other directories, too"
    );
    let coverage = outcome.enumerated.unwrap();
    assert_eq!(coverage.gaps().len(), 1);
    assert!(coverage.gaps()[0].what.contains("dir-1/"), "{coverage:?}");
    assert!(coverage.gaps()[0].problem.is_some());
}

async fn keys_of(aws: &Aws, bucket: BucketBlueprint, id: &str) -> (Vec<String>, Coverage) {
    let (pages, mut inbox) = mpsc::channel(1);
    let work = owners::objects_of(
        aws.clone(),
        bucket,
        owner(id),
        OwnerLimits::default(),
        CancellationToken::new(),
        Meter::new(),
        pages,
    );
    let work = tokio::spawn(work);
    let mut keys = Vec::new();
    let mut end = None;
    while let Some(page) = inbox.recv().await {
        match page {
            OwnerItems::Page { prefix, items } => {
                assert!(items.iter().all(|o| o.key.as_str().starts_with(&prefix)));
                keys.extend(items.into_iter().map(|o| o.key.as_str().to_owned()));
            }
            OwnerItems::Done(coverage) => end = Some(coverage),
        }
    }
    work.await.unwrap();
    (keys, end.unwrap())
}

#[tokio::test]
async fn user_1_is_not_user_10() {
    let keys = [
        "a/user-1/x",
        "a/user-1/y/z",
        "a/user-10/x",
        "a/user-1",
        "b/user-1/x",
        "b/xuser-1/x",
        "user-1/x",
        "a/user-1 /x",
        "a/User-1/x",
    ];
    let (_sandbox, aws) = sandbox(vec![holding("media", keys)]).await;
    let (mine, coverage) = keys_of(&aws, by_second_folder("media"), "user-1").await;
    assert_eq!(mine, ["a/user-1/x", "a/user-1/y/z", "b/user-1/x"]);
    assert!(coverage.is_complete());
}

#[tokio::test]
async fn an_owner_with_more_than_a_page_is_listed_to_the_end() {
    let keys = (0..2_345).map(|n| format!("a/user-1/{n:05}"));
    let (_sandbox, aws) = sandbox(vec![holding("media", keys)]).await;
    let (mine, _) = keys_of(&aws, by_second_folder("media"), "user-1").await;
    assert_eq!(mine.len(), 2_345);
    assert!(mine.is_sorted());
}

#[tokio::test]
async fn an_owner_that_has_nothing_has_no_folders() {
    let (_sandbox, aws) = sandbox(vec![holding("media", ["users/user-10/x"])]).await;
    let blueprint = BucketBlueprint::under_prefix(name("media"), "users/");
    let cancel = CancellationToken::new();
    for (id, prefixes) in [("user-1", vec![]), ("user-10", vec!["users/user-10/"])] {
        let found = of_owner(
            &aws,
            &blueprint,
            &owner(id),
            OwnerLimits::default(),
            &cancel,
            &Meter::new(),
        )
        .await;
        let listed: Vec<&str> = found.prefixes.iter().map(|p| p.prefix.as_str()).collect();
        assert_eq!(listed, prefixes);
        assert!(found.coverage.is_complete());
    }
}

#[tokio::test]
async fn a_layout_that_does_not_name_its_owner_is_told_as_a_gap() {
    let blueprint = Blueprint::builtin("quikapp").unwrap();
    let media = blueprint
        .bucket(&name("quikapp-media-prod"))
        .unwrap()
        .clone();
    let keys = ["ws-1/avatars/user-1/3f2a8c1e-1111-4222-8333-944455556666.webp"];
    let (_sandbox, aws) = sandbox(vec![holding("quikapp-media-prod", keys)]).await;
    let (mine, coverage) = keys_of(&aws, media, "user-1").await;
    assert_eq!(mine, keys);
    assert!(!coverage.is_complete());
    assert!(
        coverage
            .gaps()
            .iter()
            .all(|gap| gap.what.starts_with("the layout "))
    );
}

#[tokio::test]
async fn an_owner_of_whom_only_old_versions_are_left_is_found_among_versions() {
    let mut media = bucket("media");
    media.versioning = Versioning::Enabled;
    media.versions = vec![
        version(
            "a/user-1/x",
            day(1),
            SeedKind::Plain { size: 9 },
            Some("v1"),
        ),
        version("a/user-1/x", day(2), SeedKind::DeleteMarker, Some("m1")),
        version(
            "a/user-2/x",
            day(2),
            SeedKind::Plain { size: 1 },
            Some("v2"),
        ),
    ];
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let (current, _) = keys_of(&aws, by_second_folder("media"), "user-1").await;
    assert_eq!(current, Vec::<String>::new());
    let (pages, mut inbox) = mpsc::channel(4);
    owners::versions_of(
        aws,
        by_second_folder("media"),
        owner("user-1"),
        OwnerLimits::default(),
        CancellationToken::new(),
        Meter::new(),
        pages,
    )
    .await;
    let Some(OwnerItems::Page { items, .. }) = inbox.recv().await else {
        panic!("no page");
    };
    let ids: Vec<&str> = items.iter().map(|v| v.version_id.as_str()).collect();
    assert_eq!(ids, ["m1", "v1"]);
    assert_eq!(
        inbox.recv().await,
        Some(OwnerItems::Done(Coverage::Complete))
    );
}

#[tokio::test]
async fn cancelling_stops_the_requests_and_says_that_something_is_missing() {
    let keys = (0..200).flat_map(|d| (0..2).map(move |n| format!("dir-{d:03}/user-{n}/x")));
    let (sandbox, aws) = sandbox(vec![holding("media", keys)]).await;
    // Each request takes so long that the work cannot end by itself within the test.
    sandbox.set_latency(
        Latency::uniform(Duration::from_mins(10)).with("ListObjectsV2", Duration::ZERO),
    );
    let (updates, mut inbox) = mpsc::channel(1);
    let cancel = CancellationToken::new();
    let limits = OwnerLimits {
        in_flight: 2,
        ..OwnerLimits::default()
    };
    let blueprint = by_second_folder("media");
    let work = owners::stream(
        aws,
        blueprint,
        limits,
        cancel.clone(),
        Meter::new(),
        updates,
    );
    let work = tokio::spawn(work);
    let first = inbox.recv().await;
    assert!(matches!(first, Some(OwnersUpdate::Found(_))));
    sandbox.set_latency(Latency::uniform(Duration::from_mins(10)));
    cancel.cancel();
    let mut summary = None;
    while let Some(update) = inbox.recv().await {
        if let OwnersUpdate::Done(done) = update {
            summary = Some(done);
        }
    }
    work.await.unwrap();
    let summary = summary.unwrap();
    assert!(!summary.found.is_complete() && !summary.counted.is_complete());
    assert!(
        summary.found.gaps()[0].why.contains("cancelled"),
        "{summary:?}"
    );
    let sent = sandbox.requests().of("ListObjectsV2");
    assert!(sent < 201, "it went on to the end: {sent}");
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_work() {
    let (sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    let (updates, mut inbox) = mpsc::channel(1);
    let cancel = CancellationToken::new();
    let limits = OwnerLimits {
        in_flight: 1,
        ..OwnerLimits::default()
    };
    let blueprint = by_second_folder("media");
    let work = tokio::spawn(owners::stream(
        aws,
        blueprint,
        limits,
        cancel,
        Meter::new(),
        updates,
    ));
    assert!(inbox.recv().await.is_some());
    drop(inbox);
    work.await.unwrap();
    assert!(sandbox.requests().of("ListObjectsV2") < 12);
}

#[tokio::test]
async fn no_use_case_sends_anything_but_reads() {
    let (sandbox, aws) = sandbox(vec![holding("media", crowd())]).await;
    owners_of(
        &aws,
        by_second_folder("media"),
        OwnerLimits::default(),
        &Meter::new(),
    )
    .await;
    keys_of(&aws, by_second_folder("media"), "user-1").await;
    s3warden::facade::ops::buckets::facts(&aws, &name("media"), &Meter::new()).await;
    assert!(sandbox.requests().total() > 10);
    assert_eq!(sandbox.requests().non_read(), Vec::<&str>::new());
}
