//! Servers that list in circles.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use super::support::{Program, Ran};

/// A server that gives one page after the other, each under a token of its own, and then the last one for ever.
fn serving(pages: &'static [&'static [&'static str]]) -> Program {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Ends with the test process: it waits for a connection that never comes.
    thread::spawn(move || {
        let mut token = 0;
        loop {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(stream.try_clone().unwrap());
            let lines = request.lines().map(Result::unwrap);
            let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            if lines.iter().all(|line| !line.contains("list-type=2")) {
                // Nothing but listings is to be had here.
                let head = "HTTP/1.1 501 Not Implemented\r\nconnection: close\r\n";
                let body = "<Error><Code>NotImplemented</Code></Error>";
                let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
                continue;
            }
            let keys = pages.get(token).or(pages.last()).unwrap();
            let body = page(keys, token);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close\r\n";
            // The program may have left already.
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
            token += 1;
        }
    });
    Program::new()
        .env("AWS_ENDPOINT_URL", &url)
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b")
}

/// A page of a listing of objects; one without keys is the last.
fn page(keys: &[&str], token: usize) -> String {
    let contents: Vec<String> = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"))
        .collect();
    let contents = contents.concat();
    let more = !keys.is_empty();
    format!(
        "<ListBucketResult><IsTruncated>{more}</IsTruncated><NextContinuationToken>t{token}</NextContinuationToken>\
         {contents}</ListBucketResult>"
    )
}

fn list(program: &Program, format: &str) -> Ran {
    program.run(&["ls", "s3://some-bucket/", "--format", format])
}

/// With one job, so that answers are given in turn.
fn list_all_levels(program: &Program) -> Ran {
    program.run(&[
        "ls",
        "s3://some-bucket/",
        "-r",
        "--jobs",
        "1",
        "--format",
        "json",
    ])
}

#[test]
fn a_server_that_repeats_its_keys_under_new_tokens_is_not_listed_for_ever_nor_believed() {
    for format in ["json", "table"] {
        let ran = list(&serving(&[&["a", "b"]]), format);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.err.contains("went back"), "{}", ran.err);
        if format == "json" {
            let document: Value = serde_json::from_str(&ran.out).unwrap();
            assert_eq!(document["complete"], false);
            assert_eq!(document["summary"]["objects"], 2);
        }
    }
}

#[test]
fn nor_when_all_levels_are_asked_for() {
    let ran = list_all_levels(&serving(&[&["a", "b"]]));
    assert_eq!(ran.json(1)["summary"]["objects"], 2);
    assert!(ran.err.contains("went back"), "{}", ran.err);
}

#[test]
fn folder_by_folder_is_an_order_too() {
    let ran = list_all_levels(&serving(&[&["a/b"], &["a.txt"], &["b"], &[]]));
    assert_eq!(ran.json(0)["summary"]["objects"], 3);
    let ran = list(&serving(&[&["a/b"], &["a.txt"], &["b"], &[]]), "json");
    assert_eq!(ran.json(0)["summary"]["objects"], 3);
}
