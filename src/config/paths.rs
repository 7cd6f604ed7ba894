//! The XDG folders: `$XDG_CONFIG_HOME/s3warden` and `$XDG_STATE_HOME/s3warden`.

use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, Xdg};

/// The program's own folders. None of them has to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    config: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// From the environment; `None` when there is no home folder.
    #[must_use]
    pub(crate) fn of_user() -> Option<Self> {
        let xdg = Xdg::new().ok()?;
        Some(Self {
            config: xdg.config_dir().join("s3warden"),
            state: xdg.state_dir()?.join("s3warden"),
        })
    }

    /// The configuration file that is read when no other is given.
    #[must_use]
    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Where the user's own blueprints are, `NAME.toml` each.
    #[must_use]
    pub(crate) fn blueprints(&self) -> PathBuf {
        self.config.join("blueprints")
    }

    /// Where what outlives a run is kept: logs, receipts. Only its owner may enter.
    #[must_use]
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The log file that is written when no other is given.
    #[must_use]
    pub(crate) fn log_file(&self) -> PathBuf {
        self.state.join("s3warden.log")
    }
}
