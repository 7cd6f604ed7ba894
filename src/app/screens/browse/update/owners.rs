//! Owners and their prefixes as they are found and counted, by a search or by a scan.

use super::place;
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::rows::{AnchorRow, OwnerRow};
use crate::app::screens::browse::{Owners, Place};
use crate::app::state::State;
use crate::app::table::Arranged;
use crate::app::update::{Command, arrange};
use crate::domain::OwnerId;
use crate::ops::Coverage;
use crate::ops::owners::{OwnerPrefixes, OwnersUpdate, Tally};
use crate::tasks::Slot;

/// Owners were found or counted.
pub(crate) fn arrived(
    state: &mut State,
    slot: Slot,
    update: OwnersUpdate,
    commands: &mut Vec<Command>,
) {
    let is_scanned = state.scan_here().is_some_and(PlaceScan::is_running);
    let Some(Place::Owners(owners)) = place(state) else {
        return;
    };
    // A scan goes on wherever one looks: what it finds in one bucket is nothing to another, nor to a list that counts by
    // itself.
    if slot == Slot::Scan && !(is_scanned && owners.by_scan) {
        return;
    }
    let arranged = match update {
        OwnersUpdate::Found(folders) => take_owners(
            owners,
            folders.into_iter().map(|folder| (folder.owner, None)),
        ),
        OwnersUpdate::Enumerated(coverage) => {
            owners.found = Some(coverage);
            Arranged::Now
        }
        OwnersUpdate::Counted(counts) => {
            owners.total = counts.total;
            owners.unattributed = counts.unattributed;
            let counts = counts.owners.into_iter();
            take_owners(owners, counts.map(|(owner, tally)| (owner, Some(tally))))
        }
        OwnersUpdate::Done(summary) => {
            owners.found = Some(summary.found);
            owners.counted = Some(summary.counted);
            owners.total = summary.total;
            owners.unattributed = summary.unattributed;
            Arranged::Now
        }
    };
    arrange(state, Slot::ArrangeListing, arranged, commands);
}

/// Replaces the counts of owners that are known, and takes new ones at the end.
fn take_owners(
    owners: &mut Owners,
    news: impl Iterator<Item = (OwnerId, Option<Tally>)>,
) -> Arranged {
    let mut fresh: Vec<OwnerRow> = Vec::new();
    let mut changes = Vec::new();
    let known = owners.table.len();
    for (owner, tally) in news {
        match (owners.numbers.get(&owner), tally) {
            (Some(number), Some(tally)) if *number < known => changes.push((*number, tally)),
            (Some(number), Some(tally)) => {
                if let Some(row) = fresh.get_mut(number - known) {
                    row.tally = tally;
                }
            }
            (Some(_), None) => {}
            (None, tally) => {
                owners.numbers.insert(owner.clone(), known + fresh.len());
                let tally = tally.unwrap_or_default();
                fresh.push(OwnerRow { owner, tally });
            }
        }
    }
    if fresh.is_empty() && changes.is_empty() {
        return Arranged::Now;
    }
    owners.table.change(fresh, |rows| {
        for (number, tally) in changes {
            if let Some(row) = rows.get_mut(number) {
                row.tally = tally;
            }
        }
    })
}

/// The prefixes of an owner were found.
pub(crate) fn prefixes_found(state: &mut State, found: OwnerPrefixes, commands: &mut Vec<Command>) {
    let Some(Place::Owner(owner)) = place(state) else {
        return;
    };
    owner.unnamed = found.unnamed;
    owner.found = Some(found.coverage);
    let row = |of| AnchorRow {
        of,
        tally: Tally::default(),
    };
    let rows = found.prefixes.into_iter().map(row).collect();
    let arranged = owner.table.push(rows);
    arrange(state, Slot::ArrangeListing, arranged, commands);
}

/// All of an owner's objects were counted, as far as that went.
pub(crate) fn all_counted(state: &mut State, coverage: Coverage) {
    if let Some(Place::Owner(owner)) = place(state) {
        owner.counted = Some(coverage);
    }
}

/// More was counted in a prefix of an owner.
pub(crate) fn prefix_counted(
    state: &mut State,
    prefix: &str,
    tally: &Tally,
    commands: &mut Vec<Command>,
) {
    let Some(Place::Owner(owner)) = place(state) else {
        return;
    };
    let is_it = |row: &AnchorRow| row.of.prefix == prefix;
    let arranged = owner.table.change_row(is_it, |row| {
        row.tally.objects += tally.objects;
        row.tally.bytes += tally.bytes;
        row.tally.newest = row.tally.newest.max(tally.newest);
    });
    arrange(state, Slot::ArrangeListing, arranged, commands);
}
