//! Parts of an upload: sent, or copied from an object.

use s3s::dto::{
    CopyPartResult, ETag, Range, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::checksums::{Sent, checksum_fields};
use super::conditions::ReadConditions;
use super::copy::Source;
use super::encryption::{self, EncryptionHeaders, refuse_customer_key};
use super::incoming::{MOST_BYTES, receive};
use super::multipart::no_such_upload;
use crate::domain::hex::hex;
use crate::sandbox::store::{Backend, Body, Bucket, Moment, Part};

/// Takes a part in; one that has the same number is replaced.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchUpload`, `InvalidArgument` for a number that is not 1 to 10,000, `BadDigest` and its like.
pub(crate) async fn upload_part(
    backend: &Backend,
    req: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let trailers = req.trailing_headers;
    let mut input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    refuse_customer_key(input.sse_customer_key.is_some())?;
    check_number(input.part_number)?;
    // Before the body is taken in: an upload that is gone needs no bytes.
    backend.store.read(&input.bucket, |bucket| {
        require(bucket, &input.key, &input.upload_id)
    })?;
    let mut sent = Sent {
        values: checksum_fields!(input),
        content_md5: input.content_md5.take(),
    };
    let received = receive(backend, input.body.take(), input.content_length).await?;
    sent.add_trailers(trailers.as_ref());
    let checksums = sent.verify(&received.bytes, &received.md5)?;
    let told_checksums = checksums.as_deref().cloned().unwrap_or_default();
    let part = Part {
        body: Body::kept(received.bytes),
        digest: received.md5,
        modified: Moment::now(),
        checksums,
    };
    let told = put(
        backend,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        part,
    )?;
    Ok(S3Response::new(UploadPartOutput {
        bucket_key_enabled: told.bucket_key,
        checksum_crc32: told_checksums.checksum_crc32,
        checksum_crc32c: told_checksums.checksum_crc32c,
        checksum_crc64nvme: told_checksums.checksum_crc64nvme,
        checksum_sha1: told_checksums.checksum_sha1,
        checksum_sha256: told_checksums.checksum_sha256,
        e_tag: Some(ETag::Strong(hex(&received.md5))),
        ssekms_key_id: told.key,
        server_side_encryption: told.algorithm,
        ..UploadPartOutput::default()
    }))
}

/// Makes a part of an object or of a range of it.
///
/// # Errors
/// As `upload_part` and as reading the source; `InvalidArgument` for a range that the source does not have.
pub(crate) async fn upload_part_copy(
    backend: &Backend,
    req: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    backend.expect_owner(input.expected_source_bucket_owner.as_ref())?;
    refuse_customer_key(
        input.sse_customer_key.is_some() || input.copy_source_sse_customer_key.is_some(),
    )?;
    check_number(input.part_number)?;
    let found = Source::of(&input.copy_source)?.read(
        backend,
        &ReadConditions {
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        },
    )?;
    let length = found.object.body.length();
    let (start, end) = match input.copy_source_range.as_deref() {
        Some(range) => source_range(range, length)?,
        None => (0, length),
    };
    if end - start > MOST_BYTES {
        return Err(s3_error!(
            InvalidRequest,
            "The specified copy source is larger than the maximum allowable size for a copy source: {MOST_BYTES}"
        ));
    }
    let body = found.object.body.slice(start, end);
    let modified = Moment::now();
    let part = Part {
        digest: body.digest(),
        body,
        modified,
        checksums: None,
    };
    let etag = ETag::Strong(hex(&part.digest));
    let told = put(
        backend,
        &input.bucket,
        &input.key,
        &input.upload_id,
        input.part_number,
        part,
    )?;
    Ok(S3Response::new(UploadPartCopyOutput {
        bucket_key_enabled: told.bucket_key,
        copy_part_result: Some(CopyPartResult {
            e_tag: Some(etag),
            last_modified: Some(modified.to_timestamp()),
            ..CopyPartResult::default()
        }),
        copy_source_version_id: found.told_id,
        ssekms_key_id: told.key,
        server_side_encryption: told.algorithm,
        ..UploadPartCopyOutput::default()
    }))
}

/// Reads `bytes=FIRST-LAST`, where both have to lie within the source.
fn source_range(text: &str, length: u64) -> S3Result<(u64, u64)> {
    match Range::parse(text) {
        Ok(Range::Int {
            first,
            last: Some(last),
        }) if last < length => Ok((first, last + 1)),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy, within the {length} bytes of the source: {text}"
        )),
    }
}

fn check_number(number: i32) -> S3Result {
    if (1..=10_000).contains(&number) {
        Ok(())
    } else {
        Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        ))
    }
}

fn require(bucket: &Bucket, key: &str, upload_id: &str) -> S3Result {
    bucket
        .uploads
        .get(key, upload_id)
        .map(|_| ())
        .ok_or_else(|| no_such_upload(upload_id))
}

fn put(
    backend: &Backend,
    bucket: &str,
    key: &str,
    upload_id: &str,
    number: i32,
    part: Part,
) -> S3Result<EncryptionHeaders> {
    backend.store.write(bucket, |bucket| {
        let upload = bucket
            .uploads
            .get_mut(key, upload_id)
            .ok_or_else(|| no_such_upload(upload_id))?;
        upload.parts.insert(number, part);
        Ok(encryption::headers_of(&upload.draft.encryption))
    })
}
