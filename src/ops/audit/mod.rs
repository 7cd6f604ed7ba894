//! What is wrong with buckets: their configuration, what is in them and the headers of a few objects, judged together.
//!
//! [`of_bucket`] audits one bucket, [`of_buckets`] many side by side, with so many requests at the same time. Reading is all
//! it does. An [`Inquiry`] holds what is asked once for all. `contents` lists what is there, or
//! `by_scan` takes it from a saved scan, `samples` chooses the objects
//! whose headers and ACLs are read, `unseen` keeps what is left out, `logs` looks where the access log goes, `replicas` whether replicas are there, `alarms` at the
//! alarms; `domain::posture` is the judge.

mod alarms;
mod basis;
mod by_scan;
mod contents;
mod logs;
mod replicas;
mod samples;
mod unseen;

use std::sync::Arc;

use chrono::Utc;
use futures::stream::{self, Stream, StreamExt};
use serde::Serialize;

use super::account::{self, Account};
use super::coverage::Coverage;
use super::gate::Gate;
use super::scan::Scan;
use super::{Meter, state};
use crate::aws::{Aws, Problem, operations};
use crate::domain::BucketName;
use crate::domain::blueprint::{self, Blueprint, BucketBlueprint};
use crate::domain::configuration::{Configuration, Setting, Unanswered};
use crate::domain::fact::Fact;
use crate::domain::posture::{self, Case, Contents, LogTarget, ObjectAcl, ReplicaTarget, Sample};
use crate::domain::size::grouped;
use crate::domain::words::counted;

pub use basis::Basis;
use unseen::Unseen;

pub use crate::domain::posture::{Acceptance, Accepted, Finding, OpenQuestion, Severity};

/// How far an audit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditLimits {
    /// Versions that are listed of a bucket; beyond them verdicts rest on a part of it and say so. 0 lists nothing.
    pub versions: u64,
    /// Whether somebody chose this number. Who did not choose it takes a verdict for one on the whole bucket.
    pub versions_chosen: bool,
    /// Objects of each layout and storage class whose headers are read.
    pub samples: usize,
    /// Objects of each layout and storage class whose ACLs are read, where ACLs count.
    pub object_acls: ObjectAcls,
    /// Incomplete uploads whose parts are asked for: a request each, and nothing else tells how large they are.
    pub uploads: usize,
    /// Objects whose annotations are counted: a request each, and no listing tells of them.
    pub annotations: usize,
}

impl Default for AuditLimits {
    fn default() -> Self {
        Self {
            versions: 100_000,
            versions_chosen: false,
            samples: 40,
            object_acls: ObjectAcls::default(),
            uploads: 100,
            annotations: 20,
        }
    }
}

/// Of how many objects the ACLs are read: a request each, and each object may be open by its own ACL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectAcls {
    /// They are no part of the question.
    NotAsked,
    /// Of so many of each layout and storage class. Whether somebody chose the number decides whether the rest, which
    /// nobody looked at, leaves the question open.
    Sample {
        /// How many.
        per_group: usize,
        /// Whether somebody chose this number.
        chosen: bool,
    },
    /// Of every object that is listed.
    All,
}

impl Default for ObjectAcls {
    fn default() -> Self {
        Self::Sample {
            per_group: 40,
            chosen: false,
        }
    }
}

/// A bucket that is to be audited, and what it should be like, where that is known.
#[derive(Debug, Clone)]
pub struct Target {
    /// The bucket.
    pub bucket: BucketName,
    /// What it should be like.
    pub blueprint: Option<BucketBlueprint>,
    /// The alarms that the blueprint wants on it. One that names no bucket is the first bucket's of the blueprint.
    pub alarms: Vec<blueprint::Alarm>,
    /// A scan of the bucket to judge by, in place of a listing of its objects.
    pub scan: Option<Arc<Scan>>,
}

impl Target {
    /// A bucket with its part of the blueprint that was named, else of the built-in that names it.
    #[must_use]
    pub fn of(bucket: BucketName, named: Option<&Blueprint>) -> Self {
        let built_in = if named.is_none() {
            Blueprint::for_bucket(&bucket)
        } else {
            None
        };
        let blueprint = named.or(built_in.as_ref());
        let is_first = blueprint
            .and_then(|blueprint| blueprint.buckets.first())
            .is_some_and(|first| first.name == bucket);
        let alarms = blueprint
            .into_iter()
            .flat_map(|blueprint| &blueprint.alarms);
        Self {
            alarms: alarms
                .filter(|alarm| match &alarm.bucket {
                    Some(of) => *of == bucket,
                    None => is_first,
                })
                .cloned()
                .collect(),
            blueprint: blueprint.and_then(|blueprint| blueprint.bucket(&bucket).cloned()),
            bucket,
            scan: None,
        }
    }

