//! What a listing yields: objects, versions, delete markers and incomplete uploads.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};

use super::{ByteSize, ObjectKey, VersionId};

/// The classes that AWS documents, those first that most objects have.
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

/// A storage class as the service spells it. Any name is one, for new classes appear faster than SDKs; those that listings
/// are full of take no memory of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageClass(Cow<'static, str>);

impl StorageClass {
    /// What S3 means when it says nothing: HEAD leaves the header out for STANDARD.
    pub const STANDARD: &'static str = "STANDARD";

    /// The class of this name, as the service spells it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = KNOWN.into_iter().find(|known| *known == name);
        Self(known.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed))
    }

    /// The class as the service spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Bytes of memory beyond the structure itself.
    #[must_use]
    pub fn heap(&self) -> usize {
        match &self.0 {
            Cow::Borrowed(_) => 0,
            Cow::Owned(name) => name.capacity(),
        }
    }

    /// Whether a GET needs a restore first (`GLACIER` and `DEEP_ARCHIVE`; not `GLACIER_IR`).
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

/// A current object, as ListObjectsV2 tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Its key, exact.
    pub key: ObjectKey,
    /// Size of the body in bytes.
    pub size: ByteSize,
    /// When it was written, to the second; `None` where the server leaves it out.
    pub last_modified: Option<DateTime<Utc>>,
    /// Its storage class.
    pub storage_class: StorageClass,
    /// The entity tag without its quotes.
    pub etag: Option<String>,
}

/// A version of an object, or a delete marker, as ListObjectVersions tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The object that this is a version of; a delete marker has size 0 and no entity tag.
    pub object: ObjectSummary,
    /// Its id, `null` when it was written without versioning.
    pub version_id: VersionId,
    /// Whether it is what a GET without a version id answers with.
    pub is_latest: bool,
    /// Whether it is a marker that hides the versions before it rather than an object.
    pub is_delete_marker: bool,
}

/// A multipart upload that was begun and neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The key that it would become.
    pub key: ObjectKey,
    /// The upload's id.
    pub upload_id: String,
    /// When it was begun.
    pub initiated: Option<DateTime<Utc>>,
    /// The class that it would be stored in.
    pub storage_class: StorageClass,
}
