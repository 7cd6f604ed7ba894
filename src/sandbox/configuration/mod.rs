//! How a bucket is configured: every sub-resource but versioning, kept as it was put.
//!
//! [`BucketConfiguration`] is the state, part of a bucket in the store. `documents` reads it from the documents that
//! a world holds. The other files are the operations, by what they are about: `retention` what becomes of objects,
//! `access` who may, `events` what is told to whom, `web` browsers, `by_id` those of which a bucket has
//! several. S3's answers for what was never configured are in `absent`.
#![expect(
    clippy::needless_pass_by_value,
    reason = "operations have one shape, whether they keep what the request holds or only look at it"
)]

mod absent;
mod access;
mod acl;
mod by_id;
mod documents;
mod events;
mod retention;
mod web;

use std::collections::BTreeMap;

use s3s::dto::{
    AccelerateConfiguration, AccessControlPolicy, AnalyticsConfiguration,
    BucketLifecycleConfiguration, CORSConfiguration, IntelligentTieringConfiguration,
    InventoryConfiguration, LoggingEnabled, MetricsConfiguration, NotificationConfiguration,
    ObjectLockConfiguration, ObjectOwnership, OwnershipControls, OwnershipControlsRule, Payer,
    PublicAccessBlockConfiguration, ReplicationConfiguration, ServerSideEncryptionConfiguration,
    TagSet, TransitionDefaultMinimumObjectSize, WebsiteConfiguration,
};

use s3s::{S3Response, S3Result};

use super::policy::Policy;
use super::store::{Backend, Bucket, HoldTime};
use crate::domain::configuration::PublicAccess;

pub(super) use access::*;
pub(super) use acl::{get_bucket_acl, grants_to_everyone, is_public, put_bucket_acl};
pub(super) use by_id::*;
pub(super) use events::*;
pub(super) use retention::*;
pub(super) use web::*;

/// What an operation answers.
type Answer<T> = S3Result<S3Response<T>>;

/// All that is configured on a bucket. What is `None` or empty was never put, or deleted since.
#[derive(Debug, Clone, Default)]
pub struct BucketConfiguration {
    /// Default encryption; `None` means S3's own default, AES256.
    pub encryption: Option<ServerSideEncryptionConfiguration>,
    /// The encryption types that uploads must not use; s3s does not know the element. `None`: the document does not say.
    pub blocked_encryption: Option<Vec<String>>,
    /// Lifecycle rules.
    pub lifecycle: Option<BucketLifecycleConfiguration>,
    /// The size below which rules move nothing, which travels beside the rules in a header.
    pub transition_minimum: Option<TransitionDefaultMinimumObjectSize>,
    /// Cross-origin rules.
    pub cors: Option<CORSConfiguration>,
    /// The public access block.
    pub public_access_block: Option<PublicAccessBlockConfiguration>,
    /// The account's, which holds for the bucket as well.
    pub account_block: Option<PublicAccess>,
    /// The bucket policy, text and meaning.
    pub policy: Option<Policy>,
    /// Server access logging.
    pub logging: Option<LoggingEnabled>,
    /// Tags of the bucket.
    pub tags: TagSet,
    /// Replication rules.
    pub replication: Option<ReplicationConfiguration>,
    /// Event notifications.
    pub notification: Option<NotificationConfiguration>,
    /// Who owns what others write, and so whether ACLs count.
    pub ownership: Option<OwnershipControls>,
    /// The bucket's ACL; `None` means private.
    pub acl: Option<AccessControlPolicy>,
    /// Object Lock.
    pub object_lock: Option<ObjectLockConfiguration>,
    /// The default event hold of new objects, which stands in the same document; s3s does not know the element.
    pub default_event_hold: Option<HoldTime>,
    /// Website hosting.
    pub website: Option<WebsiteConfiguration>,
    /// Transfer acceleration.
    pub accelerate: Option<AccelerateConfiguration>,
    /// Who pays for requests; `None` means the owner.
    pub payer: Option<Payer>,
    /// Request metrics, by id.
    pub metrics: BTreeMap<String, MetricsConfiguration>,
    /// Inventories, by id.
    pub inventory: BTreeMap<String, InventoryConfiguration>,
    /// Intelligent-Tiering archive rules, by id.
    pub intelligent_tiering: BTreeMap<String, IntelligentTieringConfiguration>,
    /// Storage class analyses, by id.
    pub analytics: BTreeMap<String, AnalyticsConfiguration>,
    /// What S3 Metadata keeps, as the service answers: the inside of `MetadataConfigurationResult`.
    pub metadata_tables: Option<String>,
    /// Access points by name.
    pub access_points: BTreeMap<String, AccessPoint>,
}

