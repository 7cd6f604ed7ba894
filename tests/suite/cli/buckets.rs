//! `buckets`: the fleet, with what cannot be told told so.

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{Versioning, WorldBucket};
use serde_json::Value;

use super::support::{Endpoint, bucket, options};

const BLOCKED: &str = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
    <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>\
    </PublicAccessBlockConfiguration>";
const KMS: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
    <ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
    </Rule></ServerSideEncryptionConfiguration>";

fn buckets() -> Vec<WorldBucket> {
    let mut media = bucket("media", ["a"]);
    "eu-west-1".clone_into(&mut media.region);
    media.versioning = Versioning::Suspended;
    media
        .configuration
        .insert("publicAccessBlock".to_owned(), BLOCKED.to_owned());
    media
        .configuration
        .insert("encryption".to_owned(), KMS.to_owned());
    vec![media, bucket("plain", ["a"])]
}

fn why(document: &Value, what: &str) -> String {
    let notes = document["summary"]["incomplete"].as_array().unwrap();
    let note = notes.iter().find(|note| note["what"] == what);
    note.map_or_else(String::new, |note| note["why"].as_str().unwrap().to_owned())
}

#[test]
fn each_bucket_is_a_row_and_unknown_is_null_with_a_note() {
    let ran = Endpoint::serving(buckets())
        .program()
        .run(&["buckets", "--format", "json"]);
    let document = ran.json(0);
    assert_eq!(document["schema"], "s3warden/buckets/1");
    let media = &document["items"][0];
    assert_eq!(media["bucket"], "media");
    assert_eq!(media["region"], "eu-west-1");
    assert_eq!(media["versioning"], "suspended");
    assert_eq!(media["encryption"], "aws:kms");
    assert_eq!(media["public"], false);
    assert_eq!(media["created"], "2026-01-02T03:04:05Z");
    let plain = &document["items"][1];
    assert_eq!(plain["versioning"], "off");
    assert_eq!(
        (&plain["objects"], &plain["size"]),
        (&Value::Null, &Value::Null)
    );
    // Without a policy there is none that could be public, blocked or not.
    assert_eq!(plain["public"], false);
    let unknown = why(&document, "objects and size of media, plain");
    assert!(
        unknown.contains("CloudWatch has no storage metrics"),
        "{document:#}"
    );
    assert_eq!(document["complete"], false);
}

#[test]
fn a_missing_permission_makes_one_cell_unknown_and_is_named() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:GetBucketVersioning@media".to_owned()],
        ..options(buckets())
    });
    let document = endpoint
        .program()
        .run(&["buckets", "--format", "json"])
        .json(0);
    assert_eq!(document["items"][0]["versioning"], Value::Null);
    assert_eq!(document["items"][0]["encryption"], "aws:kms");
    assert_eq!(document["items"][1]["versioning"], "off");
    assert!(
        why(&document, "versioning of media").contains("s3:GetBucketVersioning"),
        "{document:#}"
    );

    let table = endpoint.program().run(&["buckets"]);
    let media = table
        .out
        .lines()
        .find(|line| line.starts_with("media"))
        .unwrap();
    assert!(media.contains(" ? "), "{media}");
    assert!(
        table.err.contains("s3:GetBucketVersioning"),
        "{}",
        table.err
    );
}

#[test]
fn a_fleet_that_may_not_be_listed_is_a_failure_in_every_format() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:ListAllMyBuckets".to_owned()],
        ..options(buckets())
    });
    for format in ["table", "json", "ndjson", "csv"] {
        let ran = endpoint.program().run(&["buckets", "--format", format]);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.err.starts_with("error: could not "), "{}", ran.err);
    }
    let document = endpoint
        .program()
        .run(&["buckets", "--format", "json"])
        .json(1);
    assert_eq!(document["complete"], false);
}

#[test]
fn a_fleet_that_is_cut_between_its_pages_shows_what_was_listed_and_says_that_there_is_more() {
    // One more than a page holds.
    let names: Vec<String> = (0..=1000).map(|n| format!("bucket-{n:04}")).collect();
    let fleet = names.iter().map(|name| bucket(name, ["a"])).collect();
    let endpoint = Endpoint::serving(fleet);
    let denied = "access-denied operation=ListBuckets every=2"
        .parse()
        .unwrap();
    endpoint.sandbox.set_faults(vec![denied]);
    let ran = endpoint.program().run(&["buckets", "--format", "json"]);
    let document = ran.json(1);
    assert_eq!(document["complete"], false);
    assert_eq!(document["items"].as_array().unwrap().len(), 1000);
    assert_ne!(why(&document, "the rest of the buckets"), "");
    assert!(ran.err.contains("at least 1,000 buckets"), "{}", ran.err);
    assert!(
        ran.err.contains("error: could not list the buckets"),
        "{}",
        ran.err
    );
}

#[test]
fn public_is_s3_s_own_verdict_and_one_cause_is_one_line() {
    const OPEN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::NAME/*"}}"#;
    let with_policy = |name: &str| {
        let mut bucket = bucket(name, ["a"]);
        bucket
            .configuration
            .insert("policy".to_owned(), OPEN.replace("NAME", name));
        bucket
    };
    let mut restricted = with_policy("restricted");
    restricted
        .configuration
        .insert("publicAccessBlock".to_owned(), BLOCKED.to_owned());
    let mut all = vec![with_policy("open"), restricted];
    all.extend((0..20).map(|n| with_policy(&format!("secret-{n:02}"))));
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:GetBucketPolicyStatus@secret-*".to_owned()],
        ..options(all)
    });
    let ran = endpoint.program().run(&["buckets", "--format", "json"]);
    let document = ran.json(0);
    let public: Vec<&Value> = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["public"])
        .collect();
    assert_eq!(
        (public[0], public[1]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    assert!(public[2..].iter().all(|public| public.is_null()));
    let lines = ran.err.lines().filter(|line| line.contains("public of"));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 1, "{}", ran.err);
    assert!(lines[0].contains("and 15 more buckets"), "{}", lines[0]);
    assert!(
        lines[0].contains("s3:GetBucketPolicyStatus"),
        "{}",
        lines[0]
    );
}
