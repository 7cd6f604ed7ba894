//! Going somewhere: into buckets, owners and folders, back, and on to the next page.

use std::sync::Arc;

use super::{Command, abandon, arrange, start, toast};
use crate::app::browse::{Browse, Detail, Folder, LayoutSource, Owner, Owners, Pane, Place};
use crate::app::rows::Entry;
use crate::app::state::{Load, Screen, State, Who};
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::{BucketName, OwnerId, S3Uri, text};
use crate::ops::browse::{ListRequest, Start};
use crate::tasks::{Pages, Slot, Work};

/// How many rows a jump looks at while it is typed: more than fits on a screen, less than costs a frame.
const JUMP_LOOKS_AT: usize = 200_000;

/// Opens the row under the cursor.
pub(super) fn open(state: &mut State, commands: &mut Vec<Command>) {
    match state.screen {
        Screen::Buckets => open_current_bucket(state, commands),
        Screen::Tasks => {}
        Screen::Browse => open_row(state, commands),
    }
}

fn open_row(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let next = match &browse.place {
        Place::Owners(owners) => owners
            .table
            .current()
            .map(|row| Place::Owner(Owner::new(row.owner.clone()))),
        Place::Owner(owner) => owner
            .table
            .current()
            .map(|row| Place::Folder(Folder::new(row.of.prefix.clone()))),
        Place::Folder(folder) => match folder.table.current() {
            Some(Entry::Folder(prefix)) => Some(Place::Folder(Folder::new(prefix.clone()))),
            Some(Entry::Object(_)) => {
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
pub(super) fn open_current_bucket(state: &mut State, commands: &mut Vec<Command>) {
    match state.buckets.current() {
        Some(row) => {
            let name = row.name.clone();
            open_bucket(state, name, None, commands);
        }
        None => toast(state, "there is no bucket to browse yet".into(), false),
    }
}

/// Opens a bucket by owner where its layouts are known, otherwise at its top; or at a prefix.
pub(super) fn open_bucket(
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
    state.browse = Some(Browse {
        bucket,
        layouts,
        place,
        back: Vec::new(),
        pane,
    });
    state.screen = Screen::Browse;
    enter(state, commands);
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

/// Opens an `s3://` address that was typed.
pub(super) fn open_address(state: &mut State, address: &str, commands: &mut Vec<Command>) {
    match address.parse::<S3Uri>() {
        Ok(uri) => open_uri(state, uri, commands),
        Err(why) => {
            let words = format!("could not go to {}: {why}", text::safe(address));
            toast(state, words, true);
        }
    }
}

/// Opens a bucket as a whole, or at a prefix.
pub(super) fn open_uri(state: &mut State, uri: S3Uri, commands: &mut Vec<Command>) {
    let prefix = (!uri.prefix.is_empty()).then_some(uri.prefix);
    open_bucket(state, uri.bucket, prefix, commands);
}

/// Goes into a place and remembers the one before it.
fn go(state: &mut State, place: Place, commands: &mut Vec<Command>) {
    leave(state, commands);
    if let Some(browse) = &mut state.browse {
        let before = std::mem::replace(&mut browse.place, place);
        browse.back.push(before);
    }
    enter(state, commands);
}

/// Goes back one step: the pane, the filter, the place before, the Buckets screen. Never out of the console.
pub(super) fn back(state: &mut State, commands: &mut Vec<Command>) {
    if !super::actions::filter_of(state).is_empty() {
        super::actions::on_table(state, commands, super::actions::Filter(""));
        return;
    }
    match state.screen {
        Screen::Buckets => {}
        Screen::Tasks => {
            state.screen = if state.browse.is_some() {
                Screen::Browse
            } else {
                Screen::Buckets
            };
        }
        Screen::Browse => back_in_browse(state, commands),
    }
}

fn back_in_browse(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        state.screen = Screen::Buckets;
        return;
    };
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
            enter(state, commands);
        }
        None => state.screen = Screen::Buckets,
    }
}

/// Stops what loads for the place that is shown, and leaves it so that it can be gone on with.
fn leave(state: &mut State, commands: &mut Vec<Command>) {
    for slot in [Slot::Listing, Slot::Detail, Slot::Arrange] {
        abandon(state, slot, commands);
    }
    let Some(browse) = &mut state.browse else {
        return;
    };
    if let Some(pane) = &mut browse.pane {
        *pane = Pane::default();
    }
    match &mut browse.place {
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

/// Asks for what the place that is shown has not got yet.
fn enter(state: &mut State, commands: &mut Vec<Command>) {
    resume(state, commands);
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
            owner.counted = None;
            Work::Owner {
                bucket: Box::new((*layouts).clone()),
                owner: owner.owner.clone(),
            }
        }
        Place::Folder(folder) if matches!(folder.load, Load::Idle) => {
            folder.load = Load::Loading;
            folder.table.restart();
            folder.objects = Default::default();
            folder.folders = 0;
            list(&browse.bucket, folder, Start::Beginning, Pages::One)
        }
        _ => return,
    };
    let command = start(state, Slot::Listing, work);
    commands.push(command);
}

/// Has rows put in order whose order was being made when the place was left.
fn resume(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let arranged = match &mut browse.place {
        Place::Owners(owners) => owners.table.resume(),
        Place::Owner(owner) => owner.table.resume(),
        Place::Folder(folder) => folder.table.resume(),
    };
    arrange(state, arranged, commands);
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
    match state.screen {
        Screen::Buckets => list_buckets(state, commands),
        Screen::Tasks => {}
        Screen::Browse => {
            leave(state, commands);
            if let Some(browse) = &mut state.browse {
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
            enter(state, commands);
        }
    }
}

/// Lists the buckets anew.
pub(super) fn list_buckets(state: &mut State, commands: &mut Vec<Command>) {
    state.buckets_load = Load::Loading;
    let command = start(state, Slot::Buckets, Work::Buckets);
    commands.push(command);
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
    let command = start(state, Slot::Listing, work);
    commands.push(command);
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
            toast(state, words.into(), false);
            return;
        }
    };
    leave(state, commands);
    if let Some(browse) = &mut state.browse {
        // Both views of a bucket are its top: going back from either leads to the buckets.
        browse.back.clear();
        browse.place = place;
    }
    enter(state, commands);
}

/// Takes the folders of this level, here and in the folders beside this one, for the owners.
pub(super) fn owners_here(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Place::Folder(folder) = &browse.place else {
        let words =
            "owners are shown already; v shows the raw prefixes, where another level can be chosen";
        toast(state, words.into(), false);
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
    enter(state, commands);
}

/// Shows or hides the pane.
pub(super) fn toggle_detail(state: &mut State) {
    if let Some(browse) = &mut state.browse {
        browse.pane = match browse.pane {
            Some(_) => None,
            None => Some(Pane::default()),
        };
    }
}

/// What follows from where the cursor is now: the detail of its object, and the next page when it nears the end.
pub(super) fn follow(state: &mut State, commands: &mut Vec<Command>) {
    if state.screen != Screen::Browse {
        return;
    }
    follow_pane(state, commands);
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

fn follow_pane(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let key = browse.current_object().map(|object| object.key.clone());
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
        let command = start(state, Slot::Detail, work);
        commands.push(command);
    } else {
        pane.detail = Detail::None;
        abandon(state, Slot::Detail, commands);
    }
}

/// Moves the cursor to the first row that begins with a text, while it is typed.
pub(super) fn show_first(state: &mut State, text: &str) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    match &mut browse.place {
        Place::Owners(owners) => {
            let begins = |row: &crate::app::rows::OwnerRow| row.owner.as_str().starts_with(text);
            owners.table.move_to_first(JUMP_LOOKS_AT, begins);
        }
        Place::Owner(owner) => {
            let begins = |row: &crate::app::rows::AnchorRow| row.of.prefix.starts_with(text);
            owner.table.move_to_first(JUMP_LOOKS_AT, begins);
        }
        Place::Folder(folder) => {
            let whole = format!("{}{text}", folder.prefix);
            let begins = |row: &Entry| row.path().starts_with(&whole);
            folder.table.move_to_first(JUMP_LOOKS_AT, begins);
        }
    }
}

/// Goes to what was typed, also where it is not in the list: an owner's prefixes can be computed, a prefix listed.
pub(super) fn go_to(state: &mut State, text: &str, commands: &mut Vec<Command>) {
    if text.is_empty() {
        return;
    }
    let Some(browse) = &state.browse else { return };
    let place = match &browse.place {
        Place::Owners(owners) => {
            // The id as typed, unless it is the beginning of the one under the cursor.
            let current = owners.table.current().map(|row| &row.owner);
            let owner = match current.filter(|owner| owner.as_str().starts_with(text)) {
                Some(owner) => owner.clone(),
                None => match OwnerId::new(text) {
                    Ok(owner) => owner,
                    Err(_) => return,
                },
            };
            Place::Owner(Owner::new(owner))
        }
        Place::Owner(_) => return open_row(state, commands),
        Place::Folder(folder) => {
            let whole = format!("{}{text}", folder.prefix);
            match folder.table.current() {
                Some(Entry::Folder(prefix)) if prefix.starts_with(&whole) => {
                    Place::Folder(Folder::new(prefix.clone()))
                }
                Some(Entry::Object(object)) if object.key.as_str().starts_with(&whole) => return,
                _ => Place::Folder(Folder::new(whole)),
            }
        }
    };
    go(state, place, commands);
}

/// Drops everything that was learnt under the profile so far and connects with another.
pub(super) fn switch_profile(state: &mut State, name: String, commands: &mut Vec<Command>) {
    leave(state, commands);
    for slot in [Slot::Buckets, Slot::Facts, Slot::Identity] {
        abandon(state, slot, commands);
    }
    state.browse = None;
    state.screen = Screen::Buckets;
    state.buckets.restart();
    state.buckets_load = Load::Idle;
    state.who = Who::Pending;
    state.connection = None;
    state.profile = Some(name.clone());
    let work = Work::Connect {
        profile: Some(name),
    };
    let command = start(state, Slot::Connection, work);
    commands.push(command);
}
