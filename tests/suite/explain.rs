//! `explain` through the wire: what it reads, what it says, and that a real request is answered as it says.

use s3warden::sandbox::world::WorldBucket;
use s3warden::sandbox::{Role, SandboxOptions};
use serde_json::Value;

use crate::cli::support::{Endpoint, Program, bucket, options};

const ROLE: &str = "arn:aws:iam::123456789012:role/app";
const OBJECT: &str = "s3://media/docs/a.txt";

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn media(policy: Option<&str>) -> WorldBucket {
    let mut media = bucket("media", ["docs/a.txt", "public/b.txt"]);
    if let Some(policy) = policy {
        media
            .configuration
            .insert("policy".to_owned(), document(policy));
    }
    media
}

const READ: &str =
    r#"{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}"#;
const LIST: &str =
    r#"{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::media"}"#;

fn role(inline: &str) -> Role {
    Role {
        name: "app".to_owned(),
        inline: vec![("rights".to_owned(), document(inline))],
        ..Role::default()
    }
}

fn with_role(role: Role, policy: Option<&str>) -> Endpoint {
    Endpoint::with(SandboxOptions {
        roles: vec![role],
        ..options(vec![media(policy)])
    })
}

/// Answer and deciding layer.
fn decided(program: &Program, status: i32, arguments: &[&str]) -> (String, String) {
    let all = [&["explain"], arguments, &["--format", "json"]].concat();
    let document = program.run(&all).json(status);
    let of = |field: &str| document["summary"][field].as_str().unwrap().to_owned();
    (of("answer"), of("decided_by"))
}

fn is(answer: &str, by: &str) -> (String, String) {
    (answer.to_owned(), by.to_owned())
}

#[test]
fn an_anonymous_caller_is_explained_by_the_bucket_alone() {
    let open = r#"{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/public/*"}"#;
    let endpoint = Endpoint::serving(vec![media(Some(open))]);
    let program = endpoint.program();
    let read = ["anonymous", "s3:GetObject", "s3://media/public/b.txt"];
    assert_eq!(decided(&program, 0, &read), is("allowed", "bucket-policy"));
    let read = ["*", "GetObject", OBJECT];
    assert_eq!(decided(&program, 3, &read), is("denied", "bucket-policy"));
    let ran = program.run(&["explain", "*", "HeadObject", "s3://media/public/b.txt"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(
        ran.out
            .starts_with("Allowed: An anonymous caller may s3:GetObject"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("Open: Allow * s3:GetObject"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("Organization policies"), "{}", ran.out);
    assert!(endpoint.sandbox.requests().non_read().is_empty());
}

#[test]
fn a_role_is_explained_by_the_policies_that_iam_tells() {
    let endpoint = with_role(role(READ), None);
    let program = endpoint.program();
    let read = [ROLE, "s3:GetObject", OBJECT];
    assert_eq!(
        decided(&program, 0, &read),
        is("allowed", "identity-policy")
    );
    let list = [ROLE, "ListObjectsV2", "s3://media/"];
    assert_eq!(decided(&program, 3, &list), is("denied", "identity-policy"));
    assert!(endpoint.sandbox.requests().of("GetRolePolicy") >= 2);
    assert!(endpoint.sandbox.requests().non_read().is_empty());
}

#[test]
fn a_managed_policy_and_a_boundary_are_read_as_well() {
    let endpoint = with_role(
        Role {
            attached: vec![("lists".to_owned(), document(LIST))],
            boundary: Some(document(LIST)),
            ..role(READ)
        },
        None,
    );
    let program = endpoint.program();
    let read = [ROLE, "s3:GetObject", OBJECT];
    assert_eq!(
        decided(&program, 3, &read),
        is("denied", "permissions-boundary")
    );
    let list = [ROLE, "s3:ListBucket", "s3://media/"];
    assert_eq!(
        decided(&program, 0, &list),
        is("allowed", "identity-policy")
    );
}

#[test]
fn without_the_role_s_policies_the_answer_is_never_yes() {
    let named = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}}"#
    );
    let endpoint = Endpoint::with(SandboxOptions {
        roles: vec![role(READ)],
        denied: vec!["iam:*".to_owned()],
        ..options(vec![media(Some(&named))])
    });
    let program = endpoint.program();
    for (who, key) in [
        (ROLE, OBJECT),
        ("arn:aws:iam::123456789012:role/none", OBJECT),
    ] {
        let asked = ["explain", who, "s3:GetObject", key, "--format", "json"];
        let document = program.run(&asked).json(0);
        assert_eq!(document["summary"]["answer"], "allowed-if", "{document:#}");
        assert_eq!(document["summary"]["decided_by"], "identity-policy");
    }
    let stranger = ["arn:aws:iam::111122223333:role/app", "s3:GetObject", OBJECT];
    assert_eq!(
        decided(&program, 3, &stranger),
        is("denied", "bucket-policy")
    );
}

#[test]
fn policies_are_taken_from_files_and_iam_is_not_asked_then() {
    let endpoint = with_role(role(READ), None);
    let program = endpoint.program();
    program.write("allow.json", &document(READ));
    program.write(
        "deny.json",
        &document(r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#),
    );
    let read = [
        ROLE,
        "s3:GetObject",
        OBJECT,
        "--identity-policy",
        "allow.json",
    ];
    assert_eq!(
        decided(&program, 0, &read),
        is("allowed", "identity-policy")
    );
    let both = [&read[..], &["--identity-policy", "deny.json"]].concat();
    assert_eq!(decided(&program, 3, &both), is("denied", "identity-policy"));
    let bounded = [&read[..], &["--boundary", "deny.json"]].concat();
    assert_eq!(
        decided(&program, 3, &bounded),
        is("denied", "permissions-boundary")
    );
    assert_eq!(endpoint.sandbox.requests().of("GetRole"), 0);
}

#[test]
fn a_question_that_is_not_answered_and_decides_is_a_failure() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:GetBucketPolicy".to_owned()],
        ..options(vec![media(None)])
    });
    let ran = endpoint
        .program()
        .run(&["explain", "*", "s3:GetObject", OBJECT, "--format", "json"]);
    let document = ran.json(1);
    assert_eq!(document["summary"]["answer"], "unknown");
    assert_eq!(document["complete"], false);
    assert!(ran.err.contains("s3:GetBucketPolicy"), "{}", ran.err);
}

