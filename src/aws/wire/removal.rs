//! What takes something away for good: deleting a version, aborting an upload. Each call carries its permit.

use std::collections::HashMap;

use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadInput;
use aws_sdk_s3::operation::delete_object::DeleteObjectInput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::exact_key::{ExactKey, stand_in};
use crate::aws::codes;
use crate::aws::explain::Call;
use crate::aws::scrub::scrub;
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
                .key(stand_in(key))
                .version_id(version.as_str())
                .customize()
                .interceptor(ExactKey::new(key, |input: &mut DeleteObjectInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await;
    or_gone(deleted.map(|_| ()))
}

/// What S3 said of one key of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is deleted, or was not there.
    Deleted,
    /// It is not.
    Failed(Problem),
    /// Nothing was said of it: whether it is there, only a listing can tell.
    InDoubt,
}

/// Whether a key can stand in the XML of a batch and arrive as it is: XML 1.0 has no control characters, and readers
/// trim blanks at the ends and turn line ends into others.
#[must_use]
pub fn fits_in_batch(key: &ObjectKey) -> bool {
    let text = key.as_str();
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().all(is_plain) && text.trim() == text
}

/// Deletes up to 1,000 versions or delete markers of keys that [fit](fits_in_batch). The answers stand in the order of
/// what was asked; there is one for each.
pub async fn delete_batch(
    aws: &Aws,
    bucket: &BucketName,
    versions: &[(ObjectKey, VersionId)],
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Vec<Answered>, Problem> {
    let call = Call::on(&operations::DELETE_OBJECTS, bucket, "");
    let wrong = |why: &dyn std::fmt::Display| {
        call.problem(ProblemKind::Invalid, &why.to_string(), "report it")
    };
    let objects = versions
        .iter()
        .map(|(key, version)| {
            ObjectIdentifier::builder()
                .key(key.as_str())
                .version_id(version.as_str())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| wrong(&why))?;
    let delete = Delete::builder().set_objects(Some(objects)).quiet(false);
    let delete = delete.build().map_err(|why| wrong(&why))?;
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.delete_objects()
                .bucket(bucket.as_str())
                .delete(delete.clone())
                .customize()
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let mut said: HashMap<(&str, &str), Answered> = HashMap::new();
    for deleted in answer.deleted() {
        let key = deleted.key().unwrap_or_default();
        let id = deleted.version_id().unwrap_or("null");
        said.insert((key, id), Answered::Deleted);
    }
    // After the others: where a server says both, it failed.
    for error in answer.errors() {
        let key = error.key().unwrap_or_default();
        let id = error.version_id().unwrap_or("null");
        let (code, message) = (
            error.code().unwrap_or_default(),
            error.message().unwrap_or_default(),
        );
        let problem = of_key(bucket, key, code, message);
        said.insert((key, id), Answered::Failed(problem));
    }
    let answer_to = |(key, id): &(ObjectKey, VersionId)| {
        let answer = said.get(&(key.as_str(), id.as_str()));
        answer.cloned().unwrap_or(Answered::InDoubt)
    };
    Ok(versions.iter().map(answer_to).collect())
}

/// Why one key of a batch was not deleted.
fn of_key(bucket: &BucketName, key: &str, code: &str, message: &str) -> Problem {
    let call = Call::on(&operations::DELETE_OBJECT, bucket, key);
    let (kind, words) = codes::meaning(code, message).map_or((ProblemKind::Other, ""), |meaning| {
        (meaning.kind, meaning.words)
    });
    let words = match (words, message) {
        ("", message) => message.to_owned(),
        (words, "") => words.to_owned(),
        (words, message) => format!("{words} (\"{}\")", message.trim_end_matches('.')),
    };
    let mut problem = call.problem(kind, &words, "");
    problem.code = Some(scrub(code));
    problem.permission = (kind == ProblemKind::Denied).then_some(call.operation.permission);
    problem
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
                .key(stand_in(key))
                .upload_id(upload_id)
                .customize()
                .interceptor(ExactKey::new(
                    key,
                    |input: &mut AbortMultipartUploadInput, key| {
                        input.key = Some(key);
                    },
                ))
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