    /// A bucket of which nothing is wanted.
    #[must_use]
    pub fn unknown(bucket: BucketName) -> Self {
        Self {
            bucket,
            blueprint: None,
            alarms: Vec::new(),
            scan: None,
        }
    }

    /// The same, judged by a scan of the bucket.
    #[must_use]
    pub fn by_scan(self, scan: Arc<Scan>) -> Self {
        Self {
            scan: Some(scan),
            ..self
        }
    }
}

/// What holds for all buckets of an audit. What is asked of an account or a Region is asked once.
#[derive(Debug, Default)]
pub struct Inquiry {
    /// Whose credentials these are, and what their account blocks.
    pub account: Account,
    /// How far to look into each bucket.
    pub limits: AuditLimits,
    /// What somebody accepts.
    pub accepted: Vec<Acceptance>,
    alarms: alarms::Regions,
}

impl Inquiry {
    /// Begins an audit: asks whose credentials these are and what the account blocks.
    pub async fn begin(
        aws: &Aws,
        limits: AuditLimits,
        accepted: Vec<Acceptance>,
        gate: &Gate,
        meter: &Meter,
    ) -> Self {
        Self {
            account: account::of(aws, gate, meter).await,
            ..Self::of_stranger(limits, accepted)
        }
    }

    /// Begins an audit without asking whose credentials these are: nothing is then concluded from the account.
    #[must_use]
    pub fn of_stranger(limits: AuditLimits, accepted: Vec<Acceptance>) -> Self {
        Self {
            limits,
            accepted,
            ..Self::default()
        }
    }
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// How the bucket is configured.
    pub configuration: Configuration,
    /// What is in it, where it could be listed.
    pub contents: Option<Contents>,
    /// Where that comes from.
    pub basis: Basis,
    /// Objects whose headers were read.
    pub sampled: usize,
    /// The annotations of a few objects; not set where none were asked about.
    pub annotations: Setting<AnnotationSample>,
    /// What is to be said of it, the most severe first.
    pub findings: Vec<Finding>,
    /// What would be said of it, had nobody accepted it.
    pub accepted: Vec<Accepted>,
    /// Questions that were not answered, with the findings that they could hide.
    pub open: Vec<OpenQuestion>,
    /// What the verdicts leave out.
    pub coverage: Coverage,
    /// Why the listing failed or broke off, if it did. One that stopped where it was told to did not fail.
    pub failure: Option<Problem>,
}

impl Audited {
    /// A bucket that is not there: one failure, and nothing that could be judged.
    fn of_nothing(bucket: &BucketName, problem: Problem) -> Self {
        let why = state::unanswered(operations::HEAD_BUCKET.name, &problem);
        let mut coverage = Coverage::Complete;
        coverage.miss(super::Gap::failed(bucket.to_string(), problem.clone()));
        Self {
            configuration: Configuration::unknown(bucket.clone(), &why),
            contents: None,
            basis: Basis::Nothing,
            sampled: 0,
            annotations: Fact::Unknown(why),
            findings: Vec::new(),
            accepted: Vec::new(),
            open: Vec::new(),
            coverage,
            failure: Some(problem),
        }
    }
}

/// The annotations of a few current objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AnnotationSample {
    /// Objects that were asked about.
    pub objects: u64,
    /// Those that have annotations.
    pub annotated: u64,
    /// Annotations of all of them.
    pub annotations: u64,
    /// Their bytes, which are part of no object's size.
    pub bytes: u64,
}

/// Audits one bucket.
pub async fn of_bucket(
    aws: &Aws,
    target: &Target,
    inquiry: &Inquiry,
    gate: &Gate,
    meter: &Meter,
) -> Audited {
    one(aws, target, inquiry, side_by_side(gate, 1), gate, meter).await
}

/// Reads the configuration, then audits with so many requests of a listing at the same time.
async fn one(
    aws: &Aws,
    target: &Target,
    inquiry: &Inquiry,
    side_by_side: usize,
    gate: &Gate,
    meter: &Meter,
) -> Audited {
    let (bucket, account) = (&target.bucket, &inquiry.account);
    let asked = state::configuration_if_there(aws, bucket, account, gate, meter);
    let configuration = match Box::pin(asked).await {
        Ok(configuration) => configuration,
        Err(problem) => return Audited::of_nothing(bucket, problem),
    };
    let by = By {
        aws,
        inquiry,
        side_by_side,
        gate,
        meter,
    };
    judged(&by, target, configuration).await
}

/// How many requests the listing of one of so many buckets may have under way: the others want to be listed as well, and
/// some places are left to what is asked beside a listing.
fn side_by_side(gate: &Gate, buckets: usize) -> usize {
    let at_once = buckets.clamp(1, gate.width());
    (gate.width() / at_once * 3 / 4).max(1)
}

