//! From histories to data points: what a metric, its dimensions, a period and a statistic give.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::Request;
use super::value::{Value, record};
use crate::sandbox::world::metrics::{Course, History};

/// How long CloudWatch goes on listing a metric that has no new points.
const LISTED_FOR: Duration = Duration::days(14);

/// What the samples of one period come to.
#[derive(Debug, Clone, Copy)]
struct Sample {
    sum: f64,
    count: f64,
    least: f64,
    most: f64,
}

impl Sample {
    fn of(self, statistic: &str) -> Option<f64> {
        Some(match statistic {
            "Average" => self.sum / self.count,
            "Sum" => self.sum,
            "Minimum" => self.least,
            "Maximum" => self.most,
            "SampleCount" => self.count,
            percentile if is_percentile(percentile) => self.most,
            _ => return None,
        })
    }

    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

/// Whether this names a statistic: the five, or a percentile such as `p99.9`.
pub(super) fn is_statistic(name: &str) -> bool {
    matches!(
        name,
        "Average" | "Sum" | "Minimum" | "Maximum" | "SampleCount"
    ) || is_percentile(name)
}

fn is_percentile(name: &str) -> bool {
    name.strip_prefix('p')
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(|number| (0.0..=100.0).contains(&number))
}

/// The dimensions of a history, as CloudWatch names them.
pub(super) fn dimensions(history: &History) -> Vec<(&'static str, &str)> {
    let mut dimensions = vec![("BucketName", history.bucket.as_str())];
    dimensions.extend(
        history
            .storage_type
            .as_deref()
            .map(|of| ("StorageType", of)),
    );
    dimensions.extend(history.filter_id.as_deref().map(|id| ("FilterId", id)));
    dimensions
}

/// A metric as answers name it.
pub(super) fn metric(history: &History) -> Value {
    let dimensions = dimensions(history)
        .into_iter()
        .map(|(name, value)| record([("Name", Value::from(name)), ("Value", Value::from(value))]));
    record([
        ("Namespace", Value::from("AWS/S3")),
        ("MetricName", Value::from(history.metric.as_str())),
        ("Dimensions", Value::List(dimensions.collect())),
    ])
}

impl Request<'_> {
    /// The histories of the Region that was asked. Request metrics are there as long as the bucket has the
    /// configuration that makes S3 send them.
    pub(super) fn histories(&self) -> impl Iterator<Item = &History> {
        let cloudwatch = self.cloudwatch;
        cloudwatch.metrics.histories.iter().filter(|history| {
            history.region == self.region
                && history.filter_id.as_ref().is_none_or(|id| {
                    let look = |bucket: &crate::sandbox::store::Bucket| {
                        Ok(bucket.configuration.metrics.contains_key(id))
                    };
                    cloudwatch
                        .store
                        .read(&history.bucket, look)
                        .unwrap_or(false)
                })
        })
    }
}

/// Whether CloudWatch lists the metric: it had points within the last two weeks.
pub(super) fn is_listed(history: &History, now: DateTime<Utc>) -> bool {
    match &history.course {
        Course::Daily(points) => points
            .last()
            .is_some_and(|(day, _)| now - *day <= LISTED_FOR),
        Course::EveryMinute { .. } => true,
    }
}

/// The points of a metric from `start` until before `end`, oldest first, one a period that has any samples.
pub(super) fn points(
    history: &History,
    [start, end]: [DateTime<Utc>; 2],
    period: i64,
    statistic: &str,
) -> Vec<(DateTime<Utc>, f64)> {
    let mut periods: BTreeMap<i64, Sample> = BTreeMap::new();
    let mut add = |time: DateTime<Utc>, sample: Sample| {
        let begins = time.timestamp().div_euclid(period) * period;
        periods
            .entry(begins)
            .and_modify(|all| all.add(sample))
            .or_insert(sample);
    };
    match &history.course {
        Course::Daily(points) => {
            for &(day, value) in points.iter().filter(|(day, _)| (start..end).contains(day)) {
                let sample = Sample {
                    sum: value,
                    count: 1.0,
                    least: value,
                    most: value,
                };
                add(day, sample);
            }
        }
        Course::EveryMinute { since, mean } => {
            let from = start.max(*since).timestamp().div_euclid(60) * 60;
            let until = end.min(Utc::now()).timestamp();
            let minutes = (from..until).step_by(60);
            for (second, requests) in minutes.filter_map(|at| Some((at, in_minute(at, *mean)?))) {
                let sample = Sample {
                    sum: requests,
                    count: requests,
                    least: 1.0,
                    most: 1.0,
                };
                if let Some(time) = DateTime::from_timestamp(second, 0) {
                    add(time, sample);
                }
            }
        }
    }
    periods
        .into_iter()
        .filter_map(|(second, sample)| {
            Some((DateTime::from_timestamp(second, 0)?, sample.of(statistic)?))
        })
        .collect()
}

/// The requests of one minute, the same whenever it is asked about; best effort is no promise, so some are missing.
fn in_minute(second: i64, mean: f64) -> Option<f64> {
    let scattered = second.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let luck = f64::from(u32::try_from(scattered).unwrap_or_default()) / f64::from(1 << 24);
    let requests = (mean * (0.5 + luck)).round();
    (luck > 0.02 && requests >= 1.0).then_some(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_760_054_400 + n * 86_400, 0).unwrap()
    }

    fn daily(values: &[f64]) -> History {
        History {
            bucket: "media".to_owned(),
            region: "us-east-1".to_owned(),
            metric: "BucketSizeBytes".to_owned(),
            storage_type: Some("StandardStorage".to_owned()),
            filter_id: None,
            course: Course::Daily((0..).map(day).zip(values.iter().copied()).collect()),
        }
    }

    #[test]
    fn the_end_is_not_part_of_what_is_asked_for_and_the_start_is() {
        let history = daily(&[1.0, 2.0, 3.0]);
        let asked = points(&history, [day(0), day(2)], 86_400, "Average");
        assert_eq!(asked, [(day(0), 1.0), (day(1), 2.0)]);
    }

    #[test]
    fn a_longer_period_gathers_points_by_the_statistic() {
        let history = daily(&[1.0, 2.0, 3.0]);
        let whole = |statistic| {
            let points = points(&history, [day(0), day(3)], 86_400 * 100, statistic);
            points.iter().map(|(_, value)| *value).sum::<f64>()
        };
        assert_eq!((whole("Sum"), whole("Average")), (6.0, 2.0));
        assert_eq!((whole("SampleCount"), whole("Maximum")), (3.0, 3.0));
    }

    #[test]
    fn a_metric_without_points_for_two_weeks_is_no_longer_listed() {
        let history = daily(&[1.0]);
        assert!(is_listed(&history, day(14)));
        assert!(!is_listed(&history, day(15)));
    }

    #[test]
    fn statistics_are_told_from_other_words() {
        assert!(is_statistic("Maximum") && is_statistic("p99.9"));
        assert!(!is_statistic("Most") && !is_statistic("p101"));
    }
}
