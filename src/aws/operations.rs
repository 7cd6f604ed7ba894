//! The table of all operations: description, required permission, and root element of the response.
//!
//! Explanations, the README's list of permissions and the check of a response's shape all use this one table. Source of
//! permissions: the *Actions, resources, and condition keys for Amazon S3* page of the service authorization reference.
//! Several permissions are not named like their operation.

/// An operation of S3, STS, IAM, CloudWatch or DynamoDB.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its name in the service's model, such as `ListObjectsV2`.
    pub name: &'static str,
    /// A description that fits between "could not" and the target, such as "list the objects of".
    pub words: &'static str,
    /// The required IAM action; empty if none is required.
    pub permission: &'static str,
    /// The root element of a successful response; `None` if the response consists of headers, or of the object.
    pub root: Option<&'static str>,
}

/// Every operation that s3warden sends.
pub(crate) const ALL: &[&Operation] = &[
    &LIST_BUCKETS,
    &HEAD_BUCKET,
    &GET_BUCKET_VERSIONING,
    &GET_BUCKET_ENCRYPTION,
    &GET_PUBLIC_ACCESS_BLOCK,
    &GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,
    &GET_BUCKET_POLICY,
    &GET_BUCKET_POLICY_STATUS,
    &GET_BUCKET_ACL,
    &GET_BUCKET_OWNERSHIP_CONTROLS,
    &GET_BUCKET_CORS,
    &GET_BUCKET_LIFECYCLE,
    &GET_BUCKET_LOGGING,
    &GET_BUCKET_REQUEST_PAYMENT,
    &GET_BUCKET_REPLICATION,
    &GET_BUCKET_NOTIFICATION,
    &GET_OBJECT_LOCK_CONFIGURATION,
    &GET_BUCKET_TAGGING,
    &GET_BUCKET_WEBSITE,
    &LIST_TIERINGS,
    &LIST_INVENTORIES,
    &LIST_METRICS_CONFIGURATIONS,
    &LIST_ACCESS_POINTS,
    &GET_ACCESS_POINT,
    &GET_ACCESS_POINT_POLICY,
    &GET_ACCESS_POINT_POLICY_STATUS,
    &GET_BUCKET_METADATA,
    &LIST_OBJECTS,
    &LIST_VERSIONS,
    &LIST_UPLOADS,
    &LIST_PARTS,
    &HEAD_OBJECT,
    &GET_OBJECT_TAGGING,
    &GET_OBJECT_ACL,
    &GET_OBJECT_RETENTION,
    &GET_OBJECT_LEGAL_HOLD,
    &LIST_ANNOTATIONS,
    &GET_CALLER_IDENTITY,
    &DELETE_OBJECT,
    &DELETE_OBJECTS,
    &PUT_OBJECT,
    &GET_OBJECT,
    &ABORT_UPLOAD,
    &PUT_OBJECT_TAGGING,
    &DELETE_OBJECT_TAGGING,
    &COPY_OBJECT,
    &PUT_BUCKET_LIFECYCLE,
    &DELETE_BUCKET_LIFECYCLE,
    &LIST_METRICS,
    &GET_METRIC_DATA,
    &DESCRIBE_ALARMS,
    &SCAN,
    &GET_ROLE,
    &LIST_ROLE_POLICIES,
    &GET_ROLE_POLICY,
    &LIST_ATTACHED_ROLE_POLICIES,
    &GET_USER,
    &LIST_USER_POLICIES,
    &GET_USER_POLICY,
    &LIST_ATTACHED_USER_POLICIES,
    &LIST_GROUPS_FOR_USER,
    &LIST_GROUP_POLICIES,
    &GET_GROUP_POLICY,
    &LIST_ATTACHED_GROUP_POLICIES,
    &GET_POLICY,
    &GET_POLICY_VERSION,
    &GET_KEY_POLICY,
];

/// The operation with this name, if s3warden sends it.
#[must_use]
pub(crate) fn named(name: &str) -> Option<&'static Operation> {
    ALL.iter().find(|operation| operation.name == name).copied()
}

