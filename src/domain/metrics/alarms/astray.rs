//! Alarms that look where their bucket is not: in another Region, or at a bucket that does not exist.
//!
//! S3 sends a bucket's metrics to CloudWatch in the bucket's own Region, and an alarm sees those of its own Region alone
//! (*Monitoring metrics with Amazon CloudWatch* in the user guide).

use std::collections::BTreeMap;

use super::{Alarm, NAMESPACE};
use crate::domain::advice::advice;
use crate::domain::posture::{Finding, Severity};
use crate::domain::{BucketName, Region};

const WHY: &str =
    "An alarm without data never goes off, and looks like one that has nothing to tell.";

/// Where the buckets of an account are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Places {
    /// The buckets, with their Regions where these are known.
    pub buckets: BTreeMap<BucketName, Option<Region>>,
    /// Whether these are all buckets of the account: one that is not among them does not exist there.
    pub is_whole: bool,
    /// The account, where it is known.
    pub account: Option<String>,
}

/// Judges by the buckets' places what an alarm looks at.
#[must_use]
pub(crate) fn astray(alarm: &Alarm, places: &Places) -> Vec<Finding> {
    let own = |account: &Option<String>| account.is_none() || *account == places.account;
    let mut names: Vec<&str> = alarm
        .metrics
        .iter()
        .filter(|metric| metric.namespace == NAMESPACE && own(&metric.account))
        .filter_map(|metric| metric.dimension("BucketName"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let bucket = BucketName::new(name).ok()?;
            match places.buckets.get(&bucket) {
                Some(Some(region)) if *region != alarm.region => {
                    Some(other_region(alarm, bucket, region))
                }
                None if places.is_whole => Some(without_bucket(alarm, bucket)),
                Some(_) | None => None,
            }
        })
        .collect()
}

fn other_region(alarm: &Alarm, bucket: BucketName, region: &Region) -> Finding {
    Finding {
        id: "alarm-other-region",
        severity: Severity::High,
        message: format!(
            "The alarm {} can never have data: it is in {}, and the bucket {bucket} is in {region}.",
            alarm.name, alarm.region
        ),
        evidence: vec![format!(
            "{}; the alarm's state is {}",
            alarm.words(),
            alarm.state
        )],
        why: WHY,
        advice: advice!("create the alarm in {region}, where S3 sends the bucket's metrics"),
        references: &[],
        bucket,
    }
}

fn without_bucket(alarm: &Alarm, bucket: BucketName) -> Finding {
    Finding {
        id: "alarm-without-bucket",
        severity: Severity::High,
        message: format!(
            "The alarm {} in {} looks at the bucket {bucket}, which does not exist in this account.",
            alarm.name, alarm.region
        ),
        evidence: vec![format!(
            "{}; the alarm's state is {}",
            alarm.words(),
            alarm.state
        )],
        why: WHY,
        advice: advice!("name a bucket that exists, or delete the alarm"),
        references: &[],
        bucket,
    }
}
