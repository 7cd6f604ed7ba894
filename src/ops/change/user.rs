//! Changes of everything of one user, authorized by the blueprint and the application's records.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};

use super::authorization::{Attested, Authorization};
use super::current_state::{Present, Today};
use super::planning::too_many_heads;
use super::{Begin, Bounds, ChangeRequest, Ended, Failure, PointHook, Tools, perform};
use crate::domain::advice::{Action, PlanOf, advice};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::ContestedIn;
use crate::domain::change::proof::Authority;
use crate::domain::change::{Claim, Existence, Plan};
use crate::domain::registry::Subject;
use crate::domain::{BucketName, ObjectKey, OwnerId};
use crate::ops::find::{self, FindRequest, TrustedLists};

/// A plan for a user's objects to carry out.
pub struct PurgeRequest<'a> {
    /// The plan, which is not trusted.
    pub plan: &'a Plan,
    /// The checksum in its last line.
    pub plan_sha256: &'a str,
    /// Its file, which is removed after a complete purge.
    pub plan_file: PathBuf,
    /// Today's blueprint.
    pub blueprint: &'a Blueprint,
    /// The keys that the application's records give to the user today.
    pub records: Option<BTreeSet<String>>,
    /// The lists behind that, just read.
    pub lists: TrustedLists,
    /// Whether the user exists, just read.
    pub existence: Existence,
    /// The reason to continue although the user exists.
    pub owner_still_exists: Option<String>,
    /// Whether the receipt contains the user's id in plain text, in addition to its HMAC.
    pub subject_as_given: bool,
    /// The limits.
    pub bounds: Bounds,
    /// Whether it is started or resumed.
    pub begin: Begin,
    /// Whether plan and journal are kept after a complete purge.
    pub keep_plan: bool,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
    /// For tests: called at each point where a crash would leave a different state. A hook that never returns simulates
    /// a crash.
    pub at_point: Option<PointHook>,
}

/// Carries out a plan for a user's objects: checks it, changes the items, verifies the result and writes the receipt.
///
/// # Errors
/// [`Failure`] if nothing was changed. Later errors are [`Ended::Stopped`].
pub async fn purge(tools: Tools<'_>, request: &PurgeRequest<'_>) -> Result<Ended, Failure> {
    let subject = &request.plan.header.subject;
    let owner = match request.plan.owner() {
        Ok(Some(owner)) => owner,
        Ok(None) => {
            return Err(Failure::refused(
                format!(
                    "the plan is about {}, and not about a user",
                    subject.words()
                ),
                subject.made_anew(),
            ));
        }
        Err(why) => return Err(Failure::refused(why.to_string(), subject.made_anew())),
    };
    let grounds = OfUser {
        blueprint: request.blueprint,
        owner,
        records: request.records.clone(),
        lists: request.lists.clone(),
        existence: request.existence.clone(),
        owner_still_exists: request.owner_still_exists.clone(),
        subject_as_given: request.subject_as_given,
        max_heads: request.bounds.heads.unwrap_or(u64::MAX),
    };
    Box::pin(perform(tools, &request.on(&grounds))).await
}

impl PurgeRequest<'_> {
    /// The same request with another authorization.
    #[must_use]
    pub fn on<'s>(&'s self, grounds: &'s dyn Authorization) -> ChangeRequest<'s> {
        ChangeRequest {
            plan: self.plan,
            plan_sha256: self.plan_sha256,
            plan_file: self.plan_file.clone(),
            blueprint: self.blueprint,
            grounds,
            bounds: self.bounds,
            begin: self.begin,
            keep_plan: self.keep_plan,
            in_flight: self.in_flight,
            at_point: self.at_point.clone(),
        }
    }
}

/// Why an item with evidence for the user is left.
const CONTESTED: &str = "it is not known to be the user's alone";

type Place<'a> = (&'a BucketName, &'a ObjectKey);

fn place(claim: &Claim) -> Place<'_> {
    (&claim.bucket, &claim.key)
}

/// A plan that was made with lists must be carried out with lists that are read and judged again: the user may be
/// active by now, and omitting a list would hide that. `planned` are the sources of the lists of owners and of keys;
/// `read` tells which of the two were read now.
///
/// # Errors
/// [`Failure::Refused`] with the missing list. No reason overrides this.
pub fn judged_again(planned: [Option<&str>; 2], read: [bool; 2]) -> Result<(), Failure> {
    for ((stated, is_read), subject) in planned
        .into_iter()
        .zip(read)
        .zip([Subject::Owners, Subject::Keys])
    {
        let word = subject.plural();
        if let Some(stated) = stated.filter(|_| !is_read) {
            return Err(Failure::refused(
                format!(
                    "the plan was made by a list of {word} ({stated}), and no such list was read now"
                ),
                Action::ReadListAgain { list: word },
            ));
        }
    }
    Ok(())
}

/// A user who exists, or may exist, is purged only for a stated reason.
///
/// # Errors
/// [`Failure::Refused`] if there is none.
pub fn may_be_purged(existence: &Existence, has_reason: bool) -> Result<(), Failure> {
    if !existence.needs_reason() || has_reason {
        return Ok(());
    }
    let exists = match existence {
        Existence::Suspect { .. } => "the user may still exist",
        _ => "the user still exists",
    };
    Err(Failure::refused(
        format!("{exists}: {}", existence.words()),
        Action::PurgeExistingUser,
    ))
}

