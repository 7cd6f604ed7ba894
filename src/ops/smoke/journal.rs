//! The journal of a run: each object is recorded before it is created, so that the leftovers of a killed run can be
//! found.
//!
//! Each run has one file in the state folder, accessible only to its owner, with one JSON object per line. The file is
//! locked during the run, and removed when everything in it is gone.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::config::private;
use crate::domain::{BucketName, ObjectKey};

/// A place where an object is created.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) bucket: BucketName,
    pub(super) key: ObjectKey,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    bucket: String,
    key: String,
    /// The endpoint, if it is not AWS. It tells whether the places belong to this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

/// The journal of a run in progress.
pub(super) struct Journal {
    path: PathBuf,
    endpoint: Option<String>,
    state: Mutex<(File, BTreeSet<Place>)>,
}

/// The journal of a run that was killed.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) path: PathBuf,
    pub(super) run: String,
    pub(super) places: Vec<Place>,
    /// Prevents others from removing the same objects.
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

    /// Records a place and syncs it to disk.
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

    /// All recorded places.
    pub(super) fn places(&self) -> Vec<Place> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.iter().cloned().collect()
    }

    /// Removes the journal after the cleanup.
    pub(super) fn end(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The journals of killed runs at this endpoint.
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
    // A run in progress has the lock.
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
