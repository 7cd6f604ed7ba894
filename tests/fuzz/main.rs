//! No input makes a reader panic: raw bytes, and good inputs with some bytes damaged, for everything that s3warden reads
//! from people, files and servers. `tests/fuzz/run SECONDS [TARGET]` tries further ones.
//!
//! The reader of list bodies is private; its target is `no_bytes_make_the_reader_panic` beside it in `src`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use chrono::DateTime;
use proptest::{collection::vec, prelude::*, sample::Index};
use s3warden::facade::domain::blueprint::registry::ListFormat;
use s3warden::facade::readers;
use sha2::{Digest, Sha256};

const URL: &str = "https://media.s3.eu-central-1.amazonaws.com/a/%C3%A4.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260601%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260601T000000Z\
    &X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Principal":{"AWS":["*"]},
    "NotAction":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username}/*",
    "Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","::1/128"]},"Bool":{"aws:SecureTransport":"false"}}}]}"#;
const BLUEPRINT: &str = include_str!("../../assets/blueprints/quikapp.toml");
const KEYMAP: &str = include_str!("../../assets/keymap.toml");
const LISTS: [(ListFormat, &str); 4] = [
    (ListFormat::Lines, "user-1\nuser-2\n"),
    (
        ListFormat::Csv,
        "id,key\nuser-1,\"a,\"\"b\"\"\"\nuser-2,c\n",
    ),
    (ListFormat::Json, r#"[{"id":"user-1"},{"id":2}]"#),
    (ListFormat::Ndjson, "{\"id\":\"user-1\"}\n{\"id\":2}\n"),
];

/// What spoils text most: what formats give a meaning to, and what is not one byte or not UTF-8.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(vec![
            "%",
            "%zz",
            "{",
            "}",
            "\"",
            "\\",
            "\n",
            "\r\n",
            "[",
            "]",
            "=",
            "&",
            "?",
            "*",
            ":",
            ",",
            "\0",
            "\u{feff}",
            "ä",
            "\u{1f600}",
            "99999999999999999999",
            "-1",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A good input of which some parts were replaced or cut out.
fn damaged(good: &'static str) -> impl Strategy<Value = Vec<u8>> {
    vec((any::<Index>(), 0..8_usize, bytes()), 1..4).prop_map(move |edits| {
        let mut text = good.as_bytes().to_vec();
        for (at, cut, put) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, put);
        }
        text
    })
}

fn input(good: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![1 => vec(any::<u8>(), 0..200), 1 => bytes(), 4 => damaged(good)]
}

fn at(seconds: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// The first line of a plan, and one of its items. [`sealed`] makes the last line.
const HEADER: &str = concat!(
    r#"{"format":"s3warden/plan/2","case":"00000000000000000000000000000000","subject":{"of":"user","id":"user-1"},"#,
    r#""act":{"do":"delete"},"made_at":"2026-06-01T00:00:00Z","tool":"0.1.0","#,
    r#""operator":{"account":"123456789012","arn":"arn:aws:iam::123456789012:user/demo"},"endpoint":null,"#,
    r#""blueprint":"pilotforce","blueprint_sha256":"ab","regions":{},"existence":{"state":"not-checked"},"not_searched":[]}"#,
    "\n"
);

/// The header with a last line whose checksum is right, so that damage is read rather than refused by the checksum.
fn sealed(body: &str, items: u64) -> String {
    let sum = Sha256::digest(body.as_bytes())
        .iter()
        .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
    format!("{body}{{\"items\":{items},\"bytes\":0,\"sha256\":\"{sum}\"}}\n")
}

#[test]
fn the_good_inputs_are_read() {
    assert!(readers::signed_url(URL, at(1_780_000_000)));
    assert!(readers::policy(POLICY));
    assert!(readers::blueprint(BLUEPRINT));
    assert!(readers::keymap(KEYMAP));
    for (format, list) in LISTS {
        let content = list.as_bytes();
        let is_read = readers::list_of_owners(content, format, None, at(1_780_000_000));
        assert!(is_read, "{format:?}");
    }
    assert!(readers::plan(&sealed(HEADER, 0)));
}

proptest! {
    #[test]
    fn signed_url(content in input(URL), seconds in 0..4_000_000_000_i64) {
        readers::signed_url(&String::from_utf8_lossy(&content), at(seconds));
    }

    #[test]
    fn policy(content in input(POLICY)) {
        let content = String::from_utf8_lossy(&content);
        readers::policy(&content);
        readers::identity_policy(&content);
    }

    #[test]
    fn blueprint(content in input(BLUEPRINT)) {
        readers::blueprint(&String::from_utf8_lossy(&content));
    }

    #[test]
    fn keymap(content in input(KEYMAP)) {
        readers::keymap(&String::from_utf8_lossy(&content));
    }

    #[test]
    fn list_of_owners(
        (format, content) in prop::sample::select(&LISTS[..]).prop_flat_map(|(format, good)| (Just(format), input(good))),
        delimiter in any::<Option<u8>>(),
    ) {
        for delimiter in [delimiter, None] {
            readers::list_of_owners(&content, format, delimiter, at(1_780_000_000));
        }
    }

    #[test]
    fn plan_file(header in damaged(HEADER), items in 0..3_u64, raw in vec(any::<u8>(), 0..200)) {
        readers::plan(&String::from_utf8_lossy(&raw));
        readers::plan(&sealed(&String::from_utf8_lossy(&header), items));
    }
}
