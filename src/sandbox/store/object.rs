//! An object and all that S3 keeps beside its bytes.

use std::collections::BTreeMap;

use s3s::dto::{AccessControlPolicy, Checksum, Metadata, Timestamp};

use super::{Body, Moment};
use crate::domain::hex::hex;

/// An object.
#[derive(Debug, Clone, Default)]
pub struct Object {
    /// Its bytes.
    pub body: Body,
    /// The entity tag without quotes: the MD5 of the bytes in hex, for a multipart upload that of its parts' and how
    /// many there were.
    pub etag: Box<str>,
    /// The storage class; `None` is STANDARD.
    pub storage_class: Option<Box<str>>,
    /// How it is encrypted at rest.
    pub encryption: Encryption,
    /// What the writer said about the bytes.
    pub attributes: Attributes,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Its annotations: texts by name.
    pub annotations: BTreeMap<String, Annotation>,
    /// Checksums that the writer sent.
    pub checksums: Option<Box<Checksum>>,
    /// Sizes of the parts it was uploaded in; empty when it came in one.
    pub part_sizes: Vec<u64>,
    /// The access control list, once one was put.
    pub acl: Option<Box<AccessControlPolicy>>,
    /// What forbids to delete this version.
    pub lock: Lock,
    /// Until when a copy of an archived object can be read.
    pub restored_until: Option<Moment>,
    /// What became of its replication: `COMPLETED`, `PENDING`, `FAILED` or `REPLICA`.
    pub replication_status: Option<Box<str>>,
}

/// A named text beside an object's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The text.
    pub text: String,
    /// When it was written.
    pub modified: Moment,
}

/// What the writer of an object said about its bytes; a reader gets it back unchanged.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    /// `Content-Type`; `None` is `binary/octet-stream`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Expires`.
    pub expires: Option<Timestamp>,
    /// Where a website redirects a reader to.
    pub website_redirect: Option<String>,
    /// User metadata, names in lower case without `x-amz-meta-`.
    pub metadata: Metadata,
}

/// How an object is encrypted at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: written before 2023.
    None,
    /// With a key of S3.
    #[default]
    Aes256,
    /// With a KMS key.
    Kms {
        /// The key's ARN.
        key: Box<str>,
        /// Whether a bucket key stands between it and the object.
        bucket_key: bool,
        /// Whether it is encrypted twice (`aws:kms:dsse`).
        dual_layer: bool,
    },
}

/// What forbids to delete a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// A legal hold: on, off, or never said.
    pub legal_hold: Option<bool>,
    /// A retention period.
    pub retention: Option<Retention>,
}

/// A period in which a version cannot be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Whether somebody with the permission may end it early.
    pub mode: RetentionMode,
    /// When it ends; while an event hold is on, the earliest that it can end.
    pub until: Moment,
    /// How long the version is kept after its event hold is released; `None`: no event hold is on.
    pub event_hold: Option<HoldTime>,
}

impl Retention {
    /// When it ends, seen from now: while an event hold is on, the end moves on with the time.
    #[must_use]
    pub fn end(&self, now: Moment) -> Moment {
        self.event_hold
            .map_or(self.until, |time| self.until.max(time.after(now)))
    }
}

/// How long an event hold keeps a version after its release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldTime {
    /// Days, at most 36,500.
    Days(u32),
    /// Years, at most 100.
    Years(u32),
}

impl HoldTime {
    /// The moment that is this much later. S3 counts a year as 365 days.
    #[must_use]
    pub fn after(self, moment: Moment) -> Moment {
        let days = match self {
            Self::Days(days) => i64::from(days),
            Self::Years(years) => i64::from(years) * 365,
        };
        Moment::from_seconds(moment.seconds().saturating_add(days.saturating_mul(86_400)))
    }
}

/// Who can end a retention period early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionMode {
    /// Whoever has the permission and asks for it.
    Governance,
    /// Nobody.
    Compliance,
}

impl Object {
    /// An object that has a size and nothing else out of the ordinary, as worlds of a million keys are made of.
    #[must_use]
    pub fn plain(key: &str, size: u64) -> Self {
        Self {
            etag: Self::plain_etag(key, size),
            body: Body::made_up(seed_of(key), size),
            ..Self::default()
        }
    }

    /// The entity tag of such an object.
    #[must_use]
    pub fn plain_etag(key: &str, size: u64) -> Box<str> {
        hex(&Body::digest_of_made_up(seed_of(key), 0, size)).into()
    }

    /// The storage class, `STANDARD` when none was named.
    #[must_use]
    pub fn class(&self) -> &str {
        self.storage_class.as_deref().unwrap_or("STANDARD")
    }

    /// Whether it is archived: its bytes cannot be read before a restore.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        matches!(self.class(), "GLACIER" | "DEEP_ARCHIVE")
    }

    /// Whether it is archived and no restored copy is there now.
    #[must_use]
    pub fn needs_restore(&self, now: Moment) -> bool {
        self.is_archived() && self.restored_until.is_none_or(|until| until <= now)
    }
}

/// Makes a body's seed from its key (64-bit FNV-1a), so that the same world has the same bytes everywhere.
#[must_use]
pub(super) fn seed_of(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
