//! Lists buckets and finds their Regions. `configuration` has the requests about their configuration.

use chrono::{DateTime, Utc};

use super::time;
use crate::aws::explain::{Call, explain, region_in, region_named};
use crate::aws::{Aws, Meter, Problem, ProblemKind, operations};
use crate::domain::advice::advice;
use crate::domain::{BucketName, Region};

/// The page size of the bucket list; S3's maximum is 10,000.
const BUCKETS_A_PAGE: i32 = 1000;

/// A bucket in the account's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketEntry {
    /// Its name.
    pub name: BucketName,
    /// Its Region; older servers do not return it.
    pub region: Option<Region>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
}

/// One page of the account's buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketPage {
    /// The buckets, sorted by name.
    pub buckets: Vec<BucketEntry>,
    /// The token for the next page.
    pub next: Option<String>,
}

/// Requests one page of the account's buckets and caches their Regions.
pub(crate) async fn list(
    aws: &Aws,
    token: Option<&str>,
    meter: &Meter,
) -> Result<BucketPage, Problem> {
    let call = Call::new(&operations::LIST_BUCKETS, "");
    let answer = aws
        .s3()
        .list_buckets()
        .max_buckets(BUCKETS_A_PAGE)
        .set_continuation_token(token.map(str::to_owned))
        .customize()
        .interceptor(meter.counting())
        .send()
        .await
        .map_err(|error| explain(aws, &call, &error))?;
    let mut buckets = Vec::with_capacity(answer.buckets().len());
    for bucket in answer.buckets() {
        let name = BucketName::new(bucket.name().unwrap_or_default()).map_err(|invalid| {
            call.failed(
                ProblemKind::Malformed,
                &invalid.to_string(),
                advice!("the server keeps buckets under names that S3 does not have; give one by name instead"),
            )
        })?;
        let region = bucket.bucket_region().and_then(region_named);
        if let Some(region) = &region {
            aws.learn_region(&name, region.clone());
        }
        buckets.push(BucketEntry {
            name,
            region,
            created: time(bucket.creation_date()),
        });
    }
    Ok(BucketPage {
        buckets,
        next: answer
            .continuation_token()
            .filter(|token| !token.is_empty())
            .map(str::to_owned),
    })
}

/// Requests the Region of a bucket, which S3 returns in a header even if access is denied.
///
/// If a server answers without naming a Region, the configured Region is used but not cached, so that a later redirect
/// has effect. A denial leaves the bucket's Region unknown; requests then use the configured Region.
pub(crate) async fn region(
    aws: &Aws,
    bucket: &BucketName,
    meter: &Meter,
) -> Result<Region, Problem> {
    if let Some(known) = aws.known_region(bucket) {
        return Ok(known);
    }
    let call = Call::on(&operations::HEAD_BUCKET, bucket, "");
    let answer = aws
        .s3()
        .head_bucket()
        .bucket(bucket.as_str())
        .customize()
        .interceptor(meter.counting())
        .send()
        .await;
    let named = match &answer {
        Ok(head) => head.bucket_region().and_then(region_named),
        Err(error) => region_in(error),
    };
    if let Some(region) = named {
        aws.learn_region(bucket, region.clone());
        return Ok(region);
    }
    match answer {
        Ok(_) => Ok(aws.region().clone()),
        Err(error) => Err(explain(aws, &call, &error)),
    }
}
