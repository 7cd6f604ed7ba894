//! `explain` through the wire: what it reads, what it says, and that a real request is answered as it says.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::types::ObjectLockRetentionMode;
use s3warden::facade::sandbox::world::{SeedKind, SeedObject, Sse, Versioning, WorldBucket};
use s3warden::facade::sandbox::{Fault, FaultRule, Role, SandboxOptions};
use serde_json::Value;

use crate::cli::support::{Endpoint, Program, bucket, options, seed};
use crate::purge::locks::Lock;
use crate::sandbox::support as wire;

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

/// Answer and deciding layer; a status below 0 stands for any.
fn decided(program: &Program, status: i32, arguments: &[&str]) -> (String, String) {
    let all = [&["explain"], arguments, &["--format", "json"]].concat();
    let ran = program.run(&all);
    assert!(status < 0 || ran.status == status, "{ran:#?}");
    let document: Value = serde_json::from_str(&ran.out).unwrap();
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

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k1";

/// A bucket with an object that is encrypted with a KMS key.
fn encrypted() -> WorldBucket {
    let mut media = media(None);
    let object = SeedObject {
        size: 10,
        sse: Sse::Kms(KEY.to_owned()),
        ..SeedObject::default()
    };
    media
        .versions
        .push(seed("docs/secret.txt", SeedKind::Object(Box::new(object))));
    media
}

const SECRET: &str = "s3://media/docs/secret.txt";

/// The encrypted object, where the role has these rights and the key this policy.
fn with_key(rights: &str, key_policy: Option<&str>, denied: &[&str]) -> Endpoint {
    let named = key_policy.map(|policy| (KEY.to_owned(), document(policy)));
    Endpoint::with(SandboxOptions {
        roles: vec![role(rights)],
        key_policies: named.into_iter().collect(),
        denied: denied.iter().map(|one| (*one).to_owned()).collect(),
        ..options(vec![encrypted()])
    })
}

/// What is decided about reading it.
fn decided_with_key(rights: &str, key_policy: Option<&str>, denied: &[&str]) -> (String, String) {
    let endpoint = with_key(rights, key_policy, denied);
    let found = decided(&endpoint.program(), -1, &[ROLE, "s3:GetObject", SECRET]);
    assert_eq!(endpoint.sandbox.requests().of("GetKeyPolicy"), 1);
    assert!(endpoint.sandbox.requests().non_read().is_empty());
    found
}

#[test]
fn the_policy_of_the_key_decides_about_an_encrypted_object() {
    let both = r#"{"Effect":"Allow","Action":["s3:GetObject","kms:Decrypt"],"Resource":"*"}"#;
    let nobody =
        r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:*","Resource":"*"}"#;
    let itself = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:Decrypt","Resource":"*"}}"#
    );
    for (name, rights, policy, denied, expected) in [
        (
            "the default policy leaves it to the role",
            both,
            None,
            &[][..],
            is("allowed", "identity-policy"),
        ),
        (
            "the default policy, and the role lacks kms:Decrypt",
            READ,
            None,
            &[],
            is("denied", "encryption"),
        ),
        (
            "the policy names the role",
            READ,
            Some(itself.as_str()),
            &[],
            is("allowed", "identity-policy"),
        ),
        (
            "the policy names another account",
            both,
            Some(nobody),
            &[],
            is("denied", "kms-key-policy"),
        ),
        (
            "the policy may not be read",
            both,
            None,
            &["kms:GetKeyPolicy"],
            is("allowed-if", "kms-key-policy"),
        ),
    ] {
        assert_eq!(decided_with_key(rights, policy, denied), expected, "{name}");
    }
}