/// What is asked by.
struct By<'a> {
    aws: &'a Aws,
    inquiry: &'a Inquiry,
    side_by_side: usize,
    gate: &'a Gate,
    meter: &'a Meter,
}

/// Audits one bucket whose configuration was just read.
pub async fn of_configured(
    aws: &Aws,
    target: &Target,
    configuration: Configuration,
    inquiry: &Inquiry,
    gate: &Gate,
    meter: &Meter,
) -> Audited {
    let by = By {
        aws,
        inquiry,
        side_by_side: side_by_side(gate, 1),
        gate,
        meter,
    };
    judged(&by, target, configuration).await
}

async fn judged(by: &By<'_>, target: &Target, configuration: Configuration) -> Audited {
    let By {
        aws,
        inquiry,
        gate,
        meter,
        ..
    } = *by;
    let now = Utc::now();
    let bucket = &target.bucket;
    let blueprint = target.blueprint.as_ref();
    let mut unseen = Unseen::default();
    for why in posture::by_cause(configuration.unanswered()) {
        // The judge knows the questions about the configuration by themselves.
        unseen.by_choice(super::Gap::new(
            format!("{} of {bucket}", why.call),
            why.why,
        ));
    }
    let reach = contents::Reach {
        aws,
        configuration: &configuration,
        blueprint,
        scan: target.scan.as_ref(),
        limits: inquiry.limits,
        gate,
        side_by_side: by.side_by_side,
        meter,
        now,
    };
    let (listed, log_target, alarms) = futures::join!(
        Box::pin(contents::list(&reach)),
        Box::pin(logs::target(
            aws,
            &configuration,
            inquiry.account.id(),
            now,
            gate,
            meter
        )),
        Box::pin(alarms::judge(
            aws,
            target,
            &configuration,
            (&inquiry.alarms, inquiry.account.id()),
            gate,
            meter
        )),
    );
    unseen.merge(listed.unseen);
    for (what, why) in beside(bucket, alarms.unanswered, log_target.as_ref()) {
        unseen.unanswered(super::Gap::new(what, why.why.clone()), why);
    }
    let looked = objects(&reach, listed.chosen, listed.contents.as_ref());
    let looked = Box::pin(looked).await;
    unseen.merge(looked.unseen);
    let (coverage, unanswered, partly) = unseen.into_parts();
    let samples = looked.samples;
    let case = Case {
        configuration: &configuration,
        account: inquiry.account.id(),
        blueprint,
        contents: listed.contents.as_ref(),
        samples: &samples,
        object_acls: &looked.object_acls,
        log_target: log_target.as_ref(),
        replica_targets: &looked.replica_targets,
        unanswered: &unanswered,
        now,
    };
    let mut findings = posture::findings(&case);
    let mut open = posture::open_questions(&case);
    open.extend(posture::partly_answered(&case, &partly));
    open.extend(posture::without_account(
        &case,
        inquiry.account.id.problem(),
    ));
    findings.extend(alarms.findings);
    posture::sort(&mut findings);
    let (findings, accepted) = posture::part(findings, &inquiry.accepted, now.date_naive());
    Audited {
        contents: listed.contents,
        basis: listed.basis,
        sampled: samples.len(),
        annotations: looked.annotations,
        failure: listed.failure,
        findings,
        accepted,
        open,
        coverage,
        configuration,
    }
}

/// What a few objects say, and the buckets that hold their replicas.
struct Looked {
    samples: Vec<Sample>,
    object_acls: Vec<ObjectAcl>,
    annotations: Setting<AnnotationSample>,
    replica_targets: Vec<ReplicaTarget>,
    /// What was not seen of them.
    unseen: Unseen,
}

/// Looks closely at a few objects: their headers, their ACLs where ACLs count, their annotations and replicas.
async fn objects(
    reach: &contents::Reach<'_>,
    chosen: samples::Chosen,
    contents: Option<&Contents>,
) -> Looked {
    let contents::Reach {
        aws,
        configuration,
        limits,
        gate,
        meter,
        ..
    } = *reach;
    let bucket = &configuration.bucket;
    let annotated = samples::spread(&chosen.objects, limits.annotations);
    let heads = if limits.samples == 0 {
        Vec::new()
    } else {
        chosen.objects
    };
    let ((mut samples, unread), acls, annotations, (replica_targets, unasked)) = futures::join!(
        Box::pin(samples::heads(aws, bucket, heads, gate, meter)),
        Box::pin(samples::acls(aws, bucket, chosen.acls, gate, meter)),
        Box::pin(samples::annotations(aws, bucket, annotated, gate, meter)),
        Box::pin(replicas::targets(aws, configuration, gate, meter)),
    );
    let mut unseen = Unseen::default();
    if limits.object_acls != ObjectAcls::NotAsked && posture::acls_matter(configuration) {
        unseen_acls(reach, acls.read, contents, &mut unseen);
    }
    let replicas = replicas::look(
        aws,
        configuration,
        reach.blueprint,
        &mut samples,
        reach.now,
        gate,
        meter,
    );
    let of_replicas = Box::pin(replicas).await;
    let unread = unread.into_iter().chain(acls.unread).chain(unasked);
    for (gap, why) in unread.chain(of_replicas) {
        unseen.unanswered(gap, why);
    }
    Looked {
        samples,
        object_acls: acls.with_grants,
        annotations,
        replica_targets,
        unseen,
    }
}

