//! The requests, one function each. Each is sent, retried, redirected to the bucket's Region, decoded to types of
//! `domain`, and explained if it fails. A function is a single request; loops over pages are in `ops`.

pub(crate) mod access_points;
pub(crate) mod account;
pub(crate) mod annotations;
pub(crate) mod bucket;
pub mod cloudwatch;
pub(crate) mod configuration;
pub(crate) mod copying;
#[cfg(feature = "dynamodb")]
pub(crate) mod dynamodb;
mod encoding;
mod exact_key;
mod head;
pub(crate) mod iam;
pub(crate) mod identity;
pub(crate) mod kms;
mod list_body;
pub(crate) mod object;
pub(crate) mod objects;
pub(crate) mod page;
pub(crate) mod parts;
mod reading;
pub(crate) mod removal;
mod signed;
pub(crate) mod small_objects;
pub(crate) mod tagging;
pub(crate) mod uploads;
pub(crate) mod versions;

use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, Utc};

/// Converts the SDK's time to chrono's; `None` if chrono cannot represent it.
fn time(at: Option<&SdkTime>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// Converts a size. It is never negative, although the SDK's type is signed.
fn size(bytes: Option<i64>) -> crate::domain::ByteSize {
    crate::domain::ByteSize(bytes.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// Removes the quotation marks around an ETag.
fn etag(tag: Option<&str>) -> Option<String> {
    tag.map(|tag| tag.trim_matches('"').to_owned())
}
