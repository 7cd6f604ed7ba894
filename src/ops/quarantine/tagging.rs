//! Puts one object aside by its tag, and takes it back.
//!
//! S3 takes no condition with tags. Where objects have versions the version's id is the condition. Where they have none,
//! the object is looked at right before, and again right after: what was overwritten in between is told.

use super::{Step, Target};
use crate::aws::wire::{object, tagging};
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit};
use crate::domain::quarantine::tags::{self, Marking, Tags};

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum Way {
    /// Into quarantine, on this day.
    Aside(chrono::NaiveDate),
    Back,
}

/// Tags an object that is what it was, or takes our tag from it. Its other tags stay.
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

/// The tags that it has.
pub(in crate::ops) async fn read(
    aws: &Aws,
    target: Target<'_>,
    meter: &Meter,
) -> Result<Tags, Problem> {
    object::tags(aws, target.bucket, target.key, target.version(), meter).await
}

/// Whether it is not any more what was judged.
async fn changed(aws: &Aws, target: Target<'_>, meter: &Meter) -> Result<Option<Step>, Problem> {
    let head = object::head(aws, target.bucket, target.key, target.version(), meter).await;
    match head {
        Ok(head) if target.is(&head) => Ok(None),
        Ok(_) => Ok(Some(Step::Changed)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Some(Step::Changed)),
        Err(problem) => Err(problem),
    }
}
