//! Looks whether replicas are where the replication rules put them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::{self, StreamExt};

use super::samples;
use crate::aws::wire::{configuration, object};
use crate::aws::{Aws, Problem, ProblemKind, operations};
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::configuration::{Configuration, ReplicationRule, Unanswered, VersioningState};
use crate::domain::posture::{Replica, ReplicaTarget, Sample, TargetState};
use crate::domain::{BucketName, ObjectKey};
use crate::ops::coverage::Gap;
use crate::ops::gate::Gate;
use crate::ops::{Meter, state};

/// Objects of each layout and storage class that a target is asked for.
const ASKED: usize = 20;

/// Most objects are replicated within minutes; one that is younger need not have arrived.
const IN_TIME: TimeDelta = TimeDelta::days(1);

/// Asks each bucket that an enabled rule copies to whether it keeps versions: a request each. What could not be asked is told.
pub(super) async fn targets(
    aws: &Aws,
    configuration: &Configuration,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<ReplicaTarget>, Vec<(Gap, Unanswered)>) {
    let rules = configuration.replication.value();
    let rules = rules.map(|replication| replication.rules.as_slice());
    let named: BTreeSet<BucketName> = rules
        .unwrap_or_default()
        .iter()
        .filter(|rule| rule.enabled)
        .filter_map(|rule| BucketName::new(rule.to.as_str()).ok())
        .collect();
    let mut answers = stream::iter(named)
        .map(|bucket| async move {
            let asked = configuration::versioning(aws, &bucket, meter);
            (gate.pass(asked).await, bucket)
        })
        .buffered(gate.width());
    let (mut found, mut unasked) = (Vec::new(), Vec::new());
    while let Some((answer, bucket)) = answers.next().await {
        let state = match answer {
            Ok(answer) => match answer.value.map(|versioning| versioning.state) {
                Some(VersioningState::Enabled) => TargetState::Versioned,
                Some(VersioningState::Suspended) | None => TargetState::NotVersioned,
            },
            Err(problem) if problem.kind == ProblemKind::NotFound => TargetState::Missing,
            Err(problem) => {
                let why = state::unanswered(operations::GET_BUCKET_VERSIONING.name, &problem);
                let what = format!("the versioning of {bucket}, which holds replicas");
                unasked.push((Gap::failed(what, problem), why));
                continue;
            }
        };
        found.push(ReplicaTarget { bucket, state });
    }
    (found, unasked)
}

/// Asks each target of an enabled rule for the samples that the rule is about, and notes on the samples what it answers.
/// What could not be asked is told, each target once.
pub(super) async fn look(
    aws: &Aws,
    configuration: &Configuration,
    blueprint: Option<&BucketBlueprint>,
    samples: &mut [Sample],
    now: DateTime<Utc>,
    gate: &Gate,
    meter: &Meter,
) -> Vec<(Gap, Unanswered)> {
    let mut unasked = Vec::new();
    let rules = configuration
        .replication
        .value()
        .map(|r| r.rules.as_slice());
    for rule in rules.unwrap_or_default().iter().filter(|rule| rule.enabled) {
        let Ok(target) = BucketName::new(rule.to.as_str()) else {
            continue;
        };
        let mut of_group: BTreeMap<(String, String), usize> = BTreeMap::new();
        let asked: Vec<(usize, ObjectKey)> = samples
            .iter()
            .enumerate()
            .filter(|(_, sample)| is_due(rule, sample, now))
            .filter(|(_, sample)| {
                let layout = samples::layout_of(blueprint, &sample.key).to_owned();
                let asked = of_group.entry((layout, sample.class.clone())).or_default();
                *asked += 1;
                *asked <= ASKED
            })
            .filter_map(|(at, sample)| Some((at, ObjectKey::new(sample.key.as_str()).ok()?)))
            .collect();
        let mut answers = stream::iter(asked)
            .map(|(at, key)| {
                let target = &target;
                async move { (at, gate.pass(is_there(aws, target, &key, meter)).await) }
            })
            .buffered(gate.width());
        let mut failed: Option<Problem> = None;
        while let Some((at, answer)) = answers.next().await {
            match answer {
                Ok(is_there) => {
                    if let Some(sample) = samples.get_mut(at) {
                        let bucket = target.clone();
                        sample.replicas.push(Replica { bucket, is_there });
                    }
                }
                Err(problem) => failed = failed.or(Some(problem)),
            }
        }
        if let Some(problem) = failed {
            let why = state::unanswered(operations::HEAD_OBJECT.name, &problem);
            let what = format!("replicas of {} in {target}", configuration.bucket);
            unasked.push((Gap::failed(what, problem), why));
        }
    }
    unasked
}

/// Whether a rule should have replicated an object by now. Of what asks for tags or is itself a replica that is not known.
fn is_due(rule: &ReplicationRule, sample: &Sample, now: DateTime<Utc>) -> bool {
    let by_kms = sample
        .algorithm
        .as_deref()
        .is_some_and(|algorithm| algorithm.starts_with("aws:kms"));
    rule.tags.is_empty()
        && sample.key.starts_with(&rule.prefix)
        && (!by_kms || rule.kms_encrypted)
        && sample.replication.as_deref() != Some("REPLICA")
        && sample
            .written
            .is_some_and(|written| written < now - IN_TIME)
}

async fn is_there(
    aws: &Aws,
    bucket: &BucketName,
    key: &ObjectKey,
    meter: &Meter,
) -> Result<bool, Problem> {
    match object::head(aws, bucket, key, None, meter).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}
