//! What the lifecycle acts on: one object, version or delete marker, as far as it is known.

use chrono::{DateTime, Utc};

use crate::domain::configuration::{Versioning, VersioningState};

/// One object, version or delete marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// Its tags; `None` when nobody asked (a listing does not tell them).
    pub tags: Option<&'a [(String, String)]>,
    /// Its storage class as S3 spells it.
    pub class: &'a str,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// What it is among the versions of its key.
    pub version: VersionState,
    /// Whether its replication is pending or failed, which suspends the lifecycle.
    pub unreplicated: bool,
    /// What keeps it from being deleted.
    pub lock: Option<Lock>,
}

/// What something is among the versions of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// What a GET answers with.
    Current {
        /// Whether its version id is `null`: a bucket with suspended versioning overwrites it.
        is_null: bool,
    },
    /// An older version.
    Noncurrent {
        /// When its successor was written.
        since: DateTime<Utc>,
        /// How many noncurrent versions of the key are newer.
        newer: u32,
    },
    /// A delete marker that is the latest.
    Marker {
        /// Whether no version stands behind it.
        is_alone: bool,
    },
}

/// An Object Lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// A retention until then.
    Until(DateTime<Utc>),
    /// A legal hold, which has no end, or an event hold, whose end nobody knows.
    Hold,
}

/// Whether a bucket keeps versions, which decides what an expiration means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// It never did.
    #[default]
    Nothing,
    /// It does.
    Versions,
    /// It did, and no longer makes new ones.
    OldVersions,
}

impl From<Option<&Versioning>> for Kept {
    fn from(versioning: Option<&Versioning>) -> Self {
        match versioning.map(|versioning| versioning.state) {
            None => Self::Nothing,
            Some(VersioningState::Enabled) => Self::Versions,
            Some(VersioningState::Suspended) => Self::OldVersions,
        }
    }
}

impl Kept {
    /// What follows from an answer about versioning. Without one the bucket counts as one that keeps versions: a rule for
    /// versions may then have something to do, and nothing is said to be deleted for good at once.
    #[must_use]
    pub fn of_answer<E>(versioning: Result<Option<&Versioning>, E>) -> Self {
        versioning.map_or(Self::Versions, Self::from)
    }
}

impl<'a> Subject<'a> {
    /// A current object without tags, lock and replication.
    #[must_use]
    pub fn current(key: &'a str, size: u64, class: &'a str, written: DateTime<Utc>) -> Self {
        Self {
            key,
            size,
            tags: Some(&[]),
            class,
            written,
            version: VersionState::Current { is_null: false },
            unreplicated: false,
            lock: None,
        }
    }

    /// Whether this is a delete marker.
    #[must_use]
    pub fn is_marker(&self) -> bool {
        matches!(self.version, VersionState::Marker { .. })
    }
}
