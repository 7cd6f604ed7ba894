//! Listings and details: exact keys, pages, versions, uploads, faults.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use s3warden::facade::aws::{Aws, Meter, Problem, ProblemKind};
use s3warden::facade::domain::{ByteSize, ObjectKey, ObjectSummary, VersionId};
use s3warden::facade::ops::browse::{self, ListRequest, Start, UploadsRequest, VersionsRequest};
use s3warden::facade::ops::{Fact, inspect};
use s3warden::facade::sandbox::world::{SeedKind, SeedObject, SeedUpload, Sse, Versioning};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::stub::{Answer, Stub};
use super::world::{bucket, day, holding, name, sandbox, sandbox_with, version};

/// Keys that careless code loses, splits or changes.
fn nasty_keys() -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = [
        "a//b",
        "a/",
        "/a",
        "//",
        " ",
        "a b",
        "a+b",
        "a%2Bb",
        "a%20b",
        "%",
        "%%",
        "trailing ",
        "a/../b",
        "..",
        "tab\tkey",
        "line\nbreak",
        "\u{1}",
        "\u{7f}",
        "quote\"'`",
        "<xml>&amp;",
        "ünïcode",
        "😀/🏳️‍🌈",
        "\u{202e}gnp.exe",
        "e\u{301}",
        "é",
        "a?b#c",
        "a\\b",
        "a=b&c=d",
        "~!@$^*()",
        "\u{10ffff}",
    ]
    .map(str::to_owned)
    .into();
    keys.insert("é".repeat(512));
    keys
}

async fn all(aws: &Aws, mut request: ListRequest) -> (Vec<ObjectSummary>, Vec<String>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    loop {
        let page = browse::page(aws, &request, &Meter::new()).await.unwrap();
        objects.extend(page.items);
        prefixes.extend(page.prefixes);
        match page.next {
            Some(next) => request.start = Start::Next(next),
            None => return (objects, prefixes),
        }
    }
}

#[tokio::test]
async fn every_key_comes_back_exactly() {
    let keys = nasty_keys();
    let (_sandbox, aws) = sandbox(vec![holding("media", keys.clone())]).await;
    for max_keys in [None, Some(3)] {
        let mut request = ListRequest::flat(name("media"), "");
        request.max_keys = max_keys;
        let (objects, _) = all(&aws, request).await;
        let listed: Vec<&str> = objects.iter().map(|o| o.key.as_str()).collect();
        let expected: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(listed, expected, "{max_keys:?}");
    }
}

#[tokio::test]
async fn every_key_can_be_looked_at_and_listed_after() {
    let keys = nasty_keys();
    let (_sandbox, aws) = sandbox(vec![holding("media", keys.clone())]).await;
    for key in &keys {
        let key = ObjectKey::new(key.as_str()).unwrap();
        let detail = inspect::object(&aws, &name("media"), &key, None, &Meter::new()).await;
        assert!(detail.head.value().is_some(), "{key:?}: {:?}", detail.head);
        assert_eq!(detail.tags, Fact::NotSet, "{key:?}");
        let versions = detail.versions.value().unwrap();
        assert_eq!(versions.versions.len(), 1, "{key:?}");
        assert_eq!(versions.versions[0].object.key, key);

        let mut request = ListRequest::flat(name("media"), "");
        request.start = Start::After(key.as_str().to_owned());
        let (after, _) = all(&aws, request).await;
        let expected = keys.iter().filter(|k| k.as_str() > key.as_str()).count();
        assert_eq!(after.len(), expected, "after {key:?}");
    }
}

#[tokio::test]
async fn a_folder_shows_its_objects_and_the_folders_below_it() {
    let keys = ["a/1", "a/b/2", "a/b/3", "a//4", "a/ü/5", "c/6", "7"];
    let (_sandbox, aws) = sandbox(vec![holding("media", keys)]).await;
    let (objects, prefixes) = all(&aws, ListRequest::folder(name("media"), "a/")).await;
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0].key.as_str(), "a/1");
    assert_eq!(objects[0].size, ByteSize(1));
    assert_eq!(objects[0].last_modified, Some(day(1)));
    assert_eq!(prefixes, ["a//", "a/b/", "a/ü/"]);
}

