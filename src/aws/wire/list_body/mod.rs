//! Parses the body of a listing without the SDK's parser.
//!
//! A page of a thousand keys is a third of a megabyte of XML. The SDK builds a tree of owned strings from it, and the
//! page is then built from the tree. This parser builds the page directly from the bytes. The SDK still builds, guards,
//! signs and sends the request, follows redirects and parses errors. Only the body of a successful response is
//! [kept](tap::Tap) from its parser and passed to [`reader`].
//!
//! Tests compare with the SDK's parser (`by_sdk`). Where the two differ, this one is the stricter: the SDK takes a document that breaks off for one that ends, which makes a shorter page look whole.
//!
//! `tap` (keeps the body), `reader` (XML to rows), `time` (dates).

mod reader;
mod tap;
mod time;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use thiserror::Error;

pub(super) use reader::read;
pub(super) use tap::Tap;

use crate::aws::explain::{self, Call};
use crate::aws::{Aws, Problem, ProblemKind};
use crate::domain::advice::advice;

/// What is listed, which decides the relevant rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Objects,
    Versions,
    Uploads,
}

/// A page as in the document: nothing is decoded, and strings are only copied if necessary.
#[derive(Debug, Default)]
pub(crate) struct Body<'b> {
    /// What it says of itself; `None` when it says nothing.
    pub is_truncated: Option<bool>,
    /// `NextContinuationToken`, or `NextKeyMarker`.
    pub next: Option<Cow<'b, str>>,
    /// `NextVersionIdMarker`, or `NextUploadIdMarker`.
    pub next_id: Option<Cow<'b, str>>,
    /// Whether the response says that keys and prefixes are encoded.
    pub is_encoded: bool,
    pub prefix: Option<Cow<'b, str>>,
    /// The rows, in the order of the document.
    pub rows: Vec<Row<'b>>,
    /// The common prefixes.
    pub folders: Vec<Cow<'b, str>>,
}

/// An object, a version, a delete marker or an upload.
#[derive(Debug, Default)]
pub(crate) struct Row<'b> {
    pub is_marker: bool,
    pub is_latest: bool,
    pub key: Option<Cow<'b, str>>,
    /// `VersionId` or `UploadId`.
    pub id: Option<Cow<'b, str>>,
    /// In bytes.
    pub size: Option<i64>,
    /// `LastModified` or `Initiated`.
    pub at: Option<DateTime<Utc>>,
    pub class: Option<Cow<'b, str>>,
    /// With quotation marks.
    pub etag: Option<Cow<'b, str>>,
}

/// Why a document is not a page.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Unreadable {
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it breaks off in the middle")]
    BreaksOff,
    #[error("it is not well-formed XML: {0}")]
    IllFormed(String),
    #[error("it holds {0}, which has no place in a listing")]
    Unexpected(String),
    #[error("its <{element}> is {found:?}")]
    Value {
        element: &'static str,
        found: String,
    },
}

impl Unreadable {
    /// Converts it to a problem of the call.
    pub(super) fn problem(&self, aws: &Aws, call: &Call<'_>) -> Problem {
        call.failed(
            ProblemKind::Malformed,
            &format!("the answer cannot be read: {self}"),
            advice!("check that {} is an S3 endpoint", explain::endpoint(aws)),
        )
    }
}

/// Removes the quotation marks around an ETag.
pub(super) fn unquoted(tag: Cow<'_, str>) -> String {
    match tag {
        Cow::Borrowed(tag) => tag.trim_matches('"').to_owned(),
        Cow::Owned(mut tag) => {
            tag.truncate(tag.trim_end_matches('"').len());
            let quotes = tag.len() - tag.trim_start_matches('"').len();
            tag.drain(..quotes);
            tag
        }
    }
}

#[cfg(test)]
mod by_sdk;
#[cfg(test)]
mod reference;
