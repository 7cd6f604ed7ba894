//! Listing objects.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use percent_encoding::percent_decode_str;

use super::support::{code, filled, start};

/// Keys that break naive clients, among them one that XML 1.0 cannot carry.
fn nasty() -> Vec<String> {
    let mut keys: Vec<String> = [
        "a//b",
        "trailing ",
        " leading",
        "plus+plus",
        "per%20cent",
        "ünï/çødé",
        "emoji/🦀",
        "../up",
        "/root",
        "//",
        "tab\there",
        "line\nbreak",
        "return\r",
        "bell\u{7}",
        "one\u{1}",
        "<&>\"'",
        "star*",
        "tilde~",
        "\u{202e}rtl",
        "a?b#c=d&e",
    ]
    .map(str::to_owned)
    .into();
    keys.push("x".repeat(1024));
    keys
}

/// All rows of a listing, keys and common prefixes, from pages of a size.
async fn rows(s3: &Client, prefix: &str, delimiter: Option<&str>, page: i32) -> Vec<String> {
    let mut token = None;
    let mut told = Vec::new();
    loop {
        let answer = s3
            .list_objects_v2()
            .bucket("media")
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .max_keys(page)
            .set_continuation_token(token)
            .send()
            .await
            .unwrap();
        let keys = answer.contents().iter().map(|row| row.key().unwrap());
        let prefixes = answer
            .common_prefixes()
            .iter()
            .map(|row| row.prefix().unwrap());
        let mut rows: Vec<String> = keys.chain(prefixes).map(str::to_owned).collect();
        assert_eq!(answer.key_count(), i32::try_from(rows.len()).ok());
        rows.sort();
        told.append(&mut rows);
        if answer.is_truncated() != Some(true) {
            assert_eq!(answer.next_continuation_token(), None);
            return told;
        }
        token = answer.next_continuation_token;
    }
}

#[tokio::test]
async fn every_legal_key_survives_a_url_encoded_listing() {
    let running = start(vec![filled("media", nasty())]).await;
    let s3 = &running.s3;
    let answer = s3
        .list_objects_v2()
        .bucket("media")
        .encoding_type(EncodingType::Url)
        .send()
        .await
        .unwrap();
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let told: Vec<String> = answer
        .contents()
        .iter()
        .map(|row| decode(row.key().unwrap()))
        .collect();
    let mut expected = nasty();
    expected.sort();
    assert_eq!(told, expected);
    for key in expected {
        let head = s3.head_object().bucket("media").key(&key).send().await;
        assert!(head.is_ok(), "{key:?}: {head:?}");
    }
}

#[tokio::test]
async fn a_row_tells_size_date_class_and_entity_tag() {
    let running = start(vec![filled("media", ["k"])]).await;
    let s3 = &running.s3;
    let answer = s3.list_objects_v2().bucket("media").send().await.unwrap();
    let row = &answer.contents()[0];
    assert_eq!(row.size(), Some(1));
    assert_eq!(
        row.last_modified().unwrap().to_string(),
        "2024-01-15T10:30:00Z"
    );
    assert_eq!(row.storage_class().unwrap().as_str(), "STANDARD");
    assert!(row.owner().is_none());
    let head = s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(row.e_tag(), head.e_tag());
    let answer = s3
        .list_objects_v2()
        .bucket("media")
        .fetch_owner(true)
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.contents()[0].owner().unwrap().id().unwrap().len(),
        64
    );
}

#[tokio::test]
async fn pages_of_any_size_tell_the_same_rows() {
    let keys = ["a", "b/1", "b/2", "b/c/3", "c", "c/1", "d//x", "e"];
    let running = start(vec![filled("media", keys)]).await;
    let s3 = &running.s3;
    for page in [1, 2, 3, 1000] {
        assert_eq!(rows(s3, "", None, page).await, keys);
        assert_eq!(
            rows(s3, "", Some("/"), page).await,
            ["a", "b/", "c", "c/", "d/", "e"]
        );
        assert_eq!(
            rows(s3, "b/", Some("/"), page).await,
            ["b/1", "b/2", "b/c/"]
        );
        assert_eq!(rows(s3, "d/", Some("/"), page).await, ["d//"]);
        assert_eq!(
            rows(s3, "", Some("//"), page).await,
            ["a", "b/1", "b/2", "b/c/3", "c", "c/1", "d//", "e"]
        );
        assert_eq!(rows(s3, "none", None, page).await, [""; 0]);
    }
}

