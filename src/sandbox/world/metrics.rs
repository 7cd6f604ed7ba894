//! The metrics and alarms of a world: their shape in its file, and what becomes of it.
//!
//! A `[[bucket.metrics]]` is a daily series of one storage type that ends with what the bucket really holds, or one a
//! minute of a request metric. An `[[alarm]]` is one of CloudWatch, of one metric or of an expression over several.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::rng::{Rng, days_before};
use super::{SeedKind, WorldBucket};

/// How long CloudWatch keeps daily points.
const KEPT_DAYS: u32 = 455;

/// What CloudWatch knows of a world.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorldMetrics {
    /// The metrics, each with its points.
    pub histories: Vec<History>,
    /// The alarms.
    pub alarms: Vec<WorldAlarm>,
}

/// One metric of one bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The bucket's name.
    pub bucket: String,
    /// Its Region, which is where its metrics are.
    pub region: String,
    /// `BucketSizeBytes`, `NumberOfObjects`, or a request metric.
    pub metric: String,
    /// The dimension `StorageType` of a storage metric.
    pub storage_type: Option<String>,
    /// The dimension `FilterId` of a request metric: the id of the bucket's metrics configuration.
    pub filter_id: Option<String>,
    /// The points.
    pub course: Course,
}

/// How a metric went.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// One point a day at midnight (UTC), oldest first. A day that is missing is a gap.
    Daily(Vec<(DateTime<Utc>, f64)>),
    /// So many in a minute on average, since then.
    EveryMinute {
        /// When it began.
        since: DateTime<Utc>,
        /// The average of a minute.
        mean: f64,
    },
}

/// An alarm on one metric, or on an expression over several.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldAlarm {
    /// Its name.
    pub name: String,
    /// The Region where it is.
    pub region: String,
    /// What it is for.
    pub description: Option<String>,
    /// The metric; `None` for one of `queries`.
    pub metric: Option<WorldMetric>,
    /// What an expression is made of.
    pub queries: Vec<WorldQuery>,
    /// The threshold.
    pub threshold: f64,
    /// `GreaterThanThreshold` and its like.
    pub comparison: String,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them have to be beyond the threshold.
    pub datapoints_to_alarm: Option<u32>,
    /// `missing`, `ignore`, `breaching` or `notBreaching`.
    pub treat_missing: Option<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why it is in this state.
    pub reason: String,
    /// Since when.
    pub state_since: DateTime<Utc>,
    /// ARNs of whom it tells.
    pub actions: Vec<String>,
}

/// The metric of an alarm or of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldMetric {
    /// `AWS/S3`, mostly.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
    /// The statistic.
    pub statistic: String,
    /// The period in seconds.
    pub period: u32,
}

