//! The Browse screen: one file for each list that it can show, and for what stands beside them.

mod bars;
mod detail;
mod folder;
mod owner_prefixes;
mod owners;
mod timeline;
mod treemap;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{empty_words, load_words, split_pane, when};
use crate::app::State;
use crate::app::scans::PlaceScan;
use crate::app::screens::browse::{Browse, LayoutSource, Place};
use crate::app::state::Load;
use crate::domain::text;
use crate::ui::{Theme, words};

/// On narrower screens a scan that is complete says when it was made alone; one that is not says so everywhere.
const ROOM_FOR_COMPLETE: u16 = 100;

/// Draws the list, with what is shown beside it, or the map.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let Some(browse) = &state.browse else { return };
    if let Some(map) = &browse.treemap {
        treemap::draw(frame, area, state, browse, map, theme);
        return;
    }
    let draw_beside = |frame: &mut Frame, area: Rect| match (&browse.bars, &browse.pane) {
        (Some(bars), _) => bars::draw(frame, area, state, browse, bars, theme),
        (None, Some(pane)) => detail::draw(frame, area, state, browse, pane, theme),
        (None, None) => {}
    };
    let widest = match (&browse.bars, &browse.pane) {
        (Some(_), _) => Some(90),
        (None, Some(_)) => Some(split_pane::WIDEST),
        (None, None) => None,
    };
    let list = |frame: &mut Frame, area| draw_place(frame, area, state, browse, theme);
    split_pane::draw(frame, area, widest, theme, list, draw_beside);
}

fn draw_place(frame: &mut Frame, area: Rect, state: &State, browse: &Browse, theme: &Theme) {
    match &browse.place {
        Place::Owners(owners) => owners::draw(frame, area, state, owners, theme),
        Place::Owner(owner) => owner_prefixes::draw(frame, area, owner, theme),
        Place::Folder(folder) => folder::draw(frame, area, state, browse, folder, theme),
    }
}

/// Where one is, for the rule: `bucket › by owner › user-1`.
pub(super) fn place(state: &State) -> String {
    let Some(browse) = &state.browse else {
        return "Browse".into();
    };
    let mut parts = vec![browse.bucket.to_string()];
    for place in browse.back.iter().chain([&browse.place]) {
        parts.push(match place {
            Place::Owners(_) => match &browse.layouts {
                Some((_, LayoutSource::ByHand(what))) => format!("by owner ({what})"),
                _ => "by owner".into(),
            },
            Place::Owner(owner) => text::safe(owner.owner.as_str()).into_owned(),
            Place::Folder(folder) if folder.below.is_some() => "all objects".into(),
            Place::Folder(folder) if folder.prefix.is_empty() => "all prefixes".into(),
            Place::Folder(folder) => text::safe(&folder.prefix).into_owned(),
        });
    }
    parts.join(" › ")
}

/// How much is here, for the right of the rule; a part of the whole says so.
pub(super) fn summary(state: &State) -> Vec<String> {
    // The map says so itself.
    let Some(browse) = state
        .browse
        .as_ref()
        .filter(|browse| browse.treemap.is_none())
    else {
        return Vec::new();
    };
    // Whether the scan is what is waited for here, and whether there is anything of it to see.
    let (mut parts, loads, shows) = match &browse.place {
        Place::Owners(owners) => (owners::summary(owners), owners.by_scan, owners.by_scan),
        Place::Owner(owner) => (owner_prefixes::summary(owner), owner.by_scan, owner.by_scan),
        Place::Folder(folder) => {
            let is_flat = folder.below.is_some();
            let shows = is_flat || folder.sizes.is_some();
            (folder::summary(folder), is_flat, shows)
        }
    };
    if let Some(scan) = state.scan_here().filter(|_| shows) {
        let loading = load_words(&Load::Loading);
        parts.retain(|part| !loads || part != loading);
        parts.push(if state.size.0 < ROOM_FOR_COMPLETE && scan.is_complete() {
            scan_words(state, scan).replace(", complete", "")
        } else {
            scan_words(state, scan)
        });
    }
    parts
}

/// How far the scan is that a place shows, and of when it is.
fn scan_words(state: &State, scan: &PlaceScan) -> String {
    let Some(end) = &scan.end else {
        return "scanning".into();
    };
    let when = when(state, end.finished);
    let how = if end.coverage.is_complete() {
        "complete"
    } else {
        "a part"
    };
    format!("scanned {when}, {how}")
}

/// What is to be said of the row under the cursor, or of the list.
pub(super) fn about(state: &State) -> String {
    let Some(browse) = &state.browse else {
        return String::new();
    };
    if let Some(map) = &browse.treemap {
        return treemap::about(map);
    }
    match &browse.place {
        Place::Owners(owners) => {
            let mut parts = Vec::new();
            let none = &owners.unattributed;
            for (tally, what) in [
                (&none.unreadable, "that no layout explains"),
                (&none.contested, "that are contested"),
                (&none.unnamed, "whose key names no user"),
            ] {
                if tally.objects > 0 {
                    let objects = words::counted(tally.objects, "object");
                    parts.push(format!("{objects} {what} ({})", tally.bytes));
                }
            }
            if let Some(why) = owners.why_partial() {
                parts.push(why.to_owned());
            }
            parts.join(" · ")
        }
        Place::Owner(owner) if owner.why_partial().is_some() => {
            owner.why_partial().unwrap_or_default().to_owned()
        }
        Place::Owner(owner) => owner
            .table
            .current()
            .map(|row| format!("s3://{}/{}", browse.bucket, row.of.prefix))
            .unwrap_or_default(),
        Place::Folder(folder) => match folder.table.current() {
            Some(row) => format!("s3://{}/{}", browse.bucket, row.path()),
            None => String::new(),
        },
    }
}
