//! How the Buckets screen changes: the list of buckets, their sizes and the audit of them, as they arrive.
//!
//! Sizes are asked for with the list of buckets: a request or two a Region. An audit sends some twenty requests a bucket,
//! and a person starts it; it goes on wherever one looks.

use std::collections::HashMap;
use std::sync::Arc;

use super::{AllBuckets, BucketsScreen, FleetAudit};
use super::{BucketRow, Cell, Judged, Known, Measured, TREND_DAYS};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::Overlay;
use crate::app::screens::browse::update::navigate;
use crate::app::screens::{Component, orphans, presign};
use crate::app::state::{Load, State};
use crate::app::table::List;
use crate::app::update::{Command, abandon, arrange, start, toast};
use crate::aws::Problem;
use crate::domain::metrics::AllBuckets as Sizes;
use crate::domain::{BucketName, Tally};
use crate::ops::Fact;
use crate::ops::buckets::BucketEntry;
use crate::ops::metrics::BucketStorage;
use crate::tasks::{AuditDepth, AuditWork, BucketAudit, Slot, Work};

impl Component for BucketsScreen {
    fn keys(&self, _: &State) -> Place {
        Place::Buckets
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        match action {
            Action::Open => navigate::open_current_bucket(state, commands),
            Action::Refresh if state.connection.is_none() => connect(state, commands),
            Action::Refresh => list(state, commands),
            Action::AuditBuckets => audit(state, AuditDepth::Configuration, commands),
            Action::AuditContents => audit(state, AuditDepth::Contents, commands),
            Action::PresignRow => {
                if let Some(bucket) = self.bucket(state) {
                    state.presign.form.take_bucket(&bucket);
                }
                presign::update::show_form(state, commands);
            }
            Action::Cancel if state.fleet.is_auditing() => {
                commands.push(Command::Cancel(Slot::FleetAudit));
            }
            Action::Cancel => commands.push(Command::Cancel(Slot::Buckets)),
            Action::Explain => {
                let row = state.buckets.current();
                let Some(problem) = row.and_then(|row| row.problems().next().cloned()) else {
                    return false;
                };
                state.overlay = Some(Overlay::Explain(Arc::new(problem)));
            }
            _ => return false,
        }
        true
    }

    fn back(&self, _: &mut State, _: &mut Vec<Command>) {}

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        Some((Slot::ArrangeBuckets, &mut state.buckets))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        state.buckets.filter()
    }

    fn under_cursor(&self, state: &State, as_uri: bool) -> Option<String> {
        let scheme = if as_uri { "s3://" } else { "" };
        self.bucket(state).map(|name| format!("{scheme}{name}"))
    }

    fn bucket(&self, state: &State) -> Option<BucketName> {
        Some(state.buckets.current()?.name.clone())
    }

    fn forget(&self, state: &mut State, commands: &mut Vec<Command>) {
        let slots = [Slot::Buckets, Slot::Facts, Slot::Storage, Slot::FleetAudit];
        for slot in slots {
            abandon(state, slot, commands);
        }
        state.buckets.restart();
        state.buckets_load = Load::Idle;
        state.fleet = AllBuckets::default();
    }
}

/// Makes clients for the profile that was asked for.
pub(crate) fn connect(state: &mut State, commands: &mut Vec<Command>) {
    state.buckets_load = Load::Idle;
    let profile = state.profile.clone();
    start(state, Slot::Connection, Work::Connect { profile }, commands);
}

/// Lists the buckets anew.
pub(crate) fn list(state: &mut State, commands: &mut Vec<Command>) {
    state.buckets_load = Load::Loading;
    start(state, Slot::Buckets, Work::Buckets, commands);
}

/// The buckets were listed.
pub(crate) fn listed(state: &mut State, buckets: Vec<BucketEntry>, commands: &mut Vec<Command>) {
    // What was counted or judged in this session is not asked for again by listing the buckets.
    let mut before: HashMap<String, BucketRow> = state
        .buckets
        .rows()
        .map(|row| (row.name.to_string(), row.into_owned()))
        .collect();
    let names: Vec<BucketName> = buckets.iter().map(|bucket| bucket.name.clone()).collect();
    let rows = buckets
        .into_iter()
        .map(|bucket| {
            let (known, judged) = before
                .remove(bucket.name.as_str())
                .map_or((None, None), |row| (row.known, row.judged));
            BucketRow {
                created: bucket.created,
                region: bucket
                    .region
                    .map_or(Cell::Pending, |region| Cell::Answered(Fact::Set(region))),
                judged,
                known,
                ..BucketRow::new(bucket.name)
            }
        })
        .collect();
    state.buckets.restart();
    let arranged = state.buckets.push(rows);
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
    start(state, Slot::Facts, Work::Facts(names.clone()), commands);
    measure(state, names, commands);
    orphans::update::offer(state);
    if state.demo {
        start(state, Slot::Blueprints, Work::Blueprints, commands);
    }
}

/// Changes the row of a bucket, where there is one.
pub(crate) fn change(
    state: &mut State,
    name: &str,
    change: impl FnOnce(&mut BucketRow),
    commands: &mut Vec<Command>,
) {
    let is_it = |row: &BucketRow| row.name.as_str() == name;
    let arranged = state.buckets.change_row(is_it, change);
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
}

/// A scan has told what is in a bucket.
pub(crate) fn known(
    state: &mut State,
    bucket: &BucketName,
    total: Tally,
    complete: bool,
    commands: &mut Vec<Command>,
) {
    let known = Known {
        objects: total.objects,
        size: total.bytes,
        complete,
    };
    change(
        state,
        bucket.as_str(),
        |row| row.known = Some(known),
        commands,
    );
}

/// Asks for the sizes of the buckets.
fn measure(state: &mut State, buckets: Vec<BucketName>, commands: &mut Vec<Command>) {
    state.fleet.sizes = Sizes::default();
    if buckets.is_empty() {
        return;
    }
    let work = Work::Storage {
        buckets,
        days: TREND_DAYS,
    };
    start(state, Slot::Storage, work, commands);
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
    change(state, name, fill, commands);
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
fn audit(state: &mut State, depth: AuditDepth, commands: &mut Vec<Command>) {
    if state.fleet.is_auditing() {
        toast(state, "an audit is under way already; C-x stops it", false);
        return;
    }
    let rows = state.buckets.source().iter();
    let buckets: Vec<BucketName> = rows.map(|row| row.name.clone()).collect();
    if buckets.is_empty() {
        toast(state, "there are no buckets to audit yet", false);
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
    start(
        state,
        Slot::FleetAudit,
        Work::FleetAudit(Box::new(work)),
        commands,
    );
}

/// One bucket was judged.
pub(crate) fn audited(state: &mut State, audit: &BucketAudit, commands: &mut Vec<Command>) {
    if let Some(running) = &mut state.fleet.audit {
        running.done += 1;
    }
    let judged = Cell::Answered(Fact::Set(Arc::new(Judged::from(audit))));
    let fill = |row: &mut BucketRow| row.judged = Some(judged);
    change(state, audit.bucket.as_str(), fill, commands);
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
fn change_all(state: &mut State, change: impl FnMut(&mut BucketRow), commands: &mut Vec<Command>) {
    let arranged = state.buckets.change_rows(change);
    arrange(state, Slot::ArrangeBuckets, arranged, commands);
}
