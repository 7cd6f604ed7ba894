//! Keys that would like to do something to a terminal, a spreadsheet or a parser.

use s3warden::facade::domain::text::is_hidden;
use serde_json::Value;

use super::support::{Endpoint, bucket, column};

const HOSTILE: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "a//b",
    "a b ",
    " leading",
    "a+b%20c&d?e#f",
    "back\\slash",
    "bell\u{7}and\u{1b}[2Jclear",
    "c1\u{9b}31m",
    "combining e\u{301}",
    "emoji 👩\u{200d}👧.png",
    "line\nbreak\r\n",
    "quote\"and'quote",
    "rtl \u{202e}gpj.exe",
    "עברית/صورة.jpg",
];

fn endpoint() -> Endpoint {
    Endpoint::serving(vec![bucket("some-bucket", HOSTILE)])
}

fn sorted() -> Vec<&'static str> {
    let mut keys = HOSTILE.to_vec();
    keys.sort_unstable();
    keys
}

#[test]
fn keys_are_exact_in_json_and_ndjson() {
    let endpoint = endpoint();
    let json = endpoint
        .program()
        .run(&["ls", "s3://some-bucket", "-r", "--format", "json"]);
    assert_eq!(column(&json.json(0), "key"), sorted());
    let ndjson = endpoint
        .program()
        .run(&["ls", "s3://some-bucket", "-r", "--format", "ndjson"]);
    let lines: Vec<Value> = ndjson
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let keys: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["key"].as_str())
        .collect();
    assert_eq!(keys, sorted());
}

#[test]
fn keys_are_exact_in_csv_but_never_a_formula() {
    let ran = endpoint()
        .program()
        .run(&["ls", "s3://some-bucket", "-r", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let key = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "key")
        .unwrap();
    let keys: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[key].to_owned())
        .collect();
    assert!(keys.iter().all(|key| !key.starts_with('=')), "{keys:?}");
    let exact: Vec<&str> = keys
        .iter()
        .map(|key| key.strip_prefix('\'').unwrap_or(key))
        .collect();
    assert_eq!(exact, sorted());
}

#[test]
fn a_table_is_one_line_a_key_and_shows_everything_that_hides() {
    let ran = endpoint().program().run(&["ls", "s3://some-bucket", "-r"]);
    assert_eq!(ran.out.lines().count(), HOSTILE.len() + 1, "{}", ran.out);
    assert!(
        !ran.out.chars().any(|c| c != '\n' && is_hidden(c)),
        "{:?}",
        ran.out
    );
    for shown in [
        r"bell\x07and\x1b[2Jclear",
        r"line\nbreak\r\n",
        r"rtl \u{202e}gpj.exe",
        r"a b\x20",
    ] {
        assert!(ran.out.contains(shown), "{shown} is not in {}", ran.out);
    }
}

#[test]
fn no_format_and_no_message_sends_a_control_character_to_the_terminal() {
    let endpoint = endpoint();
    for format in ["table", "json", "ndjson"] {
        let ran = endpoint
            .program()
            .run(&["ls", "s3://some-bucket", "-r", "--format", format]);
        assert!(
            !ran.out.chars().any(|c| c != '\n' && is_hidden(c)),
            "{format}: {:?}",
            ran.out
        );
    }
    let ran = endpoint
        .program()
        .run(&["ls", "s3://no-such-bucket/\u{1b}[2J\u{202e}"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(
        !ran.err.chars().any(|c| c != '\n' && is_hidden(c)),
        "{:?}",
        ran.err
    );
}