/// The buckets of the account.
pub(crate) const LIST_BUCKETS: Operation = Operation {
    name: "ListBuckets",
    words: "list the buckets",
    permission: "s3:ListAllMyBuckets",
    root: Some("ListAllMyBucketsResult"),
};
/// Whether a bucket exists, and its Region.
pub(crate) const HEAD_BUCKET: Operation = Operation {
    name: "HeadBucket",
    words: "learn the Region of",
    permission: "s3:ListBucket",
    root: None,
};
/// The versioning state of a bucket.
pub(crate) const GET_BUCKET_VERSIONING: Operation = Operation {
    name: "GetBucketVersioning",
    words: "read the versioning of",
    permission: "s3:GetBucketVersioning",
    root: Some("VersioningConfiguration"),
};
/// The default encryption of a bucket.
pub(crate) const GET_BUCKET_ENCRYPTION: Operation = Operation {
    name: "GetBucketEncryption",
    words: "read the encryption of",
    permission: "s3:GetEncryptionConfiguration",
    root: Some("ServerSideEncryptionConfiguration"),
};
/// The public access block of a bucket.
pub(crate) const GET_PUBLIC_ACCESS_BLOCK: Operation = Operation {
    name: "GetPublicAccessBlock",
    words: "read the public access block of",
    permission: "s3:GetBucketPublicAccessBlock",
    root: Some("PublicAccessBlockConfiguration"),
};
/// The public access block of an account: an operation of S3 Control with the same name as the bucket's.
pub(crate) const GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: Operation = Operation {
    name: "GetAccountPublicAccessBlock",
    words: "read the public access block of",
    permission: "s3:GetAccountPublicAccessBlock",
    root: Some("PublicAccessBlockConfiguration"),
};
/// A bucket's policy. It is JSON.
pub(crate) const GET_BUCKET_POLICY: Operation = Operation {
    name: "GetBucketPolicy",
    words: "read the policy of",
    permission: "s3:GetBucketPolicy",
    root: None,
};
/// Whether S3 reports a bucket's policy as public.
pub(crate) const GET_BUCKET_POLICY_STATUS: Operation = Operation {
    name: "GetBucketPolicyStatus",
    words: "learn whether S3 calls public the policy of",
    permission: "s3:GetBucketPolicyStatus",
    root: Some("PolicyStatus"),
};
/// A bucket's access control list.
pub(crate) const GET_BUCKET_ACL: Operation = Operation {
    name: "GetBucketAcl",
    words: "read the access control list of",
    permission: "s3:GetBucketAcl",
    root: Some("AccessControlPolicy"),
};
/// The Object Ownership setting of a bucket.
pub(crate) const GET_BUCKET_OWNERSHIP_CONTROLS: Operation = Operation {
    name: "GetBucketOwnershipControls",
    words: "read the object ownership of",
    permission: "s3:GetBucketOwnershipControls",
    root: Some("OwnershipControls"),
};
/// The CORS rules of a bucket.
pub(crate) const GET_BUCKET_CORS: Operation = Operation {
    name: "GetBucketCors",
    words: "read the CORS rules of",
    permission: "s3:GetBucketCORS",
    root: Some("CORSConfiguration"),
};
/// The lifecycle rules of a bucket.
pub(crate) const GET_BUCKET_LIFECYCLE: Operation = Operation {
    name: "GetBucketLifecycleConfiguration",
    words: "read the lifecycle of",
    permission: "s3:GetLifecycleConfiguration",
    root: Some("LifecycleConfiguration"),
};
/// The destination of a bucket's access log.
pub(crate) const GET_BUCKET_LOGGING: Operation = Operation {
    name: "GetBucketLogging",
    words: "read the access logging of",
    permission: "s3:GetBucketLogging",
    root: Some("BucketLoggingStatus"),
};
/// Whether the requester pays.
pub(crate) const GET_BUCKET_REQUEST_PAYMENT: Operation = Operation {
    name: "GetBucketRequestPayment",
    words: "read who pays for the requests to",
    permission: "s3:GetBucketRequestPayment",
    root: Some("RequestPaymentConfiguration"),
};
/// The replication rules of a bucket.
pub(crate) const GET_BUCKET_REPLICATION: Operation = Operation {
    name: "GetBucketReplication",
    words: "read the replication of",
    permission: "s3:GetReplicationConfiguration",
    root: Some("ReplicationConfiguration"),
};
/// The event notifications of a bucket.
pub(crate) const GET_BUCKET_NOTIFICATION: Operation = Operation {
    name: "GetBucketNotificationConfiguration",
    words: "read the event notifications of",
    permission: "s3:GetBucketNotification",
    root: Some("NotificationConfiguration"),
};
/// The Object Lock configuration of a bucket.
pub(crate) const GET_OBJECT_LOCK_CONFIGURATION: Operation = Operation {
    name: "GetObjectLockConfiguration",
    words: "read the Object Lock of",
    permission: "s3:GetBucketObjectLockConfiguration",
    root: Some("ObjectLockConfiguration"),
};
/// A bucket's own tags.
pub(crate) const GET_BUCKET_TAGGING: Operation = Operation {
    name: "GetBucketTagging",
    words: "read the tags of",
    permission: "s3:GetBucketTagging",
    root: Some("Tagging"),
};
/// The website configuration of a bucket.
pub(crate) const GET_BUCKET_WEBSITE: Operation = Operation {
    name: "GetBucketWebsite",
    words: "read the website configuration of",
    permission: "s3:GetBucketWebsite",
    root: Some("WebsiteConfiguration"),
};
/// Archive tiers of Intelligent-Tiering. The model has no fixed name for the document.
pub(crate) const LIST_TIERINGS: Operation = Operation {
    name: "ListBucketIntelligentTieringConfigurations",
    words: "read the Intelligent-Tiering configurations of",
    permission: "s3:GetIntelligentTieringConfiguration",
    root: None,
};
/// The inventories of a bucket.
pub(crate) const LIST_INVENTORIES: Operation = Operation {
    name: "ListBucketInventoryConfigurations",
    words: "read the inventories of",
    permission: "s3:GetInventoryConfiguration",
    root: Some("ListInventoryConfigurationsResult"),
};
/// The request metrics of a bucket.
pub(crate) const LIST_METRICS_CONFIGURATIONS: Operation = Operation {
    name: "ListBucketMetricsConfigurations",
    words: "read the request metrics of",
    permission: "s3:GetMetricsConfiguration",
    root: Some("ListMetricsConfigurationsResult"),
};
/// The access points of a bucket: an operation of S3 Control, like the three after it.
pub(crate) const LIST_ACCESS_POINTS: Operation = Operation {
    name: "ListAccessPoints",
    words: "list the access points of",
    permission: "s3:ListAccessPoints",
    root: Some("ListAccessPointsResult"),
};
/// The configuration of an access point.
pub(crate) const GET_ACCESS_POINT: Operation = Operation {
    name: "GetAccessPoint",
    words: "read the configuration of",
    permission: "s3:GetAccessPoint",
    root: Some("GetAccessPointResult"),
};
pub(crate) const GET_ACCESS_POINT_POLICY: Operation = Operation {
    name: "GetAccessPointPolicy",
    words: "read the policy of",
    permission: "s3:GetAccessPointPolicy",
    root: Some("GetAccessPointPolicyResult"),
};
/// Whether S3 reports the policy of an access point as public.
pub(crate) const GET_ACCESS_POINT_POLICY_STATUS: Operation = Operation {
    name: "GetAccessPointPolicyStatus",
    words: "learn whether S3 calls public the policy of",
    permission: "s3:GetAccessPointPolicyStatus",
    root: Some("GetAccessPointPolicyStatusResult"),
};
/// The S3 Metadata tables of a bucket. The permission is named after the first version of the operation.
pub(crate) const GET_BUCKET_METADATA: Operation = Operation {
    name: "GetBucketMetadataConfiguration",
    words: "read the metadata tables of",
    permission: "s3:GetBucketMetadataTableConfiguration",
    root: Some("GetBucketMetadataConfigurationResult"),
};
/// The annotations of an object or version. S3's documentation has one permission for both.
pub(crate) const LIST_ANNOTATIONS: Operation = Operation {
    name: "ListObjectAnnotations",
    words: "list the annotations of",
    permission: "s3:ListObjectAnnotations",
    root: Some("ListObjectAnnotationsOutput"),
};
/// Current objects and prefixes.
pub(crate) const LIST_OBJECTS: Operation = Operation {
    name: "ListObjectsV2",
    words: "list the objects of",
    permission: "s3:ListBucket",
    root: Some("ListBucketResult"),
};
/// Versions and delete markers.
pub(crate) const LIST_VERSIONS: Operation = Operation {
    name: "ListObjectVersions",
    words: "list the versions of",
    permission: "s3:ListBucketVersions",
    root: Some("ListVersionsResult"),
};
/// Incomplete multipart uploads.
pub(crate) const LIST_UPLOADS: Operation = Operation {
    name: "ListMultipartUploads",
    words: "list the incomplete uploads of",
    permission: "s3:ListBucketMultipartUploads",
    root: Some("ListMultipartUploadsResult"),
};
/// The parts of a multipart upload.
pub(crate) const LIST_PARTS: Operation = Operation {
    name: "ListParts",
    words: "list the parts of an upload of",
    permission: "s3:ListMultipartUploadParts",
    root: Some("ListPartsResult"),
};
/// An object's headers. A version requires `s3:GetObjectVersion`.
pub(crate) const HEAD_OBJECT: Operation = Operation {
    name: "HeadObject",
    words: "read the headers of",
    permission: "s3:GetObject",
    root: None,
};
/// An object's tags. A version requires `s3:GetObjectVersionTagging`.
pub(crate) const GET_OBJECT_TAGGING: Operation = Operation {
    name: "GetObjectTagging",
    words: "read the tags of",
    permission: "s3:GetObjectTagging",
    root: Some("Tagging"),
};
/// An object's ACL. A version requires `s3:GetObjectVersionAcl`.
pub(crate) const GET_OBJECT_ACL: Operation = Operation {
    name: "GetObjectAcl",
    words: "read the ACL of",
    permission: "s3:GetObjectAcl",
    root: Some("AccessControlPolicy"),
};
/// The retention of a version.
pub(crate) const GET_OBJECT_RETENTION: Operation = Operation {
    name: "GetObjectRetention",
    words: "read the retention of",
    permission: "s3:GetObjectRetention",
    root: Some("Retention"),
};
/// The legal hold of a version.
pub(crate) const GET_OBJECT_LEGAL_HOLD: Operation = Operation {
    name: "GetObjectLegalHold",
    words: "read the legal hold of",
    permission: "s3:GetObjectLegalHold",
    root: Some("LegalHold"),
};
/// The identity of the caller. No permission is required.
pub(crate) const GET_CALLER_IDENTITY: Operation = Operation {
    name: "GetCallerIdentity",
    words: "learn whose credentials these are",
    permission: "",
    root: Some("GetCallerIdentityResponse"),
};
/// The metrics in CloudWatch for the buckets of a Region. CloudWatch returns CBOR, which has no root element.
pub(crate) const LIST_METRICS: Operation = Operation {
    name: "ListMetrics",
    words: "list the metrics of the buckets in",
    permission: "cloudwatch:ListMetrics",
    root: None,
};
/// The points of metrics.
pub(crate) const GET_METRIC_DATA: Operation = Operation {
    name: "GetMetricData",
    words: "read the metrics of the buckets in",
    permission: "cloudwatch:GetMetricData",
    root: None,
};
/// The alarms of a Region.
pub(crate) const DESCRIBE_ALARMS: Operation = Operation {
    name: "DescribeAlarms",
    words: "list the alarms in",
    permission: "cloudwatch:DescribeAlarms",
    root: None,
};

