//! Surveys the current state of a plan's items, before the change and after it.
//!
//! The search finds uploads by key, and the key may be ambiguous on servers that do not say how they encode it. Planned
//! uploads are therefore also looked up by upload id. An upload counts as gone only if its id is not listed under any
//! key.

use std::collections::{BTreeMap, HashSet};

use super::current_state::{Present, Today};
use super::{ChangeRequest, Tools};
use crate::aws::{Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::change::{Plan, What};
use crate::ops::Gap;
use crate::ops::browse::{self, Start, UploadsRequest};

/// Surveys a plan with its authorization.
pub(super) async fn look(tools: Tools<'_>, request: &ChangeRequest<'_>) -> Present {
    let looking = request.grounds.look(tools, request.plan, request.in_flight);
    let mut present = looking.await;
    if present.refused.is_none() {
        find_uploads_by_id(tools, request.plan, &mut present).await;
    }
    present
}

async fn find_uploads_by_id(tools: Tools<'_>, plan: &Plan, present: &mut Present) {
    let mut missing: BTreeMap<&BucketName, Vec<(usize, &str)>> = BTreeMap::new();
    for (at, (item, today)) in plan.items.iter().zip(&present.today).enumerate() {
        if let (What::Upload { id }, Today::Gone) = (&item.what, today) {
            let of_bucket = missing.entry(&item.claim.bucket).or_default();
            of_bucket.push((at, id));
        }
    }
    for (bucket, uploads) in missing {
        let listed = match ids(tools, bucket).await {
            Ok(listed) => listed,
            // If the bucket is gone, all its uploads are.
            Err(problem) if problem.kind == ProblemKind::NotFound => continue,
            Err(problem) => {
                let what = format!("the incomplete uploads of {bucket}");
                present.coverage.miss(Gap::failed(what, problem));
                continue;
            }
        };
        for (at, _) in uploads.iter().filter(|(_, id)| listed.contains(*id)) {
            if let (Some(item), Some(today)) = (plan.items.get(*at), present.today.get_mut(*at)) {
                *today = Today::Present(item.clone());
            }
        }
    }
}

/// The ids of all uploads in a bucket.
async fn ids(tools: Tools<'_>, bucket: &BucketName) -> Result<HashSet<String>, Problem> {
    let mut request = UploadsRequest::flat(bucket.clone(), "");
    let mut ids = HashSet::new();
    loop {
        let page = browse::uploads(tools.aws, &request, tools.meter).await?;
        ids.extend(page.items.into_iter().map(|upload| upload.upload_id));
        match page.next {
            Some(next) => request.start = Start::Next(next),
            None => return Ok(ids),
        }
    }
}
