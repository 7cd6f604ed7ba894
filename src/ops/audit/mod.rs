//! What is wrong with buckets: their configuration, what is in them and the headers of a few objects, judged together.
//!
//! [`of_bucket`] audits one bucket, [`of_buckets`] many side by side, with so many requests at the same time. Reading is all
//! it does. `contents` lists what is there, `samples` chooses the objects whose headers are read, `logs` looks where the access
//! log goes, `replicas` whether replicas are there; `domain::posture` is the judge.

mod contents;
mod logs;
mod replicas;
mod samples;

use chrono::Utc;
use futures::stream::{self, Stream, StreamExt};

use super::coverage::Coverage;
use super::gate::Gate;
use super::{Meter, state};
use crate::aws::{Aws, Problem};
use crate::domain::BucketName;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::configuration::Configuration;
use crate::domain::fact::Fact;
use crate::domain::posture::{self, Case, Contents};

pub use crate::domain::posture::{Finding, Severity};

/// How far an audit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditLimits {
    /// Versions that are listed of a bucket; beyond them verdicts rest on a part of it and say so. 0 lists nothing.
    pub versions: u64,
    /// Objects of each layout and storage class whose headers are read.
    pub samples: usize,
}

impl Default for AuditLimits {
    fn default() -> Self {
        Self {
            versions: 100_000,
            samples: 40,
        }
    }
}

/// A bucket that is to be audited, and what it should be like, where that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The bucket.
    pub bucket: BucketName,
    /// What it should be like.
    pub blueprint: Option<BucketBlueprint>,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// How the bucket is configured.
    pub configuration: Configuration,
    /// What is in it, where it could be listed.
    pub contents: Option<Contents>,
    /// Objects whose headers were read.
    pub sampled: usize,
    /// What is to be said of it, the most severe first.
    pub findings: Vec<Finding>,
    /// What the verdicts leave out.
    pub coverage: Coverage,
    /// Why the listing failed or broke off, if it did. One that stopped where it was told to did not fail.
    pub failure: Option<Problem>,
}

/// Audits one bucket, with the account's id where it is known.
pub async fn of_bucket(
    aws: &Aws,
    target: &Target,
    account: Option<&str>,
    limits: AuditLimits,
    gate: &Gate,
    meter: &Meter,
) -> Audited {
    let configuration = Box::pin(state::configuration(aws, &target.bucket, gate, meter)).await;
    of_configured(aws, target, configuration, account, limits, gate, meter).await
}

/// Audits one bucket whose configuration was just read.
pub async fn of_configured(
    aws: &Aws,
    target: &Target,
    configuration: Configuration,
    account: Option<&str>,
    limits: AuditLimits,
    gate: &Gate,
    meter: &Meter,
) -> Audited {
    let now = Utc::now();
    let bucket = &target.bucket;
    let blueprint = target.blueprint.as_ref();
    let mut coverage = Coverage::Complete;
    let mut unanswered = Vec::new();
    for why in configuration.unanswered() {
        coverage.miss(super::Gap::new(
            format!("{} of {bucket}", why.call),
            why.why.clone(),
        ));
    }
    let reach = contents::Reach {
        aws,
        configuration: &configuration,
        blueprint,
        limits,
        gate,
        meter,
        now,
    };
    let (listed, log_target) = futures::join!(
        Box::pin(contents::list(&reach)),
        Box::pin(logs::target(aws, &configuration, now, gate, meter)),
    );
    unanswered.extend(listed.unanswered);
    coverage.merge(listed.coverage);
    if let Some(Fact::Unknown(why)) = log_target.as_ref().map(|target| &target.newest) {
        coverage.miss(super::Gap::new(
            format!("the age of the access logs of {bucket}"),
            why.why.clone(),
        ));
        unanswered.push(why.clone());
    }
    let (mut samples, unread) =
        Box::pin(samples::read(aws, bucket, listed.chosen, gate, meter)).await;
    for (gap, why) in unread {
        coverage.miss(gap);
        if !unanswered.contains(&why) {
            unanswered.push(why);
        }
    }
    let unasked = Box::pin(replicas::look(
        aws,
        &configuration,
        &mut samples,
        now,
        gate,
        meter,
    ));
    for (gap, why) in unasked.await {
        coverage.miss(gap);
        unanswered.push(why);
    }
    let findings = posture::findings(&Case {
        configuration: &configuration,
        account,
        blueprint,
        contents: listed.contents.as_ref(),
        samples: &samples,
        log_target: log_target.as_ref(),
        unanswered: &unanswered,
        now,
    });
    Audited {
        contents: listed.contents,
        sampled: samples.len(),
        failure: listed.failure,
        findings,
        coverage,
        configuration,
    }
}

/// Audits many buckets side by side; they come as they are done. The gate bounds the requests of all together.
pub fn of_buckets<'a>(
    aws: &'a Aws,
    targets: Vec<Target>,
    account: Option<&'a str>,
    limits: AuditLimits,
    gate: &'a Gate,
    meter: &'a Meter,
) -> impl Stream<Item = Audited> + 'a {
    stream::iter(targets)
        .map(move |target| async move {
            Box::pin(of_bucket(aws, &target, account, limits, gate, meter)).await
        })
        .buffer_unordered(gate.width())
}
