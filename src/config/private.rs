//! Files that nobody but their owner may read: logs, and what a purge leaves behind.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes the folder, and those above it, for its owner alone (0700); closes one that was open to others.
///
/// # Errors
/// What the system says; a link in the folder's place is an error, for whoever made it chose where our files go.
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

/// Opens a file to append to, for its owner alone (0600), without following a link in its place.
///
/// # Errors
/// What the system says; `ELOOP` where the path is a link.
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

/// Writes a file for its owner alone (0600), all of it or none of it: into a file beside, which then takes its name.
/// What was there before stays until then; a link in its place is replaced, not followed.
///
/// # Errors
/// What the system or `write` says; nothing has changed then.
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
        // The error is worth telling, not that something of it is left.
        let _ = std::fs::remove_file(&beside);
        return Err(error);
    }
    // The name is as safe as the content once the folder is, too; some file systems cannot do that.
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
