//! The configuration file: defaults for the global options.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::domain::posture::Acceptance;

/// The contents of `config.toml`. Each key except `prices` and `accept` is a global option with `_` instead of `-`. The
/// command line and the environment take precedence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    pub profile: Option<String>,
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
    /// The name or file of a blueprint.
    pub blueprint: Option<String>,
    /// The operator, for servers that do not identify the caller.
    pub operator: Option<String>,
    /// `table`, `json`, `ndjson` or `csv`.
    pub format: Option<String>,
    pub no_color: Option<bool>,
    /// The log file.
    pub log_file: Option<PathBuf>,
    /// The maximum number of concurrent requests.
    pub jobs: Option<u16>,
    /// Whether to print only errors.
    pub quiet: Option<bool>,
    /// The log level: 0, 1 or 2.
    pub verbose: Option<u8>,
    /// A price table that replaces the built-in one.
    pub prices: Option<PathBuf>,
    /// Accepted findings, each with a reason and an end date.
    #[serde(default)]
    pub accept: Vec<Acceptance>,
}

/// The error for an invalid configuration file.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// It cannot be read.
    #[error("could not read the configuration file {}: {why}", file.display())]
    Unreadable {
        /// The path.
        file: PathBuf,
        /// The I/O error.
        why: io::Error,
    },
    /// The contents are invalid.
    #[error("could not use the configuration file {}: {why}", file.display())]
    Invalid {
        /// The path.
        file: PathBuf,
        /// The position, and what was expected.
        why: String,
    },
    /// It contains a safety option.
    #[error(
        "the configuration file {} sets `{key}`, which can be given on the command line alone: \
         what changes a bucket is asked for each time",
        file.display()
    )]
    SafetySwitch {
        /// The path.
        file: PathBuf,
        /// `write` or `confirm`.
        key: &'static str,
    },
}

impl ConfigFile {
    /// Reads a file that must exist.
    ///
    /// # Errors
    /// [`ConfigError`] if the file is unreadable, invalid, or contains a safety option.
    pub(crate) fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|why| ConfigError::Unreadable {
            file: file.to_owned(),
            why,
        })?;
        Self::parse(file, &text)
    }

    /// Reads an optional file.
    ///
    /// # Errors
    /// As [`ConfigFile::read`]; a missing file counts as empty.
    pub(crate) fn read_if_present(file: &Path) -> Result<Self, ConfigError> {
        match Self::read(file) {
            Err(ConfigError::Unreadable { why, .. }) if why.kind() == io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            read => read,
        }
    }

    fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let invalid = |error: &toml::de::Error| ConfigError::Invalid {
            file: file.to_owned(),
            why: in_one_line(text, error),
        };
        let table: toml::Table = toml::from_str(text).map_err(|error| invalid(&error))?;
        for key in ["write", "confirm"] {
            if table.contains_key(key) {
                let file = file.to_owned();
                return Err(ConfigError::SafetySwitch { file, key });
            }
        }
        toml::from_str(text).map_err(|error| invalid(&error))
    }
}

fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(Path::new("config.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn each_global_option_has_a_default_here() {
        let config =
            parse("profile = 'ops'\nendpoint_url = 'http://localhost:9000'\njobs = 4\n").unwrap();
        assert_eq!(config.profile.as_deref(), Some("ops"));
        assert_eq!(config.jobs, Some(4));
        assert_eq!(config.region, None);
    }

    #[test]
    fn a_safety_switch_is_refused_whatever_its_value() {
        for text in ["write = true", "write = false", "confirm = 'user-1'"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("on the command line alone"), "{error}");
        }
    }

    #[test]
    fn what_is_unknown_or_of_the_wrong_type_is_named_with_its_line() {
        let error = parse("profile = 'ops'\nprofil = 'dev'").unwrap_err();
        assert!(
            error.contains("config.toml: line 2: unknown field `profil`"),
            "{error}"
        );
        let error = parse("jobs = 'many'").unwrap_err();
        assert!(
            error.contains("line 1: ") && error.contains("expected u16"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_file_is_an_empty_one_only_where_nobody_asked_for_it() {
        let file = Path::new("/nonexistent/config.toml");
        assert_eq!(
            ConfigFile::read_if_present(file).unwrap(),
            ConfigFile::default()
        );
        assert!(ConfigFile::read(file).is_err());
    }
}
