//! Reading an object, or what is kept beside its bytes.

use hyper::StatusCode;
use s3s::dto::{
    Checksum, ChecksumMode, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput,
    ObjectLockMode, Range, ReplicationStatus, Timestamp,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::conditions::ReadConditions;
use super::encryption::refuse_customer_key;
use super::find::Found;
use super::{encryption, event_hold, expiration, find, lock, wire};
use crate::sandbox::store::{Backend, Moment, Object};

/// Sends the bytes of an object, or some of them.
///
/// # Errors
/// `NoSuchKey` and its like, `PreconditionFailed`, `NotModified`, `InvalidRange`, and `InvalidObjectState` for an archived object
/// that is not restored.
pub(crate) async fn get_object(
    backend: &Backend,
    req: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    refuse_customer_key(
        input.sse_customer_key.is_some() || input.sse_customer_algorithm.is_some(),
    )?;
    let (found, expiration) = look(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    ReadConditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&found)?;
    let now = Moment::now();
    if found.object.needs_restore(now) {
        return Err(s3_error!(
            InvalidObjectState,
            "The operation is not valid for the object's storage class: {} has to be restored first",
            found.object.class()
        ));
    }
    let part = Part::choose(&found.object, input.range.as_ref(), input.part_number)?;
    let told = Told::of(&found, &part, input.checksum_mode.as_ref(), now);
    let object = &found.object;
    let mut response = S3Response::new(GetObjectOutput {
        body: Some(object.body.slice(part.start, part.end).into_stream()),
        tag_count: i32::try_from(object.tags.len())
            .ok()
            .filter(|count| *count > 0),
        expiration,
        ..told.into_get(object)
    });
    event_hold::tell(object, &mut response.headers);
    Ok(response)
}

/// Tells what GET would tell, without the bytes; of an archived object, too.
///
/// # Errors
/// As [`get_object`], but for the archived object. Answers to HEAD have no body, so that a client sees the status alone.
pub(crate) async fn head_object(
    backend: &Backend,
    req: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    refuse_customer_key(
        input.sse_customer_key.is_some() || input.sse_customer_algorithm.is_some(),
    )?;
    let (found, expiration) = look(
        backend,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    ReadConditions {
        if_match: input.if_match.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
    }
    .check(&found)?;
    let part = Part::choose(&found.object, input.range.as_ref(), input.part_number)?;
    let told = Told::of(&found, &part, input.checksum_mode.as_ref(), Moment::now());
    let partial = told.content_range.is_some();
    let mut output = told.into_head(&found.object);
    output.expiration = expiration;
    output.cache_control = input.response_cache_control.or(output.cache_control);
    output.content_disposition = input
        .response_content_disposition
        .or(output.content_disposition);
    output.content_encoding = input.response_content_encoding.or(output.content_encoding);
    output.content_language = input.response_content_language.or(output.content_language);
    output.content_type = input.response_content_type.or(output.content_type);
    output.expires = input.response_expires.or(output.expires);
    let mut response = if partial {
        wire::with_status(output, StatusCode::PARTIAL_CONTENT)
    } else {
        S3Response::new(output)
    };
    event_hold::tell(&found.object, &mut response.headers);
    Ok(response)
}

/// The version that is asked for, and what becomes of it when it is the current one.
fn look(
    backend: &Backend,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> S3Result<(Found, Option<String>)> {
    backend.store.read(bucket, |bucket| {
        let found = find::object(bucket, key, version)?;
        let expiration = version
            .is_none()
            .then(|| expiration::expiration_header(bucket, key, &found.object, found.modified))
            .flatten();
        Ok((found, expiration))
    })
}

/// Which bytes a request wants: `start..end` of the body.
struct Part {
    start: u64,
    end: u64,
    whole: bool,
    /// Of how many parts it is one, when it was asked for by number.
    parts: Option<i32>,
}

impl Part {
    fn choose(object: &Object, range: Option<&Range>, number: Option<i32>) -> S3Result<Self> {
        let length = object.body.length();
        let everything = Self {
            start: 0,
            end: length,
            whole: true,
            parts: None,
        };
        match (range, number) {
            (None, None) => Ok(everything),
            (Some(_), Some(_)) => Err(s3_error!(
                InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            )),
            (Some(range), None) => {
                let bytes = range.check(length)?;
                Ok(Self {
                    start: bytes.start,
                    end: bytes.end,
                    whole: false,
                    parts: None,
                })
            }
            (None, Some(number)) => Self::numbered(object, number),
        }
    }

    fn numbered(object: &Object, number: i32) -> S3Result<Self> {
        let sizes = match object.part_sizes.as_slice() {
            [] => &[object.body.length()][..],
            sizes => sizes,
        };
        let index = number
            .checked_sub(1)
            .and_then(|index| usize::try_from(index).ok());
        let Some((index, size)) = index.and_then(|index| Some((index, *sizes.get(index)?))) else {
            let mut error = S3Error::with_message(
                S3ErrorCode::Custom("InvalidPartNumber".into()),
                "The requested partnumber is not satisfiable",
            );
            error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
            return Err(error);
        };
        let start: u64 = sizes.iter().take(index).sum();
        Ok(Self {
            start,
            end: start + size,
            whole: false,
            parts: (!object.part_sizes.is_empty())
                .then(|| i32::try_from(sizes.len()).ok())
                .flatten(),
        })
    }
}

/// What GET and HEAD both tell and has to be worked out.
struct Told {
    length: Option<i64>,
    content_range: Option<String>,
    parts_count: Option<i32>,
    checksums: Checksum,
    restore: Option<String>,
    encryption: encryption::EncryptionHeaders,
    modified: Timestamp,
    version_id: Option<String>,
    retention: Option<(ObjectLockMode, Timestamp)>,
}

impl Told {
    fn of(found: &Found, part: &Part, mode: Option<&ChecksumMode>, now: Moment) -> Self {
        let object = &found.object;
        let wants_checksums = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let checksums = object
            .checksums
            .as_deref()
            .filter(|_| wants_checksums && part.whole);
        let length = object.body.length();
        Self {
            length: i64::try_from(part.end - part.start).ok(),
            // An empty part of an empty object has no last byte to name.
            content_range: (!part.whole && part.end > part.start)
                .then(|| format!("bytes {}-{}/{length}", part.start, part.end - 1)),
            parts_count: part.parts,
            checksums: checksums.cloned().unwrap_or_default(),
            restore: object
                .restored_until
                .filter(|until| *until > now)
                .map(|until| {
                    format!(
                        "ongoing-request=\"false\", expiry-date=\"{}\"",
                        until.to_http_date()
                    )
                }),
            encryption: encryption::headers_of(&object.encryption),
            modified: found.modified.to_timestamp(),
            version_id: found.told_id.clone(),
            retention: object.lock.retention.map(|retention| {
                (
                    ObjectLockMode::from_static(lock::mode_name(retention.mode)),
                    retention.end(now).to_timestamp(),
                )
            }),
        }
    }
}

/// Writes an answer: GET's and HEAD's have the same fields by the same names, but are two types.
macro_rules! answer {
    ($output:ident, $told:ident, $object:ident) => {{
        let (lock_mode, lock_until) = $told.retention.unzip();
        let attributes = $object.attributes.clone();
        $output {
            accept_ranges: Some("bytes".to_owned()),
            bucket_key_enabled: $told.encryption.bucket_key,
            cache_control: attributes.cache_control,
            checksum_crc32: $told.checksums.checksum_crc32,
            checksum_crc32c: $told.checksums.checksum_crc32c,
            checksum_crc64nvme: $told.checksums.checksum_crc64nvme,
            checksum_sha1: $told.checksums.checksum_sha1,
            checksum_sha256: $told.checksums.checksum_sha256,
            checksum_type: $told.checksums.checksum_type,
            content_disposition: attributes.content_disposition,
            content_encoding: attributes.content_encoding,
            content_language: attributes.content_language,
            content_length: $told.length,
            content_range: $told.content_range,
            content_type: Some(
                attributes
                    .content_type
                    .unwrap_or_else(|| "binary/octet-stream".to_owned()),
            ),
            e_tag: Some(wire::etag($object)),
            expires: attributes.expires,
            last_modified: Some($told.modified),
            metadata: Some(attributes.metadata).filter(|metadata| !metadata.is_empty()),
            object_lock_legal_hold_status: $object.lock.legal_hold.map(lock::hold_status),
            object_lock_mode: lock_mode,
            object_lock_retain_until_date: lock_until,
            parts_count: $told.parts_count,
            replication_status: $object
                .replication_status
                .as_deref()
                .map(|status| ReplicationStatus::from(status.to_owned())),
            restore: $told.restore,
            server_side_encryption: $told.encryption.algorithm,
            ssekms_key_id: $told.encryption.key,
            storage_class: wire::told_class($object),
            version_id: $told.version_id,
            website_redirect_location: attributes.website_redirect,
            ..$output::default()
        }
    }};
}

impl Told {
    fn into_get(self, object: &Object) -> GetObjectOutput {
        answer!(GetObjectOutput, self, object)
    }

    fn into_head(self, object: &Object) -> HeadObjectOutput {
        answer!(HeadObjectOutput, self, object)
    }
}
