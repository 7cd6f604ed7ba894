//! Multipart uploads that are neither completed nor aborted: ListMultipartUploads.

use std::borrow::Cow;

use aws_sdk_s3::operation::list_multipart_uploads::{
    ListMultipartUploads, ListMultipartUploadsOutput,
};
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;

use super::encoding::Decoder;
use super::list_body::{Body, Of, Row, Tap};
use super::objects::class;
use super::page::{ListRequest, Page, Paged, Sending, key, markers, next_markers};
use crate::aws::explain::Call;
use crate::aws::operations::{self, Operation};
use crate::aws::{Aws, Problem};
use crate::domain::{ByteSize, Upload};

/// The position of the next page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadMarker {
    pub(super) key: String,
    pub(super) upload_id: Option<String>,
}

/// A request to list uploads.
pub type UploadsRequest = ListRequest<UploadMarker>;

/// One page of uploads, by key and then by age.
pub type UploadsPage = Page<Upload, UploadMarker>;

impl Paged for Upload {
    type Next = UploadMarker;
    const OF: Of = Of::Uploads;
    const OPERATION: &'static Operation = &operations::LIST_UPLOADS;

    async fn ask(
        aws: &Aws,
        call: &Call<'_>,
        request: &UploadsRequest,
        sending: &Sending<'_>,
    ) -> Result<(), Problem> {
        let (key, id) = markers(&request.start, |marker| {
            (marker.key.as_str(), marker.upload_id.as_deref())
        });
        let send = |s3: aws_sdk_s3::Client| {
            let call = s3
                .list_multipart_uploads()
                .bucket(request.bucket.as_str())
                .set_prefix(request.prefix_sent())
                .set_delimiter(request.delimiter_sent())
                .set_key_marker(key.clone())
                .set_upload_id_marker(id.clone())
                .set_max_uploads(request.max_keys.map(i32::from))
                .encoding_type(EncodingType::Url)
                .customize();
            sending.prepare(call).send()
        };
        aws.on_bucket(call, &request.bucket, send).await?;
        Ok(())
    }

    fn tap() -> Tap {
        let empty = || Output::erase(ListMultipartUploadsOutput::builder().build());
        Tap::new(Self::OPERATION, empty, || {
            ListMultipartUploads::new().config()
        })
    }

    fn of_row(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Self, Problem> {
        upload(call, decoder, row)
    }

    fn next(
        call: &Call<'_>,
        decoder: Decoder,
        body: &Body<'_>,
    ) -> Result<Option<UploadMarker>, Problem> {
        let next = (body.next.as_deref(), body.next_id.as_deref());
        let next = next_markers(call, decoder, body.is_truncated, next)?;
        Ok(next.map(|(key, upload_id)| UploadMarker { key, upload_id }))
    }

    fn key(&self) -> &str {
        self.key.as_str()
    }

    /// A listing does not tell what its parts hold.
    fn bytes(&self) -> ByteSize {
        ByteSize(0)
    }
}

fn upload(call: &Call<'_>, decoder: Decoder, row: Row<'_>) -> Result<Upload, Problem> {
    Ok(Upload {
        key: key(call, decoder, row.key.as_deref())?,
        upload_id: row.id.map(Cow::into_owned).unwrap_or_default(),
        initiated: row.at,
        storage_class: class(row.class),
    })
}
