//! What takes something away for good: deleting a version, aborting an upload. Each call carries its permit.

use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::{BucketName, ObjectKey, VersionId};

/// Deletes one version of an object, or one delete marker; `null` is the version of a bucket that keeps none. One that
/// is gone already is no failure.
pub async fn delete_version(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: &VersionId,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), Problem> {
    let call = Call::on(&operations::DELETE_OBJECT, bucket, key.as_str());
    let deleted = aws
        .on_bucket(&call, bucket, |s3| {
            s3.delete_object()
                .bucket(bucket.as_str())
                .key(key.as_str())
                .version_id(version.as_str())
                .customize()
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await;
    or_gone(deleted.map(|_| ()))
}

/// Aborts a multipart upload, whose parts then go. One that is gone already is no failure.
pub async fn abort_upload(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), Problem> {
    let call = Call::on(&operations::ABORT_UPLOAD, bucket, key.as_str());
    let aborted = aws
        .on_bucket(&call, bucket, |s3| {
            s3.abort_multipart_upload()
                .bucket(bucket.as_str())
                .key(key.as_str())
                .upload_id(upload_id)
                .customize()
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await;
    or_gone(aborted.map(|_| ()))
}

fn or_gone(outcome: Result<(), Problem>) -> Result<(), Problem> {
    match outcome {
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
