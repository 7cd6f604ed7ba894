//! An item that can be changed (a version, delete marker or upload), and why it belongs to the user.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::lines::{ItemLine, shared};
use crate::domain::orphans::Kind;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion, StorageClass, VersionId};

/// A key, and why it belongs to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// Why the key belongs to the user.
    pub why: Why,
}

/// Why a key belongs to a user, or is part of the plan for another reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Why {
    /// The key names the user.
    Key {
        /// The layout whose anchor names the user.
        layout: String,
        /// Whether the layout matches the rest of the key, too.
        tail_parses: bool,
    },
    /// A record of the application names the user.
    Record {
        /// The layout that matches the key.
        layout: String,
    },
    /// The object's metadata names the user.
    Metadata {
        /// The layout that matches the key.
        layout: String,
        /// The name of the metadata entry, without `x-amz-meta-`.
        name: String,
    },
    /// The application derived it from an object of the user.
    Derived {
        /// The rule that produces the key.
        rule: String,
        /// The source, which may no longer exist.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// The application derived it from an object of the user that no longer exists. The inverted rule shows this.
    Former {
        /// The rule that produces the key.
        rule: String,
        /// The source bucket.
        from: BucketName,
    },
    /// A replica of an object of the user.
    Replica {
        /// The original, which may no longer exist.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// A quarantined copy of an object of the user.
    #[serde(rename = "aside")]
    QuarantinedCopy {
        /// The original with its original key; it may no longer exist.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// It has no owner any more: the report calls it an orphan.
    Orphan {
        /// The kind of orphan.
        kind: Kind,
        /// The number of rules between it and its source in the plan; 0 if it was not derived from anything there.
        #[serde(default, skip_serializing_if = "is_zero")]
        generation: u8,
    },
    /// It is in quarantine.
    #[serde(rename = "held")]
    InQuarantine {
        /// The key before the quarantine. With the tag method, it is the same key.
        original: ObjectKey,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(generation: &u8) -> bool {
    *generation == 0
}

/// A version, delete marker or incomplete upload that belongs to a user, or is part of the plan for another reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ItemLine<'_>")]
pub struct Item {
    /// Bucket, key, and why the item is the user's.
    pub claim: Arc<Claim>,
    /// Version, delete marker or upload.
    pub what: What,
    /// Size in bytes. For an upload, the sum of its parts, or 0 if they could not be listed. For a delete marker, 0.
    pub size: ByteSize,
    /// The ETag without quotation marks. Delete markers and uploads have none.
    pub etag: Option<String>,
    /// Its storage class.
    pub class: StorageClass,
    /// When it was written or, for an upload, started.
    pub written: Option<DateTime<Utc>>,
}

/// The type of an item, with its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// A version of an object.
    Version {
        /// The version id; `null` if it was written without versioning.
        id: VersionId,
        /// Whether a GET without a version id returns it.
        is_latest: bool,
    },
    /// A delete marker.
    Marker {
        /// The version id.
        id: VersionId,
        /// Whether it hides the versions of the key.
        is_latest: bool,
    },
    /// A multipart upload that was neither completed nor aborted.
    Upload {
        /// The upload id.
        id: String,
    },
}

impl Claim {
    /// Whether it is a replica, or derived from one.
    #[must_use]
    pub fn is_replica(&self) -> bool {
        match &self.why {
            Why::Replica { .. } => true,
            Why::Derived { source, .. } | Why::QuarantinedCopy { source } => source.is_replica(),
            Why::Key { .. }
            | Why::Record { .. }
            | Why::Metadata { .. }
            | Why::Former { .. }
            | Why::Orphan { .. }
            | Why::InQuarantine { .. } => false,
        }
    }

    /// Whether the application derived it from another object.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        match &self.why {
            Why::Derived { .. } | Why::Former { .. } => true,
            Why::Orphan { generation, .. } => *generation > 0,
            Why::Replica { source } | Why::QuarantinedCopy { source } => source.is_derived(),
            Why::Key { .. }
            | Why::Record { .. }
            | Why::Metadata { .. }
            | Why::InQuarantine { .. } => false,
        }
    }

    /// Whether only metadata gives the owner: its own, or that of its source.
    #[must_use]
    pub fn hangs_on_metadata(&self) -> bool {
        match &self.why {
            Why::Metadata { .. } => true,
            Why::Derived { source, .. }
            | Why::Replica { source }
            | Why::QuarantinedCopy { source } => source.hangs_on_metadata(),
            Why::Key { .. }
            | Why::Record { .. }
            | Why::Former { .. }
            | Why::Orphan { .. }
            | Why::InQuarantine { .. } => false,
        }
    }

    /// The number of steps to the evidence that names the user; 0 if its own key, record or metadata does.
    #[must_use]
    pub fn depth(&self) -> usize {
        match &self.why {
            Why::Key { .. }
            | Why::Record { .. }
            | Why::Metadata { .. }
            | Why::InQuarantine { .. } => 0,
            Why::Orphan { generation, .. } => usize::from(*generation),
            Why::Former { .. } => 1,
            Why::Derived { source, .. } | Why::Replica { source } => 1 + source.depth(),
            // It was moved, not derived.
            Why::QuarantinedCopy { source } => source.depth(),
        }
    }

    /// The claim and its sources, back to the one that names the user.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |claim| match &claim.why {
            Why::Derived { source, .. }
            | Why::Replica { source }
            | Why::QuarantinedCopy { source } => Some(source.as_ref()),
            Why::Key { .. }
            | Why::Record { .. }
            | Why::Metadata { .. }
            | Why::Former { .. }
            | Why::Orphan { .. }
            | Why::InQuarantine { .. } => None,
        })
    }

    /// The group in which it is counted, such as `layout upload`.
    #[must_use]
    pub fn group(&self) -> String {
        match &self.why {
            Why::Key {
                layout,
                tail_parses: true,
            } => format!("layout {layout}"),
            Why::Key { layout, .. } => format!("layout {layout}, the rest of the key unexplained"),
            Why::Record { layout } => format!("layout {layout}, by the records"),
            Why::Metadata { layout, name } => format!("layout {layout}, by x-amz-meta-{name}"),
            Why::Derived { rule, source } => format!("made from {} by {rule}", source.bucket),
            Why::Former { rule, from } => {
                format!("made from {from} by {rule}, the original is gone")
            }
            Why::Replica { source } => format!("replicas from {}", source.bucket),
            Why::QuarantinedCopy { source } => format!("copies in quarantine: {}", source.group()),
            Why::Orphan { kind, .. } => kind.word().to_owned(),
            Why::InQuarantine { .. } => "in quarantine".to_owned(),
        }
    }
}

