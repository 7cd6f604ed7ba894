//! replication-leaves-copies, replica-missing.

use super::case::Case;
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
    let failed: Vec<&str> = case
        .samples
        .iter()
        .filter(|sample| sample.replication.as_deref() == Some("FAILED"))
        .map(|sample| sample.key.as_str())
        .collect();
    if !failed.is_empty() {
        found.push(
            case.finding(
                "replica-missing",
                Severity::Medium,
                format!(
                    "Replication failed for {} of {} objects that were looked at.",
                    failed.len(),
                    case.samples.len()
                ),
            )
            .evidence(failed.into_iter().take(3).map(str::to_owned))
            .why("The replica lacks them, and the lifecycle leaves them alone until they are replicated.")
            .fix("check the replication role's permissions on the key and on the target, then replicate again with S3 Batch Operations"),
        );
    }
}
