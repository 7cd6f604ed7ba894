//! What a run creates, written down before it is created: what a killed run leaves behind can be found.
//!
//! One file a run in the state folder, for its owner alone, one JSON object a line. The file is locked while its run
//! lives, and goes when everything in it was removed and found gone.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::config::private;
use crate::domain::{BucketName, ObjectKey};

/// A place that something is created in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) bucket: BucketName,
    pub(super) key: ObjectKey,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    bucket: String,
    key: String,
    /// The endpoint in place of AWS's, and so whether the places are this connection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

/// The journal of a run that lives.
pub(super) struct Journal {
    path: PathBuf,
    endpoint: Option<String>,
    state: Mutex<(File, BTreeSet<Place>)>,
}

/// The journal of a run that does not live any more.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) path: PathBuf,
    pub(super) run: String,
    pub(super) places: Vec<Place>,
    /// Held, so that nobody else removes the same at the same time.
    _lock: File,
}

/// The folder of the journals.
pub(super) fn folder(state: &Path) -> PathBuf {
    state.join("smoke")
}

impl Journal {
    pub(super) fn begin(state: &Path, run: &str, endpoint: Option<&str>) -> io::Result<Self> {
        let folder = folder(state);
        private::create_folder(state)?;
        private::create_folder(&folder)?;
        let path = folder.join(format!("{run}.jsonl"));
        let file = private::append(&path)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Self {
            path,
            endpoint: endpoint.map(str::to_owned),
            state: Mutex::new((file, BTreeSet::new())),
        })
    }

    /// Writes a place down, on the disk when it returns.
    pub(super) fn will_create(&self, place: &Place) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, places) = &mut *state;
        if places.contains(place) {
            return Ok(());
        }
        let line = Line {
            bucket: place.bucket.as_str().to_owned(),
            key: place.key.as_str().to_owned(),
            endpoint: self.endpoint.clone(),
        };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        places.insert(place.clone());
        Ok(())
    }

    /// All places that were written down.
    pub(super) fn places(&self) -> Vec<Place> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.iter().cloned().collect()
    }

    /// Everything is gone: so is the journal.
    pub(super) fn end(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The journals of runs that do not live any more, as far as they are of this endpoint.
pub(super) fn abandoned(state: &Path, endpoint: Option<&str>) -> Vec<Abandoned> {
    let Ok(entries) = std::fs::read_dir(folder(state)) else {
        return Vec::new();
    };
    let mut found: Vec<Abandoned> = entries
        .flatten()
        .filter_map(|entry| read(&entry.path(), endpoint))
        .collect();
    found.sort_by(|a, b| a.run.cmp(&b.run));
    found
}

fn read(path: &Path, endpoint: Option<&str>) -> Option<Abandoned> {
    let run = path
        .file_name()?
        .to_str()?
        .strip_suffix(".jsonl")?
        .to_owned();
    let file = private::append(path).ok()?;
    // A run that lives has it.
    file.try_lock().ok()?;
    let text = std::fs::read_to_string(path).ok()?;
    let lines: Vec<Line> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if lines
        .iter()
        .any(|line| line.endpoint.as_deref() != endpoint)
    {
        return None;
    }
    let places = lines.into_iter().filter_map(|line| {
        Some(Place {
            bucket: BucketName::new(line.bucket).ok()?,
            key: ObjectKey::new(line.key).ok()?,
        })
    });
    Some(Abandoned {
        path: path.to_owned(),
        run,
        places: places.collect(),
        _lock: file,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(key: &str) -> Place {
        Place {
            bucket: BucketName::new("media").unwrap(),
            key: ObjectKey::new(key).unwrap(),
        }
    }

    #[test]
    fn what_a_killed_run_wrote_down_is_found_and_a_living_runs_is_not() {
        let state = tempfile::tempdir().unwrap();
        let journal = Journal::begin(state.path(), "0a", Some("http://e")).unwrap();
        journal.will_create(&place("a")).unwrap();
        journal.will_create(&place("b")).unwrap();
        journal.will_create(&place("a")).unwrap();
        assert_eq!(journal.places(), [place("a"), place("b")]);
        assert!(abandoned(state.path(), Some("http://e")).is_empty());
        let path = journal.path.clone();
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        drop(journal);
        let found = abandoned(state.path(), Some("http://e"));
        assert_eq!((found[0].run.as_str(), found[0].places.len()), ("0a", 2));
        drop(found);
        assert!(
            abandoned(state.path(), None).is_empty(),
            "another endpoint's"
        );
    }

    #[test]
    fn a_run_that_removed_everything_leaves_no_journal() {
        let state = tempfile::tempdir().unwrap();
        let journal = Journal::begin(state.path(), "0a", None).unwrap();
        journal.will_create(&place("a")).unwrap();
        journal.end().unwrap();
        assert!(abandoned(state.path(), None).is_empty());
    }
}
