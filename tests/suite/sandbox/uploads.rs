//! Multipart uploads.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart};
use s3warden::facade::sandbox::world::{SeedKind, SeedUpload, WorldBucket};

use super::support::{bucket, code, put, read, refusal, seed, start, then, versioned};

const PART: usize = 5 * 1024 * 1024;

async fn begin(s3: &Client, key: &str) -> String {
    let begun = s3
        .create_multipart_upload()
        .bucket("media")
        .key(key)
        .send()
        .await
        .unwrap();
    begun.upload_id.unwrap()
}

async fn part(s3: &Client, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let sent = s3
        .upload_part()
        .bucket("media")
        .key(key)
        .upload_id(id)
        .part_number(number)
        .body(ByteStream::from(body))
        .send()
        .await
        .unwrap();
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(sent.e_tag)
        .build()
}

fn complete(
    s3: &Client,
    key: &str,
    id: &str,
    parts: Vec<CompletedPart>,
) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder
{
    let parts = CompletedMultipartUpload::builder()
        .set_parts(Some(parts))
        .build();
    s3.complete_multipart_upload()
        .bucket("media")
        .key(key)
        .upload_id(id)
        .multipart_upload(parts)
}

#[tokio::test]
async fn parts_become_an_object_with_an_entity_tag_of_its_own_kind() {
    let running = start(vec![versioned("media")]).await;
    let s3 = &running.s3;
    let begun = s3
        .create_multipart_upload()
        .bucket("media")
        .key("big")
        .content_type("video/mp4")
        .metadata("owner", "user-1")
        .send()
        .await
        .unwrap();
    let id = begun.upload_id.unwrap();
    let second = part(s3, "big", &id, 2, b"tail".to_vec()).await;
    let first = part(s3, "big", &id, 1, vec![b'x'; PART]).await;
    let done = complete(s3, "big", &id, vec![first, second])
        .send()
        .await
        .unwrap();
    assert_eq!(done.e_tag(), Some("\"a45f1422f2dbe3d2890829dd76adba1b-2\""));
    assert!(done.version_id().is_some());

    let head = s3
        .head_object()
        .bucket("media")
        .key("big")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), i64::try_from(PART + 4).ok());
    assert_eq!(head.content_type(), Some("video/mp4"));
    assert_eq!(head.metadata().unwrap()["owner"], "user-1");
    assert_eq!(head.e_tag(), done.e_tag());
    let tail = s3
        .get_object()
        .bucket("media")
        .key("big")
        .part_number(2)
        .send()
        .await
        .unwrap();
    assert_eq!(tail.parts_count(), Some(2));
    assert_eq!(tail.body.collect().await.unwrap().to_vec(), b"tail");
    let none = s3
        .get_object()
        .bucket("media")
        .key("big")
        .part_number(3)
        .send()
        .await;
    assert_eq!(refusal(none).0, 416);
    let again = complete(
        s3,
        "big",
        &id,
        vec![CompletedPart::builder().part_number(1).build()],
    )
    .send()
    .await;
    assert_eq!(refusal(again), (404, "NoSuchUpload".into()));
}

#[tokio::test]
async fn parts_that_are_wrong_are_refused_by_what_is_wrong_with_them() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let id = begin(s3, "k").await;
    let one = part(s3, "k", &id, 1, b"small".to_vec()).await;
    let two = part(s3, "k", &id, 2, b"last".to_vec()).await;
    let other = CompletedPart::builder()
        .part_number(1)
        .e_tag("\"0\"")
        .build();
    let missing = CompletedPart::builder()
        .part_number(3)
        .e_tag("\"0\"")
        .build();
    let finish = |parts| complete(s3, "k", &id, parts).send();
    assert_eq!(
        code(finish(vec![two.clone(), one.clone()]).await),
        "InvalidPartOrder"
    );
    assert_eq!(code(finish(vec![other]).await), "InvalidPart");
    assert_eq!(code(finish(vec![missing]).await), "InvalidPart");
    assert_eq!(code(finish(vec![one.clone(), two]).await), "EntityTooSmall");
    let taken = complete(s3, "k", &id, vec![one.clone()])
        .if_match("\"0\"")
        .send()
        .await;
    assert_eq!(refusal(taken), (404, "NoSuchKey".into()));
    finish(vec![one]).await.unwrap();
    assert_eq!(read(s3, "media", "k").await, "small");
    let number = s3
        .upload_part()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .part_number(10_001)
        .send()
        .await;
    assert_eq!(code(number), "InvalidArgument");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let id = begin(s3, "k").await;
    part(s3, "k", &id, 1, b"x".to_vec()).await;
    let abort = || {
        s3.abort_multipart_upload()
            .bucket("media")
            .key("k")
            .upload_id(&id)
            .send()
    };
    abort().await.unwrap();
    assert_eq!(refusal(abort().await), (404, "NoSuchUpload".into()));
    let late = s3
        .upload_part()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .part_number(2)
        .send()
        .await;
    assert_eq!(refusal(late), (404, "NoSuchUpload".into()));
    let list = s3
        .list_multipart_uploads()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(list.uploads().len(), 0);
}

