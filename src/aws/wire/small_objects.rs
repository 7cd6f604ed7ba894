//! Writes and reads s3warden's own small objects: the test object of a change, and the copy of a receipt.

use aws_sdk_s3::operation::get_object::GetObjectInput;
use aws_sdk_s3::operation::put_object::PutObjectInput;
use aws_sdk_s3::primitives::ByteStream;

use super::etag;
use super::exact_key::{ExactKey, stand_in};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ObjectKey, VersionId};

/// The result of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The ETag without quotation marks.
    pub etag: Option<String>,
    /// The version id; `None` in a bucket without versioning.
    pub version_id: Option<VersionId>,
}

/// Writes an object if the key is free. An existing object is not changed, and the result is a problem of the kind
/// [`ProblemKind::Changed`], on services that honour the condition. After a lost response, the SDK's retry may find the
/// object that it wrote itself.
pub(crate) async fn write(
    aws: &Aws,
    (bucket, key): (&BucketName, &ObjectKey),
    content_type: &str,
    body: &[u8],
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Written, Problem> {
    let call = Call::on(&operations::PUT_OBJECT, bucket, key.as_str());
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.put_object()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .content_type(content_type)
                .if_none_match("*")
                .body(ByteStream::from(body.to_vec()))
                .customize()
                .interceptor(ExactKey::new(key, |input: &mut PutObjectInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(Written {
        etag: etag(answer.e_tag()),
        version_id: answer.version_id().map(|id| VersionId(id.to_owned())),
    })
}

/// Reads an object.
pub(crate) async fn read(
    aws: &Aws,
    (bucket, key): (&BucketName, &ObjectKey),
    meter: &Meter,
) -> Result<Vec<u8>, Problem> {
    let call = Call::on(&operations::GET_OBJECT, bucket, key.as_str());
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_object()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .customize()
                .interceptor(ExactKey::new(key, |input: &mut GetObjectInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let body = answer.body.collect().await.map_err(|why| {
        let words = format!("its body broke off: {why}");
        call.failed(ProblemKind::Network, &words, advice!("try again"))
    })?;
    Ok(body.into_bytes().to_vec())
}
