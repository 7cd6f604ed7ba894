//! Makes a plan of a report: what is done to which versions, markers and uploads.

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

/// What is wanted of a report's orphans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// They are put aside, in this way, on this day.
    Aside(Method, NaiveDate),
    /// They are deleted, with every version.
    Delete,
}

/// What is to be planned for.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The rules by which it was judged.
    pub blueprint: &'a Blueprint,
    /// The bucket.
    pub bucket: &'a BucketName,
    /// The report's verdicts; those on other buckets and those that are no orphans are none of the plan's.
    pub verdicts: &'a [Verdict],
    /// What is wanted.
    pub wanted: Wanted,
    /// The most versions whose annotations are counted where they are deleted, at a request each; those of a plan with more
    /// are not.
    pub max_annotated: u64,
    /// The most requests in flight, at least 1.
    pub in_flight: usize,
}

/// A plan, and what to say before anybody agrees to it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Orphans of the report that are not in the plan.
    pub left_out: Vec<LeftOut>,
}

/// An orphan that nothing is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its kind.
    pub kind: Kind,
    /// Its key, exact.
    pub key: ObjectKey,
    /// Why, in words.
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
    /// Whether this can be done to orphans of a kind at all: an upload and what is left of a key have no current object
    /// that could be put aside.
    #[must_use]
    pub fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Aside(..) => kind.is_inferred(),
            Self::Delete => kind.is_orphan(),
        }
    }

    /// What the engine does to each item.
    #[must_use]
    pub fn act(self) -> Act {
        match self {
            Self::Aside(Method::Tag, day) => Act::Tag { day },
            Self::Aside(Method::Copy, _) => Act::CopyAside,
            Self::Delete => Act::Delete,
        }
    }
}

/// Finds what there is under the keys of a report's orphans, and makes a plan of it. Changes nothing.
///
/// What was made from an orphan goes before it, in the same plan; an orphan of which something was made that does not go,
/// or that lies in another bucket, is left out until that is gone.
///
/// # Errors
/// When nobody can say who asks, or a part of the listing failed.
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

/// Takes the sources out again whose derived objects do not go, and gives the keys that are left.
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
        // What stays may have been made from something itself.
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

/// How many orphans a plan is about: what has to be typed to confirm it. One with several versions is one.
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

/// A plan's header.
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
    // Asked for, not remembered: whoever goes on with the plan has another memory.
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

/// What is to be done for one orphan, or why nothing is.
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