/// The items of a DynamoDB table. The response is JSON.
pub(crate) const SCAN: Operation = Operation {
    name: "Scan",
    words: "read the table",
    permission: "dynamodb:Scan",
    root: None,
};

/// Deletes one version of an object, or a delete marker.
pub(crate) const DELETE_OBJECT: Operation = Operation {
    name: "DeleteObject",
    words: "delete a version of",
    permission: "s3:DeleteObjectVersion",
    root: None,
};
/// Deletes up to 1,000 versions and delete markers, with one result for each.
pub(crate) const DELETE_OBJECTS: Operation = Operation {
    name: "DeleteObjects",
    words: "delete versions in",
    permission: "s3:DeleteObjectVersion",
    root: Some("DeleteResult"),
};
/// Hides an object behind a delete marker: the same operation as [`DELETE_OBJECT`] without a version.
pub(crate) const HIDE_OBJECT: Operation = Operation {
    words: "add a delete marker to",
    permission: "s3:DeleteObject",
    ..DELETE_OBJECT
};
/// Hides up to 1,000 objects behind delete markers: the same operation as [`DELETE_OBJECTS`] without versions.
pub(crate) const HIDE_OBJECTS: Operation = Operation {
    words: "add delete markers in",
    permission: "s3:DeleteObject",
    ..DELETE_OBJECTS
};
/// Writes an object.
pub(crate) const PUT_OBJECT: Operation = Operation {
    name: "PutObject",
    words: "write",
    permission: "s3:PutObject",
    root: None,
};
/// Reads an object.
pub(crate) const GET_OBJECT: Operation = Operation {
    name: "GetObject",
    words: "read",
    permission: "s3:GetObject",
    root: None,
};
/// Aborts a multipart upload.
pub(crate) const ABORT_UPLOAD: Operation = Operation {
    name: "AbortMultipartUpload",
    words: "abort an upload of",
    permission: "s3:AbortMultipartUpload",
    root: None,
};

