//! The screens: one file each, and one for each list that Browse can show.

mod audit_log;
mod bars;
mod buckets;
mod change_progress;
mod detail;
mod folder;
mod form;
mod orphans;
mod owner_prefixes;
mod owners;
mod presign;
mod purge;
mod receipt;
mod sheet;
mod split_pane;
mod state;
mod tasks;
mod timeline;
mod treemap;

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::Theme;
use crate::app::browse::{Browse, LayoutSource, Place};
use crate::app::scans::PlaceScan;
use crate::app::state::Load;
use crate::app::treemap::Treemap;
use crate::app::{Screen, State};
use crate::domain::text;

/// The narrowest list beside a pane; below it the pane takes the whole screen.
pub(in crate::ui) const LIST_BESIDE_PANE: u16 = 64;

/// On narrower screens a scan that is complete says when it was made alone; one that is not says so everywhere.
const ROOM_FOR_COMPLETE: u16 = 100;

/// Draws the screen that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match (state.screen, &state.browse) {
        (Screen::Buckets, _) => buckets::draw(frame, area, state, theme),
        (Screen::State, _) => state::draw(frame, area, state, theme),
        (Screen::Orphans, _) => orphans::draw(frame, area, state, theme),
        (Screen::Purge, _) => purge::draw(frame, area, state, theme),
        (Screen::Presign, _) => presign::draw(frame, area, state, theme),
        (Screen::AuditLog, _) => audit_log::draw(frame, area, state, theme),
        (Screen::Tasks, _) => tasks::draw(frame, area, state, theme),
        (Screen::Browse, Some(browse)) => match &browse.treemap {
            Some(map) => treemap::draw(frame, area, state, browse, map, theme),
            None => draw_browse(frame, area, state, browse, theme),
        },
        (Screen::Browse, None) => {}
    }
}

fn draw_browse(frame: &mut Frame, area: Rect, state: &State, browse: &Browse, theme: &Theme) {
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
    let (Screen::Browse, Some(browse)) = (state.screen, &state.browse) else {
        return match state.screen {
            Screen::Buckets => "Buckets".into(),
            Screen::State => state::place(state),
            Screen::Orphans => orphans::place(state),
            Screen::Purge => purge::place(state),
            Screen::Presign => presign::place(state),
            Screen::AuditLog => "Tasks › audit log".into(),
            _ => "Tasks".into(),
        };
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

/// What is to be said of the bucket under the cursor of the Buckets screen, in the status line.
pub(super) fn about_bucket(state: &State) -> String {
    buckets::about(state)
}

/// What is to be said of the part under the cursor of the map.
pub(super) fn about_map(map: &Treemap) -> String {
    treemap::about(map)
}

/// What is to be said of the line under the cursor of the Orphans screen, in the status line.
pub(super) fn about_orphans(state: &State) -> String {
    orphans::about(state)
}

/// What is to be said of the line under the cursor of the Purge screen, in the status line.
pub(super) fn about_purge(state: &State) -> String {
    purge::about(state)
}

/// The keys that matter on the page of the Orphans screen that is shown, where they are not those of the key map.
pub(super) fn hints_orphans(state: &State) -> Option<&'static [(&'static str, &'static str)]> {
    orphans::hints(state)
}

/// The keys that matter on the page of the Purge screen that is shown.
pub(super) fn hints_purge(state: &State) -> &'static [(&'static str, &'static str)] {
    purge::hints(state)
}

/// What is to be said of the line under the cursor of the audit log, in the status line.
pub(super) fn about_audit_log(state: &State) -> String {
    audit_log::about(state)
}

/// What is to be said of the line under the cursor of the Presign screen, in the status line.
pub(super) fn about_presign(state: &State) -> String {
    presign::about(state)
}

/// What is to be said of the row under the cursor of the State screen, in the status line.
pub(super) fn about_state(state: &State) -> String {
    state::about(state)
}

/// How much is here, for the right of the rule; a part of the whole says so.
pub(super) fn summary(state: &State) -> Vec<String> {
    match (state.screen, &state.browse) {
        (Screen::Buckets, _) => buckets::summary(state),
        (Screen::State, _) => state::summary(state),
        (Screen::Orphans, _) => orphans::summary(state),
        (Screen::Purge, _) => purge::summary(state),
        (Screen::Presign, _) => presign::summary(state),
        (Screen::AuditLog, _) => audit_log::summary(state),
        (Screen::Tasks, _) => tasks::summary(state),
        // It says so itself.
        (Screen::Browse, Some(browse)) if browse.treemap.is_some() => Vec::new(),
        (Screen::Browse, Some(browse)) => {
            // Whether the scan is what is waited for here, and whether there is anything of it to see.
            let (mut parts, loads, shows) = match &browse.place {
                Place::Owners(owners) => (owners::summary(owners), owners.by_scan, owners.by_scan),
                Place::Owner(owner) => {
                    (owner_prefixes::summary(owner), owner.by_scan, owner.by_scan)
                }
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
        (Screen::Browse, None) => Vec::new(),
    }
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

/// A time of today by the clock, another one with its day.
fn when(state: &State, time: DateTime<Utc>) -> String {
    let (then, now) = (state.local(time), state.local(state.now));
    let format = if then.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    then.format(format).to_string()
}

/// How far a list is, in a word or two for the summary.
fn load_words(load: &Load) -> &'static str {
    match load {
        Load::Idle | Load::Complete => "",
        Load::Loading => "loading",
        Load::Partial => "more below",
        Load::Stopped => "stopped, r begins again",
        Load::Failed(_) => "failed, e explains",
    }
}

/// The lines of a list that has no rows.
fn empty_words(load: &Load, filter: &str, nothing: &[&str]) -> Vec<String> {
    if !filter.is_empty() {
        return vec![
            format!("No row holds {filter:?}."),
            "Esc shows all of them.".into(),
        ];
    }
    match load {
        Load::Idle | Load::Loading => vec!["Asking …".into()],
        Load::Failed(problem) => vec![
            format!("Could not {} {}", problem.attempted, problem.target)
                .trim_end()
                .to_owned()
                + ".",
            problem.message.clone(),
            problem.advice.to_string(),
            "r tries again, e explains.".into(),
        ],
        Load::Stopped => vec![
            "Stopped before there was anything.".into(),
            "r begins again.".into(),
        ],
        Load::Complete | Load::Partial => nothing.iter().map(|line| (*line).to_owned()).collect(),
    }
}
