//! The alarms on a bucket, and those that its blueprint wants.
//!
//! CloudWatch has no way to ask for the alarms on one bucket: all of a Region are listed, once for all buckets there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use tokio::sync::OnceCell;

use super::Target;
use crate::aws::{Aws, Problem, operations};
use crate::domain::configuration::{Configuration, Unanswered};
use crate::domain::metrics::Storage;
use crate::domain::metrics::alarms::{Alarm, Known, lint, lint_wanted};
use crate::domain::posture::Finding;
use crate::domain::{BucketName, Region};
use crate::ops::{Fact, Gate, Meter, metrics, state};

/// Days of storage metrics that are looked at: what is in which class today.
const DAYS: u32 = 1;

type Answer = Result<Vec<Alarm>, Problem>;

/// The alarms of the Regions that were asked so far.
#[derive(Debug, Default)]
pub(super) struct Regions(Mutex<BTreeMap<Region, Arc<OnceCell<Answer>>>>);

impl Regions {
    /// The alarms of a Region, from those who asked first; a failure is not repeated either.
    async fn of(&self, aws: &Aws, region: &Region, gate: &Gate, meter: &Meter) -> Answer {
        let cell = {
            let mut regions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(regions.entry(region.clone()).or_default())
        };
        cell.get_or_init(|| Box::pin(metrics::alarms_in(aws, region, gate, meter)))
            .await
            .clone()
    }
}

/// What is to be said of alarms, and what could not be learnt.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub findings: Vec<Finding>,
    pub unanswered: Vec<Unanswered>,
}

/// Judges the alarms of a bucket whose configuration was read.
pub(super) async fn judge(
    aws: &Aws,
    target: &Target,
    configuration: &Configuration,
    regions: &Regions,
    gate: &Gate,
    meter: &Meter,
) -> Judged {
    let mut judged = Judged::default();
    // Without a Region there is nobody to ask; that it is not known is told elsewhere.
    let there = match configuration.region.value() {
        Some(region) => match regions.of(aws, region, gate, meter).await {
            Ok(alarms) => Some(alarms),
            Err(problem) => {
                let call = operations::DESCRIBE_ALARMS.name;
                judged.unanswered.push(state::unanswered(call, &problem));
                None
            }
        },
        None => None,
    };
    let bucket = &target.bucket;
    let own: Vec<&Alarm> = there
        .iter()
        .flatten()
        .filter(|alarm| alarm.concerns(bucket))
        .collect();
    if own.is_empty() && target.alarms.is_empty() {
        return judged;
    }
    let storage = if own.iter().any(|alarm| looks_at_size(alarm, bucket)) {
        let (storage, why) = latest(aws, bucket, gate, meter).await;
        judged.unanswered.extend(why);
        storage
    } else {
        None
    };
    let filters = configuration.metrics.known().ok().map(|found| {
        let all = found.iter().flat_map(|all| &all.0);
        all.map(|one| one.id.clone()).collect::<Vec<_>>()
    });
    let known = Known {
        filters: filters.as_deref(),
        storage: storage.as_ref(),
    };
    let of_own = own.iter().flat_map(|alarm| lint(alarm, bucket, known));
    let of_wanted = target
        .alarms
        .iter()
        .flat_map(|wanted| lint_wanted(wanted, bucket, there.as_deref(), known));
    judged.findings.extend(of_own.chain(of_wanted));
    judged
}

/// Whether an alarm counts the bytes of a class, so that those of the others matter.
fn looks_at_size(alarm: &Alarm, bucket: &BucketName) -> bool {
    alarm
        .metrics
        .iter()
        .any(|metric| metric.names(bucket) && metric.name == "BucketSizeBytes")
}

/// The storage metrics of today, or why they are not known.
async fn latest(
    aws: &Aws,
    bucket: &BucketName,
    gate: &Gate,
    meter: &Meter,
) -> (Option<Storage>, Option<Unanswered>) {
    let asked = metrics::storage(aws, vec![bucket.clone()], DAYS, gate.clone(), meter);
    let mut asked = std::pin::pin!(asked);
    match asked.next().await.map(|found| found.storage) {
        Some(Fact::Set(storage)) => (Some(storage), None),
        Some(Fact::NotSet) | None => (None, None),
        Some(Fact::Unknown(problem)) => {
            let points = &operations::GET_METRIC_DATA;
            let call = if problem.permission == Some(points.permission) {
                points.name
            } else {
                operations::LIST_METRICS.name
            };
            (None, Some(state::unanswered(call, &problem)))
        }
    }
}
