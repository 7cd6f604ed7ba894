//! What CloudWatch tells of buckets: sizes, numbers of objects and alarms, for many buckets across Regions.
//!
//! Everything is asked in the Region where the bucket is, and each bucket fails by itself. [`storage()`] discovers which
//! metrics there are and reads their points in batches; [`requests()`] reads request metrics where a bucket sends any;
//! [`alarms()`] finds the alarms on buckets and judges them. What CloudWatch knows nothing of is `NotSet`, what could not
//! be asked is `Unknown`: neither is ever zero. Start with [`storage()`].
//!
//! AWS bills `GetMetricData` by the metrics that are asked for (a cent for a thousand), so that only those are which
//! `ListMetrics` names. It forgets a metric two weeks after its last point: the history of a class that was emptied
//! earlier is not part of what is shown.

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

/// How many days CloudWatch keeps daily points.
pub const KEPT_DAYS: u32 = 455;

/// A point appears a day or two after its day: so many days more are asked for, that the newest is among them.
const LATE_DAYS: u32 = 3;

/// From before the first day to after today, for the last `days` days.
fn window(now: DateTime<Utc>, days: u32) -> [DateTime<Utc>; 2] {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let back = Duration::days((days.saturating_add(LATE_DAYS)).into());
    [today - back, today + Duration::days(1)]
}

/// All metrics that a filter finds in a Region, page after page.
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

/// What continues a listing; a server that gives the same token again would never end.
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

/// The bucket that a metric is of.
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
