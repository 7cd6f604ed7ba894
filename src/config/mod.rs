//! Files and folders of the user: where they are, the configuration file, files that nobody else may read.
//!
//! Start with [`file::ConfigFile`], what `config.toml` may say; [`paths::Paths`] says where it is looked for.

pub mod file;
pub mod paths;
pub mod private;

pub use file::{ConfigError, ConfigFile};
pub use paths::Paths;
