//! What is found, how it is printed, and with which status.

use std::io::Write;
use std::process::Stdio;

use chrono::{TimeDelta, Utc};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, SeedUpload, Versioning, WorldBucket};

use super::support::{UPLOADS, UUID, document, found, program, search, uploads};
use crate::cli::support::{Endpoint, Ran, bucket, object, options, seed};

#[test]
fn an_owner_who_is_gone_is_told_with_the_reason_and_nobody_else_is() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let document_of_1 = document("user-1", "a.pdf");
    let ran = search(&program, &["--registry", "users.txt"]);
    let document = ran.json(3);
    assert_eq!(document["schema"], "s3warden/orphans/1");
    assert_eq!(document["complete"], true);
    assert_eq!(found(&document), [("owner-gone", document_of_1.as_str())]);
    let item = &document["items"][0];
    assert_eq!(
        item["reason"],
        "the owner user-1 is not in the list of owners"
    );
    assert_eq!(item["owner"], "user-1");
    assert_eq!(item["layout"], "upload");
    assert_eq!(item["bucket"], UPLOADS);
    assert_eq!(item["size"], 1_000);
    assert_eq!(item["storage_class"], "STANDARD");
    assert_eq!(item["last_modified"], "2026-01-02T03:04:05Z");
    assert!(item["etag"].is_string());
    let summary = &document["summary"];
    assert_eq!(summary["orphans"], 1);
    assert_eq!(summary["kinds"]["owner-gone"]["size"], 1_000);
    assert_eq!(summary["registries"][0]["ids"], 19);
    assert_eq!(summary["not_judged"][0]["kind"], "record-gone");
}

#[test]
fn when_everybody_is_alive_nothing_is_found() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let everybody: String = super::support::users(1..=20);
    program.write("users.txt", &everybody);
    let ran = search(&program, &["--registry", "users.txt"]);
    assert_eq!(found(&ran.json(0)), []);
    assert!(ran.err.contains("no orphans found"), "{}", ran.err);
}

#[test]
fn every_format_has_the_same_items() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let run = |format: &str| {
        let ran = program.run(&[
            "orphans",
            UPLOADS,
            "--registry",
            "users.txt",
            "--format",
            format,
        ]);
        assert_eq!(ran.status, 3, "{ran:#?}");
        ran.out
    };
    let csv = run("csv");
    let mut lines = csv.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("kind,bucket,key,upload_id,size")
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("owner-gone,pilotforce-user-uploads,documents/user-1/")
    );
    assert_eq!(lines.next(), None);
    let ndjson = run("ndjson");
    assert_eq!(ndjson.lines().count(), 2);
    assert!(ndjson.lines().last().unwrap().contains("\"orphans\":1"));
    let table = run("table");
    assert!(table.contains("owner-gone"), "{table}");
    assert!(
        table.contains("s3://pilotforce-user-uploads/documents/user-1/"),
        "{table}"
    );
}

/// Twenty-four documents of a living user, beside whom one of each kind would be less than a tenth.
fn with_everything() -> WorldBucket {
    let mut all: Vec<String> = (0..24)
        .map(|n| document("ada", &format!("{n}.pdf")))
        .collect();
    all.push(document("gone", "gone.pdf"));
    all.push(document("Ada", "suspect.pdf"));
    all.push(document("ada", "no-record.pdf"));
    all.push(format!("uploads/ada/{UUID}-lost-thumbnail.jpg"));
    all.push(format!("uploads/ada/{UUID}-alone.jpg"));
    all.push("loose".to_owned());
    let mut bucket = bucket(UPLOADS, all);
    bucket.versioning = Versioning::Enabled;
    let hidden = document("ada", "hidden.pdf");
    bucket.versions.push(object(&hidden));
    bucket.versions.push(seed(&hidden, SeedKind::DeleteMarker));
    bucket.versions.sort_by(|a, b| a.key.cmp(&b.key));
    bucket.uploads.push(SeedUpload {
        key: document("ada", "begun.pdf"),
        initiated: Utc::now() - TimeDelta::days(9),
        parts: vec![5_000, 70],
        storage_class: String::new(),
    });
    bucket.uploads.push(SeedUpload {
        key: document("ada", "lately.pdf"),
        initiated: Utc::now() - TimeDelta::days(6),
        parts: Vec::new(),
        storage_class: String::new(),
    });
    bucket
}

