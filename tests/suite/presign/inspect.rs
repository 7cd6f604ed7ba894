//! `s3warden inspect`, on what `s3warden presign` signed.

use std::io::Write as _;
use std::process::Stdio;

use crate::cli::support::{Endpoint, Program, Ran, bucket};

fn signed(program: &Program, arguments: &[&str]) -> String {
    let ran = program.run(&[&["presign"], arguments, &["--quiet"]].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.out.trim_end().to_owned()
}

fn endpoint() -> Endpoint {
    Endpoint::serving(vec![bucket("media", ["k"])])
}

fn signature(url: &str) -> &str {
    url.split("X-Amz-Signature=").nth(1).unwrap()
}

#[test]
fn a_url_is_explained_and_its_signature_never_printed_whole() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let url = signed(
        &program,
        &[
            "get",
            "s3://media/k",
            "--response",
            "content-type=text/plain",
        ],
    );
    for format in ["table", "json", "ndjson", "csv"] {
        let ran = program.run(&["inspect", &url, "--format", format]);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(!format!("{ran:?}").contains(signature(&url)), "{ran:?}");
    }
    let document = program.run(&["inspect", &url, "--format", "json"]).json(0);
    let item = &document["items"][0];
    assert_eq!(
        (&item["bucket"], &item["key"]),
        (&"media".into(), &"k".into())
    );
    assert_eq!(item["valid"], true);
    assert_eq!(item["parameters"][0]["value"], "text/plain");
}

#[test]
fn the_url_comes_from_standard_input_as_well() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let url = signed(&program, &["get", "s3://media/k"]);
    let mut child = program
        .command(&["inspect", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pasted = format!("  <{}>\n", url.replace('&', "&amp;"));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(pasted.as_bytes())
        .unwrap();
    let document = Ran::from(child.wait_with_output().unwrap()).json(0);
    assert_eq!(document["items"][0]["flaws"][0]["id"], "html-escaped");
}

#[test]
fn what_is_wrong_exits_with_3_and_what_is_no_url_with_2() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let url = signed(&program, &["get", "s3://media/k"]);
    let cut = url.strip_suffix(signature(&url)).unwrap();
    let document = program.run(&["inspect", cut, "--format", "json"]).json(3);
    assert_eq!(document["items"][0]["flaws"][0]["id"], "signature-form");
    let ran = program.run(&["inspect", "media/k?X-Amz-Signature=0123456789"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("https://") && !ran.err.contains("0123456789"),
        "{}",
        ran.err
    );
}

#[test]
fn a_check_tells_what_s3_makes_of_it_and_tries_no_upload() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let checked = |url: &str, status: i32| {
        let document = program
            .run(&["inspect", url, "--check", "--format", "json"])
            .json(status);
        document["items"][0]["check"].clone()
    };
    let good = signed(&program, &["get", "s3://media/k"]);
    let check = checked(&good, 0);
    assert_eq!(
        (&check["sent"], &check["status"]),
        (&"GET".into(), &206.into())
    );
    let head = signed(&program, &["head", "s3://media/k"]);
    let check = checked(&head, 0);
    assert_eq!(
        (&check["sent"], &check["verdict"]),
        (&"HEAD".into(), &"works".into())
    );
    let missing = signed(&program, &["get", "s3://media/not-there"]);
    let check = checked(&missing, 3);
    assert_eq!(check["code"], "NoSuchKey");
    let altered = good.replace("/media/k?", "/media/l?");
    let check = checked(&altered, 0);
    assert_eq!(check["verdict"], "unknown");

    let put = signed(
        &program,
        &["put", "s3://media/k", "--content-type", "text/plain"],
    );
    let check = checked(&put, 0);
    assert_eq!(
        (&check["sent"], &check["status"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert!(check["message"].as_str().unwrap().contains("for an upload"));
    // A part signs no header but the host: a GET of its URL would ask for something else.
    let part = signed(
        &program,
        &[
            "part",
            "s3://media/k",
            "--upload-id",
            "u",
            "--part-number",
            "1",
        ],
    );
    let check = checked(&part, 0);
    assert_eq!(check["sent"], serde_json::Value::Null, "{check}");
    let open = signed(&program, &["put", "s3://media/k"]);
    let check = checked(&open, 0);
    assert_eq!(check["verdict"], "unknown");
    assert_eq!(
        checked(&good, 0)["verdict"],
        "works",
        "the object is still there"
    );

    let nobody = Program::new().run(&[
        "inspect",
        "http://127.0.0.1:9/media/k?X-Amz-Signature=x",
        "--check",
    ]);
    assert_eq!(nobody.status, 1, "{nobody:?}");
}