/// Replaces all tags of an object.
pub(crate) const PUT_OBJECT_TAGGING: Operation = Operation {
    name: "PutObjectTagging",
    words: "tag",
    permission: "s3:PutObjectTagging",
    root: None,
};
/// Removes all tags of an object.
pub(crate) const DELETE_OBJECT_TAGGING: Operation = Operation {
    name: "DeleteObjectTagging",
    words: "take the tags from",
    permission: "s3:DeleteObjectTagging",
    root: None,
};
/// Copies an object within S3. Reading the source also requires `s3:GetObject` and `s3:GetObjectTagging`; the target
/// requires `s3:PutObjectTagging`.
pub(crate) const COPY_OBJECT: Operation = Operation {
    name: "CopyObject",
    words: "copy",
    permission: "s3:PutObject",
    root: Some("CopyObjectResult"),
};
/// Replaces all lifecycle rules of a bucket.
pub(crate) const PUT_BUCKET_LIFECYCLE: Operation = Operation {
    name: "PutBucketLifecycleConfiguration",
    words: "write the lifecycle of",
    permission: "s3:PutLifecycleConfiguration",
    root: None,
};
/// Removes all lifecycle rules of a bucket.
pub(crate) const DELETE_BUCKET_LIFECYCLE: Operation = Operation {
    name: "DeleteBucketLifecycle",
    words: "take the lifecycle from",
    permission: "s3:PutLifecycleConfiguration",
    root: None,
};

