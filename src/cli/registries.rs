//! Writes the lists of a sandbox world's application: one folder per world, with the lists and a blueprint that refers
//! to them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::config::private;
use crate::sandbox::world::World;

/// The name of the blueprint file in a world's folder.
const BLUEPRINT: &str = "blueprint.toml";

/// Writes the lists of the worlds that have any. Returns the paths of their blueprints.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn write(worlds: &[World], folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = std::path::absolute(folder).map_err(|why| failed(folder, &why))?;
    let mut blueprints = Vec::new();
    for world in worlds {
        // The name of a world from a user's file may contain anything.
        let name = world.name.replace(['/', '\\', '\0'], "_");
        let below = folder.join(name.trim_start_matches('.'));
        let (owners, records) = (below.join("owners.txt"), below.join("records.ndjson"));
        let (Some(owners_path), Some(records_path)) = (owners.to_str(), records.to_str()) else {
            return Err(Failure::usage(format!(
                "could not write lists below {}: a blueprint can only name what is UTF-8",
                folder.display()
            )));
        };
        let lists = &world.registry;
        let Some(blueprint) = lists.blueprint(&world.buckets, owners_path, records_path) else {
            continue;
        };
        private::create_folder(&below).map_err(|why| failed(&below, &why))?;
        let file = below.join(BLUEPRINT);
        for (path, text) in [
            (&owners, lists.owners_as_lines()),
            (&records, lists.records_as_json()),
            (&file, blueprint),
        ] {
            private::replace(path, |to| to.write_all(text.as_bytes()))
                .map_err(|why| failed(path, &why))?;
        }
        blueprints.push(file);
    }
    Ok(blueprints)
}

fn failed(path: &Path, why: &std::io::Error) -> Failure {
    Failure::failed(format!("could not write {}: {why}", path.display()))
}

/// A folder that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Creates one in the system's temporary folder, for its owner only.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn new() -> Result<Self, Failure> {
        let name = format!(
            "s3warden-demo-{}-{:016x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let folder = std::env::temp_dir().join(name);
        private::create_folder(&folder).map_err(|why| failed(&folder, &why))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Leftovers are in the temporary folder, and there is nobody to inform.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::blueprint::Blueprint;

    #[test]
    fn every_world_has_lists_that_its_blueprint_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["game", "infinite", "leadfactory", "pilotforce", "quikapp"] {
            let world = World::builtin(name).unwrap();
            let written = write(std::slice::from_ref(&world), folder.path()).unwrap();
            let text = std::fs::read_to_string(&written[0]).unwrap();
            let blueprint =
                Blueprint::parse("blueprint.toml", &text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(blueprint.name, name);
            for list in [&blueprint.registry.owners, &blueprint.registry.keys] {
                let list = list.as_ref().unwrap();
                assert_eq!(list.gaps(), Vec::<String>::new(), "{name}");
                assert!(list.path.as_ref().unwrap().exists());
            }
        }
    }

    #[test]
    fn a_world_without_lists_has_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let world = World::synthetic("flat:3").unwrap();
        assert_eq!(write(&[world], folder.path()).unwrap(), [] as [PathBuf; 0]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_folder_of_a_demo_goes_with_it() {
        let folder = Folder::new().unwrap();
        let path = folder.path().to_owned();
        std::fs::write(path.join("list"), "").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
