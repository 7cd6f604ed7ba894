//! Every row of `tests/tables/log-delivery.toml`: whether the log of the bucket `media`, in `us-east-1` and of the account
//! 123456789012, arrives in the bucket `logs` below `media/`.

use serde::Deserialize;

use super::*;
use crate::domain::configuration::{ObjectLocking, Retention};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a cell of the table")]
struct Row {
    name: String,
    /// The section of *Enabling Amazon S3 server access logging* that it comes from.
    source: String,
    /// Statements of the log bucket's policy as JSON; `GUIDE` is the one of the user guide.
    #[serde(default)]
    policy: Vec<String>,
    #[serde(default)]
    is_policy_unknown: bool,
    /// Whether the ACL of the log bucket has the log delivery group.
    #[serde(default)]
    is_granted_by_acl: bool,
    /// Whether no ACL counts all the same.
    #[serde(default)]
    is_owner_enforced: bool,
    #[serde(default = "aes")]
    encryption: String,
    /// `locked`, or days of the default retention.
    #[serde(default)]
    lock: Option<String>,
    #[serde(default)]
    requester_pays: bool,
    #[serde(default = "here")]
    region: String,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    logs_to_itself: bool,
    /// Whether S3 says that there is no log bucket; nothing else is known of it then.
    #[serde(default)]
    is_missing: bool,
    #[serde(default)]
    is_account_unknown: bool,
    findings: Vec<String>,
}

const GUIDE: &str = r#"{"Sid":"S3ServerAccessLogsPolicy","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":["s3:PutObject"],"Resource":"arn:aws:s3:::logs/media/*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::media"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}"#;

fn aes() -> String {
    "AES256".to_owned()
}

fn here() -> String {
    "us-east-1".to_owned()
}

fn acl(owner: &str, grants: Vec<Grant>) -> Stated<AccessControl> {
    set(AccessControl {
        owner: Some(owner.to_owned()),
        grants,
    })
}

fn log_bucket(row: &Row) -> Configuration {
    let statements: Vec<&str> = row
        .policy
        .iter()
        .map(|text| if text == "GUIDE" { GUIDE } else { text })
        .collect();
    let delivery = Grant {
        to: Grantee::LogDelivery,
        permission: Permission::Write,
    };
    let lock = row.lock.as_deref().map(|lock| ObjectLocking {
        default_event_hold: None,
        default_retention: lock.parse().ok().map(|days| Retention {
            mode: "GOVERNANCE".to_owned(),
            days: Some(days),
            years: None,
        }),
    });
    Configuration {
        region: Fact::Set(Region(row.region.clone())),
        policy: if row.is_policy_unknown {
            known(Fact::Unknown(denied()))
        } else if statements.is_empty() {
            known(Fact::NotSet)
        } else {
            policy(&statements)
        },
        encryption: set(Encryption {
            algorithm: row.encryption.clone(),
            key_id: None,
            bucket_key: false,
            blocked: None,
        }),
        object_lock: lock.map_or_else(|| known(Fact::NotSet), set),
        ownership: set(if row.is_granted_by_acl && !row.is_owner_enforced {
            Ownership::BucketOwnerPreferred
        } else {
            Ownership::BucketOwnerEnforced
        }),
        acl: acl(
            row.owner.as_deref().unwrap_or("me"),
            row.is_granted_by_acl
                .then_some(delivery)
                .into_iter()
                .collect(),
        ),
        ..sound()
    }
}

#[test]
fn every_log_of_the_table_arrives_or_it_is_said_why_not() {
    let text = include_str!("../../../../tests/tables/log-delivery.toml");
    let table: Table = toml::from_str(text).unwrap();
    assert!(table.row.len() >= 12, "{} rows", table.row.len());
    let mut wrong = Vec::new();
    for row in &table.row {
        assert!(!row.source.is_empty(), "{}", row.name);
        let to = if row.logs_to_itself { "media" } else { "logs" };
        let configuration = Configuration {
            logging: set(Logging {
                bucket: to.to_owned(),
                prefix: "media/".to_owned(),
                key_format: LogKeyFormat::Simple,
            }),
            acl: acl("me", Vec::new()),
            ..sound()
        };
        let target = LogTarget {
            is_missing: row.is_missing,
            configuration: if row.is_missing {
                Configuration::unknown(BucketName::new("logs").unwrap(), &denied())
            } else {
                log_bucket(row)
            },
            newest: Fact::Set(now()),
            requester_pays: Fact::Set(row.requester_pays),
        };
        let mut found = said(&Case {
            account: (!row.is_account_unknown).then_some(OWN),
            log_target: (!row.logs_to_itself).then_some(&target),
            ..case(&configuration)
        });
        found.retain(|said| said.contains(" log"));
        if found != row.findings {
            wrong.push(format!(
                "{}: {found:?} and not {:?}",
                row.name, row.findings
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
