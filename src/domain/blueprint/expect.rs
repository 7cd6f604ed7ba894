//! The configuration that a blueprint expects of a bucket: `[bucket.expect]`.
//!
//! An absent field expects nothing. An empty list expects that there is none.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::values::{Span, bucket_name, over};
use crate::domain::BucketName;
use crate::domain::configuration::NotifiedKind;

/// The expected configuration of a bucket.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Its Region.
    pub region: Option<String>,
    /// Its versioning state.
    pub versioning: Option<WantedVersioning>,
    /// Its default encryption.
    pub encryption: Option<WantedEncryption>,
    /// Its own public access block.
    pub public_access_block: Option<WantedAccessBlock>,
    /// The access that anyone is meant to have.
    pub public: Option<PublicIntent>,
    /// Its Object Ownership setting.
    pub ownership: Option<WantedOwnership>,
    /// Whether a policy statement denies every request without TLS.
    pub tls_only: Option<bool>,
    /// Whether a CDN serves it.
    pub cdn: Option<bool>,
    /// The destination of its access log.
    pub logging: Option<WantedLogging>,
    /// The access of others than its own account's administrators.
    pub grant: Option<Vec<WantedGrant>>,
    /// Its CORS rules.
    pub cors: Option<Vec<WantedCors>>,
    /// Its lifecycle rules.
    pub lifecycle: Option<Vec<WantedRule>>,
    /// The destinations of its replication.
    pub replication: Option<Vec<WantedReplication>>,
    /// Its event notifications.
    pub notification: Option<Vec<WantedNotification>>,
    /// The tags of the bucket itself.
    pub tags: Option<BTreeMap<String, String>>,
}

over!(Expect {
    each: region, versioning, encryption, public_access_block, public, ownership, tls_only, cdn, logging, grant, cors,
          lifecycle, replication, notification, tags;
    deep:
});

/// The expected versioning state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WantedVersioning {
    /// Never configured.
    Off,
    /// Versioning is enabled.
    Enabled,
    /// Versioning is suspended.
    Suspended,
}

/// The expected default encryption.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedEncryption {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The KMS key. `"own"` means any customer managed key, as opposed to `aws/s3`.
    pub key: Option<String>,
    /// Whether an S3 Bucket Key is used; absent means no expectation.
    pub bucket_key: Option<bool>,
    /// The encryption types that uploads must not use. Absent means no expectation; an empty list allows all types.
    pub blocked: Option<Vec<BlockedType>>,
}

/// An encryption type that a bucket can block, as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum BlockedType {
    /// SSE-C: a key that the client sends with each request.
    #[serde(rename = "SSE-C")]
    SseC,
}

impl BlockedType {
    /// Its spelling in S3.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SseC => "SSE-C",
        }
    }
}

/// An encryption algorithm, as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// SSE-S3.
    #[serde(rename = "AES256")]
    Aes256,
    /// SSE-KMS.
    #[serde(rename = "aws:kms")]
    Kms,
    /// DSSE-KMS: two layers of encryption with a KMS key.
    #[serde(rename = "aws:kms:dsse")]
    KmsDsse,
}

/// The four settings of a public access block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "S3 has these four switches and no more"
)]
pub struct WantedAccessBlock {
    /// Rejects new public ACLs.
    pub block_public_acls: bool,
    /// Ignores existing public ACLs.
    pub ignore_public_acls: bool,
    /// Rejects new public policies.
    pub block_public_policy: bool,
    /// Restricts existing public policies to the account and AWS services.
    pub restrict_public_buckets: bool,
}

/// The access that anyone is meant to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicIntent {
    /// None.
    None,
    /// Reading any object with a known key.
    Read,
}

/// An Object Ownership setting, as S3 spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum WantedOwnership {
    /// ACLs are disabled.
    BucketOwnerEnforced,
    /// The bucket owner owns objects that others write with the `bucket-owner-full-control` ACL.
    BucketOwnerPreferred,
    /// The writer owns the object.
    ObjectWriter,
}

/// The expected access log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedLogging {
    /// The destination bucket.
    #[serde(deserialize_with = "bucket_name")]
    pub bucket: BucketName,
    /// The prefix of the log objects.
    #[serde(default)]
    pub prefix: String,
}

