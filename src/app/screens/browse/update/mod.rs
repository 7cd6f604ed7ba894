//! How the Browse screen changes: what its keys do, and the pages of a folder as they arrive.
//!
//! Going from place to place is in [`navigate`], asking for what is shown in [`loading`], owners as they are found in
//! [`owners`], scans in [`scanning`] and [`readings`], the map in [`treemap`].

pub(crate) mod jump;
mod loading;
pub(crate) mod navigate;
pub(crate) mod owners;
pub(crate) mod readings;
pub(crate) mod scanning;
pub(crate) mod treemap;
#[cfg(test)]
mod treemap_tests;

use std::sync::Arc;

use super::{Browse, BrowseScreen, BucketRules, Detail, Folder, Pane, Place};
use crate::app::action::Action;
use crate::app::keymap;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::rows::Entry;
use crate::app::screens::buckets::Known;
use crate::app::screens::buckets::update as buckets;
use crate::app::screens::{Component, Screen, path_or_uri, presign, purge};
use crate::app::state::{Load, State};
use crate::app::table::{Arranged, List};
use crate::app::update::{Command, abandon, access, arrange, report, toast};
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::{BucketName, ByteSize, OwnerId, text};
use crate::ops::Coverage;
use crate::ops::browse::{Page, Start};
use crate::ops::coverage::undecided_keys;
use crate::ops::inspect::ObjectDetail;
use crate::tasks::Slot;

impl Component for BrowseScreen {
    fn keys(&self, state: &State) -> keymap::Place {
        match &state.browse {
            Some(Browse {
                treemap: Some(_), ..
            }) => keymap::Place::Map,
            _ => keymap::Place::Browse,
        }
    }

    fn has_something(&self, state: &State) -> bool {
        state.browse.is_some()
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        if treemap::act(state, action, commands) {
            return true;
        }
        match action {
            Action::Open => navigate::open_row(state, commands),
            Action::Jump => state.overlay = Some(Overlay::prompt(PromptKind::Jump, "")),
            Action::Refresh => loading::refresh(state, commands),
            Action::LoadAll => loading::load_all(state, commands),
            Action::Scan => scanning::scan_or_stop(state, commands),
            Action::AllObjects => scanning::all_objects(state, commands),
            Action::NextMap => treemap::next(state, commands),
            Action::NextBars => scanning::next_bars(state, commands),
            Action::ToggleView => navigate::toggle_view(state, commands),
            Action::OwnersHere => navigate::owners_here(state, commands),
            Action::ToggleDetail => navigate::toggle_detail(state),
            Action::DetailDown => scroll_pane(state, 1),
            Action::DetailUp => scroll_pane(state, -1),
            Action::Purge => purge::update::show_for(state, owner_here(state), commands),
            Action::PresignRow => {
                fill_form(state);
                presign::update::show_form(state, commands);
            }
            Action::Cancel => {
                let is_scanned = state.scan_here().is_some_and(PlaceScan::is_running);
                let slot = if is_scanned {
                    Slot::Scan
                } else {
                    Slot::Listing
                };
                commands.push(Command::Cancel(slot));
            }
            Action::Explain => return explain(state),
            _ => return false,
        }
        true
    }

    fn back(&self, state: &mut State, commands: &mut Vec<Command>) {
        navigate::back(state, commands);
    }

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        Some((Slot::ArrangeListing, place(state)?.list()))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        state
            .browse
            .as_ref()
            .map_or("", |browse| browse.place.filter())
    }

    fn answered(&self, state: &mut State, _: PromptKind, text: &str, commands: &mut Vec<Command>) {
        jump::go_to(state, text, commands);
    }

    fn under_cursor(&self, state: &State, as_uri: bool) -> Option<String> {
        let browse = state.browse.as_ref()?;
        let path = match &browse.place {
            Place::Owners(owners) => {
                return Some(owners.table.current()?.owner.as_str().to_owned());
            }
            Place::Owner(owner) => owner.table.current()?.of.prefix.clone(),
            Place::Folder(folder) => folder.table.current()?.path().to_owned(),
        };
        Some(path_or_uri(&browse.bucket, &path, as_uri))
    }

    fn bucket(&self, state: &State) -> Option<BucketName> {
        Some(state.browse.as_ref()?.bucket.clone())
    }

    fn follow(&self, state: &mut State, commands: &mut Vec<Command>) {
        if state.screen == Screen::Browse {
            loading::follow(state, commands);
        }
        treemap::follow(state, commands);
    }

    fn forget(&self, state: &mut State, commands: &mut Vec<Command>) {
        navigate::leave(state, commands);
        for slot in [Slot::Rules, Slot::Scan, Slot::Kept] {
            abandon(state, slot, commands);
        }
        state.scans.clear();
        state.browse = None;
    }
}

