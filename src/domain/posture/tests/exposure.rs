//! Policy, ACLs, ownership and both blocks together, by a table.

use serde::Deserialize;

use super::*;
use crate::domain::configuration::PolicyStatus;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Row>,
}

/// What is not given is not set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// Statements of the policy, or "unknown", or "not-there".
    policy: Option<String>,
    /// S3's own verdict.
    status: Option<bool>,
    /// "WHO PERMISSION" of a grant of the bucket's ACL, or "unknown".
    acl: Option<String>,
    /// The same of an object that was sampled.
    object: Option<String>,
    ownership: Option<String>,
    /// Switches of the bucket's block: "all", their names, "unknown" or "not-there".
    block: Option<String>,
    account: Option<String>,
    /// "severity id" of the findings about access, the most severe first.
    findings: Vec<String>,
    /// What an unanswered question could hide at worst; "nothing" by default.
    hides: Option<String>,
}

fn unanswered(call: &str, answer: &str) -> Unanswered {
    Unanswered {
        call: call.to_owned(),
        reason: if answer == "not-there" {
            Reason::NotThere
        } else {
            Reason::Permission(format!("s3:{call}"))
        },
        why: "access was denied".to_owned(),
    }
}

fn stated<T>(call: &str, answer: Option<&str>, read: impl Fn(&str) -> T) -> Stated<T> {
    known(match answer {
        None => Fact::NotSet,
        Some(text @ ("unknown" | "not-there")) => Fact::Unknown(unanswered(call, text)),
        Some(text) => Fact::Set(read(text)),
    })
}

fn switches(text: &str) -> PublicAccess {
    let on = |name: &str| text == "all" || text.split(' ').any(|word| word == name);
    PublicAccess {
        block_public_acls: on("BlockPublicAcls"),
        ignore_public_acls: on("IgnorePublicAcls"),
        block_public_policy: on("BlockPublicPolicy"),
        restrict_public_buckets: on("RestrictPublicBuckets"),
    }
}

fn control(text: &str) -> AccessControl {
    let (who, permission) = text.split_once(' ').unwrap();
    AccessControl {
        owner: Some("me".to_owned()),
        grants: vec![Grant {
            to: match who {
                "AllUsers" => Grantee::AllUsers,
                "AuthenticatedUsers" => Grantee::AuthenticatedUsers,
                "LogDelivery" => Grantee::LogDelivery,
                id => Grantee::Account(id.to_owned()),
            },
            permission: match permission {
                "FULL_CONTROL" => Permission::FullControl,
                "READ" => Permission::Read,
                "WRITE" => Permission::Write,
                "READ_ACP" => Permission::ReadAcp,
                "WRITE_ACP" => Permission::WriteAcp,
                other => panic!("{other}"),
            },
        }],
    }
}

