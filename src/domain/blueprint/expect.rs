//! The configuration that a blueprint wants a bucket to have: `[bucket.expect]`.
//!
//! What is not said is not expected. An empty list says that there should be none.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::values::{Span, bucket_name, over};
use crate::domain::BucketName;
use crate::domain::configuration::NotifiedKind;

/// What a bucket should be like.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The Region where it should be.
    pub region: Option<String>,
    /// Whether it keeps versions.
    pub versioning: Option<WantedVersioning>,
    /// Its default encryption.
    pub encryption: Option<WantedEncryption>,
    /// Its own public access block.
    pub public_access_block: Option<WantedAccessBlock>,
    /// What anyone may do by intent.
    pub public: Option<PublicIntent>,
    /// Who owns what others write.
    pub ownership: Option<WantedOwnership>,
    /// Whether a statement refuses every request that is not over TLS.
    pub tls_only: Option<bool>,
    /// Whether a CDN stands in front.
    pub cdn: Option<bool>,
    /// Where its access log goes.
    pub logging: Option<WantedLogging>,
    /// Who may do what, beside its own account's administrators.
    pub grant: Option<Vec<WantedGrant>>,
    /// Its CORS rules.
    pub cors: Option<Vec<WantedCors>>,
    /// Its lifecycle rules.
    pub lifecycle: Option<Vec<WantedRule>>,
    /// Where its objects are replicated to.
    pub replication: Option<Vec<WantedReplication>>,
    /// Which events it tells to whom.
    pub notification: Option<Vec<WantedNotification>>,
    /// The tags of the bucket itself.
    pub tags: Option<BTreeMap<String, String>>,
}

over!(Expect {
    each: region, versioning, encryption, public_access_block, public, ownership, tls_only, cdn, logging, grant, cors,
          lifecycle, replication, notification, tags;
    deep:
});

/// Versioning as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WantedVersioning {
    /// Never configured.
    Off,
    /// Keeping versions.
    Enabled,
    /// No longer keeping new ones.
    Suspended,
}

/// Default encryption as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedEncryption {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// With KMS: the key. `"own"` stands for any key of the customer's, as opposed to `aws/s3`.
    pub key: Option<String>,
    /// Whether a bucket key is used; not said is not expected.
    pub bucket_key: Option<bool>,
    /// The encryption types that uploads must not use; not said is not expected, an empty list allows all.
    pub blocked: Option<Vec<BlockedType>>,
}

/// An encryption type that a bucket can refuse, as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum BlockedType {
    /// A key that the client sends with each request.
    #[serde(rename = "SSE-C")]
    SseC,
}

impl BlockedType {
    /// As S3 spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SseC => "SSE-C",
        }
    }
}

/// An encryption algorithm as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// Keys of S3.
    #[serde(rename = "AES256")]
    Aes256,
    /// A KMS key.
    #[serde(rename = "aws:kms")]
    Kms,
    /// Two layers with a KMS key.
    #[serde(rename = "aws:kms:dsse")]
    KmsDsse,
}

/// The four switches of a public access block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "S3 has these four switches and no more"
)]
pub struct WantedAccessBlock {
    /// Refuses new public ACLs.
    pub block_public_acls: bool,
    /// Ignores those there are.
    pub ignore_public_acls: bool,
    /// Refuses new public policies.
    pub block_public_policy: bool,
    /// Makes those there are void for strangers.
    pub restrict_public_buckets: bool,
}

/// What anyone may do by intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicIntent {
    /// Nothing.
    None,
    /// Read any object whose key they know.
    Read,
}

/// Object ownership as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum WantedOwnership {
    /// ACLs are disabled.
    BucketOwnerEnforced,
    /// The bucket owner owns what others write with its canned ACL.
    BucketOwnerPreferred,
    /// Each writer owns what it wrote.
    ObjectWriter,
}

/// An access log as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedLogging {
    /// The bucket that the log is written to.
    #[serde(deserialize_with = "bucket_name")]
    pub bucket: BucketName,
    /// What the log objects' keys begin with.
    #[serde(default)]
    pub prefix: String,
}

/// Somebody who may do something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedGrant {
    /// Who: `role/NAME` or `user/NAME` of the bucket's account, a service such as `logging.s3.amazonaws.com`, or
    /// `cdn`.
    pub to: String,
    /// The actions, such as `s3:PutObject`.
    pub actions: Vec<String>,
    /// On objects whose keys begin so; empty is all of them.
    #[serde(default)]
    pub prefix: String,
}

