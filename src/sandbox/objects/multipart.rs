//! Beginning, completing and aborting a multipart upload.

use hyper::HeaderMap;
use hyper::header::HOST;
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Checksum, ChecksumAlgorithm,
    ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
    CreateMultipartUploadInput, CreateMultipartUploadOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::conditions::WriteConditions;
use super::draft::said;
use super::put::add;
use super::{checksums, encryption, wire};
use crate::domain::hex::hex;
use crate::sandbox::store::{Backend, Body, Moment, Object, Part, Upload};

/// The least that a part has unless it is the last, in bytes.
const LEAST_PART: u64 = 5 * 1024 * 1024;

pub(super) fn no_such_upload(id: &str) -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed: {id}"
    )
}

/// Begins an upload.
///
/// # Errors
/// `NoSuchBucket`, and whatever is wrong with a header.
pub(crate) async fn create_multipart_upload(
    backend: &Backend,
    req: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let mut input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let said = said!(input, &req.headers);
    let checksum_type = checksum_type(
        input.checksum_algorithm.as_ref(),
        input.checksum_type.take(),
    )?;
    let (upload_id, told) = backend.store.write(&input.bucket, |bucket| {
        let draft = said.draft(backend, bucket)?;
        let told = encryption::headers_of(&draft.encryption);
        let upload = Upload {
            initiated: Moment::now(),
            draft,
            checksum_algorithm: input.checksum_algorithm.clone(),
            checksum_type: checksum_type.clone(),
            parts: std::collections::BTreeMap::new(),
        };
        Ok((bucket.uploads.begin(&input.key, upload), told))
    })?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(upload_id.into()),
        bucket_key_enabled: told.bucket_key,
        ssekms_key_id: told.key,
        server_side_encryption: told.algorithm,
        checksum_algorithm: input.checksum_algorithm,
        checksum_type,
        ..CreateMultipartUploadOutput::default()
    }))
}

/// What the object's checksum is over, for an algorithm: SHA digests cannot be had of all bytes from those of parts, and
/// CRC-64 only so.
fn checksum_type(
    algorithm: Option<&ChecksumAlgorithm>,
    asked: Option<ChecksumType>,
) -> S3Result<Option<ChecksumType>> {
    let Some(algorithm) = algorithm else {
        return Ok(None);
    };
    let (default, other) = match algorithm.as_str() {
        ChecksumAlgorithm::CRC32 | ChecksumAlgorithm::CRC32C => {
            (ChecksumType::COMPOSITE, Some(ChecksumType::FULL_OBJECT))
        }
        ChecksumAlgorithm::CRC64NVME => (ChecksumType::FULL_OBJECT, None),
        ChecksumAlgorithm::SHA1 | ChecksumAlgorithm::SHA256 => (ChecksumType::COMPOSITE, None),
        unknown => {
            return Err(s3_error!(
                InvalidRequest,
                "Checksum algorithm provided is unsupported: {unknown}"
            ));
        }
    };
    match asked {
        None => Ok(Some(ChecksumType::from_static(default))),
        Some(asked) if asked.as_str() == default || Some(asked.as_str()) == other => {
            Ok(Some(asked))
        }
        Some(asked) => Err(s3_error!(
            InvalidRequest,
            "The {} checksum type cannot be used with the {} checksum algorithm",
            asked.as_str(),
            algorithm.as_str()
        )),
    }
}

