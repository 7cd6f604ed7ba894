//! Lists incomplete multipart uploads: ListMultipartUploads.

use std::borrow::Cow;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::list_multipart_uploads::{
    ListMultipartUploads, ListMultipartUploadsOutput,
};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;

use super::encoding::Decoder;
use super::list_body::{self, Body, Of, Row, Tap};
use super::listing::{
    ListRequest, class, heeds_start, key, markers, moves_on, next_markers, once, tapped, text,
};
use super::reading::{self, Answer, Listed, What};
use super::time;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, operations};
use crate::domain::{ByteSize, StorageClass, Upload};

/// The position of the next page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadMarker {
    key: String,
    upload_id: Option<String>,
}

/// A request to list uploads.
pub type UploadsRequest = ListRequest<UploadMarker>;

/// One page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UploadsPage {
    /// The common prefixes.
    pub prefixes: Vec<String>,
    /// The uploads, by key and then by age.
    pub uploads: Vec<Upload>,
    /// The position of the next page; `None` on the last page.
    pub next: Option<UploadMarker>,
    /// The number of uploads and prefixes with unknown encoding: the server knows none of the possible keys, or cannot
    /// be asked.
    pub undecided: usize,
}

/// Requests one page, with retries.
pub(crate) async fn page(
    aws: &Aws,
    request: &UploadsRequest,
    meter: &Meter,
) -> Result<UploadsPage, Problem> {
    ask(aws, request, meter, Builder::new()).await
}

/// Requests one page without retries, for a caller that limits and retries its requests itself.
pub(crate) async fn page_once(
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
    let tap = aws.reads_listings().then(|| {
        let empty = || Output::erase(ListMultipartUploadsOutput::builder().build());
        Tap::new(call.operation, empty, || {
            ListMultipartUploads::new().config()
        })
    });
    let answer = aws
        .on_bucket(&call, &request.bucket, |s3| {
            let send = s3
                .list_multipart_uploads()
                .bucket(request.bucket.as_str())
                .set_prefix((!request.prefix.is_empty()).then(|| request.prefix.clone()))
                .set_delimiter(request.delimiter.then(|| "/".to_owned()))
                .set_key_marker(key.clone())
                .set_upload_id_marker(id.clone())
                .set_max_uploads(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize()
                .config_override(overrides.clone())
                .interceptor(meter.counting());
            tapped(send, tap.as_ref()).send()
        })
        .await?;
    let page = if let Some(body) = tap.and_then(|tap| tap.take()) {
        let bytes = body.bytes().unwrap_or_default();
        let body = list_body::read(bytes, Of::Uploads, call.operation.root)
            .map_err(|why| why.problem(aws, &call))?;
        let raw = Answer::of_body((&request.bucket, &request.prefix), Of::Uploads, &body);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = from_body(decided.decoder, &call, body)?;
        UploadsPage {
            undecided: decided.undecided,
            ..page
        }
    } else {
        let raw = sdk_answer(request, &answer);
        let decided = reading::decide(aws, &raw, meter).await;
        let page = decode(decided.decoder, &call, &answer)?;
        UploadsPage {
            undecided: decided.undecided,
            ..page
        }
    };
    moves_on(&call, &request.start, page.next.as_ref())?;
    let first = page.uploads.first().map(|upload| upload.key.as_str());
    heeds_start(&call, &request.start, first, &page.prefixes)?;
    meter.listed(page.uploads.len(), ByteSize(0));
    Ok(page)
}

/// Builds the page from a body.
pub(super) fn from_body(
    decoder: Decoder,
    call: &Call<'_>,
    body: Body<'_>,
) -> Result<UploadsPage, Problem> {
    let next = (body.next.as_deref(), body.next_id.as_deref());
    let next = next_markers(call, decoder, body.is_truncated, next)?;
    let folders = body.folders.iter();
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let rows = body.rows.into_iter();
    Ok(UploadsPage {
        prefixes,
        uploads: rows
            .map(|row| upload(call, decoder, row))
            .collect::<Result<_, _>>()?,
        next: next.map(|(key, upload_id)| UploadMarker { key, upload_id }),
        undecided: 0,
    })
}

fn upload(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Upload, Problem> {
    Ok(Upload {
        key: key(call, decoder, row.key.as_deref())?,
        upload_id: row.id.map(Cow::into_owned).unwrap_or_default(),
        initiated: row.at,
        storage_class: class(row.class),
    })
}

/// The strings of a response that the SDK parsed.
fn sdk_answer<'a>(
    request: &'a UploadsRequest,
    answer: &'a ListMultipartUploadsOutput,
) -> Answer<'a> {
    let folders = answer.common_prefixes().iter();
    let uploads = answer.uploads().iter().filter_map(|upload| {
        Some(Listed {
            raw: upload.key()?,
            what: What::Upload(upload.upload_id().unwrap_or_default()),
        })
    });
    Answer {
        bucket: &request.bucket,
        of: Of::Uploads,
        is_encoded: answer.encoding_type() == Some(&EncodingType::Url),
        prefix: &request.prefix,
        listed: uploads
            .chain(reading::folders(
                folders.filter_map(|folder| folder.prefix()),
            ))
            .collect(),
    }
}

/// Builds the page from a response that the SDK parsed.
pub(super) fn decode(
    decoder: Decoder,
    call: &Call<'_>,
    answer: &ListMultipartUploadsOutput,
) -> Result<UploadsPage, Problem> {
    let folders = answer
        .common_prefixes()
        .iter()
        .filter_map(|folder| folder.prefix());
    let mut uploads = Vec::with_capacity(answer.uploads().len());
    for upload in answer.uploads() {
        uploads.push(Upload {
            key: key(call, decoder, upload.key())?,
            upload_id: upload.upload_id().unwrap_or_default().to_owned(),
            initiated: time(upload.initiated()),
            storage_class: upload
                .storage_class()
                .map_or_else(StorageClass::default, |class| {
                    StorageClass::new(class.as_str())
                }),
        });
    }
    let prefixes = folders
        .map(|folder| text(call, decoder, folder))
        .collect::<Result<_, _>>()?;
    let next = (answer.next_key_marker(), answer.next_upload_id_marker());
    let next = next_markers(call, decoder, answer.is_truncated(), next)?;
    Ok(UploadsPage {
        prefixes,
        uploads,
        next: next.map(|(key, upload_id)| UploadMarker { key, upload_id }),
        undecided: 0,
    })
}
