//! The sizes of all buckets and the audit of them, as they arrive.
//!
//! Sizes are asked for with the list of buckets: a request or two a Region. An audit sends some twenty requests a bucket,
//! and a person starts it; it goes on wherever one looks.

use std::sync::Arc;

use crate::app::rows::{BucketRow, Cell, Judged, Measured, TREND_DAYS};
use crate::app::screens::buckets::FleetAudit;
use crate::app::state::{Load, State};
use crate::app::update::arrivals::change_bucket;
use crate::app::update::{Command, arrange, start, toast};
use crate::aws::Problem;
use crate::domain::BucketName;
use crate::domain::metrics::AllBuckets as Sizes;
use crate::ops::Fact;
use crate::ops::metrics::BucketStorage;
use crate::tasks::{AuditDepth, AuditWork, BucketAudit, Slot, Work};

/// Asks for the sizes of the buckets.
pub(crate) fn measure(state: &mut State, buckets: Vec<BucketName>, commands: &mut Vec<Command>) {
    state.fleet.sizes = Sizes::default();
    if buckets.is_empty() {
        return;
    }
    let work = Work::Storage {
        buckets,
        days: TREND_DAYS,
    };
    commands.push(start(state, Slot::Storage, work));
}

/// CloudWatch has told of one bucket.
pub(crate) fn measured(state: &mut State, told: &BucketStorage, commands: &mut Vec<Command>) {
    state.fleet.sizes.add(told.storage.value(), TREND_DAYS);
    let measured = match &told.storage {
        Fact::Set(storage) => Measured::of(storage).map_or(Fact::NotSet, Fact::Set),
        Fact::NotSet => Fact::NotSet,
        Fact::Unknown(problem) => Fact::Unknown(problem.clone()),
    };
    let name = told.bucket.as_str();
    let fill = |row: &mut BucketRow| row.measured = Cell::Answered(measured);
    change_bucket(state, name, fill, commands);
}

/// No more sizes come: what has none yet will get none.
pub(crate) fn measuring_ended(state: &mut State, load: Load, commands: &mut Vec<Command>) {
    let Some(problem) = why_not(load, "read the sizes of", "buckets") else {
        return;
    };
    let mut left = 0;
    let fill = |row: &mut BucketRow| {
        if row.measured == Cell::Pending {
            row.measured = Cell::Answered(Fact::Unknown(problem.clone()));
            left += 1;
        }
    };
    change_all(state, fill, commands);
    for _ in 0..left {
        state.fleet.sizes.add(None, TREND_DAYS);
    }
}

/// Audits all buckets.
pub(crate) fn audit(state: &mut State, depth: AuditDepth, commands: &mut Vec<Command>) {
    if state.fleet.is_auditing() {
        let words = "an audit is under way already; C-x stops it";
        toast(state, words.into(), false);
        return;
    }
    let rows = state.buckets.source().iter();
    let buckets: Vec<BucketName> = rows.map(|row| row.name.clone()).collect();
    if buckets.is_empty() {
        toast(state, "there are no buckets to audit yet".into(), false);
        return;
    }
    state.fleet.audit = Some(FleetAudit {
        buckets: buckets.len(),
        done: 0,
        ended: None,
    });
    change_all(state, |row| row.judged = Some(Cell::Pending), commands);
    let work = AuditWork {
        buckets,
        blueprint: state.blueprint.clone(),
        depth,
    };
    commands.push(start(
        state,
        Slot::FleetAudit,
        Work::FleetAudit(Box::new(work)),
    ));
}

/// One bucket was judged.
pub(crate) fn audited(state: &mut State, audit: &BucketAudit, commands: &mut Vec<Command>) {
    if let Some(running) = &mut state.fleet.audit {
        running.done += 1;
    }
    let judged = Cell::Answered(Fact::Set(Arc::new(Judged::from(audit))));
    let fill = |row: &mut BucketRow| row.judged = Some(judged);
    change_bucket(state, audit.bucket.as_str(), fill, commands);
}

/// The audit has ended: buckets that it did not come to are not known.
pub(crate) fn auditing_ended(state: &mut State, load: Load, commands: &mut Vec<Command>) {
    let now = state.now;
    if let Some(audit) = &mut state.fleet.audit {
        audit.ended = Some(now);
    }
    let problem =
        why_not(load, "audit", "buckets").unwrap_or_else(|| Problem::cancelled("audit", "buckets"));
    let fill = |row: &mut BucketRow| {
        if row.judged == Some(Cell::Pending) {
            row.judged = Some(Cell::Answered(Fact::Unknown(problem.clone())));
        }
    };
    change_all(state, fill, commands);
}

/// Why a job did not come to its end; none when it did.
fn why_not(load: Load, attempted: &str, target: &str) -> Option<Problem> {
    match load {
        Load::Complete => None,
        Load::Failed(problem) => Some((*problem).clone()),
        _ => Some(Problem::cancelled(attempted, target)),
    }
}

/// Changes rows and puts all of them in order once.
fn change_all(
    state: &mut State,
    mut change: impl FnMut(&mut BucketRow),
    commands: &mut Vec<Command>,
) {
    let all = state.buckets.len();
    let arranged = state.buckets.update_rows(|rows| {
        for number in 0..all {
            if let Some(row) = rows.get_mut(number) {
                change(row);
            }
        }
    });
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
}
