//! What the Browse screen says of itself.

use super::treemap::Treemap;
use super::{BrowseScreen, Folder, LayoutSource, OwnerPage, Owners, Place};
use crate::app::scans::PlaceScan;
use crate::app::screens::Texts;
use crate::app::state::{Load, State};
use crate::app::words::{self, load_words, when};
use crate::domain::treemap::What;
use crate::domain::{ByteSize, text};
use crate::ops::owners::Tally;

/// On narrower screens a scan that is complete says when it was made alone; one that is not says so everywhere.
const ROOM_FOR_COMPLETE: u16 = 100;

impl Texts for BrowseScreen {
    fn title(&self) -> (u8, &'static str) {
        (2, "Browse")
    }

    /// `bucket › by owner › user-1`.
    fn place(&self, state: &State) -> String {
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

    fn summary(&self, state: &State) -> Vec<String> {
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
            Place::Owners(owners) => (owners_summary(owners), owners.by_scan, owners.by_scan),
            Place::Owner(owner) => (owner_summary(owner), owner.by_scan, owner.by_scan),
            Place::Folder(folder) => {
                let is_flat = folder.below.is_some();
                let shows = is_flat || folder.sizes.is_some();
                (folder_summary(folder), is_flat, shows)
            }
        };
        if let Some(scan) = state.scan_here().filter(|_| shows) {
            let loading = load_words(&Load::Loading);
            parts.retain(|part| !loads || Some(part) != loading.as_ref());
            parts.push(if state.size.0 < ROOM_FOR_COMPLETE && scan.is_complete() {
                scan_words(state, scan).replace(", complete", "")
            } else {
                scan_words(state, scan)
            });
        }
        parts
    }

    fn about(&self, state: &State) -> String {
        let Some(browse) = &state.browse else {
            return String::new();
        };
        if let Some(map) = &browse.treemap {
            return about_map(map);
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
}

/// How far the scan is that a place shows, and of when it is.
#[must_use]
pub(crate) fn scan_words(state: &State, scan: &PlaceScan) -> String {
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

/// How many owners and objects: "so far" and "at least" while that is all that is known.
fn owners_summary(owners: &Owners) -> Vec<String> {
    let number = u64::try_from(owners.table.len()).unwrap_or(u64::MAX);
    let found = words::counted(number, "owner");
    let mut parts = vec![match owners.all_found() {
        true => found,
        false if owners.load.is_loading() => format!("{found} so far"),
        false => format!("at least {found}"),
    }];
    let Tally { objects, bytes, .. } = owners.total;
    let counted = format!("{} · {bytes}", words::counted(objects, "object"));
    parts.push(if owners.all_counted() {
        counted
    } else {
        format!("at least {counted}")
    });
    parts.extend(load_words(&owners.load));
    parts
}

/// What the owner has here.
fn owner_summary(owner: &OwnerPage) -> Vec<String> {
    let rows = || owner.table.source().iter().map(|row| &row.tally);
    let prefixes = u64::try_from(owner.table.len()).unwrap_or(u64::MAX);
    let objects: u64 = rows().map(|tally| tally.objects).sum();
    let size: ByteSize = rows().map(|tally| tally.bytes).sum();
    let mut counted = format!("{} · {size}", words::counted(objects, "object"));
    if !owner.is_complete() {
        counted = format!("at least {counted}");
    }
    let mut parts = vec![
        words::counted(prefixes, "prefix").replace("prefixs", "prefixes"),
        counted,
    ];
    parts.extend(load_words(&owner.load));
    parts
}

/// How many folders and objects, and whether there are more.
fn folder_summary(folder: &Folder) -> Vec<String> {
    if folder.below.is_some() && matches!(folder.load, Load::Idle) {
        return vec!["not scanned".into()];
    }
    let mut whole = Vec::new();
    if folder.folders > 0 {
        whole.push(words::counted(folder.folders, "folder"));
    }
    let (objects, size) = if folder.below.is_some() {
        let total = folder.table.source().total();
        (total.objects, total.bytes)
    } else {
        folder.objects
    };
    if objects > 0 || folder.folders == 0 {
        whole.push(format!("{} · {size}", words::counted(objects, "object")));
    }
    let mut whole = whole.join(" · ");
    let is_part = match folder.below {
        None => folder.next.is_some(),
        Some(_) => !matches!(folder.load, Load::Complete),
    };
    if is_part {
        whole = format!("at least {whole}");
    }
    if folder.table.shown() < folder.table.len() {
        let shown = u64::try_from(folder.table.shown()).unwrap_or(u64::MAX);
        whole = format!("{} shown of {whole}", words::exact(shown));
    }
    let mut parts = vec![whole];
    let sorting = folder.table.is_arranging().then(|| "sorting".to_owned());
    parts.extend(load_words(&folder.load).or(sorting));
    parts
}

/// What is to be said of the part under the cursor.
fn about_map(treemap: &Treemap) -> String {
    let (Some(tile), Some(map)) = (treemap.current(), &treemap.map) else {
        return String::new();
    };
    let share = words::percent(tile.tally.bytes.bytes(), map.total.bytes.bytes());
    let objects = words::counted(tile.tally.objects, "object");
    let ByteSize(bytes) = tile.tally.bytes;
    format!(
        "{}: {objects}, {} ({} bytes), {share} of what is here",
        tile_name(&tile.what, ""),
        tile.tally.bytes,
        words::exact(bytes)
    )
}

/// What a part is called: folders and objects below the prefix that one stands in.
#[must_use]
pub(crate) fn tile_name(what: &What, prefix: &str) -> String {
    match what {
        What::Layout(layout) => text::safe(layout).into_owned(),
        What::Owner(owner) => text::safe(owner.as_str()).into_owned(),
        What::Unnamed => "(the key names no user)".to_owned(),
        What::Unreadable => "(no layout explains it)".to_owned(),
        What::Folder(path) | What::Object(path) => {
            let below = path.strip_prefix(prefix).filter(|below| !below.is_empty());
            text::safe(below.unwrap_or(path)).into_owned()
        }
        What::Rest(number) => format!("{} others", words::exact(*number)),
    }
}