/// Makes an object of an upload's parts.
///
/// # Errors
/// `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `MalformedXML`, `PreconditionFailed`.
pub(crate) async fn complete_multipart_upload(
    backend: &Backend,
    req: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let location = location(&req.headers, &req.input.bucket, &req.input.key);
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let named = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .filter(|parts| !parts.is_empty())
        .ok_or_else(|| s3_error!(MalformedXML, "You must specify at least one part"))?;
    let upload = backend.store.read(&input.bucket, |bucket| {
        bucket
            .uploads
            .get(&input.key, &input.upload_id)
            .cloned()
            .ok_or_else(|| no_such_upload(&input.upload_id))
    })?;
    let object = assemble(&upload, &named)?;
    if let Some(size) = input.mpu_object_size
        && u64::try_from(size) != Ok(object.body.length())
    {
        return Err(s3_error!(
            InvalidRequest,
            "The provided x-amz-mp-object-size does not match the size of the parts"
        ));
    }
    let conditions = WriteConditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    let told = encryption::headers_of(&object.encryption);
    let etag = wire::etag(&object);
    let checksums = object.checksums.as_deref().cloned().unwrap_or_default();
    let version_id = backend.store.write(&input.bucket, |bucket| {
        conditions.check(bucket, &input.key)?;
        bucket
            .uploads
            .remove(&input.key, &input.upload_id)
            .ok_or_else(|| no_such_upload(&input.upload_id))?;
        Ok(add(bucket, &input.key, object))
    })?;
    Ok(S3Response::new(CompleteMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        location: Some(location),
        bucket_key_enabled: told.bucket_key,
        ssekms_key_id: told.key,
        server_side_encryption: told.algorithm,
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        checksum_type: checksums.checksum_type,
        e_tag: Some(etag),
        version_id,
        ..CompleteMultipartUploadOutput::default()
    }))
}

/// Puts the named parts together.
fn assemble(upload: &Upload, named: &[CompletedPart]) -> S3Result<Object> {
    let mut parts: Vec<&Part> = Vec::with_capacity(named.len());
    let mut before = 0;
    for one in named {
        let number = one.part_number.unwrap_or_default();
        if number <= before {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order. Parts must be ordered by part number."
            ));
        }
        before = number;
        let part = upload.parts.get(&number).filter(|part| {
            one.e_tag
                .as_ref()
                .is_some_and(|tag| *tag.value() == *hex(&part.digest))
        });
        parts.push(part.ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
                 specified entity tag may not match the part's entity tag: part {number}"
            )
        })?);
    }
    let all_but_last = parts.len() - 1;
    if parts
        .iter()
        .take(all_but_last)
        .any(|part| part.body.length() < LEAST_PART)
    {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size: only the last part may have less than 5 MiB"
        ));
    }
    let mut digest = Md5::new();
    for part in &parts {
        digest.update(part.digest);
    }
    let body = Body::concatenated(parts.iter().map(|part| &part.body));
    Ok(Object {
        etag: format!("{}-{}", hex(&digest.finalize()), parts.len()).into(),
        checksums: checksum(upload, &parts, &body).map(Box::new),
        part_sizes: parts.iter().map(|part| part.body.length()).collect(),
        body,
        ..upload.draft.clone()
    })
}

fn checksum(upload: &Upload, parts: &[&Part], body: &Body) -> Option<Checksum> {
    let algorithm = upload.checksum_algorithm.as_ref()?;
    if upload.checksum_type.as_ref()?.as_str() == ChecksumType::FULL_OBJECT {
        // Of bytes that are made up while they are read there is no checksum: nobody sent one.
        Some(checksums::full_object(algorithm, body.kept_pieces()?))
    } else {
        checksums::composite(
            algorithm,
            parts.iter().map(|part| part.checksums.as_deref()),
        )
    }
}

/// Where the object is, as a URL.
fn location(headers: &HeaderMap, bucket: &str, key: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~')
        .remove(b'/');
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    format!("http://{host}/{bucket}/{}", utf8_percent_encode(key, &KEPT))
}

/// Ends an upload and frees what its parts took.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchUpload`.
pub(crate) async fn abort_multipart_upload(
    backend: &Backend,
    req: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    backend.store.write(&input.bucket, |bucket| {
        bucket
            .uploads
            .remove(&input.key, &input.upload_id)
            .map(drop)
            .ok_or_else(|| no_such_upload(&input.upload_id))
    })?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}
