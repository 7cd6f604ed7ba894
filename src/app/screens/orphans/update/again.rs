//! Orphans that were acted on before: what is in quarantine comes back, what was stopped goes on.

use super::act::{is_free, one, plan};
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::orphans::Page;
use crate::app::screens::orphans::setup::Line;
use crate::app::state::State;
use crate::app::update::{Command, toast};
use crate::domain::{BucketName, OwnerId, text};
use crate::tasks::{OrphanAction, PlanActWork, ReopenActWork, Work};

/// Plans to bring back what is in quarantine: everybody's, or one owner's. The bucket itself says what that is, so that no
/// search has to come first.
pub(super) fn restore(state: &mut State, owner: Option<OwnerId>, commands: &mut Vec<Command>) {
    let orphans = &state.orphans;
    let searched = match orphans.page {
        Page::Setup => None,
        _ => orphans.work.as_deref().cloned(),
    };
    let work = searched.or_else(|| orphans.setup.work());
    let bucket = work.as_ref().and_then(|work| one(work.buckets.iter()));
    let (Some(work), Some(bucket)) = (work, bucket) else {
        let words = "choose one bucket first (f): what comes back is of one bucket";
        toast(state, words, false);
        return;
    };
    let work = PlanActWork {
        work,
        bucket,
        verdicts: Vec::new(),
        deed: OrphanAction::Restore,
        owner,
    };
    plan(state, Work::PlanAct(Box::new(work)), commands);
}

/// Asks whose objects are to come back. The owner of the verdict under the cursor is offered.
pub(super) fn ask_whose(state: &mut State) {
    if !is_free(state) {
        return;
    }
    let owner = match state.orphans.page {
        Page::Items => state
            .orphans
            .items
            .current()
            .and_then(|row| row.verdict.owner.clone()),
        _ => None,
    };
    let owner = owner.unwrap_or_default();
    state.overlay = Some(Overlay::prompt(PromptKind::RestoreOwner, owner));
}

/// The owner was typed.
pub(super) fn restore_owner(state: &mut State, typed: &str, commands: &mut Vec<Command>) {
    match OwnerId::new(typed) {
        Ok(owner) => restore(state, Some(owner), commands),
        Err(_) => toast(state, "cancelled: no id was typed", false),
    }
}

/// Goes on with the act that has just stopped; else with one that was begun before.
pub(super) fn go_on(state: &mut State, commands: &mut Vec<Command>) {
    if !is_free(state) {
        return;
    }
    let stopped = state.orphans.acting.stopped();
    if let Some(done) = stopped.cloned() {
        let made_of = &done.plan.made_of;
        let work = ReopenActWork {
            file: done.plan_file.clone(),
            bucket: made_of.bucket.clone(),
            work: made_of.work.clone(),
        };
        plan(state, Work::ReopenAct(Box::new(work)), commands);
        return;
    }
    match state.orphans.setup.unfinished.len() {
        0 => toast(state, "nothing was begun here and stopped", false),
        1 => reopen(state, 0, commands),
        _ => {
            state.orphans.page = Page::Setup;
            state.orphans.setup.cursor = Line::Unfinished(0);
            toast(state, "choose one: Enter goes on with it", false);
        }
    }
}

/// Reads the plan of an act that was begun before. It is judged again by the lists that the form names.
pub(super) fn reopen(state: &mut State, number: usize, commands: &mut Vec<Command>) {
    if !is_free(state) {
        return;
    }
    let Some(one) = state.orphans.setup.unfinished.get(number).cloned() else {
        return;
    };
    if one.is_under_way {
        let words = "another s3warden is carrying it out at this moment";
        toast(state, words, true);
        return;
    }
    let bucket = one.bucket().and_then(|name| BucketName::new(name).ok());
    let setup = &mut state.orphans.setup;
    if let Some(bucket) = &bucket {
        setup.choose(bucket);
    }
    let work = setup.work().filter(|work| {
        work.blueprint.name == one.header.blueprint
            && Some(work.buckets.as_slice()) == bucket.as_ref().map(std::slice::from_ref)
    });
    let (Some(bucket), Some(work)) = (bucket, work) else {
        let words = format!(
            "it was begun by the blueprint {}: start again with that blueprint",
            text::safe(&one.header.blueprint)
        );
        toast(state, words, true);
        return;
    };
    let work = ReopenActWork {
        file: one.plan,
        bucket,
        work,
    };
    plan(state, Work::ReopenAct(Box::new(work)), commands);
}
