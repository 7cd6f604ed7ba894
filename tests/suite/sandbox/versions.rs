//! Versions and delete markers.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, Versioning, WorldBucket};

use super::support::{bucket, code, put, read, refusal, seed, start, text, versioned};

/// All versions of a bucket as `key id latest`, markers with an `x` before, from pages of a size.
async fn versions(s3: &Client, page: i32) -> Vec<String> {
    let (mut key, mut id) = (None, None);
    let mut told = Vec::new();
    loop {
        let answer = s3
            .list_object_versions()
            .bucket("media")
            .max_keys(page)
            .set_key_marker(key)
            .set_version_id_marker(id)
            .send()
            .await
            .unwrap();
        let mut rows: Vec<(String, i64, String)> = Vec::new();
        let line = |mark: &str, key: &str, id: &str, latest: bool| {
            format!("{mark}{key} {id}{}", if latest { " latest" } else { "" })
        };
        for row in answer.versions() {
            let (key, id) = (row.key().unwrap(), row.version_id().unwrap());
            rows.push((key.into(), 0, line("", key, id, row.is_latest().unwrap())));
        }
        for row in answer.delete_markers() {
            let (key, id) = (row.key().unwrap(), row.version_id().unwrap());
            rows.push((key.into(), 0, line("x", key, id, row.is_latest().unwrap())));
        }
        told.extend(rows.into_iter().map(|(.., line)| line));
        if answer.is_truncated() != Some(true) {
            return told;
        }
        (key, id) = (answer.next_key_marker, answer.next_version_id_marker);
        assert!(key.is_some());
    }
}

fn version(key: &str, id: &str, kind: SeedKind) -> SeedVersion {
    SeedVersion {
        version_id: Some(id.into()),
        ..seed(key, kind)
    }
}

fn history() -> WorldBucket {
    let object = || SeedKind::Plain { size: 1 };
    WorldBucket {
        versions: vec![
            version("a", "a1", object()),
            version("a", "a2", object()),
            version("a", "a3", SeedKind::DeleteMarker),
            version("b", "b1", object()),
            version("c/1", "c1", object()),
            version("c/1", "c2", object()),
            version("c/2", "c3", object()),
            version("d", "null", object()),
        ],
        ..versioned("media")
    }
}

#[tokio::test]
async fn every_write_adds_a_version_where_they_are_kept() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    let first = put(s3, "media", "k", "first").await.unwrap();
    let second = put(s3, "media", "k", "second").await.unwrap();
    assert_ne!(first, second);
    assert_eq!(read(s3, "media", "k").await, "second");
    let old = s3
        .get_object()
        .bucket("media")
        .key("k")
        .version_id(&first)
        .send()
        .await
        .unwrap();
    assert_eq!(old.version_id(), Some(&*first));
    assert_eq!(text(old.body).await, "first");
    assert_eq!(
        versions(s3, 1000).await,
        [format!("k {second} latest"), format!("k {first}")]
    );
}

#[tokio::test]
async fn a_delete_adds_a_marker_that_hides_and_can_be_removed() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "kept").await;
    let deleted = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id.unwrap();

    let get = s3
        .get_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap_err();
    let raw = get.raw_response().unwrap();
    assert_eq!(raw.status().as_u16(), 404);
    assert_eq!(raw.headers().get("x-amz-delete-marker"), Some("true"));
    assert_eq!(raw.headers().get("x-amz-version-id"), Some(&*marker));
    let named = s3
        .get_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap_err();
    let raw = named.raw_response().unwrap();
    assert_eq!(raw.status().as_u16(), 405);
    assert_eq!(raw.headers().get("x-amz-delete-marker"), Some("true"));
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await;
    assert_eq!(refusal(head).0, 405);

    let undone = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap();
    assert_eq!(undone.delete_marker(), Some(true));
    assert_eq!(read(s3, "media", "k").await, "kept");
}

#[tokio::test]
async fn where_versions_are_suspended_only_the_null_version_is_replaced() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let set = async |status| {
        let configuration = VersioningConfiguration::builder().status(status).build();
        let put = s3
            .put_bucket_versioning()
            .bucket("media")
            .versioning_configuration(configuration);
        put.send().await.unwrap();
    };
    assert_eq!(put(s3, "media", "k", "before").await, None);
    set(BucketVersioningStatus::Enabled).await;
    let kept = put(s3, "media", "k", "kept").await.unwrap();
    set(BucketVersioningStatus::Suspended).await;
    assert_eq!(put(s3, "media", "k", "null").await.as_deref(), Some("null"));
    assert_eq!(
        versions(s3, 1000).await,
        ["k null latest".to_owned(), format!("k {kept}")]
    );
    let deleted = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (deleted.delete_marker(), deleted.version_id()),
        (Some(true), Some("null"))
    );
    assert_eq!(
        versions(s3, 1000).await,
        [format!("k {kept}"), "xk null latest".to_owned()]
    );
    s3.delete_object()
        .bucket("media")
        .key("k")
        .version_id("null")
        .send()
        .await
        .unwrap();
    assert_eq!(read(s3, "media", "k").await, "kept");
}

