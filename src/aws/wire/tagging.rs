//! Writes tags of objects. All tags are always replaced, and S3 supports no condition for this.

use aws_sdk_s3::operation::delete_object_tagging::DeleteObjectTaggingInput;
use aws_sdk_s3::operation::put_object_tagging::PutObjectTaggingInput;
use aws_sdk_s3::types::{Tag, Tagging};

use super::exact_key::{ExactKey, stand_in};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ObjectKey, VersionId};

/// Replaces the tags of an object or version; an empty list removes them.
pub(crate) async fn write(
    aws: &Aws,
    (bucket, key, version): (&BucketName, &ObjectKey, Option<&VersionId>),
    tags: &[(String, String)],
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), Problem> {
    if tags.is_empty() {
        return take_away(aws, (bucket, key, version), permit, meter).await;
    }
    let call = Call::on(&operations::PUT_OBJECT_TAGGING, bucket, key.as_str());
    let wrong = |why: &dyn std::fmt::Display| {
        call.failed(ProblemKind::Invalid, &why.to_string(), advice!("report it"))
    };
    let tags = tags
        .iter()
        .map(|(name, value)| Tag::builder().key(name).value(value).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| wrong(&why))?;
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build();
    let tagging = tagging.map_err(|why| wrong(&why))?;
    aws.on_bucket(&call, bucket, |s3| {
        s3.put_object_tagging()
            .bucket(bucket.as_str())
            .key(stand_in(key))
            .set_version_id(version.map(|id| id.as_str().to_owned()))
            .tagging(tagging.clone())
            .customize()
            .interceptor(ExactKey::new(
                key,
                |input: &mut PutObjectTaggingInput, key| input.key = Some(key),
            ))
            .interceptor(permit.clone())
            .interceptor(meter.counting())
            .send()
    })
    .await
    .map(|_| ())
}

/// S3 does not always accept an empty set of tags, so the tags are deleted instead.
async fn take_away(
    aws: &Aws,
    (bucket, key, version): (&BucketName, &ObjectKey, Option<&VersionId>),
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), Problem> {
    let call = Call::on(&operations::DELETE_OBJECT_TAGGING, bucket, key.as_str());
    aws.on_bucket(&call, bucket, |s3| {
        s3.delete_object_tagging()
            .bucket(bucket.as_str())
            .key(stand_in(key))
            .set_version_id(version.map(|id| id.as_str().to_owned()))
            .customize()
            .interceptor(ExactKey::new(
                key,
                |input: &mut DeleteObjectTaggingInput, key| input.key = Some(key),
            ))
            .interceptor(permit.clone())
            .interceptor(meter.counting())
            .send()
    })
    .await
    .map(|_| ())
}
