//! Which IAM permission each operation needs, after the service authorization reference for Amazon S3.

/// What a permission is about, which is how its resource is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The account: resource `*`.
    Account,
    /// A bucket: `arn:aws:s3:::BUCKET`.
    Bucket,
    /// An object: `arn:aws:s3:::BUCKET/KEY`.
    Object,
}

/// The permission that an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permission {
    /// The IAM action, such as `s3:ListBucket`.
    pub(super) action: &'static str,
    /// The action instead, when the request names a version of the object.
    pub(super) of_version: &'static str,
    /// What the resource is.
    pub(super) scope: Scope,
}

/// The permission for an operation of the S3 API; `None` for one that this sandbox has never heard of.
pub(super) fn needed_for(operation: &str) -> Option<Permission> {
    TABLE
        .iter()
        .find(|(names, ..)| names.contains(&operation))
        .map(|&(_, scope, action, of_version)| Permission {
            action,
            of_version: if of_version.is_empty() {
                action
            } else {
                of_version
            },
            scope,
        })
}

use Scope::{Account, Bucket, Object};

type Row = (&'static [&'static str], Scope, &'static str, &'static str);

/// Operations, what their resource is, their action, and their action on a named version where it differs.
const TABLE: &[Row] = &[
    (&["ListBuckets"], Account, "s3:ListAllMyBuckets", ""),
    (
        &["ListDirectoryBuckets"],
        Account,
        "s3express:ListAllMyDirectoryBuckets",
        "",
    ),
    // Buckets.
    (&["CreateBucket"], Bucket, "s3:CreateBucket", ""),
    (&["DeleteBucket"], Bucket, "s3:DeleteBucket", ""),
    (
        &["HeadBucket", "ListObjects", "ListObjectsV2"],
        Bucket,
        "s3:ListBucket",
        "",
    ),
    (&["ListObjectVersions"], Bucket, "s3:ListBucketVersions", ""),
    (
        &["ListMultipartUploads"],
        Bucket,
        "s3:ListBucketMultipartUploads",
        "",
    ),
    (&["GetBucketLocation"], Bucket, "s3:GetBucketLocation", ""),
    (
        &["GetBucketVersioning"],
        Bucket,
        "s3:GetBucketVersioning",
        "",
    ),
    (
        &["PutBucketVersioning"],
        Bucket,
        "s3:PutBucketVersioning",
        "",
    ),
    // Configuration.
    (
        &["GetBucketAccelerateConfiguration"],
        Bucket,
        "s3:GetAccelerateConfiguration",
        "",
    ),
    (
        &["PutBucketAccelerateConfiguration"],
        Bucket,
        "s3:PutAccelerateConfiguration",
        "",
    ),
    (&["GetBucketAcl"], Bucket, "s3:GetBucketAcl", ""),
    (&["PutBucketAcl"], Bucket, "s3:PutBucketAcl", ""),
    (
        &[
            "GetBucketAnalyticsConfiguration",
            "ListBucketAnalyticsConfigurations",
        ],
        Bucket,
        "s3:GetAnalyticsConfiguration",
        "",
    ),
    (
        &[
            "PutBucketAnalyticsConfiguration",
            "DeleteBucketAnalyticsConfiguration",
        ],
        Bucket,
        "s3:PutAnalyticsConfiguration",
        "",
    ),
    (&["GetBucketCors"], Bucket, "s3:GetBucketCORS", ""),
    (
        &["PutBucketCors", "DeleteBucketCors"],
        Bucket,
        "s3:PutBucketCORS",
        "",
    ),
    (
        &["GetBucketEncryption"],
        Bucket,
        "s3:GetEncryptionConfiguration",
        "",
    ),
    (
        &["PutBucketEncryption", "DeleteBucketEncryption"],
        Bucket,
        "s3:PutEncryptionConfiguration",
        "",
    ),
    (
        &[
            "GetBucketIntelligentTieringConfiguration",
            "ListBucketIntelligentTieringConfigurations",
        ],
        Bucket,
        "s3:GetIntelligentTieringConfiguration",
        "",
    ),
    (
        &[
            "PutBucketIntelligentTieringConfiguration",
            "DeleteBucketIntelligentTieringConfiguration",
        ],
        Bucket,
        "s3:PutIntelligentTieringConfiguration",
        "",
    ),
    (
        &[
            "GetBucketInventoryConfiguration",
            "ListBucketInventoryConfigurations",
        ],
        Bucket,
        "s3:GetInventoryConfiguration",
        "",
    ),
    (
        &[
            "PutBucketInventoryConfiguration",
            "DeleteBucketInventoryConfiguration",
        ],
        Bucket,
        "s3:PutInventoryConfiguration",
        "",
    ),
    (
        &["GetBucketLifecycleConfiguration"],
        Bucket,
        "s3:GetLifecycleConfiguration",
        "",
    ),
    (
        &["PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"],
        Bucket,
        "s3:PutLifecycleConfiguration",
        "",
    ),
    (&["GetBucketLogging"], Bucket, "s3:GetBucketLogging", ""),
    (&["PutBucketLogging"], Bucket, "s3:PutBucketLogging", ""),
    (
        &[
            "GetBucketMetadataTableConfiguration",
            "GetBucketMetadataConfiguration",
        ],
        Bucket,
        "s3:GetBucketMetadataTableConfiguration",
        "",
    ),
    (
        &["CreateBucketMetadataTableConfiguration"],
        Bucket,
        "s3:CreateBucketMetadataTableConfiguration",
        "",
    ),
    (
        &["DeleteBucketMetadataTableConfiguration"],
        Bucket,
        "s3:DeleteBucketMetadataTableConfiguration",
        "",
    ),
    (
        &[
            "GetBucketMetricsConfiguration",
            "ListBucketMetricsConfigurations",
        ],
        Bucket,
        "s3:GetMetricsConfiguration",
        "",
    ),
    (
        &[
            "PutBucketMetricsConfiguration",
            "DeleteBucketMetricsConfiguration",
        ],
        Bucket,
        "s3:PutMetricsConfiguration",
        "",
    ),
    (
        &["GetBucketNotificationConfiguration"],
        Bucket,
        "s3:GetBucketNotification",
        "",
    ),
    (
        &["PutBucketNotificationConfiguration"],
        Bucket,
        "s3:PutBucketNotification",
        "",
    ),
    (
        &["GetBucketOwnershipControls"],
        Bucket,
        "s3:GetBucketOwnershipControls",
        "",
    ),
    (
        &[
            "PutBucketOwnershipControls",
            "DeleteBucketOwnershipControls",
        ],
        Bucket,
        "s3:PutBucketOwnershipControls",
        "",
    ),
    (&["GetBucketPolicy"], Bucket, "s3:GetBucketPolicy", ""),
    (&["PutBucketPolicy"], Bucket, "s3:PutBucketPolicy", ""),
    (&["DeleteBucketPolicy"], Bucket, "s3:DeleteBucketPolicy", ""),
    (
        &["GetBucketPolicyStatus"],
        Bucket,
        "s3:GetBucketPolicyStatus",
        "",
    ),
    (
        &["GetPublicAccessBlock"],
        Bucket,
        "s3:GetBucketPublicAccessBlock",
        "",
    ),
    (
        &["PutPublicAccessBlock", "DeletePublicAccessBlock"],
        Bucket,
        "s3:PutBucketPublicAccessBlock",
        "",
    ),
    (
        &["GetBucketReplication"],
        Bucket,
        "s3:GetReplicationConfiguration",
        "",
    ),
    (
        &["PutBucketReplication", "DeleteBucketReplication"],
        Bucket,
        "s3:PutReplicationConfiguration",
        "",
    ),
    (
        &["GetBucketRequestPayment"],
        Bucket,
        "s3:GetBucketRequestPayment",
        "",
    ),
    (
        &["PutBucketRequestPayment"],
        Bucket,
        "s3:PutBucketRequestPayment",
        "",
    ),
    (&["GetBucketTagging"], Bucket, "s3:GetBucketTagging", ""),
    (
        &["PutBucketTagging", "DeleteBucketTagging"],
        Bucket,
        "s3:PutBucketTagging",
        "",
    ),
    (&["GetBucketWebsite"], Bucket, "s3:GetBucketWebsite", ""),
    (&["PutBucketWebsite"], Bucket, "s3:PutBucketWebsite", ""),
    (
        &["DeleteBucketWebsite"],
        Bucket,
        "s3:DeleteBucketWebsite",
        "",
    ),
    (
        &["GetObjectLockConfiguration"],
        Bucket,
        "s3:GetBucketObjectLockConfiguration",
        "",
    ),
    (
        &["PutObjectLockConfiguration"],
        Bucket,
        "s3:PutBucketObjectLockConfiguration",
        "",
    ),
    (&["CreateSession"], Bucket, "s3express:CreateSession", ""),
    // Objects.
    (
        &["GetObject", "HeadObject", "SelectObjectContent"],
        Object,
        "s3:GetObject",
        "s3:GetObjectVersion",
    ),
    (
        &["ListObjectAnnotations"],
        Object,
        "s3:ListObjectAnnotations",
        "",
    ),
    (
        &["GetObjectAnnotation"],
        Object,
        "s3:GetObjectAnnotation",
        "",
    ),
    (
        &["PutObjectAnnotation"],
        Object,
        "s3:PutObjectAnnotation",
        "",
    ),
    (
        &["DeleteObjectAnnotation"],
        Object,
        "s3:DeleteObjectAnnotation",
        "",
    ),
    (
        &["GetObjectAttributes"],
        Object,
        "s3:GetObjectAttributes",
        "s3:GetObjectVersionAttributes",
    ),
    (
        &["GetObjectAcl"],
        Object,
        "s3:GetObjectAcl",
        "s3:GetObjectVersionAcl",
    ),
    (
        &["PutObjectAcl"],
        Object,
        "s3:PutObjectAcl",
        "s3:PutObjectVersionAcl",
    ),
    (
        &["GetObjectTagging"],
        Object,
        "s3:GetObjectTagging",
        "s3:GetObjectVersionTagging",
    ),
    (
        &["PutObjectTagging"],
        Object,
        "s3:PutObjectTagging",
        "s3:PutObjectVersionTagging",
    ),
    (
        &["DeleteObjectTagging"],
        Object,
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersionTagging",
    ),
    (
        &["GetObjectTorrent"],
        Object,
        "s3:GetObjectTorrent",
        "s3:GetObjectVersionTorrent",
    ),
    (&["GetObjectLegalHold"], Object, "s3:GetObjectLegalHold", ""),
    (&["PutObjectLegalHold"], Object, "s3:PutObjectLegalHold", ""),
    (&["GetObjectRetention"], Object, "s3:GetObjectRetention", ""),
    (&["PutObjectRetention"], Object, "s3:PutObjectRetention", ""),
    (
        &[
            "PutObject",
            "PostObject",
            "CopyObject",
            "CreateMultipartUpload",
            "UploadPart",
            "UploadPartCopy",
            "CompleteMultipartUpload",
        ],
        Object,
        "s3:PutObject",
        "",
    ),
    // DeleteObjects is judged key by key; this row is what each key needs.
    (
        &["DeleteObject", "DeleteObjects"],
        Object,
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
    ),
    (
        &["AbortMultipartUpload"],
        Object,
        "s3:AbortMultipartUpload",
        "",
    ),
    (&["ListParts"], Object, "s3:ListMultipartUploadParts", ""),
    (&["RestoreObject"], Object, "s3:RestoreObject", ""),
    (
        &["WriteGetObjectResponse"],
        Object,
        "s3-object-lambda:WriteGetObjectResponse",
        "",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_named_as_in_iam_not_as_the_operation() {
        for (operation, action) in [
            ("ListObjectsV2", "s3:ListBucket"),
            ("HeadObject", "s3:GetObject"),
            ("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
            ("ListBuckets", "s3:ListAllMyBuckets"),
            ("DeleteBucketCors", "s3:PutBucketCORS"),
            ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ] {
            assert_eq!(needed_for(operation).unwrap().action, action, "{operation}");
        }
        assert_eq!(
            needed_for("DeleteObject").unwrap().of_version,
            "s3:DeleteObjectVersion"
        );
        assert_eq!(needed_for("PutObject").unwrap().of_version, "s3:PutObject");
        assert_eq!(needed_for("Unknown"), None);
    }

    #[test]
    fn no_operation_stands_in_two_rows() {
        let mut names: Vec<_> = TABLE.iter().flat_map(|(names, ..)| *names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
