//! Versioning, encryption, locks and tags of a bucket.

use aws_sdk_s3::types;

use super::document::{Answer, Document};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::configuration::{
    DefaultEventHold, Encryption, MetadataTable, MetadataTables, ObjectLocking, Period, Retention,
    Tags, Versioning, VersioningState,
};

/// Requests the versioning state; no value if versioning was never enabled.
pub(crate) async fn versioning(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Versioning>, Problem> {
    use types::{BucketVersioningStatus as Status, MfaDeleteStatus};
    let call = Call::on(&operations::GET_BUCKET_VERSIONING, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_versioning()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let state = match answer.status() {
        None => return Ok(document.answers(None)),
        Some(Status::Enabled) => VersioningState::Enabled,
        Some(Status::Suspended) => VersioningState::Suspended,
        Some(other) => {
            return Err(call.failed(
                ProblemKind::Malformed,
                &format!("the service says {:?}", other.as_str()),
                advice!("neither Enabled nor Suspended: the state stays unknown"),
            ));
        }
    };
    Ok(document.answers(Some(Versioning {
        state,
        mfa_delete: answer.mfa_delete() == Some(&MfaDeleteStatus::Enabled),
    })))
}

/// Requests the default encryption; no value if there is no rule.
pub(crate) async fn encryption(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Encryption>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_ENCRYPTION, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_encryption()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let rules = answer
        .server_side_encryption_configuration()
        .map(types::ServerSideEncryptionConfiguration::rules)
        .unwrap_or_default();
    // There is at most one rule. A rule without a default only sets the S3 Bucket Key.
    Ok(document.answers(rules.iter().find_map(|rule| {
        let default = rule.apply_server_side_encryption_by_default()?;
        Some(Encryption {
            algorithm: default.sse_algorithm().as_str().to_owned(),
            key_id: default.kms_master_key_id().map(str::to_owned),
            bucket_key: rule.bucket_key_enabled().unwrap_or(false),
            blocked: rule.blocked_encryption_types().map(blocked),
        })
    })))
}

/// The encryption types that uploads must not use. `NONE` means that there are none.
fn blocked(found: &types::BlockedEncryptionTypes) -> Vec<String> {
    found
        .encryption_type()
        .iter()
        .filter(|kind| **kind != types::EncryptionType::None)
        .map(|kind| kind.as_str().to_owned())
        .collect()
}

/// Requests the Object Lock configuration.
pub(crate) async fn object_lock(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<ObjectLocking>, Problem> {
    let call = Call::on(&operations::GET_OBJECT_LOCK_CONFIGURATION, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_object_lock_configuration()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let found = answer.object_lock_configuration().filter(|lock| {
        lock.object_lock_enabled() == Some(&types::ObjectLockEnabled::Enabled)
            || lock.rule().is_some()
    });
    Ok(document.answers(found.map(|lock| {
        let default = lock
            .rule()
            .and_then(types::ObjectLockRule::default_retention);
        let mode = default.and_then(types::DefaultRetention::mode);
        ObjectLocking {
            default_event_hold: default
                .and_then(types::DefaultRetention::default_event_hold)
                .map(|hold| DefaultEventHold {
                    mode: mode.map(|mode| mode.as_str().to_owned()),
                    after_release: Period {
                        days: hold.days().and_then(|n| u32::try_from(n).ok()),
                        years: hold.years().and_then(|n| u32::try_from(n).ok()),
                    },
                }),
            // Beside an event hold, the mode alone is the hold's.
            default_retention: default
                .filter(|default| {
                    default.days().is_some()
                        || default.years().is_some()
                        || default.default_event_hold().is_none()
                })
                .map(|retention| Retention {
                    mode: retention
                        .mode()
                        .map_or_else(String::new, |mode| mode.as_str().to_owned()),
                    days: retention.days().and_then(|n| u32::try_from(n).ok()),
                    years: retention.years().and_then(|n| u32::try_from(n).ok()),
                }),
        }
    })))
}

/// Requests the S3 Metadata tables. The operation returns both versions of such a configuration.
pub(crate) async fn metadata_tables(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<MetadataTables>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_METADATA, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_metadata_configuration()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let found = answer
        .get_bucket_metadata_configuration_result()
        .and_then(types::GetBucketMetadataConfigurationResult::metadata_configuration_result);
    Ok(document.answers(found.map(tables)))
}

fn tables(found: &types::MetadataConfigurationResult) -> MetadataTables {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let destination = found.destination_result();
    MetadataTables {
        table_bucket: owned(destination.and_then(types::DestinationResult::table_bucket_arn)),
        table_bucket_type: destination
            .and_then(types::DestinationResult::table_bucket_type)
            .map(|kind| kind.as_str().to_owned()),
        namespace: owned(destination.and_then(types::DestinationResult::table_namespace)),
        journal: found
            .journal_table_configuration_result()
            .map(|table| MetadataTable {
                enabled: true,
                name: Some(table.table_name().to_owned()),
                arn: owned(table.table_arn()),
                status: Some(table.table_status().to_owned()),
                error: table.error().map(failure),
                expires_after_days: table
                    .record_expiration()
                    .filter(|records| *records.expiration() == types::ExpirationState::Enabled)
                    .and_then(|records| u32::try_from(records.days()?).ok()),
                role: None,
            }),
        inventory: found
            .inventory_table_configuration_result()
            .map(|table| MetadataTable {
                enabled: *table.configuration_state()
                    == types::InventoryConfigurationState::Enabled,
                name: owned(table.table_name()),
                arn: owned(table.table_arn()),
                status: owned(table.table_status()),
                error: table.error().map(failure),
                expires_after_days: None,
                role: None,
            }),
        annotations: found
            .annotation_table_configuration_result()
            .map(|table| MetadataTable {
                enabled: *table.configuration_state()
                    == types::AnnotationConfigurationState::Enabled,
                name: owned(table.table_name()),
                arn: owned(table.table_arn()),
                status: owned(table.table_status()),
                error: table.error().map(failure),
                expires_after_days: None,
                role: owned(table.role()),
            }),
    }
}

/// Why a table failed, in the words of the service.
fn failure(error: &types::ErrorDetails) -> String {
    let parts = [error.error_code(), error.error_message()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

/// Requests the tags of the bucket itself.
pub(crate) async fn tags(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Tags>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_TAGGING, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_tagging()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let tags = answer
        .tag_set()
        .iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
    let tags = Tags(tags.collect());
    Ok(document.answers((!tags.0.is_empty()).then_some(tags)))
}