/// A CORS rule as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedCors {
    /// Origins, such as `https://app.example.com`. None says that the application's own have to be named by whoever
    /// extends the blueprint.
    #[serde(default)]
    pub origins: Vec<String>,
    /// HTTP methods.
    pub methods: Vec<String>,
    /// Request headers.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Response headers that scripts may read.
    #[serde(default)]
    pub expose: Vec<String>,
    /// How long a browser may remember the answer, in seconds.
    pub max_age_seconds: Option<u32>,
}

/// A lifecycle rule as it should be: enabled, for the objects whose keys begin with the prefix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedRule {
    /// Its id.
    pub id: String,
    /// What keys begin with; empty is all.
    #[serde(default)]
    pub prefix: String,
    /// The layouts that it is meant for, where the prefix does not say so (or says so wrongly).
    #[serde(default)]
    pub layouts: Vec<String>,
    /// Changes of storage class.
    #[serde(default)]
    pub transitions: Vec<WantedTransition>,
    /// Days until an object expires.
    pub expire_days: Option<u32>,
    /// Days until a version expires that is no longer current.
    pub expire_noncurrent_days: Option<u32>,
    /// Days until an incomplete upload is aborted.
    pub abort_uploads_days: Option<u32>,
}

/// A change of storage class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedTransition {
    /// Days since the object was written.
    pub days: u32,
    /// The class as S3 spells it.
    pub class: String,
}

/// A replication rule as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedReplication {
    /// Its id.
    pub id: String,
    /// The bucket of the replicas.
    #[serde(deserialize_with = "bucket_name")]
    pub to: BucketName,
    /// What keys begin with; empty is all.
    #[serde(default)]
    pub prefix: String,
    /// The replicas' storage class as S3 spells it.
    pub class: Option<String>,
    /// Whether delete markers are replicated.
    #[serde(default)]
    pub delete_markers: bool,
    /// Whether objects encrypted with KMS are replicated.
    #[serde(default)]
    pub kms_encrypted: bool,
}

/// An event notification as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedNotification {
    /// What it is for, or its id.
    pub id: String,
    /// What is told.
    pub to: Target,
    /// The events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// What keys begin with; empty is all.
    #[serde(default)]
    pub prefix: String,
    /// What keys end with; empty is all.
    #[serde(default)]
    pub suffix: String,
    /// The layouts that it is meant for, where prefix and suffix do not say so (or say so wrongly).
    #[serde(default)]
    pub layouts: Vec<String>,
}

/// What an event is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A Lambda function.
    Lambda,
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
}

impl Target {
    /// What a bucket's own configuration calls it.
    #[must_use]
    pub fn kind(self) -> NotifiedKind {
        match self {
            Self::Lambda => NotifiedKind::Lambda,
            Self::Queue => NotifiedKind::Queue,
            Self::Topic => NotifiedKind::Topic,
        }
    }
}

/// The pre-signed requests that an application hands out: `[bucket.presign.put]` and so on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presign {
    /// Downloads.
    pub get: Option<PresignRule>,
    /// Uploads by PUT.
    pub put: Option<PresignRule>,
    /// Uploads by a form, the only way to sign a maximum size.
    pub post: Option<PresignRule>,
    /// Downloads of what is to be seen once.
    pub view_once: Option<PresignRule>,
}

over!(Presign { each: ; deep: get, put, post, view_once });

/// The rule for one kind of pre-signed request.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresignRule {
    /// How long it is valid.
    pub expires: Option<Span>,
    /// The content types that may be uploaded; empty list: any, but one is signed.
    pub content_types: Option<Vec<String>>,
    /// The most bytes that may be uploaded.
    #[serde(default, deserialize_with = "super::values::size")]
    pub max_size: Option<crate::domain::ByteSize>,
    /// Whether the exact length is signed (PUT).
    pub sign_length: Option<bool>,
    /// Headers that are signed with a fixed value.
    pub headers: Option<BTreeMap<String, String>>,
    /// User metadata that is signed, names without `x-amz-meta-`; the values differ each time.
    pub metadata: Option<Vec<String>>,
    /// Whether production gives out the CDN's URLs instead.
    pub cdn: Option<bool>,
}

over!(PresignRule { each: expires, content_types, max_size, sign_length, headers, metadata, cdn; deep: });
