//! Alarms on a bucket: what each looks at, in words, and whether it can ever go off.
//!
//! An alarm that looks at a metric which S3 never sends stays in `INSUFFICIENT_DATA` for ever and is taken for quiet.
//! [`astray()`] finds those whose bucket is in another Region or not there, [`lint()`] those from what the *Amazon S3 metrics and dimensions* page of the user guide says that S3 sends.

mod astray;
mod lint;
mod wanted;
mod words;

use chrono::{DateTime, Utc};

use crate::domain::{BucketName, Region};

pub(crate) use astray::{Places, astray};
pub(crate) use lint::{Known, lint};
pub(crate) use wanted::lint_wanted;

/// The namespace of S3's metrics.
pub(crate) const NAMESPACE: &str = "AWS/S3";

/// A metric alarm of CloudWatch.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// The Region where it is.
    pub region: Region,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why it is in this state, in CloudWatch's words.
    pub reason: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What it looks at: one metric, or those that its expression is made of.
    pub metrics: Vec<Watched>,
    /// The expressions of an alarm on metric math.
    pub expressions: Vec<String>,
    /// The threshold; `None` for an anomaly detector's band.
    pub threshold: Option<f64>,
    /// `GreaterThanThreshold` and its like.
    pub comparison: String,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them have to be beyond the threshold; `None` for all.
    pub datapoints_to_alarm: Option<u32>,
    /// Whether it tells anybody.
    pub has_actions: bool,
}

/// A metric that an alarm looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions, by name.
    pub dimensions: Vec<(String, String)>,
    /// `Average`, `Maximum`, `p99` and so on.
    pub statistic: String,
    /// Seconds.
    pub period: u32,
    /// The unit that points have to have, where the alarm asks for one.
    pub unit: Option<String>,
    /// The account whose metric it is, where the alarm says so.
    pub account: Option<String>,
}

impl Watched {
    /// The value of a dimension.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let found = self.dimensions.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// Whether it is a metric of S3 and a dimension of it, be it the right one or not, names the bucket.
    #[must_use]
    pub fn names(&self, bucket: &BucketName) -> bool {
        self.namespace == NAMESPACE
            && self
                .dimensions
                .iter()
                .any(|(_, value)| value == bucket.as_str())
    }
}

impl Alarm {
    /// Whether it looks at the bucket: by a dimension of one of its metrics, or by the bucket's name in an expression.
    #[must_use]
    pub fn concerns(&self, bucket: &BucketName) -> bool {
        self.metrics.iter().any(|metric| metric.names(bucket))
            || self
                .expressions
                .iter()
                .any(|expression| names(expression, bucket.as_str()))
    }
}

impl Alarm {
    /// Whether it looks at a metric of S3 without saying of which bucket. S3 sends none such, and so it never has data.
    #[must_use]
    pub fn is_adrift(&self) -> bool {
        self.metrics
            .iter()
            .any(|metric| metric.namespace == NAMESPACE && metric.dimensions.is_empty())
    }
}

/// Whether a text has the name in it as a whole, not as a part of a longer one.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    text.split(|c| !is_part(c)).any(|word| word == name)
}

#[cfg(test)]
mod table_tests;

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn watched(name: &str, dimensions: &[(&str, &str)]) -> Watched {
        Watched {
            namespace: NAMESPACE.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            statistic: "Average".to_owned(),
            period: 86_400,
            unit: None,
            account: None,
        }
    }

    pub(super) fn alarm(metrics: Vec<Watched>) -> Alarm {
        Alarm {
            name: "size".to_owned(),
            region: Region("us-east-1".to_owned()),
            state: "OK".to_owned(),
            reason: String::new(),
            since: None,
            metrics,
            expressions: Vec::new(),
            threshold: Some(5.0 * 1024.0 * 1024.0 * 1024.0),
            comparison: "GreaterThanThreshold".to_owned(),
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            has_actions: true,
        }
    }

    #[test]
    fn an_alarm_concerns_a_bucket_by_its_whole_name() {
        let media = BucketName::new("media").unwrap();
        let eu = watched("BucketSizeBytes", &[("BucketName", "media-eu")]);
        assert!(!alarm(vec![eu]).concerns(&media));
        let wrong_dimension = watched("BucketSizeBytes", &[("Bucket", "media")]);
        assert!(alarm(vec![wrong_dimension]).concerns(&media));
        let mut searching = alarm(Vec::new());
        searching.expressions = vec![
            "SUM(SEARCH('{AWS/S3,BucketName,StorageType} BucketName=\"media-eu\"', 'Average'))"
                .to_owned(),
        ];
        assert!(!searching.concerns(&media));
        assert!(searching.concerns(&BucketName::new("media-eu").unwrap()));
    }

    #[test]
    fn an_alarm_that_names_no_bucket_is_adrift() {
        assert!(alarm(vec![watched("4xxErrors", &[])]).is_adrift());
        assert!(!alarm(vec![watched("4xxErrors", &[("BucketName", "media")])]).is_adrift());
        let mut billing = watched("EstimatedCharges", &[]);
        billing.namespace = "AWS/Billing".to_owned();
        assert!(!alarm(vec![billing]).is_adrift());
    }

    #[test]
    fn a_metric_of_another_service_concerns_no_bucket() {
        let mut billing = watched("EstimatedCharges", &[("ServiceName", "media")]);
        billing.namespace = "AWS/Billing".to_owned();
        assert!(!alarm(vec![billing]).concerns(&BucketName::new("media").unwrap()));
    }
}
