//! Saves a scan to a file that the user chose. Keys are private, so only the owner can read the file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{Origin, Scan};
use crate::config::private;
use crate::domain::BucketName;
use crate::domain::columns::file::{self as format, FileError, Header, Missing};
use crate::ops::{Coverage, Gap};

/// What a new file may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Only an older scan.
    Scans,
    /// Any file.
    Anything,
}

/// The error if a scan was not saved.
#[derive(Debug, Error)]
#[error("could not save the scan in {}: {why}", file.display())]
pub struct SaveError {
    /// The path.
    pub file: PathBuf,
    /// The reason.
    #[source]
    pub why: WhyNotSaved,
}

/// Why a scan was not saved.
#[derive(Debug, Error)]
pub enum WhyNotSaved {
    /// The existing file is not a scan and must not be replaced.
    #[error("there is a file that is no saved scan")]
    Taken,
    /// The path is a folder, a device or similar.
    #[error("it is no regular file")]
    NoFile,
    /// The parent folder does not exist.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// An I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The error if a scan was not opened.
#[derive(Debug, Error)]
#[error("could not open the scan {}: {why}", file.display())]
pub struct OpenError {
    /// The path.
    pub file: PathBuf,
    /// The reason.
    #[source]
    pub why: FileError,
}

/// Checks whether a scan can be saved at a path, as far as possible in advance. Hours of listing should not end with an
/// error.
///
/// # Errors
/// [`SaveError`].
pub fn may_save(file: &Path, over: Overwrite) -> Result<(), SaveError> {
    check(file, over).map_err(|why| SaveError {
        file: file.to_owned(),
        why,
    })
}

/// Saves a scan completely, or not at all if an error occurs. It follows a link, and replaces an existing file only if
/// `over` allows it. It blocks; a million objects take about a second.
///
/// # Errors
/// [`SaveError`].
pub fn save(file: &Path, scan: &Scan, over: Overwrite) -> Result<(), SaveError> {
    let saved = check(file, over).and_then(|()| {
        let place = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        Ok(write(&place, scan)?)
    });
    saved.map_err(|why| SaveError {
        file: file.to_owned(),
        why,
    })
}

/// Opens and verifies a saved scan. It blocks; a million objects take less than a second.
///
/// # Errors
/// [`OpenError`].
pub fn open(file: &Path) -> Result<Scan, OpenError> {
    let opened = File::open(file).map_err(FileError::from).and_then(read);
    opened.map_err(|why| OpenError {
        file: file.to_owned(),
        why,
    })
}

/// Writes a scan and replaces any existing file.
pub(super) fn write(place: &Path, scan: &Scan) -> io::Result<()> {
    private::replace(place, |to| format::write(to, &header(scan), &scan.columns))
}

pub(super) fn read(from: File) -> Result<Scan, FileError> {
    let (header, columns) = format::read(&mut BufReader::with_capacity(1 << 18, from))?;
    let bucket = BucketName::new(header.bucket).map_err(|_| FileError::Damaged("its bucket"))?;
    let mut coverage = Coverage::Complete;
    for missing in header.incomplete {
        coverage.miss(Gap::new(missing.what, missing.why));
    }
    if !header.complete && coverage.is_complete() {
        coverage.miss(Gap::new("some objects", "the scan does not say why"));
    }
    Ok(Scan {
        origin: Origin {
            endpoint: header.endpoint,
            bucket,
            prefixes: header.prefixes,
        },
        started: header.started,
        finished: header.finished,
        columns,
        coverage,
    })
}

fn check(file: &Path, over: Overwrite) -> Result<(), WhyNotSaved> {
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return folder_exists(file),
        Err(error) => return Err(error.into()),
    };
    if !metadata.is_file() {
        return Err(WhyNotSaved::NoFile);
    }
    if over == Overwrite::Scans && metadata.len() > 0 {
        let mut beginning = Vec::new();
        File::open(file)?
            .take(format::MAGIC.len() as u64)
            .read_to_end(&mut beginning)?;
        if beginning != format::MAGIC {
            return Err(WhyNotSaved::Taken);
        }
    }
    Ok(())
}

fn folder_exists(file: &Path) -> Result<(), WhyNotSaved> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if folder.is_dir() {
        Ok(())
    } else {
        Err(WhyNotSaved::NoFolder(folder.to_owned()))
    }
}

fn header(scan: &Scan) -> Header {
    Header {
        endpoint: scan.origin.endpoint.clone(),
        bucket: scan.origin.bucket.to_string(),
        prefixes: scan.origin.prefixes.clone(),
        started: scan.started,
        finished: scan.finished,
        complete: scan.coverage.is_complete(),
        incomplete: scan
            .coverage
            .gaps()
            .iter()
            .map(|gap| Missing {
                what: gap.what.clone(),
                why: gap.why.clone(),
            })
            .collect(),
    }
}