/// Authorizes by today's blueprint and records.
pub(super) struct OfUser<'a> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) owner: OwnerId,
    pub(super) records: Option<BTreeSet<String>>,
    pub(super) lists: TrustedLists,
    pub(super) existence: Existence,
    pub(super) owner_still_exists: Option<String>,
    pub(super) subject_as_given: bool,
    pub(super) max_heads: u64,
}

impl Authorization for OfUser<'_> {
    fn precheck(&self, plan: &Plan) -> Result<(), Failure> {
        let header = &plan.header;
        let read = [self.existence.list().is_some(), self.lists.keys().is_some()];
        judged_again(
            [header.existence.list(), header.record_list.as_deref()],
            read,
        )?;
        may_be_purged(&self.existence, self.owner_still_exists.is_some())
    }

    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present> {
        async move {
            // Items of one key are adjacent, so one claim per key is enough.
            let mut claims: Vec<Arc<Claim>> =
                plan.items.iter().map(|item| &item.claim).cloned().collect();
            claims.dedup_by(|a, b| place(a) == place(b));
            let search = FindRequest {
                blueprint: self.blueprint.clone(),
                owner: self.owner.clone(),
                records: self.records.clone(),
                lists: self.lists.clone(),
                known: claims,
                max_heads: self.max_heads,
                in_flight,
            };
            // A user who cancels a purge still wants to know what it did, so this listing uses another token.
            let cancel = tokio_util::sync::CancellationToken::new();
            let mut found = Box::pin(find::find(tools.aws, &search, &cancel, tools.meter)).await;
            let mut items = std::mem::take(&mut found.items);
            // Items that today's plan would not contain have not appeared; those in the old plan are left.
            let contested_in = ContestedIn::count(&found.contested);
            let mut contested = BTreeMap::new();
            if !found.contested.is_empty() {
                let planned: HashSet<Place<'_>> =
                    plan.items.iter().map(|item| place(&item.claim)).collect();
                for one in std::mem::take(&mut found.contested) {
                    let claim = &one.item.claim;
                    contested.insert((claim.bucket.clone(), claim.key.clone()), one.why);
                    if planned.contains(&place(&one.item.claim)) {
                        items.push(one.item);
                    }
                }
            }
            Present {
                refused: found
                    .heads_wanted
                    .map(|wanted| too_many_heads(wanted, self.max_heads)),
                searched: found.searched,
                replication: found.replication,
                told: found.told,
                contested,
                contested_in,
                other_buckets: found.other_buckets,
                coverage: found.coverage,
                ..Present::of(plan, &items)
            }
        }
        .boxed()
    }

    /// An item that cannot be proved was added to the plan by somebody. If only an object's metadata names the user, it
    /// may have changed since; such items and those derived from them are left.
    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure> {
        let authority = Authority {
            blueprint: self.blueprint,
            owner: &self.owner,
            records: self.records.as_ref(),
            replication: &present.replication,
            told: &present.told,
        };
        let mut left = BTreeMap::new();
        for (at, (item, today)) in plan.items.iter().zip(&present.today).enumerate() {
            let Err(why) = authority.prove(&item.claim) else {
                if !present.contested.is_empty() {
                    let place = (item.claim.bucket.clone(), item.claim.key.clone());
                    let why = present.contested.get(&place);
                    left.extend(why.map(|why| (at, format!("{CONTESTED}: {why}"))));
                }
                continue;
            };
            if item.claim.hangs_on_metadata() {
                // A missing item is not changed, whoever owned it.
                if *today != Today::Gone {
                    left.insert(at, why);
                }
                continue;
            }
            let place = format!("s3://{}/{}", item.claim.bucket, item.claim.key.as_str());
            return Err(Failure::refused(
                format!("the plan holds what is not known to be the user's: {place}: {why}"),
                advice!("find out who changed the plan, or")
                    .then(Action::MakePlanAgain(PlanOf::Purge)),
            ));
        }
        Ok(left)
    }

    fn attest(&self) -> Attested {
        Attested {
            existence: Some(self.existence.clone()),
            owner_still_exists: self.owner_still_exists.clone(),
            subject_as_given: self
                .subject_as_given
                .then(|| self.owner.as_str().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_that_a_plan_was_made_by_has_to_be_read_again() {
        let (owners, keys) = (Some("users.txt"), Some("keys.csv"));
        for (planned, read, missing) in [
            ([None, None], [false, false], None),
            ([None, None], [true, true], None),
            ([owners, None], [true, false], None),
            ([owners, keys], [true, true], None),
            (
                [owners, None],
                [false, false],
                Some("--registry owners=FILE"),
            ),
            (
                [owners, None],
                [false, true],
                Some("--registry owners=FILE"),
            ),
            ([owners, keys], [true, false], Some("--registry keys=FILE")),
            ([None, keys], [true, false], Some("--registry keys=FILE")),
        ] {
            let judged = judged_again(planned, read);
            let advice = judged.err().map(|failure| match failure {
                Failure::Refused { advice, .. } => advice.command_line(),
                other => panic!("{other:?}"),
            });
            match (advice, missing) {
                (None, None) => {}
                (Some(advice), Some(missing)) => assert!(advice.contains(missing), "{advice}"),
                other => panic!("{planned:?} {read:?}: {other:?}"),
            }
        }
    }
}