/// An access point.
#[derive(Debug, Clone, Default)]
pub struct AccessPoint {
    /// What `GetAccessPoint` answers beside name and bucket: the inside of an element `AccessPoint`.
    pub document: String,
    /// Its policy.
    pub policy: Option<AccessPointPolicy>,
}

/// The policy of an access point.
#[derive(Debug, Clone)]
pub struct AccessPointPolicy {
    /// As it was written.
    pub text: String,
    /// Whether it is public.
    pub is_public: bool,
}

impl AccessPoint {
    /// Name, bucket and the rest.
    #[must_use]
    pub fn described(&self, name: &str, bucket: &str) -> String {
        format!(
            "<Name>{name}</Name><Bucket>{bucket}</Bucket>{}",
            self.document
        )
    }
}

impl BucketConfiguration {
    /// What S3 gives a bucket that is made today: ACLs off and all public access blocked, both since April 2023.
    #[must_use]
    pub fn of_new_bucket() -> Self {
        let ownership = OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: ObjectOwnership::from_static(
                    ObjectOwnership::BUCKET_OWNER_ENFORCED,
                ),
            }],
        };
        Self {
            ownership: Some(ownership),
            public_access_block: Some(PublicAccessBlockConfiguration {
                block_public_acls: Some(true),
                block_public_policy: Some(true),
                ignore_public_acls: Some(true),
                restrict_public_buckets: Some(true),
            }),
            ..Self::default()
        }
    }

    /// Whether ACLs are ignored altogether: ownership is `BucketOwnerEnforced`. A bucket without ownership controls
    /// is one from before them, whose ACLs count.
    #[must_use]
    pub fn acls_are_off(&self) -> bool {
        self.ownership
            .iter()
            .flat_map(|controls| &controls.rules)
            .any(|rule| rule.object_ownership.as_str() == ObjectOwnership::BUCKET_OWNER_ENFORCED)
    }

    /// Whether a switch of the public access block is on, the bucket's or the account's.
    #[must_use]
    pub fn blocks(&self, switch: impl Fn(&PublicAccessBlockConfiguration) -> Option<bool>) -> bool {
        let own = self.public_access_block.as_ref().and_then(&switch);
        let of_account = || {
            let block = self.account_block?;
            switch(&PublicAccessBlockConfiguration {
                block_public_acls: Some(block.block_public_acls),
                block_public_policy: Some(block.block_public_policy),
                ignore_public_acls: Some(block.ignore_public_acls),
                restrict_public_buckets: Some(block.restrict_public_buckets),
            })
        };
        own.unwrap_or(false) || of_account().unwrap_or(false)
    }
}

/// Answers from what is configured on a bucket.
fn look<T>(
    backend: &Backend,
    bucket: &str,
    read: impl FnOnce(&BucketConfiguration) -> S3Result<T>,
) -> Answer<T> {
    backend
        .store
        .read(bucket, |bucket| read(&bucket.configuration))
        .map(S3Response::new)
}

/// Changes what is configured on a bucket; the answer has nothing to say.
fn change<T: Default>(
    backend: &Backend,
    bucket: &str,
    write: impl FnOnce(&mut Bucket) -> S3Result,
) -> Answer<T> {
    backend.store.write(bucket, write)?;
    Ok(S3Response::new(T::default()))
}
