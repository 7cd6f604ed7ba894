//! The scans that the program keeps by itself: the last one of each place, in the user's state folder.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{OpenError, Origin, Scan, file};
use crate::config::private;
use crate::domain::columns::file::FileError;

/// Scans kept, one a place; the oldest ones make room.
const MOST: usize = 24;

const EXTENSION: &str = "s3scan";

/// The folder of the scans that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// In the folder `scans` of the state folder. Neither has to exist.
    #[must_use]
    pub fn in_state(state: &Path) -> Self {
        Self {
            folder: state.join("scans"),
        }
    }

    /// Keeps a scan in place of the one of the same place before. A partial one does not take the place of a complete
    /// one: what is known to be all is worth more than what is new. Blocks, as [`super::save`] does.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, scan: &Scan) -> io::Result<()> {
        let place = self.place(&scan.origin);
        private::create_folder(&self.folder)?;
        if !scan.coverage.is_complete()
            && let Ok(Some(before)) = self.latest(&scan.origin)
            && before.coverage.is_complete()
        {
            return Ok(());
        }
        file::write(&place, scan)?;
        self.make_room();
        Ok(())
    }

    /// The last scan of exactly this place; `None` when none was kept. Blocks, as [`super::open`] does.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub fn latest(&self, of: &Origin) -> Result<Option<Scan>, OpenError> {
        let place = self.place(of);
        let opened = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
            .open(&place);
        let scan = match opened {
            Ok(opened) => file::read(opened),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(FileError::Io(error)),
        };
        match scan {
            // Two places may share a name, however unlikely: the scan itself says what it is of.
            Ok(scan) => Ok((scan.origin == *of).then_some(scan)),
            Err(why) => Err(OpenError { file: place, why }),
        }
    }

    fn place(&self, of: &Origin) -> PathBuf {
        let mut sum = Fnv::new();
        sum.add(of.endpoint.as_deref().unwrap_or_default());
        for prefix in &of.prefixes {
            sum.add(prefix);
        }
        // A bucket's name is a file's name; what the sum stands for may hold anything.
        self.folder
            .join(format!("{}-{:016x}.{EXTENSION}", of.bucket, sum.0))
    }

    /// Removes the oldest beyond those that are kept. What cannot be removed stays: nothing depends on it.
    fn make_room(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let mut kept: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let path = entry.path();
                let ours = path.extension().is_some_and(|end| end == EXTENSION);
                let written = entry.metadata().ok()?.modified().ok()?;
                ours.then_some((written, path))
            })
            .collect();
        kept.sort();
        let surplus = kept.len().saturating_sub(MOST);
        for (_, path) in kept.into_iter().take(surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

/// FNV-1a, 64 bits: the same from one build to the next, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a text and its end.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
