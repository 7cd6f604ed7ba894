//! replication-leaves-copies, replica-missing; and the rules that do not do what they say: replication-kms-not-selected,
//! replication-rules-conflict, replication-setting-ignored, replication-stopped.
//!
//! After the S3 User Guide: *What does Amazon S3 replicate?*, *Replicating encrypted objects*, *Replication configuration file
//! elements* and *Additional considerations*; of priorities and RTC the API reference's `ReplicationRule` and `Destination`.

use std::collections::BTreeMap;

use super::case::{Case, Sample, TargetState};
use super::finding::{Finding, Severity};
use crate::domain::advice::{Action, advice};
use crate::domain::configuration::{ReplicationRule, VersioningState};
use crate::domain::words::{are, counted};

pub(super) fn judge(case: &Case<'_>, found: &mut Vec<Finding>) {
    if let Ok(Some(replication)) = case.configuration.replication.known() {
        let copies: Vec<String> = replication
            .rules
            .iter()
            .filter(|rule| rule.enabled)
            .map(|rule| {
                let markers = if rule.delete_markers {
                    "with"
                } else {
                    "without"
                };
                format!(
                    "{}: copies in {}, {markers} delete markers",
                    rule.id, rule.to
                )
            })
            .collect();
        if !copies.is_empty() {
            found.push(
                case.finding(
                    "replication-leaves-copies",
                    Severity::Info,
                    "Replicas keep what is deleted here by version.",
                )
                .evidence(copies)
                .why("Deletes of versions and lifecycle deletes are never replicated: a purge has to visit each replica.")
                .advise(advice!("name the replicas in the blueprint, so that a purge plans for them")),
            );
        }
    }
    if let Ok(Some(replication)) = case.configuration.replication.known() {
        let rules: Vec<&ReplicationRule> = replication
            .rules
            .iter()
            .filter(|rule| rule.enabled)
            .collect();
        stopped(case, &rules, found);
        kms_not_selected(case, &rules, found);
        conflicts(case, &rules, found);
        ignored(case, &rules, found);
    }
    missing(case, found);
}

/// S3 replicates from and to buckets that keep versions, and stops when either does not.
fn stopped(case: &Case<'_>, rules: &[&ReplicationRule], found: &mut Vec<Finding>) {
    if rules.is_empty() {
        return;
    }
    let mut evidence = Vec::new();
    if let Ok(versioning) = case.configuration.versioning.known()
        && !versioning.is_some_and(|versioning| versioning.state == VersioningState::Enabled)
    {
        evidence.push("this bucket does not keep versions".to_owned());
    }
    for target in case.replica_targets {
        let bucket = &target.bucket;
        evidence.extend(match target.state {
            TargetState::Versioned => None,
            TargetState::NotVersioned => Some(format!("{bucket} does not keep versions")),
            TargetState::Missing => Some(format!("{bucket} does not exist")),
        });
    }
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "replication-stopped",
            Severity::High,
            "A replication rule is enabled and cannot copy anything.",
        )
        .evidence(evidence)
        .why("S3 replicates between buckets that keep versions. New objects are in one bucket alone.")
        .advise(advice!("enable versioning on both buckets, or point the rule to a bucket that exists; then replicate what was missed with S3 Batch Replication")),
    );
}

/// Why they have to be selected.
const SELECTED_ALONE: &str =
    "S3 replicates objects under SSE-KMS and DSSE-KMS only where the rule selects them.";

/// Objects under KMS keys are left out unless a rule selects them.
fn kms_not_selected(case: &Case<'_>, rules: &[&ReplicationRule], found: &mut Vec<Finding>) {
    let leaves_out: Vec<&&ReplicationRule> = rules
        .iter()
        .filter(|rule| !rule.kms_encrypted && !is_decided_by_another(rule, rules))
        .collect();
    if leaves_out.is_empty() {
        return;
    }
    let ids = |rules: &[&&ReplicationRule]| {
        let named: Vec<String> = rules
            .iter()
            .map(|rule| format!("rule {} to {} does not select them", rule.id, rule.to))
            .collect();
        named
    };
    let select = |rules: &[&&ReplicationRule]| Action::SelectKmsObjects {
        bucket: case.bucket().clone(),
        rules: rules.iter().map(|rule| rule.id.clone()).collect(),
    };
    let default = case.configuration.encryption.value();
    if let Some(default) = default.filter(|default| default.is_kms()) {
        let key = default
            .key_id
            .as_deref()
            .unwrap_or("the account's aws/s3 key");
        found.push(
            case.finding(
                "replication-kms-not-selected",
                Severity::High,
                "New objects are encrypted with a KMS key, and replication leaves those out.",
            )
            .evidence(std::iter::once(format!(
                "default encryption: {} with {key}",
                default.algorithm
            )))
            .evidence(ids(&leaves_out))
            .why(SELECTED_ALONE)
            .advise(select(&leaves_out)),
        );
        return;
    }
    let left_out: Vec<&Sample> = case
        .samples
        .iter()
        .filter(|sample| {
            let algorithm = sample.algorithm.as_deref().unwrap_or_default();
            algorithm.starts_with("aws:kms")
                && leaves_out
                    .iter()
                    .any(|rule| rule.tags.is_empty() && sample.key.starts_with(&rule.prefix))
        })
        .collect();
    if left_out.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "replication-kms-not-selected",
            Severity::Medium,
            format!(
                "{} of {} that were looked at {} under KMS keys, and replication leaves those out.",
                left_out.len(),
                counted(case.samples.len(), "object"),
                are(left_out.len())
            ),
        )
        .evidence([few(&left_out)])
        .evidence(ids(&leaves_out))
        .why(SELECTED_ALONE)
        .advise(select(&leaves_out)),
    );
}

