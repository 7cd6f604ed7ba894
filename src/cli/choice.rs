//! Finds the blueprint for a name, or for a bucket.

use std::path::{Path, PathBuf};

use super::{Failure, Settings};
use crate::config::Paths;
use crate::domain::BucketName;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::prices::PriceTable;

/// The blueprint from `--blueprint`, if given.
///
/// # Errors
/// If the name is unknown or the file is invalid (exit status 2).
pub(super) fn named(settings: &Settings) -> Result<Option<Blueprint>, Failure> {
    let folder = settings.paths.as_ref().map(Paths::blueprints);
    settings
        .blueprint
        .as_deref()
        .map(|name| find(name, folder.as_deref()))
        .transpose()
}

/// The price table from a file, or the built-in one.
///
/// # Errors
/// If the file is not a price table (exit status 2).
pub(super) fn prices(file: Option<&Path>) -> Result<PriceTable, Failure> {
    let read = file.map_or_else(PriceTable::built_in, PriceTable::read);
    read.map_err(Failure::usage)
}

/// The rules for a bucket: from the named blueprint, or from a built-in that contains the bucket. Only for reading.
///
/// # Errors
/// If no blueprint contains the bucket (exit status 2).
pub(super) fn for_reading(
    named: Option<Blueprint>,
    bucket: &BucketName,
) -> Result<BucketBlueprint, Failure> {
    let (blueprint, why) = match named {
        Some(blueprint) => {
            let why = format!("the blueprint {} does not name it", blueprint.name);
            (Some(blueprint), why)
        }
        None => (
            Blueprint::for_bucket(bucket),
            "no built-in blueprint names it".to_owned(),
        ),
    };
    blueprint
        .and_then(|blueprint| blueprint.bucket(bucket).cloned())
        .ok_or_else(|| {
            Failure::usage(format!(
                "could not tell whose the objects of {bucket} are: {why}"
            ))
            .advising("give --blueprint a file that names this bucket; `s3warden blueprint list` shows the built-in ones")
        })
}

/// Reads a blueprint file.
///
/// # Errors
/// If it is unreadable or invalid (exit status 2).
pub(super) fn read(file: &Path) -> Result<Blueprint, Failure> {
    let text = std::fs::read_to_string(file).map_err(|why| {
        Failure::usage(format!(
            "could not read the blueprint {}: {why}",
            file.display()
        ))
    })?;
    Ok(Blueprint::parse(&file.display().to_string(), &text)?)
}

/// A name never refers to a file in the working folder: whoever can write there could choose what a purge deletes.
fn find(name: &str, folder: Option<&Path>) -> Result<Blueprint, Failure> {
    let is_path = |name: &str| {
        name.contains('/') || Path::new(name).extension().is_some_and(|end| end == "toml")
    };
    if is_path(name) {
        return read(Path::new(name));
    }
    let own: Option<PathBuf> = folder
        .map(|folder| folder.join(format!("{name}.toml")))
        .filter(|file| file.exists());
    match (Blueprint::builtin(name), own) {
        (Some(builtin), None) => Ok(builtin),
        (None, Some(file)) => read(&file),
        (Some(_), Some(file)) => Err(Failure::usage(format!(
            "the blueprint {name} is a built-in and a file of yours, {}",
            file.display()
        ))
        .advising("give your file another name, or its path")),
        (None, None) => Err(Failure::usage(format!(
            "there is no blueprint {name}: the built-in ones are {}",
            Blueprint::builtin_names().join(", ")
        ))
        .advising(match folder {
            Some(folder) => format!("your own ones are looked for in {}", folder.display()),
            None => String::new(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ExitStatus;

    const MINE: &str = "version = 1\nname = 'mine'\n[[bucket]]\nname = 'my-bucket'\n[[bucket.layout]]\nid = 'all'\n\
                        key = '{user}/{file...}'\nowner = 'user'\n";

    #[test]
    fn a_name_is_a_built_in_or_a_file_of_the_configuration_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.toml"), MINE).unwrap();
        assert_eq!(
            find("pilotforce", Some(folder.path())).unwrap().name,
            "pilotforce"
        );
        assert_eq!(find("mine", Some(folder.path())).unwrap().name, "mine");
        let unknown = find("theirs", Some(folder.path())).unwrap_err();
        assert_eq!(unknown.status, ExitStatus::Usage);
        assert!(unknown.message.contains("pilotforce"), "{unknown:?}");
    }

    #[test]
    fn a_name_that_means_two_things_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pilotforce.toml"), MINE).unwrap();
        assert!(find("pilotforce", Some(folder.path())).is_err());
    }

    #[test]
    fn a_path_is_read_where_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, MINE).unwrap();
        assert_eq!(find(file.to_str().unwrap(), None).unwrap().name, "mine");
        assert!(find("not-here.toml", None).is_err());
    }

    #[test]
    fn a_bucket_selects_a_built_in_by_its_exact_name() {
        let bucket = |name| BucketName::new(name).unwrap();
        assert!(for_reading(None, &bucket("pilotforce-user-uploads")).is_ok());
        assert!(for_reading(None, &bucket("pilotforce-user-uploads2")).is_err());
        let named = Blueprint::parse("mine", MINE).unwrap();
        assert!(for_reading(Some(named), &bucket("pilotforce-user-uploads")).is_err());
    }
}