#[tokio::test]
async fn parts_are_listed_by_number_in_pages() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let id = begin(s3, "k").await;
    for number in [3, 1, 7] {
        part(
            s3,
            "k",
            &id,
            number,
            vec![0; usize::try_from(number).unwrap()],
        )
        .await;
    }
    let list = || s3.list_parts().bucket("media").key("k").upload_id(&id);
    let first = list().max_parts(2).send().await.unwrap();
    let told = |parts: &[aws_sdk_s3::types::Part]| {
        let rows = parts
            .iter()
            .map(|part| (part.part_number().unwrap(), part.size().unwrap()));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(told(first.parts()), [(1, 1), (3, 3)]);
    assert_eq!(first.is_truncated(), Some(true));
    let rest = list()
        .part_number_marker(first.next_part_number_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(told(rest.parts()), [(7, 7)]);
    assert_eq!(rest.is_truncated(), Some(false));
}

#[tokio::test]
async fn uploads_under_way_are_listed_by_key_and_then_by_age() {
    let seeds = ["b/1", "a", "b/2", "a"].map(|key| SeedUpload {
        key: key.into(),
        initiated: then(),
        parts: vec![6_000_000, 10],
        storage_class: "STANDARD_IA".into(),
    });
    let media = WorldBucket {
        uploads: seeds.into(),
        ..bucket("media")
    };
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    let (mut key, mut id) = (None, None);
    let mut told = Vec::new();
    loop {
        let page = s3
            .list_multipart_uploads()
            .bucket("media")
            .max_uploads(1)
            .set_key_marker(key)
            .set_upload_id_marker(id)
            .send()
            .await
            .unwrap();
        assert_eq!(page.uploads().len(), 1);
        let row = &page.uploads()[0];
        assert_eq!(row.storage_class().unwrap().as_str(), "STANDARD_IA");
        assert_eq!(row.initiated().unwrap().to_string(), "2024-01-15T10:30:00Z");
        told.push((
            row.key().unwrap().to_owned(),
            row.upload_id().unwrap().to_owned(),
        ));
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, id) = (page.next_key_marker, page.next_upload_id_marker);
    }
    let keys: Vec<_> = told.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["a", "a", "b/1", "b/2"]);
    assert!(told[0].1 < told[1].1);
    let rolled = s3
        .list_multipart_uploads()
        .bucket("media")
        .delimiter("/")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (rolled.uploads().len(), rolled.common_prefixes().len()),
        (2, 1)
    );
    let parts = s3
        .list_parts()
        .bucket("media")
        .key("a")
        .upload_id(&told[0].1)
        .send()
        .await
        .unwrap();
    assert_eq!(
        parts
            .parts()
            .iter()
            .filter_map(aws_sdk_s3::types::Part::size)
            .sum::<i64>(),
        6_000_010
    );
}

#[tokio::test]
async fn a_part_can_be_a_range_of_an_object() {
    let mut media = bucket("media");
    media.versions = vec![seed("source", SeedKind::Plain { size: 6_000_000 })];
    let running = start(vec![media]).await;
    let s3 = &running.s3;
    put(s3, "media", "tail", "0123456789").await;
    let id = begin(s3, "k").await;
    let copy = |number: i32, source: &str, range: Option<&str>| {
        s3.upload_part_copy()
            .bucket("media")
            .key("k")
            .upload_id(&id)
            .part_number(number)
            .copy_source(source)
            .set_copy_source_range(range.map(str::to_owned))
            .send()
    };
    let mut parts = Vec::new();
    for (number, source, range) in [
        (1, "media/source", None),
        (2, "media/tail", Some("bytes=2-4")),
    ] {
        let copied = copy(number, source, range).await.unwrap();
        let etag = copied.copy_part_result.unwrap().e_tag;
        parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(etag)
                .build(),
        );
    }
    assert_eq!(
        code(copy(3, "media/tail", Some("bytes=5-10")).await),
        "InvalidArgument"
    );
    complete(s3, "k", &id, parts).send().await.unwrap();
    let got = s3
        .get_object()
        .bucket("media")
        .key("k")
        .range("bytes=-4")
        .send()
        .await
        .unwrap();
    assert_eq!(got.content_range(), Some("bytes 5999999-6000002/6000003"));
    let last = got.body.collect().await.unwrap().to_vec();
    assert_eq!(&last[1..], b"234");
}

#[tokio::test]
async fn a_multipart_checksum_is_that_of_its_parts() {
    let running = start(vec![bucket("media")]).await;
    let s3 = &running.s3;
    let begun = s3
        .create_multipart_upload()
        .bucket("media")
        .key("k")
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .send()
        .await
        .unwrap();
    let id = begun.upload_id.unwrap();
    let sent = s3
        .upload_part()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .part_number(1)
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .body(ByteStream::from_static(b"hello"))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.checksum_crc32(), Some("NhCmhg=="));
    let one = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(sent.e_tag)
        .set_checksum_crc32(sent.checksum_crc32)
        .build();
    complete(s3, "k", &id, vec![one]).send().await.unwrap();
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert!(head.checksum_crc32().unwrap().ends_with("-1"));
}
