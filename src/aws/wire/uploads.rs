//! Multipart uploads that were begun and neither completed nor aborted: ListMultipartUploads.

use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
use aws_sdk_s3::types::{EncodingType, MultipartUpload};

use super::encoding::Decoder;
use super::listing::{key, text, unfinished};
use super::time;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::{BucketName, ByteSize, StorageClass, Upload};

/// Where a page of uploads ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMarker {
    key: String,
    upload_id: Option<String>,
}

/// What to list the uploads of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadsRequest {
    /// In which bucket.
    pub bucket: BucketName,
    /// Only keys that begin with this; empty for all.
    pub prefix: String,
    /// Where a page before it ended; `None` to begin.
    pub start: Option<UploadMarker>,
}

/// One page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UploadsPage {
    /// The uploads, by key and then by age.
    pub uploads: Vec<Upload>,
    /// Where to go on; `None` on the last page.
    pub next: Option<UploadMarker>,
}

/// Asks for one page.
pub async fn page(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
) -> Result<UploadsPage, Problem> {
    let call = Call::on(&operations::LIST_UPLOADS, &request.bucket, &request.prefix);
    let start = request.start.as_ref();
    let answer = aws
        .on_bucket(&call, &request.bucket, |s3| {
            s3.list_multipart_uploads()
                .bucket(request.bucket.as_str())
                .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                .set_key_marker(start.map(|marker| marker.key.clone()))
                .set_upload_id_marker(start.and_then(|marker| marker.upload_id.clone()))
                .encoding_type(EncodingType::Url)
                .customize()
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let page = decode(aws, &call, &answer)?;
    if page.next.is_some() && page.next == request.start {
        return Err(call.problem(
            ProblemKind::Malformed,
            "the server gave the same marker twice: the listing would never end",
            "the listing is incomplete; list a longer prefix instead",
        ));
    }
    meter.listed(page.uploads.len(), ByteSize(0));
    Ok(page)
}

fn decode(
    aws: &Aws,
    call: &Call<'_>,
    answer: &ListMultipartUploadsOutput,
) -> Result<UploadsPage, Problem> {
    let decoder = Decoder::for_answer(
        answer.encoding_type() == Some(&EncodingType::Url),
        answer
            .uploads()
            .iter()
            .filter_map(MultipartUpload::key)
            .chain(answer.prefix()),
        aws.plus_sign(),
    );
    let mut uploads = Vec::with_capacity(answer.uploads().len());
    for upload in answer.uploads() {
        uploads.push(Upload {
            key: key(call, decoder, upload.key())?,
            upload_id: upload.upload_id().unwrap_or_default().to_owned(),
            initiated: time(upload.initiated()),
            storage_class: upload
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass(class.as_str().to_owned())
                }),
        });
    }
    let next = if answer.is_truncated().unwrap_or(false) {
        let Some(marker) = answer.next_key_marker().filter(|key| !key.is_empty()) else {
            return Err(unfinished(call));
        };
        Some(UploadMarker {
            key: text(call, decoder, marker)?,
            upload_id: answer
                .next_upload_id_marker()
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
        })
    } else {
        None
    };
    Ok(UploadsPage { uploads, next })
}
