//! The questions that a search asks S3, and the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::change::Claim;
use crate::domain::coverage::Coverage;
use crate::domain::ownership::ReplicationPath;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion, Region, Upload, VersionId};

/// One request for information. Questions that are open at the same time do not depend on each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    /// The names of the account's buckets. Answered by [`Answer::Account`].
    Account,
    /// Whether the bucket exists, and in which Region. Answered by [`Answer::Bucket`].
    Bucket(BucketName),
    /// Where a bucket is replicated. Answered by [`Answer::Replication`].
    Replication(BucketName),
    /// Versions and delete markers in the user's folders. Answered by [`Answer::Versions`].
    VersionsOfUser {
        bucket: BucketName,
        /// The bucket whose [plan](crate::domain::blueprint::OwnerPlan) gives the folders: this one, or one that is
        /// replicated to it.
        by: BucketName,
    },
    /// Versions and delete markers below any of these prefixes. Answered by [`Answer::Versions`].
    VersionsBelow {
        bucket: BucketName,
        /// The prefixes; an empty one means the whole bucket.
        prefixes: Vec<String>,
    },
    /// Every incomplete upload of a bucket. Answered by [`Answer::Uploads`].
    Uploads(BucketName),
    /// The versions and delete markers of exactly this key, newest first. Answered by [`Answer::Standing`].
    Standing(Arc<Claim>),
    /// The metadata of one version. Answered by [`Answer::Metadata`].
    Metadata {
        bucket: BucketName,
        key: ObjectKey,
        version: VersionId,
    },
    /// The total size of an upload's parts. Answered by [`Answer::Stored`].
    Stored {
        /// The key that the upload would become.
        claim: Arc<Claim>,
        /// The upload id.
        upload: String,
    },
}

impl Question {
    /// Whether the answer needs a listing, which may take many requests.
    #[must_use]
    pub(crate) fn is_listing(&self) -> bool {
        match self {
            Self::VersionsOfUser { .. } | Self::VersionsBelow { .. } | Self::Uploads(_) => true,
            Self::Account
            | Self::Bucket(_)
            | Self::Replication(_)
            | Self::Standing(_)
            | Self::Metadata { .. }
            | Self::Stored { .. } => false,
        }
    }
}

/// The answer to a [`Question`]; `E` is the error of a failed request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer<E> {
    Account(Result<Vec<BucketName>, E>),
    Bucket(Presence),
    /// The enabled rules of a bucket's replication; empty if replication is not configured.
    Replication(Result<Vec<ReplicationPath>, E>),
    /// Ordered by key; under a key newest first.
    Versions(Listed<ObjectVersion, E>),
    /// Ordered by key.
    Uploads(Listed<Upload, E>),
    /// The versions of one key, newest first.
    Standing(Result<Vec<ObjectVersion>, E>),
    /// The metadata, with names in lower case and without `x-amz-meta-`. `None` if the version does not exist.
    Metadata(Result<Option<BTreeMap<String, String>>, E>),
    /// The total size of all parts; `None` if S3 does not know the upload.
    Stored(Result<Option<ByteSize>, E>),
    /// The search was cancelled before it asked.
    NotAsked,
}

/// Whether a bucket exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The bucket exists, or the caller may not know: listing it will show. With its Region, if known.
    There(Option<Region>),
    Missing,
}

/// A listing, and how complete it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed<T, E> {
    /// The items, by key; under a key in the order of the service.
    pub items: Vec<T>,
    pub coverage: Coverage<E>,
}
