//! Ctrl-C, SIGTERM, and readers that leave.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::support::{Endpoint, Ran, bucket};

/// A bucket of two pages, of which the second never arrives.
fn endpoint_that_stalls() -> Endpoint {
    let keys: Vec<String> = (0..1500).map(|n| format!("key-{n:04}")).collect();
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", keys)]);
    let stall = "slow:60000 operation=ListObjectsV2 every=2"
        .parse()
        .unwrap();
    endpoint.sandbox.set_faults(vec![stall]);
    endpoint
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Starts a listing, waits for its first page, and stops it.
fn stopped_by(signal: &str, format: &str) -> Ran {
    stopped(
        signal,
        &["ls", "s3://some-bucket/", "--format", format, "-q"],
    )
}

fn stopped(signal: &str, arguments: &[&str]) -> Ran {
    let endpoint = endpoint_that_stalls();
    let mut child = endpoint
        .program()
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut out = Vec::new();
    while !String::from_utf8_lossy(&out).contains("key-0999") {
        let mut piece = [0; 4096];
        let length = stdout.read(&mut piece).unwrap();
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&out));
        out.extend_from_slice(&piece[..length]);
    }
    send(signal, &child);
    stdout.read_to_end(&mut out).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        out: String::from_utf8(out).unwrap(),
        ..Ran::from(output)
    }
}

#[test]
fn what_was_printed_before_ctrl_c_is_marked_incomplete() {
    let document = stopped_by("-INT", "json").json(130);
    assert_eq!(document["complete"], false);
    assert_eq!(document["items"].as_array().unwrap().len(), 1000);
    assert_eq!(document["summary"]["incomplete"][0]["why"], "interrupted");
}

#[test]
fn a_listing_of_all_levels_that_is_stopped_has_its_beginning_and_says_where_to_go_on() {
    let ls = ["ls", "s3://some-bucket/", "-r", "--format", "json", "-q"];
    // With one job there are no looks for folders that could stall in place of the second page.
    let document = stopped("-INT", &[&ls[..], &["--jobs", "1"]].concat()).json(130);
    assert_eq!(document["complete"], false);
    assert_eq!(document["items"].as_array().unwrap().len(), 1000);
    let missing = &document["summary"]["incomplete"][0]["what"];
    assert_eq!(missing, "keys after \"key-0999\" of s3://some-bucket/");
}

#[test]
fn a_table_cannot_say_that_it_is_incomplete_so_standard_error_does() {
    let ran = stopped_by("-TERM", "table");
    assert_eq!(ran.status, 130, "{ran:#?}");
    assert!(
        ran.err.contains("incomplete: interrupted before the end"),
        "{}",
        ran.err
    );
}

#[test]
fn ndjson_ends_with_its_summary_when_interrupted() {
    let ran = stopped_by("-INT", "ndjson");
    let end: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!((ran.status, &end["complete"]), (130, &Value::Bool(false)));
}

#[test]
fn a_reader_that_leaves_hears_nothing() {
    // More than a pipe holds, so that the program is still writing when its reader is gone.
    let keys: Vec<String> = (0..5000).map(|n| format!("{n:0200}")).collect();
    let endpoint = Endpoint::serving(vec![bucket("some-bucket", keys)]);
    for format in ["table", "json", "ndjson", "csv"] {
        let mut child = endpoint
            .program()
            .command(&["ls", "s3://some-bucket/", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut String::new()).unwrap();
        drop(reader);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{format}");
    }
}
