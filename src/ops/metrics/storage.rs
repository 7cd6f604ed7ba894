//! Storage metrics: sizes by storage type, and numbers of objects.

use std::collections::{BTreeMap, HashMap};

use chrono::Utc;
use futures::future::join_all;
use futures::stream::{self, FuturesUnordered, Stream, StreamExt};

use super::points::{self, Answer};
use super::{is_of, listed, window};
use crate::aws::wire::cloudwatch::{Metric, MetricsFilter, Query};
use crate::aws::{Aws, Problem, wire};
use crate::domain::metrics::{Series, Storage, StorageType, TypeSeries};
use crate::domain::{BucketName, Region};
use crate::ops::{Fact, Gate, Meter};

/// Up to this many buckets of a Region are requested by name. For more, listing all metrics of the Region takes fewer
/// requests and gives the same result.
const FEW: usize = 4;

/// The period of storage metrics in seconds.
const DAY: i32 = 86_400;

/// The storage metrics of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketStorage {
    /// The bucket.
    pub bucket: BucketName,
    /// Its Region; `None` if unknown, and then the metrics are unknown, too.
    pub region: Option<Region>,
    /// Its metrics. Not set if CloudWatch has none, as for a new or empty bucket.
    pub storage: Fact<Storage>,
}

/// Reads the storage metrics of buckets over the last `days` days, 1 to [`KEPT_DAYS`](super::KEPT_DAYS), through a gate
/// that may be shared. Each bucket is returned once, in no particular order, with those of a Region together.
pub fn storage<'a>(
    aws: &'a Aws,
    buckets: Vec<BucketName>,
    days: u32,
    gate: Gate,
    meter: &'a Meter,
) -> impl Stream<Item = BucketStorage> + Send + 'a {
    let answered = async move {
        let (homeless, regions) = by_region(aws, buckets, &gate, meter).await;
        let found: FuturesUnordered<_> = regions
            .into_iter()
            .map(|(region, buckets)| {
                let gate = gate.clone();
                async move { in_region(aws, &region, buckets, days, &gate, meter).await }
            })
            .collect();
        stream::iter(homeless).chain(found.flat_map(stream::iter))
    };
    stream::once(answered).flatten().boxed()
}

/// Groups the buckets by Region. A bucket of unknown Region is already unknown.
async fn by_region(
    aws: &Aws,
    buckets: Vec<BucketName>,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<BucketStorage>, BTreeMap<Region, Vec<BucketName>>) {
    let asked = buckets
        .iter()
        .map(async |bucket| match aws.known_region(bucket) {
            Some(known) => Ok(known),
            None => gate.pass(wire::bucket::region(aws, bucket, meter)).await,
        });
    let homes = join_all(asked).await;
    let mut homeless = Vec::new();
    let mut regions: BTreeMap<Region, Vec<BucketName>> = BTreeMap::new();
    for (bucket, home) in buckets.into_iter().zip(homes) {
        match home {
            Ok(region) => regions.entry(region).or_default().push(bucket),
            Err(problem) => homeless.push(BucketStorage {
                bucket,
                region: None,
                storage: Fact::Unknown(problem),
            }),
        }
    }
    (homeless, regions)
}

async fn in_region(
    aws: &Aws,
    region: &Region,
    buckets: Vec<BucketName>,
    days: u32,
    gate: &Gate,
    meter: &Meter,
) -> Vec<BucketStorage> {
    let discovered = discover(aws, region, &buckets, gate, meter).await;
    let queries: Vec<Query> = discovered
        .values()
        .flatten()
        .flatten()
        .map(|metric| Query {
            metric: metric.clone(),
            statistic: "Average",
            period: DAY,
        })
        .collect();
    let window = window(Utc::now(), days);
    let answers = points::read(aws, region, &queries, window, gate, meter).await;
    let mut by_metric: HashMap<&Metric, Answer> = queries
        .iter()
        .map(|query| &query.metric)
        .zip(answers)
        .collect();
    buckets
        .into_iter()
        .map(|bucket| {
            let storage = match discovered.get(&bucket) {
                Some(Ok(metrics)) => put_together(metrics, &mut by_metric, days),
                Some(Err(problem)) => Err(problem.clone()),
                None => Ok(Storage::default()),
            };
            let storage = storage.map(|storage| Some(storage).filter(|known| !known.is_empty()));
            BucketStorage {
                bucket,
                region: Some(region.clone()),
                storage: Fact::from_answer(storage),
            }
        })
        .collect()
}

