//! CloudWatch through the wire: paging, batches, permissions, Regions, and a server that has none.

mod alarms;
mod faces;
mod history;
mod refusals;
mod worlds;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use s3warden::facade::aws::{Aws, Meter};
use s3warden::facade::ops::metrics::{self, BucketStorage};
use s3warden::facade::ops::{Fact, Gate};
use s3warden::facade::sandbox::world::metrics::{Course, History, WorldMetrics};
use s3warden::facade::sandbox::world::{World, WorldBucket};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

use super::ops::world::{self, name};

/// Midnight (UTC), so many days ago.
fn midnight(ago: i64) -> DateTime<Utc> {
    let today = Utc::now().timestamp().div_euclid(86_400) * 86_400;
    DateTime::from_timestamp(today, 0).unwrap() - TimeDelta::days(ago)
}

/// A daily series of a storage type from `ago[0]` days ago until `ago[1]`, growing by 1 a day from `from`.
fn daily(bucket: &WorldBucket, storage_type: &str, ago: [i64; 2], from: f64) -> History {
    let is_count = storage_type == "AllStorageTypes";
    let points = (ago[1]..=ago[0]).rev().zip(0_u32..);
    History {
        bucket: bucket.name.clone(),
        region: bucket.region.clone(),
        metric: if is_count {
            "NumberOfObjects"
        } else {
            "BucketSizeBytes"
        }
        .to_owned(),
        storage_type: Some(storage_type.to_owned()),
        filter_id: None,
        course: Course::Daily(
            points
                .map(|(ago, n)| (midnight(ago), from + f64::from(n)))
                .collect(),
        ),
    }
}

/// A sandbox with these buckets and what CloudWatch has of them.
async fn start(
    options: SandboxOptions,
    buckets: Vec<WorldBucket>,
    metrics: WorldMetrics,
) -> (Sandbox, Aws) {
    let world = World {
        name: "test".to_owned(),
        buckets,
        metrics,
        ..World::default()
    };
    world::serving(SandboxOptions {
        worlds: vec![world],
        ..options
    })
    .await
}

fn of(histories: Vec<History>) -> WorldMetrics {
    WorldMetrics {
        histories,
        alarms: Vec::new(),
    }
}

/// The storage metrics of buckets, by name.
async fn storage(aws: &Aws, buckets: &[&str], days: u32) -> HashMap<String, BucketStorage> {
    let names = buckets.iter().map(|bucket| name(bucket)).collect();
    metrics::storage(aws, names, days, Gate::new(8), &Meter::new())
        .map(|one| (one.bucket.to_string(), one))
        .collect()
        .await
}

/// Why a bucket's metrics are not known, which they may not be.
#[track_caller]
fn unknown(found: &HashMap<String, BucketStorage>, bucket: &str) -> s3warden::facade::aws::Problem {
    match &found[bucket].storage {
        Fact::Unknown(problem) => problem.clone(),
        other => panic!("{bucket} is {other:?}"),
    }
}
