//! The body of a listing, read without the SDK's parser.
//!
//! A page of a thousand keys is a third of a megabyte of XML, and a listing of millions of keys is little else: the SDK
//! makes a tree of owned strings of it, out of which the page is then made. Here the page is made of the bytes themselves. The
//! request is the SDK's as ever (built, guarded, signed, sent, redirected, its errors read by it); only the body of an
//! answer that is what was asked for is [kept](tap::Tap) from its parser and given to [`reader`].
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

/// What is listed, and so which rows are of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Objects,
    Versions,
    Uploads,
}

/// A listing's page as it stands in the document: nothing is decoded, and what needs no change is not copied.
#[derive(Debug, Default)]
pub(crate) struct Body<'b> {
    /// What it says of itself; `None` when it says nothing.
    pub is_truncated: Option<bool>,
    /// `NextContinuationToken`, or `NextKeyMarker`.
    pub next: Option<Cow<'b, str>>,
    /// `NextVersionIdMarker`, or `NextUploadIdMarker`.
    pub next_id: Option<Cow<'b, str>>,
    /// Whether the server says that it encoded keys and prefixes.
    pub is_encoded: bool,
    pub prefix: Option<Cow<'b, str>>,
    /// The rows in the order of the document.
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
    /// With the quotes around it.
    pub etag: Option<Cow<'b, str>>,
}

/// Why a document is no page.
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
    /// In the words of a failed call.
    pub(super) fn problem(&self, aws: &Aws, call: &Call<'_>) -> Problem {
        call.failed(
            ProblemKind::Malformed,
            &format!("the answer cannot be read: {self}"),
            advice!("check that {} is an S3 endpoint", explain::endpoint(aws)),
        )
    }
}

/// An entity tag without the quotes around it.
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