fn place(state: &mut State) -> Option<&mut Place> {
    state.browse.as_mut().map(|browse| &mut browse.place)
}

fn pane(state: &mut State) -> Option<&mut Pane> {
    state.browse.as_mut()?.pane.as_mut()
}

fn scroll_pane(state: &mut State, lines: i16) {
    if let Some(pane) = pane(state) {
        pane.scroll = pane.scroll.saturating_add_signed(lines);
    }
}

/// The owner whose page this is, or who is under the cursor.
fn owner_here(state: &State) -> Option<(BucketName, OwnerId)> {
    let browse = state.browse.as_ref()?;
    let owner = match &browse.place {
        Place::Owners(owners) => owners.table.current()?.owner.clone(),
        Place::Owner(owner) => owner.owner.clone(),
        Place::Folder(_) => return None,
    };
    Some((browse.bucket.clone(), owner))
}

/// Fills the form of a request in for what is under the cursor.
fn fill_form(state: &mut State) {
    let Some(browse) = &state.browse else { return };
    let bucket = &browse.bucket;
    let form = &mut state.presign.form;
    match &browse.place {
        Place::Owners(owners) => match owners.table.current() {
            Some(row) => form.take_owner(bucket, &row.owner),
            None => form.take_bucket(bucket),
        },
        Place::Owner(owner) => form.take_owner(bucket, &owner.owner),
        Place::Folder(folder) => match folder.table.current().as_deref() {
            Some(Entry::Object(object)) => form.take_object(bucket, &object.key),
            Some(Entry::Folder { prefix, .. }) => form.take_prefix(bucket, prefix),
            None => form.take_prefix(bucket, &folder.prefix),
        },
    }
}

/// Explains the access to the object or the folder under the cursor. A list that failed is nearer than a row of it.
fn explain(state: &mut State) -> bool {
    let Some(browse) = &state.browse else {
        return false;
    };
    let Place::Folder(folder) = &browse.place else {
        return false;
    };
    if matches!(folder.load, Load::Failed(_)) {
        return false;
    }
    let (bucket, row) = (browse.bucket.clone(), folder.table.current());
    match row.map(std::borrow::Cow::into_owned) {
        Some(Entry::Object(object)) => access::choose(state, (&bucket, object.key.as_str())),
        Some(Entry::Folder { prefix, .. }) => access::choose_listing(state, (&bucket, &prefix)),
        None => return false,
    }
    true
}

/// A page of a folder is here.
pub(crate) fn page_arrived(state: &mut State, page: Page, commands: &mut Vec<Command>) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    let Place::Folder(folder) = &mut browse.place else {
        return;
    };
    let keys = page.items.iter().map(|object| object.key.as_str());
    let goes_on = match &mut folder.order {
        Some(order) => order.goes_on(&page.prefixes, keys),
        None => true,
    };
    if goes_on {
        let undecided = (page.undecided > 0).then(|| undecided_keys(&browse.bucket));
        let arranged = take_page(folder, page);
        arrange(state, Slot::ArrangeListing, arranged, commands);
        if let Some(gap) = undecided {
            toast(state, format!("{}: {}", gap.what, gap.why), true);
        }
        return;
    }
    // Its rows are here already, and what follows could go on for ever.
    folder.next = None;
    let target = format!("s3://{}/{}", browse.bucket, text::safe(&folder.prefix));
    let problem = Problem::new(
        "list all of",
        target,
        ProblemKind::Malformed,
        "the server gave keys again, or out of order, under a new continuation token",
        advice!("what came before that is shown; go on into one of its folders instead"),
    );
    abandon(state, Slot::Listing, commands);
    let load = report(state, Arc::new(problem));
    listing_finished(state, load, commands);
}

