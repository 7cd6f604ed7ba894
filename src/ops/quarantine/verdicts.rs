//! The authorization for acts on orphans: a verdict of today for each item, from new lists and listings.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::current_state::{self, Reach};
use crate::aws::wire;
use crate::domain::advice::{Action, advice};
use crate::domain::change::{Claim, Item, Plan, What, Why};
use crate::domain::orphans::{Kind, Verdict};
use crate::domain::registry::{Purpose, Subject};
use crate::domain::{BucketName, ObjectKey};
use crate::ops::change::authorization::{Attested, Authorization};
use crate::ops::change::current_state::{Present, Today};
use crate::ops::change::{Failure, Tools};
use crate::ops::orphans::{self, Ended, OrphansRequest, OrphansUpdate, Report};
use crate::ops::{Coverage, Gap};

/// A key, or an upload to it.
type Place = (ObjectKey, Option<String>);

/// Requires a verdict of today for each item; other items are skipped.
pub struct Orphans {
    bucket: BucketName,
    request: OrphansRequest,
    /// The result of the second search; `None` before it.
    again: Mutex<Option<Again>>,
}

/// The result of the second search.
enum Again {
    Judged(HashMap<Place, Verdict>),
    Refused(Failure),
}

impl Orphans {
    /// For orphans of this bucket, with this blueprint and these lists, which are read again later.
    #[must_use]
    pub fn new(bucket: BucketName, request: OrphansRequest) -> Self {
        Self {
            request: OrphansRequest {
                buckets: vec![bucket.clone()],
                every: Duration::from_hours(1),
                purpose: Purpose::Act,
                ..request
            },
            bucket,
            again: Mutex::new(None),
        }
    }

    /// Whether everything was judged again. The next survey is then the final check.
    fn is_judged(&self) -> bool {
        let again = self.again.lock();
        again.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    async fn judge(&self, tools: Tools<'_>) -> Coverage {
        let (updates, mut arriving) = mpsc::channel(1);
        let running = orphans::run(
            tools.aws.clone(),
            self.request.clone(),
            tools.stop.clone(),
            tools.meter.clone(),
            updates,
        );
        let taking = async {
            let mut report = None;
            while let Some(update) = arriving.recv().await {
                if let OrphansUpdate::Done(done) = update {
                    report = Some(*done);
                }
            }
            report
        };
        let ((), report) = tokio::join!(running, taking);
        let mut coverage = Coverage::Complete;
        let again = match report {
            Some(report) => match &report.ended {
                Ended::Failed(problem) | Ended::Wrong(problem) => {
                    coverage.miss(Gap::failed("what is an orphan now", problem.clone()));
                    Again::Refused(Failure::Problem(problem.clone()))
                }
                Ended::Stopped => {
                    let problem =
                        crate::aws::Problem::cancelled("judge again", self.bucket.as_str());
                    coverage.miss(Gap::failed("what is an orphan now", problem.clone()));
                    Again::Refused(Failure::Problem(problem))
                }
                Ended::Refused => Again::Refused(refused(&report)),
                Ended::Judged => Again::Judged(verdicts(report)),
            },
            None => Again::Refused(Failure::refused(
                "the orphans could not be judged again: the search ended without a result",
                advice!("run it again with -v and look at the log"),
            )),
        };
        *self.again.lock().unwrap_or_else(PoisonError::into_inner) = Some(again);
        coverage
    }
}

fn verdicts(report: Report) -> HashMap<Place, Verdict> {
    let verdicts = report.verdicts.into_iter();
    verdicts
        .filter(|verdict| verdict.kind.is_orphan())
        .map(|verdict| ((verdict.key.clone(), verdict.upload_id.clone()), verdict))
        .collect()
}

/// The refusal because of a gate that tripped in the second search.
fn refused(report: &Report) -> Failure {
    let first = report.tripped.first();
    let why = first.map_or("a gate says no", |one| one.why.as_str());
    let advice = first.map(crate::domain::orphans::Tripped::advice);
    Failure::refused(
        format!("judged again, the orphans cannot be believed: {why}"),
        advice.unwrap_or_default(),
    )
}

impl Orphans {
    /// If the report used a list, the same list is required again. Without it, every item would be skipped without an
    /// explanation.
    fn has_lists_for(&self, plan: &Plan) -> Result<(), Failure> {
        for (kind, subject, list) in [
            (Kind::OwnerGone, Subject::Owners, &self.request.owners),
            (Kind::RecordGone, Subject::Keys, &self.request.keys),
        ] {
            let is_of_kind =
                |item: &Item| matches!(item.claim.why, Why::Orphan { kind: of, .. } if of == kind);
            if list.is_none() && plan.items.iter().any(is_of_kind) {
                let word = subject.plural();
                return Err(Failure::refused(
                    format!(
                        "the plan holds {kind} orphans by a list of {word}, and no such list was read now"
                    ),
                    Action::ReadListAgain { list: word },
                ));
            }
        }
        Ok(())
    }
}

impl Authorization for Orphans {
    fn precheck(&self, plan: &Plan) -> Result<(), Failure> {
        let subject = &plan.header.subject;
        let is_ours = *subject
            == crate::domain::change::Subject::Orphans {
                bucket: self.bucket.as_str().to_owned(),
            };
        let strays = plan.items.iter().any(|item| {
            item.claim.bucket != self.bucket || !matches!(item.claim.why, Why::Orphan { .. })
        });
        if is_ours && !strays {
            return self.has_lists_for(plan);
        }
        Err(Failure::refused(
            format!("the plan is not about orphans of {} alone", self.bucket),
            subject.made_anew(),
        ))
    }

    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present> {
        async move {
            let is_after = self.is_judged();
            let mut coverage = Coverage::Complete;
            if !is_after {
                coverage = Box::pin(self.judge(tools)).await;
            }
            let present = look(tools, plan, &self.bucket, in_flight, is_after);
            let mut present = Box::pin(present).await;
            coverage.merge(std::mem::take(&mut present.coverage));
            Present {
                coverage,
                ..present
            }
        }
        .boxed()
    }

