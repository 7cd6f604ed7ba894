//! Request metrics. Each metrics configuration of a bucket is a filter with its own metrics.

use chrono::{Duration, Utc};

use super::{points, window};
use crate::aws::wire::cloudwatch::{Metric, Query};
use crate::aws::{Aws, Problem, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::advice::advice;
use crate::domain::metrics::Series;
use crate::ops::{Gate, Meter};

/// The request metrics that are read: all requests, and failed ones.
const READ: [&str; 3] = ["AllRequests", "4xxErrors", "5xxErrors"];

/// A request metric of one filter, by day.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSeries {
    /// The id of the metrics configuration.
    pub filter: String,
    /// `AllRequests`, `4xxErrors` or `5xxErrors`.
    pub metric: &'static str,
    /// The daily counts. S3 delivers them on a best-effort basis: a number is approximate, and a day without requests
    /// has no point.
    pub series: Series,
}

/// Reads a bucket's request metrics of the last `days` days; empty if it has no metrics configuration.
pub async fn requests(
    aws: &Aws,
    bucket: &BucketName,
    days: u32,
    gate: &Gate,
    meter: &Meter,
) -> Result<Vec<RequestSeries>, Problem> {
    let filters = filters(aws, bucket, gate, meter).await?;
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let region = gate.pass(wire::bucket::region(aws, bucket, meter)).await?;
    let wanted: Vec<(&String, &'static str)> = filters
        .iter()
        .flat_map(|filter| READ.map(|metric| (filter, metric)))
        .collect();
    let queries: Vec<Query> = wanted
        .iter()
        .map(|(filter, metric)| Query {
            metric: Metric {
                name: (*metric).to_owned(),
                dimensions: vec![
                    ("BucketName".to_owned(), bucket.as_str().to_owned()),
                    ("FilterId".to_owned(), (*filter).clone()),
                ],
            },
            statistic: "Sum",
            period: 86_400,
        })
        .collect();
    // Up to yesterday: a partial day next to whole days would look like a decline.
    let window = window(Utc::now() - Duration::days(1), days);
    let answers = points::read(aws, &region, &queries, window, gate, meter).await;
    wanted
        .into_iter()
        .zip(answers)
        .map(|((filter, metric), answer)| {
            Ok(RequestSeries {
                filter: filter.clone(),
                metric,
                series: Series::of_points(answer?).latest(days.saturating_add(1)),
            })
        })
        .collect()
}

/// The ids of a bucket's metrics configurations, which are the filters of its request metrics.
pub(super) async fn filters(
    aws: &Aws,
    bucket: &BucketName,
    gate: &Gate,
    meter: &Meter,
) -> Result<Vec<String>, Problem> {
    let mut ids: Vec<String> = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let asked = wire::configuration::metrics(aws, bucket, token.as_deref(), meter);
        let page = gate.pass(asked).await?;
        // A bucket has at most 1,000. A server that returns empty pages with a token would cause an endless listing.
        if page.items.is_empty() && page.next.is_some() {
            return Err(Problem::new(
                "read the request metrics of",
                format!("s3://{bucket}"),
                ProblemKind::Malformed,
                "the server gave a page of nothing that is not the last",
                advice!("they stay unknown"),
            ));
        }
        ids.extend(page.items.into_iter().map(|configuration| configuration.id));
        token = page.next;
        if token.is_none() {
            return Ok(ids);
        }
    }
}
