//! Files that nobody but their owner may read: logs, and what a purge leaves behind.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes the folder, and those above it, for its owner alone (0700); closes one that was open to others.
///
/// # Errors
/// What the system says; a link in the folder's place is an error, for whoever made it chose where our files go.
pub fn create_folder(folder: &Path) -> io::Result<()> {
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

/// Opens a file to append to, for its owner alone (0600), without following a link in its place.
///
/// # Errors
/// What the system says; `ELOOP` where the path is a link.
pub fn append(file: &Path) -> io::Result<File> {
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

#[cfg(test)]
mod tests {
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
    fn links_are_not_followed() {
        let above = tempfile::tempdir().unwrap();
        let (file, folder) = (above.path().join("file"), above.path().join("folder"));
        std::os::unix::fs::symlink("/tmp/elsewhere", &file).unwrap();
        std::os::unix::fs::symlink(above.path(), &folder).unwrap();
        assert!(append(&file).is_err());
        assert!(create_folder(&folder).is_err());
    }
}
