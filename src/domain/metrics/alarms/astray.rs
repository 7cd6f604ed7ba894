//! Alarms that look where their bucket is not: in another Region, or at a bucket that does not exist.
//!
//! S3 sends a bucket's metrics to CloudWatch in the bucket's own Region, and an alarm sees those of its own Region alone
//! (*Monitoring metrics with Amazon CloudWatch* in the user guide). What replication has still to do is sent in the Region
//! of the destination (*Using S3 Replication metrics*).

use std::collections::BTreeMap;

use super::{Alarm, NAMESPACE, Watched};
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
    let of_own = alarm.metrics.iter();
    let of_own = of_own.filter(|metric| metric.namespace == NAMESPACE && own(&metric.account));
    let mut names: Vec<(&str, Home)> = of_own.filter_map(home).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|(name, home)| {
            let bucket = BucketName::new(name).ok()?;
            match places.buckets.get(&bucket) {
                Some(Some(region)) if *region != alarm.region => {
                    Some(other_region(alarm, bucket, region))
                }
                // A destination may be in another account.
                None if places.is_whole && home == Home::Own => Some(without_bucket(alarm, bucket)),
                Some(_) | None => None,
            }
        })
        .collect()
}

/// Which bucket's Region a metric is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    /// The bucket that the metric is about.
    Own,
    /// The bucket that it is replicated to.
    Destination,
}

/// The bucket in whose Region S3 sends a metric.
fn home(metric: &Watched) -> Option<(&str, Home)> {
    match metric.name.as_str() {
        "BytesPendingReplication" | "OperationsPendingReplication" | "ReplicationLatency" => {
            Some((metric.dimension("DestinationBucket")?, Home::Destination))
        }
        _ => Some((metric.dimension("BucketName")?, Home::Own)),
    }
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

#[cfg(test)]
mod tests {
    use super::super::tests::{alarm, watched};
    use super::*;

    #[test]
    fn an_alarm_belongs_where_s3_sends_its_metric() {
        let name = |name: &str| BucketName::new(name).unwrap();
        let region = |name: &str| Region(name.to_owned());
        let places = |is_whole| Places {
            buckets: BTreeMap::from([
                (name("media"), Some(region("us-east-1"))),
                (name("copy"), Some(region("eu-west-1"))),
            ]),
            is_whole,
            account: None,
        };
        let size = [("BucketName", "media")];
        let rule = |to| {
            [
                ("SourceBucket", "media"),
                ("DestinationBucket", to),
                ("RuleId", "r"),
            ]
        };
        for (metric, dimensions, there, is_whole, expected) in [
            ("NumberOfObjects", &size[..], "us-east-1", true, None),
            (
                "NumberOfObjects",
                &size,
                "eu-west-1",
                true,
                Some("alarm-other-region"),
            ),
            ("ReplicationLatency", &rule("copy"), "eu-west-1", true, None),
            (
                "ReplicationLatency",
                &rule("copy"),
                "us-east-1",
                true,
                Some("alarm-other-region"),
            ),
            (
                "BytesPendingReplication",
                &rule("copy"),
                "us-east-1",
                true,
                Some("alarm-other-region"),
            ),
            (
                "ReplicationLatency",
                &rule("of-others"),
                "us-east-1",
                true,
                None,
            ),
            (
                "NumberOfObjects",
                &[("BucketName", "gone")],
                "us-east-1",
                true,
                Some("alarm-without-bucket"),
            ),
            (
                "NumberOfObjects",
                &[("BucketName", "gone")],
                "us-east-1",
                false,
                None,
            ),
        ] {
            let mut alarm = alarm(vec![watched(metric, dimensions)]);
            alarm.region = region(there);
            let found = astray(&alarm, &places(is_whole));
            let ids: Vec<&str> = found.iter().map(|finding| finding.id).collect();
            assert_eq!(
                ids.first().copied(),
                expected,
                "{metric} {dimensions:?} in {there}"
            );
        }
    }
}
