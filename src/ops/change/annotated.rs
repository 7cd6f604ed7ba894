//! Counts the annotations that go with what is deleted.
//!
//! S3 removes the annotations of a version with it, and no listing tells of them: each version takes a request. So small plans
//! are asked about, and large ones only where that was asked for.

use futures::stream::{self, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, Meter, ProblemKind, wire};
use crate::domain::VersionId;
use crate::domain::change::plan::AnnotationCount;
use crate::domain::change::{Item, What};
use crate::domain::words::counted;

/// The most versions of a plan that are asked about without being told to.
pub const ASKED: u64 = 100;

/// What is asked about.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Scope<'a> {
    pub(in crate::ops) aws: &'a Aws,
    pub(in crate::ops) items: &'a [Item],
    /// The most versions that are asked about; a plan with more is not.
    pub(in crate::ops) most: u64,
    pub(in crate::ops) in_flight: usize,
    pub(in crate::ops) cancel: &'a CancellationToken,
    pub(in crate::ops) meter: &'a Meter,
}

/// Counts them, as far as the endpoint answers. `None` for a plan that has no versions.
pub(in crate::ops) async fn count(scope: Scope<'_>) -> Option<AnnotationCount> {
    let is_version = |item: &Item| matches!(item.what, What::Version { .. });
    let places: Vec<usize> = scope
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| is_version(item))
        .map(|(at, _)| at)
        .collect();
    let versions = u64::try_from(places.len()).unwrap_or(u64::MAX);
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
    // The first by itself: an endpoint that does not have annotations is asked once.
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
            // It is gone: there is nothing that could go with it.
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
        count.annotations += u64::try_from(all.len()).unwrap_or(u64::MAX);
        count.bytes += all.iter().map(|one| one.size.bytes()).sum::<u64>();
    }
}
