//! Makes the plan for all users of a batch. It changes nothing in any bucket.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::document::{Batch, BatchUser, FORMAT, Planned};
use crate::aws::{Aws, Meter};
use crate::config::private;
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::blueprint_hash;
use crate::domain::change::requests::{self, ErasureRequest};
use crate::domain::change::{Act, Existence, Plan};
use crate::domain::search::OtherBuckets;
use crate::domain::size::whole;
use crate::domain::text::quoted;
use crate::ops::change::store::Store;
use crate::ops::change::{Failure, PlanRequest, PlanningError, make_plan, new_case, now, operator};
use crate::ops::find::{self, Lists, ReadLists, Records, Unexplained};
use crate::ops::registry::NoRegistry;

/// The input of a batch plan.
#[derive(Debug, Clone)]
pub struct BatchRequest {
    /// The blueprint.
    pub blueprint: Blueprint,
    /// The requests.
    pub requests: Vec<ErasureRequest>,
    /// The application's lists.
    pub lists: Lists,
    /// The maximum number of HEAD requests per user to read owners from metadata.
    pub max_heads: u64,
    /// The maximum number of versions per user whose annotations are counted, at one request each. With more versions,
    /// none are counted.
    pub max_annotated: u64,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
}

/// A batch plan that was just made.
#[derive(Debug)]
pub struct Made {
    /// The plan.
    pub batch: Batch,
    /// The list of unknown age on which no change may be based; as a clause.
    pub undated: Option<String>,
    /// What no layout explains, and was not searched, by bucket.
    pub(crate) unexplained: Vec<(BucketName, Unexplained)>,
}

/// Why no batch plan was made.
#[derive(Debug)]
pub enum NoBatch {
    /// A list of the application is unavailable or unreliable.
    Registry(NoRegistry),
    /// No plan can be made for any user.
    Planning(PlanningError),
    /// A plan could not be written.
    File(PathBuf, std::io::Error),
}

impl From<PlanningError> for NoBatch {
    fn from(error: PlanningError) -> Self {
        Self::Planning(error)
    }
}

/// The maximum size of a file of requests, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Reads a file of requests.
///
/// # Errors
/// Why it is unreadable or unreliable, as a text.
pub fn read_requests(file: &Path) -> Result<Vec<ErasureRequest>, String> {
    let opened = OpenOptions::new()
        .read(true)
        // Without O_NONBLOCK, opening a named pipe would block.
        .custom_flags(libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(file)
        .map_err(|error| error.to_string())?;
    let metadata = opened.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut text = String::new();
    let read = opened.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| error.to_string())?;
    if whole(text.len()) > MOST_BYTES {
        return Err("it is larger than 16 MiB: split it".to_owned());
    }
    requests::read(&text).map_err(|error| error.to_string())
}

/// Makes a plan for each user and stores it in the state folder. A user is skipped, with the reason, if they still
/// exist, if their id resembles an active one, or if no plan can be made. `told` is called after each user.
///
/// # Errors
/// [`NoBatch`] for errors that concern all users: then no plan is kept.
pub async fn make(
    (aws, store): (&Aws, &Store),
    request: &BatchRequest,
    cancel: &CancellationToken,
    meter: &Meter,
    told: impl Fn(&BatchUser) + Send + Sync,
) -> Result<Made, NoBatch> {
    let operator = operator::operator(aws, meter)
        .await
        .map_err(PlanningError::from)?;
    let mut batch = Batch {
        format: FORMAT.to_owned(),
        batch: new_case().map_err(PlanningError::from)?,
        made_at: now(),
        operator,
        endpoint: aws.endpoint().map(str::to_owned),
        blueprint: request.blueprint.name.clone(),
        blueprint_sha256: blueprint_hash(&request.blueprint),
        owner_list: None,
        record_list: None,
        other_buckets: None,
        requests: request.requests.iter().map(|one| one.rows).sum(),
        users: Vec::with_capacity(request.requests.len()),
    };
    let read = find::read(aws, &request.blueprint, &request.lists, cancel, meter);
    let lists = Box::pin(read).await.map_err(NoBatch::Registry)?;
    batch.owner_list = lists.owners().map(str::to_owned);
    batch.record_list = lists.keys().map(str::to_owned);
    let mut other_buckets = None;
    for one in &request.requests {
        let user = Box::pin(plan_one((aws, store), request, &lists, one, cancel, meter)).await;
        match user {
            Ok((user, others)) => {
                other_buckets = other_buckets.or(others);
                told(&user);
                batch.users.push(user);
            }
            Err(error) => {
                forget(store, &batch);
                return Err(error);
            }
        }
    }
    batch.other_buckets = other_buckets;
    Ok(Made {
        batch,
        undated: lists.undated().map(str::to_owned),
        unexplained: find::unexplained(aws, &request.blueprint, request.in_flight, cancel, meter)
            .await,
    })
}

