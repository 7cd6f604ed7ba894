//! Earlier purges: one that stopped goes on, one that only hid is undone.

use std::path::PathBuf;

use super::{Page, begin_search, to};
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::purge::run::Run;
use crate::app::screens::purge::setup::Line;
use crate::app::state::State;
use crate::app::update::{Command, toast};
use crate::domain::blueprint::Blueprint;
use crate::domain::{OwnerId, text};
use crate::tasks::{PurgeReopening, PurgeUndoing, Work};

/// Reads a plan that was begun before.
pub(super) fn reopen(state: &mut State, number: usize, commands: &mut Vec<Command>) {
    let Some(one) = state.purge.setup.unfinished.get(number) else {
        return;
    };
    if one.is_under_way {
        let words = "another s3warden is carrying it out at this moment";
        toast(state, words, true);
        return;
    }
    let (file, name) = (one.plan.clone(), one.header.blueprint.clone());
    let user = one.user().unwrap_or_default().to_owned();
    reopen_plan(state, (file, user, &name), commands);
}

/// Reads this plan.
pub(super) fn reopen_plan(
    state: &mut State,
    (file, user, blueprint): (PathBuf, String, &str),
    commands: &mut Vec<Command>,
) {
    let Some(blueprint) = offered(state, blueprint) else {
        return;
    };
    let work = Work::PurgeReopening(Box::new(PurgeReopening {
        file,
        blueprint,
        lists: state.orphans.setup.limits.lists,
    }));
    begin_search(state, user, work, commands);
}

/// The blueprint of this name, where somebody named it; else it is said that nobody did.
fn offered(state: &mut State, name: &str) -> Option<Blueprint> {
    let offered = &state.purge.setup.blueprints;
    let found = offered.iter().find(|one| one.name == name).cloned();
    if found.is_none() {
        let words = format!(
            "it was begun by the blueprint {}: start again with that blueprint",
            text::safe(name)
        );
        toast(state, words, true);
    }
    found
}

/// The soft purge that is to be undone: the one that has just ended, or the one under the cursor.
fn to_undo(state: &State) -> Option<(PathBuf, String, Option<String>)> {
    if state.purge.page == Page::Setup {
        let Line::Undoable(number) = state.purge.setup.cursor else {
            return None;
        };
        let one = state.purge.setup.undoable.get(number)?;
        return Some((one.receipt.clone(), one.blueprint.clone(), one.user.clone()));
    }
    let Run::Ended(ended) = &state.purge.run else {
        return None;
    };
    let verified = state.purge.run.verified()?;
    verified.receipt.markers.as_ref()?;
    Some((
        verified.receipt_file.clone(),
        ended.plan.blueprint.name.clone(),
        Some(ended.plan.user().to_owned()),
    ))
}

/// Begins with an undo: of what has just been hidden, or of one that is chosen on the form.
pub(super) fn ask_to_undo(state: &mut State) {
    if to_undo(state).is_some() {
        ask_whose(state);
    } else if state.purge.setup.undoable.is_empty() {
        let words = "there is no soft purge here that could be undone";
        toast(state, words, false);
    } else {
        to(state, Page::Setup);
        state.purge.setup.cursor = Line::Undoable(0);
        toast(state, "choose one: Enter undoes it", false);
    }
}

/// Asks whose purge it was: the receipt holds only the hash of the id.
pub(super) fn ask_whose(state: &mut State) {
    if state.purge.is_running() {
        toast(state, "a purge is under way; C-x stops it", false);
        return;
    }
    let Some((_, _, known)) = to_undo(state) else {
        return;
    };
    let typed = known.unwrap_or_else(|| state.purge.setup.user.value().to_owned());
    state.overlay = Some(Overlay::prompt(PromptKind::UndoOwner, typed));
}

/// The id was typed: the plan is made, and shown before anything is changed.
pub(super) fn undo_of(state: &mut State, typed: &str, commands: &mut Vec<Command>) {
    let Some((receipt, blueprint, _)) = to_undo(state) else {
        return;
    };
    let Ok(owner) = OwnerId::new(typed) else {
        toast(state, "cancelled: no id was typed", false);
        return;
    };
    let Some(blueprint) = offered(state, &blueprint) else {
        return;
    };
    let user = owner.as_str().to_owned();
    let work = Work::PurgeUndoing(Box::new(PurgeUndoing {
        receipt,
        owner,
        blueprint,
    }));
    begin_search(state, user, work, commands);
}
