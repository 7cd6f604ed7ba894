//! Which version a request means, and why it cannot have it.

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LAST_MODIFIED};
use s3s::{S3Error, S3Result, s3_error};

use crate::sandbox::store::{Bucket, Moment, Object, Version, VersionId};

/// A version that is an object.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) id: VersionId,
    /// The id as the answer tells it: not at all by a bucket that never kept versions.
    pub(super) told_id: Option<String>,
    pub(super) modified: Moment,
    pub(super) object: Arc<Object>,
}

/// The object that a request reads or changes.
///
/// # Errors
/// `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker that is named, `InvalidArgument` for an id that S3
/// cannot have made.
pub(super) fn object(bucket: &Bucket, key: &str, version_id: Option<&str>) -> S3Result<Found> {
    let version = match version_id {
        None => current(bucket, key)?,
        Some(text) => version(bucket, key, text)?,
    };
    match version.object() {
        Some(object) => Ok(Found {
            told_id: bucket.told_id(&version.id),
            modified: version.modified,
            object: Arc::clone(object),
            id: version.id,
        }),
        None if version_id.is_some() => Err(named_marker(&version)),
        None => Err(hidden(key, &version)),
    }
}

fn current(bucket: &Bucket, key: &str) -> S3Result<Version> {
    bucket.keys.current(key).ok_or_else(|| no_such_key(key))
}

/// The version with an id, be it a delete marker.
pub(super) fn version(bucket: &Bucket, key: &str, id: &str) -> S3Result<Version> {
    let id = VersionId::parse(id);
    bucket
        .keys
        .version(key, &id)
        .ok_or_else(|| missing(key, &id))
}

/// Why a version is not there.
pub(super) fn missing(key: &str, id: &VersionId) -> S3Error {
    let id_text = id.as_str();
    if id.is_well_formed() {
        s3_error!(
            NoSuchVersion,
            "The specified version does not exist: {id_text} of {key}"
        )
    } else {
        s3_error!(InvalidArgument, "Invalid version id specified: {id_text}")
    }
}

pub(super) fn no_such_key(key: &str) -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist: {key}")
}

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// The current version is a marker: there is no object, but the answer says why.
fn hidden(key: &str, marker: &Version) -> S3Error {
    with_headers(no_such_key(key), marker_headers(marker))
}

/// A marker has nothing to read: all that can be done with it is to delete it.
fn named_marker(marker: &Version) -> S3Error {
    let error = s3_error!(
        MethodNotAllowed,
        "The specified method is not allowed against this resource: it is a delete marker"
    );
    let mut headers = marker_headers(marker);
    headers.insert(ALLOW, HeaderValue::from_static("DELETE"));
    if let Ok(modified) = HeaderValue::try_from(marker.modified.to_http_date()) {
        headers.insert(LAST_MODIFIED, modified);
    }
    with_headers(error, headers)
}

fn marker_headers(marker: &Version) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(DELETE_MARKER, HeaderValue::from_static("true"));
    if let Ok(id) = HeaderValue::try_from(marker.id.as_str()) {
        headers.insert(VERSION_ID, id);
    }
    headers
}

/// An error that is answered with headers of its own. The library then sets none, so the type of the body is said, too.
pub(super) fn with_headers(mut error: S3Error, mut headers: HeaderMap) -> S3Error {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    error.set_headers(headers);
    error
}
