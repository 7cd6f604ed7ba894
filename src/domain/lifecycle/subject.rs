//! The input of a lifecycle simulation: one object, version or delete marker.

use chrono::{DateTime, Utc};

use crate::domain::configuration::{Versioning, VersioningState};

/// One object, version or delete marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// Its tags; `None` if unknown, because a listing does not return them.
    pub tags: Option<&'a [(String, String)]>,
    /// Its storage class as S3 spells it.
    pub class: &'a str,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// Current, noncurrent or delete marker.
    pub version: VersionState,
    /// Whether its replication is pending or failed, which suspends the lifecycle.
    pub unreplicated: bool,
    /// The lock that prevents deletion.
    pub lock: Option<Lock>,
}

/// The state of an item among the versions of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// The version that a GET returns.
    Current {
        /// Whether its version id is `null`. If versioning is suspended, the next write overwrites such a version.
        is_null: bool,
    },
    /// A noncurrent version.
    Noncurrent {
        /// When the next version was written.
        since: DateTime<Utc>,
        /// How many noncurrent versions of the key are newer.
        newer: u32,
    },
    /// A delete marker that is the latest version.
    Marker {
        /// Whether the key has no other version.
        is_alone: bool,
    },
}

/// An Object Lock on a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// A retention period until this time.
    Until(DateTime<Utc>),
    /// A legal hold, which has no end, or an event hold, whose end is unknown.
    Hold,
}

/// Whether a bucket keeps versions, which decides what an expiration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// Versioning was never enabled.
    #[default]
    Nothing,
    /// Versioning is enabled.
    Versions,
    /// Versioning is suspended: old versions remain, and no new ones are made.
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
    /// Derives it from a versioning request. If the request failed, the bucket counts as versioned: rules for
    /// noncurrent versions may then apply, and s3warden never claims that a deletion is permanent.
    #[must_use]
    pub fn of_answer<E>(versioning: Result<Option<&Versioning>, E>) -> Self {
        versioning.map_or(Self::Versions, Self::from)
    }
}

impl<'a> Subject<'a> {
    /// A current object without tags, lock or replication.
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
