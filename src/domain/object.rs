//! The items of a listing: objects, versions, delete markers and incomplete uploads.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};

use super::{ByteSize, ObjectKey, VersionId};

/// The storage classes that AWS documents, the most frequent first.
const KNOWN: [&str; 11] = [
    StorageClass::STANDARD,
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "ONEZONE_IA",
    "EXPRESS_ONEZONE",
    "REDUCED_REDUNDANCY",
    "OUTPOSTS",
    "SNOW",
];

/// A storage class as S3 spells it. Any name is valid, because new classes appear faster than SDKs. The known classes
/// need no memory of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageClass(Cow<'static, str>);

impl StorageClass {
    /// The default if S3 returns no class: HEAD omits the header for STANDARD.
    pub const STANDARD: &'static str = "STANDARD";

    /// The class with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = KNOWN.into_iter().find(|known| *known == name);
        Self(known.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed))
    }

    /// The name of the class.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Memory use in bytes, in addition to the structure itself.
    #[must_use]
    pub fn heap(&self) -> usize {
        match &self.0 {
            Cow::Borrowed(_) => 0,
            Cow::Owned(name) => name.capacity(),
        }
    }

    /// Whether a GET requires a restore (`GLACIER` and `DEEP_ARCHIVE`, but not `GLACIER_IR`).
    #[must_use]
    pub fn is_archived(&self) -> bool {
        matches!(self.as_str(), "GLACIER" | "DEEP_ARCHIVE")
    }
}

impl Default for StorageClass {
    fn default() -> Self {
        Self(Cow::Borrowed(Self::STANDARD))
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A current object, as ListObjectsV2 returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// The exact key.
    pub key: ObjectKey,
    /// Size of the body in bytes.
    pub size: ByteSize,
    /// When it was written, to the second; `None` if the server does not return it.
    pub last_modified: Option<DateTime<Utc>>,
    /// Its storage class.
    pub storage_class: StorageClass,
    /// The ETag without quotation marks.
    pub etag: Option<String>,
}

/// A version of an object, or a delete marker, as ListObjectVersions returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The object. A delete marker has size 0 and no ETag.
    pub object: ObjectSummary,
    /// The version id; `null` if it was written without versioning.
    pub version_id: VersionId,
    /// Whether it is the latest version, which a GET without a version id returns.
    pub is_latest: bool,
    /// Whether it is a delete marker instead of an object.
    pub is_delete_marker: bool,
}

/// A multipart upload that was started and neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The key of the future object.
    pub key: ObjectKey,
    /// The upload's id.
    pub upload_id: String,
    /// When it was begun.
    pub initiated: Option<DateTime<Utc>>,
    /// The storage class of the future object.
    pub storage_class: StorageClass,
}
