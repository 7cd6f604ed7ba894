//! Whether buckets keep versions: without them nothing can be hidden, only lost.

use std::collections::BTreeSet;

use super::Failure;
use crate::aws::{Aws, Meter, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::advice::Action;
use crate::domain::configuration::VersioningState;

/// Says no where a bucket does not keep versions now. A delete marker would take the place of what is there.
///
/// # Errors
/// [`Failure::Refused`], or the problem that keeps it from being known.
pub(super) async fn require(
    aws: &Aws,
    buckets: BTreeSet<&BucketName>,
    meter: &Meter,
) -> Result<(), Failure> {
    for bucket in buckets {
        let asked = wire::configuration::versioning(aws, bucket, meter).await;
        let state = match asked {
            Ok(answer) => answer.value.map(|set| set.state),
            Err(problem)
                if matches!(
                    problem.kind,
                    ProblemKind::NotConfigured | ProblemKind::NotSupported
                ) =>
            {
                None
            }
            Err(problem) => return Err(problem.into()),
        };
        let why = match state {
            Some(VersioningState::Enabled) => continue,
            Some(_) => "has its versioning suspended",
            None => "keeps no versions",
        };
        return Err(Failure::refused(
            format!("the bucket {bucket} {why}: what is hidden there would be lost"),
            Action::DeleteForGood,
        ));
    }
    Ok(())
}
