//! Makes a plan from a report: what to do with which versions, delete markers and uploads.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use super::current_state::{self, Reach, There};
use super::derived_objects::Family;
use crate::aws::{Aws, Meter, wire};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::plan::{FORMAT, blueprint_hash};
use crate::domain::change::{Act, Claim, Existence, Header, Item, Plan, Subject, What, Why};
use crate::domain::orphans::{Kind, Verdict};
use crate::domain::quarantine::Method;
use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectVersion};
use crate::ops::change::annotated;
use crate::ops::change::{PlanningError, new_case, not_searched, operator, regions};

/// What to do with the orphans of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Quarantine them by this method, on this day.
    Aside(Method, NaiveDate),
    /// Delete all their versions.
    Delete,
}

/// The input of a plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The blueprint of the report.
    pub blueprint: &'a Blueprint,
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The verdicts of the report. Those on other buckets, and those that are not orphans, are ignored.
    pub verdicts: &'a [Verdict],
    /// What to do.
    pub wanted: Wanted,
    /// The maximum number of versions whose annotations are counted before a deletion, at one request each. With more
    /// versions, none are counted.
    pub max_annotated: u64,
    /// The maximum number of concurrent requests, at least 1.
    pub in_flight: usize,
}

/// A plan, with what to show before the confirmation.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Orphans of the report that are not in the plan.
    pub left_out: Vec<LeftOut>,
}

/// An orphan that is not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its kind.
    pub kind: Kind,
    /// Its exact key.
    pub key: ObjectKey,
    /// The reason.
    pub why: String,
}

impl LeftOut {
    fn new(verdict: &Verdict, why: impl Into<String>) -> Self {
        Self {
            kind: verdict.kind,
            key: verdict.key.clone(),
            why: why.into(),
        }
    }
}

impl Wanted {
    /// Whether it is possible for orphans of a kind. An upload, or a key without a current object, cannot be
    /// quarantined.
    #[must_use]
    pub fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Aside(..) => kind.is_inferred(),
            Self::Delete => kind.is_orphan(),
        }
    }

    /// The engine's act for each item.
    #[must_use]
    pub fn act(self) -> Act {
        match self {
            Self::Aside(Method::Tag, day) => Act::Tag { day },
            Self::Aside(Method::Copy, _) => Act::CopyAside,
            Self::Delete => Act::Delete,
        }
    }
}

/// Lists everything under the keys of a report's orphans, and makes a plan. It changes nothing.
///
/// Objects derived from an orphan come before it in the same plan. An orphan is left out if a derived object stays or
/// is in another bucket.
///
/// # Errors
/// If the operator is unknown, or a part of the listing failed.
pub async fn plan_of(
    aws: &Aws,
    request: PlanRequest<'_>,
    cancel: &CancellationToken,
    meter: &Meter,
) -> Result<Planned, PlanningError> {
    let taken: Vec<&Verdict> = request
        .verdicts
        .iter()
        .filter(|one| one.bucket == *request.bucket && request.wanted.takes(one.kind))
        .collect();
    let mut family = Family::of(
        request.blueprint,
        request.bucket,
        &taken,
        request.verdicts,
        request.wanted,
    );
    let mut keys: HashSet<ObjectKey> = taken.iter().map(|one| one.key.clone()).collect();
    keys.extend(family.here().cloned());
    let has_uploads = taken.iter().any(|one| one.upload_id.is_some());
    let reach = Reach {
        aws,
        bucket: request.bucket,
        in_flight: request.in_flight,
        cancel,
        meter,
    };
    let there = Box::pin(current_state::under(reach, &keys, has_uploads)).await;
    Box::pin(family.look_elsewhere(reach)).await;
    let by_key = by_key(&there);
    let mut left_out = Vec::new();
    let mut going = Vec::new();
    for verdict in taken {
        match items_of(verdict, request.wanted, &by_key, &there) {
            Ok(items) => going.push((verdict, items)),
            Err(why) => left_out.push(LeftOut::new(verdict, why)),
        }
    }
    let goes = keep_sources(&family, &mut going, &mut left_out, &by_key, request.wanted);
    let generations = family.generations(|key| goes.contains(key));
    let mut items = Vec::new();
    for (verdict, mut of_verdict) in going {
        if let Some(&generation) = generations.get(&verdict.key)
            && verdict.upload_id.is_none()
        {
            let claim = claim(verdict, generation);
            for item in &mut of_verdict {
                item.claim = Arc::clone(&claim);
            }
        }
        items.extend(of_verdict);
    }
    items.sort_by(|a, b| a.claim.key.cmp(&b.claim.key));
    let act = request.wanted.act();
    let mut header = header(reach, request.blueprint, act, &there).await?;
    if request.wanted == Wanted::Delete {
        let scope = annotated::Scope {
            aws,
            items: &items,
            most: request.max_annotated,
            in_flight: request.in_flight,
            cancel,
            meter,
        };
        header.annotations = Box::pin(annotated::count(scope)).await;
    }
    Ok(Planned {
        plan: Plan { header, items },
        left_out,
    })
}

/// Removes sources whose derived objects stay, and returns the remaining keys.
fn keep_sources(
    family: &Family<'_>,
    going: &mut Vec<(&Verdict, Vec<Item>)>,
    left_out: &mut Vec<LeftOut>,
    by_key: &ByKey<'_>,
    wanted: Wanted,
) -> HashSet<ObjectKey> {
    loop {
        let objects = going.iter().filter(|(one, _)| one.upload_id.is_none());
        let goes: HashSet<ObjectKey> = objects.map(|(one, _)| one.key.clone()).collect();
        let before = going.len();
        going.retain(|(verdict, _)| {
            let is_object = verdict.upload_id.is_none();
            let kept = is_object
                .then(|| family.keeps(&verdict.key, |key| goes.contains(key), by_key, wanted))
                .flatten();
            let stays = kept.is_some();
            left_out.extend(kept.map(|why| LeftOut::new(verdict, why)));
            !stays
        });
        // An object that stays may itself be derived from another.
        if going.len() == before {
            return goes;
        }
    }
}