/// An IAM role.
pub(crate) const GET_ROLE: Operation = Operation {
    name: "GetRole",
    words: "read",
    permission: "iam:GetRole",
    root: Some("GetRoleResponse"),
};
/// The names of a role's inline policies.
pub(crate) const LIST_ROLE_POLICIES: Operation = Operation {
    name: "ListRolePolicies",
    words: "list the inline policies of",
    permission: "iam:ListRolePolicies",
    root: Some("ListRolePoliciesResponse"),
};
/// An inline policy of a role.
pub(crate) const GET_ROLE_POLICY: Operation = Operation {
    name: "GetRolePolicy",
    words: "read the inline policy",
    permission: "iam:GetRolePolicy",
    root: Some("GetRolePolicyResponse"),
};
/// The managed policies of a role.
pub(crate) const LIST_ATTACHED_ROLE_POLICIES: Operation = Operation {
    name: "ListAttachedRolePolicies",
    words: "list the attached policies of",
    permission: "iam:ListAttachedRolePolicies",
    root: Some("ListAttachedRolePoliciesResponse"),
};
/// An IAM user.
pub(crate) const GET_USER: Operation = Operation {
    name: "GetUser",
    words: "read",
    permission: "iam:GetUser",
    root: Some("GetUserResponse"),
};
/// The names of a user's inline policies.
pub(crate) const LIST_USER_POLICIES: Operation = Operation {
    name: "ListUserPolicies",
    words: "list the inline policies of",
    permission: "iam:ListUserPolicies",
    root: Some("ListUserPoliciesResponse"),
};
/// An inline policy of a user.
pub(crate) const GET_USER_POLICY: Operation = Operation {
    name: "GetUserPolicy",
    words: "read the inline policy",
    permission: "iam:GetUserPolicy",
    root: Some("GetUserPolicyResponse"),
};
/// The managed policies of a user.
pub(crate) const LIST_ATTACHED_USER_POLICIES: Operation = Operation {
    name: "ListAttachedUserPolicies",
    words: "list the attached policies of",
    permission: "iam:ListAttachedUserPolicies",
    root: Some("ListAttachedUserPoliciesResponse"),
};
pub(crate) const LIST_GROUPS_FOR_USER: Operation = Operation {
    name: "ListGroupsForUser",
    words: "list the groups of",
    permission: "iam:ListGroupsForUser",
    root: Some("ListGroupsForUserResponse"),
};
/// The names of a group's inline policies.
pub(crate) const LIST_GROUP_POLICIES: Operation = Operation {
    name: "ListGroupPolicies",
    words: "list the inline policies of",
    permission: "iam:ListGroupPolicies",
    root: Some("ListGroupPoliciesResponse"),
};
/// An inline policy of a group.
pub(crate) const GET_GROUP_POLICY: Operation = Operation {
    name: "GetGroupPolicy",
    words: "read the inline policy",
    permission: "iam:GetGroupPolicy",
    root: Some("GetGroupPolicyResponse"),
};
/// The managed policies of a group.
pub(crate) const LIST_ATTACHED_GROUP_POLICIES: Operation = Operation {
    name: "ListAttachedGroupPolicies",
    words: "list the attached policies of",
    permission: "iam:ListAttachedGroupPolicies",
    root: Some("ListAttachedGroupPoliciesResponse"),
};
/// A managed policy, and its default version.
pub(crate) const GET_POLICY: Operation = Operation {
    name: "GetPolicy",
    words: "read the managed policy",
    permission: "iam:GetPolicy",
    root: Some("GetPolicyResponse"),
};
/// A version of a managed policy.
pub(crate) const GET_POLICY_VERSION: Operation = Operation {
    name: "GetPolicyVersion",
    words: "read the managed policy",
    permission: "iam:GetPolicyVersion",
    root: Some("GetPolicyVersionResponse"),
};
/// The policy of a KMS key.
pub(crate) const GET_KEY_POLICY: Operation = Operation {
    name: "GetKeyPolicy",
    words: "read the policy of the KMS key",
    permission: "kms:GetKeyPolicy",
    root: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_found_by_the_name_that_the_sdk_gives_it() {
        for operation in ALL {
            assert_eq!(named(operation.name), Some(*operation));
        }
        assert_eq!(named("PutPetObject"), None);
    }
}
