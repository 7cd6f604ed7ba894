//! The settings of a run: from the command line, the environment (both by clap), and the configuration file.

use std::path::PathBuf;

use clap::ValueEnum;

use super::args::{self, Format, Globals};
use super::{Failure, Reporter};
use crate::config::{ConfigFile, Paths};
use crate::domain::posture::Acceptance;

/// The global options after all sources were combined.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The AWS profile, if specified.
    pub profile: Option<String>,
    /// The AWS Region, if specified.
    pub region: Option<String>,
    /// The endpoint, if it is not AWS.
    pub endpoint_url: Option<String>,
    /// The name or file of a blueprint.
    pub blueprint: Option<String>,
    /// The operator, for servers that do not identify the caller.
    pub operator: Option<String>,
    pub format: Format,
    pub write: bool,
    pub color: bool,
    /// The log file, if specified.
    pub log_file: Option<PathBuf>,
    /// The maximum number of concurrent requests, 1 to 256.
    pub jobs: usize,
    /// Whether to print only errors.
    pub quiet: bool,
    /// The log level: 0, 1, 2.
    pub verbose: u8,
    /// A price table that replaces the built-in one.
    pub prices: Option<PathBuf>,
    /// Accepted findings.
    pub accept: Vec<Acceptance>,
    /// The user's folders, if there is a home folder.
    pub paths: Option<Paths>,
}

const JOBS: u16 = 16;

impl Settings {
    /// Reads the configuration file, whose values have the lowest precedence.
    ///
    /// # Errors
    /// If the configuration file is invalid (exit status 2).
    pub(crate) fn of(globals: Globals) -> Result<Self, Failure> {
        let paths = Paths::of_user();
        let read = match (&globals.config, &paths) {
            (Some(file), _) => ConfigFile::read(file),
            (None, Some(paths)) => ConfigFile::read_if_present(&paths.config_file()),
            (None, None) => Ok(ConfigFile::default()),
        };
        let config = read.map_err(Failure::usage)?;
        let no_color_is_set = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self::settle(globals, config, paths, no_color_is_set)
    }

    fn settle(
        globals: Globals,
        config: ConfigFile,
        paths: Option<Paths>,
        no_color_is_set: bool,
    ) -> Result<Self, Failure> {
        let format = config.format.as_deref().map(|name| {
            Format::from_str(name, false)
                .map_err(|_| in_config("format", "one of table, json, ndjson, csv"))
        });
        let jobs = match config.jobs {
            Some(jobs) if !(1..=256).contains(&jobs) => Err(in_config("jobs", "1 to 256")),
            jobs => Ok(jobs),
        }?;
        let region = checked("region", config.region, args::region)?;
        let endpoint_url = checked("endpoint_url", config.endpoint_url, args::endpoint_url)?;
        let operator = checked("operator", config.operator, args::operator)?;
        Ok(Self {
            profile: globals.profile.or(config.profile),
            region: globals.region.or(region),
            endpoint_url: globals.endpoint_url.or(endpoint_url),
            blueprint: globals.blueprint.or(config.blueprint),
            operator: globals.operator.or(operator),
            format: globals.format.or(format.transpose()?).unwrap_or_default(),
            write: globals.write,
            color: !(globals.no_color || no_color_is_set || config.no_color.unwrap_or_default()),
            log_file: globals.log_file.or(config.log_file),
            jobs: globals.jobs.or(jobs).unwrap_or(JOBS).into(),
            quiet: globals.quiet || config.quiet.unwrap_or_default(),
            verbose: globals.verbose.max(config.verbose.unwrap_or_default()),
            prices: config.prices,
            accept: config.accept,
            paths,
        })
    }

    #[must_use]
    pub(crate) fn reporter(&self) -> Reporter {
        Reporter::new(self.quiet)
    }
}

/// A value of the file, validated like on the command line.
fn checked(
    key: &str,
    value: Option<String>,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<Option<String>, Failure> {
    let refused = |why| {
        Failure::usage(format!(
            "could not use the configuration file: `{key}`: {why}"
        ))
    };
    value
        .map(|value| check(&value).map_err(refused))
        .transpose()
}

fn in_config(key: &str, expected: &str) -> Failure {
    Failure::usage(format!(
        "could not use the configuration file: `{key}` has to be {expected}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ExitStatus;

    fn settle(globals: Globals, config: ConfigFile) -> Result<Settings, Failure> {
        Settings::settle(globals, config, None, false)
    }

    #[test]
    fn the_command_line_wins_over_the_configuration_file() {
        let globals = Globals {
            region: Some("eu-west-1".to_owned()),
            ..Globals::default()
        };
        let config = ConfigFile {
            region: Some("us-east-1".to_owned()),
            profile: Some("ops".to_owned()),
            format: Some("csv".to_owned()),
            ..ConfigFile::default()
        };
        let settings = settle(globals, config).unwrap();
        assert_eq!(settings.region.as_deref(), Some("eu-west-1"));
        assert_eq!(settings.profile.as_deref(), Some("ops"));
        assert_eq!((settings.format, settings.jobs), (Format::Csv, 16));
        assert!(!settings.write);
    }

    #[test]
    fn a_value_that_the_command_line_would_refuse_is_refused_in_the_file() {
        for config in [
            ConfigFile {
                format: Some("xml".to_owned()),
                ..ConfigFile::default()
            },
            ConfigFile {
                jobs: Some(0),
                ..ConfigFile::default()
            },
            ConfigFile {
                region: Some("eu west".to_owned()),
                ..ConfigFile::default()
            },
            ConfigFile {
                endpoint_url: Some("localhost:9000".to_owned()),
                ..ConfigFile::default()
            },
            ConfigFile {
                endpoint_url: Some("http://user:pass-word@localhost:9000".to_owned()),
                ..ConfigFile::default()
            },
        ] {
            let failure = settle(Globals::default(), config).unwrap_err();
            assert_eq!(failure.status, ExitStatus::Usage);
            assert!(!format!("{failure:?}").contains("pass-word"), "{failure:?}");
        }
    }
}
