//! Deletes a version, hides an object behind a delete marker, or aborts an upload. Each call needs a permit.

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadInput;
use aws_sdk_s3::operation::delete_object::DeleteObjectInput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use foldhash::{HashMap, HashMapExt};

use super::exact_key::{ExactKey, stand_in};
use super::page::once;
use crate::aws::codes;
use crate::aws::explain::Call;
use crate::aws::operations::Operation;
use crate::aws::scrub::scrub;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ObjectKey, VersionId};

/// Deletes one version or delete marker; `null` is the version of a bucket without versioning. A missing version is not
/// an error. With an ETag, it is deleted only if the ETag matches, on services that honour the condition; S3 does so
/// for current versions.
pub(crate) async fn delete_version(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: &VersionId,
    etag: Option<&str>,
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
                .set_if_match(etag.map(quoted))
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

/// Adds a delete marker in a versioned bucket, and returns its id if the service does. The request is not retried: a
/// retry would add another marker. For the ETag, see [`delete_version`].
pub(crate) async fn hide(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    etag: Option<&str>,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Option<VersionId>, Problem> {
    let call = Call::on(&operations::HIDE_OBJECT, bucket, key.as_str());
    let hidden = aws
        .on_bucket(&call, bucket, |s3| {
            s3.delete_object()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .set_if_match(etag.map(quoted))
                .customize()
                .config_override(once())
                .interceptor(ExactKey::new(key, |input: &mut DeleteObjectInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(hidden.version_id().map(|id| VersionId(id.to_owned())))
}

/// A key of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub key: ObjectKey,
    /// The required ETag without quotation marks; `None` for any.
    pub etag: Option<String>,
}

/// The result for one key of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Success, or it did not exist.
    Done {
        /// The new delete marker.
        marker: Option<VersionId>,
    },
    Failed(Problem),
    /// The response does not mention it: only a listing can tell whether it exists.
    InDoubt,
}

/// Whether XML can represent a key exactly: XML 1.0 has no control characters, and parsers trim spaces at the ends and
/// change line breaks.
#[must_use]
pub(crate) fn fits_in_batch(key: &ObjectKey) -> bool {
    let text = key.as_str();
    if !text.starts_with(' ') && !text.ends_with(' ') && text.bytes().all(is_printable_ascii) {
        return true;
    }
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().all(is_plain) && text.trim() == text
}

fn is_printable_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Deletes up to 1,000 versions or delete markers whose keys [fit](fits_in_batch). Returns one result for each, in
/// order.
pub(crate) async fn delete_batch(
    aws: &Aws,
    bucket: &BucketName,
    versions: &[(Named, VersionId)],
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Vec<Answered>, Problem> {
    let batch = Batch {
        call: Call::on(&operations::DELETE_OBJECTS, bucket, ""),
        one: &operations::DELETE_OBJECT,
        bucket,
        named: versions
            .iter()
            .map(|(named, id)| (named, Some(id)))
            .collect(),
        overrides: Builder::new(),
    };
    batch.send(aws, permit, meter).await
}

/// Adds delete markers to up to 1,000 objects whose keys [fit](fits_in_batch). Not retried, as [`hide`]; one result for
/// each, as [`delete_batch`].
pub(crate) async fn hide_batch(
    aws: &Aws,
    bucket: &BucketName,
    objects: &[Named],
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Vec<Answered>, Problem> {
    let batch = Batch {
        call: Call::on(&operations::HIDE_OBJECTS, bucket, ""),
        one: &operations::HIDE_OBJECT,
        bucket,
        named: objects.iter().map(|named| (named, None)).collect(),
        overrides: once(),
    };
    batch.send(aws, permit, meter).await
}

/// A request for many keys: all with versions, or all without.
struct Batch<'a> {
    call: Call<'a>,
    /// The operation for a single key.
    one: &'static Operation,
    bucket: &'a BucketName,
    named: Vec<(&'a Named, Option<&'a VersionId>)>,
    overrides: Builder,
}

impl Batch<'_> {
    async fn send(
        self,
        aws: &Aws,
        permit: &WritePermit,
        meter: &Meter,
    ) -> Result<Vec<Answered>, Problem> {
        let delete = self.body()?;
        let bucket = self.bucket;
        let answer = aws
            .on_bucket(&self.call, bucket, |s3| {
                s3.delete_objects()
                    .bucket(bucket.as_str())
                    .delete(delete.clone())
                    .customize()
                    .config_override(self.overrides.clone())
                    .interceptor(permit.clone())
                    .interceptor(meter.counting())
                    .send()
            })
            .await?;
        // A response for a key without a version has the version of the marker, or none.
        let by_version = self.named.iter().any(|(_, id)| id.is_some());
        let mut said: HashMap<(&str, &str), Answered> = HashMap::with_capacity(self.named.len());
        for deleted in answer.deleted() {
            let key = deleted.key().unwrap_or_default();
            let marker = deleted.delete_marker_version_id();
            let marker = marker.map(|id| VersionId(id.to_owned()));
            let place = (key, id_of(deleted.version_id(), by_version));
            said.insert(place, Answered::Done { marker });
        }
        // Errors come last: if a server reports both, it failed.
        for error in answer.errors() {
            let key = error.key().unwrap_or_default();
            let (code, message) = (
                error.code().unwrap_or_default(),
                error.message().unwrap_or_default(),
            );
            let problem = self.of_key(key, code, message);
            let place = (key, id_of(error.version_id(), by_version));
            said.insert(place, Answered::Failed(problem));
        }
        let answer_to = |(named, id): &(&Named, Option<&VersionId>)| {
            let id = id_of(id.map(VersionId::as_str), by_version);
            let answer = said.get(&(named.key.as_str(), id));
            answer.cloned().unwrap_or(Answered::InDoubt)
        };
        Ok(self.named.iter().map(answer_to).collect())
    }

    fn body(&self) -> Result<Delete, Problem> {
        let wrong = |why: &dyn std::fmt::Display| {
            let why = why.to_string();
            self.call
                .failed(ProblemKind::Invalid, &why, advice!("report it"))
        };
        let objects = self.named.iter().map(|(named, id)| {
            ObjectIdentifier::builder()
                .key(named.key.as_str())
                .set_version_id(id.map(|id| id.as_str().to_owned()))
                .set_e_tag(named.etag.as_deref().map(quoted))
                .build()
        });
        let objects = objects.collect::<Result<Vec<_>, _>>();
        let objects = objects.map_err(|why| wrong(&why))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(false);
        delete.build().map_err(|why| wrong(&why))
    }

    /// Why one key was not deleted.
    fn of_key(&self, key: &str, code: &str, message: &str) -> Problem {
        let call = Call::on(self.one, self.bucket, key);
        let (kind, words) = codes::meaning(code, message)
            .map_or((ProblemKind::Other, ""), |meaning| {
                (meaning.kind, meaning.words)
            });
        let words = match (words, message) {
            ("", message) => message.to_owned(),
            (words, "") => words.to_owned(),
            (words, message) => format!("{words} (\"{}\")", message.trim_end_matches('.')),
        };
        let mut problem = call.failed(kind, &words, advice!(""));
        problem.code = Some(scrub(code));
        problem.permission = (kind == ProblemKind::Denied).then_some(call.operation.permission);
        problem
    }
}

fn id_of(id: Option<&str>, by_version: bool) -> &str {
    if by_version { id.unwrap_or("null") } else { "" }
}

/// Whether something was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Took {
    /// The service deleted it.
    It,
    /// The service says that it does not exist.
    Nothing,
}

/// Aborts a multipart upload and deletes its parts. A missing upload is not an error, but is reported.
pub(crate) async fn abort_upload(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Took, Problem> {
    let place = (bucket, key);
    abort(aws, place, upload_id, permit, meter, Builder::new()).await
}

/// The same without retries: after a lost response, a retry would find nothing, and it would be unknown who aborted the
/// upload.
pub(crate) async fn abort_upload_once(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Took, Problem> {
    abort(aws, (bucket, key), upload_id, permit, meter, once()).await
}

async fn abort(
    aws: &Aws,
    (bucket, key): (&BucketName, &ObjectKey),
    upload_id: &str,
    permit: &WritePermit,
    meter: &Meter,
    overrides: Builder,
) -> Result<Took, Problem> {
    let call = Call::on(&operations::ABORT_UPLOAD, bucket, key.as_str());
    let aborted = aws
        .on_bucket(&call, bucket, |s3| {
            s3.abort_multipart_upload()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .upload_id(upload_id)
                .customize()
                .config_override(overrides.clone())
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
    match aborted {
        Ok(_) => Ok(Took::It),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Took::Nothing),
        Err(problem) => Err(problem),
    }
}

/// Puts quotation marks around an ETag, as S3 does.
fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

fn or_gone(outcome: Result<(), Problem>) -> Result<(), Problem> {
    match outcome {
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
