//! Copying objects.

use aws_sdk_s3::types::{MetadataDirective, StorageClass, TaggingDirective};
use s3warden::facade::sandbox::world::SeedObject;

use super::support::{bucket, code, put, read, refusal, seed_object, start, versioned};

#[tokio::test]
async fn a_copy_takes_metadata_and_tags_along_but_not_the_storage_class() {
    let running = start(vec![bucket("media"), bucket("other")]).await;
    let s3 = &running.s3;
    s3.put_object()
        .bucket("media")
        .key("a b+c/ü.jpg")
        .body(b"hello".to_vec().into())
        .content_type("image/jpeg")
        .metadata("owner", "user-1")
        .tagging("a=1")
        .storage_class(StorageClass::StandardIa)
        .send()
        .await
        .unwrap();
    let copied = s3
        .copy_object()
        .bucket("other")
        .key("copy")
        .copy_source("media/a%20b%2Bc/%C3%BC.jpg")
        .send()
        .await
        .unwrap();
    let etag = copied.copy_object_result.unwrap().e_tag;
    let head = s3
        .head_object()
        .bucket("other")
        .key("copy")
        .send()
        .await
        .unwrap();
    assert_eq!(head.e_tag, etag);
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.metadata().unwrap()["owner"], "user-1");
    assert_eq!(head.storage_class(), None);
    let tags = s3
        .get_object_tagging()
        .bucket("other")
        .key("copy")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tag_set().len(), 1);
    assert_eq!(read(s3, "other", "copy").await, "hello");
}

#[tokio::test]
async fn a_copy_can_replace_metadata_and_tags() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    s3.put_object()
        .bucket("media")
        .key("k")
        .metadata("old", "1")
        .tagging("old=1")
        .send()
        .await
        .unwrap();
    s3.copy_object()
        .bucket("media")
        .key("k")
        .copy_source("media/k")
        .metadata_directive(MetadataDirective::Replace)
        .metadata("new", "2")
        .tagging_directive(TaggingDirective::Replace)
        .tagging("new=2")
        .send()
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    let metadata = head.metadata().unwrap();
    assert_eq!((metadata.len(), metadata["new"].as_str()), (1, "2"));
    let tags = s3
        .get_object_tagging()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tag_set()[0].key(), "new");
}

#[tokio::test]
async fn a_copy_onto_itself_has_to_change_something() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "x").await;
    let copy = || {
        s3.copy_object()
            .bucket("media")
            .key("k")
            .copy_source("media/k")
    };
    assert_eq!(code(copy().send().await), "InvalidRequest");
    copy()
        .storage_class(StorageClass::GlacierIr)
        .send()
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(head.storage_class(), Some(&StorageClass::GlacierIr));
}

#[tokio::test]
async fn a_copy_can_depend_on_its_source_and_on_its_target() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "x").await;
    let copy = || {
        s3.copy_object()
            .bucket("media")
            .key("to")
            .copy_source("media/k")
    };
    let other = copy().copy_source_if_match("\"other\"").send().await;
    assert_eq!(refusal(other), (412, "PreconditionFailed".into()));
    let missing = s3
        .copy_object()
        .bucket("media")
        .key("to")
        .copy_source("media/no")
        .send()
        .await;
    assert_eq!(refusal(missing), (404, "NoSuchKey".into()));
    copy().if_none_match("*").send().await.unwrap();
    let again = copy().if_none_match("*").send().await;
    assert_eq!(refusal(again), (412, "PreconditionFailed".into()));
}

#[tokio::test]
async fn an_old_version_copied_onto_its_key_is_current_again() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    let first = put(s3, "media", "k", "first").await.unwrap();
    put(s3, "media", "k", "second").await;
    let copied = s3
        .copy_object()
        .bucket("media")
        .key("k")
        .copy_source(format!("media/k?versionId={first}"))
        .send()
        .await
        .unwrap();
    assert_eq!(copied.copy_source_version_id(), Some(&*first));
    assert!(copied.version_id().is_some_and(|id| id != first));
    assert_eq!(read(s3, "media", "k").await, "first");
}

#[tokio::test]
async fn an_archived_object_is_not_copied() {
    let mut media = bucket("media");
    let object = SeedObject {
        storage_class: "GLACIER".into(),
        ..SeedObject::default()
    };
    media.versions.push(seed_object("cold", object));
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let copy = s3
        .copy_object()
        .bucket("media")
        .key("to")
        .copy_source("media/cold")
        .send()
        .await;
    assert_eq!(refusal(copy), (403, "InvalidObjectState".into()));
}
