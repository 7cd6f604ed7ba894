//! A verdict for programs: exact keys and ids, and times and sizes in the format of S3.

use chrono::SecondsFormat;
use serde::Serialize;

use super::Verdict;
use crate::domain::{ByteSize, StorageClass};

/// The fields of one verdict, as the command line prints and the console exports them.
#[derive(Debug, Serialize)]
pub(crate) struct ExactVerdict<'v> {
    pub kind: &'static str,
    pub bucket: &'v str,
    /// The exact key, which may contain any character.
    pub key: &'v str,
    pub upload_id: Option<&'v str>,
    /// In bytes, if known.
    pub size: Option<u64>,
    /// The storage class as S3 spells it.
    pub storage_class: Option<&'v str>,
    /// Time of the last write, in RFC 3339.
    pub last_modified: Option<String>,
    /// The ETag without quotation marks.
    pub etag: Option<&'v str>,
    pub layout: Option<&'v str>,
    pub owner: Option<&'v str>,
    pub reason: String,
    /// The evidence behind the reason.
    pub evidence: Vec<String>,
}

impl ExactVerdict<'_> {
    /// The field names, in order.
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
