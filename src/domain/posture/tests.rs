//! Each verdict in both directions: on a bucket that deserves it, and on one that does not.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::configuration::{
    AccessControl, AccountBlock, Configuration, Cors, CorsRule, Encryption, Expiration, Filter,
    Grant, Grantee, Lifecycle, Logging, Notification, Notifications, NotifiedKind, Ownership,
    Permission, Policy, PublicAccess, Reason, Rule, Setting, Stated, Transition, Unanswered,
    Versioning, VersioningState, When,
};
use crate::domain::fact::Fact;
use crate::domain::lifecycle::Kept;
use crate::domain::{
    BucketName, ByteSize, ObjectKey, ObjectSummary, ObjectVersion, Region, StorageClass, VersionId,
};

const OWN: &str = "123456789012";
const TLS: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
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
        }),
        logging: set(Logging {
            bucket: "logs".to_owned(),
            prefix: "media/".to_owned(),
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
        log_target: None,
        unanswered: &[],
        now: now(),
    }
}

/// "severity id" of each finding.
fn said(case: &Case<'_>) -> Vec<String> {
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
        Kept::from(configuration.versioning.value()),
        blueprint,
        configuration.notifications.value(),
        now(),
    );
    for version in versions {
        builder.add(version);
    }
    builder.finish(true)
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
    assert_eq!(said.len(), unknown.rows().len());
    assert!(said.iter().all(|said| said == "info unknown-permission"));
}

