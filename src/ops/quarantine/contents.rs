//! Reads the contents of the quarantine from the bucket itself, and plans a restore.
//!
//! Tags and the keys of copies contain all information, so a restore needs no files from another computer. In a
//! versioned bucket, the lifecycle may already have expired a tagged object and hidden it under a delete marker. A
//! restore then removes that marker before the tag.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use super::current_state::{self, Reach, There};
use super::plan::header;
use super::verdicts::look;
use super::{Target, tagging};
use crate::aws::wire::object;
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::advice::{Action, PlanOf};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Claim, Item, Plan, Subject, What, Why};
use crate::domain::quarantine::{Method, place, tags};
use crate::domain::{BucketName, ObjectKey, ObjectVersion, OwnerId};
use crate::ops::change::authorization::{Attested, Authorization};
use crate::ops::change::current_state::{Present, Today};
use crate::ops::change::{Failure, PlanningError, Tools, first_problem, too_many_heads};
use crate::ops::find::{self, FindRequest, TrustedLists};

/// What to restore.
#[derive(Debug, Clone, Copy)]
pub struct HeldRequest<'a> {
    /// The blueprint.
    pub blueprint: &'a Blueprint,
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The method by which it was quarantined.
    pub method: Method,
    /// The owner; `None` for all owners.
    pub owner: Option<&'a OwnerId>,
    /// The keys that the application's records give to that owner.
    pub records: Option<&'a BTreeSet<String>>,
    /// The maximum number of HEAD requests to read owners from metadata.
    pub max_heads: u64,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
}

/// The contents of the quarantine.
#[derive(Debug, Clone)]
pub struct Held {
    /// The plan that restores it.
    pub plan: Plan,
    /// The number of objects.
    pub objects: u64,
    /// The number of objects whose tags were requested.
    pub asked: u64,
    /// Copies whose original keys are unknown.
    pub unknown: Vec<ObjectKey>,
}

/// Finds the contents of the quarantine and makes a plan to restore it. It changes nothing. For the tag method, each
/// object's tags are requested, because a listing does not return them.
///
/// # Errors
/// If the operator is unknown, or a request failed.
pub async fn plan_restore(
    aws: &Aws,
    request: HeldRequest<'_>,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Held, PlanningError> {
    let reach = Reach {
        aws,
        bucket: request.bucket,
        in_flight: request.in_flight,
        cancel,
        meter,
    };
    let there = there_is(reach, &request).await?;
    let (act, found) = match request.method {
        Method::Tag => (Act::Untag, tagged(reach, &there).await?),
        Method::Copy => (Act::CopyBack, copies(reach, &there).await?),
    };
    let header = header(reach, request.blueprint, act, &there).await?;
    Ok(Held {
        plan: Plan {
            header,
            items: found.items,
        },
        objects: found.objects,
        asked: found.asked,
        unknown: found.unknown,
    })
}

#[derive(Default)]
struct Found {
    items: Vec<Item>,
    objects: u64,
    asked: u64,
    unknown: Vec<ObjectKey>,
}

/// Everything under keys that may be in quarantine, of one owner or of all.
async fn there_is(reach: Reach<'_>, request: &HeldRequest<'_>) -> Result<There, PlanningError> {
    let is_asked =
        |key: &ObjectKey| place::is_place(key.as_str()) == matches!(request.method, Method::Copy);
    let Some(owner) = request.owner else {
        return Ok(current_state::versions(reach, is_asked).await);
    };
    // A search finds the user's objects in the same way as a purge: by key, record, metadata or source.
    let search = FindRequest {
        blueprint: leading_to(request.blueprint, request.bucket),
        owner: owner.clone(),
        records: request.records.cloned(),
        lists: TrustedLists::default(),
        known: Vec::new(),
        max_heads: request.max_heads,
        in_flight: request.in_flight,
    };
    let found = Box::pin(find::find(reach.aws, &search, reach.cancel, reach.meter)).await;
    if let Some(problem) = first_problem(&found.coverage) {
        return Err(problem.into());
    }
    if let Some(wanted) = found.heads_wanted {
        return Err(too_many_heads(wanted, request.max_heads).into());
    }
    let claims = found.items.iter().map(|item| &item.claim);
    let keys: HashSet<ObjectKey> = claims
        .filter(|claim| claim.bucket == *request.bucket && is_asked(&claim.key))
        .map(|claim| claim.key.clone())
        .collect();
    Ok(current_state::under(reach, &keys, false).await)
}

