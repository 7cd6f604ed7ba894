//! Findings that somebody accepts in the configuration file, and `audit`'s filters.

use serde_json::Value;

use crate::cli::support::{Endpoint, Program, Ran, bucket, column};

fn endpoint() -> Endpoint {
    Endpoint::serving(vec![bucket("media", ["a"]), bucket("media-eu", ["a"])])
}

/// A section of the configuration file.
fn accept(finding: &str, bucket: Option<&str>, until: &str) -> String {
    let bucket = bucket.map_or_else(String::new, |name| format!("bucket = \"{name}\"\n"));
    format!(
        "[[accept]]\nfinding = \"{finding}\"\n{bucket}reason = \"served by the CDN alone\"\nuntil = {until}\n"
    )
}

fn program(endpoint: &Endpoint, config: &str) -> Program {
    let program = endpoint.program();
    program.write(".config/s3warden/config.toml", config);
    program
}

fn run(endpoint: &Endpoint, config: &str, arguments: &[&str]) -> Ran {
    program(endpoint, config).run(arguments)
}

/// The items of a finding: bucket, and the reason it is accepted for.
fn items<'d>(document: &'d Value, id: &str) -> Vec<(&'d str, Option<&'d str>)> {
    let items = document["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["id"] == id)
        .map(|item| {
            let bucket = item["bucket"].as_str().unwrap();
            (bucket, item["accepted"]["reason"].as_str())
        })
        .collect()
}

#[test]
fn an_accepted_finding_stays_listed_and_does_not_count() {
    let endpoint = endpoint();
    let only = ["audit", "media", "--finding", "tls-not-required"];
    let failing = [&only[..], &["--fail-on", "medium"]].concat();
    assert_eq!(run(&endpoint, "", &failing).status, 3);
    let config = accept("tls-not-required", Some("media"), "2999-12-31");
    let accepted = run(&endpoint, &config, &failing);
    assert_eq!(accepted.status, 0, "{accepted:#?}");
    assert!(accepted.out.contains("accepted"), "{accepted:#?}");
    assert!(
        accepted.out.contains("served by the CDN alone"),
        "{accepted:#?}"
    );
    assert!(accepted.err.contains("1 accepted"), "{accepted:#?}");

    let json = ["audit", "--finding", "tls-not-required", "--format", "json"];
    let document = run(&endpoint, &config, &json).json(0);
    assert_eq!(
        items(&document, "tls-not-required"),
        [
            ("media-eu", None),
            ("media", Some("served by the CDN alone"))
        ]
    );
    assert_eq!(document["items"][1]["accepted"]["until"], "2999-12-31");
    assert_eq!(document["summary"]["accepted"], 1);
    assert_eq!(document["summary"]["findings"]["medium"], 1);

    let alone = [&json[..], &["--accepted"]].concat();
    let document = run(&endpoint, &config, &alone).json(0);
    assert_eq!(column(&document, "bucket"), ["media"]);
}

#[test]
fn without_a_bucket_an_acceptance_is_for_all() {
    let endpoint = endpoint();
    let config = accept("tls-not-required", None, "2999-12-31");
    let failing = [
        "audit",
        "--finding",
        "tls-not-required",
        "--fail-on",
        "info",
    ];
    assert_eq!(run(&endpoint, &config, &failing).status, 0);
}

#[test]
fn an_acceptance_whose_day_has_passed_is_said_and_the_finding_counts_again() {
    let endpoint = endpoint();
    let config = accept("tls-not-required", Some("media"), "2020-01-31");
    let failing = ["audit", "media", "--fail-on", "medium", "--format", "json"];
    let ran = run(&endpoint, &config, &failing);
    let document = ran.json(3);
    assert_eq!(items(&document, "tls-not-required"), [("media", None)]);
    assert_eq!(items(&document, "acceptance-expired"), [("media", None)]);
    assert!(
        ran.err
            .contains("accepted tls-not-required of media until 2020-01-31"),
        "{ran:#?}"
    );
}

#[test]
fn an_acceptance_that_cannot_be_meant_is_a_mistake_with_its_line() {
    let endpoint = endpoint();
    let right = accept("tls-not-required", Some("media"), "2999-12-31");
    for (wrong, right_word, said) in [
        (
            "tls-not-requierd",
            "tls-not-required",
            "did you mean \"tls-not-required\"?",
        ),
        (
            "until = \"2999-12-31\"",
            "until = 2999-12-31",
            "expected a day",
        ),
        (
            "reason = \" \"",
            "reason = \"served by the CDN alone\"",
            "the reason is empty",
        ),
        ("bucket = \"No Bucket\"", "bucket = \"media\"", "line 3"),
        (
            "untill = 2999-12-31",
            "until = 2999-12-31",
            "unknown field `untill`",
        ),
    ] {
        let config = right.replace(right_word, wrong);
        assert_ne!(config, right);
        let ran = run(&endpoint, &config, &["audit", "media"]);
        assert_eq!(ran.status, 2, "{ran:#?}");
        assert!(ran.err.contains(said), "{said}: {ran:#?}");
        assert!(ran.err.contains("config.toml: line "), "{ran:#?}");
    }
}

#[test]
fn findings_can_be_asked_for_by_severity_and_by_id() {
    let endpoint = endpoint();
    let json = ["audit", "media", "--format", "json"];
    let all = run(&endpoint, "", &json).json(0);
    assert!(column(&all, "severity").contains(&"low"));
    let severe = run(
        &endpoint,
        "",
        &[&json[..], &["--severity", "medium"]].concat(),
    )
    .json(0);
    let severities = column(&severe, "severity");
    assert!(!severities.is_empty());
    assert!(
        severities
            .iter()
            .all(|s| ["critical", "high", "medium"].contains(s)),
        "{severities:?}"
    );
    let two = [
        "--finding",
        "tls-not-required",
        "--finding",
        "public-access-block-off",
    ];
    let two = run(&endpoint, "", &[&json[..], &two].concat()).json(0);
    let mut ids = column(&two, "id");
    ids.sort_unstable();
    assert_eq!(ids, ["public-access-block-off", "tls-not-required"]);
    let unknown = run(
        &endpoint,
        "",
        &["audit", "media", "--finding", "tls-not-requierd"],
    );
    assert_eq!(unknown.status, 2, "{unknown:#?}");
    assert!(unknown.err.contains("tls-not-required"), "{unknown:#?}");
}
