//! Writing and reading objects.

use std::collections::BTreeMap;

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, RestoreRequest, StorageClass};
use s3warden::facade::sandbox::world::{SeedKind, SeedObject};

use super::support::{Status, bucket, code, put, read, refusal, seed, seed_object, start, text};

#[tokio::test]
async fn what_is_put_comes_back_with_all_that_was_said_about_it() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let expires = DateTime::from_secs(1_900_000_000);
    let put = s3
        .put_object()
        .bucket("media")
        .key("a/b c.jpg")
        .body(ByteStream::from_static(b"hello"))
        .content_type("image/jpeg")
        .cache_control("max-age=60")
        .content_disposition("attachment")
        .content_encoding("identity")
        .content_language("de")
        .expires(expires)
        .metadata("Owner", "user-1")
        .send()
        .await
        .unwrap();
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(put.version_id(), None);

    let got = s3
        .get_object()
        .bucket("media")
        .key("a/b c.jpg")
        .send()
        .await
        .unwrap();
    assert_eq!(got.e_tag(), put.e_tag());
    assert_eq!(got.content_length(), Some(5));
    assert_eq!(got.content_type(), Some("image/jpeg"));
    assert_eq!(got.cache_control(), Some("max-age=60"));
    assert_eq!(got.content_disposition(), Some("attachment"));
    assert_eq!(got.content_encoding(), Some("identity"));
    assert_eq!(got.content_language(), Some("de"));
    assert_eq!(got.expires_string(), Some("Sun, 17 Mar 2030 17:46:40 GMT"));
    assert_eq!(got.metadata().unwrap()["owner"], "user-1");
    assert_eq!(got.accept_ranges(), Some("bytes"));
    assert_eq!(text(got.body).await, "hello");

    let head = s3
        .head_object()
        .bucket("media")
        .key("a/b c.jpg")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(5));
    assert_eq!(head.metadata().unwrap()["owner"], "user-1");
}

#[tokio::test]
async fn nothing_can_be_put_and_read_again() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    s3.put_object()
        .bucket("media")
        .key("empty")
        .send()
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket("media")
        .key("empty")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(0));
    assert_eq!(head.content_type(), Some("application/octet-stream"));
    assert_eq!(read(s3, "media", "empty").await, "");
    let range = s3
        .get_object()
        .bucket("media")
        .key("empty")
        .range("bytes=0-")
        .send()
        .await;
    assert_eq!(refusal(range), (416, "InvalidRange".into()));
}

#[tokio::test]
async fn what_is_not_there_is_told_by_what_is_missing() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let get = s3.get_object().bucket("media").key("no").send().await;
    assert_eq!(refusal(get), (404, "NoSuchKey".into()));
    let get = s3.get_object().bucket("nowhere").key("no").send().await;
    assert_eq!(refusal(get), (404, "NoSuchBucket".into()));
    let head = s3.head_object().bucket("media").key("no").send().await;
    assert_eq!(refusal(head).0, 404);
    let put = s3.put_object().bucket("nowhere").key("k").send().await;
    assert_eq!(refusal(put), (404, "NoSuchBucket".into()));
}

#[tokio::test]
async fn a_range_gets_its_bytes_and_where_they_are_from() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "0123456789").await;
    for (range, bytes, told) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let got = s3
            .get_object()
            .bucket("media")
            .key("k")
            .range(range)
            .send()
            .await
            .unwrap();
        assert_eq!(got.content_range(), Some(told));
        assert_eq!(got.content_length(), i64::try_from(bytes.len()).ok());
        assert_eq!(text(got.body).await, bytes);
    }
    let beyond = s3
        .get_object()
        .bucket("media")
        .key("k")
        .range("bytes=10-")
        .send()
        .await;
    assert_eq!(refusal(beyond), (416, "InvalidRange".into()));
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .range("bytes=2-4")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(3));
}

