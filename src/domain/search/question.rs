//! What a search has to know from the service, and what the service says.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::change::Claim;
use crate::domain::coverage::Coverage;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion, Region, Upload, VersionId};

/// One thing that has to be asked. Questions that are open at the same time do not depend on each other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    /// The names of the account's buckets. Answered by [`Answer::Account`].
    Account,
    /// Whether there is such a bucket, and in which Region. Answered by [`Answer::Bucket`].
    Bucket(BucketName),
    /// To which buckets a bucket's objects are replicated. Answered by [`Answer::Replication`].
    Replication(BucketName),
    /// Versions and markers in the folders that are the user's. Answered by [`Answer::Versions`].
    VersionsOfUser {
        bucket: BucketName,
        /// The bucket whose [plan](crate::domain::blueprint::OwnerPlan) says which folders: the same, or one whose objects
        /// are replicated there.
        by: BucketName,
    },
    /// Versions and markers whose keys begin with one of these. Answered by [`Answer::Versions`].
    VersionsBelow {
        bucket: BucketName,
        /// What the keys begin with; the empty text is all of the bucket.
        prefixes: Vec<String>,
    },
    /// Every incomplete upload of a bucket. Answered by [`Answer::Uploads`].
    Uploads(BucketName),
    /// The versions and markers of exactly this key, newest first. Answered by [`Answer::Standing`].
    Standing(Arc<Claim>),
    /// The metadata of one version. Answered by [`Answer::Metadata`].
    Metadata {
        bucket: BucketName,
        key: ObjectKey,
        version: VersionId,
    },
    /// How much the parts of an upload hold together. Answered by [`Answer::Stored`].
    Stored {
        /// The key that the upload would become.
        claim: Arc<Claim>,
        /// The upload's id.
        upload: String,
    },
}

impl Question {
    /// Whether the answer takes as many requests as it takes to list something.
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

/// The answer to a [`Question`]; `E` is a failed request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer<E> {
    /// The names of the account's buckets.
    Account(Result<Vec<BucketName>, E>),
    /// What is known of a bucket.
    Bucket(Presence),
    /// The buckets that a bucket's objects are replicated to: none where nothing is configured.
    Replication(Result<Vec<BucketName>, E>),
    /// By key; under a key newest first.
    Versions(Listed<ObjectVersion, E>),
    /// By key.
    Uploads(Listed<Upload, E>),
    /// What stands under one key, newest first.
    Standing(Result<Vec<ObjectVersion>, E>),
    /// The metadata, names in lower case without `x-amz-meta-`; `None` where the version is not there.
    Metadata(Result<Option<BTreeMap<String, String>>, E>),
    /// All parts together; `None` where the service does not know the upload.
    Stored(Result<Option<ByteSize>, E>),
    /// Nobody asked: the search was stopped before.
    NotAsked,
}

/// Whether there is a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    /// There is, or whoever asked may not know: listing it will tell. With its Region, as far as that is known.
    There(Option<Region>),
    /// There is none.
    Missing,
}

/// What was listed, and how completely.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed<T, E> {
    /// The things, by key; what is under one key in the service's order.
    pub items: Vec<T>,
    /// Complete, or what is missing.
    pub coverage: Coverage<E>,
}