#[test]
fn a_public_policy_is_public_only_when_no_block_makes_it_void() {
    let open = Configuration {
        policy: policy(&[TLS, READ]),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    assert_eq!(
        of(&open),
        ["critical public-read", "medium public-access-block-off"]
    );
    let by_bucket = Configuration {
        policy: policy(&[TLS, READ]),
        ..sound()
    };
    assert_eq!(of(&by_bucket), ["medium public-policy-blocked"]);
    let by_account = Configuration {
        account_block: set(AccountBlock(blocked())),
        ..open.clone()
    };
    assert_eq!(of(&by_account), ["medium public-policy-blocked"]);
    let account_unknown = Configuration {
        account_block: known(Fact::Unknown(denied())),
        ..open
    };
    assert_eq!(of(&account_unknown), ["info unknown-permission"]);
}

#[test]
fn a_bucket_that_is_public_by_intent_is_worth_knowing_and_no_more() {
    let open = Configuration {
        policy: policy(&[TLS, READ]),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    let blueprint = blueprint("[bucket.expect]\npublic = 'read'\n");
    let case = Case {
        blueprint: Some(&blueprint),
        ..case(&open)
    };
    assert_eq!(said(&case), ["info public-read"]);
}

#[test]
fn a_statement_for_everybody_is_not_public_when_it_says_from_where_or_another_denies_it() {
    let statement = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"s3:Get*","Resource":"arn:aws:s3:::media/a/*","Condition":{condition}}}"#
        )
    };
    let is_public = |statements: &[&str]| {
        let configuration = Configuration {
            policy: policy(statements),
            public_access: known(Fact::NotSet),
            ..sound()
        };
        of(&configuration).contains(&"critical public-read".to_owned())
    };
    for (condition, public) in [
        ("{}", true),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, true),
        (r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
        (r#"{"StringLike":{"aws:Referer":"https://a/*"}}"#, true),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, true),
    ] {
        assert_eq!(is_public(&[&statement(condition)]), public, "{condition}");
    }
    let deny =
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::media/*"}"#;
    assert!(!is_public(&[&statement("{}"), deny]));
    let other =
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::media2/*"}"#;
    assert!(!is_public(&[other]));
    let except =
        r#"{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}"#;
    assert!(is_public(&[except]));
}

#[test]
fn a_world_readable_acl_is_readable_only_where_acls_count() {
    let acl = |permission| {
        set(AccessControl {
            owner: Some("me".to_owned()),
            grants: vec![Grant {
                to: Grantee::AllUsers,
                permission,
            }],
        })
    };
    let open = Configuration {
        acl: acl(Permission::Read),
        ownership: set(Ownership::ObjectWriter),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    assert!(of(&open).contains(&"critical public-read".to_owned()));
    let enforced = Configuration {
        ownership: set(Ownership::BucketOwnerEnforced),
        ..open.clone()
    };
    assert_eq!(of(&enforced), ["medium public-access-block-off"]);
    let ignored = Configuration {
        public_access: set(blocked()),
        ..open.clone()
    };
    assert_eq!(
        of(&ignored),
        ["medium public-policy-blocked", "low acl-enabled"]
    );
    let written = Configuration {
        acl: acl(Permission::WriteAcp),
        ..open
    };
    assert!(of(&written).contains(&"critical public-write".to_owned()));
}

#[test]
fn tls_is_required_only_when_everything_is_denied_to_everybody() {
    let statement = |principal: &str, action: &str, resources: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":{principal},"Action":{action},"Resource":{resources},"Condition":{condition}}}"#
        )
    };
    let both = r#"["arn:aws:s3:::media","arn:aws:s3:::media/*"]"#;
    let insecure = r#"{"Bool":{"aws:SecureTransport":"false"}}"#;
    let everybody = r#""*""#;
    let all = r#""s3:*""#;
    let required = |statements: &[String]| {
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        let configuration = Configuration {
            policy: policy(&statements),
            ..sound()
        };
        of(&configuration).is_empty()
    };
    assert!(required(&[statement(
        r#"{"AWS":"*"}"#,
        all,
        both,
        insecure
    )]));
    assert!(required(&[statement(
        everybody, r#""*""#, r#""*""#, insecure
    )]));
    assert!(required(&[
        statement(everybody, all, r#""arn:aws:s3:::media""#, insecure),
        statement(everybody, all, r#""arn:aws:s3:::media/*""#, insecure),
    ]));
    for wrong in [
        statement(everybody, r#""s3:PutObject""#, both, insecure),
        statement(r#"{"AWS":"123456789012"}"#, all, both, insecure),
        statement(everybody, all, r#""arn:aws:s3:::media/*""#, insecure),
        statement(
            everybody,
            all,
            r#"["arn:aws:s3:::media","arn:aws:s3:::media/a/*"]"#,
            insecure,
        ),
        statement(
            everybody,
            all,
            both,
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        ),
        statement(
            everybody,
            all,
            both,
            r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
        ),
    ] {
        assert!(!required(std::slice::from_ref(&wrong)), "{wrong}");
    }
}

#[test]
fn a_grant_to_a_stranger_is_found_unless_the_blueprint_names_them() {
    let grant = |principal: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}}"#
        );
        Configuration {
            policy: policy(&[TLS, &statement]),
            ..sound()
        }
    };
    let stranger = grant(r#"{"AWS":"arn:aws:iam::999999999999:role/reader"}"#);
    assert_eq!(of(&stranger), ["high cross-account-grant"]);
    let named = blueprint(
        "[bucket.expect]\n[[bucket.expect.grant]]\nto = 'role/reader'\nactions = ['s3:GetObject']\n",
    );
    // Logging is not asked of a blueprint that is silent about it.
    let case_named = Case {
        blueprint: Some(&named),
        ..case(&stranger)
    };
    assert_eq!(said(&case_named), Vec::<String>::new());
    let ours = grant(r#"{"AWS":"arn:aws:iam::123456789012:role/reader"}"#);
    assert_eq!(of(&ours), Vec::<String>::new());
    let unknown_account = Case {
        account: None,
        ..case(&stranger)
    };
    assert_eq!(said(&unknown_account), Vec::<String>::new());
    let service = grant(r#"{"Service":"other.amazonaws.com"}"#);
    assert_eq!(of(&service), ["high cross-account-grant"]);
}

fn sample(key: &str, algorithm: Option<&str>, key_id: Option<&str>) -> Sample {
    Sample {
        key: key.to_owned(),
        class: "STANDARD".to_owned(),
        algorithm: algorithm.map(str::to_owned),
        key_id: key_id.map(str::to_owned),
        replication: None,
        cache_control: None,
        written: Some(now()),
    }
}

#[test]
fn objects_without_encryption_or_with_another_key_are_found_by_their_headers() {
    let kms = |key: &str| {
        set(Encryption {
            algorithm: "aws:kms".to_owned(),
            key_id: Some(key.to_owned()),
            bucket_key: true,
        })
    };
    let configuration = Configuration {
        encryption: kms("arn:aws:kms:us-east-1:123456789012:key/own"),
        ..sound()
    };
    let judged = |samples: &[Sample]| {
        said(&Case {
            samples,
            ..case(&configuration)
        })
    };
    let own = sample("a", Some("aws:kms"), Some("own"));
    assert_eq!(judged(std::slice::from_ref(&own)), Vec::<String>::new());
    let aws = sample(
        "b",
        Some("aws:kms"),
        Some("arn:aws:kms:us-east-1:1:key/aws-s3"),
    );
    assert_eq!(judged(&[own.clone(), aws]), ["medium object-key-differs"]);
    assert_eq!(
        judged(&[own, sample("c", None, None)]),
        ["high object-unencrypted"]
    );
}

#[test]
fn a_bucket_key_without_kms_and_kms_that_is_missing_are_found() {
    let configuration = Configuration {
        encryption: set(Encryption {
            algorithm: "AES256".to_owned(),
            key_id: None,
            bucket_key: true,
        }),
        ..sound()
    };
    assert_eq!(of(&configuration), ["info bucket-key-without-kms"]);
    let wants = blueprint("[bucket.expect]\nencryption = { algorithm = 'aws:kms', key = 'own' }\n");
    let with = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    assert_eq!(
        said(&with),
        [
            "medium encryption-expected-kms",
            "low bucket-key-without-kms"
        ]
    );
}

#[test]
fn a_rule_whose_prefix_no_key_has_is_found_and_its_objects_as_well() {
    let wrong = Configuration {
        lifecycle: lifecycle(vec![Rule {
            expiration: Some(Expiration::At(When::Days(4000))),
            abort_uploads_days: Some(1),
            ..rule("photos", "photos/")
        }]),
        ..sound()
    };
    let versions = [version("w/photos/a", 1 << 20, 10)];
    let found = contents(&wrong, None, &versions);
    let judged = Case {
        contents: Some(&found),
        ..case(&wrong)
    };
    assert_eq!(
        said(&judged),
        [
            "high lifecycle-rule-matches-nothing",
            "medium lifecycle-object-uncovered"
        ]
    );
    let right = [version("photos/a", 1 << 20, 10)];
    let found = contents(&wrong, None, &right);
    let judged = Case {
        contents: Some(&found),
        ..case(&wrong)
    };
    assert_eq!(said(&judged), Vec::<String>::new());
}

#[test]
fn a_listing_that_stopped_early_condemns_no_rule() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            expiration: Some(Expiration::At(When::Days(4000))),
            abort_uploads_days: Some(1),
            ..rule("zebra", "zebra/")
        }]),
        ..sound()
    };
    let mut found = contents(&configuration, None, &[version("a", 1, 1)]);
    found.complete = false;
    let judged = Case {
        contents: Some(&found),
        ..case(&configuration)
    };
    assert!(!said(&judged).iter().any(|s| s.contains("matches-nothing")));
}

#[test]
fn what_should_have_moved_and_what_is_too_small_are_found() {
    let configuration = Configuration {
        lifecycle: lifecycle(vec![Rule {
            transitions: vec![Transition {
                when: When::Days(30),
                class: StorageClass("GLACIER".to_owned()),
            }],
            abort_uploads_days: Some(1),
            ..rule("move", "")
        }]),
        ..sound()
    };
    let judged = |versions: &[ObjectVersion]| {
        let found = contents(&configuration, None, versions);
        said(&Case {
            contents: Some(&found),
            ..case(&configuration)
        })
    };
    assert_eq!(
        judged(&[version("a", 1 << 20, 40)]),
        ["medium lifecycle-transition-overdue"]
    );
    assert_eq!(judged(&[version("a", 1 << 20, 30)]), Vec::<String>::new());
    assert_eq!(judged(&[version("a", 9, 40)]), ["low lifecycle-too-small"]);
}

#[test]
fn old_versions_that_never_expire_are_found_unless_a_rule_is_for_all_of_them() {
    let versioned = |rules| Configuration {
        versioning: set(Versioning {
            state: VersioningState::Suspended,
            mfa_delete: false,
        }),
        lifecycle: lifecycle(rules),
        ..sound()
    };
    let ending = |prefix: &str| Rule {
        noncurrent_expiration: Some(crate::domain::configuration::NoncurrentExpiration {
            days: 30,
            newer_versions: 0,
        }),
        abort_uploads_days: Some(1),
        ..rule("end", prefix)
    };
    assert_eq!(of(&versioned(vec![ending("")])), Vec::<String>::new());
    assert_eq!(
        of(&versioned(vec![ending("photos/")])),
        ["medium noncurrent-never-expire"]
    );
    let disabled = Rule {
        enabled: false,
        ..ending("")
    };
    assert_eq!(
        of(&versioned(vec![disabled])),
        [
            "medium noncurrent-never-expire",
            "low incomplete-uploads-never-abort"
        ]
    );
}

#[test]
fn a_log_bucket_that_lets_nobody_write_gets_no_log() {
    let configuration = sound();
    let target = |policy| LogTarget {
        configuration: Configuration { policy, ..sound() },
        newest: Fact::Set(now()),
    };
    let judged = |target: &LogTarget| {
        said(&Case {
            log_target: Some(target),
            ..case(&configuration)
        })
    };
    let grant = |resource: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},"Action":"s3:PutObject","Resource":"{resource}"}}"#
        )
    };
    let right = target(policy(&[&grant("arn:aws:s3:::logs/media/*")]));
    assert_eq!(judged(&right), Vec::<String>::new());
    for wrong in [
        target(known(Fact::NotSet)),
        target(policy(&[&grant("arn:aws:s3:::logs/other/*")])),
    ] {
        assert_eq!(judged(&wrong), ["high log-bucket-without-grant"]);
    }
    let unknown = target(known(Fact::Unknown(denied())));
    assert_eq!(judged(&unknown), Vec::<String>::new());
}

#[test]
fn cors_that_refuses_the_application_or_lets_everybody_write_is_found() {
    let with = |origin: &str| Configuration {
        cors: set(Cors {
            rules: vec![CorsRule {
                origins: vec![origin.to_owned()],
                methods: vec!["PUT".to_owned()],
                ..CorsRule::default()
            }],
        }),
        ..sound()
    };
    let wants = blueprint(
        "[bucket.expect]\n[[bucket.expect.cors]]\norigins = ['https://app']\nmethods = ['PUT']\n",
    );
    let judged = |configuration: &Configuration| {
        said(&Case {
            blueprint: Some(&wants),
            ..case(configuration)
        })
    };
    assert_eq!(judged(&with("https://app")), Vec::<String>::new());
    assert_eq!(judged(&with("https://b")), ["medium cors-missing-origin"]);
    assert_eq!(judged(&with("*")), ["low cors-wildcard"]);
    assert_eq!(judged(&sound()), ["medium cors-missing-origin"]);
}

#[test]
fn a_trigger_that_hears_its_own_thumbnails_and_keys_that_none_hears_are_found() {
    let text = "[[bucket.derived]]\nid = 'thumbnail'\nfrom = 'upload'\nto_bucket = 'media'\n\
                regex = '(\\.[^.]+)$'\nreplace = '-t$1'\n\
                [bucket.expect]\n[[bucket.expect.notification]]\nid = 'thumb'\nto = 'lambda'\n\
                events = ['s3:ObjectCreated:*']\nprefix = 'uploads/'\nsuffix = '.jpg'\n";
    let wants = blueprint(text);
    let with = |prefix: &str| Configuration {
        notifications: set(Notifications {
            notifications: vec![Notification {
                id: "trigger".to_owned(),
                kind: NotifiedKind::Lambda,
                to: "arn".to_owned(),
                events: vec!["s3:ObjectCreated:*".to_owned()],
                prefix: prefix.to_owned(),
                suffix: ".jpg".to_owned(),
            }],
            event_bridge: false,
        }),
        ..sound()
    };
    let judged = |configuration: &Configuration| {
        let found = contents(
            configuration,
            Some(&wants),
            &[version("uploads/u/a.jpg", 1, 1)],
        );
        said(&Case {
            blueprint: Some(&wants),
            contents: Some(&found),
            ..case(configuration)
        })
    };
    let found = judged(&with("uploads/"));
    assert!(
        found.contains(&"high notification-recursive".to_owned()),
        "{found:?}"
    );
    let found = judged(&with("elsewhere/"));
    assert!(
        found.contains(&"medium notification-missing".to_owned()),
        "{found:?}"
    );
    assert!(!found.iter().any(|s| s.contains("recursive")), "{found:?}");
}

#[test]
fn a_difference_from_the_blueprint_shows_what_was_wanted_and_what_was_found() {
    let wants = blueprint(
        "[bucket.expect]\nregion = 'eu-west-1'\nownership = 'ObjectWriter'\ntags = { team = 'media' }\n\
         logging = { bucket = 'logs', prefix = 'other/' }\n",
    );
    let configuration = sound();
    let judged = Case {
        blueprint: Some(&wants),
        ..case(&configuration)
    };
    let found = findings(&judged);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().all(|f| f.id == "blueprint-drift"));
    let region = found.iter().find(|f| f.message.contains("Region")).unwrap();
    assert_eq!(region.evidence, ["wanted: eu-west-1", "found: us-east-1"]);
}

#[test]
fn patterns_match_as_iam_reads_them() {
    use super::policy::wild;
    for (pattern, text, matches) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "abd", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("a*b*c", "aXbYbZc", true),
        ("", "a", false),
        ("a", "A", false),
    ] {
        assert_eq!(wild(pattern, text), matches, "{pattern} {text}");
    }
}
