//! The map of where the bytes are: opening it, walking in it, and having it read out of a scan.

use super::scanning;
use super::scanning::{layouts, prefixes_of};
use crate::app::CHROME_LINES;
use crate::app::action::Action;
use crate::app::screens::browse::treemap::{Asked, HEAD_LINES, Treemap, Way};
use crate::app::state::State;
use crate::app::update::{Command, abandon, actions, start, toast};
use crate::domain::Tally;
use crate::domain::treemap::{By, Map, Spot, What};
use crate::tasks::{MapWork, Slot, Work};

/// Opens the map of the place that is shown, or begins it by something else.
pub(super) fn next(state: &mut State, commands: &mut Vec<Command>) {
    let has_layouts = layouts(state).is_some();
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Some(treemap) = &mut browse.treemap else {
        let prefixes = prefixes_of(&browse.place);
        if prefixes.is_empty() {
            toast(state, "the prefixes of this owner are not known yet", false);
            return;
        }
        browse.treemap = Some(Treemap::new(prefixes));
        return;
    };
    let ways = Treemap::ways_to_begin(has_layouts);
    let at = ways.iter().position(|by| *by == treemap.spot.by);
    let by = ways.get((at.unwrap_or(0) + 1) % ways.len()).copied();
    let by = by.unwrap_or(By::Prefix);
    treemap.back.clear();
    treemap.go(Spot::new(by), None);
    if !has_layouts {
        let words = "no blueprint names this bucket: by owner and layout nothing is known";
        toast(state, words, false);
    }
    abandon(state, Slot::Treemap, commands);
}

/// Does what was asked for, where it means something of its own on the map.
pub(super) fn act(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let (width, height) = area(state);
    let Some(treemap) = shown(state) else {
        return false;
    };
    match action {
        Action::Up => treemap.step(Way::Up, width, height),
        Action::Down => treemap.step(Way::Down, width, height),
        Action::PreviousChoice => treemap.step(Way::Left, width, height),
        Action::NextChoice => treemap.step(Way::Right, width, height),
        Action::Open => walk_in(state, commands),
        Action::Back => walk_out(state, commands),
        Action::NextMap => next(state, commands),
        Action::Scan => scanning::scan_or_stop(state, commands),
        Action::Copy => copy(state, commands),
        _ => return false,
    }
    true
}

/// The map, where it is shown.
fn shown(state: &mut State) -> Option<&mut Treemap> {
    state.browse.as_mut()?.treemap.as_mut()
}

/// Columns and lines of the map.
fn area(state: &State) -> (u16, u16) {
    // A list has a line of heads that the map has not.
    let lines = state.size.1.saturating_sub(CHROME_LINES - 1 + HEAD_LINES);
    (state.size.0, lines)
}

fn walk_in(state: &mut State, commands: &mut Vec<Command>) {
    let Some(treemap) = shown(state) else {
        return;
    };
    let (Some(map), Some(tile)) = (&treemap.map, treemap.current()) else {
        return;
    };
    let what = tile.what.clone();
    let Some(spot) = map.spot.inside(&what) else {
        let words = match what {
            What::Rest(_) => "these are too small to be shown one by one",
            _ => "this is an object: there is nothing in it to walk into",
        };
        toast(state, words, false);
        return;
    };
    treemap.back.push((treemap.spot.clone(), Some(what)));
    treemap.go(spot, None);
    abandon(state, Slot::Treemap, commands);
}

/// One step back; from the beginning, to the list.
fn walk_out(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(browse) = &mut state.browse
        && let Some(treemap) = &mut browse.treemap
    {
        match treemap.back.pop() {
            Some((spot, awaited)) => treemap.go(spot, awaited),
            None => browse.treemap = None,
        }
    }
    abandon(state, Slot::Treemap, commands);
}

fn copy(state: &mut State, commands: &mut Vec<Command>) {
    let treemap = state.browse.as_ref().and_then(|b| b.treemap.as_ref());
    let text = match treemap.and_then(Treemap::current).map(|tile| &tile.what) {
        Some(What::Folder(text) | What::Object(text) | What::Layout(text)) => text.clone(),
        Some(What::Owner(owner)) => owner.as_str().to_owned(),
        Some(What::Unnamed | What::Unreadable | What::Rest(_)) | None => {
            toast(state, "there is no name to be copied", false);
            return;
        }
    };
    actions::copy_text(state, text, commands);
}

/// Has read out of the scan what the map shows, when it was not or the scan has gone on.
pub(super) fn follow(state: &mut State, commands: &mut Vec<Command>) {
    let rules = layouts(state);
    let Some(browse) = &state.browse else { return };
    let Some(treemap) = browse.treemap.as_ref().filter(|map| !map.is_reading) else {
        return;
    };
    let Some(scan) = state.scans.of(&browse.bucket, &treemap.prefixes) else {
        return;
    };
    let asked = Asked {
        scan: scan.ticket,
        objects: scan.columns.len(),
        spot: treemap.spot.clone(),
    };
    let is_known = treemap.asked.as_ref() == Some(&asked) && treemap.map.is_some();
    // Nothing can be read out of a scan that has just begun.
    if is_known || (scan.is_running() && scan.columns.is_empty()) {
        return;
    }
    let work = MapWork {
        columns: scan.columns.clone(),
        prefixes: treemap.prefixes.clone(),
        rules,
        spot: treemap.spot.clone(),
    };
    if let Some(treemap) = shown(state) {
        treemap.asked = Some(asked);
        treemap.is_reading = true;
    }
    start(state, Slot::Treemap, Work::Map(Box::new(work)), commands);
}

/// What lies there was read.
pub(crate) fn arrived(state: &mut State, map: Map) {
    if let Some(treemap) = shown(state) {
        treemap.take(map);
    }
}

/// The reading has ended, however that went.
pub(crate) fn reading_ended(state: &mut State) {
    if let Some(treemap) = shown(state) {
        treemap.is_reading = false;
        // A reading that broke off is not begun again and again.
        let spot = treemap.spot.clone();
        treemap.map.get_or_insert_with(|| Map {
            spot,
            total: Tally::default(),
            tiles: Vec::new(),
        });
    }
}
