//! Quarantines one object by a tag, and removes the tag again.
//!
//! S3 supports no condition for tags. For a version with an id, the id identifies it. Otherwise the object is checked
//! directly before and after the request, and an overwrite in between is reported.

use super::{Step, Target};
use crate::aws::wire::{object, tagging};
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit};
use crate::domain::quarantine::tags::{self, Marking, Tags};

/// Adding or removing the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum Way {
    /// Quarantine on this day.
    Aside(chrono::NaiveDate),
    Back,
}

/// Adds the quarantine tag to an unchanged object, or removes it. Other tags stay.
pub(in crate::ops) async fn step(
    aws: &Aws,
    target: Target<'_>,
    way: Way,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<Step, Problem> {
    let version = target.version();
    if let Some(changed) = changed(aws, target, meter).await? {
        return Ok(changed);
    }
    let before = match read(aws, target, meter).await {
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(Step::Changed),
        before => before?,
    };
    let wanted = match way {
        Way::Aside(day) => match tags::mark(&before, day) {
            Marking::Write(tags) => tags,
            Marking::Already(_) => return Ok(Step::Already),
            Marking::Full => {
                let why =
                    "it has ten tags, and S3 allows no eleventh: put it aside by a copy instead";
                return Ok(Step::Left(why.to_owned()));
            }
        },
        Way::Back => match tags::unmark(&before) {
            Some(tags) => tags,
            None => return Ok(Step::Already),
        },
    };
    let place = (target.bucket, target.key, version);
    tagging::write(aws, place, &wanted, permit, meter).await?;
    if version.is_none() && changed(aws, target, meter).await?.is_some() {
        let why = "it was overwritten while it was tagged: look at the tags of the new object";
        return Ok(Step::Left(why.to_owned()));
    }
    Ok(Step::Done {
        checked: version.is_none(),
    })
}

/// Reads the object's tags.
pub(in crate::ops) async fn read(
    aws: &Aws,
    target: Target<'_>,
    meter: &Meter,
) -> Result<Tags, Problem> {
    object::tags(aws, target.bucket, target.key, target.version(), meter).await
}

/// Whether the object is no longer the one that was judged.
async fn changed(aws: &Aws, target: Target<'_>, meter: &Meter) -> Result<Option<Step>, Problem> {
    let head = object::head(aws, target.bucket, target.key, target.version(), meter).await;
    match head {
        Ok(head) if target.is(&head) => Ok(None),
        Ok(_) => Ok(Some(Step::Changed)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Some(Step::Changed)),
        Err(problem) => Err(problem),
    }
}
