//! Going somewhere: into buckets, owners and folders, to another view or profile, and back.

use std::sync::Arc;

use super::loading;
use crate::app::screens::Screen;
use crate::app::screens::browse::rows::Entry;
use crate::app::screens::browse::{Browse, Folder, LayoutSource, OwnerPage, Owners, Pane, Place};
use crate::app::state::{Load, State};
use crate::app::update::{Command, abandon, toast};
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::tasks::Slot;

/// Opens the row under the cursor.
pub(super) fn open_row(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let next = match &browse.place {
        Place::Owners(owners) => owners
            .table
            .current()
            .map(|row| Place::Owner(OwnerPage::new(row.owner.clone()))),
        Place::Owner(owner) => owner
            .table
            .current()
            .map(|row| Place::Folder(Folder::new(row.of.prefix.clone()))),
        Place::Folder(folder) => match folder.table.current().as_deref() {
            Some(Entry::Folder { prefix, .. }) => Some(Place::Folder(Folder::new(prefix.clone()))),
            Some(Entry::Object(_)) => {
                browse.bars = None;
                browse.pane.get_or_insert_default();
                None
            }
            None => None,
        },
    };
    if let Some(place) = next {
        go(state, place, commands);
    }
}

/// Opens the bucket under the cursor of the Buckets screen.
pub(crate) fn open_current_bucket(state: &mut State, commands: &mut Vec<Command>) {
    match state.buckets.current() {
        Some(row) => {
            let name = row.name.clone();
            open_bucket(state, name, None, commands);
        }
        None => toast(state, "there is no bucket to browse yet", false),
    }
}

/// Opens a bucket by owner where its layouts are known, otherwise at its top; or at a prefix.
pub(crate) fn open_bucket(
    state: &mut State,
    bucket: BucketName,
    prefix: Option<String>,
    commands: &mut Vec<Command>,
) {
    let layouts = layouts_of(state, &bucket);
    let place = match prefix {
        Some(prefix) => Place::Folder(Folder::new(prefix)),
        None if layouts.is_some() => Place::Owners(Owners::default()),
        None => Place::Folder(Folder::new(String::new())),
    };
    leave(state, commands);
    // The pane stays as a person left it: wanting detail is a habit, not a place.
    let pane = state
        .browse
        .as_ref()
        .and_then(|browse| browse.pane.as_ref());
    let pane = pane.map(|_| Pane::default());
    abandon(state, Slot::Rules, commands);
    let mut browse = Browse::new(bucket, place);
    browse.layouts = layouts;
    browse.pane = pane;
    state.browse = Some(browse);
    state.screen = Screen::Browse;
    loading::enter(state, commands);
}

/// The layouts of a bucket: of the blueprint that was asked for, or of the built-in that names the bucket.
fn layouts_of(state: &State, name: &BucketName) -> Option<(Arc<BucketBlueprint>, LayoutSource)> {
    let builtin = || Blueprint::for_bucket(name);
    let blueprint = state.blueprint.clone().or_else(builtin)?;
    let bucket = blueprint.bucket(name)?;
    if bucket.layouts.is_empty() {
        return None;
    }
    let source = LayoutSource::Blueprint(blueprint.name.clone());
    Some((Arc::new(bucket.clone()), source))
}

/// Goes into a place and remembers the one before it.
pub(super) fn go(state: &mut State, place: Place, commands: &mut Vec<Command>) {
    leave(state, commands);
    if let Some(browse) = &mut state.browse {
        let before = std::mem::replace(&mut browse.place, place);
        browse.back.push(before);
    }
    loading::enter(state, commands);
}

/// Goes back one step: the bars, the pane, the place before, the screen before.
pub(super) fn back(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        state.screen = Screen::Buckets;
        return;
    };
    if browse.bars.take().is_some() {
        return;
    }
    if browse.pane.is_some() {
        browse.pane = None;
        abandon(state, Slot::Detail, commands);
        return;
    }
    match browse.back.pop() {
        Some(place) => {
            leave(state, commands);
            if let Some(browse) = &mut state.browse {
                browse.place = place;
            }
            loading::enter(state, commands);
        }
        None if std::mem::take(&mut browse.from_orphans) => state.screen = Screen::Orphans,
        None => state.screen = Screen::Buckets,
    }
}

/// Stops what loads for the place that is shown, and leaves it so that it can be gone on with.
pub(super) fn leave(state: &mut State, commands: &mut Vec<Command>) {
    for slot in [
        Slot::Listing,
        Slot::Detail,
        Slot::ArrangeListing,
        Slot::Reading,
    ] {
        abandon(state, slot, commands);
    }
    let Some(browse) = &mut state.browse else {
        return;
    };
    browse.told = None;
    browse.is_reading = false;
    browse.read_again = false;
    if let Some(bars) = &mut browse.bars {
        bars.shares = None;
    }
    if let Some(pane) = &mut browse.pane {
        *pane = Pane::default();
    }
    match &mut browse.place {
        // The scan goes on; what it told meanwhile is read out of it on the way back.
        Place::Owners(owners) if owners.load.is_loading() && owners.by_scan => {
            owners.load = Load::Idle;
        }
        Place::Owners(owners) if owners.load.is_loading() => owners.load = Load::Stopped,
        Place::Owner(owner) if owner.load.is_loading() => owner.load = Load::Idle,
        Place::Folder(folder) if folder.load.is_loading() => {
            folder.load = match folder.next {
                Some(_) => Load::Partial,
                None => Load::Idle,
            };
        }
        _ => {}
    }
}

/// Owners or raw prefixes.
pub(super) fn toggle_view(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &state.browse else { return };
    let place = match &browse.place {
        Place::Owners(_) | Place::Owner(_) => Place::Folder(Folder::new(String::new())),
        Place::Folder(_) if browse.layouts.is_some() => Place::Owners(Owners::default()),
        Place::Folder(_) => {
            let words =
                "no blueprint names this bucket: go to the folders that are the owners and press o";
            toast(state, words, false);
            return;
        }
    };
    leave(state, commands);
    if let Some(browse) = &mut state.browse {
        // Both views of a bucket are its top: going back from either leads to the buckets.
        browse.back.clear();
        browse.place = place;
    }
    loading::enter(state, commands);
}

/// Takes the folders of this level, here and in the folders beside this one, for the owners.
pub(super) fn owners_here(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Place::Folder(folder) = &browse.place else {
        let words =
            "owners are shown already; v shows the raw prefixes, where another level can be chosen";
        toast(state, words, false);
        return;
    };
    let depth = folder.prefix.matches('/').count();
    let layouts = BucketBlueprint::by_depth(browse.bucket.clone(), depth);
    let source = LayoutSource::ByHand(format!("level {}", depth + 1));
    browse.layouts = Some((Arc::new(layouts), source));
    leave(state, commands);
    if let Some(browse) = &mut state.browse {
        let before = std::mem::replace(&mut browse.place, Place::Owners(Owners::default()));
        browse.back.push(before);
    }
    loading::enter(state, commands);
}

/// Shows or hides the pane.
pub(super) fn toggle_detail(state: &mut State) {
    if let Some(browse) = &mut state.browse {
        let beside_bars = browse.bars.take().is_some();
        browse.pane = match browse.pane.take() {
            // It was hidden behind the bars.
            Some(pane) if beside_bars => Some(pane),
            Some(_) => None,
            None => Some(Pane::default()),
        };
    }
}