/// The blueprint without buckets whose objects have no derived objects in this one. To restore one bucket, the operator
/// need not have access to all others.
fn leading_to(blueprint: &Blueprint, bucket: &BucketName) -> Blueprint {
    let mut leading = BTreeSet::from([bucket.clone()]);
    loop {
        let from = blueprint.buckets.iter().filter(|from| {
            let mut rules = from.derived.iter();
            rules.any(|rule| leading.contains(&rule.to_bucket))
        });
        let from: Vec<BucketName> = from.map(|from| from.name.clone()).collect();
        let known = leading.len();
        leading.extend(from);
        if leading.len() == known {
            break;
        }
    }
    let mut blueprint = blueprint.clone();
    blueprint
        .buckets
        .retain(|bucket| leading.contains(&bucket.name));
    blueprint
}

/// Versions that may be quarantined by a tag: for each key the current version, or the one hidden by a delete marker.
fn candidates(there: &There) -> Vec<(&ObjectVersion, Option<&ObjectVersion>)> {
    let mut keys: BTreeMap<&ObjectKey, Vec<&ObjectVersion>> = BTreeMap::new();
    for version in &there.versions {
        keys.entry(&version.object.key).or_default().push(version);
    }
    let of_key = keys.into_values().filter_map(|versions| {
        let mut versions = versions.into_iter();
        let newest = versions.next()?;
        if newest.is_delete_marker {
            let hidden = versions.next().filter(|next| !next.is_delete_marker)?;
            Some((hidden, Some(newest)))
        } else {
            Some((newest, None))
        }
    });
    of_key.collect()
}

async fn tagged(reach: Reach<'_>, there: &There) -> Result<Found, Problem> {
    let candidates: Vec<(Item, Option<Item>)> = candidates(there)
        .into_iter()
        .map(|(version, marker)| {
            let key = version.object.key.clone();
            let claim = held(reach, key.clone(), key);
            let marker = marker.map(|marker| Item::of_version(Arc::clone(&claim), marker));
            (Item::of_version(claim, version), marker)
        })
        .collect();
    let asked = candidates.len() as u64;
    let answers = stream::iter(candidates)
        .map(|(item, marker)| async move {
            let target = Target::of(&item)?;
            let tags = tagging::read(reach.aws, target, reach.meter);
            match reach.cancel.run_until_cancelled(tags).await? {
                Ok(tags) => tags::since(&tags).map(|_| Ok((item, marker))),
                // It was deleted after the listing.
                Err(problem) if problem.kind == ProblemKind::NotFound => None,
                Err(problem) => Some(Err(problem)),
            }
        })
        .buffered(reach.in_flight.max(1))
        .collect::<Vec<_>>();
    let mut found = Found {
        asked,
        ..Found::default()
    };
    for answer in answers.await.into_iter().flatten() {
        let (item, marker) = answer?;
        found.objects += 1;
        found.items.extend(marker);
        found.items.push(item);
    }
    Ok(found)
}

fn held(reach: Reach<'_>, key: ObjectKey, original: ObjectKey) -> Arc<Claim> {
    Arc::new(Claim {
        bucket: reach.bucket.clone(),
        key,
        why: Why::InQuarantine { original },
    })
}

