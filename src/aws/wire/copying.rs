//! Copies an object within its bucket, with everything that a copy can carry.
//!
//! S3 carries metadata, content headers and tags over by itself. Class, encryption and the redirect it does not: a copy
//! is stored as the request says. ACLs and locks are not carried at all.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::copy_object::CopyObjectInput;
use aws_sdk_s3::types::{MetadataDirective, ServerSideEncryption, TaggingDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::exact_key::{ExactKey, stand_in};
use super::object::Head;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, WritePermit, operations};
use crate::domain::{BucketName, ObjectKey, VersionId};

/// The largest object that one request copies, in bytes: 5 GiB.
pub(crate) const MOST_BYTES: u64 = 5 << 30;

/// What stands as it is in the header that names the source.
pub(super) const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// A copy to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copy<'a> {
    /// The bucket of both.
    pub bucket: &'a BucketName,
    /// What is copied.
    pub from: &'a ObjectKey,
    /// Which version of it; `None` for what is current.
    pub version: Option<&'a VersionId>,
    /// Its entity tag without quotes. Anything else under that name is not copied.
    pub etag: &'a str,
    /// Where to.
    pub to: &'a ObjectKey,
    /// What it is stored as: class, encryption, redirect.
    pub as_stored: &'a Head,
    /// The metadata that the copy gets instead of those that it has; content headers are then taken from `as_stored`.
    pub metadata: Option<&'a BTreeMap<String, String>>,
}

/// Copies, where nothing is under the target's key. Something that is there already, or a source that has another entity
/// tag, is a problem of the kind `Changed`.
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
    // Means something under a KMS key alone.
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
