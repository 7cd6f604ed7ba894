//! Sizes by storage type and numbers of objects.

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

/// Up to so many buckets of a Region are asked about by name. Beyond, all metrics of the Region are listed, which is
/// fewer requests and tells the same.
const FEW: usize = 4;

/// Seconds between the points of storage metrics.
const DAY: i32 = 86_400;

/// What CloudWatch knows of a bucket's size.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketStorage {
    /// The bucket.
    pub bucket: BucketName,
    /// Where it is; `None` when that could not be learnt, for which reason the rest is unknown.
    pub region: Option<Region>,
    /// Its metrics. Not set: CloudWatch has none, as of a new or an empty bucket.
    pub storage: Fact<Storage>,
}

/// Reads the storage metrics of buckets over the last `days` days, 1 to [`KEPT_DAYS`](super::KEPT_DAYS), through a gate
/// that other work may share. Each bucket comes once, those of a Region together, in no particular order.
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

/// The buckets by where they are; one whose Region cannot be learnt is unknown already.
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

/// The storage metrics that CloudWatch has of each bucket, each once.
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

/// Whether it is one of the two daily metrics, with the dimensions that S3 gives them and no more.
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

/// A bucket's series. When one of them is not known its size is not, either.
fn put_together(
    metrics: &[Metric],
    answers: &mut HashMap<&Metric, Answer>,
    days: u32,
) -> Result<Storage, Problem> {
    let mut types = Vec::new();
    let mut objects = Series::default();
    for metric in metrics {
        let points = answers.remove(metric).unwrap_or_else(|| Ok(Vec::new()))?;
        // From the first of `days` days to the last are `days` steps.
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