fn take_page(folder: &mut Folder, page: Page) -> Arranged {
    folder.next = page.next.map(Start::Next);
    folder.folders += page.prefixes.len() as u64;
    folder.objects.0 += page.items.len() as u64;
    folder.objects.1 += page
        .items
        .iter()
        .map(|object| object.size)
        .sum::<ByteSize>();
    let folders = page.prefixes.into_iter().map(Entry::folder);
    let objects = page.items.into_iter().map(Entry::Object);
    folder.table.push(folders.chain(objects).collect())
}

/// What listed or looked for the rows of the place has ended.
pub(crate) fn listing_finished(state: &mut State, load: Load, commands: &mut Vec<Command>) {
    // Looking for owners ends even where it was refused everything: what it could not see tells whether it failed.
    let load = match (load, place(state).and_then(|place| problem_of(place))) {
        (Load::Complete, Some(problem)) => report(state, problem),
        (load, _) => load,
    };
    let Some(browse) = &mut state.browse else {
        return;
    };
    let known = match &mut browse.place {
        Place::Folder(folder) => {
            folder.load = match load {
                Load::Complete if folder.next.is_some() => Load::Partial,
                load => load,
            };
            None
        }
        Place::Owner(owner) => {
            owner.load = load;
            None
        }
        // What was read out of a scan so far; the scan goes on.
        Place::Owners(owners) if owners.by_scan && owners.counted.is_none() => {
            owners.is_reading = false;
            None
        }
        Place::Owners(owners) => {
            owners.is_reading = false;
            owners.load = load;
            let complete = owners.all_counted();
            // A search that was stopped before it counted anything has nothing to say about the bucket.
            (complete || owners.total.objects > 0).then_some(Known {
                objects: owners.total.objects,
                size: owners.total.bytes,
                complete,
            })
        }
    };
    if let Some(known) = known {
        let name = browse.bucket.to_string();
        buckets::change(state, &name, |row| row.known = Some(known), commands);
    }
}

/// The first failure that made what is known of owners less than everything.
fn problem_of(place: &Place) -> Option<Arc<Problem>> {
    let (found, counted) = match place {
        Place::Owners(owners) => (&owners.found, &owners.counted),
        Place::Owner(owner) => (&owner.found, &owner.counted),
        Place::Folder(_) => return None,
    };
    let mut gaps = [found, counted]
        .into_iter()
        .flatten()
        .flat_map(Coverage::gaps);
    let problem = gaps.find_map(|gap| gap.problem.clone())?;
    Some(Arc::new(problem))
}

/// An object's detail is here.
pub(crate) fn detail_arrived(state: &mut State, detail: Box<ObjectDetail>) {
    if let Some(pane) = pane(state) {
        pane.detail = Detail::Ready(Arc::from(detail));
    }
}

/// The detail will not come any more, if it has not.
pub(crate) fn detail_finished(state: &mut State, load: Load) {
    let Some(pane) = pane(state) else { return };
    let Detail::Loading(key) = &pane.detail else {
        return;
    };
    let problem = match load {
        Load::Failed(problem) => problem,
        _ => Arc::new(Problem::cancelled("inspect", text::safe(key.as_str()))),
    };
    pane.detail = Detail::Failed(key.clone(), problem);
}

/// The rules will not come any more, if they have not.
pub(crate) fn rules_finished(state: &mut State, load: Load) {
    let Some(browse) = &mut state.browse else {
        return;
    };
    if matches!(browse.rules, BucketRules::Loading) {
        let problem = match load {
            Load::Failed(problem) => problem,
            _ => Arc::new(Problem::cancelled(
                "read the lifecycle of",
                browse.bucket.as_str(),
            )),
        };
        browse.rules = BucketRules::Failed(problem);
    }
}
