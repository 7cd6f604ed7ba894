//! The parts of one multipart upload: `ListParts`. They are stored, and paid for, although no object is there.

use super::exact_key::{ExactKey, stand_in};
use super::size;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ByteSize, ObjectKey};
use aws_sdk_s3::operation::list_parts::{ListPartsInput, ListPartsOutput};

/// Pages of parts at most: an upload has 10,000 parts at most, and a page 1,000.
const MOST_PAGES: usize = 16;

/// Whether the server knows an upload by exactly this key and id.
pub(super) async fn is_known(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    meter: &Meter,
) -> Result<bool, Problem> {
    match page(aws, (bucket, key, upload_id), None, Some(1), meter).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// How much the parts of an upload hold together. `None` where the server knows no such upload: it was completed or
/// aborted, or has another key than this one. Of an upload that is still listed that is no proof that it is gone.
pub async fn stored(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    upload_id: &str,
    meter: &Meter,
) -> Result<Option<ByteSize>, Problem> {
    let mut marker: Option<String> = None;
    let mut total = ByteSize(0);
    for _ in 0..MOST_PAGES {
        let upload = (bucket, key, upload_id);
        let answer = match page(aws, upload, marker.clone(), None, meter).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(None),
            answer => answer?,
        };
        total = answer
            .parts()
            .iter()
            .fold(total, |total, part| total + size(part.size()));
        let next = answer.next_part_number_marker().map(str::to_owned);
        if !answer.is_truncated().unwrap_or(false) || next == marker {
            return Ok(Some(total));
        }
        marker = next;
    }
    Ok(Some(total))
}

/// One page of parts, at most so many.
async fn page(
    aws: &Aws,
    (bucket, key, upload_id): (&BucketName, &ObjectKey, &str),
    marker: Option<String>,
    at_most: Option<i32>,
    meter: &Meter,
) -> Result<ListPartsOutput, Problem> {
    let call = Call::on(&operations::LIST_PARTS, bucket, key.as_str());
    aws.on_bucket(&call, bucket, |s3| {
        s3.list_parts()
            .bucket(bucket.as_str())
            .key(stand_in(key))
            .upload_id(upload_id)
            .set_part_number_marker(marker.clone())
            .set_max_parts(at_most)
            .customize()
            .interceptor(ExactKey::new(key, |input: &mut ListPartsInput, key| {
                input.key = Some(key);
            }))
            .interceptor(meter.counting())
            .send()
    })
    .await
}
