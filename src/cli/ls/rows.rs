//! The output of `ls`: prefixes, objects, versions.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::cli::formats::{Column, Record};
use crate::domain::lifecycle::Prediction;
use crate::domain::{BucketName, ByteSize, ObjectSummary, ObjectVersion};

/// Means "none" in a table.
const NONE: &str = "–";
/// Means "unknown" in a table.
const UNKNOWN: &str = "?";

const MODIFIED: Column = Column::words("MODIFIED", 20);
const SIZE: Column = Column::numbers("SIZE", 10);
const CLASS: Column = Column::words("CLASS", 11);
const KEY: Column = Column::words("KEY", 0);

/// A common prefix.
#[derive(Serialize)]
pub(super) struct PrefixRow<'a> {
    bucket: &'a str,
    prefix: &'a str,
}

impl<'a> PrefixRow<'a> {
    pub(super) fn new(bucket: &'a BucketName, prefix: &'a str) -> Self {
        Self {
            bucket: bucket.as_str(),
            prefix,
        }
    }
}

/// A current object.
#[derive(Serialize)]
pub(super) struct ObjectRow<'a> {
    bucket: &'a str,
    key: &'a str,
    size: u64,
    storage_class: &'a str,
    last_modified: Option<String>,
    etag: Option<&'a str>,
    /// The lifecycle forecast; null if unknown.
    lifecycle: Option<Prediction>,
}

impl<'a> ObjectRow<'a> {
    pub(super) fn new(
        bucket: &'a BucketName,
        object: &'a ObjectSummary,
        lifecycle: Option<Prediction>,
    ) -> Self {
        Self {
            bucket: bucket.as_str(),
            key: object.key.as_str(),
            size: object.size.bytes(),
            storage_class: object.storage_class.as_str(),
            last_modified: object.last_modified.map(rfc3339),
            etag: object.etag.as_deref(),
            lifecycle,
        }
    }
}

/// A version or delete marker. A delete marker has no size, class, ETag or forecast, and so no such fields.
#[derive(Serialize)]
pub(super) struct VersionRow<'a> {
    bucket: &'a str,
    key: &'a str,
    version_id: &'a str,
    is_latest: bool,
    is_delete_marker: bool,
    last_modified: Option<String>,
    #[serde(flatten)]
    content: Option<Content<'a>>,
}

#[derive(Serialize)]
struct Content<'a> {
    size: u64,
    storage_class: &'a str,
    etag: Option<&'a str>,
    /// The lifecycle forecast; null if unknown.
    lifecycle: Option<Prediction>,
}

impl<'a> VersionRow<'a> {
    pub(super) fn new(
        bucket: &'a BucketName,
        version: &'a ObjectVersion,
        lifecycle: Option<Prediction>,
    ) -> Self {
        let object = &version.object;
        Self {
            bucket: bucket.as_str(),
            key: object.key.as_str(),
            version_id: version.version_id.as_str(),
            is_latest: version.is_latest,
            is_delete_marker: version.is_delete_marker,
            last_modified: object.last_modified.map(rfc3339),
            content: (!version.is_delete_marker).then(|| Content {
                size: object.size.bytes(),
                storage_class: object.storage_class.as_str(),
                etag: object.etag.as_deref(),
                lifecycle,
            }),
        }
    }
}

/// A row of a listing of objects.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ObjectEntry<'a> {
    Prefix(PrefixRow<'a>),
    Object(ObjectRow<'a>),
}

impl Record for ObjectEntry<'_> {
    const FIELDS: &'static [&'static str] = &[
        "bucket",
        "prefix",
        "key",
        "size",
        "storage_class",
        "last_modified",
        "etag",
    ];
    const COLUMNS: &'static [Column] = &[MODIFIED, SIZE, CLASS, KEY];

    fn cells(&self) -> Vec<String> {
        match self {
            Self::Prefix(row) => vec![
                NONE.to_owned(),
                NONE.to_owned(),
                NONE.to_owned(),
                row.prefix.to_owned(),
            ],
            Self::Object(row) => vec![
                shown(row.last_modified.as_ref()),
                ByteSize(row.size).to_string(),
                row.storage_class.to_owned(),
                row.key.to_owned(),
            ],
        }
    }
}

/// A row of a listing of versions.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum VersionEntry<'a> {
    Prefix(PrefixRow<'a>),
    Version(VersionRow<'a>),
}

impl Record for VersionEntry<'_> {
    const FIELDS: &'static [&'static str] = &[
        "bucket",
        "prefix",
        "key",
        "version_id",
        "is_latest",
        "is_delete_marker",
        "size",
        "storage_class",
        "last_modified",
        "etag",
    ];
    const COLUMNS: &'static [Column] = &[
        MODIFIED,
        SIZE,
        CLASS,
        Column::words("STATE", 13),
        Column::words("VERSION", 32),
        KEY,
    ];

    fn cells(&self) -> Vec<String> {
        match self {
            Self::Prefix(row) => {
                let mut cells = vec![NONE.to_owned(); 5];
                cells.push(row.prefix.to_owned());
                cells
            }
            Self::Version(row) => {
                let state = match (row.is_latest, row.is_delete_marker) {
                    (true, false) => "latest",
                    (true, true) => "latest marker",
                    (false, false) => "noncurrent",
                    (false, true) => "marker",
                };
                let content = row.content.as_ref();
                vec![
                    shown(row.last_modified.as_ref()),
                    content.map_or_else(|| NONE.to_owned(), |it| ByteSize(it.size).to_string()),
                    content.map_or(NONE, |it| it.storage_class).to_owned(),
                    state.to_owned(),
                    row.version_id.to_owned(),
                    row.key.to_owned(),
                ]
            }
        }
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn shown(time: Option<&String>) -> String {
    time.map_or_else(|| UNKNOWN.to_owned(), Clone::clone)
}
