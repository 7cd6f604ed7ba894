//! `find` through the command line: everything of a user, and what could not be searched.

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;
use serde_json::Value;

use super::bench::{Bench, owner};
use crate::cli::support::{Endpoint, bucket};

fn endpoint(world: &str) -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin(world).unwrap()],
        ..SandboxOptions::default()
    })
}

fn ids(document: &Value) -> Vec<(String, String)> {
    let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
    let items = document["items"].as_array().unwrap().iter();
    let mut ids: Vec<_> = items
        .map(|item| {
            let id = text(item, "version_id") + &text(item, "upload_id");
            (text(item, "key"), id)
        })
        .collect();
    ids.sort();
    ids
}

#[test]
fn copies_in_quarantine_are_found_and_told_where_nothing_tells_whose_they_are() {
    let found = |user: &str, key: &str| {
        let key = format!("s3warden-quarantine/{key}");
        let endpoint = Endpoint::serving(vec![bucket("pilotforce-user-uploads", [key])]);
        let arguments = [
            "find",
            user,
            "--blueprint",
            "pilotforce",
            "--format",
            "json",
        ];
        let document = endpoint.program().run(&arguments).json(0);
        let gaps = document["summary"]["incomplete"].as_array().unwrap().iter();
        let gaps = gaps.map(Value::to_string);
        let gaps = gaps.filter(|gap| gap.contains("quarantine"));
        let groups = document["items"].as_array().unwrap().iter();
        let groups: Vec<String> = groups
            .map(|item| item["group"].as_str().unwrap().to_owned())
            .collect();
        (groups, gaps.collect::<String>())
    };
    let copy = "uploads/user-10/6f9619ff-8b86-4011-b42d-00c04fc964ff-a.jpg";
    for neighbour in ["user-1", "uploads"] {
        assert_eq!(found(neighbour, copy), (Vec::new(), String::new()));
    }
    let group = "copies in quarantine: layout upload".to_owned();
    assert_eq!(found("user-10", copy), (vec![group], String::new()));
    let (groups, told) = found("user-1", "nobody-knows");
    assert!(groups.is_empty(), "{groups:?}");
    assert!(
        told.contains("of 1 of them the key does not tell whose they are"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn find_lists_exactly_what_is_a_users_with_the_parts_of_uploads() {
    let bench = Bench::of("leadfactory").await;
    let mut expected: Vec<_> = bench
        .expected(&owner("user-1"))
        .into_iter()
        .map(|(_, key, _, id)| (key, id))
        .collect();
    expected.sort();
    let program = crate::cli::support::Program::new()
        .env("AWS_ENDPOINT_URL", &bench.sandbox.endpoint_url())
        .env("AWS_ACCESS_KEY_ID", bench.sandbox.access_key())
        .env("AWS_SECRET_ACCESS_KEY", bench.sandbox.secret_key())
        .env("AWS_REGION", bench.sandbox.region());
    let arguments = [
        "find",
        "user-1",
        "--blueprint",
        "leadfactory",
        "--format",
        "json",
    ];
    let ran = tokio::task::spawn_blocking(move || program.run(&arguments))
        .await
        .unwrap();
    let document = ran.json(0);
    assert_eq!(ids(&document), expected);
    assert_eq!(document["complete"], true);
    let uploads = document["items"].as_array().unwrap().iter();
    let sizes: Vec<u64> = uploads
        .filter(|item| item["kind"] == "upload")
        .map(|item| item["size"].as_u64().unwrap())
        .collect();
    assert!(
        !sizes.is_empty() && sizes.iter().all(|size| *size > 0),
        "{sizes:?}"
    );
}

#[test]
fn what_keys_cannot_tell_makes_a_find_incomplete_and_no_failure() {
    let endpoint = endpoint("quikapp");
    let arguments = [
        "find",
        "user-1",
        "--blueprint",
        "quikapp",
        "--format",
        "json",
    ];
    let document = endpoint.program().run(&arguments).json(0);
    assert_eq!(document["complete"], false);
    let why = document["summary"]["incomplete"].to_string();
    assert!(why.contains("photos, videos, voice"), "{why}");
}

#[test]
fn an_id_that_is_nobodys_is_told_so_in_words() {
    let endpoint = endpoint("game");
    for (id, words) in [
        ("user-*", "no wildcards"),
        ("user/1", "holds a '/'"),
        ("nobody", "nothing of \"nobody\" was found"),
        ("user-1 ", "blank"),
    ] {
        let ran = endpoint.program().run(&["find", id, "--blueprint", "game"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        assert!(ran.err.contains(words), "{id}: {}", ran.err);
    }
    let ran = endpoint.program().run(&["find", ""]);
    assert_eq!(ran.status, 2, "{ran:#?}");
}

#[test]
fn a_denied_listing_is_a_failure_and_no_empty_result() {
    let endpoint = Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin("game").unwrap()],
        denied: vec!["s3:ListBucketVersions@elimination-verifications".to_owned()],
        ..SandboxOptions::default()
    });
    let arguments = ["find", "user-1", "--blueprint", "game", "--format", "json"];
    let document = endpoint.program().run(&arguments).json(1);
    assert_eq!(document["complete"], false);
    assert!(!document["items"].as_array().unwrap().is_empty());
}