#[test]
fn what_cannot_be_asked_is_a_mistake() {
    let endpoint = Endpoint::serving(vec![media(None)]);
    let program = endpoint.program();
    program.write("wrong.json", r#"{"Statement":[{"Effect":"Maybe"}]}"#);
    for arguments in [
        &["somebody", "s3:GetObject", OBJECT][..],
        &["*", "s3:Fly", OBJECT],
        &["*", "s3:GetObject", "s3://media/"],
        &["*", "s3:GetBucketPolicy", OBJECT],
        &["*", "s3:GetObject", "media/docs/a.txt"],
        &["*", "s3:GetObject", OBJECT, "--context", "nothing"],
        &["*", "s3:GetObject", OBJECT, "--bucket-account", "12"],
        &[
            "*",
            "s3:GetObject",
            OBJECT,
            "--identity-policy",
            "wrong.json",
        ],
        &[
            ROLE,
            "s3:GetObject",
            OBJECT,
            "--identity-policy",
            "wrong.json",
        ],
        &[
            ROLE,
            "s3:GetObject",
            OBJECT,
            "--identity-policy",
            "none.json",
        ],
    ] {
        let ran = program.run(&[&["explain"], arguments].concat());
        assert_eq!(ran.status, 2, "{arguments:?}: {ran:#?}");
    }
    let ran = program.run(&["explain", "*", "s3:GetObject", "s3://nowhere-at-all/a"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
}

#[test]
fn real_requests_of_a_role_are_answered_as_explained() {
    let denied = r#"{"Effect":"Deny","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::media"}"#;
    let named = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::media"}}"#
    );
    let account = r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::media"}"#;
    let only_read = || role(READ);
    let lists = || role(LIST);
    let bounded = || Role {
        boundary: Some(document(READ)),
        ..role(LIST)
    };
    for (name, role, policy) in [
        ("allowed by the role", lists(), None),
        ("not allowed by the role", only_read(), None),
        ("beyond the boundary", bounded(), None),
        ("denied by the bucket", lists(), Some(denied)),
        ("named by the bucket", only_read(), Some(named.as_str())),
        (
            "the account is named by the bucket",
            only_read(),
            Some(account),
        ),
    ] {
        let endpoint = with_role(role, policy);
        let asked = [ROLE, "s3:ListBucket", "s3://media/", "--format", "json"];
        let explained = endpoint.program().run(&[&["explain"], &asked[..]].concat());
        let explained: Value = serde_json::from_str(&explained.out).unwrap();
        let session = endpoint.sandbox.session_of("app").unwrap();
        let ran = Program::at(&endpoint.sandbox)
            .env("AWS_ACCESS_KEY_ID", &session.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &session.secret_key)
            .run(&["ls", "s3://media/"]);
        let is_allowed = explained["summary"]["answer"] == "allowed";
        assert_eq!(
            ran.status == 0,
            is_allowed,
            "{name}: {explained:#} {ran:#?}"
        );
    }
}
