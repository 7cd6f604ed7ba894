//! HeadObject, for the current object or one version.

use aws_sdk_s3::operation::head_object::{HeadObjectInput, HeadObjectOutput};
use aws_sdk_s3::types::ChecksumMode;

use super::exact_key::{ExactKey, stand_in};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ObjectKey};

/// The version id of objects written without versioning.
const NULL: &str = "null";

/// The object whose headers are requested.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub bucket: &'a BucketName,
    pub key: &'a ObjectKey,
    /// `None` means the current version.
    pub version: Option<&'a str>,
    /// Whether to request the checksum, which takes an additional permission with SSE-KMS.
    pub with_checksum: bool,
}

/// Requests the headers.
///
/// moto answers HEAD with `versionId=null` with 400, although it lists that version and accepts its id elsewhere. In
/// that case the current version is requested, and its response counts only if it is the null version.
pub(super) async fn head_object(
    aws: &Aws,
    asked: Asked<'_>,
    meter: &Meter,
) -> Result<HeadObjectOutput, Problem> {
    let answer = send(aws, &asked, meter).await;
    let Err(problem) = &answer else {
        return answer;
    };
    if asked.version != Some(NULL) || problem.kind != ProblemKind::Invalid {
        return answer;
    }
    let current = Asked {
        version: None,
        ..asked
    };
    match send(aws, &current, meter).await {
        Ok(head) if matches!(head.version_id(), None | Some(NULL)) => Ok(head),
        _ => answer,
    }
}

async fn send(aws: &Aws, asked: &Asked<'_>, meter: &Meter) -> Result<HeadObjectOutput, Problem> {
    let call = Call::on(&operations::HEAD_OBJECT, asked.bucket, asked.key.as_str());
    aws.on_bucket(&call, asked.bucket, |s3| {
        s3.head_object()
            .bucket(asked.bucket.as_str())
            .key(stand_in(asked.key))
            .set_version_id(asked.version.map(str::to_owned))
            .set_checksum_mode(asked.with_checksum.then_some(ChecksumMode::Enabled))
            .customize()
            .interceptor(ExactKey::new(
                asked.key,
                |input: &mut HeadObjectInput, key| {
                    input.key = Some(key);
                },
            ))
            .interceptor(meter.counting())
            .send()
    })
    .await
}