/// One part of an alarm's expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldQuery {
    /// Its name in expressions.
    pub id: String,
    /// The metric; `None` for an expression.
    pub metric: Option<WorldMetric>,
    /// The expression.
    pub expression: Option<String>,
    /// Whether this is what the alarm looks at.
    pub is_result: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricFile {
    /// The storage type, or `AllStorageTypes` for the number of objects.
    #[serde(rename = "type")]
    storage_type: Option<String>,
    /// A request metric, with its filter and how many a minute.
    request: Option<String>,
    filter: Option<String>,
    #[serde(default)]
    per_minute: f64,
    /// How many days ago the series begins.
    days: u32,
    /// Where it begins, as a share of where it ends.
    #[serde(default = "half")]
    from: f64,
    /// Where it ends; what the bucket holds of the type when it is not said.
    to: Option<u64>,
    /// How much it wavers in between, as a share.
    #[serde(default)]
    wavers: f64,
    /// Days without a point: from so many days ago until so many.
    #[serde(default)]
    gaps: Vec<[u32; 2]>,
    /// How many days ago the last point is.
    #[serde(default = "one")]
    late: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmFile {
    pub name: String,
    #[serde(default = "virginia")]
    region: String,
    description: Option<String>,
    metric: Option<String>,
    #[serde(default = "namespace")]
    namespace: String,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    #[serde(default = "average")]
    statistic: String,
    #[serde(default = "day")]
    period: u32,
    #[serde(default)]
    query: Vec<QueryFile>,
    threshold: f64,
    #[serde(default = "greater")]
    comparison: String,
    #[serde(default = "one")]
    evaluation_periods: u32,
    datapoints_to_alarm: Option<u32>,
    treat_missing: Option<String>,
    state: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    state_days_ago: f64,
    #[serde(default)]
    actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryFile {
    id: String,
    metric: Option<String>,
    #[serde(default = "namespace")]
    namespace: String,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    #[serde(default = "average")]
    statistic: String,
    #[serde(default = "day")]
    period: u32,
    expression: Option<String>,
    #[serde(default)]
    result: bool,
}

fn half() -> f64 {
    0.5
}
fn one() -> u32 {
    1
}
fn day() -> u32 {
    86_400
}
fn average() -> String {
    "Average".to_owned()
}
fn greater() -> String {
    "GreaterThanThreshold".to_owned()
}
fn namespace() -> String {
    "AWS/S3".to_owned()
}
fn virginia() -> String {
    "us-east-1".to_owned()
}

/// The metric that a section of the file describes, which ends with what the bucket holds.
///
/// # Errors
/// What is wrong with the section.
pub(super) fn history(
    file: &MetricFile,
    bucket: &WorldBucket,
    seed: u64,
    now: DateTime<Utc>,
) -> Result<History, String> {
    let (metric, course) = match (&file.storage_type, &file.request, &file.filter) {
        (Some(storage_type), None, None) => {
            let metric = if storage_type == "AllStorageTypes" {
                "NumberOfObjects"
            } else {
                "BucketSizeBytes"
            };
            let to = match file.to {
                Some(to) => to,
                None => held(bucket, storage_type)?,
            };
            let mut rng = Rng::new(seed, &format!("{}/metrics/{storage_type}", bucket.name));
            (
                metric.to_owned(),
                Course::Daily(points(file, to, now, &mut rng)?),
            )
        }
        (None, Some(metric), Some(_)) => {
            let course = Course::EveryMinute {
                since: now - Duration::days(file.days.into()),
                mean: file.per_minute,
            };
            (metric.clone(), course)
        }
        _ => {
            return Err(
                "expected either `type` for a storage metric, or `request` and `filter` for a request metric"
                    .to_owned(),
            );
        }
    };
    Ok(History {
        bucket: bucket.name.clone(),
        region: bucket.region.clone(),
        metric,
        storage_type: file.storage_type.clone(),
        filter_id: file.filter.clone(),
        course,
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes of a world are far below 2^52"
)]
fn points(
    file: &MetricFile,
    to: u64,
    now: DateTime<Utc>,
    rng: &mut Rng,
) -> Result<Vec<(DateTime<Utc>, f64)>, String> {
    if file.days > KEPT_DAYS || file.late > file.days {
        return Err(format!(
            "days = {} and late = {}; expected late, days and {KEPT_DAYS} in this order",
            file.days, file.late
        ));
    }
    let midnight = now.timestamp().div_euclid(86_400) * 86_400;
    let length = f64::from((file.days - file.late).max(1));
    let to = to as f64;
    let points = (file.late..=file.days).rev().filter_map(|ago| {
        let waver = 1.0 + file.wavers * (rng.between([0, 2000]) as f64 / 1000.0 - 1.0);
        let is_gap =
            |[from, until]: &[u32; 2]| (*until.min(from)..=*until.max(from)).contains(&ago);
        if file.gaps.iter().any(is_gap) {
            return None;
        }
        let gone = f64::from(file.days - ago) / length;
        let value = if ago == file.late {
            to
        } else {
            to * (file.from + (1.0 - file.from) * gone) * waver
        };
        let day = DateTime::from_timestamp(midnight - i64::from(ago) * 86_400, 0)?;
        Some((day, value.round()))
    });
    Ok(points.collect())
}

/// What the bucket holds of a storage type: its sizes count older versions and the parts of uploads, its number of
/// objects counts delete markers besides.
fn held(bucket: &WorldBucket, storage_type: &str) -> Result<u64, String> {
    let parts = bucket.uploads.iter().flat_map(|upload| {
        upload
            .parts
            .iter()
            .map(|size| (&upload.storage_class, *size))
    });
    if storage_type == "AllStorageTypes" {
        return Ok(bucket.versions.len() as u64 + parts.count() as u64);
    }
    if !matches!(
        storage_type,
        "GlacierStagingStorage" | "DeepArchiveStagingStorage"
    ) && class_of(storage_type).is_none()
    {
        return Err(format!(
            "no object of a bucket is of the type {storage_type:?}; say where it ends with `to`"
        ));
    }
    let in_parts = parts
        .filter(|(class, _)| part_type(class) == storage_type)
        .map(|(_, size)| size);
    let in_versions = bucket.versions.iter().filter_map(|version| {
        let (class, size) = match &version.kind {
            SeedKind::Object(object) => (object.storage_class.as_str(), object.size),
            SeedKind::Plain { size } => ("STANDARD", *size),
            SeedKind::DeleteMarker => return None,
        };
        (class_of(storage_type) == Some(if class.is_empty() { "STANDARD" } else { class }))
            .then_some(size)
    });
    Ok(in_versions.chain(in_parts).sum())
}

/// The class whose objects a storage type counts.
fn class_of(storage_type: &str) -> Option<&'static str> {
    crate::domain::metrics::StorageType::new(storage_type).class()
}

/// The storage type that counts the parts of an upload to this class.
fn part_type(class: &str) -> &'static str {
    match class {
        "GLACIER" => "GlacierStagingStorage",
        "DEEP_ARCHIVE" => "DeepArchiveStagingStorage",
        "STANDARD_IA" => "StandardIAStorage",
        "ONEZONE_IA" => "OneZoneIAStorage",
        "INTELLIGENT_TIERING" => "IntelligentTieringFAStorage",
        "GLACIER_IR" => "GlacierInstantRetrievalStorage",
        _ => "StandardStorage",
    }
}

/// The alarm that a section of the file describes.
pub(super) fn alarm(file: AlarmFile, now: DateTime<Utc>) -> WorldAlarm {
    let metric =
        |name: Option<String>, namespace, dimensions: BTreeMap<_, _>, statistic, period| {
            name.map(|name| WorldMetric {
                namespace,
                name,
                dimensions: dimensions.into_iter().collect(),
                statistic,
                period,
            })
        };
    let queries = file.query.into_iter().map(|query| WorldQuery {
        id: query.id,
        metric: metric(
            query.metric,
            query.namespace,
            query.dimensions,
            query.statistic,
            query.period,
        ),
        expression: query.expression,
        is_result: query.result,
    });
    WorldAlarm {
        queries: queries.collect(),
        metric: metric(
            file.metric,
            file.namespace,
            file.dimensions,
            file.statistic,
            file.period,
        ),
        name: file.name,
        region: file.region,
        description: file.description,
        threshold: file.threshold,
        comparison: file.comparison,
        evaluation_periods: file.evaluation_periods,
        datapoints_to_alarm: file.datapoints_to_alarm,
        treat_missing: file.treat_missing,
        state: file.state,
        reason: file.reason,
        state_since: days_before(now, file.state_days_ago),
        actions: file.actions,
    }
}