impl Item {
    /// Makes an item of a version or delete marker of a key that belongs to the user.
    #[must_use]
    pub fn of_version(claim: Arc<Claim>, version: &ObjectVersion) -> Self {
        let (id, is_latest) = (version.version_id.clone(), version.is_latest);
        let what = if version.is_delete_marker {
            What::Marker { id, is_latest }
        } else {
            What::Version { id, is_latest }
        };
        let object = &version.object;
        Self {
            claim,
            what,
            size: object.size,
            etag: object.etag.clone(),
            class: object.storage_class.clone(),
            written: object.last_modified,
        }
    }

    /// The version id or upload id.
    #[must_use]
    pub fn id(&self) -> &str {
        match &self.what {
            What::Version { id, .. } | What::Marker { id, .. } => id.as_str(),
            What::Upload { id } => id,
        }
    }

    /// `version`, `marker` or `upload`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.what {
            What::Version { .. } => "version",
            What::Marker { .. } => "marker",
            What::Upload { .. } => "upload",
        }
    }

    /// Whether it is the latest version or delete marker of its key.
    #[must_use]
    pub fn is_latest(&self) -> bool {
        match self.what {
            What::Version { is_latest, .. } | What::Marker { is_latest, .. } => is_latest,
            What::Upload { .. } => false,
        }
    }

    /// Whether another object can replace it under the same id: an object that was written without versioning.
    #[must_use]
    pub fn can_be_overwritten(&self) -> bool {
        !matches!(self.what, What::Upload { .. }) && self.id() == "null"
    }
}
