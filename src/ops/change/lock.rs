//! Allows only one change of a subject at a time. A second purge of a user, or a second act on a bucket's orphans, is
//! refused while the first runs on this computer.
//!
//! Two concurrent changes would find the same items, and each receipt would claim what only one of them deleted. The
//! lock is a file in the state folder that is released with its process, so a killed process leaves no stale lock. Its
//! name is a keyed hash without user names. It does not cover other computers: see [`Receipt`] for what a receipt
//! claims then.
//!
//! [`Receipt`]: crate::domain::receipt::Outcome::Deleted

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::store::Store;
use super::{Failure, now};
use crate::domain::advice::advice;
use crate::domain::change::Header;
use crate::domain::receipt::Secret;

/// The file name suffix.
const ENDING: &str = ".lock";

/// The maximum size of a lock file.
const LONGEST: u64 = 4_096;

/// The number of attempts if a lock file is removed while it is being taken.
const TRIES: usize = 16;

/// The process that holds a lock.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    process: u32,
    since: DateTime<Utc>,
    case: String,
}

/// Prevents other changes of a subject until it is dropped.
#[derive(Debug)]
pub(super) struct SubjectLock {
    path: PathBuf,
    /// Kept open to hold the lock.
    _file: File,
}

impl SubjectLock {
    /// Takes the lock for a plan's subject at its endpoint.
    ///
    /// # Errors
    /// [`Failure::Refused`] if another process has it, with its identity.
    pub(super) fn take(store: &Store, secret: &Secret, header: &Header) -> Result<Self, Failure> {
        let endpoint = header.endpoint.as_deref().unwrap_or("aws");
        let subject = secret.subject(&header.subject);
        let name = secret.named(&["lock", endpoint, &subject]);
        let path = store.purges().join(format!("{name}{ENDING}"));
        let unusable = |error: io::Error| {
            Failure::File(format!(
                "could not use the lock {}: {error}",
                path.display()
            ))
        };
        for _ in 0..TRIES {
            let mut file = open(&path).map_err(unusable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(taken(&mut file)),
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
            // The previous holder may have removed the file between the two steps. Then this lock protects nothing.
            if is_at(&file, &path) {
                let holder = Holder {
                    process: std::process::id(),
                    since: now(),
                    case: header.case.clone(),
                };
                file.set_len(0)
                    .and_then(|()| serde_json::to_writer(&file, &holder).map_err(io::Error::from))
                    .and_then(|()| file.flush())
                    .map_err(unusable)?;
                return Ok(Self { path, _file: file });
            }
        }
        Err(Failure::File(format!(
            "could not use the lock {}: it comes and goes",
            path.display()
        )))
    }
}

/// Removes the file before the lock is released, so that nobody locks a file that others do not see.
impl Drop for SubjectLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)
}

/// Whether an open file is the one at its path.
fn is_at(file: &File, path: &Path) -> bool {
    let of = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let (file, path) = (file.metadata().map(of), path.symlink_metadata().map(of));
    matches!((file, path), (Ok(file), Ok(path)) if file == path)
}

/// The refusal, with the holder.
fn taken(file: &mut File) -> Failure {
    let mut text = String::new();
    let read = file.take(LONGEST).read_to_string(&mut text);
    let who = match read.map(|_| serde_json::from_str::<Holder>(&text)) {
        Ok(Ok(holder)) => format!(
            "process {} on this computer, since {}, case {}",
            holder.process,
            holder.since.format("%Y-%m-%d %H:%M:%S UTC"),
            holder.case
        ),
        // It has just started and not yet written its identity.
        _ => "another process on this computer".to_owned(),
    };
    Failure::refused(
        format!("another purge or act on the same is under way: {who}"),
        advice!("wait until it has ended, and look again then"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::change::{Act, Existence, Operator, Subject, plan::FORMAT};

    fn header(user: &str, endpoint: Option<&str>) -> Header {
        Header {
            format: FORMAT.to_owned(),
            case: "0".repeat(32),
            subject: Subject::User { id: user.into() },
            act: Act::Delete,
            made_at: now(),
            tool: String::new(),
            operator: Operator {
                account: String::new(),
                arn: String::new(),
                source: None,
            },
            endpoint: endpoint.map(str::to_owned),
            blueprint: String::new(),
            blueprint_sha256: String::new(),
            regions: BTreeMap::new(),
            existence: Existence::NotChecked,
            not_searched: Vec::new(),
            contested: Vec::new(),
            other_buckets: None,
            annotations: None,
            record_list: None,
        }
    }

    #[test]
    fn one_subject_is_changed_by_one_at_a_time_and_others_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let secret = store.secret().unwrap();
        let take = |user, endpoint| SubjectLock::take(&store, &secret, &header(user, endpoint));
        let ada = take("ada", None).unwrap();
        let Err(Failure::Refused { why, .. }) = take("ada", None) else {
            panic!("it was not refused");
        };
        let process = format!("process {}", std::process::id());
        assert!(why.contains(&process) && !why.contains("ada"), "{why}");
        let _ben = take("ben", None).unwrap();
        let _elsewhere = take("ada", Some("http://127.0.0.1:9000")).unwrap();
        drop(ada);
        let again = take("ada", None).unwrap();
        let names = || std::fs::read_dir(store.purges()).unwrap().count();
        assert_eq!(names(), 3);
        drop(again);
        assert_eq!(names(), 2, "the lock goes with whoever held it");
    }

    #[test]
    fn a_lock_whose_holder_was_killed_is_free() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let secret = store.secret().unwrap();
        let lock = SubjectLock::take(&store, &secret, &header("ada", None)).unwrap();
        let path = lock.path.clone();
        drop(lock);
        std::fs::write(&path, "{\"process\":1").unwrap();
        assert!(SubjectLock::take(&store, &secret, &header("ada", None)).is_ok());
    }

    #[test]
    fn of_many_at_once_one_has_it() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let secret = store.secret().unwrap();
        let held = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let taken = SubjectLock::take(&store, &secret, &header("ada", None));
                        if let Ok(lock) = taken {
                            use std::sync::atomic::Ordering::SeqCst;
                            assert_eq!(held.fetch_add(1, SeqCst), 0, "two have it");
                            held.fetch_sub(1, SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
    }
}
