//! The gates: everything that has to hold before the first thing is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blockers::{self, Scope};
use super::planning::{first_problem, regions};
use super::present::{Present, Today, keys_that_keep_something};
use super::{Bounds, ChangeRequest, Failure, Tools, now};
use crate::domain::ByteSize;
use crate::domain::change::plan::blueprint_hash;
use crate::domain::change::{Item, Operator};
use crate::domain::receipt::Secret;
use crate::domain::size::grouped;

/// A plan that may be carried out.
pub(super) struct Checked {
    pub(super) operator: Operator,
    pub(super) secret: Secret,
    /// Today's things of the plan, in its order; those that are gone or changed as the plan has them.
    pub(super) items: Arc<Vec<Item>>,
    /// Which of them are to be deleted.
    pub(super) wanted: BTreeSet<usize>,
    /// Which of them are left there, and why.
    pub(super) retained: BTreeMap<usize, String>,
}

pub(super) async fn check(
    tools: Tools<'_>,
    request: &ChangeRequest<'_>,
) -> Result<Checked, Failure> {
    let header = &request.plan.header;
    check_rules(tools, request)?;
    request.grounds.admit(request.plan)?;
    let identity = tools.aws.identity(tools.meter).await?;
    if identity.account != header.operator.account {
        let (planned, now) = (&header.operator.account, &identity.account);
        return Err(Failure::refused(
            format!(
                "the plan was made for the account {planned}, and these credentials are of {now}"
            ),
            "use credentials of that account",
        ));
    }
    let secret = tools.store.secret().map_err(|error| {
        Failure::File(format!(
            "could not read the secret that seals receipts: {error}"
        ))
    })?;
    let look = request.grounds.look(tools, request.plan, request.in_flight);
    let present = look.await;
    if let Some(problem) = first_problem(&present.coverage) {
        return Err(problem.into());
    }
    check_regions(request, &present)?;
    let retained = request.grounds.prove(request.plan, &present)?;
    let mut checked = Checked {
        operator: Operator {
            account: identity.account,
            arn: identity.arn,
        },
        secret,
        items: Arc::default(),
        wanted: BTreeSet::new(),
        retained,
    };
    checked.decide(tools, request, &present).await?;
    check_bounds(request.bounds, &checked)?;
    Ok(checked)
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
            "give the plan's endpoint with --endpoint-url",
        ));
    }
    Ok(())
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
    /// Decides of each item whether it is to be deleted.
    async fn decide(
        &mut self,
        tools: Tools<'_>,
        request: &ChangeRequest<'_>,
        present: &Present,
    ) -> Result<(), Failure> {
        let mut items = Vec::with_capacity(request.plan.items.len());
        for (at, (planned, today)) in request.plan.items.iter().zip(&present.today).enumerate() {
            match today {
                Today::Present(item) => {
                    items.push(item.clone());
                    if !self.retained.contains_key(&at) {
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
        let scope = Scope {
            aws: tools.aws,
            items: &self.items,
            replication: &present.replication,
            in_flight: request.in_flight,
            cancel: tools.stop,
            meter: tools.meter,
        };
        if !request.plan.header.act.takes_away() {
            // No lock and no second factor keeps anybody from a tag.
            return Ok(());
        }
        let blockers = Box::pin(blockers::blockers(scope, now())).await;
        if let Some(bucket) = blockers.mfa.first() {
            return Err(Failure::refused(
                format!(
                    "the bucket {bucket} wants a second factor for every deletion (MFA delete)"
                ),
                "turn MFA delete off for the time of the purge, with the root user's device",
            ));
        }
        for (at, why) in blockers.locked {
            if self.wanted.remove(&at) {
                self.retained.insert(at, why);
            }
        }
        if request.plan.header.act.can_uncover() {
            self.leave_what_hides(present);
        }
        Ok(())
    }

    /// Where something older under a key is left, what hides it is left as well.
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

/// Why what is current stays while something older does.
pub(super) const HIDES: &str =
    "an older version under its key is left, and would become readable without it";

fn check_bounds(bounds: Bounds, checked: &Checked) -> Result<(), Failure> {
    let wanted = checked
        .wanted
        .iter()
        .filter_map(|at| checked.items.get(*at));
    let count = u64::try_from(checked.wanted.len()).unwrap_or(u64::MAX);
    let bytes: ByteSize = wanted.map(|item| item.size).sum();
    if let Some(most) = bounds.objects.filter(|most| count > *most) {
        return Err(Failure::refused(
            format!(
                "there are {} things to delete, and --max-objects allows {}",
                grouped(count),
                grouped(most)
            ),
            "look at the plan; give a larger --max-objects if it is right",
        ));
    }
    if let Some(most) = bounds.bytes.filter(|most| bytes > *most) {
        return Err(Failure::refused(
            format!("there are {bytes} to delete, and --max-bytes allows {most}"),
            "look at the plan; give a larger --max-bytes if it is right",
        ));
    }
    Ok(())
}
