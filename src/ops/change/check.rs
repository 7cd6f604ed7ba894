//! The gates: everything that has to hold before the first thing is deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blockers::{self, Scope};
use super::planning::{first_problem, regions};
use super::present::{Present, Today, keys_that_keep_something, look};
use super::{Bounds, Failure, PurgeRequest, Tools, now};
use crate::domain::change::plan::blueprint_hash;
use crate::domain::change::proof::Authority;
use crate::domain::change::{Existence, Item, Operator, Why};
use crate::domain::receipt::Secret;
use crate::domain::size::grouped;
use crate::domain::{ByteSize, OwnerId};

/// A plan that may be carried out.
pub(super) struct Checked {
    pub(super) owner: OwnerId,
    pub(super) operator: Operator,
    pub(super) secret: Secret,
    /// Today's things of the plan, in its order; those that are gone or changed as the plan has them.
    pub(super) items: Arc<Vec<Item>>,
    /// Which of them are to be deleted.
    pub(super) wanted: BTreeSet<usize>,
    /// Which of them are left there, and why.
    pub(super) retained: BTreeMap<usize, String>,
}

const MADE_ANEW: &str = "make a new plan with `s3warden purge USER`";

pub(super) async fn check(
    tools: Tools<'_>,
    request: &PurgeRequest<'_>,
) -> Result<Checked, Failure> {
    let header = &request.plan.header;
    let owner = request
        .plan
        .owner()
        .map_err(|why| Failure::refused(why.to_string(), MADE_ANEW))?;
    check_rules(tools, request)?;
    check_existence(request)?;
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
    let present = look(tools, request, &owner).await;
    if let Some(problem) = first_problem(&present.found.coverage) {
        return Err(problem.into());
    }
    check_regions(request, &present)?;
    check_ownership(request, &owner, &present)?;
    let mut checked = Checked {
        owner,
        operator: Operator {
            account: identity.account,
            arn: identity.arn,
        },
        secret,
        items: Arc::default(),
        wanted: BTreeSet::new(),
        retained: BTreeMap::new(),
    };
    checked.decide(tools, request, &present).await?;
    check_bounds(request.bounds, &checked)?;
    Ok(checked)
}

fn check_rules(tools: Tools<'_>, request: &PurgeRequest<'_>) -> Result<(), Failure> {
    let header = &request.plan.header;
    if blueprint_hash(request.blueprint) != header.blueprint_sha256 {
        return Err(Failure::refused(
            format!(
                "the blueprint {} is not the one that the plan was made by, or was changed since",
                request.blueprint.name
            ),
            MADE_ANEW,
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

fn check_existence(request: &PurgeRequest<'_>) -> Result<(), Failure> {
    match &request.existence {
        Existence::Exists { .. } if request.owner_still_exists.is_none() => Err(Failure::refused(
            format!("the user still exists: {}", request.existence.words()),
            "delete the user in the application first; --owner-still-exists REASON overrules this, and the receipt says so",
        )),
        _ => Ok(()),
    }
}

fn check_regions(request: &PurgeRequest<'_>, present: &Present) -> Result<(), Failure> {
    let now = regions(&present.found);
    for (bucket, planned) in &request.plan.header.regions {
        if now.get(bucket) != Some(planned) {
            return Err(Failure::refused(
                format!(
                    "the bucket {bucket} is not where it was when the plan was made, or is gone"
                ),
                MADE_ANEW,
            ));
        }
    }
    Ok(())
}

/// Proves each claim of the plan. One by an object's metadata holds where the listing of a moment ago says so itself.
fn check_ownership(
    request: &PurgeRequest<'_>,
    owner: &OwnerId,
    present: &Present,
) -> Result<(), Failure> {
    let authority = Authority {
        blueprint: request.blueprint,
        owner,
        records: request.records.as_ref(),
        replication: &present.found.replication,
    };
    for (item, today) in request.plan.items.iter().zip(&present.today) {
        let by_metadata = matches!(item.claim.why, Why::Metadata { .. });
        let found_so = match today {
            Today::Present(now) => by_metadata && now.claim == item.claim,
            Today::Gone | Today::Changed => false,
        };
        if found_so {
            continue;
        }
        authority.prove(&item.claim).map_err(|why| {
            let place = format!("s3://{}/{}", item.claim.bucket, item.claim.key.as_str());
            Failure::refused(
                format!("the plan holds what is not known to be the user's: {place}: {why}"),
                "find out who changed the plan, or make a new one with `s3warden purge USER`",
            )
        })?;
    }
    Ok(())
}

impl Checked {
    /// Decides of each item whether it is to be deleted.
    async fn decide(
        &mut self,
        tools: Tools<'_>,
        request: &PurgeRequest<'_>,
        present: &Present,
    ) -> Result<(), Failure> {
        let mut items = Vec::with_capacity(request.plan.items.len());
        for (at, (planned, today)) in request.plan.items.iter().zip(&present.today).enumerate() {
            match today {
                Today::Present(item) => {
                    items.push(item.clone());
                    self.wanted.insert(at);
                }
                Today::Gone => items.push(planned.clone()),
                Today::Changed => {
                    items.push(planned.clone());
                    let why = "it was overwritten after the plan was made; make a new plan";
                    self.retained.insert(at, why.to_owned());
                }
            }
        }
        self.items = Arc::new(items);
        let scope = Scope {
            aws: tools.aws,
            items: &self.items,
            replication: &present.found.replication,
            in_flight: request.in_flight,
            cancel: tools.stop,
            meter: tools.meter,
        };
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
        let keeping = keys_that_keep_something(&present.today, &present.appeared, &self.wanted);
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
        Ok(())
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