/// A principal with access.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedGrant {
    /// The principal: `role/NAME` or `user/NAME` of the bucket's account, a service such as `logging.s3.amazonaws.com`,
    /// or `cdn`.
    pub to: String,
    /// The actions, such as `s3:PutObject`.
    pub actions: Vec<String>,
    /// The prefix of the keys; an empty one means all objects.
    #[serde(default)]
    pub prefix: String,
}

/// An expected CORS rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedCors {
    /// Origins, such as `https://app.example.com`. If there are none, a file that extends the blueprint must add the
    /// application's own.
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
    /// How long a browser may cache the preflight response, in seconds.
    pub max_age_seconds: Option<u32>,
}

/// An expected lifecycle rule: enabled, for objects with the prefix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedRule {
    /// Its id.
    pub id: String,
    /// The prefix of the keys; an empty one means all objects.
    #[serde(default)]
    pub prefix: String,
    /// The layouts that the rule is meant for, if the prefix does not show it or is wrong.
    #[serde(default)]
    pub layouts: Vec<String>,
    /// Transitions to other storage classes.
    #[serde(default)]
    pub transitions: Vec<WantedTransition>,
    /// Days until an object expires.
    pub expire_days: Option<u32>,
    /// Days until a noncurrent version expires.
    pub expire_noncurrent_days: Option<u32>,
    /// Days until an incomplete upload is aborted.
    pub abort_uploads_days: Option<u32>,
}

/// A transition to another storage class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedTransition {
    /// Days after the object was written.
    pub days: u32,
    /// The storage class, as S3 spells it.
    pub class: String,
}

/// An expected replication rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedReplication {
    /// Its id.
    pub id: String,
    /// The destination bucket.
    #[serde(deserialize_with = "bucket_name")]
    pub to: BucketName,
    /// The prefix of the keys; an empty one means all objects.
    #[serde(default)]
    pub prefix: String,
    /// The storage class of the replicas, as S3 spells it.
    pub class: Option<String>,
    /// Whether delete markers are replicated.
    #[serde(default)]
    pub delete_markers: bool,
    /// Whether objects encrypted with KMS are replicated.
    #[serde(default)]
    pub kms_encrypted: bool,
}

/// An expected event notification.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedNotification {
    /// Its purpose, or its id.
    pub id: String,
    /// The destination.
    pub to: Target,
    /// The events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// The prefix of the keys; an empty one means all objects.
    #[serde(default)]
    pub prefix: String,
    /// The suffix of the keys; an empty one means all objects.
    #[serde(default)]
    pub suffix: String,
    /// The layouts that it is meant for, if prefix and suffix do not show it or are wrong.
    #[serde(default)]
    pub layouts: Vec<String>,
}

/// The destination of events.
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
    /// Its name in the bucket's configuration.
    #[must_use]
    pub fn kind(self) -> NotifiedKind {
        match self {
            Self::Lambda => NotifiedKind::Lambda,
            Self::Queue => NotifiedKind::Queue,
            Self::Topic => NotifiedKind::Topic,
        }
    }
}

/// The pre-signed requests that the application creates: `[bucket.presign.put]` and so on.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presign {
    /// Downloads.
    pub get: Option<PresignRule>,
    /// Uploads by PUT.
    pub put: Option<PresignRule>,
    /// Uploads by form, the only kind that can sign a maximum size.
    pub post: Option<PresignRule>,
    /// Downloads of objects that are shown only once.
    pub view_once: Option<PresignRule>,
}

over!(Presign { each: ; deep: get, put, post, view_once });

/// The rule for one kind of pre-signed request.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresignRule {
    /// Its lifetime.
    pub expires: Option<Span>,
    /// The allowed content types of an upload. An empty list allows any type, but one is signed.
    pub content_types: Option<Vec<String>>,
    /// The maximum size of an upload.
    #[serde(default, deserialize_with = "super::values::size")]
    pub max_size: Option<crate::domain::ByteSize>,
    /// Whether the exact length is signed (PUT).
    pub sign_length: Option<bool>,
    /// Headers that are signed with a fixed value.
    pub headers: Option<BTreeMap<String, String>>,
    /// User metadata that is signed with a different value each time. Names without `x-amz-meta-`.
    pub metadata: Option<Vec<String>>,
    /// Whether production uses URLs of the CDN instead.
    pub cdn: Option<bool>,
}

over!(PresignRule { each: expires, content_types, max_size, sign_length, headers, metadata, cdn; deep: });