fn priority(rule: &ReplicationRule) -> i32 {
    rule.priority.unwrap_or_default()
}

/// Whether a rule of a higher priority decides about everything that this rule takes.
fn is_decided_by_another(rule: &ReplicationRule, rules: &[&ReplicationRule]) -> bool {
    rules
        .iter()
        .any(|other| other.to == rule.to && priority(other) > priority(rule) && other.covers(rule))
}

/// Two rules that copy the same objects to the same bucket: the higher priority decides, and equal ones decide nothing.
fn conflicts(case: &Case<'_>, rules: &[&ReplicationRule], found: &mut Vec<Finding>) {
    let (mut tied, mut idle) = (Vec::new(), Vec::new());
    for (at, one) in rules.iter().enumerate() {
        for other in rules.iter().skip(at + 1) {
            if one.to == other.to && one.overlaps(other) && priority(one) == priority(other) {
                tied.push(format!(
                    "rules {} and {} to {} have priority {}",
                    one.id,
                    other.id,
                    one.to,
                    priority(one)
                ));
            }
        }
        let above = rules.iter().find(|other| {
            other.to == one.to && priority(other) > priority(one) && other.covers(one)
        });
        idle.extend(above.map(|above| {
            format!(
                "rule {} (priority {}) takes everything that rule {} (priority {}) takes, to {}",
                above.id,
                priority(above),
                one.id,
                priority(one),
                one.to
            )
        }));
    }
    if !tied.is_empty() {
        found.push(
            case.finding(
                "replication-rules-conflict",
                Severity::Medium,
                "Replication rules of the same priority take the same objects to the same bucket.",
            )
            .evidence(tied)
            .why("Which of them decides about class, key and delete markers is not defined.")
            .advise(advice!("give each rule a priority of its own")),
        );
    }
    if !idle.is_empty() {
        found.push(
            case.finding(
                "replication-rules-conflict",
                Severity::Low,
                "A replication rule never decides: another of a higher priority takes all its objects.",
            )
            .evidence(idle)
            .why("S3 replicates an object to a bucket by the rule with the highest priority alone.")
            .advise(advice!("give the narrower rule the higher priority, or delete it")),
        );
    }
}

/// Parts of a rule that S3 does not act on.
fn ignored(case: &Case<'_>, rules: &[&ReplicationRule], found: &mut Vec<Finding>) {
    let mut evidence = Vec::new();
    for rule in rules {
        if rule.existing_objects {
            evidence.push(format!(
                "rule {} asks for objects that were there before it (ExistingObjectReplication), which S3 no longer supports",
                rule.id
            ));
        }
        if rule.delete_markers && !rule.tags.is_empty() {
            evidence.push(format!(
                "rule {} asks for delete markers and filters by tag: S3 replicates no delete markers by such a rule",
                rule.id
            ));
        }
        if rule.within_minutes.is_some() && !rule.metrics {
            evidence.push(format!(
                "rule {} asks for Replication Time Control without metrics, which S3 wants together",
                rule.id
            ));
        }
    }
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "replication-setting-ignored",
            Severity::Low,
            "A replication rule asks for something that S3 does not do.",
        )
        .evidence(evidence)
        .why("Whoever reads the rule believes that more is copied than is.")
        .advise(advice!("take the setting out; replicate objects that were there before with S3 Batch Replication")),
    );
}

/// Objects whose replication failed, and those that a replica lacks. Only objects older than a day are looked for.
fn missing(case: &Case<'_>, found: &mut Vec<Finding>) {
    let mut evidence = Vec::new();
    let failed: Vec<&Sample> = case
        .samples
        .iter()
        .filter(|sample| sample.replication.as_deref() == Some("FAILED"))
        .collect();
    if !failed.is_empty() {
        evidence.push(format!(
            "the replication of {} of {} that were looked at is FAILED, among them {}",
            failed.len(),
            counted(case.samples.len(), "object"),
            few(&failed)
        ));
    }
    let mut asked: BTreeMap<&str, (usize, Vec<&Sample>)> = BTreeMap::new();
    for sample in case.samples {
        for replica in &sample.replicas {
            let (all, absent) = asked.entry(replica.bucket.as_str()).or_default();
            *all += 1;
            if !replica.is_there {
                absent.push(sample);
            }
        }
    }
    for (bucket, (all, absent)) in asked {
        if !absent.is_empty() {
            evidence.push(format!(
                "{bucket} lacks {} of {} that were looked for, among them {}",
                absent.len(),
                counted(all, "object"),
                few(&absent)
            ));
        }
    }
    if evidence.is_empty() {
        return;
    }
    found.push(
        case.finding(
            "replica-missing",
            Severity::Medium,
            "Some objects have not reached every replica.",
        )
        .evidence(evidence)
        .why("What was not replicated is lost with this Region, and the lifecycle leaves it alone until it is.")
        .advise(advice!("check the replication role's permissions on the key and on the target, then replicate again with S3 Batch Operations")),
    );
}

/// A few of their keys, with what their replication status says.
fn few(samples: &[&Sample]) -> String {
    let keys: Vec<String> = samples
        .iter()
        .take(3)
        .map(|sample| {
            let status = sample.replication.as_deref().unwrap_or("no status");
            format!("{} ({status})", sample.key)
        })
        .collect();
    keys.join(", ")
}
