//! The files in the state folder: plans, journals, receipts, the audit log, and the secret that seals receipts.
//!
//! Folders and files are accessible only to their owner. Others may still have modified a file. Each file is therefore
//! opened once, without following a link, and checked before it is read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::audit::{self, Audit};
use super::{batch, journal};
use crate::config::private;
use crate::domain::change::plan::MOST_BYTES;
use crate::domain::receipt::Secret;

/// How long a plan that was never started is kept in the state folder: a week.
pub const FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

/// The file name suffix of plans.
const PLAN: &str = ".plan.jsonl";

/// The file name suffix of records about plans outside the state folder.
const ELSEWHERE: &str = ".elsewhere.json";

/// The file name suffix of lists of delete markers.
const MARKERS: &str = ".markers.jsonl";

/// The state folder.
#[derive(Debug, Clone)]
pub struct Store {
    state: PathBuf,
}

impl Store {
    /// Opens the folders and creates missing ones.
    ///
    /// # Errors
    /// I/O errors; also if a folder is a symbolic link.
    pub fn open(state: &Path) -> io::Result<Self> {
        let store = Self {
            state: state.to_owned(),
        };
        for folder in [state.to_owned(), store.purges(), store.receipts()] {
            private::create_folder(&folder)?;
        }
        Ok(store)
    }

    pub(super) fn purges(&self) -> PathBuf {
        self.state.join("purge")
    }

    pub(super) fn receipts(&self) -> PathBuf {
        self.state.join("receipts")
    }

    /// The default path of a plan.
    #[must_use]
    pub fn plan_file(&self, case: &str) -> PathBuf {
        self.purges().join(format!("{case}{PLAN}"))
    }

    /// Removes plans and batches that were made more than [`FORGOTTEN_AFTER`] ago and never started, because each
    /// contains a user's keys. Returns their number.
    ///
    /// # Errors
    /// I/O errors of the folder; a plan that cannot be removed is skipped.
    pub fn forget_plans(&self, now: SystemTime) -> io::Result<usize> {
        let mut forgotten = 0;
        let of_batches = batch::cases_kept(self)?;
        for entry in std::fs::read_dir(self.purges())? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(case) = name.to_str().and_then(|name| name.strip_suffix(PLAN)) else {
                continue;
            };
            let made = entry.metadata().and_then(|metadata| metadata.modified());
            let is_old = made
                .ok()
                .and_then(|made| now.duration_since(made).ok())
                .is_some_and(|age| age > FORGOTTEN_AFTER);
            let was_begun =
                self.journal_file(case).symlink_metadata().is_ok() || of_batches.contains(case);
            if is_old && !was_begun && std::fs::remove_file(entry.path()).is_ok() {
                forgotten += 1;
            }
        }
        Ok(forgotten + batch::forget_idle(self, now, FORGOTTEN_AFTER)?)
    }

    /// The cases with a plan in the state folder, in order.
    ///
    /// # Errors
    /// I/O errors of the folder.
    pub(super) fn cases_with_plans(&self) -> io::Result<Vec<String>> {
        cases_with(&self.purges(), PLAN)
    }

    /// The cases with a recorded plan outside the state folder, in order.
    ///
    /// # Errors
    /// I/O errors of the folder.
    pub(super) fn cases_with_plans_elsewhere(&self) -> io::Result<Vec<String>> {
        cases_with(&self.purges(), ELSEWHERE)
    }

    /// The path of the record about a plan outside the state folder.
    pub(super) fn elsewhere_file(&self, case: &str) -> PathBuf {
        self.purges().join(format!("{case}{ELSEWHERE}"))
    }

    /// The path of a case's journal.
    #[must_use]
    pub fn journal_file(&self, case: &str) -> PathBuf {
        self.purges().join(format!("{case}{}", journal::ENDING))
    }

    /// The paths of a case's receipt and its page.
    #[must_use]
    pub fn receipt_files(&self, case: &str) -> (PathBuf, PathBuf) {
        let of = |ending: &str| self.receipts().join(format!("{case}.{ending}"));
        (of("json"), of("md"))
    }

    /// The path of a case's list of delete markers.
    #[must_use]
    pub fn markers_file(&self, case: &str) -> PathBuf {
        self.receipts().join(format!("{case}{MARKERS}"))
    }

    /// The cases with a list of delete markers, in order.
    ///
    /// # Errors
    /// I/O errors of the folder.
    pub(super) fn cases_with_markers(&self) -> io::Result<Vec<String>> {
        cases_with(&self.receipts(), MARKERS)
    }

    /// The path of the file with paths that a CDN may still cache.
    #[must_use]
    pub fn invalidation_file(&self, case: &str) -> PathBuf {
        self.receipts().join(format!("{case}.invalidation.json"))
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> Audit {
        Audit::at(self.state.join(audit::FILE))
    }

    /// The secret that seals receipts; generated at first use.
    ///
    /// # Errors
    /// I/O errors; also if others have access to the file, or if its length is wrong.
    pub fn secret(&self) -> io::Result<Secret> {
        let file = self.state.join("receipt.key");
        let made = || -> io::Result<()> {
            let mut bytes = [0; 32];
            File::open("/dev/urandom")?.read_exact(&mut bytes)?;
            let drawn = file.with_extension(format!("{}.tmp", std::process::id()));
            private::replace(&drawn, |to| to.write_all(&bytes))?;
            // If two processes generate a secret, the second uses that of the first. Two secrets would give one user
            // two hashes.
            let linked = std::fs::hard_link(&drawn, &file);
            let _ = std::fs::remove_file(&drawn);
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => Ok(()),
            }
        };
        if !file.try_exists()? {
            made()?;
        }
        self.kept_secret()?
            .ok_or_else(|| io::Error::other(format!("{} is gone again", file.display())))
    }

    /// The secret, if it exists.
    ///
    /// # Errors
    /// As [`Self::secret`].
    pub fn kept_secret(&self) -> io::Result<Option<Secret>> {
        let path = self.state.join("receipt.key");
        let mut file = match self.open_untrusted(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if file.metadata()?.mode() & 0o077 != 0 {
            return Err(io::Error::other(format!(
                "others may read {}",
                path.display()
            )));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let bytes = <[u8; 32]>::try_from(bytes)
            .map_err(|_| io::Error::other(format!("{} does not hold 32 bytes", path.display())))?;
        Ok(Some(Secret::new(bytes)))
    }

    /// Opens a file once, without following a link, and checks that it is a regular file of this user that nobody else
    /// can write.
    ///
    /// # Errors
    /// I/O errors, or what is wrong with the file.
    pub fn open_untrusted(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            // Without O_NONBLOCK, opening a named pipe would block.
            .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
            .open(path)
            .map_err(|error| match error.raw_os_error() {
                Some(libc::ELOOP) => io::Error::other("it is a link"),
                _ => error,
            })?;
        let metadata = file.metadata()?;
        // The folder belongs to this user, or it could not have been opened.
        let own = self.purges().symlink_metadata()?.uid();
        let fault = if !metadata.is_file() {
            "it is not a regular file"
        } else if metadata.uid() != own {
            "it belongs to another user of this computer"
        } else if metadata.mode() & 0o022 != 0 {
            "others may write it (chmod go-w)"
        } else if metadata.len() > MOST_BYTES {
            "it is too large to be one of ours"
        } else {
            return Ok(file);
        };
        Err(io::Error::other(fault))
    }

    /// The text of a file that others may have modified.
    ///
    /// # Errors
    /// As [`Self::open_untrusted`]; also if it is not UTF-8.
    pub fn read_untrusted(&self, path: &Path) -> io::Result<String> {
        let mut text = String::new();
        self.open_untrusted(path)?.read_to_string(&mut text)?;
        Ok(text)
    }
}

/// The cases with a file of this suffix in a folder, in order.
fn cases_with(folder: &Path, ending: &str) -> io::Result<Vec<String>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let case = name.to_str().and_then(|name| name.strip_suffix(ending));
        cases.extend(case.map(str::to_owned));
    }
    cases.sort_unstable();
    Ok(cases)
}

