//! A verdict as programs read it: keys and ids exact, times and sizes as numbers of S3.

use chrono::SecondsFormat;
use serde::Serialize;

use super::Verdict;
use crate::domain::{ByteSize, StorageClass};

/// One verdict, field by field: what the command line prints and the console exports.
#[derive(Debug, Serialize)]
pub(crate) struct ExactVerdict<'v> {
    /// The kind's word.
    pub kind: &'static str,
    pub bucket: &'v str,
    /// The key, whatever characters are in it.
    pub key: &'v str,
    /// Which upload, of an upload.
    pub upload_id: Option<&'v str>,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// The storage class as S3 says it.
    pub storage_class: Option<&'v str>,
    /// When it was written, in RFC 3339.
    pub last_modified: Option<String>,
    /// The entity tag without quotation marks.
    pub etag: Option<&'v str>,
    /// The layout that explains the key.
    pub layout: Option<&'v str>,
    /// Whose it is.
    pub owner: Option<&'v str>,
    /// Why, in words.
    pub reason: String,
    /// What that rests on.
    pub evidence: Vec<String>,
}

impl ExactVerdict<'_> {
    /// The names of the fields, in their order.
    pub(crate) const FIELDS: &'static [&'static str] = &[
        "kind",
        "bucket",
        "key",
        "upload_id",
        "size",
        "storage_class",
        "last_modified",
        "etag",
        "layout",
        "owner",
        "reason",
        "evidence",
    ];
}

impl<'v> From<&'v Verdict> for ExactVerdict<'v> {
    fn from(verdict: &'v Verdict) -> Self {
        let written = verdict.last_modified;
        Self {
            kind: verdict.kind.word(),
            bucket: verdict.bucket.as_str(),
            key: verdict.key.as_str(),
            upload_id: verdict.upload_id.as_deref(),
            size: verdict.size.map(ByteSize::bytes),
            storage_class: verdict.storage_class.as_ref().map(StorageClass::as_str),
            last_modified: written.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)),
            etag: verdict.etag.as_deref(),
            layout: verdict.layout.as_deref(),
            owner: verdict.owner.as_deref(),
            reason: verdict.words(),
            evidence: verdict.evidence(),
        }
    }
}