/// Where ACLs count, each object has one of its own, and those that were not looked at may open it.
fn unseen_acls(
    reach: &contents::Reach<'_>,
    seen: u64,
    contents: Option<&Contents>,
    unseen: &mut Unseen,
) {
    let (bucket, limits) = (&reach.configuration.bucket, reach.limits);
    let all = contents.map(|contents| (contents.coverage.objects.count, contents.complete));
    let of_others =
        |why| super::Gap::new(format!("the ACLs of the other objects of {bucket}"), why);
    let gap = match all {
        Some((all, true)) if all <= seen => return,
        Some(_) | None if seen == 0 => super::Gap::new(
            format!("the object ACLs of {bucket}"),
            "object ACLs were not looked at",
        ),
        Some((all, complete)) => {
            let at_least = if complete { "" } else { "at least " };
            of_others(format!(
                "the ACLs of {} of {at_least}{} were looked at",
                grouped(seen),
                counted(all, "object")
            ))
        }
        None => of_others(format!(
            "the ACLs of {} were looked at",
            counted(seen, "object")
        )),
    };
    let listed_are_seen = all.is_some_and(|(all, _)| all <= seen);
    let listing_is_chosen = limits.versions_chosen || reach.scan.is_some();
    let is_chosen = match limits.object_acls {
        ObjectAcls::NotAsked | ObjectAcls::Sample { chosen: true, .. } => true,
        // What was listed was looked at. The rest is left out where somebody chose to list a part.
        ObjectAcls::Sample { chosen: false, .. } | ObjectAcls::All => {
            listing_is_chosen && (listed_are_seen || limits.versions == 0)
        }
    };
    if is_chosen {
        unseen.by_choice(gap);
    } else {
        unseen.by_limit(operations::GET_OBJECT_ACL.name, gap);
    }
}

/// What could not be learnt of the alarms and of the access logs, and what that leaves out.
fn beside(
    bucket: &BucketName,
    of_alarms: Vec<Unanswered>,
    log_target: Option<&LogTarget>,
) -> Vec<(String, Unanswered)> {
    let of_logs = match log_target.map(|target| &target.newest) {
        Some(Fact::Unknown(why)) => Some((
            format!("the age of the access logs of {bucket}"),
            why.clone(),
        )),
        _ => None,
    };
    let of_payer = match log_target.map(|target| &target.requester_pays) {
        Some(Fact::Unknown(why)) => Some((
            format!("who pays for the requests to the log bucket of {bucket}"),
            why.clone(),
        )),
        _ => None,
    };
    let judged_by = |why: Unanswered| {
        let what = format!("{}, by which the alarms of {bucket} are judged", why.call);
        (what, why)
    };
    of_alarms
        .into_iter()
        .map(judged_by)
        .chain(of_logs)
        .chain(of_payer)
        .collect()
}

/// What is to be said of alarms that look at buckets which the account does not have: no bucket's audit comes to those. With it
/// what could not be learnt.
pub async fn of_missing_buckets(
    aws: &Aws,
    inquiry: &Inquiry,
    gate: &Gate,
    meter: &Meter,
) -> (Vec<Finding>, Vec<Accepted>, Coverage) {
    let account = inquiry.account.id();
    let asked = alarms::without_bucket(aws, &inquiry.alarms, account, gate, meter);
    let (findings, failed) = Box::pin(asked).await;
    let mut coverage = Coverage::Complete;
    for (region, problem) in failed {
        coverage.miss(super::Gap::failed(
            format!("the alarms in {region}"),
            problem,
        ));
    }
    let (findings, accepted) = posture::part(findings, &inquiry.accepted, Utc::now().date_naive());
    (findings, accepted, coverage)
}

/// Audits many buckets side by side; they come as they are done. The gate bounds the requests of all together.
pub fn of_buckets<'a>(
    aws: &'a Aws,
    targets: Vec<Target>,
    inquiry: &'a Inquiry,
    gate: &'a Gate,
    meter: &'a Meter,
) -> impl Stream<Item = Audited> + 'a {
    let side_by_side = side_by_side(gate, targets.len());
    stream::iter(targets)
        .map(move |target| async move {
            Box::pin(one(aws, &target, inquiry, side_by_side, gate, meter)).await
        })
        .buffer_unordered(gate.width())
}