/// Records of all that is ada's but `no-record.pdf`, and one of what is not there.
fn records() -> String {
    let mut rows: Vec<String> = (0..24)
        .map(|n| document("ada", &format!("{n}.pdf")))
        .collect();
    rows.push(format!("uploads/ada/{UUID}-alone.jpg"));
    rows.push(document("ada", "lost.pdf"));
    let rows: Vec<String> = rows.iter().map(|key| format!("{key},ada\n")).collect();
    format!("s3Key,userId\n{}", rows.concat())
}

fn everything(more: &[&str]) -> Ran {
    let endpoint = Endpoint::serving(vec![with_everything()]);
    let program = endpoint.program();
    program.write("users.txt", "ada\n");
    program.write("assets.csv", &records());
    let lists = [
        "--registry",
        "users.txt",
        "--registry",
        "keys=assets.csv",
        "--registry-column",
        "keys=s3Key",
        "--registry-owner-column",
        "userId",
        "--max-share",
        "11",
    ];
    search(&program, &[&lists[..], more].concat())
}

#[test]
fn every_kind_is_found_once_and_nothing_else() {
    let document_ = everything(&[]).json(3);
    let key = |name: &str| document("ada", name);
    let (gone, suspect) = (document("gone", "gone.pdf"), document("Ada", "suspect.pdf"));
    let (begun, hidden, lost) = (key("begun.pdf"), key("hidden.pdf"), key("lost.pdf"));
    let no_record = key("no-record.pdf");
    let thumbnail = format!("uploads/ada/{UUID}-lost-thumbnail.jpg");
    let alone = format!("uploads/ada/{UUID}-alone.jpg");
    assert_eq!(
        found(&document_),
        [
            ("suspect", suspect.as_str()),
            ("upload-abandoned", begun.as_str()),
            ("versions-only", hidden.as_str()),
            ("dangling", lost.as_str()),
            ("record-gone", no_record.as_str()),
            ("owner-gone", gone.as_str()),
            ("unreadable", "loose"),
            ("derived-missing", alone.as_str()),
            ("source-gone", thumbnail.as_str()),
        ],
        "{document_:#}"
    );
    assert_eq!(document_["complete"], true);
    assert_eq!(document_["summary"]["orphans"], 5);
    let upload = &document_["items"][1];
    assert_eq!(upload["size"], 5_070);
    assert!(upload["upload_id"].is_string());
    let dangling = &document_["items"][3];
    assert_eq!(
        (&dangling["size"], &dangling["owner"]),
        (&().into(), &"ada".into())
    );
}

#[test]
fn only_the_kinds_that_were_asked_for_are_shown_and_doubts_alone_are_no_findings() {
    let ran = everything(&["--kind", "dangling,versions-only"]);
    let kinds = |ran: &Ran, status| -> Vec<String> {
        let document = ran.json(status);
        found(&document)
            .iter()
            .map(|one| one.0.to_owned())
            .collect()
    };
    assert_eq!(kinds(&ran, 3), ["versions-only", "dangling"]);
    let ran = everything(&["--kind", "suspect", "--kind", "unreadable"]);
    assert_eq!(kinds(&ran, 0), ["suspect", "unreadable"]);
}

#[test]
fn a_list_comes_from_standard_input() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    let mut command = program.command(&["orphans", UPLOADS, "--registry", "-", "--format", "json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let users = super::support::all_but("user-20");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(users.as_bytes())
        .unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    let document_ = ran.json(3);
    assert_eq!(
        found(&document_),
        [("owner-gone", document("user-20", "a.pdf").as_str())]
    );
    assert_eq!(
        document_["summary"]["registries"][0]["from"],
        "standard input"
    );
}

#[test]
fn versions_that_may_not_be_listed_leave_one_kind_out_and_say_so() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec![format!("s3:ListBucketVersions@{UPLOADS}")],
        ..options(vec![uploads()])
    });
    let program = program(&endpoint);
    let ran = search(&program, &["--registry", "users.txt"]);
    let document = ran.json(3);
    assert_eq!(found(&document).len(), 1);
    assert_eq!(document["complete"], false);
    let why = document["summary"]["incomplete"][0]["why"]
        .as_str()
        .unwrap();
    assert!(why.contains("s3:ListBucketVersions"), "{why}");
    let left_out = document["summary"]["not_judged"].as_array().unwrap();
    assert!(left_out.iter().any(|one| one["kind"] == "versions-only"));
}

