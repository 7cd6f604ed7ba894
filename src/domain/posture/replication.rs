//! replication-leaves-copies, replica-missing.

use std::collections::BTreeMap;

use super::case::{Case, Sample};
use super::finding::{Finding, Severity};

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
                .fix("name the replicas in the blueprint, so that a purge plans for them"),
            );
        }
    }
    missing(case, found);
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
            "the replication of {} of {} objects that were looked at is FAILED, among them {}",
            failed.len(),
            case.samples.len(),
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
                "{bucket} lacks {} of {all} objects that were looked for, among them {}",
                absent.len(),
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
        .fix("check the replication role's permissions on the key and on the target, then replicate again with S3 Batch Operations"),
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
