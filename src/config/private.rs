//! Files that only their owner can read: logs, and the files of a purge.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Creates the folder and its parents for its owner only (0700). If the folder is accessible to others, removes their
/// access.
///
/// # Errors
/// I/O errors; also if the folder is a symbolic link, because its author would choose where files are written.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let metadata = folder.symlink_metadata()?;
    if !metadata.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it is a link, not a folder",
        ));
    }
    if metadata.permissions().mode() & 0o777 != 0o700 {
        std::fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Opens a file for appending, for its owner only (0600), without following a link.
///
/// # Errors
/// I/O errors; `ELOOP` if the path is a link.
pub(crate) fn append(file: &Path) -> io::Result<File> {
    let opened = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(file)?;
    let metadata = opened.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o777 != 0o600 {
        opened.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(opened)
}

/// Writes a file for its owner only (0600), completely or not at all: to a temporary file that is then renamed. The old
/// file stays until then; a link is replaced, not followed.
///
/// # Errors
/// I/O errors, or the error of `write`. Nothing has changed then.
pub(crate) fn replace(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let beside = folder.join(format!(
        ".s3warden-{}-{:08x}.tmp",
        std::process::id(),
        fastrand::u32(..)
    ));
    let written = write_new(&beside, write).and_then(|()| std::fs::rename(&beside, file));
    if let Err(error) = written {
        // Report the original error, even if the temporary file cannot be removed.
        let _ = std::fs::remove_file(&beside);
        return Err(error);
    }
    // Sync the folder, so that the rename is durable. Some file systems do not support this.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn write_new(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(file)?;
    let mut buffered = BufWriter::with_capacity(1 << 18, new);
    write(&mut buffered)?;
    buffered.into_inner()?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("state/s3warden");
        create_folder(&folder).unwrap();
        append(&folder.join("log")).unwrap();
        assert_eq!((mode(&folder), mode(&folder.join("log"))), (0o700, 0o600));
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let above = tempfile::tempdir().unwrap();
        let log = above.path().join("log");
        std::fs::write(&log, "").unwrap();
        std::fs::set_permissions(&log, Permissions::from_mode(0o644)).unwrap();
        std::fs::set_permissions(above.path(), Permissions::from_mode(0o755)).unwrap();
        create_folder(above.path()).unwrap();
        append(&log).unwrap();
        assert_eq!((mode(above.path()), mode(&log)), (0o700, 0o600));
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let above = tempfile::tempdir().unwrap();
        let file = above.path().join("file");
        replace(&file, |to| to.write_all(b"before")).unwrap();
        let failed = replace(&file, |to| {
            to.write_all(b"after")?;
            Err(io::Error::other("full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "full");
        assert_eq!(std::fs::read(&file).unwrap(), b"before");
        replace(&file, |to| to.write_all(b"after")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"after");
        assert_eq!(mode(&file), 0o600);
        assert_eq!(std::fs::read_dir(above.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_are_not_followed() {
        let above = tempfile::tempdir().unwrap();
        let (file, folder) = (above.path().join("file"), above.path().join("folder"));
        std::os::unix::fs::symlink("/tmp/elsewhere", &file).unwrap();
        std::os::unix::fs::symlink(above.path(), &folder).unwrap();
        assert!(append(&file).is_err());
        assert!(create_folder(&folder).is_err());
    }
}
