//! The annotations of an object: named texts of up to 1 MiB, up to a thousand per object, in addition to its data.
//!
//! The size in a listing does not include them. S3 copies them with the object by default, and deletes them with it
//! (API reference, *`CopyObject`*; AWS News Blog of 16 June 2026).

use aws_sdk_s3::operation::list_object_annotations::ListObjectAnnotationsInput;
use chrono::{DateTime, Utc};

use super::exact_key::{ExactKey, stand_in};
use super::{etag, size, time};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ByteSize, ObjectKey, VersionId};

/// The maximum number of pages: an object has up to a thousand annotations, which fit on one page.
const PAGES: usize = 4;

/// The part of the response that is read if a server may return the object's data instead.
const RANGE: &str = "bytes=0-1048575";

/// One annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// How large it is.
    pub size: ByteSize,
    /// Its ETag without quotation marks.
    pub etag: Option<String>,
    /// When it was written.
    pub last_modified: Option<DateTime<Utc>>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `REPLICA`.
    pub replication: Option<String>,
}

/// Requests all annotations of an object or version: one request for up to a thousand.
///
/// # Errors
/// A [`Problem`], of kind [`ProblemKind::NotSupported`] if the endpoint has no annotations.
pub(crate) async fn all(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    meter: &Meter,
) -> Result<Vec<Annotation>, Problem> {
    let (mut found, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let (more, next) = page(aws, bucket, key, version, token.as_deref(), meter).await?;
        found.extend(more);
        match next {
            Some(next) if token.as_ref() != Some(&next) => token = Some(next),
            _ => return Ok(found),
        }
    }
    let call = Call::on(&operations::LIST_ANNOTATIONS, bucket, key.as_str());
    Err(call.failed(
        ProblemKind::Malformed,
        "the list does not end where S3's does",
        advice!("how many annotations it has stays unknown"),
    ))
}

async fn page(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    version: Option<&VersionId>,
    token: Option<&str>,
    meter: &Meter,
) -> Result<(Vec<Annotation>, Option<String>), Problem> {
    let call = Call::on(&operations::LIST_ANNOTATIONS, bucket, key.as_str());
    // A server that ignores unknown parameters returns the object itself; its start is enough.
    let elsewhere = !aws.is_of_aws();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.list_object_annotations()
                .bucket(bucket.as_str())
                .key(stand_in(key))
                .set_version_id(version.map(|id| id.as_str().to_owned()))
                .set_continuation_token(token.map(str::to_owned))
                .customize()
                .interceptor(ExactKey::new(
                    key,
                    |input: &mut ListObjectAnnotationsInput, key| {
                        input.key = Some(key);
                    },
                ))
                .interceptor(meter.counting())
                .mutate_request(move |request| {
                    if elsewhere {
                        request.headers_mut().insert("range", RANGE);
                    }
                })
                .send()
        })
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(problem) if elsewhere && is_not_understood(&problem) => {
            return Err(call.failed(
                ProblemKind::NotSupported,
                "this endpoint does not have annotations",
                advice!("whether the object has any stays unknown"),
            ));
        }
        Err(problem) => return Err(problem),
    };
    let found = answer.annotations().iter().map(|one| Annotation {
        name: one.annotation_name().to_owned(),
        size: size(Some(one.size())),
        etag: etag(one.e_tag()),
        last_modified: time(Some(one.last_modified())),
        replication: one
            .replication_status()
            .map(|status| status.as_str().to_owned()),
    });
    let next = answer.next_continuation_token();
    let next = next.filter(|token| !token.is_empty()).map(str::to_owned);
    Ok((found.collect(), next))
}

/// Whether a server other than AWS answered a different request.
fn is_not_understood(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotSupported | ProblemKind::Malformed | ProblemKind::Invalid
    )
}
