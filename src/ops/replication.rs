//! Where buckets are replicated, for everything that judges whose an object is.

use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::ownership::ReplicationPath;

/// The enabled rules of a bucket's replication; none if it is not replicated. One request.
///
/// # Errors
/// The configuration could not be read.
pub(super) async fn paths(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Vec<ReplicationPath>, Problem> {
    let answer = wire::configuration::replication(aws, bucket, meter).await;
    let set = match answer {
        Ok(answer) => answer.value,
        Err(problem) if has_no_replication(&problem) => None,
        Err(problem) => return Err(problem),
    };
    let rules = set.map(|set| set.rules).unwrap_or_default();
    let enabled = rules.iter().filter(|rule| rule.enabled);
    let paths = enabled.filter_map(|rule| {
        Some(ReplicationPath {
            from: bucket.clone(),
            to: BucketName::new(rule.to.as_str()).ok()?,
            prefix: rule.prefix.clone(),
        })
    });
    Ok(paths.collect())
}

/// Servers without replication report it in several ways. They cannot have replicated anything.
fn has_no_replication(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotConfigured | ProblemKind::NotSupported | ProblemKind::Malformed
    )
}
