//! Finds soft purges on this computer that can be undone: those with a receipt and a list of delete markers.
//!
//! The result is only a list of candidates. The seal, the user and the list are checked when one is
//! [read](super::undo::SoftPurge::read).

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::store::Store;
use crate::domain::change::Act;
use crate::domain::receipt::{Beside, Outcome};

/// The file name suffix of receipts.
const RECEIPT: &str = ".json";

/// A soft purge that may be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    /// The path of its receipt.
    pub receipt: PathBuf,
    /// Its case id.
    pub case: String,
    /// When it was verified.
    pub at: DateTime<Utc>,
    /// The number of delete markers that it created.
    pub markers: u64,
    /// The name of its blueprint.
    pub blueprint: String,
    /// The endpoint, if it is not AWS.
    pub endpoint: Option<String>,
    /// The user's id, if the receipt contains it in plain text.
    pub user: Option<String>,
}

/// The relevant fields of a receipt. There may be many items, and only their outcome matters.
#[derive(Deserialize)]
struct Seen {
    case: String,
    act: Act,
    verified_at: DateTime<Utc>,
    markers: Option<Beside>,
    blueprint: String,
    endpoint: Option<String>,
    subject_as_given: Option<String>,
    items: Vec<SeenItem>,
}

#[derive(Deserialize)]
struct SeenItem {
    outcome: Outcome,
}

impl Seen {
    /// The case that this receipt undoes, if it did so completely.
    fn undoes(&self) -> Option<&str> {
        let Act::Unmark { case } = &self.act else {
            return None;
        };
        let left = |item: &SeenItem| item.outcome == Outcome::StillThere;
        (!self.items.iter().any(left)).then_some(case)
    }
}

/// Finds soft purges that were not undone, newest first. Unreadable receipts are skipped.
///
/// # Errors
/// If the folder cannot be read.
pub fn undoable(store: &Store) -> io::Result<Vec<Undoable>> {
    let mut undone = BTreeSet::new();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(store.receipts())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(case) = name.and_then(|name| name.strip_suffix(RECEIPT)) else {
            continue;
        };
        let Some(seen) = look(store, &path, case) else {
            continue;
        };
        undone.extend(seen.undoes().map(str::to_owned));
        let is_here = store.markers_file(case).is_file();
        if let (Act::Mark, Some(beside), true) = (&seen.act, &seen.markers, is_here) {
            found.push(Undoable {
                receipt: path,
                at: seen.verified_at,
                markers: beside.entries,
                case: seen.case,
                blueprint: seen.blueprint,
                endpoint: seen.endpoint,
                user: seen.subject_as_given,
            });
        }
    }
    found.retain(|one| one.markers > 0 && !undone.contains(&one.case));
    found.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(found)
}

fn look(store: &Store, path: &std::path::Path, case: &str) -> Option<Seen> {
    let text = store.read_untrusted(path).ok()?;
    let seen: Seen = serde_json::from_str(&text).ok()?;
    (seen.case == case).then_some(seen)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt(store: &Store, case: &str, act: &Act, day: u32, outcome: &str) {
        let marks = *act == Act::Mark;
        let text = json!({
            "case": case,
            "act": act,
            "verified_at": format!("2026-03-{day:02}T12:00:00Z"),
            "markers": marks.then(|| json!({ "file": "m", "entries": 7, "sha256": "" })),
            "blueprint": "pilotforce",
            "items": [{ "outcome": outcome, "bucket": "b" }],
        });
        std::fs::write(store.receipt_files(case).0, text.to_string()).unwrap();
        if marks {
            std::fs::write(store.markers_file(case), "").unwrap();
        }
    }

    fn unmark(case: &str) -> Act {
        Act::Unmark { case: case.into() }
    }

    #[test]
    fn soft_purges_are_offered_until_they_are_undone_or_their_list_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        receipt(&store, "older", &Act::Mark, 1, "done");
        receipt(&store, "newer", &Act::Mark, 2, "done");
        receipt(&store, "hard", &Act::Delete, 3, "deleted");
        std::fs::write(store.receipt_files("torn").0, "{").unwrap();
        let offered = || -> Vec<String> {
            let found = undoable(&store).unwrap();
            assert!(found.iter().all(|one| one.markers == 7));
            found.into_iter().map(|one| one.case).collect()
        };
        assert_eq!(offered(), ["newer", "older"]);
        // A partial undo does not count; a complete one does.
        receipt(&store, "undo-1", &unmark("newer"), 4, "still-there");
        assert_eq!(offered(), ["newer", "older"]);
        receipt(&store, "undo-2", &unmark("newer"), 5, "deleted");
        assert_eq!(offered(), ["older"]);
        std::fs::remove_file(store.markers_file("older")).unwrap();
        assert!(offered().is_empty());
    }
}
