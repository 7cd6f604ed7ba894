//! Event notifications, replication and logging of a bucket.

use aws_sdk_s3::types;

use super::document::{Answer, Document};
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, operations};
use crate::domain::BucketName;
use crate::domain::configuration::{
    LogKeyFormat, Logging, Notification, Notifications, NotifiedKind, Replication, ReplicationRule,
};

/// Requests the access log's destination; no value if logging is off.
pub(crate) async fn logging(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Logging>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_LOGGING, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_logging()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    Ok(
        document.answers(answer.logging_enabled().map(|logging| Logging {
            bucket: logging.target_bucket().to_owned(),
            prefix: logging.target_prefix().to_owned(),
            key_format: key_format(logging.target_object_key_format()),
        })),
    )
}

/// Delivery time by default, as in S3.
fn key_format(format: Option<&types::TargetObjectKeyFormat>) -> LogKeyFormat {
    let partitioned = format.and_then(types::TargetObjectKeyFormat::partitioned_prefix);
    match partitioned.map(types::PartitionedPrefix::partition_date_source) {
        None => LogKeyFormat::Simple,
        Some(Some(types::PartitionDateSource::EventTime)) => LogKeyFormat::ByEventTime,
        Some(_) => LogKeyFormat::ByDeliveryTime,
    }
}

/// Requests whether the requester pays.
pub(crate) async fn requester_pays(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Option<bool>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_REQUEST_PAYMENT, bucket, "");
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_request_payment()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .send()
        })
        .await?;
    let payer = answer.payer();
    Ok(payer.map(|payer| *payer == types::Payer::Requester))
}

/// Requests the replication rules.
pub(crate) async fn replication(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Replication>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_REPLICATION, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_replication()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let found = answer.replication_configuration();
    Ok(document.answers(found.map(|found| Replication {
        role: found.role().to_owned(),
        rules: found.rules().iter().map(replication_rule).collect(),
    })))
}

fn replication_rule(rule: &types::ReplicationRule) -> ReplicationRule {
    let pair = |tag: &types::Tag| (tag.key().to_owned(), tag.value().to_owned());
    let (prefix, tags) = match rule.filter() {
        None => (legacy_prefix(rule), Vec::new()),
        Some(filter) => match filter.and() {
            Some(and) => (
                and.prefix().unwrap_or_default().to_owned(),
                and.tags().iter().map(pair).collect(),
            ),
            None => (
                filter.prefix().unwrap_or_default().to_owned(),
                filter.tag().map(pair).into_iter().collect(),
            ),
        },
    };
    let destination = rule.destination();
    let metrics = destination.and_then(types::Destination::metrics);
    ReplicationRule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == types::ReplicationRuleStatus::Enabled,
        prefix,
        tags,
        to: destination
            .map(|to| bucket_of_arn(to.bucket()))
            .unwrap_or_default(),
        class: destination
            .and_then(|to| to.storage_class())
            .map(|class| class.as_str().to_owned()),
        // Rules without a filter element replicate delete markers by default.
        delete_markers: match rule.delete_marker_replication() {
            None => rule.filter().is_none(),
            Some(markers) => {
                markers.status() == Some(&types::DeleteMarkerReplicationStatus::Enabled)
            }
        },
        kms_encrypted: rule
            .source_selection_criteria()
            .and_then(types::SourceSelectionCriteria::sse_kms_encrypted_objects)
            .is_some_and(|kms| *kms.status() == types::SseKmsEncryptedObjectsStatus::Enabled),
        priority: rule.priority(),
        within_minutes: destination
            .and_then(types::Destination::replication_time)
            .filter(|time| *time.status() == types::ReplicationTimeStatus::Enabled)
            .map(|time| minutes(time.time()).unwrap_or(RTC_MINUTES)),
        metrics: metrics.is_some_and(|metrics| *metrics.status() == types::MetricsStatus::Enabled),
        late_after_minutes: metrics.and_then(|metrics| minutes(metrics.event_threshold())),
        existing_objects: rule.existing_object_replication().is_some_and(|existing| {
            *existing.status() == types::ExistingObjectReplicationStatus::Enabled
        }),
        replica_modifications: rule
            .source_selection_criteria()
            .and_then(types::SourceSelectionCriteria::replica_modifications)
            .is_some_and(|changes| *changes.status() == types::ReplicaModificationsStatus::Enabled),
        replica_key: destination
            .and_then(types::Destination::encryption_configuration)
            .and_then(types::EncryptionConfiguration::replica_kms_key_id)
            .map(str::to_owned),
        account: destination
            .and_then(types::Destination::account)
            .map(str::to_owned),
        replica_owner: destination
            .and_then(types::Destination::access_control_translation)
            .map(|translation| translation.owner().as_str().to_owned()),
    }
}

/// The time of Replication Time Control; S3 accepts no other number.
const RTC_MINUTES: u32 = 15;

fn minutes(value: Option<&types::ReplicationTimeValue>) -> Option<u32> {
    u32::try_from(value?.minutes()?).ok()
}

#[expect(
    deprecated,
    reason = "S3 deprecated it and still answers with it where it was written so"
)]
fn legacy_prefix(rule: &types::ReplicationRule) -> String {
    rule.prefix().unwrap_or_default().to_owned()
}

/// The bucket name at the end of `arn:aws:s3:::NAME`.
pub(super) fn bucket_of_arn(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}

/// Requests the event notifications; no value if there are none.
pub(crate) async fn notifications(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Notifications>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_NOTIFICATION, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_notification_configuration()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let functions = answer.lambda_function_configurations().iter().map(|c| {
        notification(
            NotifiedKind::Lambda,
            c.id(),
            c.lambda_function_arn(),
            c.events(),
            c.filter(),
        )
    });
    let queues = answer.queue_configurations().iter().map(|c| {
        notification(
            NotifiedKind::Queue,
            c.id(),
            c.queue_arn(),
            c.events(),
            c.filter(),
        )
    });
    let topics = answer.topic_configurations().iter().map(|c| {
        notification(
            NotifiedKind::Topic,
            c.id(),
            c.topic_arn(),
            c.events(),
            c.filter(),
        )
    });
    let found = Notifications {
        notifications: functions.chain(queues).chain(topics).collect(),
        event_bridge: answer.event_bridge_configuration().is_some(),
    };
    let is_something = !found.notifications.is_empty() || found.event_bridge;
    Ok(document.answers(is_something.then_some(found)))
}

fn notification(
    kind: NotifiedKind,
    id: Option<&str>,
    to: &str,
    events: &[types::Event],
    filter: Option<&types::NotificationConfigurationFilter>,
) -> Notification {
    let rules = filter
        .and_then(types::NotificationConfigurationFilter::key)
        .map(types::S3KeyFilter::filter_rules)
        .unwrap_or_default();
    // S3 uses the names in upper and lower case.
    let part = |name: &str| {
        rules
            .iter()
            .find(|rule| {
                rule.name()
                    .is_some_and(|found| found.as_str().eq_ignore_ascii_case(name))
            })
            .and_then(types::FilterRule::value)
            .unwrap_or_default()
            .to_owned()
    };
    Notification {
        id: id.unwrap_or_default().to_owned(),
        kind,
        to: to.to_owned(),
        events: events.iter().map(|e| e.as_str().to_owned()).collect(),
        prefix: part("prefix"),
        suffix: part("suffix"),
    }
}
