//! The safety gates: everything that must hold before the first change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::FutureExt;

use super::blockers::{self, OfBuckets, Scope};
use super::current_state::{Present, Today, keys_that_keep_something};
use super::planning::{first_problem, regions};
use super::{Bounds, ChangeRequest, Failure, Tools, now, operator as who, survey, versioning};
use crate::domain::advice::{Action, Limit, advice};
use crate::domain::change::plan::blueprint_hash;
use crate::domain::change::{Act, Item, Operator, Plan};
use crate::domain::receipt::Secret;
use crate::domain::size::{grouped, whole};
use crate::domain::{BucketName, ByteSize, words};

/// A plan that passed all gates.
pub(super) struct Checked {
    pub(super) operator: Operator,
    pub(super) secret: Secret,
    /// When the survey was complete.
    pub(super) seen_at: DateTime<Utc>,
    /// Today's items in the order of the plan. Items that are gone or changed are as in the plan.
    pub(super) items: Arc<Vec<Item>>,
    /// The items to change.
    pub(super) wanted: BTreeSet<usize>,
    /// The items that must not be touched, and why.
    pub(super) retained: BTreeMap<usize, String>,
    /// Buckets that are sources of replication.
    pub(super) replicated: BTreeSet<BucketName>,
}

pub(super) async fn check(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
    secret: Secret,
) -> Result<Checked, Failure> {
    let header = &request.plan.header;
    check_rules(tools, request)?;
    check_act(request)?;
    request.grounds.precheck(request.plan)?;
    let (operator, present, of_buckets) = Box::pin(look(tools, request)).await?;
    let seen_at = now();
    if let Some(problem) = first_problem(&present.coverage) {
        return Err(problem.into());
    }
    if let Some(failure) = present.refused {
        return Err(failure);
    }
    check_regions(request, &present)?;
    let retained = request.grounds.verify(request.plan, &present)?;
    let mut checked = Checked {
        operator,
        secret,
        seen_at,
        items: Arc::default(),
        wanted: BTreeSet::new(),
        retained,
        replicated: present
            .replication
            .iter()
            .map(|path| path.from.clone())
            .collect(),
    };
    checked.decide(tools, request, &present, of_buckets).await?;
    check_bounds(request.bounds, &header.act, &checked)?;
    Ok(checked)
}

/// Determines the operator, surveys the items and checks the buckets, all at the same time. A wrong operator ends the
/// others.
async fn look(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
) -> Result<(Operator, Present, OfBuckets), Failure> {
    let (plan, in_flight) = (request.plan, request.in_flight);
    let asked = if plan.header.act.takes_away() {
        buckets(plan)
    } else {
        BTreeSet::new()
    };
    let looking = survey::look(tools, request).map(Ok);
    let asking = blockers::of_buckets(tools.aws, asked, in_flight, tools.meter).map(Ok);
    futures::try_join!(operator(tools, plan), looking, asking)
}

/// Determines the operator, whose account must be that of the plan. For delete markers, the buckets must have
/// versioning enabled.
async fn operator(tools: Tools<'_>, plan: &Plan) -> Result<Operator, Failure> {
    let now = who::operator(tools.aws, tools.meter).await?;
    who::is_for(&plan.header.operator, &now)?;
    if plan.header.act == Act::Mark {
        versioning::require(tools.aws, buckets(plan), tools.meter).await?;
    }
    Ok(now)
}

fn check_rules(tools: Tools<'_>, request: &ChangeRequest<'_>) -> Result<(), Failure> {
    let header = &request.plan.header;
    if blueprint_hash(request.blueprint) != header.blueprint_sha256 {
        return Err(Failure::refused(
            format!(
                "the blueprint {} is not the one that the plan was made by, or was changed since",
                request.blueprint.name
            ),
            header.subject.made_anew(),
        ));
    }
    if tools.aws.endpoint() != header.endpoint.as_deref() {
        let of = |endpoint: Option<&str>| endpoint.unwrap_or("AWS").to_owned();
        return Err(Failure::refused(
            format!(
                "the plan was made at {}, and this is {}",
                of(header.endpoint.as_deref()),
                of(tools.aws.endpoint())
            ),
            Action::UseEndpointOfPlan,
        ));
    }
    Ok(())
}

/// A plan that hides must contain only current objects; one that removes delete markers must contain only those.
fn check_act(request: &ChangeRequest<'_>) -> Result<(), Failure> {
    let header = &request.plan.header;
    let mut items = request.plan.items.iter();
    match items.find(|item| !header.act.takes(item)) {
        None => Ok(()),
        Some(item) => Err(Failure::refused(
            format!(
                "the plan holds a {} that cannot be {}",
                item.kind(),
                header.act.done()
            ),
            header.subject.made_anew(),
        )),
    }
}

