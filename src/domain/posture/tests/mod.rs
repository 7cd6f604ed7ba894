//! Each verdict in both directions: on a bucket that deserves it, and on one that does not. Here are the buckets; beside this
//! file, a file a concern.

mod access;
mod advice;
mod delivery;
mod derived;
mod drift;
mod encryption;
mod exposure;
mod lifecycle;
mod lifecycle_table;
mod logging_table;
mod replication_table;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::configuration::{
    AccessControl, AccountBlock, Configuration, Cors, CorsRule, Encryption, Expiration, Filter,
    Grant, Grantee, Lifecycle, LogKeyFormat, Logging, Notification, Notifications, NotifiedKind,
    Ownership, Permission, Policy, PublicAccess, Reason, Rule, Setting, Stated, Transition,
    Unanswered, Versioning, VersioningState, When,
};
use crate::domain::fact::Fact;
use crate::domain::lifecycle::Kept;
use crate::domain::{
    BucketName, ByteSize, ObjectKey, ObjectSummary, ObjectVersion, Region, StorageClass, VersionId,
};

const OWN: &str = "123456789012";
const TLS: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
    {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"}}}"#;
const READ: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}"#;

fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn known<T>(setting: Setting<T>) -> Stated<T> {
    Stated::without_document(setting)
}

fn set<T>(value: T) -> Stated<T> {
    known(Fact::Set(value))
}

fn blocked() -> PublicAccess {
    PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    }
}

fn policy(statements: &[&str]) -> Stated<Policy> {
    let text = format!(r#"{{"Statement":[{}]}}"#, statements.join(","));
    set(Policy::parse(&text).unwrap())
}

/// A configuration of which every answer is the same: not set, or unknown.
macro_rules! everything {
    ($answer:expr) => {
        Configuration {
            bucket: BucketName::new("media").unwrap(),
            region: $answer,
            encryption: known($answer),
            versioning: known($answer),
            public_access: known($answer),
            account_block: known($answer),
            policy: known($answer),
            policy_status: known($answer),
            acl: known($answer),
            ownership: known($answer),
            cors: known($answer),
            lifecycle: known($answer),
            logging: known($answer),
            replication: known($answer),
            notifications: known($answer),
            object_lock: known($answer),
            tags: known($answer),
            website: known($answer),
            tiering: known($answer),
            inventory: known($answer),
            metrics: known($answer),
            metadata_tables: known($answer),
            access_points: known($answer),
        }
    };
}

fn denied() -> Unanswered {
    Unanswered {
        call: "GetBucketSomething".to_owned(),
        reason: Reason::Permission("s3:GetBucketSomething".to_owned()),
        why: "access was denied".to_owned(),
    }
}

fn rule(id: &str, prefix: &str) -> Rule {
    Rule {
        id: id.to_owned(),
        enabled: true,
        filter: Filter {
            prefix: prefix.to_owned(),
            ..Filter::default()
        },
        ..Rule::default()
    }
}

fn lifecycle(rules: Vec<Rule>) -> Stated<Lifecycle> {
    set(Lifecycle {
        rules,
        ..Lifecycle::default()
    })
}

/// A bucket with nothing wrong.
fn sound() -> Configuration {
    Configuration {
        region: Fact::Set(Region("us-east-1".to_owned())),
        public_access: set(blocked()),
        policy: policy(&[TLS]),
        ownership: set(Ownership::BucketOwnerEnforced),
        encryption: set(Encryption {
            algorithm: "AES256".to_owned(),
            key_id: None,
            bucket_key: false,
            blocked: None,
        }),
        logging: set(Logging {
            bucket: "logs".to_owned(),
            prefix: "media/".to_owned(),
            key_format: LogKeyFormat::Simple,
        }),
        lifecycle: lifecycle(vec![Rule {
            abort_uploads_days: Some(7),
            ..rule("abort", "")
        }]),
        ..everything!(Fact::NotSet)
    }
}

fn blueprint(expect: &str) -> BucketBlueprint {
    let text = format!(
        "version = 1\nname = 'b'\n[[bucket]]\nname = 'media'\n\
         [[bucket.layout]]\nid = 'upload'\nkey = 'uploads/{{user}}/{{file}}'\nowner = 'user'\n{expect}"
    );
    let blueprint = Blueprint::parse("test", &text).unwrap();
    let name = BucketName::new("media").unwrap();
    blueprint.bucket(&name).unwrap().clone()
}

fn case(configuration: &Configuration) -> Case<'_> {
    Case {
        configuration,
        account: Some(OWN),
        blueprint: None,
        contents: None,
        samples: &[],
        object_acls: &[],
        log_target: None,
        replica_targets: &[],
        unanswered: &[],
        now: now(),
    }
}

/// "severity id" of each finding. Whatever is judged here, what is advised for it is followed, too ([`advice`]).
fn said(case: &Case<'_>) -> Vec<String> {
    advice::follow(case);
    findings(case)
        .iter()
        .map(|finding| format!("{} {}", finding.severity.as_str(), finding.id))
        .collect()
}

fn of(configuration: &Configuration) -> Vec<String> {
    said(&case(configuration))
}

fn version(key: &str, size: u64, days_ago: i64) -> ObjectVersion {
    ObjectVersion {
        object: ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(size),
            last_modified: Some(now() - TimeDelta::days(days_ago)),
            storage_class: StorageClass::default(),
            etag: None,
        },
        version_id: VersionId("v".to_owned()),
        is_latest: true,
        is_delete_marker: false,
    }
}

fn contents(
    configuration: &Configuration,
    blueprint: Option<&BucketBlueprint>,
    versions: &[ObjectVersion],
) -> Contents {
    let mut builder = Builder::new(
        configuration.lifecycle.value(),
        Kept::of_answer(configuration.versioning.known()),
        blueprint,
        configuration.notifications.value(),
        now(),
    );
    for version in versions {
        builder.add(version);
    }
    builder.finish(true)
}

fn sample(key: &str, algorithm: Option<&str>, key_id: Option<&str>) -> Sample {
    Sample {
        key: key.to_owned(),
        class: "STANDARD".to_owned(),
        algorithm: algorithm.map(str::to_owned),
        key_id: key_id.map(str::to_owned),
        replication: None,
        replicas: Vec::new(),
        cache_control: None,
        written: Some(now()),
    }
}

#[test]
fn a_sound_bucket_has_no_findings() {
    assert_eq!(of(&sound()), Vec::<String>::new());
}

#[test]
fn what_is_unknown_is_said_and_never_judged() {
    let unknown = everything!(Fact::Unknown(denied()));
    let blueprint = blueprint(
        "[bucket.expect]\nversioning = 'enabled'\ncdn = true\nencryption = { algorithm = 'aws:kms' }\n\
         logging = { bucket = 'logs' }\n[[bucket.expect.cors]]\norigins = ['https://a']\nmethods = ['PUT']\n\
         [[bucket.expect.lifecycle]]\nid = 'x'\nexpire_days = 1\n",
    );
    let versions = [version("uploads/u/a", 5 << 30, 400)];
    let contents = contents(&unknown, Some(&blueprint), &versions);
    let case = Case {
        blueprint: Some(&blueprint),
        contents: Some(&contents),
        ..case(&unknown)
    };
    let said = said(&case);
    // One cause is said once.
    assert_eq!(said, ["info unknown-permission"]);
}