#[tokio::test]
async fn a_listing_of_versions_is_the_same_in_pages_of_any_size() {
    let running = start(vec![history()]).await;
    let s3 = &running.s3;
    let mut expected = versions(s3, 1000).await;
    expected.sort();
    assert_eq!(expected.len(), 8);
    assert!(expected.contains(&"xa a3 latest".into()));
    assert!(expected.contains(&"a a2".into()));
    for page in 1..8 {
        let mut told = versions(s3, page).await;
        told.sort();
        assert_eq!(told, expected, "in pages of {page}");
    }
}

#[tokio::test]
async fn versions_are_rolled_up_at_a_delimiter() {
    let running = start(vec![history()]).await;
    let s3 = &running.s3;
    let answer = s3
        .list_object_versions()
        .bucket("media")
        .delimiter("/")
        .max_keys(5)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.common_prefixes()[0].prefix(), Some("c/"));
    assert_eq!(
        (answer.versions().len(), answer.delete_markers().len()),
        (3, 1)
    );
    assert_eq!(answer.next_key_marker(), Some("c/"));
    assert_eq!(answer.next_version_id_marker(), None);
    let rest = s3
        .list_object_versions()
        .bucket("media")
        .delimiter("/")
        .key_marker("c/")
        .send()
        .await
        .unwrap();
    assert_eq!(rest.versions()[0].key(), Some("d"));
    assert_eq!(rest.versions().len() + rest.common_prefixes().len(), 1);
}

#[tokio::test]
async fn deleting_what_a_page_told_loses_nothing_of_the_next() {
    let running = start(vec![history()]).await;
    let s3 = &running.s3;
    let first = s3
        .list_object_versions()
        .bucket("media")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    // The page ends with version a2, of which a1 is still to come.
    assert_eq!(first.next_version_id_marker(), Some("a2"));
    for id in ["a3", "a2"] {
        s3.delete_object()
            .bucket("media")
            .key("a")
            .version_id(id)
            .send()
            .await
            .unwrap();
    }
    let rest = s3
        .list_object_versions()
        .bucket("media")
        .key_marker("a")
        .version_id_marker("a2")
        .send()
        .await
        .unwrap();
    let ids: Vec<_> = rest
        .versions()
        .iter()
        .map(|row| row.version_id().unwrap())
        .collect();
    assert_eq!(ids, ["a1", "b1", "c2", "c1", "c3", "null"]);
    assert_eq!(rest.versions()[0].is_latest(), Some(true));
}

#[tokio::test]
async fn a_version_that_is_gone_is_told_apart_from_an_id_that_never_was() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    let id = put(s3, "media", "k", "x").await.unwrap();
    put(s3, "media", "k", "y").await;
    s3.delete_object()
        .bucket("media")
        .key("k")
        .version_id(&id)
        .send()
        .await
        .unwrap();
    let get = |id: &str| {
        s3.get_object()
            .bucket("media")
            .key("k")
            .version_id(id)
            .send()
    };
    assert_eq!(refusal(get(&id).await), (404, "NoSuchVersion".into()));
    assert_eq!(
        refusal(get("nonsense").await),
        (400, "InvalidArgument".into())
    );
    let again = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id(&id)
        .send()
        .await;
    assert!(again.is_ok(), "a delete can be repeated");
    let nonsense = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id("nonsense")
        .send()
        .await;
    assert_eq!(code(nonsense), "InvalidArgument");
}

#[tokio::test]
async fn versions_of_a_world_have_the_same_ids_in_every_sandbox() {
    let world = || WorldBucket {
        versioning: Versioning::Enabled,
        versions: vec![
            seed("k", SeedKind::Plain { size: 1 }),
            seed("k", SeedKind::Plain { size: 2 }),
        ],
        ..bucket("media")
    };
    let (running, another) = (start(vec![world()]).await, start(vec![world()]).await);
    let one = versions(&running.s3, 1000).await;
    let other = versions(&another.s3, 1000).await;
    assert_eq!(one, other);
    assert_eq!(one.len(), 2);
}
