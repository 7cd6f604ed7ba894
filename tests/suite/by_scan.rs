//! What `state` and `audit` count: in a listing, in a part of one, in a saved scan; and what that costs.

use s3warden::facade::sandbox::world::{SeedKind, SeedUpload, Versioning, WorldBucket};
use serde_json::Value;

use crate::cli::support::{Endpoint, Program, bucket, column, seed};

const RULES: &str = "<LifecycleConfiguration><Rule><ID>idle</ID><Filter><Prefix>photos/</Prefix></Filter>\
    <Status>Enabled</Status><Expiration><Days>9000</Days></Expiration></Rule><Rule><ID>busy</ID>\
    <Filter><Prefix>uploads/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>9000</Days></Expiration></Rule>\
    </LifecycleConfiguration>";

fn media() -> WorldBucket {
    let mut media = bucket("media", ["uploads/a", "uploads/b", "other"]);
    media
        .configuration
        .insert("lifecycle".to_owned(), RULES.to_owned());
    media
}

fn row<'d>(document: &'d Value, concern: &str) -> &'d Value {
    let items = document["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["concern"] == concern);
    found.unwrap_or_else(|| panic!("no {concern}: {document:#}"))
}

fn scan(program: &Program, place: &str) {
    let ran = program.run(&["scan", place, "--save", "saved.scan", "-q"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
}

/// The rows that count something, without those that say in what.
fn counted(document: &Value) -> Vec<&Value> {
    let items = document["items"].as_array().unwrap().iter();
    items
        .filter(|item| {
            let concern = item["concern"].as_str().unwrap();
            concern.starts_with("lifecycle-") || concern == "storage-class"
        })
        .collect()
}

#[test]
fn a_scan_counts_as_a_listing_does_where_there_are_no_versions() {
    let endpoint = Endpoint::serving(vec![media()]);
    let program = endpoint.program();
    scan(&program, "s3://media");
    let listed = program.run(&["state", "media", "--format", "json"]).json(0);
    assert_eq!(row(&listed, "counted")["value"]["basis"], "listing");
    endpoint.sandbox.requests().reset();
    let by_scan = program
        .run(&["state", "media", "--scan", "saved.scan", "--format", "json"])
        .json(0);
    let requests = endpoint.sandbox.requests();
    assert_eq!(
        (
            requests.of("ListObjectVersions"),
            requests.of("ListObjectsV2")
        ),
        (0, 0)
    );
    assert_eq!(row(&by_scan, "counted")["value"]["basis"], "scan");
    assert_eq!(counted(&by_scan), counted(&listed));
    assert_eq!(by_scan["complete"], true, "{by_scan:#}");
    let audited = program
        .run(&["audit", "--scan", "saved.scan", "--format", "json"])
        .json(0);
    assert!(column(&audited, "id").contains(&"lifecycle-rule-matches-nothing"));
    assert_eq!(audited["summary"]["buckets"], 1);
}

#[test]
fn a_scan_of_a_part_or_of_a_bucket_with_versions_is_not_everything() {
    let mut versioned = media();
    versioned.name = "versioned".to_owned();
    versioned.versioning = Versioning::Enabled;
    let endpoint = Endpoint::serving(vec![media(), versioned]);
    let program = endpoint.program();
    for (place, bucket, missing) in [
        ("s3://media/uploads/", "media", "the rest of media"),
        (
            "s3://versioned",
            "versioned",
            "noncurrent versions and delete markers of versioned",
        ),
    ] {
        scan(&program, place);
        let arguments = ["audit", bucket, "--scan", "saved.scan", "--format", "json"];
        let document = program.run(&arguments).json(0);
        assert_eq!(document["complete"], false);
        let notes = document["summary"]["incomplete"].to_string();
        assert!(notes.contains(missing), "{notes}");
        // A rule may be about what the scan does not tell.
        let ids = column(&document, "id");
        assert!(!ids.contains(&"lifecycle-rule-matches-nothing"), "{ids:?}");
        std::fs::remove_file(program.home.path().join("saved.scan")).unwrap();
    }
}

#[test]
fn a_scan_of_another_bucket_or_endpoint_is_a_mistake() {
    let endpoint = Endpoint::serving(vec![media(), bucket("other", ["a"])]);
    let program = endpoint.program();
    scan(&program, "s3://media");
    for command in ["state", "audit"] {
        let ran = program.run(&[command, "other", "--scan", "saved.scan"]);
        assert_eq!(ran.status, 2, "{ran:#?}");
        assert!(ran.err.contains("is of media, not of other"), "{ran:#?}");
        let none = program.run(&[command, "media", "--scan", "no-such-file"]);
        assert_eq!(none.status, 2, "{none:#?}");
    }
    let elsewhere = Endpoint::serving(vec![media()]);
    let other = elsewhere.program();
    let saved = program.home.path().join("saved.scan");
    let ran = other.run(&["state", "media", "--scan", saved.to_str().unwrap()]);
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(
        ran.err.contains("was made at http://127.0.0.1:"),
        "{ran:#?}"
    );
}

#[test]
fn a_listing_that_stops_where_it_was_told_to_is_called_a_sample() {
    let endpoint = Endpoint::serving(vec![media()]);
    let program = endpoint.program();
    let arguments = ["state", "media", "--max-versions", "2", "--format", "json"];
    let document = program.run(&arguments).json(0);
    assert_eq!(row(&document, "counted")["value"]["basis"], "sample");
    assert_eq!(document["complete"], false);
    let notes = document["summary"]["incomplete"].to_string();
    assert!(notes.contains("verdicts rest on a sample"), "{notes}");
    let arguments = ["state", "media", "--max-versions", "3", "--format", "json"];
    let document = program.run(&arguments).json(0);
    assert_eq!(row(&document, "counted")["value"]["basis"], "listing");
    assert_eq!(document["complete"], true);
}

/// 100 GiB of each: a current object, its old version in another class, and parts of an upload.
fn dear() -> WorldBucket {
    const HUNDRED_GIB: u64 = 100 << 30;
    let mut media = bucket("media", Vec::<&str>::new());
    media.versioning = Versioning::Enabled;
    media.versions = vec![
        seed("a", SeedKind::Plain { size: HUNDRED_GIB }),
        seed("a", SeedKind::Plain { size: HUNDRED_GIB }),
    ];
    media.versions[0].last_modified -= chrono::TimeDelta::days(1);
    media.uploads = vec![SeedUpload {
        key: "b".to_owned(),
        initiated: media.versions[0].last_modified,
        parts: vec![HUNDRED_GIB / 2, HUNDRED_GIB / 2],
        storage_class: "GLACIER".to_owned(),
    }];
    media
}

#[test]
fn noncurrent_versions_and_incomplete_uploads_cost_apart() {
    let endpoint = Endpoint::serving(vec![dear()]);
    let program = endpoint.program();
    let document = program.run(&["state", "media", "--format", "json"]).json(0);
    let cost = row(&document, "monthly-cost");
    let value = &cost["value"];
    assert_eq!(value["estimate"], true);
    for part in ["current", "noncurrent", "incomplete_uploads"] {
        assert_eq!(value[part], 2.3, "{part} of {value}");
    }
    assert_eq!(value["total"], 6.9);
    let sentence = cost["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("Estimate: $6.90 a month"),
        "{sentence}"
    );
    assert!(
        sentence.contains("$2.30 for noncurrent versions"),
        "{sentence}"
    );
    assert!(
        sentence.contains("$2.30 for parts of incomplete uploads"),
        "{sentence}"
    );
    assert!(sentence.contains("prices of 20"), "{sentence}");
}

#[test]
fn a_table_of_prices_can_be_given_and_one_that_is_none_is_a_mistake() {
    let endpoint = Endpoint::serving(vec![dear()]);
    let program = endpoint.program();
    program.write(
        "prices.toml",
        "version = 1\nregion = \"here\"\ncurrency = \"EUR\"\ndate = \"2026-01-01\"\n\
         [[rate]]\ntypes = [\"StandardStorage\"]\ntiers = [{ per_gib = 1.0 }]\n",
    );
    let arguments = [
        "state",
        "media",
        "--prices",
        "prices.toml",
        "--format",
        "json",
    ];
    let document = program.run(&arguments).json(0);
    let value = &row(&document, "monthly-cost")["value"];
    assert_eq!(
        (&value["current"], &value["currency"]),
        (&100.0.into(), &"EUR".into())
    );
    // The table has no price for where the parts of an archived object wait.
    assert_eq!(
        value["not_priced"],
        serde_json::json!(["GlacierStagingStorage"])
    );
    assert_eq!(value["complete"], false);
    program.write("prices.toml", "version = 2\n");
    for command in [&["state", "media"][..], &["metrics"]] {
        let ran = program.run(&[command, &["--prices", "prices.toml"]].concat());
        assert_eq!(ran.status, 2, "{ran:#?}");
        assert!(ran.err.contains("prices.toml"), "{ran:#?}");
    }
}

#[test]
fn parts_that_may_not_be_listed_are_missing_from_the_estimate_and_said() {
    let endpoint = Endpoint::serving(vec![dear()]);
    let denied = ["s3:ListMultipartUploadParts".parse().unwrap()];
    endpoint.sandbox.owner().deny(denied.into());
    let document = endpoint
        .program()
        .run(&["state", "media", "--format", "json"])
        .json(0);
    let value = &row(&document, "monthly-cost")["value"];
    assert_eq!(
        (&value["incomplete_uploads"], &value["complete"]),
        (&0.0.into(), &false.into())
    );
    let notes = document["summary"]["incomplete"].to_string();
    assert!(notes.contains("s3:ListMultipartUploadParts"), "{notes}");
}
