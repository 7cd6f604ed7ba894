//! Alarms that cannot go off, or that look at less than their name says.

use super::words::{lasting, percent};
use super::{Alarm, NAMESPACE, Watched};
use crate::domain::advice::{Advice, advice};
use crate::domain::configuration::ReplicationRule;
use crate::domain::metrics::{Counts, Storage, StorageType};
use crate::domain::posture::{Finding, Severity};
use crate::domain::{BucketName, ByteSize};

/// What is known of the bucket beside its alarms; what is `None` is not known and nothing is concluded from it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known<'k> {
    /// The ids of its metrics configurations.
    pub filters: Option<&'k [String]>,
    /// Its storage metrics.
    pub storage: Option<&'k Storage>,
    /// The storage classes that its lifecycle rules move objects to.
    pub arriving: Option<&'k [String]>,
    /// Its replication rules.
    pub replication: Option<&'k [ReplicationRule]>,
}

/// The share of the bytes in other classes above which an alarm on one is told to miss them.
const MISSED: f64 = 0.1;

/// Storage metrics have one point a day.
const DAY: u32 = 86_400;

/// Request metrics have one point a minute, and replication metrics none that is closer to the next. CloudWatch takes
/// alarms of 10, 20 and 30 seconds also on metrics that have no such points.
const MINUTE: u32 = 60;

/// Request metrics that count requests, each of which is a sample of 1: only their sum tells how many.
const COUNTS: [&str; 8] = [
    "AllRequests",
    "GetRequests",
    "PutRequests",
    "DeleteRequests",
    "HeadRequests",
    "PostRequests",
    "SelectRequests",
    "ListRequests",
];

/// The other request metrics.
const RATES_AND_SIZES: [&str; 8] = [
    "4xxErrors",
    "5xxErrors",
    "BytesDownloaded",
    "BytesUploaded",
    "FirstByteLatency",
    "TotalRequestLatency",
    "SelectBytesScanned",
    "SelectBytesReturned",
];

/// Replication's metrics, which S3 sends for rules that have metrics.
const REPLICATION: [&str; 4] = [
    "ReplicationLatency",
    "BytesPendingReplication",
    "OperationsPendingReplication",
    "OperationsFailedReplication",
];

/// What is wrong with a metric.
enum Fault {
    /// S3 sends nothing of the kind: why, and what to do.
    NoData(String, Advice),
    /// There is data, and it does not say what it is asked for: why, and what to do.
    Misleads(String, Advice),
}

/// Judges an alarm on a bucket. An alarm that does not look at the bucket has nothing said of it.
#[must_use]
pub(crate) fn lint(alarm: &Alarm, bucket: &BucketName, known: Known<'_>) -> Vec<Finding> {
    let on_bucket: Vec<&Watched> = alarm
        .metrics
        .iter()
        .filter(|metric| metric.names(bucket))
        .collect();
    let mut findings: Vec<Finding> = on_bucket
        .iter()
        .flat_map(|metric| {
            faults(metric, bucket, known)
                .into_iter()
                .map(move |fault| (metric, fault))
        })
        .map(|(metric, fault)| match fault {
            Fault::NoData(why, advice) => Finding {
                id: "alarm-never-has-data",
                severity: Severity::High,
                bucket: bucket.clone(),
                message: format!("The alarm {} can never have data: {why}.", alarm.name),
                evidence: vec![evidence(alarm, metric)],
                why: "An alarm without data never goes off, and looks like one that has nothing to tell.",
                advice,
                references: &[],
            },
            Fault::Misleads(why, advice) => Finding {
                id: "alarm-wrong-statistic",
                severity: Severity::Medium,
                bucket: bucket.clone(),
                message: format!(
                    "The alarm {} does not measure what its threshold is about: {why}.",
                    alarm.name
                ),
                evidence: vec![evidence(alarm, metric)],
                why: "It has data, and yet goes off never or always.",
                advice,
                references: &[],
            },
        })
        .collect();
    if findings.is_empty() {
        findings.extend(counts_one_class(alarm, bucket, &on_bucket, known));
    }
    findings
}

