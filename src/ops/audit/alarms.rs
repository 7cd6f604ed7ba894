//! The alarms on a bucket, and those that its blueprint wants.
//!
//! CloudWatch has no way to ask for the alarms on one bucket: all of a Region are listed, once for all buckets there. Those of
//! the other Regions in which the account has buckets are listed as well, for an alarm is often made in the wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::OnceCell;

use super::Target;
use crate::aws::{Aws, Problem, operations};
use crate::domain::configuration::{Configuration, Lifecycle, Unanswered};
use crate::domain::metrics::Storage;
use crate::domain::metrics::alarms::{Alarm, Known, Places, astray, lint, lint_wanted};
use crate::domain::posture::{self, Finding};
use crate::domain::{BucketName, Region};
use crate::ops::{Fact, Gate, Meter, buckets, metrics, state};

/// Days of storage metrics that are looked at: what is in which class today.
const DAYS: u32 = 1;

type Answer = Result<Vec<Alarm>, Problem>;

/// The alarms of the Regions that were asked so far, and where the account's buckets are.
#[derive(Debug, Default)]
pub(super) struct Regions {
    alarms: Mutex<BTreeMap<Region, Arc<OnceCell<Answer>>>>,
    places: OnceCell<Places>,
}

impl Regions {
    /// The alarms of a Region, from those who asked first; a failure is not repeated either.
    async fn of(&self, aws: &Aws, region: &Region, gate: &Gate, meter: &Meter) -> Answer {
        let cell = {
            let mut regions = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(regions.entry(region.clone()).or_default())
        };
        cell.get_or_init(|| Box::pin(metrics::alarms_in(aws, region, gate, meter)))
            .await
            .clone()
    }

    /// Where the account's buckets are, as far as their list says; asked for once.
    async fn places(
        &self,
        aws: &Aws,
        account: Option<&str>,
        gate: &Gate,
        meter: &Meter,
    ) -> &Places {
        let asked = || async {
            let listed = gate.pass(Box::pin(buckets::list(aws, meter))).await;
            Places {
                is_whole: listed.problem.is_none(),
                account: account.map(str::to_owned),
                buckets: listed
                    .buckets
                    .into_iter()
                    .map(|entry| {
                        let region = entry.region.or_else(|| aws.known_region(&entry.name));
                        (entry.name, region)
                    })
                    .collect(),
            }
        };
        self.places.get_or_init(asked).await
    }

    /// The alarms of every Region in which the account has buckets or in which the credentials are at home; those of a Region
    /// that cannot be asked are left out, with why.
    async fn everywhere(
        &self,
        aws: &Aws,
        places: &Places,
        gate: &Gate,
        meter: &Meter,
    ) -> (Vec<Alarm>, Vec<(Region, Problem)>) {
        let mut regions: BTreeSet<Region> = places.buckets.values().flatten().cloned().collect();
        if !aws.region_is_assumed() {
            regions.insert(aws.region().clone());
        }
        let answers = regions.into_iter().map(async |region| {
            let answer = self.of(aws, &region, gate, meter).await;
            (region, answer)
        });
        let (mut alarms, mut failed) = (Vec::new(), Vec::new());
        for (region, answer) in join_all(answers).await {
            match answer {
                Ok(found) => alarms.extend(found),
                Err(problem) => failed.push((region, problem)),
            }
        }
        (alarms, failed)
    }
}

/// The alarms that look at buckets which the account does not have; empty where not all of its buckets could be listed. With
/// them the Regions whose alarms could not be asked for.
pub(super) async fn without_bucket(
    aws: &Aws,
    regions: &Regions,
    account: Option<&str>,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<Finding>, Vec<(Region, Problem)>) {
    let places = regions.places(aws, account, gate, meter).await;
    let (alarms, failed) = regions.everywhere(aws, places, gate, meter).await;
    let mut findings: Vec<Finding> = alarms
        .iter()
        .flat_map(|alarm| astray(alarm, places))
        .filter(|finding| !places.buckets.contains_key(&finding.bucket))
        .collect();
    posture::sort(&mut findings);
    (findings, failed)
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
    (regions, account): (&Regions, Option<&str>),
    gate: &Gate,
    meter: &Meter,
) -> Judged {
    let mut judged = Judged::default();
    if let Some(region) = configuration.region.value() {
        let found = other_regions(aws, &target.bucket, region, (regions, account), gate, meter);
        judged.findings = Box::pin(found).await;
    }
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
    let arriving = configuration.lifecycle.known().ok();
    let arriving = arriving.map(|rules| rules.map(Lifecycle::classes).unwrap_or_default());
    let replication = configuration.replication.known().ok();
    let replication = replication.map(|all| all.map_or(&[][..], |all| all.rules.as_slice()));
    let known = Known {
        filters: filters.as_deref(),
        storage: storage.as_ref(),
        arriving: arriving.as_deref(),
        replication,
    };
    let of_own = own.iter().flat_map(|alarm| lint(alarm, bucket, known));
    let of_wanted = target
        .alarms
        .iter()
        .flat_map(|wanted| lint_wanted(wanted, bucket, there.as_deref(), known));
    judged.findings.extend(of_own.chain(of_wanted));
    judged
}

/// Alarms on the bucket in Regions where it is not. Those of a Region that cannot be asked are not known of; where the bucket
/// itself is they are asked for once more, and told.
async fn other_regions(
    aws: &Aws,
    bucket: &BucketName,
    region: &Region,
    (regions, account): (&Regions, Option<&str>),
    gate: &Gate,
    meter: &Meter,
) -> Vec<Finding> {
    let places = regions.places(aws, account, gate, meter).await;
    let (alarms, _) = regions.everywhere(aws, places, gate, meter).await;
    let here = Places {
        buckets: BTreeMap::from([(bucket.clone(), Some(region.clone()))]),
        is_whole: false,
        account: account.map(str::to_owned),
    };
    alarms
        .iter()
        .flat_map(|alarm| astray(alarm, &here))
        .collect()
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