async fn copies(reach: Reach<'_>, there: &There) -> Result<Found, Problem> {
    let current = there.versions.iter();
    let current: Vec<ObjectVersion> = current
        .filter(|version| version.is_latest && !version.is_delete_marker)
        .cloned()
        .collect();
    let mut found = Found {
        asked: current.len() as u64,
        ..Found::default()
    };
    let answers = stream::iter(current)
        .map(|version| async move {
            let key = &version.object.key;
            let entry = if place::needs_entry(key.as_str()) {
                match object::head(reach.aws, reach.bucket, key, None, reach.meter).await {
                    Ok(head) => head.metadata.get(place::KEY_ENTRY).cloned(),
                    Err(problem) => return Err(problem),
                }
            } else {
                None
            };
            Ok((place::original(key, entry.as_deref()), version))
        })
        .buffered(reach.in_flight.max(1))
        .collect::<Vec<_>>();
    for answer in answers.await {
        let (original, version) = answer?;
        let key = version.object.key.clone();
        match original {
            None => found.unknown.push(key),
            Some(original) => {
                found.objects += 1;
                let claim = held(reach, key, original);
                found.items.push(Item::of_version(claim, &version));
            }
        }
    }
    Ok(found)
}

/// Authorizes restoring everything in quarantine: only the tag or the key of the copy matters.
pub struct QuarantineContents {
    bucket: BucketName,
    is_begun: std::sync::atomic::AtomicBool,
}

impl QuarantineContents {
    /// Authorizes restoring the quarantine of this bucket.
    #[must_use]
    pub fn of(bucket: BucketName) -> Self {
        Self {
            bucket,
            is_begun: std::sync::atomic::AtomicBool::new(false),
        }
    }
}

impl Authorization for QuarantineContents {
    /// A plan that would copy an object to a key other than its original was forged.
    fn precheck(&self, plan: &Plan) -> Result<(), Failure> {
        let subject = &plan.header.subject;
        let is_ours = *subject
            == Subject::Orphans {
                bucket: self.bucket.as_str().to_owned(),
            };
        let is_back = matches!(plan.header.act, Act::Untag | Act::CopyBack);
        let is_held = |item: &Item| {
            item.claim.bucket == self.bucket
                && match (&item.claim.why, &plan.header.act, &item.what) {
                    (
                        Why::InQuarantine { original },
                        Act::Untag,
                        What::Version { .. } | What::Marker { .. },
                    ) => *original == item.claim.key,
                    (Why::InQuarantine { original }, Act::CopyBack, What::Version { .. }) => {
                        place::of(original).is_some_and(|place| place.key == item.claim.key)
                    }
                    _ => false,
                }
        };
        if is_ours && is_back && plan.items.iter().all(is_held) {
            return Ok(());
        }
        Err(Failure::refused(
            format!(
                "the plan is not about what is in quarantine in {}",
                self.bucket
            ),
            Action::MakePlanAgain(PlanOf::Restore),
        ))
    }

    fn look<'l>(
        &'l self,
        tools: Tools<'l>,
        plan: &'l Plan,
        in_flight: usize,
    ) -> BoxFuture<'l, Present> {
        use std::sync::atomic::Ordering;
        let is_after = self.is_begun.swap(true, Ordering::SeqCst);
        look(tools, plan, &self.bucket, in_flight, is_after).boxed()
    }

    /// A delete marker is removed only if it hides a tagged object that is the newest version of its key. The step
    /// itself checks the tag.
    fn verify(&self, plan: &Plan, present: &Present) -> Result<BTreeMap<usize, String>, Failure> {
        let mut left = BTreeMap::new();
        for (at, (item, today)) in plan.items.iter().zip(&present.today).enumerate() {
            let Today::Present(now) = today else { continue };
            if item.is_latest() && !now.is_latest() {
                let why = "something newer lies under its key, and stays";
                left.insert(at, why.to_owned());
            }
        }
        let stay: BTreeSet<ObjectKey> = left
            .keys()
            .filter_map(|at| plan.items.get(*at))
            .map(|item| item.claim.key.clone())
            .collect();
        for (at, item) in plan.items.iter().enumerate() {
            if stay.contains(&item.claim.key) {
                let why = "something newer lies under its key, and stays";
                left.entry(at).or_insert_with(|| why.to_owned());
            }
        }
        Ok(left)
    }

    fn attest(&self) -> Attested {
        Attested::default()
    }
}
