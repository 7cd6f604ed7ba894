//! Size, class, checksums and parts of an object in one answer.

use s3s::dto::{
    GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ObjectAttributes, ObjectPart, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{find, wire};
use crate::sandbox::store::{Backend, Object};

/// Tells the attributes that the request names.
///
/// # Errors
/// `NoSuchKey` and its like; `InvalidArgument` for a page of parts that cannot be.
pub(crate) async fn get_object_attributes(
    backend: &Backend,
    req: S3Request<GetObjectAttributesInput>,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let input = req.input;
    backend.expect_owner(input.expected_bucket_owner.as_ref())?;
    let found = backend.store.read(&input.bucket, |bucket| {
        find::object(bucket, &input.key, input.version_id.as_deref())
    })?;
    let object = &found.object;
    // Clients send the names as one header with commas as well as one header each.
    let asks = |attribute: &str| {
        input
            .object_attributes
            .iter()
            .flat_map(|names| names.as_str().split(','))
            .any(|name| name.trim() == attribute)
    };
    let parts = if asks(ObjectAttributes::OBJECT_PARTS) && !object.part_sizes.is_empty() {
        Some(parts(object, input.part_number_marker, input.max_parts)?)
    } else {
        None
    };
    Ok(S3Response::new(GetObjectAttributesOutput {
        checksum: object
            .checksums
            .as_deref()
            .filter(|_| asks(ObjectAttributes::CHECKSUM))
            .cloned(),
        e_tag: asks(ObjectAttributes::ETAG).then(|| wire::etag(object)),
        last_modified: Some(found.modified.to_timestamp()),
        object_parts: parts,
        object_size: asks(ObjectAttributes::OBJECT_SIZE)
            .then(|| i64::try_from(object.body.length()).ok())
            .flatten(),
        storage_class: asks(ObjectAttributes::STORAGE_CLASS)
            .then(|| StorageClass::from(object.class().to_owned())),
        version_id: found.told_id,
        ..GetObjectAttributesOutput::default()
    }))
}

fn parts(
    object: &Object,
    marker: Option<i32>,
    most: Option<i32>,
) -> S3Result<GetObjectAttributesParts> {
    let (max_parts, count) =
        wire::page_size(most).ok_or_else(|| s3_error!(InvalidArgument, "max-parts is negative"))?;
    let marker = marker.unwrap_or(0);
    let all = || {
        (1_i32..)
            .zip(&object.part_sizes)
            .filter(|(number, _)| *number > marker)
    };
    let page: Vec<ObjectPart> = all()
        .take(count)
        .map(|(number, size)| ObjectPart {
            part_number: Some(number),
            size: i64::try_from(*size).ok(),
            ..ObjectPart::default()
        })
        .collect();
    Ok(GetObjectAttributesParts {
        is_truncated: Some(all().nth(count).is_some()),
        max_parts: Some(max_parts),
        next_part_number_marker: page.last().and_then(|part| part.part_number),
        part_number_marker: Some(marker),
        total_parts_count: i32::try_from(object.part_sizes.len()).ok(),
        // S3 lists the parts only of objects that were uploaded with checksums.
        parts: object.checksums.is_some().then_some(page),
    })
}
