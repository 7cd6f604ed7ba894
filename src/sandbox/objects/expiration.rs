//! `x-amz-expiration`: when a lifecycle rule will end an object, and which one.

use s3s::dto::{ExpirationStatus, LifecycleRule, Tag};

use crate::sandbox::store::{Bucket, Moment, Object};

/// What S3 tells of a current object: the earliest end that an enabled rule brings, and that rule's id.
pub(super) fn expiration_header(
    bucket: &Bucket,
    key: &str,
    object: &Object,
    modified: Moment,
) -> Option<String> {
    let rules = &bucket.configuration.lifecycle.as_ref()?.rules;
    let (end, rule) = rules
        .iter()
        .filter(|rule| rule.status.as_str() == ExpirationStatus::ENABLED)
        .filter(|rule| matches(rule, key, object))
        .filter_map(|rule| Some((end(rule, modified)?, rule)))
        .min_by_key(|(end, _)| *end)?;
    let id = rule.id.as_deref().unwrap_or_default();
    Some(format!(
        "expiry-date=\"{}\", rule-id=\"{id}\"",
        end.to_http_date()
    ))
}

/// Days count from the write and end at the next midnight; a date ends everything from then on.
fn end(rule: &LifecycleRule, modified: Moment) -> Option<Moment> {
    let expiration = rule.expiration.as_ref()?;
    match (expiration.days, expiration.date.as_ref()) {
        (Some(days), _) => Some(modified.midnight_after_days(days.into())),
        (None, Some(date)) => Moment::from_timestamp(date),
        (None, None) => None,
    }
}

fn matches(rule: &LifecycleRule, key: &str, object: &Object) -> bool {
    let begins = |prefix: Option<&String>| prefix.is_none_or(|prefix| key.starts_with(prefix));
    let size = i64::try_from(object.body.length()).unwrap_or(i64::MAX);
    let within = |above: Option<i64>, below: Option<i64>| {
        above.is_none_or(|least| size > least) && below.is_none_or(|most| size < most)
    };
    let Some(filter) = &rule.filter else {
        return begins(rule.prefix.as_ref());
    };
    let all_of = filter.and.as_ref().is_none_or(|and| {
        begins(and.prefix.as_ref())
            && within(and.object_size_greater_than, and.object_size_less_than)
            && and.tags.iter().flatten().all(|tag| has(object, tag))
    });
    all_of
        && begins(filter.prefix.as_ref())
        && within(
            filter.object_size_greater_than,
            filter.object_size_less_than,
        )
        && filter.tag.as_ref().is_none_or(|tag| has(object, tag))
}

fn has(object: &Object, tag: &Tag) -> bool {
    let (Some(key), Some(value)) = (&tag.key, &tag.value) else {
        return false;
    };
    object.tags.iter().any(|(k, v)| k == key && v == value)
}