fn claim(verdict: &Verdict, generation: u8) -> Arc<Claim> {
    Arc::new(Claim {
        bucket: verdict.bucket.clone(),
        key: verdict.key.clone(),
        why: Why::Orphan {
            kind: verdict.kind,
            generation,
        },
    })
}

/// The number of orphans in a plan, which the operator types to confirm it. An orphan with several versions counts
/// once.
#[must_use]
pub(crate) fn things(plan: &Plan) -> u64 {
    let places = plan.items.iter().map(|item| {
        let upload = match &item.what {
            What::Upload { id } => Some(id.as_str()),
            What::Version { .. } | What::Marker { .. } => None,
        };
        (&item.claim.key, upload)
    });
    places.collect::<HashSet<_>>().len() as u64
}

/// Makes the header of a plan.
///
/// # Errors
/// As [`plan_of`].
pub(super) async fn header(
    reach: Reach<'_>,
    blueprint: &Blueprint,
    act: Act,
    there: &There,
) -> Result<Header, PlanningError> {
    let mut problem = there.coverage.gaps().iter();
    if let Some(problem) = problem.find_map(|gap| gap.problem.clone()) {
        return Err(problem.into());
    }
    if reach.cancel.is_cancelled() {
        return Err(
            crate::aws::Problem::cancelled("make a plan for", reach.bucket.as_str()).into(),
        );
    }
    let operator = operator::operator(reach.aws, reach.meter).await?;
    // Request it instead of using the cache: whoever resumes the plan has another cache.
    let region = wire::bucket::region(reach.aws, reach.bucket, reach.meter).await;
    let region = region.ok();
    let searched = BTreeMap::from([(reach.bucket.clone(), region)]);
    let made_at = chrono::Utc::now();
    Ok(Header {
        format: FORMAT.to_owned(),
        case: new_case()?,
        subject: Subject::Orphans {
            bucket: reach.bucket.as_str().to_owned(),
        },
        act,
        made_at: chrono::DateTime::from_timestamp(made_at.timestamp(), 0).unwrap_or(made_at),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        operator,
        endpoint: reach.aws.endpoint().map(str::to_owned),
        blueprint: blueprint.name.clone(),
        blueprint_sha256: blueprint_hash(blueprint),
        regions: regions(&searched),
        existence: Existence::NotChecked,
        not_searched: not_searched(&there.coverage),
        contested: Vec::new(),
        other_buckets: None,
        annotations: None,
        record_list: None,
    })
}

type ByKey<'t> = HashMap<&'t ObjectKey, Vec<&'t ObjectVersion>>;

fn by_key(there: &There) -> ByKey<'_> {
    let mut keys: ByKey<'_> = HashMap::new();
    for version in &there.versions {
        keys.entry(&version.object.key).or_default().push(version);
    }
    keys
}

/// The items for one orphan, or why there are none.
fn items_of(
    verdict: &Verdict,
    wanted: Wanted,
    by_key: &ByKey<'_>,
    there: &There,
) -> Result<Vec<Item>, &'static str> {
    let claim = claim(verdict, 0);
    if let Some(id) = &verdict.upload_id {
        let is_it =
            |upload: &&crate::domain::Upload| upload.key == verdict.key && upload.upload_id == *id;
        let upload = there.uploads.iter().find(is_it).ok_or(GONE)?;
        return Ok(vec![Item {
            claim,
            what: What::Upload { id: id.clone() },
            size: verdict.size.unwrap_or(ByteSize(0)),
            etag: None,
            class: upload.storage_class.clone(),
            written: upload.initiated,
        }]);
    }
    let versions = by_key.get(&verdict.key).ok_or(GONE)?;
    let all = || {
        let items = versions.iter();
        items.map(|version| Item::of_version(Arc::clone(&claim), version))
    };
    if verdict.kind == Kind::VersionsOnly {
        let newest = versions
            .iter()
            .filter_map(|one| one.object.last_modified)
            .max();
        let has_current = versions
            .iter()
            .any(|one| one.is_latest && !one.is_delete_marker);
        if newest != verdict.last_modified || has_current {
            return Err(CHANGED);
        }
        return Ok(all().collect());
    }
    let current = versions.iter().find(|one| one.is_latest).ok_or(GONE)?;
    let is_as_judged = !current.is_delete_marker
        && current.object.etag == verdict.etag
        && current.object.last_modified == verdict.last_modified;
    if !is_as_judged {
        return Err(CHANGED);
    }
    let older = versions
        .iter()
        .filter(|one| !one.is_latest && !one.is_delete_marker);
    match wanted {
        Wanted::Delete if verdict.may_hide_others_versions() && older.count() > 0 => {
            Err(MAY_BE_OTHERS)
        }
        Wanted::Delete => Ok(all().collect()),
        Wanted::Aside(Method::Copy, _) if versions.len() > 1 => Err(
            "there are older versions under its key, which a copy would leave behind: put it aside by tag",
        ),
        Wanted::Aside(..) => Ok(vec![Item::of_version(claim, current)]),
    }
}

const MAY_BE_OTHERS: &str = "older versions lie under the key, which may be another's: a rule makes it from several owners' media, or the metadata of each version names its owner; purge the owner instead";
const GONE: &str = "it is gone since the report was made";
const CHANGED: &str = "it was changed since the report was made";
