//! The user's files and folders: their paths, the configuration file, and private files.
//!
//! Start with [`file::ConfigFile`], the contents of `config.toml`. [`paths::Paths`] has its location.

pub(crate) mod file;
pub(crate) mod paths;
pub(crate) mod private;

pub(crate) use file::ConfigFile;
pub(crate) use paths::Paths;
