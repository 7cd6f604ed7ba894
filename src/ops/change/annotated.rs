//! Counts the annotations that are deleted together with the versions of a plan.
//!
//! S3 deletes a version's annotations with it, and a listing does not return them: each version takes a request. They
//! are counted for small plans; for large plans only if the user asks for it.

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, ProblemKind, wire};
use crate::domain::VersionId;
use crate::domain::change::plan::AnnotationCount;
use crate::domain::change::{Item, What};
use crate::domain::size::whole;
use crate::domain::words::counted;

/// The default limit on the versions of a plan whose annotations are counted.
pub const ASKED: u64 = 100;

/// What to count.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Scope<'a> {
    pub(in crate::ops) aws: &'a Aws,
    pub(in crate::ops) items: &'a [Item],
    /// With more versions than this, nothing is counted.
    pub(in crate::ops) most: u64,
    pub(in crate::ops) in_flight: usize,
    pub(in crate::ops) cancel: &'a CancellationToken,
    pub(in crate::ops) meter: &'a Meter,
}

/// Counts annotations as far as the endpoint supports it. `None` for a plan without versions.
pub(in crate::ops) async fn count(scope: Scope<'_>) -> Option<AnnotationCount> {
    let is_version = |item: &Item| matches!(item.what, What::Version { .. });
    let places: Vec<usize> = scope
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| is_version(item))
        .map(|(at, _)| at)
        .collect();
    let versions = whole(places.len());
    if versions == 0 {
        return None;
    }
    let mut count = AnnotationCount {
        asked: 0,
        unknown: versions,
        annotations: 0,
        bytes: 0,
        why: None,
    };
    if versions > scope.most {
        count.why = Some(format!(
            "it takes a request for each of {}",
            counted(versions, "version")
        ));
        return Some(count);
    }
    // The first request is sent alone, so that an endpoint without annotations receives only one.
    for (at, side_by_side) in [(0, 1), (1, scope.in_flight.max(1))] {
        let part: Vec<usize> = if at == 0 {
            places.iter().copied().take(1).collect()
        } else {
            places.iter().copied().skip(1).collect()
        };
        ask(scope, part, side_by_side, &mut count).await;
        if count.why.is_some() {
            break;
        }
    }
    Some(count)
}

async fn ask(
    scope: Scope<'_>,
    places: Vec<usize>,
    side_by_side: usize,
    count: &mut AnnotationCount,
) {
    let mut answers = stream::iter(places)
        .map(|at| async move {
            let item = scope.items.get(at)?;
            let id = VersionId(item.id().to_owned());
            let (bucket, key) = (&item.claim.bucket, &item.claim.key);
            let asked = wire::annotations::all(scope.aws, bucket, key, Some(&id), scope.meter);
            scope.cancel.run_until_cancelled(asked).await
        })
        .buffered(side_by_side);
    while let Some(answer) = answers.next().await {
        let all = match answer {
            Some(Ok(all)) => all,
            // The version is gone, so it has no annotations.
            Some(Err(problem)) if problem.kind == ProblemKind::NotFound => Vec::new(),
            Some(Err(problem)) => {
                count.why.get_or_insert_with(|| problem.to_string());
                continue;
            }
            None => {
                count.why.get_or_insert_with(|| "it was stopped".to_owned());
                continue;
            }
        };
        count.asked += 1;
        count.unknown = count.unknown.saturating_sub(1);
        count.annotations += whole(all.len());
        count.bytes += all.iter().map(|one| one.size.bytes()).sum::<u64>();
    }
}
