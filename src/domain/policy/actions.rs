//! The actions that a bucket policy can grant, with the harm that each allows and the resource it applies to.
//!
//! Source: *Actions, resources, and condition keys for Amazon S3* (service authorization reference).

use super::document::Statement;
use super::truth::Truth;

/// What a caller can do with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Power {
    /// Read objects.
    Read,
    /// List objects.
    List,
    /// Write or delete objects.
    Write,
    /// Gain every other power: put a policy or an ACL, or delete the policy.
    TakeOver,
    /// Other harm: abort uploads, restore, tag, lock, change the configuration.
    OtherWrite,
    /// Read what describes an object or the bucket: tags, ACLs, the policy, the configuration.
    Metadata,
}

impl Power {
    /// All powers.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::List,
        Self::Write,
        Self::TakeOver,
        Self::OtherWrite,
        Self::Metadata,
    ];
}

/// The type of resource of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Bucket,
    Object,
}

/// An S3 action that a bucket policy can grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Action {
    pub(super) name: &'static str,
    pub(super) level: Level,
    /// `None`: it gives nothing. S3 tells anyone where a bucket is, whatever its policy says.
    pub(super) power: Option<Power>,
}

const fn bucket(name: &'static str, power: Option<Power>) -> Action {
    Action {
        name,
        level: Level::Bucket,
        power,
    }
}

const fn object(name: &'static str, power: Option<Power>) -> Action {
    Action {
        name,
        level: Level::Object,
        power,
    }
}

const READ: Option<Power> = Some(Power::Read);
const LIST: Option<Power> = Some(Power::List);
const WRITE: Option<Power> = Some(Power::Write);
const TAKE_OVER: Option<Power> = Some(Power::TakeOver);
const OTHER: Option<Power> = Some(Power::OtherWrite);
const METADATA: Option<Power> = Some(Power::Metadata);

pub(super) const ACTIONS: &[Action] = &[
    object("s3:GetObject", READ),
    object("s3:GetObjectVersion", READ),
    object("s3:GetObjectTorrent", READ),
    object("s3:GetObjectVersionTorrent", READ),
    object("s3:GetObjectVersionForReplication", READ),
    bucket("s3:ListBucket", LIST),
    bucket("s3:ListBucketVersions", LIST),
    bucket("s3:ListBucketMultipartUploads", LIST),
    object("s3:ListMultipartUploadParts", LIST),
    object("s3:PutObject", WRITE),
    object("s3:DeleteObject", WRITE),
    object("s3:DeleteObjectVersion", WRITE),
    object("s3:ReplicateObject", WRITE),
    object("s3:ReplicateDelete", WRITE),
    bucket("s3:PutBucketPolicy", TAKE_OVER),
    bucket("s3:DeleteBucketPolicy", TAKE_OVER),
    bucket("s3:PutBucketAcl", TAKE_OVER),
    object("s3:PutObjectAcl", TAKE_OVER),
    object("s3:PutObjectVersionAcl", TAKE_OVER),
    object("s3:AbortMultipartUpload", OTHER),
    object("s3:BypassGovernanceRetention", OTHER),
    object("s3:DeleteObjectTagging", OTHER),
    object("s3:DeleteObjectVersionTagging", OTHER),
    object("s3:InitiateReplication", OTHER),
    object("s3:ObjectOwnerOverrideToBucketOwner", OTHER),
    object("s3:PutObjectLegalHold", OTHER),
    object("s3:PutObjectRetention", OTHER),
    object("s3:PutObjectTagging", OTHER),
    object("s3:PutObjectVersionTagging", OTHER),
    object("s3:ReplicateTags", OTHER),
    object("s3:RestoreObject", OTHER),
    object("s3:UpdateObjectEncryption", OTHER),
    bucket("s3:CreateBucketMetadataTableConfiguration", OTHER),
    bucket("s3:DeleteBucket", OTHER),
    bucket("s3:DeleteBucketMetadataTableConfiguration", OTHER),
    bucket("s3:DeleteBucketWebsite", OTHER),
    bucket("s3:PutAccelerateConfiguration", OTHER),
    bucket("s3:PutAnalyticsConfiguration", OTHER),
    bucket("s3:PutBucketCORS", OTHER),
    bucket("s3:PutBucketLogging", OTHER),
    bucket("s3:PutBucketNotification", OTHER),
    bucket("s3:PutBucketObjectLockConfiguration", OTHER),
    bucket("s3:PutBucketOwnershipControls", OTHER),
    bucket("s3:PutBucketPublicAccessBlock", OTHER),
    bucket("s3:PutBucketRequestPayment", OTHER),
    bucket("s3:PutBucketTagging", OTHER),
    bucket("s3:PutBucketVersioning", OTHER),
    bucket("s3:PutBucketWebsite", OTHER),
    bucket("s3:PutEncryptionConfiguration", OTHER),
    bucket("s3:PutIntelligentTieringConfiguration", OTHER),
    bucket("s3:PutInventoryConfiguration", OTHER),
    bucket("s3:PutLifecycleConfiguration", OTHER),
    bucket("s3:PutMetricsConfiguration", OTHER),
    bucket("s3:PutReplicationConfiguration", OTHER),
    object("s3:GetObjectAcl", METADATA),
    object("s3:GetObjectAttributes", METADATA),
    object("s3:GetObjectLegalHold", METADATA),
    object("s3:GetObjectRetention", METADATA),
    object("s3:GetObjectTagging", METADATA),
    object("s3:GetObjectVersionAcl", METADATA),
    object("s3:GetObjectVersionAttributes", METADATA),
    object("s3:GetObjectVersionTagging", METADATA),
    bucket("s3:GetAccelerateConfiguration", METADATA),
    bucket("s3:GetAnalyticsConfiguration", METADATA),
    bucket("s3:GetBucketAcl", METADATA),
    bucket("s3:GetBucketCORS", METADATA),
    bucket("s3:GetBucketLocation", None),
    bucket("s3:GetBucketLogging", METADATA),
    bucket("s3:GetBucketMetadataTableConfiguration", METADATA),
    bucket("s3:GetBucketNotification", METADATA),
    bucket("s3:GetBucketObjectLockConfiguration", METADATA),
    bucket("s3:GetBucketOwnershipControls", METADATA),
    bucket("s3:GetBucketPolicy", METADATA),
    bucket("s3:GetBucketPolicyStatus", METADATA),
    bucket("s3:GetBucketPublicAccessBlock", METADATA),
    bucket("s3:GetBucketRequestPayment", METADATA),
    bucket("s3:GetBucketTagging", METADATA),
    bucket("s3:GetBucketVersioning", METADATA),
    bucket("s3:GetBucketWebsite", METADATA),
    bucket("s3:GetEncryptionConfiguration", METADATA),
    bucket("s3:GetIntelligentTieringConfiguration", METADATA),
    bucket("s3:GetInventoryConfiguration", METADATA),
    bucket("s3:GetLifecycleConfiguration", METADATA),
    bucket("s3:GetMetricsConfiguration", METADATA),
    bucket("s3:GetReplicationConfiguration", METADATA),
];

