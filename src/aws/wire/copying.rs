//! Copies an object within its bucket, with everything that a copy can carry over.
//!
//! S3 carries over metadata, content headers and tags by itself. Class, encryption and website redirect must be in the
//! request. ACLs and locks are never carried over.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::copy_object::CopyObjectInput;
use aws_sdk_s3::types::{MetadataDirective, ServerSideEncryption, TaggingDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::exact_key::{ExactKey, stand_in};
use super::object::Head;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, WritePermit, operations};
use crate::domain::{BucketName, ObjectKey, VersionId};

/// The limit of a single copy request in bytes: 5 GiB.
pub(crate) const MOST_BYTES: u64 = 5 << 30;

/// Characters that are not encoded in the header with the source.
pub(super) const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The parameters of a copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copy<'a> {
    /// The bucket of source and target.
    pub bucket: &'a BucketName,
    /// The source.
    pub from: &'a ObjectKey,
    /// The version of the source; `None` for the current one.
    pub version: Option<&'a VersionId>,
    /// Its ETag without quotation marks. Any other object under the key is not copied.
    pub etag: &'a str,
    /// The target.
    pub to: &'a ObjectKey,
    /// The settings of the copy: class, encryption, redirect.
    pub as_stored: &'a Head,
    /// Metadata that replaces the original's; content headers are then taken from `as_stored`.
    pub metadata: Option<&'a BTreeMap<String, String>>,
}

/// Copies an object if the target key is free. If it is not, or if the source has another ETag, the result is a problem
/// of the kind `Changed`.
pub(crate) async fn copy(
    aws: &Aws,
    copy: &Copy<'_>,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Option<VersionId>, Problem> {
    let Copy { bucket, to, .. } = *copy;
    let head = copy.as_stored;
    let call = Call::on(&operations::COPY_OBJECT, bucket, copy.from.as_str());
    let sse = head.encryption.as_ref();
    let key_id = sse.and_then(|sse| sse.key_id.clone());
    let algorithm = sse.map(|sse| ServerSideEncryption::from(sse.algorithm.as_str()));
    // Only meaningful with a KMS key.
    let bucket_key = sse
        .filter(|sse| sse.algorithm.starts_with("aws:kms"))
        .map(|sse| sse.bucket_key);
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            let request = s3
                .copy_object()
                .bucket(bucket.as_str())
                .key(stand_in(to))
                .copy_source(source(copy))
                .copy_source_if_match(format!("\"{}\"", copy.etag))
                .if_none_match("*")
                .tagging_directive(TaggingDirective::Copy)
                .storage_class(head.storage_class.as_str().into())
                .set_server_side_encryption(algorithm.clone())
                .set_ssekms_key_id(key_id.clone())
                .set_bucket_key_enabled(bucket_key)
                .set_website_redirect_location(head.redirect.clone());
            let request = match copy.metadata {
                None => request.metadata_directive(MetadataDirective::Copy),
                Some(metadata) => request
                    .metadata_directive(MetadataDirective::Replace)
                    .set_metadata(Some(metadata.clone().into_iter().collect()))
                    .set_content_type(head.content_type.clone())
                    .set_content_encoding(head.content_encoding.clone())
                    .set_content_disposition(head.content_disposition.clone())
                    .set_content_language(head.content_language.clone())
                    .set_cache_control(head.cache_control.clone()),
            };
            request
                .customize()
                .interceptor(ExactKey::new(to, |input: &mut CopyObjectInput, key| {
                    input.key = Some(key);
                }))
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    Ok(answer.version_id().map(|id| VersionId(id.to_owned())))
}

fn source(copy: &Copy<'_>) -> String {
    let key = utf8_percent_encode(copy.from.as_str(), PLAIN);
    match copy.version {
        None => format!("{}/{key}", copy.bucket),
        Some(id) => {
            let id = utf8_percent_encode(id.as_str(), PLAIN);
            format!("{}/{key}?versionId={id}", copy.bucket)
        }
    }
}
