//! CloudWatch data of buckets: sizes, numbers of objects and alarms, for many buckets across Regions.
//!
//! Each request goes to the bucket's own Region, and each bucket fails separately. [`storage()`] discovers the existing
//! metrics and reads their points in batches. [`requests()`] reads request metrics of buckets that have any.
//! [`alarms()`] finds and judges alarms. Data that CloudWatch does not have is `NotSet`, and failed requests are
//! `Unknown`; neither is ever shown as zero. Start with [`storage()`].
//!
//! AWS bills `GetMetricData` by the number of metrics (a cent per thousand), so only metrics that `ListMetrics` returns
//! are requested. CloudWatch lists a metric only for two weeks after its last point. The history of a storage class
//! that was emptied earlier is therefore missing.

mod alarms;
mod points;
mod requests;
mod storage;

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::{Gate, Meter};
use crate::aws::{Aws, Problem, ProblemKind, wire};
use crate::domain::advice::advice;
use crate::domain::{BucketName, Region};
use wire::cloudwatch::{Metric, MetricsFilter};

pub use crate::domain::metrics::alarms::Alarm;
pub use crate::domain::metrics::{AllBuckets, Growth, Series, Storage, StorageType, sparkline};
pub(super) use alarms::all_in as alarms_in;
pub use alarms::{Alarms, BucketAlarms, alarms};
pub use requests::{RequestSeries, requests};
pub use storage::{BucketStorage, storage};

/// The number of days for which CloudWatch keeps daily points.
pub const KEPT_DAYS: u32 = 455;

/// A point appears a day or two late, so this many more days are requested to include the newest.
const LATE_DAYS: u32 = 3;

/// The time range of the last `days` days, up to the end of today.
fn window(now: DateTime<Utc>, days: u32) -> [DateTime<Utc>; 2] {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let back = Duration::days((days.saturating_add(LATE_DAYS)).into());
    [today - back, today + Duration::days(1)]
}

/// All metrics that match a filter in a Region, page by page.
async fn listed(
    aws: &Aws,
    region: &Region,
    filter: MetricsFilter<'_>,
    gate: &Gate,
    meter: &Meter,
) -> Result<Vec<Metric>, Problem> {
    let mut metrics = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let asked = wire::cloudwatch::metrics(aws, region, filter, token.as_deref(), meter);
        let page = gate.pass(asked).await?;
        metrics.extend(page.rows);
        token = follows(
            "list the metrics of the buckets in",
            region,
            token.as_deref(),
            page.next,
        )?;
        if token.is_none() {
            return Ok(metrics);
        }
    }
}

/// The token for the next page. A server that repeats a token would cause an endless listing.
fn follows(
    attempted: &str,
    region: &Region,
    before: Option<&str>,
    next: Option<String>,
) -> Result<Option<String>, Problem> {
    if next.is_some() && next.as_deref() == before {
        return Err(Problem::new(
            attempted,
            region.as_str(),
            ProblemKind::Malformed,
            "the service gave the same continuation token twice",
            advice!("what it has told so far may not be everything: try again"),
        ));
    }
    Ok(next)
}

/// The bucket of a metric.
fn is_of(metric: &Metric, bucket: &BucketName) -> bool {
    metric.dimension("BucketName") == Some(bucket.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_early_enough_for_a_late_point_and_ends_after_today() {
        let now: DateTime<Utc> = "2026-03-10T15:00:00Z".parse().unwrap();
        let [start, end] = window(now, 7);
        assert_eq!(start.to_rfc3339(), "2026-02-28T00:00:00+00:00");
        assert_eq!(end.to_rfc3339(), "2026-03-11T00:00:00+00:00");
    }
}