/// The storage metrics in CloudWatch for each bucket, each once.
async fn discover(
    aws: &Aws,
    region: &Region,
    buckets: &[BucketName],
    gate: &Gate,
    meter: &Meter,
) -> HashMap<BucketName, Result<Vec<Metric>, Problem>> {
    let found = if buckets.len() <= FEW {
        let asked = buckets.iter().map(async |bucket| {
            let filter = MetricsFilter {
                name: None,
                bucket: Some(bucket),
            };
            let metrics = listed(aws, region, filter, gate, meter).await;
            (bucket.clone(), metrics)
        });
        join_all(asked).await
    } else {
        let of_name = |name| {
            let filter = MetricsFilter {
                name: Some(name),
                bucket: None,
            };
            listed(aws, region, filter, gate, meter)
        };
        let all = futures::try_join!(of_name("BucketSizeBytes"), of_name("NumberOfObjects"))
            .map(|(sizes, counts)| [sizes, counts].concat());
        share_out(all, buckets)
    };
    found
        .into_iter()
        .map(|(bucket, metrics)| {
            let metrics = metrics.map(|mut metrics| {
                metrics.retain(|metric| is_of_storage(metric) && is_of(metric, &bucket));
                metrics.sort();
                metrics.dedup();
                metrics
            });
            (bucket, metrics)
        })
        .collect()
}

fn share_out(
    all: Result<Vec<Metric>, Problem>,
    buckets: &[BucketName],
) -> Vec<(BucketName, Result<Vec<Metric>, Problem>)> {
    let all = match all {
        Ok(all) => all,
        Err(problem) => {
            let unknown = buckets
                .iter()
                .map(|bucket| (bucket.clone(), Err(problem.clone())));
            return unknown.collect();
        }
    };
    let mut by_bucket: HashMap<String, Vec<Metric>> = HashMap::new();
    for metric in all {
        if let Some(bucket) = metric.dimension("BucketName") {
            by_bucket.entry(bucket.to_owned()).or_default().push(metric);
        }
    }
    buckets
        .iter()
        .map(|bucket| {
            let own = by_bucket.remove(bucket.as_str()).unwrap_or_default();
            (bucket.clone(), Ok(own))
        })
        .collect()
}

/// Whether it is one of the two daily metrics, with exactly the dimensions that S3 uses.
fn is_of_storage(metric: &Metric) -> bool {
    let is_count = metric.dimension("StorageType") == Some(StorageType::ALL);
    metric.dimensions.len() == 2
        && metric.dimension("StorageType").is_some()
        && match metric.name.as_str() {
            "BucketSizeBytes" => !is_count,
            "NumberOfObjects" => is_count,
            _ => false,
        }
}

/// Combines a bucket's series. If one of them is unknown, the size is unknown.
fn put_together(
    metrics: &[Metric],
    answers: &mut HashMap<&Metric, Answer>,
    days: u32,
) -> Result<Storage, Problem> {
    let mut types = Vec::new();
    let mut objects = Series::default();
    for metric in metrics {
        let points = answers.remove(metric).unwrap_or_else(|| Ok(Vec::new()))?;
        // There are `days` steps between the first and the last of `days` days.
        let series = Series::of_points(points).latest(days.saturating_add(1));
        match metric.dimension("StorageType") {
            Some(StorageType::ALL) => objects = series,
            Some(name) => types.push(TypeSeries {
                storage_type: StorageType::new(name),
                series,
            }),
            None => {}
        }
    }
    Ok(Storage::new(types, objects))
}