fn buckets(plan: &Plan) -> BTreeSet<&BucketName> {
    plan.items.iter().map(|item| &item.claim.bucket).collect()
}

fn check_regions(request: &ChangeRequest<'_>, present: &Present) -> Result<(), Failure> {
    let now = regions(&present.searched);
    for (bucket, planned) in &request.plan.header.regions {
        if now.get(bucket) != Some(planned) {
            return Err(Failure::refused(
                format!(
                    "the bucket {bucket} is not where it was when the plan was made, or is gone"
                ),
                request.plan.header.subject.made_anew(),
            ));
        }
    }
    Ok(())
}

impl Checked {
    /// Decides which items to change.
    async fn decide(
        &mut self,
        tools: Tools<'_>,
        request: &ChangeRequest<'_>,
        present: &Present,
        of_buckets: OfBuckets,
    ) -> Result<(), Failure> {
        let mut items = Vec::with_capacity(request.plan.items.len());
        for (at, (planned, today)) in request.plan.items.iter().zip(&present.today).enumerate() {
            match today {
                Today::Present(item) => {
                    items.push(item.clone());
                    if !self.retained.contains_key(&at) && !present.done.contains(&at) {
                        self.wanted.insert(at);
                    }
                }
                Today::Gone => items.push(planned.clone()),
                Today::Changed => {
                    items.push(planned.clone());
                    let why = "it was overwritten after the plan was made; make a new plan";
                    self.retained.entry(at).or_insert_with(|| why.to_owned());
                }
            }
        }
        self.items = Arc::new(items);
        // Neither a lock nor MFA delete prevents a tag or a delete marker.
        if request.plan.header.act.takes_away() {
            self.leave_what_is_locked(tools, request, present, of_buckets)
                .await?;
        }
        if request.plan.header.act.must_not_uncover() {
            self.leave_what_hides(present);
        }
        Ok(())
    }

    async fn leave_what_is_locked(
        &mut self,
        tools: Tools<'_>,
        request: &ChangeRequest<'_>,
        present: &Present,
        of_buckets: OfBuckets,
    ) -> Result<(), Failure> {
        let scope = Scope {
            aws: tools.aws,
            items: &self.items,
            replication: &present.replication,
            in_flight: request.in_flight,
            cancel: tools.stop,
            meter: tools.meter,
        };
        let blockers = Box::pin(blockers::blockers(scope, of_buckets, now())).await;
        if let Some(bucket) = blockers.mfa.first() {
            return Err(Failure::refused(
                format!(
                    "the bucket {bucket} wants a second factor for every deletion (MFA delete)"
                ),
                advice!(
                    "turn MFA delete off for the time of the purge, with the root user's device"
                ),
            ));
        }
        for (at, why) in blockers.locked {
            if self.wanted.remove(&at) {
                self.retained.insert(at, why);
            }
        }
        Ok(())
    }

    /// If an older version of a key is left, the version that hides it is left, too.
    fn leave_what_hides(&mut self, present: &Present) {
        let keeping = keys_that_keep_something(present, &self.wanted);
        let hiding: Vec<usize> = self
            .wanted
            .iter()
            .copied()
            .filter(|at| {
                self.items.get(*at).is_some_and(|item| {
                    item.is_latest() && keeping.contains(&(&item.claim.bucket, &item.claim.key))
                })
            })
            .collect();
        for at in hiding {
            self.wanted.remove(&at);
            self.retained.insert(at, HIDES.to_owned());
        }
    }
}

/// Why a current version is left if an older one is.
pub(super) const HIDES: &str =
    "an older version under its key is left, and would become readable without it";

/// `is 1 thing`, `are 2 things`.
fn are_things(count: u64) -> String {
    format!("{} {}", words::are(count), words::counted(count, "thing"))
}

fn check_bounds(bounds: Bounds, act: &Act, checked: &Checked) -> Result<(), Failure> {
    let wanted = checked
        .wanted
        .iter()
        .filter_map(|at| checked.items.get(*at));
    let count = whole(checked.wanted.len());
    let bytes: ByteSize = wanted.map(|item| item.size).sum();
    if let Some(most) = bounds.objects.filter(|most| count > *most) {
        return Err(Failure::refused(
            format!(
                "there {} to be {}, and the limit is {}",
                are_things(count),
                act.done(),
                grouped(most)
            ),
            Action::RaiseLimit(Limit::Objects),
        ));
    }
    if let Some(most) = bounds.bytes.filter(|most| bytes > *most) {
        return Err(Failure::refused(
            format!(
                "there are {bytes} to be {}, and the limit is {most}",
                act.done()
            ),
            Action::RaiseLimit(Limit::Bytes),
        ));
    }
    Ok(())
}
