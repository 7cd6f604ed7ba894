//! The sub-resources of buckets and objects, named in the query, and what their operations are called.

/// A sub-resource: its name in the query, and its GET, PUT and DELETE, empty where there is no such method.
pub(super) type SubResource = (&'static str, &'static str, &'static str, &'static str);

/// Sub-resources of a bucket: what GET, PUT and DELETE of each are called; empty where there is no such method.
pub(super) const OF_BUCKET: &[SubResource] = &[
    (
        "accelerate",
        "GetBucketAccelerateConfiguration",
        "PutBucketAccelerateConfiguration",
        "",
    ),
    ("acl", "GetBucketAcl", "PutBucketAcl", ""),
    ("cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors"),
    (
        "encryption",
        "GetBucketEncryption",
        "PutBucketEncryption",
        "DeleteBucketEncryption",
    ),
    (
        "lifecycle",
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
    ),
    ("location", "GetBucketLocation", "", ""),
    ("logging", "GetBucketLogging", "PutBucketLogging", ""),
    (
        "metadataTable",
        "GetBucketMetadataTableConfiguration",
        "",
        "DeleteBucketMetadataTableConfiguration",
    ),
    (
        "metadataConfiguration",
        "GetBucketMetadataConfiguration",
        "",
        "",
    ),
    (
        "notification",
        "GetBucketNotificationConfiguration",
        "PutBucketNotificationConfiguration",
        "",
    ),
    (
        "ownershipControls",
        "GetBucketOwnershipControls",
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
    ),
    (
        "policy",
        "GetBucketPolicy",
        "PutBucketPolicy",
        "DeleteBucketPolicy",
    ),
    ("policyStatus", "GetBucketPolicyStatus", "", ""),
    (
        "replication",
        "GetBucketReplication",
        "PutBucketReplication",
        "DeleteBucketReplication",
    ),
    (
        "requestPayment",
        "GetBucketRequestPayment",
        "PutBucketRequestPayment",
        "",
    ),
    ("session", "CreateSession", "", ""),
    (
        "tagging",
        "GetBucketTagging",
        "PutBucketTagging",
        "DeleteBucketTagging",
    ),
    (
        "versioning",
        "GetBucketVersioning",
        "PutBucketVersioning",
        "",
    ),
    (
        "website",
        "GetBucketWebsite",
        "PutBucketWebsite",
        "DeleteBucketWebsite",
    ),
    (
        "object-lock",
        "GetObjectLockConfiguration",
        "PutObjectLockConfiguration",
        "",
    ),
    (
        "publicAccessBlock",
        "GetPublicAccessBlock",
        "PutPublicAccessBlock",
        "DeletePublicAccessBlock",
    ),
    ("uploads", "ListMultipartUploads", "", ""),
    ("versions", "ListObjectVersions", "", ""),
];

/// Configurations of which a bucket has several: LIST, GET, PUT and DELETE.
pub(super) const OF_BUCKET_BY_ID: &[(&str, [&str; 4])] = &[
    (
        "analytics",
        [
            "ListBucketAnalyticsConfigurations",
            "GetBucketAnalyticsConfiguration",
            "PutBucketAnalyticsConfiguration",
            "DeleteBucketAnalyticsConfiguration",
        ],
    ),
    (
        "intelligent-tiering",
        [
            "ListBucketIntelligentTieringConfigurations",
            "GetBucketIntelligentTieringConfiguration",
            "PutBucketIntelligentTieringConfiguration",
            "DeleteBucketIntelligentTieringConfiguration",
        ],
    ),
    (
        "inventory",
        [
            "ListBucketInventoryConfigurations",
            "GetBucketInventoryConfiguration",
            "PutBucketInventoryConfiguration",
            "DeleteBucketInventoryConfiguration",
        ],
    ),
    (
        "metrics",
        [
            "ListBucketMetricsConfigurations",
            "GetBucketMetricsConfiguration",
            "PutBucketMetricsConfiguration",
            "DeleteBucketMetricsConfiguration",
        ],
    ),
];

/// Sub-resources of an object: GET, PUT and DELETE.
pub(super) const OF_OBJECT: &[SubResource] = &[
    (
        "annotation",
        "ListObjectAnnotations",
        "PutObjectAnnotation",
        "DeleteObjectAnnotation",
    ),
    ("attributes", "GetObjectAttributes", "", ""),
    ("acl", "GetObjectAcl", "PutObjectAcl", ""),
    ("legal-hold", "GetObjectLegalHold", "PutObjectLegalHold", ""),
    ("retention", "GetObjectRetention", "PutObjectRetention", ""),
    (
        "tagging",
        "GetObjectTagging",
        "PutObjectTagging",
        "DeleteObjectTagging",
    ),
    ("torrent", "GetObjectTorrent", "", ""),
    ("uploadId", "ListParts", "", "AbortMultipartUpload"),
];

/// Query parameters that are no sub-resource, beside the `X-Amz-` and `response-` ones.
pub(super) const PARAMETERS: &[&str] = &[
    "annotation-prefix",
    "annotationName",
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "id",
    "key-marker",
    "list-type",
    "marker",
    "max-annotation-results",
    "max-buckets",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "partNumber",
    "prefix",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
    "versionId",
    "x-id",
    "AWSAccessKeyId",
    "Signature",
    "Expires",
    "select-type",
];
