//! Copying an object, also onto itself to change what is kept beside its bytes.

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, MetadataDirective,
    TaggingDirective,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::conditions::{ReadConditions, WriteConditions};
use super::draft::{Said, said};
use super::encryption::refuse_customer_key;
use super::find::Found;
use super::incoming::MOST_BYTES;
use super::put::add;
use super::{encryption, find};
use crate::domain::hex::hex;
use crate::sandbox::store::{Attributes, Backend, Moment, Object};

/// Where a copy comes from.
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version_id: Option<String>,
}

impl Source {
    /// Reads the header.
    ///
    /// # Errors
    /// `NotImplemented` for the ARN of an access point or of an outpost.
    pub(super) fn of(source: &CopySource) -> S3Result<Self> {
        match source {
            CopySource::Bucket {
                bucket,
                key,
                version_id,
            } => Ok(Self {
                bucket: bucket.to_string(),
                key: key.to_string(),
                version_id: version_id.as_ref().map(ToString::to_string),
            }),
            CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => Err(s3_error!(
                NotImplemented,
                "The sandbox has neither access points nor outposts to copy from"
            )),
        }
    }

    /// The object, if it may be copied.
    ///
    /// # Errors
    /// `NoSuchKey` and its like, `PreconditionFailed`, `InvalidObjectState` for an archived object that is not restored.
    pub(super) fn read(
        &self,
        backend: &Backend,
        conditions: &ReadConditions<'_>,
    ) -> S3Result<Found> {
        let found = backend.store.read(&self.bucket, |bucket| {
            find::object(bucket, &self.key, self.version_id.as_deref())
        })?;
        conditions.check_source(&found)?;
        if found.object.needs_restore(Moment::now()) {
            return Err(s3_error!(
                InvalidObjectState,
                "Operation is not valid for the source object's storage class"
            ));
        }
        Ok(found)
    }
}

/// Copies an object with its metadata and tags, or with other ones. Storage class, encryption, ACL and lock are always
/// the request's.
///
/// # Errors
/// As `get_object` for the source and `put_object` for the target; `InvalidRequest` for a copy onto itself that changes nothing.
pub(crate) async fn copy_object(
    backend: &Backend,
    req: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let conditions = WriteConditions::of_headers(&req.headers)?;
    let mut input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    backend.expect_owner(input.expected_source_bucket_owner.as_ref())?;
    refuse_customer_key(input.copy_source_sse_customer_key.is_some())?;
    let source = Source::of(&input.copy_source)?;
    let replaces_metadata = input
        .metadata_directive
        .as_ref()
        .is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
    let replaces_tags = input
        .tagging_directive
        .as_ref()
        .is_some_and(|directive| directive.as_str() == TaggingDirective::REPLACE);
    let said = said!(input, &req.headers);
    let onto_itself =
        source.bucket == input.bucket && source.key == input.key && source.version_id.is_none();
    if onto_itself && !replaces_metadata && !replaces_tags && changes_nothing(&said) {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let found = source.read(
        backend,
        &ReadConditions {
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        },
    )?;
    if found.object.body.length() > MOST_BYTES {
        return Err(s3_error!(
            InvalidRequest,
            "The specified copy source is larger than the maximum allowable size for a copy source: {MOST_BYTES}"
        ));
    }
    let mut copy = backend
        .store
        .read(&input.bucket, |bucket| said.draft(backend, bucket))?;
    fill(&mut copy, &found.object, replaces_metadata, replaces_tags);
    // S3 copies annotations unless it is asked not to.
    let excludes = req.headers.get("x-amz-object-annotation-directive");
    if excludes.is_none_or(|directive| directive.as_bytes() != b"EXCLUDE") {
        copy.annotations.clone_from(&found.object.annotations);
    }
    let told = encryption::headers_of(&copy.encryption);
    let etag = ETag::Strong(copy.etag.to_string());
    let checksums = copy.checksums.as_deref().cloned().unwrap_or_default();
    let version_id = backend.store.write(&input.bucket, |bucket| {
        conditions.check(bucket, &input.key)?;
        Ok(add(bucket, &input.key, copy))
    })?;
    Ok(S3Response::new(CopyObjectOutput {
        bucket_key_enabled: told.bucket_key,
        copy_object_result: Some(CopyObjectResult {
            checksum_crc32: checksums.checksum_crc32,
            checksum_crc32c: checksums.checksum_crc32c,
            checksum_crc64nvme: checksums.checksum_crc64nvme,
            checksum_sha1: checksums.checksum_sha1,
            checksum_sha256: checksums.checksum_sha256,
            checksum_type: checksums.checksum_type,
            e_tag: Some(etag),
            last_modified: Some(Moment::now().to_timestamp()),
        }),
        copy_source_version_id: found.told_id,
        ssekms_key_id: told.key,
        server_side_encryption: told.algorithm,
        version_id,
        ..CopyObjectOutput::default()
    }))
}

fn changes_nothing(said: &Said) -> bool {
    said.storage_class.is_none()
        && said.attributes.website_redirect.is_none()
        && said.encryption.algorithm.is_none()
        && said.encryption.bucket_key.is_none()
}

/// Puts the source's bytes into the copy, and what the request does not replace.
fn fill(copy: &mut Object, source: &Object, replaces_metadata: bool, replaces_tags: bool) {
    copy.body = source.body.clone();
    copy.checksums.clone_from(&source.checksums);
    // A copy is written in one, so that its entity tag is that of an object that was.
    copy.etag = if source.part_sizes.is_empty() {
        source.etag.clone()
    } else {
        copy.checksums = None;
        hex(&source.body.digest()).into()
    };
    if !replaces_metadata {
        let website_redirect = copy.attributes.website_redirect.take();
        copy.attributes = Attributes {
            website_redirect,
            ..source.attributes.clone()
        };
    }
    if !replaces_tags {
        copy.tags.clone_from(&source.tags);
    }
}