    /// Skips items that are no longer the same orphan. With a new list, that is normal.
    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure> {
        let again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        let verdicts = match again.as_ref() {
            Some(Again::Judged(verdicts)) => verdicts,
            Some(Again::Refused(failure)) => return Err(failure.clone()),
            None => {
                return Err(Failure::refused(
                    "the orphans were not judged again",
                    plan.header.subject.made_anew(),
                ));
            }
        };
        let newest = newest(plan);
        let mut left = BTreeMap::new();
        for (at, (item, today)) in plan.items.iter().zip(&present.today).enumerate() {
            if matches!(today, Today::Gone) {
                continue;
            }
            let place = place_of(item);
            let why = match (verdicts.get(&place), &item.claim.why) {
                (None, _) => Some("no orphan any more when judged again".to_owned()),
                (Some(now), Why::Orphan { kind, .. }) if now.kind != *kind => Some(format!(
                    "an orphan for another reason when judged again: {}, and was {kind}",
                    now.kind
                )),
                (Some(now), _) if !is_as_planned(now, newest.get(&place).copied()) => {
                    Some("overwritten since the plan was made".to_owned())
                }
                _ => None,
            };
            left.extend(why.map(|why| (at, why)));
        }
        Ok(left)
    }

    fn attest(&self) -> Attested {
        Attested::default()
    }
}

fn place_of(item: &Item) -> Place {
    let upload = match &item.what {
        What::Upload { id } => Some(id.clone()),
        What::Version { .. } | What::Marker { .. } => None,
    };
    (item.claim.key.clone(), upload)
}

/// For each key or upload, the item that was the newest when the plan was made.
fn newest(plan: &Plan) -> HashMap<Place, &Item> {
    let mut newest: HashMap<Place, &Item> = HashMap::new();
    for item in &plan.items {
        let of = newest.entry(place_of(item)).or_insert(item);
        if (item.is_latest(), item.written) > (of.is_latest(), of.written) {
            *of = item;
        }
    }
    newest
}

/// Whether a verdict of today is about the item in the plan.
fn is_as_planned(now: &Verdict, planned: Option<&Item>) -> bool {
    planned.is_some_and(|planned| {
        now.last_modified == planned.written
            && (!now.kind.is_inferred() || now.etag == planned.etag)
    })
}

/// Lists the current state of a plan. After the act, each item is checked again.
pub(super) async fn look(
    tools: Tools<'_>,
    plan: &Plan,
    bucket: &BucketName,
    in_flight: usize,
    is_after: bool,
) -> Present {
    // A user who cancels still wants to know what was done, so this listing uses another token.
    let cancel = CancellationToken::new();
    let reach = Reach {
        aws: tools.aws,
        bucket,
        in_flight,
        cancel: &cancel,
        meter: tools.meter,
    };
    let claims: HashMap<&ObjectKey, &std::sync::Arc<Claim>> = plan
        .items
        .iter()
        .map(|item| (&item.claim.key, &item.claim))
        .collect();
    let keys: HashSet<ObjectKey> = claims.keys().map(|key| (*key).clone()).collect();
    let with_uploads = plan.items.iter().any(|item| item.kind() == "upload");
    let there = current_state::under(reach, &keys, with_uploads).await;
    let mut items: Vec<Item> = Vec::with_capacity(there.versions.len());
    for version in &there.versions {
        if let Some(claim) = claims.get(&version.object.key) {
            items.push(Item::of_version((*claim).clone(), version));
        }
    }
    let planned = plan.items.iter().filter(|item| item.kind() == "upload");
    for upload in planned {
        let is_there = there
            .uploads
            .iter()
            .any(|one| one.key == upload.claim.key && one.upload_id == upload.id());
        if is_there {
            items.push(upload.clone());
        }
    }
    let region = wire::bucket::region(tools.aws, bucket, tools.meter).await;
    let mut present = Present {
        // A caller without permission to read a Region may still be allowed to list.
        searched: BTreeMap::from([(bucket.clone(), region.ok())]),
        coverage: there.coverage,
        ..Present::of(plan, &items)
    };
    if is_after {
        let done = super::done::done(reach, plan, &present).await;
        match done {
            Ok(done) => present.done = done,
            Err(problem) => present
                .coverage
                .miss(Gap::failed("what became of it", problem)),
        }
    }
    present
}
