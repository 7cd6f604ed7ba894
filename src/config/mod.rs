//! Files and folders of the user: where they are, the configuration file, files that nobody else may read.
//!
//! Start with [`file::ConfigFile`], what `config.toml` may say; [`paths::Paths`] says where it is looked for.

pub(crate) mod file;
pub(crate) mod paths;
pub(crate) mod private;

pub(crate) use file::ConfigFile;
pub(crate) use paths::Paths;
