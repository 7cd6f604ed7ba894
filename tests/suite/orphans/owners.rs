//! Owners who stand in their objects' metadata: each object is asked, within a limit.

use std::collections::BTreeMap;

use s3warden::facade::sandbox::world::{SeedKind, SeedObject, SeedVersion, WorldBucket};
use s3warden::facade::sandbox::{FaultRule, SandboxOptions};
use serde_json::Value;

use super::support::found;
use crate::cli::support::{Endpoint, Program, Ran, bucket, options, seed};

const LOOSE: &str = "loose-files";

const BLUEPRINT: &str = "version = 1
name = \"loose\"

[[bucket]]
name = \"loose-files\"

[[bucket.layout]]
id = \"file\"
key = \"files/{file}\"
owner_from = \"metadata:owner\"
";

fn file(name: &str, owner: Option<&str>) -> SeedVersion {
    let metadata: BTreeMap<String, String> = owner
        .map(|owner| ("owner".to_owned(), owner.to_owned()))
        .into_iter()
        .collect();
    let object = SeedObject {
        size: 1_000,
        metadata,
        ..SeedObject::default()
    };
    seed(&format!("files/{name}"), SeedKind::Object(Box::new(object)))
}

/// Forty files of the living, one of somebody who is gone, one of nobody.
fn files() -> WorldBucket {
    let mut files = bucket(LOOSE, [""; 0]);
    files.versions = (0..40)
        .map(|n| file(&format!("{n:02}"), Some("user-10")))
        .collect();
    files.versions.push(file("gone", Some("user-1")));
    files.versions.push(file("nobodys", None));
    files
}

fn program(endpoint: &Endpoint) -> Program {
    let program = endpoint.program();
    program.write("loose.toml", BLUEPRINT);
    program.write("users.txt", "user-10\nuser-2\n");
    program
}

fn search(program: &Program, more: &[&str]) -> Ran {
    let arguments = [
        "orphans",
        LOOSE,
        "--blueprint",
        "./loose.toml",
        "--registry",
        "users.txt",
        "--format",
        "json",
    ];
    program.run(&[&arguments[..], more].concat())
}

fn not_judged(document: &Value) -> Vec<&str> {
    let all = document["summary"]["not_judged"].as_array().unwrap();
    let of_layout = all.iter().filter(|one| one["layout"].is_string());
    of_layout.map(|one| one["why"].as_str().unwrap()).collect()
}

#[test]
fn the_owner_in_the_metadata_is_asked_for_and_judged() {
    let endpoint = Endpoint::serving(vec![files()]);
    let ran = search(&program(&endpoint), &[]);
    let document = ran.json(3);
    assert_eq!(found(&document), [("owner-gone", "files/gone")]);
    let item = &document["items"][0];
    assert_eq!(item["owner"], "user-1");
    let evidence = "its metadata x-amz-meta-owner names the owner";
    assert_eq!(item["evidence"][0], evidence);
    // Every request was answered; of the one that does not tell nothing is claimed.
    assert_eq!(document["complete"], true);
    let [why] = not_judged(&document)[..] else {
        panic!("{document:#}")
    };
    assert!(why.contains("1 of its objects does not tell"), "{why}");
}

#[test]
fn more_objects_than_the_limit_are_not_asked_and_nothing_is_judged() {
    let endpoint = Endpoint::serving(vec![files()]);
    let program = program(&endpoint);
    let ran = search(&program, &["--max-heads", "41"]);
    let document = ran.json(4);
    assert_eq!(document["summary"]["refused"][0]["gate"], "metadata");
    assert_eq!(
        document["summary"]["refused"][0]["overruled_by"],
        "--max-heads"
    );
    assert_eq!(found(&document), []);
    assert_eq!(document["complete"], false);
    assert!(ran.err.contains("the owners of 42 objects"), "{}", ran.err);
    // No object was asked: that is what the limit is for.
    let requests = document["summary"]["requests"].as_u64().unwrap();
    assert!(requests < 42, "{requests}");
    assert_eq!(
        found(&search(&program, &["--max-heads", "42"]).json(3)).len(),
        1
    );
    // Nor does anybody need to be asked for what has no current object.
    let kinds = ["--max-heads", "0", "--kind", "upload-abandoned"];
    assert_eq!(found(&search(&program, &kinds).json(0)), []);
}

#[test]
fn an_object_that_may_not_be_asked_is_nobodys_orphan_and_the_report_incomplete() {
    let faults = "access-denied operation=HeadObject key=files/gone";
    let endpoint = Endpoint::with(SandboxOptions {
        faults: FaultRule::parse_all(faults).unwrap(),
        ..options(vec![files()])
    });
    let document = search(&program(&endpoint), &[]).json(0);
    assert_eq!(found(&document), []);
    assert_eq!(document["complete"], false);
    let what = document["summary"]["incomplete"][0]["what"].as_str();
    assert!(
        what.unwrap().starts_with("the owners of 1 of 42 objects"),
        "{what:?}"
    );
}

#[test]
fn when_nobody_may_be_asked_not_all_are() {
    let endpoint = Endpoint::with(SandboxOptions {
        faults: FaultRule::parse_all("access-denied operation=HeadObject").unwrap(),
        ..options(vec![files()])
    });
    let document = search(&program(&endpoint), &["--jobs", "1"]).json(0);
    assert_eq!(document["complete"], false);
    let requests = document["summary"]["requests"].as_u64().unwrap();
    assert!(requests < 42, "{requests}");
    let what = document["summary"]["incomplete"][0]["what"].as_str();
    assert!(
        what.unwrap().starts_with("the owners of 42 of 42 objects"),
        "{what:?}"
    );
}
