//! Records the number of ids in each list at the last run, by bucket, in the user's state folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::private;
use crate::domain::BucketName;
use crate::domain::registry::Subject;

/// The maximum file size: some hundred thousand buckets.
const LARGEST: u64 = 16 << 20;

/// The recorded sizes. Locked for other runs until it is dropped.
#[derive(Debug)]
pub(super) struct Sizes {
    file: PathBuf,
    kept: Kept,
    _lock: File,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    lists: BTreeMap<String, u64>,
}

impl Sizes {
    /// Opens the file in the state folder; empty if there was no run yet.
    ///
    /// # Errors
    /// I/O errors; also if the file is not the user's own, is accessible to others, or is invalid.
    pub(super) fn open(state: &Path) -> io::Result<Self> {
        let folder = state.join("orphans");
        private::create_folder(state)?;
        private::create_folder(&folder)?;
        let lock = private::append(&folder.join("lock"))?;
        lock.lock()?;
        let file = folder.join("registries.json");
        let kept = read(&file)?.unwrap_or(Kept {
            version: 1,
            lists: BTreeMap::new(),
        });
        Ok(Self {
            file,
            kept,
            _lock: lock,
        })
    }

    /// The recorded size of a list for a bucket.
    pub(super) fn of(
        &self,
        endpoint: Option<&str>,
        bucket: &BucketName,
        subject: Subject,
    ) -> Option<u64> {
        self.kept
            .lists
            .get(&name(endpoint, bucket, subject))
            .copied()
    }

    /// Sets the size.
    pub(super) fn note(
        &mut self,
        endpoint: Option<&str>,
        bucket: &BucketName,
        subject: Subject,
        ids: u64,
    ) {
        self.kept.lists.insert(name(endpoint, bucket, subject), ids);
    }

    /// Sets the size, unless the recorded one is larger.
    pub(super) fn raise(
        &mut self,
        endpoint: Option<&str>,
        bucket: &BucketName,
        subject: Subject,
        ids: u64,
    ) {
        let noted = self.of(endpoint, bucket, subject);
        if noted.is_none_or(|noted| noted < ids) {
            self.note(endpoint, bucket, subject, ids);
        }
    }

    /// Saves the file.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn keep(&self) -> io::Result<()> {
        private::replace(&self.file, |to| {
            serde_json::to_writer_pretty(&mut *to, &self.kept)?;
            to.write_all(b"\n")
        })
    }
}

fn read(file: &Path) -> io::Result<Option<Kept>> {
    let opened = File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(file);
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = opened.metadata()?;
    let wrong = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
    if !metadata.is_file() || metadata.len() > LARGEST {
        return wrong("registries.json is not the file that is kept there");
    }
    if metadata.mode() & 0o022 != 0 {
        return wrong("others may write to registries.json: close it with chmod 600, or remove it");
    }
    let mut text = String::new();
    opened.take(LARGEST).read_to_string(&mut text)?;
    let kept: Kept = serde_json::from_str(&text)?;
    if kept.version != 1 {
        return wrong("registries.json was written by another version of the program");
    }
    Ok(Some(kept))
}

/// The name of an entry in the file.
fn name(endpoint: Option<&str>, bucket: &BucketName, subject: Subject) -> String {
    format!(
        "{} {bucket} {}",
        endpoint.unwrap_or("aws"),
        subject.plural()
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_a_list_came_to_is_there_at_the_next_run_for_that_bucket_alone() {
        let state = tempfile::tempdir().unwrap();
        let media = BucketName::new("media").unwrap();
        let other = BucketName::new("other").unwrap();
        let mut sizes = Sizes::open(state.path()).unwrap();
        assert_eq!(sizes.of(None, &media, Subject::Owners), None);
        sizes.note(None, &media, Subject::Owners, 7);
        sizes.keep().unwrap();
        drop(sizes);
        let sizes = Sizes::open(state.path()).unwrap();
        assert_eq!(sizes.of(None, &media, Subject::Owners), Some(7));
        assert_eq!(sizes.of(None, &media, Subject::Keys), None);
        assert_eq!(sizes.of(None, &other, Subject::Owners), None);
        let there = Some("http://127.0.0.1:9000");
        assert_eq!(sizes.of(there, &media, Subject::Owners), None);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let folder = state.path().join("orphans");
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("registries.json")), 0o600);
    }

    #[test]
    fn what_was_refused_raises_the_measure_and_never_lowers_it() {
        let state = tempfile::tempdir().unwrap();
        let media = BucketName::new("media").unwrap();
        let mut sizes = Sizes::open(state.path()).unwrap();
        for (ids, noted) in [(7, 7), (5, 7), (9, 9)] {
            sizes.raise(None, &media, Subject::Owners, ids);
            assert_eq!(sizes.of(None, &media, Subject::Owners), Some(noted));
        }
        sizes.note(None, &media, Subject::Owners, 5);
        assert_eq!(sizes.of(None, &media, Subject::Owners), Some(5));
    }

    #[test]
    fn a_file_that_others_may_write_to_a_link_and_a_damaged_one_are_not_believed() {
        let state = tempfile::tempdir().unwrap();
        let sizes = Sizes::open(state.path()).unwrap();
        sizes.keep().unwrap();
        let file = sizes.file.clone();
        drop(sizes);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(Sizes::open(state.path()).is_err());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, "{\"version\": 1").unwrap();
        assert!(Sizes::open(state.path()).is_err());
        let target = state.path().join("elsewhere");
        std::fs::rename(&file, &target).unwrap();
        std::os::unix::fs::symlink(&target, &file).unwrap();
        assert!(Sizes::open(state.path()).is_err());
    }
}
