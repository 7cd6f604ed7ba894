//! The lifecycle configuration.

use aws_sdk_s3::types;
use aws_smithy_types::DateTime as SdkTime;

use super::document::{Answer, Document};
use crate::aws::explain::Call;
use crate::aws::wire::time;
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::configuration::{
    Expiration, Filter, Lifecycle, MinimumSize, NoncurrentExpiration, NoncurrentTransition, Rule,
    Transition, When,
};
use crate::domain::{BucketName, StorageClass};

/// Requests the lifecycle rules.
///
/// If a rule cannot be parsed completely, the result is a problem: a partial rule would be a different rule.
pub(crate) async fn lifecycle(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Answer<Lifecycle>, Problem> {
    let call = Call::on(&operations::GET_BUCKET_LIFECYCLE, bucket, "");
    let document = Document::default();
    let answer = aws
        .on_bucket(&call, bucket, |s3| {
            s3.get_bucket_lifecycle_configuration()
                .bucket(bucket.as_str())
                .customize()
                .interceptor(meter.counting())
                .interceptor(document.keeping())
                .send()
        })
        .await?;
    let rules: Option<Vec<Rule>> = answer.rules().iter().map(rule).collect();
    let rules = rules.ok_or_else(|| {
        call.failed(
            ProblemKind::Malformed,
            "a lifecycle rule says neither after how many days nor on which date, or to which class",
            advice!("what the rules do stays unknown; look at the document itself"),
        )
    })?;
    let minimum_size = match answer
        .transition_default_minimum_object_size()
        .map(types::TransitionDefaultMinimumObjectSize::as_str)
    {
        Some("varies_by_storage_class") => MinimumSize::VariesByStorageClass,
        _ => MinimumSize::AllClasses128K,
    };
    Ok(document.answers((!rules.is_empty()).then_some(Lifecycle {
        rules,
        minimum_size,
    })))
}

pub(super) fn rule(rule: &types::LifecycleRule) -> Option<Rule> {
    let filter = rule.filter().map_or_else(
        || Filter {
            prefix: legacy_prefix(rule),
            ..Filter::default()
        },
        filter,
    );
    Some(Rule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == types::ExpirationStatus::Enabled,
        filter,
        transitions: rule
            .transitions()
            .iter()
            .map(transition)
            .collect::<Option<_>>()?,
        expiration: match rule.expiration() {
            None => None,
            Some(end) => Some(expiration(end)?),
        },
        noncurrent_transitions: rule
            .noncurrent_version_transitions()
            .iter()
            .map(noncurrent_transition)
            .collect::<Option<_>>()?,
        noncurrent_expiration: match rule.noncurrent_version_expiration() {
            None => None,
            Some(end) => Some(NoncurrentExpiration {
                days: number(end.noncurrent_days())?,
                newer_versions: number(end.newer_noncurrent_versions()).unwrap_or(0),
            }),
        },
        abort_uploads_days: match rule.abort_incomplete_multipart_upload() {
            None => None,
            Some(abort) => Some(number(abort.days_after_initiation())?),
        },
    })
}

/// Old rules have a prefix instead of a filter.
#[expect(
    deprecated,
    reason = "S3 deprecated it and still answers with it where it was written so"
)]
fn legacy_prefix(rule: &types::LifecycleRule) -> String {
    rule.prefix().unwrap_or_default().to_owned()
}

fn filter(filter: &types::LifecycleRuleFilter) -> Filter {
    let pair = |tag: &types::Tag| (tag.key().to_owned(), tag.value().to_owned());
    match filter.and() {
        Some(and) => Filter {
            prefix: and.prefix().unwrap_or_default().to_owned(),
            tags: and.tags().iter().map(pair).collect(),
            larger_than: bytes(and.object_size_greater_than()),
            smaller_than: bytes(and.object_size_less_than()),
        },
        None => Filter {
            prefix: filter.prefix().unwrap_or_default().to_owned(),
            tags: filter.tag().map(pair).into_iter().collect(),
            larger_than: bytes(filter.object_size_greater_than()),
            smaller_than: bytes(filter.object_size_less_than()),
        },
    }
}

fn transition(t: &types::Transition) -> Option<Transition> {
    Some(Transition {
        when: when(t.days(), t.date())?,
        class: StorageClass::new(t.storage_class()?.as_str()),
    })
}

fn expiration(end: &types::LifecycleExpiration) -> Option<Expiration> {
    if end.expired_object_delete_marker() == Some(true) {
        return Some(Expiration::ExpiredDeleteMarker);
    }
    when(end.days(), end.date()).map(Expiration::At)
}

fn noncurrent_transition(t: &types::NoncurrentVersionTransition) -> Option<NoncurrentTransition> {
    Some(NoncurrentTransition {
        days: number(t.noncurrent_days())?,
        class: StorageClass::new(t.storage_class()?.as_str()),
        newer_versions: number(t.newer_noncurrent_versions()).unwrap_or(0),
    })
}

fn when(days: Option<i32>, date: Option<&SdkTime>) -> Option<When> {
    match (number(days), time(date)) {
        (Some(days), _) => Some(When::Days(days)),
        (None, Some(date)) => Some(When::Date(date)),
        (None, None) => None,
    }
}

fn number(n: Option<i32>) -> Option<u32> {
    n.and_then(|n| u32::try_from(n).ok())
}

fn bytes(n: Option<i64>) -> Option<u64> {
    n.and_then(|n| u64::try_from(n).ok())
}
