//! What places show of a scan: all of it, or what is read out of it by the task layer. See [`super::scanning`] for how
//! scans begin and end.

use super::scanning::{layouts, prefixes_of};
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::Place;
use crate::app::screens::browse::rows::Entries;
use crate::app::screens::buckets::update as buckets;
use crate::app::state::{Load, State};
use crate::app::table::Arranged;
use crate::app::update::{Command, abandon, arrange, start};
use crate::domain::Tally;
use crate::ops::scan::Scan;
use crate::ops::{Coverage, Gap};
use crate::tasks::{Read, Reading, Slot, Ticket, Work};

/// What the place that is shown was last told of a scan, so that it is not told the same again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadSnapshot {
    scan: Ticket,
    objects: usize,
    is_over: bool,
    prefixes: Vec<String>,
    shares: bool,
}

/// Shows of a scan what the place that is shown can take from one.
pub(super) fn show(state: &mut State, commands: &mut Vec<Command>) {
    let Some(browse) = &state.browse else { return };
    let prefixes = prefixes_of(&browse.place);
    let Some(scan) = state.scans.of(&browse.bucket, &prefixes) else {
        return;
    };
    let told = ReadSnapshot {
        scan: scan.ticket,
        objects: scan.columns.len(),
        is_over: !scan.is_running(),
        shares: browse.bars.is_some() && (scan.prefixes != prefixes || scan.shares.of.is_empty()),
        prefixes,
    };
    if browse.told.as_ref() == Some(&told) {
        return;
    }
    let load = match &scan.end {
        None => Load::Loading,
        Some(end) if end.coverage.is_complete() => Load::Complete,
        Some(_) => Load::Stopped,
    };
    let columns = scan.columns.clone();
    let shares = scan.shares.clone();
    let is_own = scan.prefixes == told.prefixes && !scan.shares.of.is_empty();
    let layouts = layouts(state);
    let now = state.now;
    let Some(browse) = &mut state.browse else {
        return;
    };
    if is_own && let Some(bars) = &mut browse.bars {
        bars.shares = Some(shares);
    }
    let mut reading = Reading {
        columns,
        prefixes: told.prefixes.clone(),
        layouts,
        folders: false,
        shares: told.shares,
        now,
    };
    let mut arranged = Arranged::Now;
    // Nothing can be read out of a scan that has just begun.
    let has_begun = told.is_over || !reading.columns.is_empty();
    let mut wants_reading = told.shares;
    match &mut browse.place {
        Place::Owners(_) => {}
        Place::Owner(owner) => wants_reading |= owner.by_scan,
        Place::Folder(folder) => {
            if let Some(below) = &folder.below {
                arranged = folder
                    .table
                    .replace(Entries::below(&reading.columns, below));
                folder.load = load;
            } else {
                reading.folders = true;
                wants_reading = true;
            }
        }
    }
    wants_reading &= has_begun;
    if wants_reading && browse.is_reading {
        // What is being read is shown first; what is new since is read after it.
        browse.read_again = true;
    } else {
        browse.told = Some(told);
        if wants_reading {
            browse.is_reading = true;
            browse.read_again = false;
            start(
                state,
                Slot::Reading,
                Work::Read(Box::new(reading)),
                commands,
            );
        }
    }
    arrange(state, Slot::ArrangeListing, arranged, commands);
}

/// Looks for a scan that an earlier session made of the place that is shown, or of its bucket; once a place.
pub(super) fn look_for_kept(state: &mut State, commands: &mut Vec<Command>) {
    if state.scan_here().is_some() {
        return;
    }
    let Some(browse) = &mut state.browse else {
        return;
    };
    let here = prefixes_of(&browse.place);
    if here.is_empty() || browse.looked_for.contains(&here) {
        return;
    }
    browse.looked_for.push(here.clone());
    let whole = vec![String::new()];
    let places = if here == whole {
        vec![whole]
    } else {
        vec![whole, here]
    };
    let bucket = browse.bucket.clone();
    start(
        state,
        Slot::Kept,
        Work::OpenKept { bucket, places },
        commands,
    );
}

/// There is a scan of an earlier session. Owners that are still being counted are taken from it when it is complete:
/// it is dated, and `r` asks the service.
pub(crate) fn kept_arrived(
    state: &mut State,
    ticket: Ticket,
    scan: Scan,
    commands: &mut Vec<Command>,
) {
    let scan = PlaceScan::kept(ticket, scan);
    let (is_complete, total, bucket) = (scan.is_complete(), scan.total, scan.bucket.clone());
    let of_bucket = scan.is_of_bucket();
    state.scans.add_kept(scan);
    if of_bucket && is_complete {
        let unknown = state
            .buckets
            .source()
            .iter()
            .any(|row| row.name == bucket && row.known.is_none());
        if unknown {
            buckets::known(state, &bucket, total, true, commands);
        }
    }
    let is_shown = state.scan_here().map(|scan| scan.ticket) == Some(ticket);
    if let Some(browse) = &mut state.browse
        && let Place::Owners(owners) = &mut browse.place
        && is_shown
        && is_complete
        && owners.load.is_loading()
        && !owners.by_scan
    {
        owners.load = Load::Idle;
        abandon(state, Slot::Listing, commands);
        super::loading::enter(state, commands);
        return;
    }
    show(state, commands);
}

/// Something was read out of a scan.
pub(crate) fn read_arrived(state: &mut State, read: Read, commands: &mut Vec<Command>) {
    let end = state.scan_here().and_then(|scan| scan.end.clone());
    let Some(browse) = &mut state.browse else {
        return;
    };
    // What was read while the scan ran is less than it came to.
    let is_over = browse.told.as_ref().is_some_and(|told| told.is_over);
    let coverage = end.filter(|_| is_over).map(|end| end.coverage);
    if let (Some(bars), Some(shares)) = (&mut browse.bars, read.shares) {
        bars.shares = Some(shares);
    }
    let arranged = match &mut browse.place {
        Place::Folder(folder) => match read.folders {
            Some(sizes) => {
                folder.sizes = Some(coverage.unwrap_or_else(so_far));
                folder.table.update_rows(|rows| rows.set_sizes(Some(sizes)))
            }
            None => Arranged::Now,
        },
        Place::Owner(owner) if owner.by_scan => {
            owner.counted = coverage;
            let numbers: Vec<(usize, Tally)> = read
                .prefixes
                .into_iter()
                .filter_map(|(prefix, tally)| {
                    let mut rows = owner.table.source().iter();
                    Some((rows.position(|row| row.of.prefix == prefix)?, tally))
                })
                .collect();
            owner.table.update_rows(|rows| {
                for (number, tally) in numbers {
                    if let Some(row) = rows.get_mut(number) {
                        row.tally = tally;
                    }
                }
            })
        }
        Place::Owner(_) | Place::Owners(_) => Arranged::Now,
    };
    arrange(state, Slot::ArrangeListing, arranged, commands);
}

/// How far the counts of a scan come that still runs.
pub(super) fn so_far() -> Coverage {
    let gap = Gap::new("the rest of the objects", "the scan still runs");
    Coverage::AtLeast(vec![gap])
}

/// The reading has ended, however that went.
pub(crate) fn reading_finished(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(browse) = &mut state.browse {
        browse.is_reading = false;
        if std::mem::take(&mut browse.read_again) {
            show(state, commands);
        }
    }
}
