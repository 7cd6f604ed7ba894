//! One thing that can be changed, and why it belongs to the user.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::lines::{ItemLine, shared};
use crate::domain::orphans::Kind;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion, StorageClass, VersionId};

/// A key that belongs to a user, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The bucket.
    pub bucket: BucketName,
    /// The key.
    pub key: ObjectKey,
    /// By what it belongs to the user.
    pub why: Why,
}

/// By what a key belongs to a user, or to the plan otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Why {
    /// The key names the user.
    Key {
        /// The layout whose anchor names the user.
        layout: String,
        /// Whether the layout explains the rest of the key, too.
        tail_parses: bool,
    },
    /// A record of the application names the user.
    Record {
        /// The layout that explains the key.
        layout: String,
    },
    /// The object's metadata names the user.
    Metadata {
        /// The layout that explains the key.
        layout: String,
        /// The metadata's name, without `x-amz-meta-`.
        name: String,
    },
    /// The application made it from something of the user's.
    Derived {
        /// The rule by which its key is made.
        rule: String,
        /// What it was made from; that need not exist any more.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// The application made it from something of the user's that is gone: the rule turned round says so.
    Former {
        /// The rule by which its key is made.
        rule: String,
        /// The bucket of what it was made from.
        from: BucketName,
    },
    /// It is the copy that replication made of something of the user's.
    Replica {
        /// What it is a copy of; that need not exist any more.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// It is the copy in quarantine of something of the user's.
    #[serde(rename = "aside")]
    QuarantinedCopy {
        /// What it is a copy of, by the key that it had; that need not exist any more.
        #[serde(with = "shared")]
        source: Arc<Claim>,
    },
    /// It is nobody's any more: a report calls it an orphan.
    Orphan {
        /// What sort of orphan.
        kind: Kind,
        /// How many rules lie between it and what of the plan it was made from: 0 of what was made from nothing there.
        #[serde(default, skip_serializing_if = "is_zero")]
        generation: u8,
    },
    /// It is in quarantine.
    #[serde(rename = "held")]
    InQuarantine {
        /// The key that it had before it was put aside; its own where it was put aside by tag.
        original: ObjectKey,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(generation: &u8) -> bool {
    *generation == 0
}

/// A version, a delete marker or an incomplete upload that belongs to a user, or to the plan otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ItemLine<'_>")]
pub struct Item {
    /// Its bucket and key, and why they are the user's.
    pub claim: Arc<Claim>,
    /// Which of the things under that key it is.
    pub what: What,
    /// Its size; of an upload all its parts together, 0 where they could not be listed; of a marker 0.
    pub size: ByteSize,
    /// Its entity tag without the quotes; markers and uploads have none.
    pub etag: Option<String>,
    /// Its storage class.
    pub class: StorageClass,
    /// When it was written or, an upload, begun.
    pub written: Option<DateTime<Utc>>,
}

/// Which of the things under a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// A version of an object.
    Version {
        /// Its id; `null` where it was written without versioning.
        id: VersionId,
        /// Whether a GET without a version id answers with it.
        is_latest: bool,
    },
    /// A delete marker.
    Marker {
        /// Its id.
        id: VersionId,
        /// Whether it is what hides the key's versions.
        is_latest: bool,
    },
    /// A multipart upload that was begun and neither completed nor aborted.
    Upload {
        /// Its id.
        id: String,
    },
}

impl Claim {
    /// Whether it is a copy in a bucket of replicas, or made from one.
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

    /// Whether the application made it from something else.
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

    /// Whether only an object's metadata says whose it is: its own, or that of what it was made from.
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

    /// How many steps lie between it and what names the user: 0 where its own key, record or metadata does.
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
            // It was moved, and made of nothing.
            Why::QuarantinedCopy { source } => source.depth(),
        }
    }

    /// It, and what it follows from, back to what names the user.
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

    /// The group that it is counted in, in words: `layout upload`.
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
    /// A version or a delete marker of a key that is the user's.
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

    /// The id that tells it from others under its key: a version's or an upload's.
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

    /// Whether it is the newest version or marker of its key.
    #[must_use]
    pub fn is_latest(&self) -> bool {
        match self.what {
            What::Version { is_latest, .. } | What::Marker { is_latest, .. } => is_latest,
            What::Upload { .. } => false,
        }
    }

    /// Whether something else can take its place under the same id: an object written without versioning.
    #[must_use]
    pub fn can_be_overwritten(&self) -> bool {
        !matches!(self.what, What::Upload { .. }) && self.id() == "null"
    }
}
