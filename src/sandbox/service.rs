//! The operations of S3, each handed to the function that carries it out.

#[allow(
    clippy::wildcard_imports,
    reason = "the table below names two types an operation"
)]
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::access::Access;
use super::store::Backend;
use super::{configuration, objects};

/// What s3s calls when a request was verified and let in.
pub(super) struct Service {
    pub(super) backend: Backend,
    pub(super) access: Access,
}

impl Service {
    /// Leaves out the keys that the caller may not delete, and answers for them each with its own error.
    async fn delete_permitted(
        &self,
        mut req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let asked = std::mem::take(&mut req.input.delete.objects);
        let mut denied = Vec::new();
        for object in asked {
            let of_version = object.version_id.is_some();
            match self
                .access
                .may_delete(&req, &req.input.bucket, &object.key, of_version)
            {
                Ok(()) => req.input.delete.objects.push(object),
                Err(error) => denied.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(object.key),
                    message: Some(error.message().unwrap_or("Access Denied").to_owned()),
                    version_id: object.version_id,
                }),
            }
        }
        if denied.is_empty() {
            return objects::delete_objects(&self.backend, req).await;
        }
        let mut response = if req.input.delete.objects.is_empty() {
            S3Response::new(DeleteObjectsOutput::default())
        } else {
            objects::delete_objects(&self.backend, req).await?
        };
        response
            .output
            .errors
            .get_or_insert_default()
            .extend(denied);
        Ok(response)
    }
}

/// Writes the implementation of [`S3`] from a table: an operation's function, its input and its output.
macro_rules! delegate {
    (
        objects { $($object:ident($object_input:ident) -> $object_output:ident;)* }
        configuration { $($configured:ident($input:ident) -> $output:ident;)* }
    ) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            async fn delete_objects(
                &self,
                req: S3Request<DeleteObjectsInput>,
            ) -> S3Result<S3Response<DeleteObjectsOutput>> {
                self.delete_permitted(req).await
            }

            $(async fn $object(&self, req: S3Request<$object_input>) -> S3Result<S3Response<$object_output>> {
                objects::$object(&self.backend, req).await
            })*

            $(async fn $configured(&self, req: S3Request<$input>) -> S3Result<S3Response<$output>> {
                configuration::$configured(&self.backend, req)
            })*
        }
    };
}

delegate! {
    objects {
        abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
        complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
        copy_object(CopyObjectInput) -> CopyObjectOutput;
        create_bucket(CreateBucketInput) -> CreateBucketOutput;
        create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
        delete_bucket(DeleteBucketInput) -> DeleteBucketOutput;
        delete_object(DeleteObjectInput) -> DeleteObjectOutput;
        delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput;
        get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
        get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
        get_object(GetObjectInput) -> GetObjectOutput;
        get_object_acl(GetObjectAclInput) -> GetObjectAclOutput;
        get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput;
        get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput;
        get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput;
        get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput;
        head_bucket(HeadBucketInput) -> HeadBucketOutput;
        head_object(HeadObjectInput) -> HeadObjectOutput;
        list_buckets(ListBucketsInput) -> ListBucketsOutput;
        list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
        list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
        list_objects(ListObjectsInput) -> ListObjectsOutput;
        list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
        list_parts(ListPartsInput) -> ListPartsOutput;
        put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput;
        put_object(PutObjectInput) -> PutObjectOutput;
        put_object_acl(PutObjectAclInput) -> PutObjectAclOutput;
        put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput;
        put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput;
        restore_object(RestoreObjectInput) -> RestoreObjectOutput;
        upload_part(UploadPartInput) -> UploadPartOutput;
        upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
    }
    configuration {
        get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput)
            -> GetBucketAccelerateConfigurationOutput;
        put_bucket_accelerate_configuration(PutBucketAccelerateConfigurationInput)
            -> PutBucketAccelerateConfigurationOutput;
        get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput;
        put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput;
        get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput)
            -> GetBucketAnalyticsConfigurationOutput;
        put_bucket_analytics_configuration(PutBucketAnalyticsConfigurationInput)
            -> PutBucketAnalyticsConfigurationOutput;
        delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput)
            -> DeleteBucketAnalyticsConfigurationOutput;
        list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput)
            -> ListBucketAnalyticsConfigurationsOutput;
        get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput;
        put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput;
        delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput;
        get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput;
        put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput;
        delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput;
        get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput)
            -> GetBucketIntelligentTieringConfigurationOutput;
        put_bucket_intelligent_tiering_configuration(PutBucketIntelligentTieringConfigurationInput)
            -> PutBucketIntelligentTieringConfigurationOutput;
        delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput)
            -> DeleteBucketIntelligentTieringConfigurationOutput;
        list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput)
            -> ListBucketIntelligentTieringConfigurationsOutput;
        get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput)
            -> GetBucketInventoryConfigurationOutput;
        put_bucket_inventory_configuration(PutBucketInventoryConfigurationInput)
            -> PutBucketInventoryConfigurationOutput;
        delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput)
            -> DeleteBucketInventoryConfigurationOutput;
        list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput)
            -> ListBucketInventoryConfigurationsOutput;
        get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput)
            -> GetBucketLifecycleConfigurationOutput;
        put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput)
            -> PutBucketLifecycleConfigurationOutput;
        delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput;
        get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput;
        put_bucket_logging(PutBucketLoggingInput) -> PutBucketLoggingOutput;
        get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput;
        put_bucket_metrics_configuration(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput;
        delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput)
            -> DeleteBucketMetricsConfigurationOutput;
        list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput)
            -> ListBucketMetricsConfigurationsOutput;
        get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
            -> GetBucketNotificationConfigurationOutput;
        put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
            -> PutBucketNotificationConfigurationOutput;
        get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput;
        put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput;
        delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput;
        get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput;
        put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput;
        delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput;
        get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput;
        get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput;
        put_bucket_replication(PutBucketReplicationInput) -> PutBucketReplicationOutput;
        delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput;
        get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput;
        put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput;
        get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput;
        put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput;
        delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput;
        get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput;
        put_bucket_website(PutBucketWebsiteInput) -> PutBucketWebsiteOutput;
        delete_bucket_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput;
        get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput;
        get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput;
        put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput;
        delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput;
    }
}