#[tokio::test]
async fn pages_are_counted_with_what_they_yield() {
    let keys = (0..2_500).map(|n| format!("k{n:05}"));
    let (_sandbox, aws) = sandbox(vec![holding("media", keys)]).await;
    let meter = Meter::new();
    let mut request = ListRequest::flat(name("media"), "");
    while let Some(next) = browse::page(&aws, &request, &meter).await.unwrap().next {
        request.start = Start::Next(next);
    }
    assert_eq!(
        (meter.requests(), meter.retries(), meter.objects()),
        (3, 0, 2_500)
    );
    assert_eq!(meter.bytes(), ByteSize((1..=2_500).sum()));
}

#[tokio::test]
async fn versions_and_markers_come_newest_first() {
    let mut media = bucket("media");
    media.versioning = Versioning::Enabled;
    let plain = |size| SeedKind::Plain { size };
    media.versions = vec![
        version("k", day(1), plain(1), Some("v1")),
        version("k", day(2), SeedKind::DeleteMarker, Some("m1")),
        version("k", day(3), plain(2), Some("v2")),
        version("k", day(4), SeedKind::DeleteMarker, Some("m2")),
        version("k2", day(1), plain(3), Some("v3")),
    ];
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let mut request = VersionsRequest::flat(name("media"), "");
    for max_keys in [None, Some(1)] {
        request.max_keys = max_keys;
        request.start = Start::Beginning;
        let mut ids = Vec::new();
        loop {
            let page = browse::versions(&aws, &request, &Meter::new())
                .await
                .unwrap();
            ids.extend(page.items.into_iter().map(|v| v.version_id.0));
            match page.next {
                Some(next) => request.start = Start::Next(next),
                None => break,
            }
        }
        assert_eq!(ids, ["m2", "v2", "m1", "v1", "v3"], "{max_keys:?}");
    }
    let key = ObjectKey::new("k").unwrap();
    let detail = inspect::object(&aws, &name("media"), &key, None, &Meter::new()).await;
    let history = detail.versions.value().unwrap();
    assert_eq!(history.versions.len(), 4, "k2 is another key");
    assert!(history.complete);
    assert!(history.versions[0].is_latest && history.versions[0].is_delete_marker);
    let problem = detail
        .head
        .problem()
        .expect("its current version is a marker");
    assert_eq!(problem.kind, ProblemKind::NotFound);

    let old = VersionId("v1".to_owned());
    let detail = inspect::object(&aws, &name("media"), &key, Some(&old), &Meter::new()).await;
    assert_eq!(detail.head.value().unwrap().size, ByteSize(1));
}

#[tokio::test]
async fn versions_and_markers_of_one_second_keep_the_order_of_the_answer() {
    let entry = |kind: &str, id: &str| {
        format!(
            "<{kind}><Key>k</Key><VersionId>{id}</VersionId><IsLatest>{}</IsLatest>\
             <LastModified>2026-01-01T00:00:00.000Z</LastModified></{kind}>",
            id == "m2"
        )
    };
    let entries = [
        entry("DeleteMarker", "m2"),
        entry("Version", "v2"),
        entry("DeleteMarker", "m1"),
        entry("Version", "v1"),
    ];
    let body = format!(
        "<ListVersionsResult>{}</ListVersionsResult>",
        entries.concat()
    );
    let stub = Stub::start(vec![Answer::xml(200, &body)]).await;
    let request = VersionsRequest::flat(name("media"), "");
    let page = browse::versions(&stub.connect().await, &request, &Meter::new())
        .await
        .unwrap();
    let ids: Vec<&str> = page.items.iter().map(|v| v.version_id.as_str()).collect();
    assert_eq!(ids, ["m2", "v2", "m1", "v1"]);
}

