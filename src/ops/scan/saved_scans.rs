//! Scans that s3warden saves automatically: the last one of each place, in the user's state folder.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{OpenError, Origin, Scan, file};
use crate::config::private;
use crate::domain::columns::file::{self as format, FileError};

/// The maximum number of saved scans and their total size. The oldest are removed first, never the newest.
const MOST: usize = 24;
const MOST_BYTES: u64 = 4 << 30;

const EXTENSION: &str = "s3scan";

/// The folder of saved scans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The folder `scans` of the state folder. Neither has to exist.
    #[must_use]
    pub fn in_state(state: &Path) -> Self {
        Self {
            folder: state.join("scans"),
        }
    }

    /// Saves a scan and replaces the previous one of the same place. A partial scan never replaces a complete one,
    /// which is worth more. It blocks, like [`super::save`].
    ///
    /// # Errors
    /// I/O errors.
    pub fn save(&self, scan: &Scan) -> io::Result<()> {
        let place = self.place(&scan.origin);
        private::create_folder(&self.folder)?;
        if !scan.coverage.is_complete() && holds_complete(&place) {
            return Ok(());
        }
        file::write(&place, scan)?;
        self.make_room();
        Ok(())
    }

    /// The last scan of exactly this place; `None` if there is none. It blocks, like [`super::open`].
    ///
    /// # Errors
    /// If the file exists but cannot be read.
    pub fn latest(&self, of: &Origin) -> Result<Option<Scan>, OpenError> {
        let place = self.place(of);
        let scan = match open_own(&place) {
            Ok(opened) => file::read(opened),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(FileError::Io(error)),
        };
        match scan {
            // Two places may have the same file name, although that is unlikely. The scan itself contains its place.
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
        // A bucket name is a valid file name; the rest is hashed, because it may contain anything.
        self.folder
            .join(format!("{}-{:016x}.{EXTENSION}", of.bucket, sum.0))
    }

    /// Removes the oldest scans above the limit. A scan that cannot be removed stays, which does no harm.
    fn make_room(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let path = entry.path();
                let ours = path.extension().is_some_and(|end| end == EXTENSION);
                let metadata = entry.metadata().ok()?;
                ours.then_some((metadata.modified().ok()?, metadata.len(), path))
            })
            .collect();
        kept.sort();
        let mut bytes = 0;
        for (at, (_, length, path)) in kept.into_iter().rev().enumerate() {
            bytes += length;
            if at >= MOST || (at > 0 && bytes > MOST_BYTES) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Opens a file of s3warden's own that is not a link.
fn open_own(place: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(place)
}

fn holds_complete(place: &Path) -> bool {
    let header = open_own(place).map(|mut file| format::read_header(&mut file));
    matches!(header, Ok(Ok(header)) if header.complete)
}

/// FNV-1a, 64 bits. It is stable across builds, which the standard library's hasher does not guarantee.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a text and a terminator.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use chrono::Utc;

    use super::*;
    use crate::domain::columns::{ColumnsBuilder, Etags};
    use crate::domain::{BucketName, ByteSize, ObjectKey, ObjectSummary, StorageClass};
    use crate::ops::{Coverage, Gap};

    fn scan(prefix: &str, endpoint: Option<&str>, key: &str) -> Scan {
        let mut columns = ColumnsBuilder::new(Etags::Keep);
        let object = ObjectSummary {
            key: ObjectKey::new(key).unwrap(),
            size: ByteSize(7),
            last_modified: None,
            storage_class: StorageClass::default(),
            etag: None,
        };
        columns.push(&object).unwrap();
        Scan {
            origin: Origin {
                endpoint: endpoint.map(str::to_owned),
                bucket: BucketName::new("media").unwrap(),
                prefixes: vec![prefix.to_owned()],
            },
            started: Utc::now(),
            finished: Utc::now(),
            columns: columns.finish(),
            coverage: Coverage::Complete,
        }
    }

    fn partial(mut scan: Scan) -> Scan {
        scan.coverage.miss(Gap::cancelled("the rest"));
        scan
    }

    fn first_key(kept: &Kept, of: &Origin) -> Option<String> {
        let scan = kept.latest(of).unwrap()?;
        Some(scan.columns.key(0).unwrap().as_str().to_owned())
    }

    #[test]
    fn each_place_has_its_own_last_scan() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::in_state(state.path());
        let scans = [
            scan("", None, "k1"),
            scan("a/", None, "k2"),
            scan("", Some("http://127.0.0.1:9000"), "k3"),
        ];
        assert!(kept.latest(&scans[0].origin).unwrap().is_none());
        for scan in &scans {
            kept.save(scan).unwrap();
        }
        for (scan, key) in scans.iter().zip(["k1", "k2", "k3"]) {
            assert_eq!(first_key(&kept, &scan.origin).as_deref(), Some(key));
        }
        kept.save(&scan("", None, "k4")).unwrap();
        assert_eq!(first_key(&kept, &scans[0].origin).as_deref(), Some("k4"));
        let folder = state.path().join("scans");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn a_partial_scan_does_not_take_the_place_of_a_complete_one() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::in_state(state.path());
        let complete = scan("", None, "k1");
        kept.save(&partial(scan("", None, "k0"))).unwrap();
        assert_eq!(first_key(&kept, &complete.origin).as_deref(), Some("k0"));
        kept.save(&complete).unwrap();
        kept.save(&partial(scan("", None, "k2"))).unwrap();
        assert_eq!(first_key(&kept, &complete.origin).as_deref(), Some("k1"));
    }

    #[test]
    fn the_folder_does_not_grow_without_end() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::in_state(state.path());
        for n in 0..MOST + 3 {
            kept.save(&scan(&format!("p{n}/"), None, "k")).unwrap();
        }
        let files = fs::read_dir(state.path().join("scans")).unwrap().count();
        assert_eq!(files, MOST);
    }

    #[test]
    fn what_is_damaged_is_an_error_and_what_is_of_another_place_is_none() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::in_state(state.path());
        let (here, there) = (scan("", None, "k"), scan("a/", None, "k"));
        kept.save(&here).unwrap();
        fs::copy(kept.place(&here.origin), kept.place(&there.origin)).unwrap();
        assert!(kept.latest(&there.origin).unwrap().is_none());
        fs::write(kept.place(&here.origin), "no scan").unwrap();
        let error = kept.latest(&here.origin).unwrap_err().to_string();
        assert!(error.contains("no saved scan"), "{error}");
    }
}