/// Removes the plans of a batch that is discarded.
fn forget(store: &Store, batch: &Batch) {
    for plan in batch.users.iter().filter_map(|user| user.plan.as_ref()) {
        // A plan that cannot be removed now will be removed with the plans that were never started.
        let _ = std::fs::remove_file(store.plan_file(&plan.case));
    }
}

async fn plan_one(
    (aws, store): (&Aws, &Store),
    request: &BatchRequest,
    lists: &ReadLists,
    one: &ErasureRequest,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<(BatchUser, Option<OtherBuckets>), NoBatch> {
    let of = |plan, left| BatchUser {
        user: one.user.as_str().to_owned(),
        reference: one.reference.clone(),
        plan,
        left,
        not_searched: Vec::new(),
    };
    let records = lists.about(&one.user);
    if let Some(why) = against(&records) {
        return Ok((of(None, Some(why)), None));
    }
    let planned = make_plan(
        aws,
        PlanRequest {
            blueprint: request.blueprint.clone(),
            owner: one.user.clone(),
            act: Act::Delete,
            records: records.keys,
            lists: records.lists,
            existence: records.existence,
            max_heads: request.max_heads,
            max_annotated: request.max_annotated,
            in_flight: request.in_flight,
        },
        cancel,
        meter,
    )
    .await;
    match planned {
        Ok(planned) => {
            let user = BatchUser {
                not_searched: planned.plan.header.not_searched.clone(),
                ..of(keep(store, &planned.plan)?, None)
            };
            Ok((user, planned.plan.header.other_buckets))
        }
        Err(PlanningError::Refused { why, .. }) => Ok((of(None, Some(why)), None)),
        Err(error) => Err(error.into()),
    }
}

/// Why a user must not be purged in a batch. Nobody checks the users one by one before the confirmation, so the rule is
/// strict.
pub(super) fn against(records: &Records) -> Option<String> {
    if records.existence.needs_reason() {
        let exists = match records.existence {
            Existence::Suspect { .. } => "the user may still exist",
            _ => "the user still exists",
        };
        return Some(format!("{exists}: {}", records.existence.words()));
    }
    let living = records.likeness.as_ref()?;
    Some(format!(
        "the list of users holds {}, which looks like this id: look at it, and purge this user by itself",
        quoted(living)
    ))
}

/// Writes a plan to the state folder. A plan without items is not kept.
fn keep(store: &Store, plan: &Plan) -> Result<Option<Planned>, NoBatch> {
    if plan.items.is_empty() {
        return Ok(None);
    }
    let file = store.plan_file(&plan.header.case);
    let mut sha256 = String::new();
    let written = private::replace(&file, |to| {
        sha256 = plan.write(to)?;
        Ok(())
    });
    written.map_err(|error| NoBatch::File(file, error))?;
    Ok(Some(Planned {
        case: plan.header.case.clone(),
        sha256,
        items: whole(plan.items.len()),
        bytes: plan.bytes().bytes(),
        annotations: plan.header.annotations.clone().map(Box::new),
    }))
}

impl From<NoBatch> for Failure {
    fn from(error: NoBatch) -> Self {
        match error {
            NoBatch::Registry(none) => none.into(),
            NoBatch::Planning(PlanningError::Refused { why, advice }) => {
                Self::Refused { why, advice }
            }
            NoBatch::Planning(PlanningError::Problem(problem)) => Self::Problem(problem),
            NoBatch::Planning(error @ PlanningError::Random(_)) => Self::File(error.to_string()),
            NoBatch::File(file, error) => Self::File(format!(
                "could not write the plan {}: {error}",
                file.display()
            )),
        }
    }
}