#[tokio::test]
async fn the_headers_of_an_object_are_told_in_full() {
    let mut media = bucket("media");
    media.versions = vec![version(
        "a/k.jpg",
        day(2),
        SeedKind::Object(Box::new(SeedObject {
            size: 77,
            content_type: Some("image/jpeg".to_owned()),
            cache_control: Some("max-age=60".to_owned()),
            storage_class: "GLACIER".to_owned(),
            metadata: BTreeMap::from([("user-id".to_owned(), "user-1".to_owned())]),
            tags: BTreeMap::from([("kind".to_owned(), "photo".to_owned())]),
            sse: Sse::Kms("arn:aws:kms:us-east-1:1:key/k".to_owned()),
            bucket_key: true,
            ..SeedObject::default()
        })),
        None,
    )];
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let key = ObjectKey::new("a/k.jpg").unwrap();
    let detail = inspect::object(&aws, &name("media"), &key, None, &Meter::new()).await;
    let head = detail.head.value().unwrap();
    assert_eq!(head.size, ByteSize(77));
    assert_eq!(head.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(head.cache_control.as_deref(), Some("max-age=60"));
    assert!(head.storage_class.is_archived());
    assert_eq!(
        head.metadata.get("user-id").map(String::as_str),
        Some("user-1")
    );
    let encryption = head.encryption.as_ref().unwrap();
    assert_eq!(encryption.algorithm, "aws:kms");
    assert!(encryption.key_id.as_deref().unwrap().ends_with("key/k") && encryption.bucket_key);
    assert_eq!(
        detail.tags.value().unwrap(),
        &[("kind".to_owned(), "photo".to_owned())]
    );
}

#[tokio::test]
async fn what_may_not_be_seen_of_an_object_leaves_the_rest_visible() {
    let options = SandboxOptions {
        denied: vec!["s3:GetObjectTagging".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = sandbox_with(options, vec![holding("media", ["k"])]).await;
    let key = ObjectKey::new("k").unwrap();
    let detail = inspect::object(&aws, &name("media"), &key, None, &Meter::new()).await;
    assert_eq!(
        detail.tags.problem().and_then(|p| p.permission),
        Some("s3:GetObjectTagging")
    );
    assert!(detail.head.value().is_some() && detail.versions.value().is_some());
}

#[tokio::test]
async fn incomplete_uploads_are_listed() {
    let mut media = bucket("media");
    media.uploads = ["a b", "a/ü"]
        .into_iter()
        .map(|key| SeedUpload {
            key: key.to_owned(),
            initiated: day(3),
            parts: vec![5 << 20],
            storage_class: "STANDARD".to_owned(),
        })
        .collect();
    let (_sandbox, aws) = sandbox(vec![media]).await;
    let request = UploadsRequest::flat(name("media"), "");
    let page = browse::uploads(&aws, &request, &Meter::new())
        .await
        .unwrap();
    let keys: Vec<&str> = page.items.iter().map(|u| u.key.as_str()).collect();
    assert_eq!(keys, ["a b", "a/ü"]);
    assert_eq!(page.items[0].initiated, Some(day(3)));
    assert!(!page.items[0].upload_id.is_empty() && page.next.is_none());
}

/// The one key of a bucket at which requests meet a fault.
async fn list_with(rule: FaultRule, meter: &Meter) -> Result<usize, Problem> {
    let (sandbox, aws) = sandbox(vec![holding("media", ["k"])]).await;
    sandbox.set_faults(vec![rule]);
    let request = ListRequest::flat(name("media"), "");
    let page = browse::page(&aws, &request, meter).await?;
    Ok(page.items.len())
}

#[tokio::test]
async fn faults_that_pass_are_overcome_and_counted() {
    let faults = [
        Fault::SlowDown,
        Fault::InternalError,
        Fault::Drop,
        Fault::Truncate,
    ];
    // Boxed, for so many calls side by side are too large for a test's stack.
    let lists = faults.into_iter().map(|fault| {
        Box::pin(async move {
            let meter = Meter::new();
            let listed = list_with(FaultRule::new(fault).times(2), &meter).await;
            assert_eq!(listed, Ok(1), "{fault:?}");
            assert_eq!(meter.retries(), 2, "{fault:?}");
        })
    });
    join_all(lists).await;
}

#[tokio::test]
async fn faults_that_stay_are_explained() {
    let faults = [
        (Fault::SlowDown, ProblemKind::Throttled),
        (Fault::InternalError, ProblemKind::Unavailable),
        (Fault::Drop, ProblemKind::Network),
        (Fault::Truncate, ProblemKind::Network),
        (Fault::AccessDenied, ProblemKind::Denied),
        (Fault::ExpiredToken, ProblemKind::ExpiredCredentials),
    ];
    let lists = faults.into_iter().map(|(fault, kind)| {
        Box::pin(async move {
            let listed = list_with(FaultRule::new(fault), &Meter::new()).await;
            let problem = listed.unwrap_err();
            assert_eq!(problem.kind, kind, "{fault:?}: {problem}");
        })
    });
    join_all(lists).await;
}

#[tokio::test]
async fn an_answer_that_trickles_in_is_waited_for() {
    let trickle = Fault::Slow(Duration::from_millis(1));
    let listed = list_with(FaultRule::new(trickle), &Meter::new()).await;
    assert_eq!(listed, Ok(1));
}
