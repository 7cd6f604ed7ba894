//! Verdicts about access, bucket by bucket as the command line says them: policies that other programs get wrong. The office
//! is where these tests ask from.

use std::collections::BTreeMap;

use s3warden::facade::sandbox::world::WorldBucket;
use tokio::runtime::Runtime;

use crate::cli::support::{Endpoint, bucket};
use crate::edge::support::client;

/// Name, statements, and the findings about access in their order. `BUCKET` and `OBJECTS` are the bucket's own ARNs, `OWNER`
/// is its owner's canonical id.
type Row = (&'static str, &'static str, &'static [&'static str]);

const TLS: &str = "medium tls-not-required";

const ROWS: &[Row] = &[
    (
        "both-halves-of-the-internet",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}}"#,
        &["critical public-read", TLS],
    ),
    (
        "half-of-the-internet",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}}"#,
        &["critical public-read", TLS],
    ),
    (
        "any-vpc",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"OBJECTS","Condition":{"StringLike":{"aws:SourceVpc":"vpc-*"}}}"#,
        &["critical public-write", TLS],
    ),
    (
        "for-all-values",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}}"#,
        &["critical public-read", "high cross-account-grant", TLS],
    ),
    (
        "web-identities",
        r#"{"Effect":"Allow","Principal":{"Federated":"graph.facebook.com"},"Action":"s3:PutObject","Resource":"OBJECTS"}"#,
        &["critical public-write", TLS],
    ),
    (
        "anyone-lists",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"BUCKET"}"#,
        &["high public-list", TLS],
    ),
    (
        "anyone-takes-over",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"BUCKET"}"#,
        &["critical public-takeover", TLS],
    ),
    (
        "anyone-aborts-uploads",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:AbortMultipartUpload","Resource":"OBJECTS"}"#,
        &["high public-write-other", TLS],
    ),
    (
        "anyone-restores",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:RestoreObject","Resource":"OBJECTS"}"#,
        &["high public-write-other", TLS],
    ),
    (
        "office-alone",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS"},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["BUCKET","OBJECTS"],"Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}"#,
        &[TLS, "info public-verdict-differs"],
    ),
    (
        "allowed-and-denied",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::allowed-and-denied/public/*"},{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::allowed-and-denied/public/*"}"#,
        &[TLS, "info public-verdict-differs"],
    ),
    (
        "part-of-an-organization",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/*"}}}"#,
        &["high cross-account-grant", TLS],
    ),
    (
        "own-source",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"StringEquals":{"aws:SourceOwner":"123456789012"}}}"#,
        &[TLS],
    ),
    (
        "another-account",
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"OBJECTS","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}"#,
        &["high cross-account-grant", TLS],
    ),
    (
        "own-canonical-id",
        r#"{"Effect":"Allow","Principal":{"CanonicalUser":"OWNER"},"Action":"s3:GetObject","Resource":"OBJECTS"}"#,
        &[TLS],
    ),
    (
        "tls-by-string-equals",
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["BUCKET","OBJECTS"],"Condition":{"StringEquals":{"aws:SecureTransport":"false"}}}"#,
        &[],
    ),
    (
        "tls-by-string-not-equals",
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["BUCKET","OBJECTS"],"Condition":{"StringNotEquals":{"aws:SecureTransport":"true"}}}"#,
        &[],
    ),
    (
        "tls-by-not-action",
        r#"{"Effect":"Deny","Principal":"*","NotAction":"iam:*","Resource":["BUCKET","OBJECTS"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
        &[],
    ),
];

fn about_access(id: &str) -> bool {
    id.starts_with("public-") && id != "public-access-block-off"
        || matches!(id, "cross-account-grant" | "tls-not-required")
}

#[test]
fn access_is_judged_by_what_a_request_would_get() {
    // The id depends on the account alone.
    let any = Endpoint::serving(vec![bucket("media", ["a"])]);
    let acl = client(&any.sandbox).get_bucket_acl().bucket("media").send();
    let acl = Runtime::new().unwrap().block_on(acl).unwrap();
    let owner = acl.owner().and_then(|owner| owner.id()).unwrap().to_owned();
    let buckets = ROWS.iter().map(|(name, statements, _)| {
        let arn = format!("arn:aws:s3:::{name}");
        let statements = statements
            .replace("OBJECTS", &format!("{arn}/*"))
            .replace("BUCKET", &arn)
            .replace("OWNER", &owner);
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        WorldBucket {
            configuration: BTreeMap::from([("policy".to_owned(), policy)]),
            ..bucket(name, ["a"])
        }
    });
    let endpoint = Endpoint::serving(buckets.collect());
    let ran = endpoint.program().run(&["audit", "--format", "json"]);
    let document = ran.json(0);
    let mut wrong = Vec::new();
    for (name, _, expected) in ROWS {
        let found: Vec<String> = document["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["bucket"] == *name)
            .filter(|item| about_access(item["id"].as_str().unwrap()))
            .map(|item| {
                let text = |field: &str| item[field].as_str().unwrap().to_owned();
                format!("{} {}", text("severity"), text("id"))
            })
            .collect();
        if found != *expected {
            wrong.push(format!("{name}: {found:?} and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
