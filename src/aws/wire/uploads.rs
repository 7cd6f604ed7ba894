//! Multipart uploads that were begun and neither completed nor aborted: ListMultipartUploads.

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
use aws_sdk_s3::types::{EncodingType, MultipartUpload};

use super::encoding::Decoder;
use super::listing::{ListRequest, heeds_start, key, markers, moves_on, once, text, unfinished};
use super::time;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, operations};
use crate::domain::{ByteSize, StorageClass, Upload};

/// Where a page of uploads ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadMarker {
    key: String,
    upload_id: Option<String>,
}

/// What to list the uploads of.
pub type UploadsRequest = ListRequest<UploadMarker>;

/// One page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UploadsPage {
    /// The prefixes that keys were rolled up into.
    pub prefixes: Vec<String>,
    /// The uploads, by key and then by age.
    pub uploads: Vec<Upload>,
    /// Where to go on; `None` on the last page.
    pub next: Option<UploadMarker>,
}

/// Asks for one page, several times when that may help.
pub async fn page(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
) -> Result<UploadsPage, Problem> {
    ask(aws, request, meter, Builder::new()).await
}

/// Asks for one page, once: for a caller that paces and repeats its requests itself.
pub async fn page_once(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
) -> Result<UploadsPage, Problem> {
    ask(aws, request, meter, once()).await
}

async fn ask(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
    overrides: Builder,
) -> Result<UploadsPage, Problem> {
    let call = Call::on(&operations::LIST_UPLOADS, &request.bucket, &request.prefix);
    let (key, id) = markers(&request.start, |marker| {
        (marker.key.as_str(), marker.upload_id.as_deref())
    });
    let answer = aws
        .on_bucket(&call, &request.bucket, |s3| {
            s3.list_multipart_uploads()
                .bucket(request.bucket.as_str())
                .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                .set_delimiter(request.delimiter.then(|| "/".to_owned()))
                .set_key_marker(key.clone())
                .set_upload_id_marker(id.clone())
                .set_max_uploads(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize()
                .config_override(overrides.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let page = decode(aws, &call, &answer)?;
    moves_on(&call, &request.start, page.next.as_ref())?;
    let first = page.uploads.first().map(|upload| upload.key.as_str());
    heeds_start(&call, &request.start, first, &page.prefixes)?;
    meter.listed(page.uploads.len(), ByteSize(0));
    Ok(page)
}

fn decode(
    aws: &Aws,
    call: &Call<'_>,
    answer: &ListMultipartUploadsOutput,
) -> Result<UploadsPage, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let decoder = Decoder::for_answer(
        answer.encoding_type() == Some(&EncodingType::Url),
        answer
            .uploads()
            .iter()
            .filter_map(MultipartUpload::key)
            .chain(folders.clone())
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
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
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
    Ok(UploadsPage {
        prefixes,
        uploads,
        next,
    })
}