fn configuration(row: &Row) -> Configuration {
    Configuration {
        policy: stated("GetBucketPolicy", row.policy.as_deref(), |statements| {
            Policy::parse(&format!(r#"{{"Statement":[{TLS},{statements}]}}"#)).unwrap()
        }),
        policy_status: known(row.status.map_or(Fact::NotSet, |is_public| {
            Fact::Set(PolicyStatus { is_public })
        })),
        acl: stated("GetBucketAcl", row.acl.as_deref(), control),
        ownership: stated(
            "GetBucketOwnershipControls",
            row.ownership.as_deref(),
            |name| match name {
                "BucketOwnerEnforced" => Ownership::BucketOwnerEnforced,
                "BucketOwnerPreferred" => Ownership::BucketOwnerPreferred,
                other => Ownership::Other(other.to_owned()),
            },
        ),
        public_access: stated("GetPublicAccessBlock", row.block.as_deref(), switches),
        account_block: stated(
            "GetAccountPublicAccessBlock",
            row.account.as_deref(),
            |text| AccountBlock(switches(text)),
        ),
        ..sound()
    }
}

#[test]
fn access_is_judged_by_all_that_decides_it_together() {
    let table: Table = toml::from_str(include_str!("exposure.toml")).unwrap();
    assert!(table.case.len() >= 30);
    let mut wrong = Vec::new();
    for row in &table.case {
        let configuration = configuration(row);
        let objects = row.object.iter().map(|acl| ObjectAcl {
            key: "a".to_owned(),
            acl: control(acl),
        });
        let object_acls: Vec<ObjectAcl> = objects.collect();
        let case = Case {
            object_acls: &object_acls,
            ..case(&configuration)
        };
        let about_access = [
            "public-read",
            "public-list",
            "public-write",
            "public-takeover",
            "public-write-other",
            "public-metadata",
            "public-unless",
            "public-policy-blocked",
            "public-verdict-differs",
            "cross-account-grant",
        ];
        let found: Vec<String> = findings(&case)
            .iter()
            .filter(|finding| about_access.contains(&finding.id))
            .map(|finding| format!("{} {}", finding.severity.as_str(), finding.id))
            .collect();
        if found != row.findings {
            wrong.push(format!(
                "{}: {found:?}, should be {:?}",
                row.name, row.findings
            ));
        }
        let worst = open_questions(&case)
            .iter()
            .flat_map(|question| &question.hides)
            .filter(|(id, _)| about_access.contains(id))
            .map(|(_, severity)| *severity)
            .max();
        let hides = worst.map_or("nothing", Severity::as_str);
        let should = row.hides.as_deref().unwrap_or("nothing");
        if hides != should {
            wrong.push(format!("{}: hides {hides}, should hide {should}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_finding_quotes_the_statement_and_names_s3_s_own_verdict() {
    let configuration = Configuration {
        policy: policy(&[
            r#"{"Sid":"Half","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}}"#,
        ]),
        policy_status: set(PolicyStatus { is_public: true }),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    let found = findings(&case(&configuration));
    let read = found.iter().find(|f| f.id == "public-read").unwrap();
    assert!(
        read.evidence[0].contains(
            "Half: Allow * s3:GetObject on arn:aws:s3:::media/* if IpAddress aws:SourceIp 0.0.0.0/1"
        ),
        "{read:?}"
    );
    assert!(
        read.evidence[1].contains("GetBucketPolicyStatus"),
        "{read:?}"
    );
}

#[test]
fn whoever_a_denial_lets_through_is_named_where_s3_says_public() {
    let office = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let configuration = Configuration {
        policy: policy(&[TLS, READ, office]),
        policy_status: set(PolicyStatus { is_public: true }),
        public_access: known(Fact::NotSet),
        ..sound()
    };
    let found = findings(&case(&configuration));
    assert!(found.iter().all(|f| f.id != "public-read"), "{found:?}");
    let differs = found.iter().find(|f| f.id == "public-verdict-differs");
    let evidence = &differs.unwrap().evidence;
    assert!(
        evidence.iter().any(|line| line.contains("203.0.113.0/24")),
        "{evidence:?}"
    );
}

#[test]
fn where_s3_and_the_statements_differ_both_verdicts_are_named() {
    let office = r#"{"Sid":"Office","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let read = r#"{"Sid":"Read","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}"#;
    for (statements, is_public, ours) in [
        (
            &[TLS, read, office][..],
            true,
            "public by AWS's definition: Read: Allow *",
        ),
        (&[TLS, read], false, "lets anyone in: Read: Allow *"),
    ] {
        let configuration = Configuration {
            policy: policy(statements),
            policy_status: set(PolicyStatus { is_public }),
            public_access: known(Fact::NotSet),
            ..sound()
        };
        let found = findings(&case(&configuration));
        let mut differ = found.iter().filter(|f| f.id == "public-verdict-differs");
        let evidence = &differ.next().unwrap().evidence;
        assert_eq!(
            evidence[0],
            format!("GetBucketPolicyStatus: IsPublic is {is_public}")
        );
        assert!(evidence[1].starts_with(ours), "{evidence:?}");
    }
}
