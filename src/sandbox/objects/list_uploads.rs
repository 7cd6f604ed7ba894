//! Listing uploads under way, and the parts of one.

use s3s::dto::{
    CommonPrefix, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput,
    ListPartsOutput, MultipartUpload, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::list::{meets, negative};
use super::multipart::no_such_upload;
use super::wire::{self, Spelling};
use crate::domain::hex::hex;
use crate::sandbox::faults::Fault;
use crate::sandbox::store::listing::{Row, Start};
use crate::sandbox::store::{Backend, Bucket, Upload};

/// A page of uploads, and where it stopped.
#[derive(Default)]
struct Page {
    uploads: Vec<MultipartUpload>,
    prefixes: Vec<CommonPrefix>,
    /// Key or common prefix of the last row, and the upload's id where it is an upload.
    last: Option<(String, Option<String>)>,
    truncated: bool,
}

struct Query<'a> {
    backend: &'a Backend,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    key_marker: Option<&'a str>,
    upload_marker: Option<&'a str>,
    count: usize,
    spelling: Spelling,
}

impl Query<'_> {
    fn page(&self, bucket: &Bucket) -> Page {
        let mut page = Page::default();
        if self.count == 0 {
            return page;
        }
        let mut rows = 0;
        let start = match (self.key_marker, self.upload_marker) {
            (None, _) => Start::Beginning,
            (Some(key), None) => Start::after_marker(key, self.prefix, self.delimiter),
            // The key has more uploads than the page before had room for.
            (Some(key), Some(_)) => match Start::after_marker(key, self.prefix, self.delimiter) {
                Start::After(key) => Start::At(key),
                rolled_up => rolled_up,
            },
        };
        for row in bucket.uploads.walk(self.prefix, self.delimiter, start) {
            match row {
                Row::Prefix(common) => {
                    if rows == self.count {
                        page.truncated = true;
                        return page;
                    }
                    rows += 1;
                    page.prefixes.push(self.spelling.common_prefix(common));
                    page.last = Some((common.to_owned(), None));
                }
                Row::Key(key, uploads) => {
                    let after = self.upload_marker.filter(|_| self.key_marker == Some(key));
                    let left = uploads
                        .iter()
                        .filter(|(id, _)| after.is_none_or(|marker| ***id > *marker));
                    for (id, upload) in left {
                        if rows == self.count {
                            page.truncated = true;
                            return page;
                        }
                        rows += 1;
                        page.uploads.push(self.row(key, id, upload));
                        page.last = Some((key.to_owned(), Some(id.to_string())));
                    }
                }
            }
        }
        page
    }

    fn row(&self, key: &str, id: &str, upload: &Upload) -> MultipartUpload {
        MultipartUpload {
            checksum_algorithm: upload.checksum_algorithm.clone(),
            checksum_type: upload.checksum_type.clone(),
            initiated: Some(upload.initiated.to_timestamp()),
            initiator: Some(self.backend.initiator()),
            key: Some(self.spelling.write(key)),
            owner: Some(self.backend.owner()),
            storage_class: Some(StorageClass::from(upload.draft.class().to_owned())),
            upload_id: Some(id.to_owned()),
        }
    }
}

/// Lists uploads under way, keys in order and those of a key in the order they were begun.
///
/// # Errors
/// `NoSuchBucket`, `InvalidArgument`.
pub(crate) async fn list_multipart_uploads(
    backend: &Backend,
    req: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let ignores_start = meets(&req, Fault::IgnoreStart);
    let repeats_token = meets(&req, Fault::RepeatToken);
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let (max_uploads, count) =
        wire::page_size(input.max_uploads).ok_or_else(|| negative("max-uploads"))?;
    let spelling = Spelling::of(input.encoding_type.as_ref());
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let key_marker = input
        .key_marker
        .as_deref()
        .filter(|key| !key.is_empty() && (!ignores_start || input.upload_id_marker.is_some()));
    let query = Query {
        backend,
        prefix,
        delimiter: input.delimiter.as_deref(),
        key_marker,
        // Without a key marker it says nothing, and S3 ignores it.
        upload_marker: input
            .upload_id_marker
            .as_deref()
            .filter(|id| !id.is_empty() && key_marker.is_some()),
        count,
        spelling,
    };
    let mut page = backend
        .store
        .read(&input.bucket, |bucket| Ok(query.page(bucket)))?;
    if repeats_token && let Some(key) = key_marker {
        page.last = Some((key.to_owned(), query.upload_marker.map(str::to_owned)));
    }
    let (next_key, next_id) = page.last.filter(|_| page.truncated).unzip();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        is_truncated: Some(page.truncated),
        uploads: Some(page.uploads),
        common_prefixes: Some(page.prefixes),
        next_key_marker: next_key.map(|key| spelling.write(&key)),
        next_upload_id_marker: next_id.flatten(),
        key_marker: Some(spelling.write(input.key_marker.as_deref().unwrap_or_default())),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        max_uploads: Some(max_uploads),
        prefix: Some(spelling.write(prefix)),
        delimiter: spelling.write_opt(input.delimiter.as_ref()),
        encoding_type: input.encoding_type,
        bucket: Some(input.bucket),
        request_charged: None,
    }))
}

/// Lists the parts of an upload that arrived.
///
/// # Errors
/// `NoSuchBucket`, `NoSuchUpload`, `InvalidArgument`.
pub(crate) async fn list_parts(
    backend: &Backend,
    req: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let (max_parts, count) =
        wire::page_size(input.max_parts).ok_or_else(|| negative("max-parts"))?;
    let marker = input.part_number_marker.unwrap_or(0);
    if marker < 0 {
        return Err(s3_error!(InvalidArgument, "part-number-marker is negative"));
    }
    let mut output = backend.store.read(&input.bucket, |bucket| {
        let upload = bucket
            .uploads
            .get(&input.key, &input.upload_id)
            .ok_or_else(|| no_such_upload(&input.upload_id))?;
        let all = || upload.parts.range(marker.saturating_add(1)..);
        let parts: Vec<_> = all()
            .take(count)
            .map(|(number, part)| row(*number, part))
            .collect();
        Ok(ListPartsOutput {
            checksum_algorithm: upload.checksum_algorithm.clone(),
            checksum_type: upload.checksum_type.clone(),
            is_truncated: Some(count > 0 && all().nth(count).is_some()),
            next_part_number_marker: parts.last().and_then(|part| part.part_number).or(Some(0)),
            parts: Some(parts),
            storage_class: Some(StorageClass::from(upload.draft.class().to_owned())),
            ..ListPartsOutput::default()
        })
    })?;
    output.initiator = Some(backend.initiator());
    output.owner = Some(backend.owner());
    output.max_parts = Some(max_parts);
    output.part_number_marker = Some(marker);
    output.bucket = Some(input.bucket);
    output.key = Some(input.key);
    output.upload_id = Some(input.upload_id);
    Ok(S3Response::new(output))
}

fn row(number: i32, part: &crate::sandbox::store::Part) -> s3s::dto::Part {
    let checksums = part.checksums.as_deref().cloned().unwrap_or_default();
    s3s::dto::Part {
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        e_tag: Some(s3s::dto::ETag::Strong(hex(&part.digest))),
        last_modified: Some(part.modified.to_timestamp()),
        part_number: Some(number),
        size: i64::try_from(part.body.length()).ok(),
    }
}