#[test]
fn a_denial_by_a_key_policy_that_denies_nothing_names_the_grants_of_the_key() {
    let both = r#"{"Effect":"Allow","Action":["s3:GetObject","kms:Decrypt"],"Resource":"*"}"#;
    let nobody =
        r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:*","Resource":"*"}"#;
    let denies = r#"{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#;
    for (policy, is_named) in [(nobody, true), (denies, false)] {
        let endpoint = with_key(both, Some(policy), &[]);
        let asked = ["explain", ROLE, "s3:GetObject", SECRET];
        let program = endpoint.program();
        let ran = program.run(&asked);
        assert_eq!(ran.status, 3, "{ran:#?}");
        let words = format!(
            "This can still allow the request: The grants of KMS key {KEY} were not looked at"
        );
        assert_eq!(ran.out.contains(&words), is_named, "{}", ran.out);
        let document = program
            .run(&[&asked[..], &["--format", "json"]].concat())
            .json(3);
        let unread = document["summary"]["unread"].as_array().unwrap();
        assert_eq!(unread.contains(&Value::from("kms-grants")), is_named);
    }
}

#[test]
fn a_key_policy_that_cannot_be_read_names_the_permission() {
    let endpoint = Endpoint::with(SandboxOptions {
        roles: vec![role(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)],
        denied: vec!["kms:*".to_owned()],
        ..options(vec![encrypted()])
    });
    let program = endpoint.program();
    let ran = program.run(&["explain", ROLE, "s3:GetObject", SECRET]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.out.starts_with("Allowed if"), "{}", ran.out);
    assert!(ran.out.contains("kms:GetKeyPolicy"), "{}", ran.out);
    // An object without a key asks for none.
    let asked = endpoint.sandbox.requests().of("GetKeyPolicy");
    program.run(&["explain", ROLE, "s3:GetObject", OBJECT]);
    assert_eq!(endpoint.sandbox.requests().of("GetKeyPolicy"), asked);
}

