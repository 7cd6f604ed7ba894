//! Every row of `tests/tables/replication.toml`: whether the rules of the bucket `media` do what they say.

use serde::Deserialize;

use super::*;
use crate::domain::configuration::{Replication, ReplicationRule};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// The page of the S3 user guide or of the API reference that it comes from.
    source: String,
    /// The bucket's default encryption.
    #[serde(default = "aes")]
    encryption: String,
    #[serde(default)]
    is_encryption_unknown: bool,
    /// Encryption of objects that were looked at, by key.
    #[serde(default)]
    samples: Vec<(String, String)>,
    /// Whether the bucket keeps versions: `enabled`, `suspended`, `off` or `unknown`.
    #[serde(default = "enabled")]
    versioning: String,
    /// `versioned`, `not-versioned` or `missing`, by bucket; none where nobody could ask.
    #[serde(default)]
    targets: Vec<(String, String)>,
    rules: Vec<RuleCell>,
    findings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a cell of the table")]
struct RuleCell {
    id: String,
    #[serde(default = "replica")]
    to: String,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    tags: Vec<(String, String)>,
    priority: Option<i32>,
    #[serde(default)]
    is_disabled: bool,
    #[serde(default)]
    kms: bool,
    #[serde(default)]
    markers: bool,
    #[serde(default)]
    existing: bool,
    rtc: Option<u32>,
    #[serde(default)]
    metrics: bool,
}

fn aes() -> String {
    "AES256".to_owned()
}

fn enabled() -> String {
    "enabled".to_owned()
}

fn replica() -> String {
    "replica".to_owned()
}

fn rule(cell: &RuleCell) -> ReplicationRule {
    ReplicationRule {
        id: cell.id.clone(),
        enabled: !cell.is_disabled,
        prefix: cell.prefix.clone(),
        tags: cell.tags.clone(),
        to: cell.to.clone(),
        class: None,
        delete_markers: cell.markers,
        kms_encrypted: cell.kms,
        priority: cell.priority,
        within_minutes: cell.rtc,
        metrics: cell.metrics,
        late_after_minutes: None,
        existing_objects: cell.existing,
        replica_modifications: false,
        replica_key: None,
        account: None,
        replica_owner: None,
    }
}

fn configuration(row: &Row) -> Configuration {
    let versioning = |state| {
        set(Versioning {
            state,
            mfa_delete: false,
        })
    };
    Configuration {
        replication: set(Replication {
            role: "role".to_owned(),
            rules: row.rules.iter().map(rule).collect(),
        }),
        encryption: if row.is_encryption_unknown {
            known(Fact::Unknown(denied()))
        } else {
            set(Encryption {
                algorithm: row.encryption.clone(),
                key_id: None,
                bucket_key: false,
                blocked: None,
            })
        },
        versioning: match row.versioning.as_str() {
            "enabled" => versioning(VersioningState::Enabled),
            "suspended" => versioning(VersioningState::Suspended),
            "off" => known(Fact::NotSet),
            "unknown" => known(Fact::Unknown(denied())),
            other => panic!("{other}"),
        },
        ..sound()
    }
}

#[test]
fn every_rule_of_the_table_copies_or_it_is_said_what_it_leaves_out() {
    let text = include_str!("../../../../tests/tables/replication.toml");
    let table: Table = toml::from_str(text).unwrap();
    let mut wrong = Vec::new();
    for row in &table.row {
        assert!(!row.source.is_empty(), "{}", row.name);
        let configuration = configuration(row);
        let samples: Vec<Sample> = row
            .samples
            .iter()
            .map(|(key, algorithm)| sample(key, Some(algorithm), Some("key")))
            .collect();
        let targets: Vec<ReplicaTarget> = row
            .targets
            .iter()
            .map(|(bucket, state)| ReplicaTarget {
                bucket: BucketName::new(bucket.as_str()).unwrap(),
                state: match state.as_str() {
                    "versioned" => TargetState::Versioned,
                    "not-versioned" => TargetState::NotVersioned,
                    "missing" => TargetState::Missing,
                    other => panic!("{other}"),
                },
            })
            .collect();
        let mut found = said(&Case {
            samples: &samples,
            replica_targets: &targets,
            ..case(&configuration)
        });
        found.retain(|one| one.contains("replication-") && !one.contains("leaves-copies"));
        if found != row.findings {
            wrong.push(format!("{}: {found:?} for {:?}", row.name, row.findings));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(table.row.len() >= 20, "{} rows", table.row.len());
}
