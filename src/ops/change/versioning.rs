//! Checks that buckets have versioning enabled. Without it, hiding an object would delete it.

use std::collections::BTreeSet;

use super::Failure;
use crate::aws::{Aws, Meter, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::advice::Action;
use crate::domain::configuration::VersioningState;

/// Refuses if a bucket has no versioning now: a delete marker would replace the object.
///
/// # Errors
/// [`Failure::Refused`], or the error that prevents the check.
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
