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

use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::{collection::vec, prelude::*, sample::Index};
use s3warden::{
    app::keymap::Keymap,
    domain::{
        blueprint::{Blueprint, registry::ListFormat},
        change::{Act, Existence, Header, Operator, Plan, Subject},
        policy::Policy,
        presign::inspect::inspect,
        registry::{self, Intake, read::Columns},
    },
};
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

fn read_list(format: ListFormat, columns: &Columns, content: &[u8]) -> bool {
    let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    let mut intake = Intake::new(registry::Subject::Owners, "a list", now);
    registry::read::text(content, format, columns, &mut intake, &mut |_| true).is_ok()
}

fn columns(format: ListFormat) -> Columns {
    let ids = match format {
        ListFormat::Lines => Vec::new(),
        ListFormat::Csv | ListFormat::Json | ListFormat::Ndjson => vec!["id".to_owned()],
    };
    Columns {
        ids,
        ..Columns::default()
    }
}

/// Two of the lines of a plan file: its header, and what seals it, which [`sealed`] makes.
fn plan() -> String {
    let header = Header {
        format: s3warden::domain::change::plan::FORMAT.to_owned(),
        case: "0".repeat(32),
        subject: Subject::User {
            id: "user-1".to_owned(),
        },
        act: Act::Delete,
        made_at: DateTime::from_timestamp(1_760_000_000, 0).unwrap(),
        tool: "0.1.0".to_owned(),
        operator: Operator {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/demo".to_owned(),
            source: None,
        },
        endpoint: None,
        blueprint: "pilotforce".to_owned(),
        blueprint_sha256: "ab".to_owned(),
        regions: BTreeMap::new(),
        existence: Existence::NotChecked,
        not_searched: Vec::new(),
        contested: Vec::new(),
        other_buckets: None,
        annotations: None,
        record_list: None,
    };
    let mut file = Vec::new();
    Plan {
        header,
        items: Vec::new(),
    }
    .write(&mut file)
    .unwrap();
    String::from_utf8(file).unwrap()
}

/// The header with a last line whose checksum is right, so that damage is read rather than refused by the checksum.
fn sealed(body: &str, items: u64) -> String {
    let sum = Sha256::digest(body.as_bytes())
        .iter()
        .fold(String::new(), |sum, byte| format!("{sum}{byte:02x}"));
    format!("{body}{{\"items\":{items},\"bytes\":0,\"sha256\":\"{sum}\"}}\n")
}

#[test]
fn the_good_inputs_are_read() {
    assert!(inspect(URL, DateTime::from_timestamp(1_780_000_000, 0).unwrap()).is_ok());
    assert!(Policy::parse(POLICY).is_ok());
    assert!(Blueprint::parse("a file", BLUEPRINT).is_ok());
    assert!(Keymap::parse(KEYMAP).is_ok());
    for (format, list) in LISTS {
        assert!(
            read_list(format, &columns(format), list.as_bytes()),
            "{format:?}"
        );
    }
    let plan = plan();
    let header = plan.split_inclusive('\n').next().unwrap();
    assert!(Plan::read(&plan).is_ok());
    assert_eq!(sealed(header, 0), plan);
}

proptest! {
    #[test]
    fn signed_url(content in input(URL), at in 0..4_000_000_000_i64) {
        let _ = inspect(&String::from_utf8_lossy(&content), DateTime::from_timestamp(at, 0).unwrap());
    }

    #[test]
    fn policy(content in input(POLICY)) {
        let content = String::from_utf8_lossy(&content);
        let _ = Policy::parse(&content);
        let _ = Policy::parse_of_identity(&content);
    }

    #[test]
    fn blueprint(content in input(BLUEPRINT)) {
        let _ = Blueprint::parse("a file", &String::from_utf8_lossy(&content));
    }

    #[test]
    fn keymap(content in input(KEYMAP)) {
        let _ = Keymap::parse(&String::from_utf8_lossy(&content));
    }

    #[test]
    fn list_of_owners(
        (format, content) in prop::sample::select(&LISTS[..]).prop_flat_map(|(format, good)| (Just(format), input(good))),
        delimiter in any::<Option<u8>>(),
    ) {
        let _ = read_list(format, &Columns { delimiter, ..columns(format) }, &content);
        let _ = read_list(format, &columns(format), &content);
    }

    #[test]
    fn plan_file(edits in vec((any::<Index>(), 0..8_usize, bytes()), 1..4), items in 0..3_u64, raw in vec(any::<u8>(), 0..200)) {
        let _ = Plan::read(&String::from_utf8_lossy(&raw));
        let plan = plan();
        let mut body = plan.split_inclusive('\n').next().unwrap().as_bytes().to_vec();
        for (at, cut, put) in edits {
            let at = at.index(body.len() + 1);
            let end = (at + cut).min(body.len());
            body.splice(at..end, put);
        }
        let _ = Plan::read(&sealed(&String::from_utf8_lossy(&body), items));
    }
}
