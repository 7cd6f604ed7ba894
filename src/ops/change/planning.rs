//! Makes a plan for a user: all items, the evidence for each, and the obstacles to deleting them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};

use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use super::blockers::{Blockers, OfBuckets, Scope, blockers, of_buckets};
use super::{Failure, annotated, now, operator, versioning};
use crate::aws::{Aws, Meter, Problem};
use crate::domain::advice::{Action, Advice, Limit};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::{ContestedIn, FORMAT, NotSearched, blueprint_hash};
use crate::domain::change::{Act, Existence, Header, Operator, Plan, Subject};
use crate::domain::hex::hex;
use crate::domain::size::grouped;
use crate::domain::words::counted;
use crate::domain::{BucketName, OwnerId, Region};
use crate::ops::Coverage;
use crate::ops::find::{self, FindRequest, Found, TrustedLists};

/// The input of a plan.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The blueprint.
    pub blueprint: Blueprint,
    /// The user.
    pub owner: OwnerId,
    /// What to do with the items.
    pub act: Act,
    /// The keys that the application's records give to the user; `None` if no records were read.
    pub records: Option<BTreeSet<String>>,
    /// The lists behind that, for all users.
    pub lists: TrustedLists,
    /// Whether the user still exists.
    pub existence: Existence,
    /// The maximum number of HEAD requests to read owners from metadata.
    pub max_heads: u64,
    /// The maximum number of versions whose annotations are counted, at one request each. With more versions, none are
    /// counted.
    pub max_annotated: u64,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
}

/// A plan, with what to show before the confirmation.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The result of the search; its items are in the plan.
    pub found: Found,
    /// The obstacles.
    pub blockers: Blockers,
}

/// Why no plan was made.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// A request failed.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The plan is impossible there.
    #[error("{why}")]
    Refused {
        /// The reason.
        why: String,
        /// What the user can do about it.
        advice: Advice,
    },
    /// The system has no random numbers.
    #[error("could not draw a number for the case: {0}")]
    Random(#[from] io::Error),
}

impl From<Failure> for PlanningError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { why, advice } => Self::Refused { why, advice },
            Failure::Problem(problem) => Self::Problem(problem),
            Failure::File(why) => Self::Random(io::Error::other(why)),
        }
    }
}

/// Searches for everything and makes a plan. It changes nothing.
///
/// # Errors
/// If the operator is unknown, if owners in metadata would need more requests than allowed, or if a part of the search
/// failed: a search that may be incomplete gives no plan.
pub async fn make_plan(
    aws: &Aws,
    request: PlanRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Planned, PlanningError> {
    let in_flight = request.in_flight;
    let record_list = request.lists.keys_stated();
    let search = FindRequest {
        blueprint: request.blueprint,
        owner: request.owner,
        records: request.records,
        lists: request.lists,
        known: Vec::new(),
        max_heads: request.max_heads,
        in_flight,
    };
    let (operator, mut found, of_buckets) =
        Box::pin(look(aws, &search, &request.act, cancel, meter)).await?;
    if let Some(problem) = first_problem(&found.coverage) {
        return Err(problem.into());
    }
    if cancel.is_cancelled() {
        return Err(Problem::cancelled("make a plan for", search.owner.as_str()).into());
    }
    if let Some(wanted) = found.heads_wanted {
        return Err(too_many_heads(wanted, request.max_heads).into());
    }
    let mut items = std::mem::take(&mut found.items);
    items.retain(|item| request.act.concerns(item));
    if request.act == Act::Mark {
        let buckets = items.iter().map(|item| &item.claim.bucket).collect();
        versioning::require(aws, buckets, meter)
            .await
            .map_err(PlanningError::from)?;
    }
    let made_at = now();
    let blockers = if request.act.takes_away() {
        let scope = Scope {
            aws,
            items: &items,
            replication: &found.replication,
            in_flight,
            cancel,
            meter,
        };
        Box::pin(blockers(scope, of_buckets, made_at)).await
    } else {
        Blockers::default()
    };
    let annotations = if request.act == Act::Delete {
        let scope = annotated::Scope {
            aws,
            items: &items,
            most: request.max_annotated,
            in_flight,
            cancel,
            meter,
        };
        Box::pin(annotated::count(scope)).await
    } else {
        None
    };
    let header = Header {
        format: FORMAT.to_owned(),
        case: new_case()?,
        subject: Subject::User {
            id: search.owner.as_str().to_owned(),
        },
        act: request.act,
        made_at,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        operator,
        endpoint: aws.endpoint().map(str::to_owned),
        blueprint_sha256: blueprint_hash(&search.blueprint),
        blueprint: search.blueprint.name,
        regions: regions(&found.searched),
        existence: request.existence,
        not_searched: not_searched(&found.coverage),
        contested: ContestedIn::count(&found.contested),
        other_buckets: found.other_buckets.clone(),
        annotations,
        record_list,
    };
    Ok(Planned {
        plan: Plan { header, items },
        found,
        blockers,
    })
}

/// Determines the operator, searches, and checks the buckets, all at the same time.
async fn look(
    aws: &Aws,
    search: &FindRequest,
    act: &Act,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<(Operator, Found, OfBuckets), Failure> {
    let buckets = search.blueprint.buckets.iter().map(|bucket| &bucket.name);
    let buckets: Vec<&BucketName> = buckets.filter(|_| act.takes_away()).collect();
    let finding = find::find(aws, search, cancel, meter).map(Ok);
    let asking = of_buckets(aws, buckets, search.in_flight, meter).map(Ok);
    futures::try_join!(operator::operator(aws, meter), finding, asking)
}

/// The refusal if owners in metadata would need more requests than allowed.
pub(in crate::ops) fn too_many_heads(wanted: u64, allowed: u64) -> Failure {
    Failure::refused(
        format!(
            "the owners of {} stand in their metadata, which takes a HEAD request each, and the limit is {}",
            counted(wanted, "object"),
            grouped(allowed)
        ),
        Action::RaiseLimit(Limit::Heads),
    )
}

/// The first error that made a search incomplete.
pub(in crate::ops) fn first_problem(coverage: &Coverage) -> Option<Problem> {
    let mut gaps = coverage.gaps().iter();
    gaps.find_map(|gap| gap.problem.clone())
}

/// The gaps of a search, in the form of plans and receipts.
#[must_use]
pub fn not_searched(coverage: &Coverage) -> Vec<NotSearched> {
    let gaps = coverage.gaps().iter();
    gaps.map(|gap| NotSearched {
        what: gap.what.clone(),
        why: gap.why.clone(),
    })
    .collect()
}

/// The searched buckets and their Regions, in the form of plans.
#[must_use]
pub fn regions(
    searched: &BTreeMap<BucketName, Option<Region>>,
) -> BTreeMap<String, Option<String>> {
    let stated = searched.iter().map(|(bucket, region)| {
        let region = region.as_ref().map(|region| region.as_str().to_owned());
        (bucket.as_str().to_owned(), region)
    });
    stated.collect()
}

/// A new case id. It cannot be guessed, so nobody can prepare a file for it.
///
/// # Errors
/// If the system has no random numbers.
pub fn new_case() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex(&bytes))
}