#[test]
fn iam_and_kms_are_asked_again_as_often_as_s3() {
    let both = r#"{"Effect":"Allow","Action":["s3:GetObject","kms:Decrypt"],"Resource":"*"}"#;
    for (operation, fault) in [
        ("GetRole", Fault::SlowDown),
        ("GetRolePolicy", Fault::InternalError),
        ("GetKeyPolicy", Fault::ServiceUnavailable),
        ("GetKeyPolicy", Fault::Drop),
    ] {
        let busy = FaultRule::new(fault).on(operation);
        let with = |times: u64| {
            let endpoint = Endpoint::with(SandboxOptions {
                roles: vec![role(both)],
                faults: vec![busy.clone().times(times)],
                ..options(vec![encrypted()])
            });
            let found = decided(&endpoint.program(), -1, &[ROLE, "s3:GetObject", SECRET]);
            (found.0, endpoint.sandbox.requests().of(operation))
        };
        assert_eq!(with(3), ("allowed".to_owned(), 4), "{operation} {fault:?}");
        let (answer, asked) = with(100);
        assert_eq!((answer.as_str(), asked), ("allowed-if", 4), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn object_lock_decides_about_a_version_and_a_real_deletion_ends_as_explained() {
    let mut media = wire::bucket("media");
    media.versioning = Versioning::Enabled;
    media.configuration.insert(
        "object-lock".to_owned(),
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>".to_owned(),
    );
    let running = wire::start(vec![media]).await;
    let s3 = &running.s3;
    let program = Program::at(&running.sandbox);
    let (governance, compliance) = (
        ObjectLockRetentionMode::Governance,
        ObjectLockRetentionMode::Compliance,
    );
    for (key, lock) in [
        ("free", None),
        ("governed", Some(Lock::Retention(governance.clone()))),
        ("compliant", Some(Lock::Retention(compliance.clone()))),
        ("held", Some(Lock::LegalHold)),
        ("event-governed", Some(Lock::EventHold(governance))),
        ("event-compliant", Some(Lock::EventHold(compliance))),
    ] {
        wire::put(s3, "media", key, "abc").await;
        if let Some(lock) = lock {
            lock.put(s3, "media", key).await;
        }
    }
    let user = "arn:aws:iam::123456789012:user/demo";
    for (key, status, expected) in [
        ("free", 0, is("allowed", "identity-policy")),
        ("governed", 0, is("allowed-if", "object-lock")),
        ("compliant", 3, is("denied", "object-lock")),
        ("held", 3, is("denied", "object-lock")),
        ("event-governed", 0, is("allowed-if", "object-lock")),
        ("event-compliant", 3, is("denied", "object-lock")),
    ] {
        let address = format!("s3://media/{key}");
        let deletes = [user, "s3:DeleteObjectVersion", address.as_str()];
        assert_eq!(decided(&program, status, &deletes), expected, "{key}");
        let marks = [user, "DeleteObject", address.as_str()];
        assert_eq!(
            decided(&program, 0, &marks),
            is("allowed", "identity-policy")
        );
        let head = s3.head_object().bucket("media").key(key).send().await;
        let version = head.unwrap().version_id.unwrap();
        let named = [&deletes[..], &["--version-id", &version]].concat();
        assert_eq!(decided(&program, status, &named), expected, "{key}");
        let delete = s3.delete_object().bucket("media").key(key);
        let plain = delete.clone().version_id(&version).send().await;
        assert_eq!(plain.is_ok(), expected.0 == "allowed", "{key}");
    }
    // The current version is gone, and a delete marker hides the others: unknown, and never free.
    let delete = s3.delete_object().bucket("media").key("held");
    delete.send().await.unwrap();
    let hidden = [user, "s3:DeleteObjectVersion", "s3://media/held"];
    assert_eq!(decided(&program, 1, &hidden), is("unknown", "object-lock"));
}

#[test]
fn a_lock_that_may_not_be_read_leaves_the_answer_open() {
    let mut media = media(None);
    media.versioning = Versioning::Enabled;
    for permission in ["s3:GetObjectRetention", "s3:GetObjectLegalHold"] {
        let endpoint = Endpoint::with(SandboxOptions {
            roles: vec![role(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)],
            denied: vec![permission.to_owned()],
            ..options(vec![media.clone()])
        });
        let deletes = ["explain", ROLE, "s3:DeleteObjectVersion", OBJECT];
        let ran = endpoint.program().run(&deletes);
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.err.contains(permission), "{}", ran.err);
    }
}

#[test]
fn a_policy_from_a_pipe_without_an_end_is_refused_and_one_that_nobody_writes_ends_with_ctrl_c() {
    let endpoint = with_role(role(READ), None);
    let program = endpoint.program();
    let asked = ["explain", ROLE, "s3:GetObject", OBJECT, "--identity-policy"];
    let ran = program.run(&[&asked[..], &["/dev/zero"]].concat());
    assert_eq!(ran.status, 2, "{ran:#?}");
    assert!(ran.err.contains("larger than any policy"), "{}", ran.err);

    let pipe = program.home.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let from_pipe = [&asked[..], &["pipe"]].concat();
    let start = || {
        let mut command = program.command(&from_pipe);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    // Whoever writes to it is read.
    let child = start();
    std::fs::write(&pipe, document(READ)).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));

    let child = start();
    // Opening succeeds once the program has the other end, and it then waits for what is never written.
    let open = || {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&pipe)
    };
    let begun = Instant::now();
    let writer = loop {
        match open() {
            Ok(writer) => break writer,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{ended:?}");
    drop(writer);
    assert_eq!(endpoint.sandbox.requests().of("GetRole"), 0);
}

#[test]
fn a_version_is_named_for_objects_alone() {
    let endpoint = Endpoint::serving(vec![media(None)]);
    let program = endpoint.program();
    for arguments in [
        &["*", "s3:ListBucket", "s3://media/", "--version-id", "v1"][..],
        &["*", "s3:GetObjectVersion", OBJECT, "--version-id", ""],
    ] {
        let ran = program.run(&[&["explain"], arguments].concat());
        assert_eq!(ran.status, 2, "{arguments:?}: {ran:#?}");
    }
}