#[tokio::test]
async fn a_read_can_depend_on_the_entity_tag_and_on_the_date() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "hello").await;
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    let (etag, modified) = (head.e_tag().unwrap(), *head.last_modified().unwrap());
    let later = DateTime::from_secs(modified.secs() + 60);
    let earlier = DateTime::from_secs(modified.secs() - 60);
    let get = || s3.get_object().bucket("media").key("k");
    assert!(get().if_match(etag).send().await.is_ok());
    assert_eq!(
        refusal(get().if_match("\"other\"").send().await),
        (412, "PreconditionFailed".into())
    );
    assert_eq!(refusal(get().if_none_match(etag).send().await).0, 304);
    assert!(get().if_none_match("\"other\"").send().await.is_ok());
    assert_eq!(refusal(get().if_modified_since(later).send().await).0, 304);
    assert!(get().if_modified_since(earlier).send().await.is_ok());
    assert_eq!(
        refusal(get().if_unmodified_since(earlier).send().await).0,
        412
    );
    assert!(get().if_unmodified_since(later).send().await.is_ok());
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .if_none_match(etag)
        .send()
        .await;
    assert_eq!(refusal(head).0, 304);
}

#[tokio::test]
async fn a_reader_can_say_what_the_answers_headers_are() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    put(s3, "media", "k", "hello").await;
    let got = s3
        .get_object()
        .bucket("media")
        .key("k")
        .response_content_type("text/html")
        .response_content_disposition("attachment; filename=x")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_type(), Some("text/html"));
    assert_eq!(got.content_disposition(), Some("attachment; filename=x"));
}

#[tokio::test]
async fn a_write_can_depend_on_what_is_there() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let new = || s3.put_object().bucket("media").key("k").if_none_match("*");
    let etag = new().send().await.unwrap().e_tag.unwrap();
    assert_eq!(
        refusal(new().send().await),
        (412, "PreconditionFailed".into())
    );
    let over = |tag: &str| s3.put_object().bucket("media").key("k").if_match(tag);
    assert_eq!(
        refusal(over("\"other\"").send().await),
        (412, "PreconditionFailed".into())
    );
    assert!(
        over(&etag)
            .body(ByteStream::from_static(b"new"))
            .send()
            .await
            .is_ok()
    );
    assert_eq!(read(s3, "media", "k").await, "new");
    let nothing = s3
        .put_object()
        .bucket("media")
        .key("none")
        .if_match(&etag)
        .send()
        .await;
    assert_eq!(refusal(nothing), (404, "NoSuchKey".into()));
}

#[tokio::test]
async fn a_seeded_object_without_a_body_is_the_same_bytes_whole_and_in_ranges() {
    let huge = 5 << 40;
    let world = || {
        let mut media = bucket("media");
        media.versions = vec![
            seed("big", SeedKind::Plain { size: 200_000 }),
            seed("huge", SeedKind::Plain { size: huge }),
        ];
        vec![media]
    };
    let running = start(world()).await;
    let s3 = &running.s3;
    let got = s3
        .get_object()
        .bucket("media")
        .key("big")
        .send()
        .await
        .unwrap();
    let etag = got.e_tag().unwrap().to_owned();
    let whole = got.body.collect().await.unwrap().into_bytes();
    assert_eq!(whole.len(), 200_000);
    let range = s3
        .get_object()
        .bucket("media")
        .key("big")
        .range("bytes=65530-131090");
    let part = range
        .send()
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap()
        .into_bytes();
    assert_eq!(part, whole.slice(65_530..131_091));

    let head = s3
        .head_object()
        .bucket("media")
        .key("huge")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), i64::try_from(huge).ok());
    let tail = s3
        .get_object()
        .bucket("media")
        .key("huge")
        .range("bytes=-7")
        .send()
        .await
        .unwrap();
    assert_eq!(tail.body.collect().await.unwrap().into_bytes().len(), 7);

    let other = start(world()).await;
    let again = &other.s3;
    let head = again
        .head_object()
        .bucket("media")
        .key("big")
        .send()
        .await
        .unwrap();
    assert_eq!(head.e_tag(), Some(&*etag));
    let same = again
        .get_object()
        .bucket("media")
        .key("big")
        .send()
        .await
        .unwrap();
    assert_eq!(same.body.collect().await.unwrap().into_bytes(), whole);
}

