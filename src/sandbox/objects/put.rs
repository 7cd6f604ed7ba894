//! Writing an object in one request.

use s3s::dto::{Checksum, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::checksums::{Sent, checksum_fields};
use super::conditions::WriteConditions;
use super::draft::said;
use super::incoming::receive;
use super::{encryption, expiration, wire};
use crate::domain::hex::hex;
use crate::sandbox::store::{Backend, Body, Bucket, Content, Moment, Object};

/// Writes an object; a new version where the bucket keeps them.
///
/// # Errors
/// `NoSuchBucket`; `PreconditionFailed`; `BadDigest` and its like; and whatever is wrong with a header.
pub(crate) async fn put_object(
    backend: &Backend,
    req: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let trailers = req.trailing_headers;
    let mut input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    if input.write_offset_bytes.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "Appending is for directory buckets, of which the sandbox has none"
        ));
    }
    let said = said!(input, &req.headers);
    let mut draft = backend
        .store
        .read(&input.bucket, |bucket| said.draft(backend, bucket))?;
    let mut sent = Sent {
        values: checksum_fields!(input),
        content_md5: input.content_md5.take(),
    };
    let received = receive(backend, input.body.take(), input.content_length).await?;
    sent.add_trailers(trailers.as_ref());
    draft.checksums = sent.verify(&received.bytes, &received.md5)?;
    draft.etag = hex(&received.md5).into();
    draft.body = Body::kept(received.bytes);

    let conditions = WriteConditions {
        if_match: input.if_match.take(),
        if_none_match: input.if_none_match.take(),
    };
    let output = answer(&draft);
    let (version_id, expiration) = backend.store.write(&input.bucket, |bucket| {
        conditions.check(bucket, &input.key)?;
        let expiration = expiration::expiration_header(bucket, &input.key, &draft, Moment::now());
        Ok((add(bucket, &input.key, draft), expiration))
    })?;
    Ok(S3Response::new(PutObjectOutput {
        version_id,
        expiration,
        ..output
    }))
}

/// Makes an object the current version of its key; answers the version's id where the bucket tells one.
pub(super) fn add(bucket: &mut Bucket, key: &str, object: Object) -> Option<String> {
    let id = bucket.next_version_id();
    let told = bucket.told_id(&id);
    bucket
        .keys
        .add(key, id, Moment::now(), Content::Object(object.into()));
    told
}

fn answer(object: &Object) -> PutObjectOutput {
    let told = encryption::headers_of(&object.encryption);
    let checksums = object.checksums.as_deref().cloned();
    let Checksum {
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        checksum_type,
    } = checksums.unwrap_or_default();
    PutObjectOutput {
        e_tag: Some(wire::etag(object)),
        server_side_encryption: told.algorithm,
        ssekms_key_id: told.key,
        bucket_key_enabled: told.bucket_key,
        checksum_crc32,
        checksum_crc32c,
        checksum_crc64nvme,
        checksum_sha1,
        checksum_sha256,
        checksum_type,
        ..PutObjectOutput::default()
    }
}