/// Finds an action by name, ignoring case and a missing `s3:`. Returns its name and whether its resource is an object.
#[must_use]
pub(crate) fn action_named(text: &str) -> Option<(&'static str, bool)> {
    let name = match text.split_once(':') {
        Some((service, name)) if service.eq_ignore_ascii_case("s3") => name,
        Some(_) => return None,
        None => text,
    };
    let is_it = |action: &&Action| {
        let known = action.name.strip_prefix("s3:");
        known.is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let action = ACTIONS.iter().find(is_it)?;
    Some((action.name, action.level == Level::Object))
}

/// Stand-ins for future actions of S3. A denial of every action covers them; a list of today's actions does not.
pub(super) const FUTURE: [Action; 2] = [
    bucket("s3:ZzBucketActionOfTheFuture", None),
    object("s3:ZzObjectActionOfTheFuture", None),
];

/// Actions that a policy treats alike: one of them, and the names of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alike {
    pub(super) one: Action,
    pub(super) names: Vec<&'static str>,
}

/// Groups the actions that every one of these statements treats alike, so that each group is evaluated only once.
pub(super) fn alike(
    actions: impl Iterator<Item = Action>,
    statements: &[&Statement],
) -> Vec<Alike> {
    let mut found: Vec<(Vec<Truth>, Alike)> = Vec::new();
    for action in actions {
        let treated: Vec<Truth> = statements
            .iter()
            .map(|statement| statement.actions.include_action(action.name))
            .collect();
        let same = found
            .iter_mut()
            .find(|(known, alike)| *known == treated && alike.one.level == action.level);
        match same {
            Some((_, alike)) => alike.names.push(action.name),
            None => found.push((
                treated,
                Alike {
                    one: action,
                    names: vec![action.name],
                },
            )),
        }
    }
    found.into_iter().map(|(_, alike)| alike).collect()
}
