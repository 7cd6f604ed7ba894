//! Deleting one object and many.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::support::{bucket, code, filled, put, read, refusal, start, versioned};

fn named(key: &str, version_id: Option<&str>) -> ObjectIdentifier {
    ObjectIdentifier::builder()
        .key(key)
        .set_version_id(version_id.map(str::to_owned))
        .build()
        .unwrap()
}

async fn delete(s3: &Client, objects: Vec<ObjectIdentifier>, quiet: bool) -> DeleteObjectsOutput {
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .quiet(quiet)
        .build()
        .unwrap();
    s3.delete_objects()
        .bucket("media")
        .delete(delete)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn without_versions_a_delete_is_for_good_and_can_be_repeated() {
    let running = start(vec![filled("media", ["k"])]).await;
    let s3 = &running.s3;
    for _ in 0..2 {
        let deleted = s3
            .delete_object()
            .bucket("media")
            .key("k")
            .send()
            .await
            .unwrap();
        assert_eq!(
            (deleted.delete_marker(), deleted.version_id()),
            (None, None)
        );
    }
    let get = s3.get_object().bucket("media").key("k").send().await;
    assert_eq!(refusal(get), (404, "NoSuchKey".into()));
}

#[tokio::test]
async fn many_are_deleted_in_one_request_and_absent_ones_are_told_deleted() {
    let nasty = [
        "a//b",
        "trailing ",
        "+ %",
        "<&>\"'",
        "emoji 🦀",
        "../x",
        "line\nbreak",
    ];
    let running = start(vec![filled("media", nasty)]).await;
    let s3 = &running.s3;
    let mut objects: Vec<_> = nasty.iter().map(|key| named(key, None)).collect();
    objects.push(named("absent", None));
    let answer = delete(s3, objects, false).await;
    let told: Vec<_> = answer
        .deleted()
        .iter()
        .map(|one| one.key().unwrap())
        .collect();
    assert_eq!(told.len(), nasty.len() + 1);
    assert!(nasty.iter().all(|key| told.contains(key)), "{told:?}");
    assert_eq!(answer.errors(), []);
    let left = s3.list_objects_v2().bucket("media").send().await.unwrap();
    assert_eq!(left.key_count(), Some(0));
}

#[tokio::test]
async fn a_quiet_request_is_told_only_what_failed() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "x").await;
    let answer = delete(
        s3,
        vec![named("k", None), named("k", Some("nonsense"))],
        true,
    )
    .await;
    assert_eq!(answer.deleted(), []);
    assert_eq!(answer.errors().len(), 1);
    assert_eq!(answer.errors()[0].code(), Some("NoSuchVersion"));
    assert_eq!(answer.errors()[0].version_id(), Some("nonsense"));
}

#[tokio::test]
async fn markers_made_and_markers_removed_are_both_told() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    let id = put(s3, "media", "k", "x").await.unwrap();
    let answer = delete(s3, vec![named("k", None)], false).await;
    let made = &answer.deleted()[0];
    assert_eq!(
        (made.delete_marker(), made.version_id()),
        (Some(true), None)
    );
    let marker = made.delete_marker_version_id().unwrap().to_owned();

    let answer = delete(
        s3,
        vec![named("k", Some(&marker)), named("k", Some(&id))],
        false,
    )
    .await;
    let removed = &answer.deleted()[0];
    assert_eq!(removed.delete_marker(), Some(true));
    assert_eq!(removed.delete_marker_version_id(), Some(&*marker));
    assert_eq!(answer.deleted()[1].delete_marker(), None);
    let left = s3
        .list_object_versions()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(left.versions().len() + left.delete_markers().len(), 0);
}

#[tokio::test]
async fn more_than_a_thousand_keys_are_refused_and_nothing_is_deleted() {
    let running = start(vec![filled("media", ["key-0"])]).await;
    let s3 = &running.s3;
    let objects = (0..1001)
        .map(|n| named(&format!("key-{n}"), None))
        .collect();
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .build()
        .unwrap();
    let answer = s3
        .delete_objects()
        .bucket("media")
        .delete(delete)
        .send()
        .await;
    assert_eq!(code(answer), "MalformedXML");
    assert!(
        s3.head_object()
            .bucket("media")
            .key("key-0")
            .send()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_delete_can_depend_on_the_entity_tag_that_was_seen() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "seen").await;
    let etag = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    put(s3, "media", "k", "newer").await;
    let one = s3
        .delete_object()
        .bucket("media")
        .key("k")
        .if_match(&etag)
        .send()
        .await;
    assert_eq!(refusal(one), (412, "PreconditionFailed".into()));
    let seen = ObjectIdentifier::builder()
        .key("k")
        .e_tag(&etag)
        .build()
        .unwrap();
    let answer = delete(s3, vec![seen], false).await;
    assert_eq!(answer.errors()[0].code(), Some("PreconditionFailed"));
    assert_eq!(read(s3, "media", "k").await, "newer");

    let etag = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    s3.delete_object()
        .bucket("media")
        .key("k")
        .if_match(&etag)
        .send()
        .await
        .unwrap();
    let head = s3.head_object().bucket("media").key("k").send().await;
    assert_eq!(refusal(head).0, 404);
}
