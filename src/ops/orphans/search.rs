//! The sequence of a search, from the lists to the report.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::listed::{self, Listed, Reach};
use super::progress::{At, SearchProgress};
use super::{Ended, OrphansRequest, RegistryFacts, Report, which};
use crate::aws::{Aws, Meter, Problem, ProblemKind, wire};
use crate::domain::blueprint::{BucketBlueprint, OwnerSource};
use crate::domain::orphans::gates::{Gate, Tripped};
use crate::domain::orphans::{
    Findings, Ground, Join, Judged, Kind, Kinds, Living, Verdict, non_current,
};
use crate::domain::ownership::{Ownership, ReplicationPath};
use crate::domain::registry::{Subject, TrustedList};
use crate::domain::{BucketName, Upload};
use crate::ops::registry::{self, Consulted, NoRegistry, RowCount, Why};
use crate::ops::{Coverage, Gap, replication};

/// More threads than this do not speed up the join.
const MOST_THREADS: usize = 8;

pub(super) struct Search {
    pub aws: Aws,
    pub request: OrphansRequest,
    pub cancel: CancellationToken,
    pub meter: Meter,
    pub progress: Arc<SearchProgress>,
}

/// The lists that were read.
#[derive(Default)]
struct Lists {
    owners: Option<Arc<TrustedList>>,
    keys: Option<Arc<TrustedList>>,
}