#[tokio::test]
async fn keys_are_in_the_order_of_their_bytes() {
    let keys = ["Z", "a", "z", "é", "\u{ffff}", "🦀"];
    let running = start(vec![filled("media", keys)]).await;
    let s3 = &running.s3;
    let answer = s3
        .list_objects_v2()
        .bucket("media")
        .encoding_type(EncodingType::Url)
        .send()
        .await
        .unwrap();
    let told: Vec<_> = answer
        .contents()
        .iter()
        .map(|row| row.key().unwrap())
        .collect();
    assert_eq!(told, ["Z", "a", "z", "%C3%A9", "%EF%BF%BF", "%F0%9F%A6%80"]);
}

#[tokio::test]
async fn a_listing_starts_after_any_key_there_could_be() {
    let running = start(vec![filled("media", ["a", "b/1", "b/2", "c"])]).await;
    let s3 = &running.s3;
    let after = async |start: &str, delimiter: Option<&str>| {
        let answer = s3
            .list_objects_v2()
            .bucket("media")
            .start_after(start)
            .set_delimiter(delimiter.map(str::to_owned))
            .send()
            .await
            .unwrap();
        let keys = answer.contents().iter().map(|row| row.key().unwrap());
        let prefixes = answer
            .common_prefixes()
            .iter()
            .map(|row| row.prefix().unwrap());
        keys.chain(prefixes)
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let set = |rows: &[&str]| {
        rows.iter()
            .map(|row| (*row).to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(after("a", None).await, set(&["b/1", "b/2", "c"]));
    assert_eq!(after("b/15", None).await, set(&["b/2", "c"]));
    assert_eq!(after("a", Some("/")).await, set(&["b/", "c"]));
    assert_eq!(after("b", Some("/")).await, set(&["b/", "c"]));
    // A common prefix sorts before what it stands for.
    assert_eq!(after("b/1", Some("/")).await, set(&["c"]));
}

#[tokio::test]
async fn a_continuation_token_outlives_the_key_it_was_made_at() {
    let running = start(vec![filled("media", ["a", "b", "c"])]).await;
    let s3 = &running.s3;
    let first = s3
        .list_objects_v2()
        .bucket("media")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    for key in ["a", "b"] {
        s3.delete_object()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
    }
    let rest = s3
        .list_objects_v2()
        .bucket("media")
        .set_continuation_token(first.next_continuation_token)
        .send()
        .await
        .unwrap();
    assert_eq!(rest.contents().len(), 1);
    assert_eq!(rest.contents()[0].key(), Some("c"));
    let made_up = s3
        .list_objects_v2()
        .bucket("media")
        .continuation_token("made up")
        .send()
        .await;
    assert_eq!(code(made_up), "InvalidArgument");
}

#[tokio::test]
async fn the_size_of_a_page_has_its_limits() {
    let keys = (0..1001).map(|n| format!("{n:04}"));
    let running = start(vec![filled("media", keys)]).await;
    let s3 = &running.s3;
    let list = |size: i32| s3.list_objects_v2().bucket("media").max_keys(size).send();
    let capped = list(5000).await.unwrap();
    assert_eq!(
        (capped.max_keys(), capped.contents().len()),
        (Some(1000), 1000)
    );
    assert_eq!(capped.is_truncated(), Some(true));
    let nothing = list(0).await.unwrap();
    assert_eq!(
        (nothing.key_count(), nothing.is_truncated()),
        (Some(0), Some(false))
    );
    assert_eq!(code(list(-1).await), "InvalidArgument");
}

#[tokio::test]
async fn the_older_form_goes_on_from_a_marker() {
    let running = start(vec![filled("media", ["a", "b/1", "b/2", "c"])]).await;
    let s3 = &running.s3;
    let first = s3
        .list_objects()
        .bucket("media")
        .delimiter("/")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    assert_eq!(first.next_marker(), Some("b/"));
    let rest = s3
        .list_objects()
        .bucket("media")
        .delimiter("/")
        .marker("b/")
        .send()
        .await
        .unwrap();
    assert_eq!(rest.contents()[0].key(), Some("c"));
    assert_eq!(rest.common_prefixes(), []);
    assert_eq!(rest.is_truncated(), Some(false));
    let flat = s3
        .list_objects()
        .bucket("media")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (flat.is_truncated(), flat.next_marker()),
        (Some(true), None)
    );
}

#[tokio::test]
async fn what_is_only_behind_markers_is_not_listed() {
    let running = start(vec![super::support::versioned("media")]).await;
    let s3 = &running.s3;
    for key in ["gone/1", "gone/2", "here/1"] {
        super::support::put(s3, "media", key, "x").await;
    }
    for key in ["gone/1", "gone/2"] {
        s3.delete_object()
            .bucket("media")
            .key(key)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(rows(s3, "", None, 1000).await, ["here/1"]);
    assert_eq!(rows(s3, "", Some("/"), 1000).await, ["here/"]);
}
