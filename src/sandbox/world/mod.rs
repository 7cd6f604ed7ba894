//! What a sandbox is filled with: worlds as data.
//!
//! A [`World`] is plain data: buckets with their configuration as documents, every version of every object, and the
//! uploads that nobody finished. The store takes it in as it is (`store::Store::load`) and adds nothing of its own but
//! version ids that were left open, so that two sandboxes with one world hold the same things.
//!
//! Worlds are TOML (`assets/worlds/`): what matters is planted by hand, the bulk is made up by a seeded generator, and
//! all dates count back from now. Start with [`World::builtin`]; `file` is the shape of the TOML, `twin` that of a world which
//! extends another, `read` reads both, `build` turns them into a [`World`], `bulk` makes many objects up, `consequences` what
//! one bucket's objects lead to in another, `registry` what the application says is alive, `bodies` and `logs` what is in some of them, and `synthetic` a million keys of
//! one shape.

pub(super) mod bodies;
mod build;
mod bulk;
mod consequences;
mod error;
mod file;
mod library;
mod logs;
pub(crate) mod metrics;
mod read;
mod registry;
mod rng;
mod synthetic;
mod twin;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hyper::body::Bytes;

use crate::domain::configuration::PublicAccess;

pub(crate) use error::WorldError;
pub(crate) use registry::WorldRegistry;

/// Everything that a sandbox holds when it starts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    /// What it is called on the command line.
    pub name: String,
    /// Its buckets.
    pub buckets: Vec<WorldBucket>,
    /// What CloudWatch knows of them.
    pub metrics: metrics::WorldMetrics,
    /// What public access its account blocks; `None`: that was never configured.
    pub public_access_block: Option<PublicAccess>,
    /// Policies of KMS keys, by the ARN of the key.
    pub key_policies: BTreeMap<String, String>,
    /// Whom and what its application says is alive.
    pub registry: WorldRegistry,
}

/// One bucket of a world.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldBucket {
    /// Its name.
    pub name: String,
    /// The Region where it is, such as `eu-west-1`.
    pub region: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Whether it keeps versions.
    pub versioning: Versioning,
    /// Sub-resource as in the query string (`lifecycle`, `cors`, `policy`, ...) to the document as it goes over the
    /// wire: XML, or JSON for a policy.
    pub configuration: BTreeMap<String, String>,
    /// Sub-resource of which a bucket has several (`metrics`, `inventory`, ...) to pairs of id and XML document.
    pub configuration_lists: BTreeMap<String, Vec<(String, String)>>,
    /// All versions; those of one key oldest first, the last one of a key being its current one.
    pub versions: Vec<SeedVersion>,
    /// Multipart uploads that were begun and neither completed nor aborted.
    pub uploads: Vec<SeedUpload>,
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Versioning {
    /// Never configured: a write replaces.
    #[default]
    Off,
    /// Every write adds a version.
    Enabled,
    /// Was enabled: old versions stay, a write replaces the `null` version only.
    Suspended,
}

/// One version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedVersion {
    /// The object's key.
    pub key: String,
    /// When it was written.
    pub last_modified: DateTime<Utc>,
    /// What it is.
    pub kind: SeedKind,
    /// Its id; `None` lets the store make one, or `null` where versioning is off.
    pub version_id: Option<String>,
}

/// What a version is.
#[derive(Debug, Clone, PartialEq)]
pub enum SeedKind {
    /// An object with a body.
    Object(Box<SeedObject>),
    /// An object that has a size and nothing else out of the ordinary: STANDARD, binary, encrypted with AES256. Worlds
    /// of a million keys are made of these.
    Plain {
        /// Size of the made-up body in bytes.
        size: u64,
    },
    /// A marker that hides the versions before it.
    DeleteMarker,
}

/// An object and all that a PUT can say about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeedObject {
    /// Size in bytes.
    pub size: u64,
    /// The bytes; `None` makes them up from key and size while they are read.
    pub body: Option<Bytes>,
    /// `Content-Type`; `None` is `binary/octet-stream`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// The storage class; empty is STANDARD.
    pub storage_class: String,
    /// User metadata, names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// Object tags.
    pub tags: BTreeMap<String, String>,
    /// Annotations: texts by name.
    pub annotations: BTreeMap<String, String>,
    /// How it is encrypted.
    pub sse: Sse,
    /// Whether a bucket key was used (with KMS).
    pub bucket_key: bool,
    /// Replication status as HEAD tells it: `COMPLETED`, `PENDING`, `FAILED` or `REPLICA`.
    pub replication_status: Option<String>,
    /// Until when an archived object is restored.
    pub restored_until: Option<DateTime<Utc>>,
}

/// How an object is encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sse {
    /// Not at all: written before 2023.
    None,
    /// With a key of S3.
    #[default]
    Aes256,
    /// With this KMS key (an ARN); an empty one means the account's `aws/s3` key.
    Kms(String),
}

/// A multipart upload that was begun and left.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedUpload {
    /// The key that it would become.
    pub key: String,
    /// When it was begun.
    pub initiated: DateTime<Utc>,
    /// Sizes of the parts that arrived, in bytes; the first is part 1.
    pub parts: Vec<u64>,
    /// The class that it would be stored in.
    pub storage_class: String,
}
