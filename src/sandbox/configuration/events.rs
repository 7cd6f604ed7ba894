//! What is told or copied to whom: access logs, notifications and replicas.

use s3s::dto::{
    DeleteBucketReplicationInput, DeleteBucketReplicationOutput, GetBucketLoggingInput,
    GetBucketLoggingOutput, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, GetBucketReplicationInput,
    GetBucketReplicationOutput, PutBucketLoggingInput, PutBucketLoggingOutput,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
    PutBucketReplicationInput, PutBucketReplicationOutput,
};
use s3s::{S3Request, s3_error};

use super::{Answer, absent, change, look};
use crate::sandbox::store::Backend;
use crate::sandbox::world::Versioning;

pub(crate) fn get_bucket_logging(
    backend: &Backend,
    req: S3Request<GetBucketLoggingInput>,
) -> Answer<GetBucketLoggingOutput> {
    look(backend, &req.input.bucket, |configuration| {
        Ok(GetBucketLoggingOutput {
            logging_enabled: configuration.logging.clone(),
        })
    })
}

pub(crate) fn put_bucket_logging(
    backend: &Backend,
    req: S3Request<PutBucketLoggingInput>,
) -> Answer<PutBucketLoggingOutput> {
    let logging = req.input.bucket_logging_status.logging_enabled;
    if let Some(logging) = &logging {
        let region = |bucket: &str| {
            backend
                .store
                .read(bucket, |bucket| Ok(bucket.region.clone()))
        };
        let source = region(&req.input.bucket)?;
        let target = region(&logging.target_bucket).map_err(|_| {
            s3_error!(
                InvalidTargetBucketForLogging,
                "The target bucket for logging does not exist"
            )
        })?;
        if source != target {
            return Err(s3_error!(
                CrossLocationLoggingProhibited,
                "Cross S3 location logging not allowed: the bucket is in {source} and the target in {target}"
            ));
        }
    }
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.logging = logging;
        Ok(())
    })
}

pub(crate) fn get_bucket_notification_configuration(
    backend: &Backend,
    req: S3Request<GetBucketNotificationConfigurationInput>,
) -> Answer<GetBucketNotificationConfigurationOutput> {
    look(backend, &req.input.bucket, |configuration| {
        let notification = configuration.notification.clone().unwrap_or_default();
        Ok(GetBucketNotificationConfigurationOutput {
            event_bridge_configuration: notification.event_bridge_configuration,
            lambda_function_configurations: notification.lambda_function_configurations,
            queue_configurations: notification.queue_configurations,
            topic_configurations: notification.topic_configurations,
        })
    })
}

pub(crate) fn put_bucket_notification_configuration(
    backend: &Backend,
    req: S3Request<PutBucketNotificationConfigurationInput>,
) -> Answer<PutBucketNotificationConfigurationOutput> {
    let notification = req.input.notification_configuration;
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.notification = Some(notification);
        Ok(())
    })
}

pub(crate) fn get_bucket_replication(
    backend: &Backend,
    req: S3Request<GetBucketReplicationInput>,
) -> Answer<GetBucketReplicationOutput> {
    look(backend, &req.input.bucket, |configuration| {
        Ok(GetBucketReplicationOutput {
            replication_configuration: Some(
                configuration
                    .replication
                    .clone()
                    .ok_or_else(absent::replication)?,
            ),
        })
    })
}

pub(crate) fn put_bucket_replication(
    backend: &Backend,
    req: S3Request<PutBucketReplicationInput>,
) -> Answer<PutBucketReplicationOutput> {
    let replication = req.input.replication_configuration;
    if replication.rules.is_empty() || replication.rules.len() > 1000 {
        return Err(s3_error!(MalformedXML));
    }
    change(backend, &req.input.bucket, |bucket| {
        if bucket.versioning != Versioning::Enabled {
            return Err(s3_error!(
                InvalidRequest,
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
            ));
        }
        bucket.configuration.replication = Some(replication);
        Ok(())
    })
}

pub(crate) fn delete_bucket_replication(
    backend: &Backend,
    req: S3Request<DeleteBucketReplicationInput>,
) -> Answer<DeleteBucketReplicationOutput> {
    change(backend, &req.input.bucket, |bucket| {
        bucket.configuration.replication = None;
        Ok(())
    })
}
