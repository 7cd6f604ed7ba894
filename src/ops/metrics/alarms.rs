//! The CloudWatch alarms on buckets, and their problems.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::storage::BucketStorage;
use super::{follows, requests};
use crate::aws::{Aws, Problem, wire};
use crate::domain::metrics::alarms::{Alarm, Known, Places, astray, lint};
use crate::domain::posture::Finding;
use crate::domain::{BucketName, Region};
use crate::ops::{Fact, Gate, Meter};

/// The alarms on a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketAlarms {
    /// The bucket.
    pub bucket: BucketName,
    /// The alarms that monitor it; not set if there are none.
    pub alarms: Fact<Vec<Alarm>>,
    /// The problems of its alarms.
    pub findings: Vec<Finding>,
    /// Why the metrics configurations are unknown, if an alarm depends on one. The alarm was then not judged by it.
    pub not_judged: Option<Problem>,
}

/// The alarms of some Regions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alarms {
    /// By bucket, in the order of the input.
    pub buckets: Vec<BucketAlarms>,
    /// Alarms on an S3 metric without a bucket. Their authors believe that they monitor a bucket, but they never
    /// receive data.
    pub adrift: Vec<Alarm>,
}

/// Finds and judges the alarms on buckets whose storage metrics were read; unknown metrics are not used. The alarms of
/// a Region are listed only once.
pub async fn alarms(aws: &Aws, buckets: &[BucketStorage], gate: &Gate, meter: &Meter) -> Alarms {
    let regions: BTreeSet<&Region> = buckets
        .iter()
        .filter_map(|one| one.region.as_ref())
        .collect();
    let listed = join_all(regions.into_iter().map(async |region| {
        let alarms = all_in(aws, region, gate, meter).await;
        (region, alarms)
    }));
    let by_region: BTreeMap<&Region, Result<Vec<Alarm>, Problem>> =
        listed.await.into_iter().collect();
    let judged = buckets.iter().map(async |one| {
        let alarms = match one.region.as_ref().and_then(|region| by_region.get(region)) {
            Some(Ok(alarms)) => alarms,
            Some(Err(problem)) => return unknown(one, problem.clone()),
            None => {
                // Without a Region, the storage metrics are unknown, and have the reason.
                let why = one.storage.problem().cloned();
                return why.map_or_else(|| none(one), |problem| unknown(one, problem));
            }
        };
        let own: Vec<Alarm> = alarms
            .iter()
            .filter(|alarm| alarm.concerns(&one.bucket))
            .cloned()
            .collect();
        if own.is_empty() {
            return none(one);
        }
        judge(aws, one, own, gate, meter).await
    });
    let adrift = by_region.values().flatten().flatten();
    let mut judged = join_all(judged).await;
    let places = Places {
        buckets: buckets
            .iter()
            .map(|one| (one.bucket.clone(), one.region.clone()))
            .collect(),
        ..Places::default()
    };
    // An alarm in another Region than its bucket is not among the alarms on the bucket.
    for finding in adrift.clone().flat_map(|alarm| astray(alarm, &places)) {
        if let Some(one) = judged.iter_mut().find(|one| one.bucket == finding.bucket) {
            one.findings.push(finding);
        }
    }
    Alarms {
        buckets: judged,
        adrift: adrift.filter(|alarm| alarm.is_adrift()).cloned().collect(),
    }
}

async fn judge(
    aws: &Aws,
    one: &BucketStorage,
    alarms: Vec<Alarm>,
    gate: &Gate,
    meter: &Meter,
) -> BucketAlarms {
    let depends_on_filters = alarms
        .iter()
        .flat_map(|alarm| &alarm.metrics)
        .any(|metric| metric.names(&one.bucket) && metric.dimension("FilterId").is_some());
    let filters = if depends_on_filters {
        Some(requests::filters(aws, &one.bucket, gate, meter).await)
    } else {
        None
    };
    let arriving = if alarms.iter().any(|alarm| depends_on_rules(alarm, one)) {
        let asked = wire::configuration::lifecycle(aws, &one.bucket, meter);
        // Without the lifecycle rules, nothing is concluded from the storage classes.
        let rules = gate.pass(asked).await.ok();
        rules.map(|rules| rules.value.map(|rules| rules.classes()).unwrap_or_default())
    } else {
        None
    };
    let known = Known {
        filters: filters.as_ref().and_then(|known| known.as_deref().ok()),
        storage: one.storage.value(),
        arriving: arriving.as_deref(),
        // It takes a request of its own: `audit` makes it.
        replication: None,
    };
    let findings = alarms
        .iter()
        .flat_map(|alarm| lint(alarm, &one.bucket, known))
        .collect();
    BucketAlarms {
        bucket: one.bucket.clone(),
        alarms: Fact::Set(alarms),
        findings,
        not_judged: filters.and_then(Result::err),
    }
}

/// Whether the lifecycle rules decide if an alarm can receive data, because it monitors a storage type that the bucket
/// does not have.
fn depends_on_rules(alarm: &Alarm, one: &BucketStorage) -> bool {
    let Some(storage) = one.storage.value() else {
        return false;
    };
    let lacks = |name: &str| !storage.latest().any(|(there, _)| there.as_str() == name);
    alarm
        .metrics
        .iter()
        .filter(|metric| metric.names(&one.bucket) && metric.name == "BucketSizeBytes")
        .any(|metric| metric.dimension("StorageType").is_some_and(lacks))
}

fn none(one: &BucketStorage) -> BucketAlarms {
    BucketAlarms {
        bucket: one.bucket.clone(),
        alarms: Fact::NotSet,
        findings: Vec::new(),
        not_judged: None,
    }
}

fn unknown(one: &BucketStorage, problem: Problem) -> BucketAlarms {
    BucketAlarms {
        alarms: Fact::Unknown(problem),
        ..none(one)
    }
}

/// All metric alarms of a Region, page by page.
pub(in crate::ops) async fn all_in(
    aws: &Aws,
    region: &Region,
    gate: &Gate,
    meter: &Meter,
) -> Result<Vec<Alarm>, Problem> {
    let mut alarms = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let asked = wire::cloudwatch::alarms(aws, region, token.as_deref(), meter);
        let page = gate.pass(asked).await?;
        alarms.extend(page.rows);
        token = follows("list the alarms in", region, token.as_deref(), page.next)?;
        if token.is_none() {
            return Ok(alarms);
        }
    }
}