impl Lists {
    fn living(&self) -> Living<'_> {
        Living {
            owners: self.owners.as_deref(),
            keys: self.keys.as_deref(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &TrustedList> {
        self.owners
            .as_deref()
            .into_iter()
            .chain(self.keys.as_deref())
    }
}

impl Search {
    /// Runs the whole search.
    pub(super) async fn run(&self) -> Report {
        let mut report = Report::new(&self.request, Utc::now());
        report.ended = self.search(&mut report).await;
        report.withhold();
        report.finished = Utc::now();
        report.requests = self.meter.requests();
        report.retries = self.meter.retries();
        report
    }

    async fn search(&self, report: &mut Report) -> Ended {
        let lists = match self.read(report).await {
            Ok(lists) => lists,
            Err(ended) => return ended,
        };
        let started = Utc::now();
        let (mut grounds, leftovers) = match Box::pin(self.list(report)).await {
            Ok(listed) => listed,
            Err(ended) => return ended,
        };
        let before = self.before(&lists, started);
        report.judged_before = Some(before);
        if lists.owners.is_some()
            && let Err(ended) = Box::pin(self.ask_owners(report, &mut grounds, before)).await
        {
            return ended;
        }
        let Some(replication) = self.replication(report, &grounds).await else {
            return Ended::Stopped;
        };
        let listed = (grounds, leftovers, replication);
        let Some((findings, verdicts)) = self
            .join(report.kinds, listed, &lists, started, before)
            .await
        else {
            return Ended::Stopped;
        };
        let Some(verdicts) = self.size_uploads(report, verdicts).await else {
            return Ended::Stopped;
        };
        report.take(&self.request.limits, findings, verdicts);
        self.note_sizes(report, &lists);
        if report.tripped.is_empty() {
            Ended::Judged
        } else {
            Ended::Refused
        }
    }

    /// Reads and judges the lists one after the other, owners first. All reasons against both are reported.
    async fn read(&self, report: &mut Report) -> Result<Lists, Ended> {
        let mut lists = Lists::default();
        let buckets = which::wanted(&self.request);
        let mut ended = None;
        for (subject, list) in [
            (Subject::Owners, &self.request.owners),
            (Subject::Keys, &self.request.keys),
        ] {
            let Some(list) = list else {
                continue;
            };
            let rows = RowCount::new();
            self.progress.reading(subject, rows.clone());
            let consulted = Consulted {
                list,
                subject,
                requirements: &self.request.limits.lists,
                purpose: self.request.purpose,
                buckets: &buckets,
                state: self.request.state.as_deref(),
            };
            let read =
                registry::trusted(consulted, &self.aws, &rows, &self.meter, &self.cancel).await;
            match read {
                Ok(trusted) => {
                    report.remarks.extend(trusted.remarks);
                    report.registries.push(RegistryFacts::of(&trusted.list));
                    let place = match subject {
                        Subject::Owners => &mut lists.owners,
                        Subject::Keys => &mut lists.keys,
                    };
                    *place = Some(Arc::new(trusted.list));
                }
                Err(refused) => match report.without_registry(refused) {
                    Ended::Refused => ended = Some(Ended::Refused),
                    other => return Err(other),
                },
            }
        }
        ended.map_or(Ok(lists), Err)
    }

    /// Objects written from this time on are never orphans.
    fn before(&self, lists: &Lists, started: DateTime<Utc>) -> DateTime<Utc> {
        let old = TimeDelta::from_std(self.request.limits.min_age)
            .ok()
            .and_then(|age| started.checked_sub_signed(age))
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let made = lists.all().map(|list| list.dates_from()).min();
        made.map_or(old, |made| made.min(old))
    }

    /// Lists every bucket that the verdicts need.
    async fn list(&self, report: &mut Report) -> Result<(Vec<Ground>, Vec<Leftovers>), Ended> {
        let wanted = which::wanted(&self.request);
        report.remarks.extend(which::left_out(&self.request));
        let needed = which::needed(&self.request.blueprint, &wanted, report.kinds);
        let (mut grounds, mut leftovers) = (Vec::new(), Vec::new());
        let of = needed.len();
        for (at, rules) in needed.into_iter().enumerate() {
            let reach = Reach {
                aws: &self.aws,
                bucket: &rules.name,
                rules: &rules,
                kinds: report.kinds,
                is_wanted: wanted.contains(&rules.name),
                needs_versions: report.kinds.has(Kind::OwnerGone)
                    && (!rules.derived.is_empty() || names_owners_in_metadata(&rules)),
                asked: self.request.kinds.is_some(),
                jobs: self.request.jobs,
                cancel: &self.cancel,
                meter: &self.meter,
                progress: &self.progress,
                place: (at + 1, of),
            };
            let listed = Box::pin(listed::list(&reach)).await;
            if self.cancel.is_cancelled() {
                return Err(Ended::Stopped);
            }
            if let Some(problem) = listed.hopeless() {
                return Err(Ended::Failed(problem));
            }
            report.not_judged.extend(listed.not_judged.iter().cloned());
            for gap in &listed.gaps {
                report.coverage.miss(gap.clone());
            }
            let Listed {
                coverage,
                objects,
                mut versions,
                uploads,
                ..
            } = listed;
            if !coverage.is_complete() {
                report.tripped.push(not_certified(&rules.name, &coverage));
                report.coverage.merge(coverage);
            }
            let is_wanted = wanted.contains(&rules.name);
            if let Some(versions) = versions.as_mut().filter(|_| is_wanted) {
                report.leave_older_versions(&rules.name, versions.older_of_others());
            }
            grounds.push(Ground {
                hidden: versions.as_mut().map(non_current::Versions::hidden),
                rules,
                objects,
                stated: None,
                wanted: is_wanted,
            });
            leftovers.push(Leftovers { versions, uploads });
        }
        if report.tripped.is_empty() {
            Ok((grounds, leftovers))
        } else {
            Err(Ended::Refused)
        }
    }

    /// Where buckets are replicated whose layouts read the keys of a judged bucket in another way: an object there may
    /// be a replica of another owner's. If that cannot be read, everything counts as replicated. `None` if cancelled.
    async fn replication(
        &self,
        report: &mut Report,
        grounds: &[Ground],
    ) -> Option<Vec<ReplicationPath>> {
        let mut paths = Vec::new();
        for from in &self.request.blueprint.buckets {
            let judged = grounds.iter().filter(|ground| ground.wanted);
            let targets: Vec<&BucketName> = judged
                .filter(|ground| ground.rules.name != from.name)
                .filter(|ground| ground.rules.may_contradict(from))
                .map(|ground| &ground.rules.name)
                .collect();
            if targets.is_empty() {
                continue;
            }
            let asked = replication::paths(&self.aws, &from.name, &self.meter);
            match self.cancel.run_until_cancelled(asked).await? {
                Ok(known) => paths.extend(known),
                // What does not exist is not copied. A bucket that should be listed was reported with its listing.
                Err(problem) if problem.kind == ProblemKind::NotFound => {}
                Err(problem) => {
                    let what = format!("whether {} is replicated elsewhere", from.name);
                    report.coverage.miss(Gap::failed(what, problem));
                    paths.extend(targets.into_iter().map(|to| ReplicationPath {
                        from: from.name.clone(),
                        to: to.clone(),
                        prefix: String::new(),
                    }));
                }
            }
        }
        Some(paths)
    }

    /// Joins on separate threads; `None` if cancelled.
    async fn join(
        &self,
        kinds: Kinds,
        (grounds, leftovers, replication): (Vec<Ground>, Vec<Leftovers>, Vec<ReplicationPath>),
        lists: &Lists,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Option<(Findings, Vec<Verdict>)> {
        let objects = grounds.iter().map(|ground| ground.objects.len() as u64);
        self.progress.enter(At::Joining(objects.sum()));
        let lists = Lists {
            owners: lists.owners.clone(),
            keys: lists.keys.clone(),
        };
        let buckets = self.request.blueprint.buckets.clone();
        let cancel = self.cancel.clone();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let joined = tokio::task::spawn_blocking(move || {
            let living = lists.living();
            let join = Join {
                grounds: &grounds,
                buckets: &buckets,
                replication: &replication,
                living,
                kinds,
                before,
                now,
                threads: threads.min(MOST_THREADS),
            };
            let mut findings = join.run(&|| cancel.is_cancelled())?;
            let mut verdicts = std::mem::take(&mut findings.verdicts);
            let mut ownership = Ownership::new(&buckets, living.keys.map(std::ops::Deref::deref));
            for path in replication {
                ownership.learn_replication(path);
            }
            for (ground, left) in grounds.iter().zip(leftovers) {
                let judged = findings.judged.iter_mut();
                let judged = judged.filter(|one| one.bucket == ground.rules.name).last();
                verdicts.extend(left.judge(ground, &ownership, kinds, (now, before), judged));
            }
            let place = |verdict: &Verdict| {
                let mut names = grounds.iter().map(|ground| &ground.rules.name);
                names.position(|name| *name == verdict.bucket)
            };
            verdicts.sort_by(|a, b| {
                (place(a), &a.key, a.kind, &a.upload_id).cmp(&(
                    place(b),
                    &b.key,
                    b.kind,
                    &b.upload_id,
                ))
            });
            Some((findings, verdicts))
        });
        match joined.await {
            Ok(done) => done,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// Requests the sizes of abandoned uploads, which a listing does not return. `None` if cancelled.
    async fn size_uploads(
        &self,
        report: &mut Report,
        verdicts: Vec<Verdict>,
    ) -> Option<Vec<Verdict>> {
        let (uploads, mut sized): (Vec<_>, Vec<_>) = verdicts
            .into_iter()
            .enumerate()
            .partition(|(_, verdict)| verdict.upload_id.is_some());
        let asked = stream::iter(uploads)
            .map(|(at, verdict)| async move {
                let id = verdict.upload_id.clone().unwrap_or_default();
                let (bucket, key) = (&verdict.bucket, &verdict.key);
                let stored = wire::parts::stored(&self.aws, bucket, key, &id, &self.meter).await;
                (at, verdict, stored)
            })
            .buffer_unordered(self.request.jobs.max(1))
            .collect::<Vec<_>>();
        for (at, verdict, stored) in self.cancel.run_until_cancelled(asked).await? {
            let size = match stored {
                Ok(Some(size)) => Some(size),
                // It was listed just now. If the server does not know it under this key, that does not prove that it is
                // gone.
                Ok(None) => {
                    let what = format!("the sizes of uploads in {}", verdict.bucket);
                    let why = "the server does not know some by the keys that it lists: they were completed or aborted meanwhile, or have other keys";
                    report.coverage.miss(Gap::new(what, why));
                    None
                }
                Err(problem) => {
                    let what = format!("the sizes of uploads in {}", verdict.bucket);
                    report.coverage.miss(Gap::new(what, problem.message));
                    None
                }
            };
            sized.push((at, Verdict { size, ..verdict }));
        }
        sized.sort_by_key(|(at, _)| *at);
        Some(sized.into_iter().map(|(_, verdict)| verdict).collect())
    }

    /// Records the sizes of the lists for each judged bucket.
    fn note_sizes(&self, report: &mut Report, lists: &Lists) {
        let Some(state) = &self.request.state else {
            return;
        };
        let buckets = report.buckets.iter().map(|one| one.bucket.clone());
        let (refused, believed): (Vec<BucketName>, Vec<BucketName>) =
            buckets.partition(|bucket| report.is_refused(bucket));
        let lists: Vec<&TrustedList> = lists.all().collect();
        if let Err(why) = registry::note(state, self.aws.endpoint(), &believed, &refused, &lists) {
            report.remarks.push(why);
        }
    }
}

fn names_owners_in_metadata(rules: &BucketBlueprint) -> bool {
    let mut layouts = rules.layouts.iter();
    layouts.any(|layout| matches!(layout.owner(), OwnerSource::Metadata(_)))
}

fn not_certified(bucket: &BucketName, coverage: &Coverage) -> Tripped {
    let why = coverage.gaps().iter().map(|gap| gap.why.as_str()).next();
    Tripped {
        gate: Gate::Listing,
        bucket: Some(bucket.clone()),
        why: format!(
            "the listing is not complete, and what it left out may be what others were made from: {}",
            why.unwrap_or("it did not say how it ended")
        ),
    }
}

/// The contents of a bucket besides current objects.
struct Leftovers {
    versions: Option<non_current::Versions>,
    uploads: Vec<Upload>,
}

impl Leftovers {
    fn judge(
        self,
        ground: &Ground,
        ownership: &Ownership<'_>,
        kinds: Kinds,
        (now, before): (DateTime<Utc>, DateTime<Utc>),
        judged: Option<&mut Judged>,
    ) -> Vec<Verdict> {
        let Some(judged) = judged else {
            return Vec::new();
        };
        let (mut verdicts, young) = match self.versions {
            Some(versions) if kinds.has(Kind::VersionsOnly) => {
                versions.finish(&ground.rules, &ground.objects, ownership, before)
            }
            _ => (Vec::new(), 0),
        };
        judged.young_versions = young;
        for upload in &self.uploads {
            match non_current::upload(&ground.rules, upload, ownership, now, before) {
                Some(verdict) => verdicts.push(verdict),
                None => judged.young_uploads += 1,
            }
        }
        verdicts
    }
}

impl Report {
    /// The result if a list could not be read: a gate trips, unless the request was invalid or cancelled.
    fn without_registry(&mut self, refused: NoRegistry) -> Ended {
        let problem: Problem = refused.problem;
        match refused.why {
            Why::Asked => return Ended::Wrong(problem),
            Why::Stopped => return Ended::Stopped,
            Why::Untrusted { facts, objections } => {
                self.registries.push(*facts);
                self.tripped
                    .extend(objections.into_iter().map(Tripped::from));
                return Ended::Refused;
            }
            Why::Unreliable(_) | Why::Unreachable => {}
        }
        self.tripped.push(Tripped {
            gate: Gate::Registry,
            bucket: None,
            why: problem.to_string(),
        });
        Ended::Refused
    }
}