fn faults(metric: &Watched, bucket: &BucketName, known: Known<'_>) -> Vec<Fault> {
    let name = metric.name.as_str();
    if matches!(name, "BucketSizeBytes" | "NumberOfObjects") {
        of_storage(metric, known)
    } else if COUNTS.contains(&name) || RATES_AND_SIZES.contains(&name) {
        of_requests(metric, known)
    } else if REPLICATION.contains(&name) {
        of_replication(metric, bucket, known)
    } else {
        let alike = COUNTS
            .iter()
            .chain(&RATES_AND_SIZES)
            .chain(&REPLICATION)
            .chain(&["BucketSizeBytes", "NumberOfObjects"])
            .find(|known| known.eq_ignore_ascii_case(name));
        let why = format!("S3 sends no metric named {name}");
        let advice = if let Some(right) = alike {
            advice!("names are case-sensitive: set the alarm's metric to {right}")
        } else {
            advice!(
                "choose one of the metrics that S3 sends: BucketSizeBytes, NumberOfObjects, a request metric or a replication metric"
            )
        };
        vec![Fault::NoData(why, advice)]
    }
}

fn of_storage(metric: &Watched, known: Known<'_>) -> Vec<Fault> {
    let mut faults = of_dimensions(metric, &["BucketName", "StorageType"]);
    let is_count = metric.name == "NumberOfObjects";
    faults.extend(of_unit(metric, if is_count { "Count" } else { "Bytes" }));
    match metric.dimension("StorageType") {
        None => faults.push(Fault::NoData(
            format!("S3 sends {} with the dimension StorageType alone", metric.name),
            if is_count {
                advice!("add the dimension StorageType=AllStorageTypes")
            } else {
                advice!("add the dimension StorageType, such as StandardStorage; to count all classes, sum one metric a class \
                 in an expression")
            },
        )),
        Some(StorageType::ALL) if !is_count => faults.push(Fault::NoData(
            "S3 sends BucketSizeBytes by storage type and not for AllStorageTypes, which only NumberOfObjects has"
                .to_owned(),
            advice!("sum one metric a storage type in an expression"),
        )),
        Some(other) if is_count && other != StorageType::ALL => faults.push(Fault::NoData(
            format!("S3 sends NumberOfObjects for AllStorageTypes alone, not for {other}"),
            advice!("set the dimension StorageType to AllStorageTypes"),
        )),
        Some(name) if !is_count => faults.extend(of_storage_type(name, known)),
        Some(_) => {}
    }
    if metric.period < DAY {
        faults.push(Fault::NoData(
            format!(
                "S3 sends {} once a day, so that a period of {} is without a point but for one a day",
                metric.name,
                lasting(metric.period)
            ),
            advice!("set the period to 86400 seconds"),
        ));
    }
    let wrong = match metric.statistic.as_str() {
        "SampleCount" => Some("counts the points, of which there is one a day".to_owned()),
        "Sum" if metric.period > DAY => Some(format!(
            "adds up the points of {}, each of which is the whole",
            lasting(metric.period)
        )),
        _ => None,
    };
    if let Some(wrong) = wrong {
        faults.push(Fault::Misleads(
            format!("the statistic {} {wrong}", metric.statistic),
            advice!("set the statistic to Average"),
        ));
    }
    faults
}

