//! Writes lifecycle rules. S3 replaces all rules at once, so existing rules must be preserved exactly.
//!
//! [`Rules`] stores them in the SDK's form, not in that of `domain`. It refuses to write if the document had an element
//! that the SDK does not know, because that element would be lost.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    self, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, Tag, TransitionDefaultMinimumObjectSize,
};
use aws_smithy_types::DateTime as SdkTime;

use super::document::Document;
use super::lifecycle;
use crate::aws::explain::Call;
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit, operations};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::configuration::{Expiration, Rule, When};

/// All known elements of a lifecycle document.
const KNOWN: [&str; 27] = [
    "LifecycleConfiguration",
    "Rule",
    "ID",
    "Status",
    "Prefix",
    "Filter",
    "And",
    "Tag",
    "Key",
    "Value",
    "ObjectSizeGreaterThan",
    "ObjectSizeLessThan",
    "Expiration",
    "Date",
    "Days",
    "ExpiredObjectDeleteMarker",
    "Transition",
    "StorageClass",
    "NoncurrentVersionTransition",
    "NoncurrentDays",
    "NewerNoncurrentVersions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
    "DaysAfterInitiation",
    "TransitionDefaultMinimumObjectSize",
    "Transitions",
    "Tags",
];

/// All lifecycle rules of a bucket.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rules {
    all: Vec<LifecycleRule>,
    minimum: Option<TransitionDefaultMinimumObjectSize>,
    /// Unknown elements of the document.
    unknown: BTreeSet<String>,
}

impl Rules {
    /// Requests a bucket's rules; empty if there are none.
    ///
    /// # Errors
    /// The error of the request.
    pub(crate) async fn read(
        aws: &Aws,
        bucket: &BucketName,
        meter: &Meter,
    ) -> Result<Self, Problem> {
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
            .await;
        match answer {
            Ok(answer) => Ok(Self {
                all: answer.rules().to_vec(),
                minimum: answer.transition_default_minimum_object_size().cloned(),
                unknown: unknown(&document.text().unwrap_or_default()),
            }),
            Err(problem) if problem.kind == ProblemKind::NotConfigured => Ok(Self::default()),
            Err(problem) => Err(problem),
        }
    }

    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    #[must_use]
    pub(crate) fn ids(&self) -> Vec<String> {
        let ids = self.all.iter().filter_map(LifecycleRule::id);
        ids.map(str::to_owned).collect()
    }

    /// The rule with this id; `None` also if it cannot be parsed.
    #[must_use]
    pub(crate) fn rule(&self, id: &str) -> Option<Rule> {
        let mut rules = self.all.iter();
        let found = rules.find(|rule| rule.id() == Some(id))?;
        lifecycle::rule(found)
    }

    /// Adds this rule, or replaces the one with the same id.
    ///
    /// # Errors
    /// If the rule has settings that s3warden's rules never have.
    pub(crate) fn with(&self, rule: &Rule) -> Result<Self, String> {
        let mut all = self.without(&rule.id);
        all.all.push(ours(rule)?);
        Ok(all)
    }

    /// Removes the rule with this id.
    #[must_use]
    pub(crate) fn without(&self, id: &str) -> Self {
        let others = self.all.iter().filter(|rule| rule.id() != Some(id));
        Self {
            all: others.cloned().collect(),
            ..self.clone()
        }
    }

    /// Whether both have the same rules, in any order.
    #[must_use]
    pub(crate) fn holds_same(&self, other: &Self) -> bool {
        let has = |of: &Self, rule: &LifecycleRule| of.all.contains(rule);
        self.all.len() == other.all.len()
            && self.all.iter().all(|rule| has(other, rule))
            && other.all.iter().all(|rule| has(self, rule))
    }

