//! Checks after a change whether it took effect on each item.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt};

use super::current_state::Reach;
use super::{Target, copying, destination, tagging};
use crate::aws::{Problem, ProblemKind};
use crate::domain::change::{Act, Item, Plan, What};
use crate::domain::quarantine::tags;
use crate::ops::change::current_state::{Present, Today};

/// The indices of items on which the act took effect. For deletions, the listing already shows it.
pub(super) async fn done(
    reach: Reach<'_>,
    plan: &Plan,
    present: &Present,
) -> Result<BTreeSet<usize>, Problem> {
    let act = &plan.header.act;
    if *act == Act::Delete {
        return Ok(BTreeSet::new());
    }
    let asked: Vec<usize> = (0..plan.items.len()).collect();
    let answers = stream::iter(asked)
        .map(|at| async move {
            let (item, today) = (plan.items.get(at)?, present.today.get(at)?);
            match is_done(reach, act, item, today).await {
                Ok(done) => done.then_some(Ok(at)),
                Err(problem) => Some(Err(problem)),
            }
        })
        .buffered(reach.in_flight.max(1));
    let answers: Vec<_> = answers.collect().await;
    answers.into_iter().flatten().collect()
}

async fn is_done(reach: Reach<'_>, act: &Act, item: &Item, today: &Today) -> Result<bool, Problem> {
    let is_there = matches!(today, Today::Present(_));
    let Some(target) = Target::of(item) else {
        // A delete marker that hid a restored object.
        return Ok(matches!(item.what, What::Marker { .. }) && *today == Today::Gone);
    };
    match act {
        Act::Tag { .. } | Act::Untag if is_there => {
            let tags = match tagging::read(reach.aws, target, reach.meter).await {
                Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(false),
                tags => tags?,
            };
            Ok(tags::since(&tags).is_some() == matches!(act, Act::Tag { .. }))
        }
        Act::CopyAside | Act::CopyBack if *today == Today::Gone => {
            let to = destination(item);
            match to {
                Some(to) => copying::has_arrived(reach.aws, target, &to, reach.meter).await,
                None => Ok(false),
            }
        }
        _ => Ok(false),
    }
}