/// A storage type that S3 does not have, or that the bucket does not have.
fn of_storage_type(name: &str, known: Known<'_>) -> Option<Fault> {
    let wanted = StorageType::new(name);
    let there: Vec<&StorageType> = known
        .storage
        .into_iter()
        .flat_map(Storage::latest)
        .map(|(there, _)| there)
        .collect();
    if there.contains(&&wanted) {
        return None;
    }
    let has = there
        .iter()
        .map(|there| there.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if wanted.counts() == Counts::Unknown {
        let meant = StorageType::meant_by(name);
        // S3 gets new types from time to time. One that nobody has heard of is wrong only where the bucket does not have it.
        if meant.is_none() && there.is_empty() {
            return None;
        }
        let advice = if let Some(meant) = meant {
            advice!("set the dimension StorageType to {meant}")
        } else {
            advice!("set the dimension StorageType to one that the bucket has: {has}")
        };
        let why = format!("S3 sends no storage type named {name}");
        return Some(Fault::NoData(why, advice));
    }
    let class = wanted.belongs_to();
    // Uploads arrive in STANDARD; another class needs a rule that moves objects to it.
    let arrives = class == Some("STANDARD")
        || known.arriving.is_none_or(|classes| {
            classes
                .iter()
                .any(|arriving| Some(arriving.as_str()) == class)
        });
    let has_class = there.iter().any(|there| there.belongs_to() == class);
    if there.is_empty() || arrives || has_class {
        return None;
    }
    Some(Fault::NoData(
        format!("the bucket holds nothing in {name}, and no lifecycle rule moves anything there"),
        advice!("set the dimension StorageType to one that the bucket has: {has}"),
    ))
}

/// A unit that the metric's points do not have.
fn of_unit(metric: &Watched, unit: &str) -> Option<Fault> {
    let asked = metric.unit.as_deref()?;
    (asked != unit).then(|| {
        Fault::NoData(
            format!(
                "S3 sends {} in {unit}, and the alarm asks for {asked}",
                metric.name
            ),
            advice!("remove the unit, or set it to {unit}"),
        )
    })
}

/// The unit of a request metric.
fn unit_of(name: &str) -> &'static str {
    match name {
        "FirstByteLatency" | "TotalRequestLatency" => "Milliseconds",
        "BytesDownloaded" | "BytesUploaded" | "SelectBytesScanned" | "SelectBytesReturned" => {
            "Bytes"
        }
        _ => "Count",
    }
}

fn of_requests(metric: &Watched, known: Known<'_>) -> Vec<Fault> {
    let mut faults = of_dimensions(metric, &["BucketName", "FilterId"]);
    faults.extend(of_unit(metric, unit_of(&metric.name)));
    faults.extend(of_minutes(metric));
    match (metric.dimension("FilterId"), known.filters) {
        (None, _) => faults.push(Fault::NoData(
            format!("S3 sends {} with the dimension FilterId alone", metric.name),
            advice!("add the dimension FilterId with the id of a metrics configuration of the bucket; where there is none, \
             create one first (PutBucketMetricsConfiguration)"),
        )),
        (Some(id), Some(filters)) if !filters.iter().any(|filter| filter == id) => {
            let there = if filters.is_empty() {
                "the bucket has no metrics configuration".to_owned()
            } else {
                format!("the bucket's metrics configurations are {}", filters.join(", "))
            };
            faults.push(Fault::NoData(
                format!("there is no metrics configuration {id}: {there}"),
                advice!(
                    "create the metrics configuration {id} (PutBucketMetricsConfiguration), or name one that is there"
                ),
            ));
        }
        (Some(_), _) => {}
    }
    if COUNTS.contains(&metric.name.as_str())
        && !matches!(metric.statistic.as_str(), "Sum" | "SampleCount")
    {
        faults.push(Fault::Misleads(
            format!(
                "each request is a sample of 1, so that {} is always 1 where there are any",
                metric.statistic
            ),
            advice!("set the statistic to Sum"),
        ));
    }
    faults
}

/// A period that is shorter than the time from one point to the next.
fn of_minutes(metric: &Watched) -> Option<Fault> {
    (metric.period < MINUTE).then(|| {
        Fault::NoData(
            format!(
                "S3 sends {} once a minute, so that a period of {} is without a point but for one a minute",
                metric.name,
                lasting(metric.period)
            ),
            advice!("set the period to 60 seconds or more"),
        )
    })
}

/// Metrics of replication, by *Monitoring replication with metrics, event notifications, and statuses* in the user guide:
/// S3 sends them for a rule that has metrics, by the rule and its two buckets.
fn of_replication(metric: &Watched, bucket: &BucketName, known: Known<'_>) -> Vec<Fault> {
    let dimensions = ["SourceBucket", "DestinationBucket", "RuleId"];
    let mut faults = of_dimensions(metric, &dimensions);
    faults.extend(of_minutes(metric));
    let [source, to, rule] = dimensions.map(|name| metric.dimension(name));
    let missing: Vec<&str> = dimensions
        .into_iter()
        .filter(|name| metric.dimension(name).is_none())
        .collect();
    if source.is_some() && !missing.is_empty() {
        faults.push(Fault::NoData(
            format!(
                "S3 sends {} with the dimensions {} together",
                metric.name,
                dimensions.join(", ")
            ),
            advice!("add the dimension {}", missing.join(", ")),
        ));
    }
    // The rules that are known are those of the bucket, which is the source only where the alarm says so.
    let (Some(rules), true) = (known.replication, source == Some(bucket.as_str())) else {
        return faults;
    };
    let sends = |one: &ReplicationRule| {
        one.enabled
            && one.metrics
            && to.is_none_or(|to| one.to == to)
            && rule.is_none_or(|rule| one.id == rule)
    };
    if !rules.iter().any(sends) {
        let which = rule.map_or_else(String::new, |rule| format!(" {rule}"));
        let where_to = to.map_or_else(String::new, |to| format!(" to {to}"));
        faults.push(Fault::NoData(
            format!("the bucket has no enabled replication rule{which}{where_to} with metrics"),
            advice!(
                "turn on metrics for the replication rule (ReplicationTime or Metrics in its destination), or name a rule that has them"
            ),
        ));
    }
    faults
}