#[test]
fn records_name_the_owners_of_keys_that_do_not() {
    let key = |n: usize| format!("ws-1/photos/ch-1/m-{n:02}/{UUID}.jpg.enc");
    let media = bucket("quikapp-media-prod", (0..20).map(key));
    let thumbnails = bucket(
        "quikapp-thumbnails-prod",
        (0..20).map(|n| format!("ws-1/thumbnails/small/ch-1/m-{n:02}/{UUID}.jpg.webp")),
    );
    let endpoint = Endpoint::serving(vec![media, thumbnails]);
    let program = endpoint.program();
    // The last one is nobody's, the one before a user's who is gone.
    let rows = (0..19).map(|n| {
        let owner = if n == 18 { "bob" } else { "ada" };
        format!("{{\"key\": \"{}\", \"user\": \"{owner}\"}}\n", key(n))
    });
    program.write("messages.jsonl", &rows.collect::<String>());
    program.write("users.txt", "ada\n");
    let run = |buckets: &[&str], status| {
        let lists = [
            "--registry",
            "users.txt",
            "--registry",
            "keys=messages.jsonl",
            "--registry-column",
            "keys=key",
            "--registry-owner-column",
            "user",
            "--kind",
            "owner-gone,record-gone,source-gone",
            "--format",
            "json",
        ];
        let ran = program.run(&[&["orphans"], buckets, &lists[..]].concat());
        let document = ran.json(status);
        let found = found(&document);
        let found = found
            .iter()
            .map(|(kind, key)| ((*kind).to_owned(), (*key).to_owned()));
        found.collect::<Vec<_>>()
    };
    let expected = [
        ("owner-gone".to_owned(), key(18)),
        ("record-gone".to_owned(), key(19)),
    ];
    assert_eq!(run(&["quikapp-media-prod"], 3), expected);
    // What was made from them is theirs, although the records do not name it.
    let of_thumbnails = run(&["quikapp-thumbnails-prod"], 3);
    let kinds: Vec<_> = of_thumbnails.iter().map(|one| one.0.as_str()).collect();
    assert_eq!(kinds, ["owner-gone", "record-gone"]);
    assert!(of_thumbnails[0].1.contains("/m-18/"), "{of_thumbnails:?}");
}

#[test]
fn what_cannot_be_asked_is_said_before_anything_is() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = program(&endpoint);
    for (arguments, why) in [
        (&["orphans"][..], "no bucket and no blueprint"),
        (&["orphans", UPLOADS], "nothing says who and what is alive"),
        (
            &["orphans", "some-bucket", "--registry", "users.txt"],
            "no built-in blueprint names it",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "--registry",
                "users.txt",
                "--kind",
                "dangling",
            ],
            "--kind dangling needs a list of keys",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "--registry",
                "users.txt",
                "--registry",
                "owners=users.txt",
            ],
            "two lists of owners",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "--registry",
                "-",
                "--registry",
                "keys=-",
            ],
            "both lists from standard input",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "quikapp-media-prod",
                "--registry",
                "users.txt",
            ],
            "two blueprints",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "--registry",
                "users.txt",
                "--max-share",
                "110",
            ],
            "from 0 to 100",
        ),
        (
            &[
                "orphans",
                UPLOADS,
                "--registry",
                "users.txt",
                "--act",
                "delete",
            ],
            "no blueprint was named",
        ),
    ] {
        let ran = program.run(arguments);
        assert_eq!(ran.status, 2, "{ran:#?}");
        assert!(ran.err.contains(why), "{why}: {}", ran.err);
    }
    assert_eq!(endpoint.sandbox.requests().total(), 0);
}

#[test]
fn without_a_list_what_needs_none_can_be_asked_for() {
    let endpoint = Endpoint::serving(vec![with_everything()]);
    let program = endpoint.program();
    let ran = search(
        &program,
        &["--kind", "source-gone,versions-only,upload-abandoned"],
    );
    let document = ran.json(3);
    let kinds: Vec<_> = found(&document).iter().map(|one| one.0).collect();
    assert_eq!(kinds, ["upload-abandoned", "versions-only", "source-gone"]);
}

#[test]
fn a_bucket_that_is_not_there_is_a_failure_and_no_refusal() {
    let endpoint = Endpoint::serving(vec![]);
    let ran = search(&program(&endpoint), &["--registry", "users.txt"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.err.contains(UPLOADS), "{}", ran.err);
}
