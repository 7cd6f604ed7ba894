//! HEAD of an object, or of one version of it.

use aws_sdk_s3::operation::head_object::{HeadObjectInput, HeadObjectOutput};
use aws_sdk_s3::types::ChecksumMode;

use super::exact_key::{ExactKey, stand_in};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ObjectKey};

/// The id of what was written while a bucket kept no versions.
const NULL: &str = "null";

/// Whose headers are asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub bucket: &'a BucketName,
    pub key: &'a ObjectKey,
    /// `None` is the current version.
    pub version: Option<&'a str>,
    /// Whether the checksum is wanted: under SSE-KMS that takes a permission more.
    pub with_checksum: bool,
}

/// Asks for the headers.
///
/// moto answers `versionId=null` with 400 to HEAD, though it lists that version and takes its id everywhere else. There the
/// current version is asked for, whose answer counts only where it is the null version.
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
