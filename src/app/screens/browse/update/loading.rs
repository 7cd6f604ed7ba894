//! Asking for what is shown: the first rows, the next ones, all of them, or everything anew.

use std::sync::Arc;

use super::{navigate, readings, scanning};
use crate::app::screens::browse::{BucketRules, Detail, Folder, Place};
use crate::app::state::{Load, State};
use crate::app::table::Change;
use crate::app::update::{Command, abandon, arrange, start};
use crate::domain::{BucketName, ListingOrder};
use crate::ops::browse::{ListRequest, Start};
use crate::tasks::{Pages, Slot, Work};

/// Asks for what the place that is shown has not got yet; what a scan of this session knows is taken from it.
pub(super) fn enter(state: &mut State, commands: &mut Vec<Command>) {
    resume(state, commands);
    if !owners_of_scan(state, commands) {
        ask(state, commands);
    }
    readings::look_for_kept(state, commands);
    readings::show(state, commands);
}

/// Takes the owners from a scan of the bucket, where there is one.
fn owners_of_scan(state: &mut State, commands: &mut Vec<Command>) -> bool {
    let Some(scan) = state.scan_here() else {
        return false;
    };
    let (columns, is_running) = (scan.columns.clone(), scan.is_running());
    // A part of an earlier day is worth less than asking now.
    if !is_running && !scan.is_complete() {
        return false;
    }
    let coverage = scan.end.as_ref().map(|end| end.coverage.clone());
    let coverage = coverage.unwrap_or_else(readings::so_far);
    let coverage = scanning::with_unsearchable(state, coverage);
    let Some(browse) = &mut state.browse else {
        return false;
    };
    let (Place::Owners(owners), Some((layouts, _))) = (&mut browse.place, &browse.layouts) else {
        return false;
    };
    if !matches!(owners.load, Load::Idle) {
        return false;
    }
    owners.by_scan = true;
    owners.is_reading = true;
    owners.load = Load::Loading;
    owners.found = None;
    owners.counted = None;
    let layouts = Arc::clone(layouts);
    let work = Work::OwnersOfScan {
        columns,
        layouts,
        coverage: (!is_running).then_some(coverage),
    };
    start(state, Slot::Listing, work, commands);
    true
}

fn ask(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let layouts = browse
        .layouts
        .as_ref()
        .map(|(layouts, _)| Arc::clone(layouts));
    let work = match &mut browse.place {
        Place::Owners(owners) if matches!(owners.load, Load::Idle) => {
            let Some(layouts) = layouts else { return };
            owners.load = Load::Loading;
            Work::Owners(Box::new((*layouts).clone()))
        }
        Place::Owner(owner) if matches!(owner.load, Load::Idle) => {
            let Some(layouts) = layouts else { return };
            owner.load = Load::Loading;
            owner.table.restart();
            owner.found = None;
            owner.counted = None;
            owner.by_scan = false;
            Work::Owner {
                bucket: Box::new((*layouts).clone()),
                owner: owner.owner.clone(),
            }
        }
        // Out of a scan or not at all.
        Place::Folder(folder) if folder.below.is_some() => return,
        Place::Folder(folder) if matches!(folder.load, Load::Idle) => {
            folder.load = Load::Loading;
            folder.table.restart();
            folder.objects = Default::default();
            folder.folders = 0;
            folder.sizes = None;
            folder.order = Some(ListingOrder::of(&browse.bucket));
            list(&browse.bucket, folder, Start::Beginning, Pages::One)
        }
        _ => return,
    };
    start(state, Slot::Listing, work, commands);
}

/// Has rows put in order whose order was being made when the place was left.
fn resume(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let arranged = browse.place.list().change(Change::Resume);
    arrange(state, Slot::ArrangeListing, arranged, commands);
}

fn list(bucket: &BucketName, folder: &Folder, from: Start, pages: Pages) -> Work {
    Work::List {
        request: ListRequest {
            start: from,
            ..ListRequest::folder(bucket.clone(), &folder.prefix)
        },
        pages,
    }
}

/// Asks the service again for what is shown.
pub(super) fn refresh(state: &mut State, commands: &mut Vec<Command>) {
    if is_all_objects(state) {
        scanning::scan_again(state, commands);
        return;
    }
    navigate::leave(state, commands);
    if let Some(browse) = &mut state.browse {
        browse.rules = BucketRules::Idle;
        match &mut browse.place {
            Place::Owners(owners) => {
                let mut table = std::mem::take(owners).table;
                table.restart();
                owners.table = table;
            }
            Place::Owner(owner) => owner.load = Load::Idle,
            Place::Folder(folder) => {
                folder.load = Load::Idle;
                folder.next = None;
            }
        }
    }
    // Asked for again, it is not taken from a scan.
    ask(state, commands);
    readings::show(state, commands);
}

fn is_all_objects(state: &State) -> bool {
    let place = state.browse.as_ref().map(|browse| &browse.place);
    matches!(place, Some(Place::Folder(folder)) if folder.below.is_some())
}

/// Lists what is left of this folder, all pages.
pub(super) fn load_all(state: &mut State, commands: &mut Vec<Command>) {
    more(state, Pages::All, commands);
}

/// Asks for the next pages of the folder that is shown, if there are any.
fn more(state: &mut State, pages: Pages, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Place::Folder(folder) = &mut browse.place else {
        return;
    };
    let Some(next) = folder.next.clone() else {
        return;
    };
    if folder.load.is_loading() && pages == Pages::One {
        return;
    }
    folder.load = Load::Loading;
    let work = list(&browse.bucket, folder, next, pages);
    start(state, Slot::Listing, work, commands);
}

/// What follows from where the cursor is now: the detail of its object, and the next page when it nears the end.
pub(super) fn follow(state: &mut State, commands: &mut Vec<Command>) {
    follow_pane(state, commands);
    follow_rules(state, commands);
    let wants_more = match state.browse.as_ref().map(|browse| &browse.place) {
        // A filtered list is short, so its end is always near: there, only `L` goes on.
        Some(Place::Folder(folder)) => {
            matches!(folder.load, Load::Partial)
                && folder.table.filter().is_empty()
                && folder.table.near_end()
        }
        _ => false,
    };
    if wants_more {
        more(state, Pages::One, commands);
    }
}

/// The lifecycle is asked for once a bucket, with the first object that is looked at.
fn follow_rules(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let looks_at_object = browse
        .pane
        .as_ref()
        .is_some_and(|pane| pane.detail.key().is_some());
    if looks_at_object && matches!(browse.rules, BucketRules::Idle) {
        browse.rules = BucketRules::Loading;
        let work = Work::Rules(browse.bucket.clone());
        start(state, Slot::Rules, work, commands);
    }
}

fn follow_pane(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let key = browse.current_object().map(|object| object.key);
    let Some(pane) = &mut browse.pane else { return };
    if pane.detail.key() == key.as_ref() {
        return;
    }
    pane.scroll = 0;
    if let Some(key) = key {
        pane.detail = Detail::Loading(key.clone());
        let work = Work::Detail {
            bucket: browse.bucket.clone(),
            key,
            version: None,
        };
        start(state, Slot::Detail, work, commands);
    } else {
        pane.detail = Detail::None;
        abandon(state, Slot::Detail, commands);
    }
}
