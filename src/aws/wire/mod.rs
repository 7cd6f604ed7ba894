//! The requests, one function each: sent, retried, redirected to the bucket's Region, decoded into the words of
//! `domain`, and explained when they fail. One function is one answer; loops over pages live in `ops`.

pub mod access_points;
pub mod account;
pub mod annotations;
pub mod bucket;
pub mod cloudwatch;
pub mod configuration;
pub mod copying;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod encoding;
mod exact_key;
mod head;
pub mod iam;
pub mod identity;
pub mod kms;
mod list_body;
pub mod listing;
pub mod object;
pub mod parts;
mod reading;
pub mod removal;
mod signed;
pub mod small_objects;
pub mod tagging;
pub mod uploads;
pub mod versions;

use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, Utc};

/// The SDK's time as chrono's; `None` when it lies outside what chrono can hold.
fn time(at: Option<&SdkTime>) -> Option<DateTime<Utc>> {
    let at = at?;
    DateTime::from_timestamp(at.secs(), at.subsec_nanos())
}

/// A size as S3 gives it. None is negative, but the SDK's type is signed.
fn size(bytes: Option<i64>) -> crate::domain::ByteSize {
    crate::domain::ByteSize(bytes.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

/// An entity tag without the quotes around it.
fn etag(tag: Option<&str>) -> Option<String> {
    tag.map(|tag| tag.trim_matches('"').to_owned())
}