#[tokio::test]
async fn an_archived_object_is_told_about_but_not_read_until_it_is_restored() {
    let mut media = bucket("media");
    for class in ["GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"] {
        let object = SeedObject {
            body: Some("cold".into()),
            storage_class: class.into(),
            ..SeedObject::default()
        };
        media.versions.push(seed_object(class, object));
    }
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    assert_eq!(read(s3, "media", "GLACIER_IR").await, "cold");
    for key in ["GLACIER", "DEEP_ARCHIVE"] {
        let get = s3.get_object().bucket("media").key(key).send().await;
        assert_eq!(refusal(get), (403, "InvalidObjectState".into()));
        let head = s3
            .head_object()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
        assert_eq!(head.storage_class().unwrap().as_str(), key);
        assert_eq!(head.restore(), None);

        let request = RestoreRequest::builder().days(2).build();
        let restore = s3
            .restore_object()
            .bucket("media")
            .key(key)
            .restore_request(request);
        restore.send().await.unwrap();
        let head = s3
            .head_object()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
        let told = head.restore().unwrap();
        assert!(
            told.starts_with("ongoing-request=\"false\", expiry-date=\""),
            "{told}"
        );
        assert!(told.ends_with(" 00:00:00 GMT\""), "{told}");
        assert_eq!(read(s3, "media", key).await, "cold");
    }
    let request = RestoreRequest::builder().days(2).build();
    let warm = s3
        .restore_object()
        .bucket("media")
        .key("GLACIER_IR")
        .restore_request(request);
    assert_eq!(
        refusal(warm.send().await),
        (403, "InvalidObjectState".into())
    );
}

#[tokio::test]
async fn the_storage_class_is_told_unless_it_is_standard() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    for (class, told) in [
        (StorageClass::Standard, None),
        (StorageClass::StandardIa, Some(StorageClass::StandardIa)),
    ] {
        s3.put_object()
            .bucket("media")
            .key("k")
            .storage_class(class)
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
        assert_eq!(head.storage_class(), told.as_ref());
    }
    let unknown = s3
        .put_object()
        .bucket("media")
        .key("k")
        .storage_class("COSY".into())
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidStorageClass");
}

#[tokio::test]
async fn metadata_has_a_limit_and_what_is_not_ascii_is_encoded_for_its_header() {
    let mut media = bucket("media");
    let object = SeedObject {
        metadata: BTreeMap::from([("Name".into(), "Zoë".into())]),
        ..SeedObject::default()
    };
    media.versions.push(seed_object("k", object));
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(head.metadata().unwrap()["name"], "=?UTF-8?B?Wm/Dqw==?=");
    let long = s3
        .put_object()
        .bucket("media")
        .key("k")
        .metadata("k", "v".repeat(2048))
        .send()
        .await;
    assert_eq!(code(long), "MetadataTooLarge");
}

#[tokio::test]
async fn a_body_that_is_not_what_its_digest_says_is_not_kept() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let put = |md5: &str| {
        let body = ByteStream::from_static(b"hello");
        s3.put_object()
            .bucket("media")
            .key("k")
            .body(body)
            .content_md5(md5)
    };
    assert_eq!(
        code(put("1B2M2Y8AsgTpgAmY7PhCfg==").send().await),
        "BadDigest"
    );
    assert_eq!(code(put("short").send().await), "InvalidDigest");
    let wrong = s3
        .put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"hello"))
        .checksum_crc32("AAAAAA==");
    assert_eq!(code(wrong.send().await), "BadDigest");
    let get = s3.get_object().bucket("media").key("k").send().await;
    assert_eq!(code(get), "NoSuchKey");
    assert!(put("XUFAKrxLKna5cZ2REBfFkg==").send().await.is_ok());
}

#[tokio::test]
async fn a_checksum_that_was_sent_is_told_to_who_asks_for_it() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    s3.put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"hello"))
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .send()
        .await
        .unwrap();
    let head = || s3.head_object().bucket("media").key("k");
    let told = head()
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(
        told.checksum_sha256(),
        Some("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=")
    );
    assert_eq!(head().send().await.unwrap().checksum_sha256(), None);
}

#[tokio::test]
async fn a_status_that_is_not_the_usual_one_arrives() {
    let mut media = bucket("media");
    let object = SeedObject {
        size: 10,
        storage_class: "GLACIER".into(),
        ..SeedObject::default()
    };
    media.versions.push(seed_object("cold", object));
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let status = Status::default();
    let head = s3.head_object().bucket("media").key("cold");
    let ranged = head.clone().range("bytes=0-1").customize();
    ranged.interceptor(status.clone()).send().await.unwrap();
    assert_eq!(status.last(), 206);
    head.customize()
        .interceptor(status.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(status.last(), 200);
    // A restore is accepted, and one of what is there already is done.
    for expected in [202, 200] {
        let request = RestoreRequest::builder().days(1).build();
        let restore = s3
            .restore_object()
            .bucket("media")
            .key("cold")
            .restore_request(request);
        restore
            .customize()
            .interceptor(status.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(status.last(), expected);
    }
}