/// Faults of the dimensions: the one by which the bucket is named, the others, and no more.
fn of_dimensions(metric: &Watched, own: &[&str]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let foreign: Vec<&str> = metric
        .dimensions
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !own.contains(name))
        .collect();
    let by = own.first().copied().unwrap_or_default();
    if metric.dimension(by).is_none() {
        faults.push(Fault::NoData(
            format!("the bucket is not named by the dimension {by}"),
            advice!("name the bucket by the dimension {by}"),
        ));
    } else if !foreign.is_empty() {
        faults.push(Fault::NoData(
            format!(
                "{} has the dimensions {} alone, and the alarm asks for {} besides",
                metric.name,
                own.join(" and "),
                foreign.join(", ")
            ),
            advice!("remove the dimension {}", foreign.join(", ")),
        ));
    }
    faults
}

/// A size alarm that leaves out more than a tenth of the bytes.
fn counts_one_class(
    alarm: &Alarm,
    bucket: &BucketName,
    metrics: &[&Watched],
    known: Known<'_>,
) -> Option<Finding> {
    let counted: Vec<&str> = metrics
        .iter()
        .filter(|metric| metric.name == "BucketSizeBytes")
        .filter_map(|metric| metric.dimension("StorageType"))
        .collect();
    let first = metrics.first()?;
    if counted.is_empty() || is_search(alarm) {
        return None;
    }
    let mut missed: Vec<(&StorageType, ByteSize)> = known
        .storage?
        .latest()
        .filter(|(one, _)| !counted.contains(&one.as_str()))
        .collect();
    let all: ByteSize = known.storage?.latest().map(|(_, size)| size).sum();
    let left_out: ByteSize = missed.iter().map(|(_, size)| *size).sum();
    let share = share(left_out, all);
    if share <= MISSED {
        return None;
    }
    missed.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let listed: Vec<String> = missed
        .iter()
        .map(|(one, size)| format!("{one} {size}"))
        .collect();
    Some(Finding {
        id: "alarm-counts-one-class",
        severity: Severity::Low,
        bucket: bucket.clone(),
        message: format!(
            "The alarm {} counts {} alone: {} of the bucket's {all} are in other storage types.",
            alarm.name,
            counted.join(", "),
            percent(share)
        ),
        evidence: vec![
            evidence(alarm, first),
            format!("not counted: {}", listed.join(", ")),
        ],
        why: "Objects that move to another class look to it like objects that were deleted.",
        advice: advice!("sum one metric a storage type in an expression, such as m1+m2"),
        references: &[],
    })
}

/// Whether the alarm finds its metrics by a search: what it counts is then not told by them.
fn is_search(alarm: &Alarm) -> bool {
    alarm
        .expressions
        .iter()
        .any(|expression| expression.contains("SEARCH(") || expression.contains("METRICS("))
        && alarm.metrics.is_empty()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of sizes needs no more than the 52 bits of a float"
)]
fn share(part: ByteSize, whole: ByteSize) -> f64 {
    if whole.bytes() == 0 {
        return 0.0;
    }
    part.bytes() as f64 / whole.bytes() as f64
}

fn evidence(alarm: &Alarm, metric: &Watched) -> String {
    let dimensions: Vec<String> = metric
        .dimensions
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!(
        "{NAMESPACE} {} [{}], {} of {} seconds; the alarm's state is {}",
        metric.name,
        dimensions.join(", "),
        metric.statistic,
        metric.period,
        alarm.state
    )
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod tests;