/// Opens a log for reading and appending, for its owner only, without following a link.
pub(super) fn open_log(path: &Path, create: Create) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(create == Create::Missing)
        .create_new(create == Create::New)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)
}

/// Whether a log is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Create {
    /// Create it if it does not exist.
    Missing,
    /// It must not exist.
    New,
    /// It must exist.
    Never,
}

/// Appends lines and syncs them to disk. If the last line was truncated, it is ended first, so that it is not joined
/// with the next one.
pub(super) fn append_lines(file: &mut File, lines: &[String]) -> io::Result<()> {
    let mut text =
        String::with_capacity(lines.iter().map(|line| line.len() + 1).sum::<usize>() + 1);
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.push('\n');
        }
    }
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_plan_that_others_could_have_made_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("state")).unwrap();
        let plan = home.path().join("plan");
        std::fs::write(&plan, "x").unwrap();
        std::fs::set_permissions(&plan, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(store.read_untrusted(&plan).unwrap(), "x");
        for mode in [0o664, 0o646] {
            std::fs::set_permissions(&plan, Permissions::from_mode(mode)).unwrap();
            let error = store.read_untrusted(&plan).unwrap_err().to_string();
            assert!(error.contains("others may write"), "{error}");
        }
        std::fs::set_permissions(&plan, Permissions::from_mode(0o600)).unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(&plan, &link).unwrap();
        let error = store.read_untrusted(&link).unwrap_err().to_string();
        assert!(error.contains("link"), "{error}");
        assert!(store.read_untrusted(home.path()).is_err());
    }

    #[test]
    fn a_plan_that_nobody_began_is_forgotten_after_a_week_and_no_other() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        for case in ["never", "begun"] {
            std::fs::write(store.plan_file(case), "x").unwrap();
        }
        std::fs::write(store.journal_file("begun"), "x").unwrap();
        let later = |by: Duration| SystemTime::now() + by;
        let not_yet = store.forget_plans(later(FORGOTTEN_AFTER / 2)).unwrap();
        assert_eq!(not_yet, 0);
        assert_eq!(store.forget_plans(later(FORGOTTEN_AFTER * 2)).unwrap(), 1);
        assert!(!store.plan_file("never").exists());
        assert!(store.plan_file("begun").exists() && store.journal_file("begun").exists());
    }

    #[test]
    fn the_secret_is_made_once() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        assert!(store.kept_secret().unwrap().is_none());
        let id = store.secret().unwrap().id();
        assert_eq!(store.secret().unwrap().id(), id);
        let key = home.path().join("receipt.key");
        std::fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
        assert!(store.secret().is_err());
    }
}