    /// Replaces all rules of a bucket.
    ///
    /// If there are none, the configuration is deleted. Some servers treat an unknown sub-resource as the bucket
    /// itself. Call this only on a bucket that contains objects and has just stored a rule.
    ///
    /// # Errors
    /// The error of the request. Nothing is sent if something [would be lost](Self::unknown).
    pub(crate) async fn write(
        &self,
        aws: &Aws,
        bucket: &BucketName,
        permit: &WritePermit,
        meter: &Meter,
    ) -> Result<(), Problem> {
        let call = Call::on(&operations::PUT_BUCKET_LIFECYCLE, bucket, "");
        if let Some(name) = self.unknown.first() {
            let why = format!("its rules hold <{name}>, which this program would lose");
            return Err(call.failed(
                ProblemKind::Invalid,
                &why,
                advice!("add the rule by hand; nothing was written"),
            ));
        }
        if self.all.is_empty() {
            return delete(aws, bucket, permit, meter).await;
        }
        let rules = BucketLifecycleConfiguration::builder().set_rules(Some(self.all.clone()));
        let rules = rules.build().map_err(|why| {
            call.failed(ProblemKind::Invalid, &why.to_string(), advice!("report it"))
        })?;
        aws.on_bucket(&call, bucket, |s3| {
            s3.put_bucket_lifecycle_configuration()
                .bucket(bucket.as_str())
                .set_transition_default_minimum_object_size(self.minimum.clone())
                .lifecycle_configuration(rules.clone())
                .customize()
                .interceptor(permit.clone())
                .interceptor(meter.counting())
                .send()
        })
        .await
        .map(|_| ())
    }
}

async fn delete(
    aws: &Aws,
    bucket: &BucketName,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<(), Problem> {
    let call = Call::on(&operations::DELETE_BUCKET_LIFECYCLE, bucket, "");
    aws.on_bucket(&call, bucket, |s3| {
        s3.delete_bucket_lifecycle()
            .bucket(bucket.as_str())
            .customize()
            .interceptor(permit.clone())
            .interceptor(meter.counting())
            .send()
    })
    .await
    .map(|_| ())
}

/// Converts one of s3warden's rules for the SDK: a filter with one condition, and an expiration.
fn ours(rule: &Rule) -> Result<LifecycleRule, String> {
    let wrong =
        |why: &dyn std::fmt::Display| format!("the rule {} cannot be written: {why}", rule.id);
    let filter = match (rule.filter.tags.as_slice(), rule.filter.prefix.as_str()) {
        ([(name, value)], "") => {
            let tag = Tag::builder().key(name).value(value).build();
            LifecycleRuleFilter::builder().tag(tag.map_err(|why| wrong(&why))?)
        }
        ([], prefix) if !prefix.is_empty() => LifecycleRuleFilter::builder().prefix(prefix),
        _ => return Err(wrong(&"its filter is not one condition")),
    };
    let end = match rule.expiration {
        Some(Expiration::At(When::Date(date))) => {
            LifecycleExpiration::builder().date(SdkTime::from_secs(date.timestamp()))
        }
        Some(Expiration::At(When::Days(days))) => {
            LifecycleExpiration::builder().days(i32::try_from(days).map_err(|why| wrong(&why))?)
        }
        _ => return Err(wrong(&"it expires nothing")),
    };
    let status = if rule.enabled {
        ExpirationStatus::Enabled
    } else {
        ExpirationStatus::Disabled
    };
    types::LifecycleRule::builder()
        .id(&rule.id)
        .status(status)
        .filter(filter.build())
        .expiration(end.build())
        .build()
        .map_err(|why| wrong(&why))
}

/// The names of elements that are not in [`KNOWN`].
fn unknown(document: &str) -> BTreeSet<String> {
    let opened = document.split('<').skip(1);
    opened
        .filter(|tag| !tag.starts_with(['/', '?', '!']))
        .filter_map(|tag| {
            let name = tag.split(['>', ' ', '/', '\n', '\r', '\t']).next()?;
            let local = name.rsplit(':').next()?;
            (!KNOWN.contains(&local)).then(|| local.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_that_would_be_lost_is_named() {
        let known = "<?xml version=\"1.0\"?><LifecycleConfiguration xmlns=\"x\"><Rule><ID>a</ID><Filter/></Rule>\
                     </LifecycleConfiguration>";
        assert!(unknown(known).is_empty());
        let newer = known.replace(
            "<Filter/>",
            "<Filter/><ns:Sampling rate=\"1\">2</ns:Sampling>",
        );
        assert_eq!(unknown(&newer), BTreeSet::from(["Sampling".to_owned()]));
    }
}
