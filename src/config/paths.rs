//! The XDG folders: `$XDG_CONFIG_HOME/s3warden` and `$XDG_STATE_HOME/s3warden`.

use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, Xdg};

/// s3warden's own folders, which need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    config: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// From the environment; `None` if there is no home folder.
    #[must_use]
    pub(crate) fn of_user() -> Option<Self> {
        let xdg = Xdg::new().ok()?;
        Some(Self {
            config: xdg.config_dir().join("s3warden"),
            state: xdg.state_dir()?.join("s3warden"),
        })
    }

    /// The default configuration file.
    #[must_use]
    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The folder of the user's blueprints, named `NAME.toml`.
    #[must_use]
    pub(crate) fn blueprints(&self) -> PathBuf {
        self.config.join("blueprints")
    }

    /// The state folder, for logs and receipts. Only its owner has access.
    #[must_use]
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The default log file.
    #[must_use]
    pub(crate) fn log_file(&self) -> PathBuf {
        self.state.join("s3warden.log")
    }
}
