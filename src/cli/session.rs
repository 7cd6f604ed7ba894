//! The context of a command: options, cancellation and output.

use std::io::{BufWriter, IsTerminal, Stdout};

use tokio_util::sync::CancellationToken;

use super::formats::{Note, OutputStyle};
use super::{ExitStatus, Failure, Reporter, Settings, interrupt};
use crate::aws::{Aws, ConnectOptions, Problem};

/// A run of one command.
pub(super) struct Session {
    pub(super) settings: Settings,
    /// Cancelled by Ctrl-C and SIGTERM.
    pub(super) stop: CancellationToken,
}

/// Why results are incomplete.
#[derive(Debug)]
pub(super) enum Interruption {
    /// A request failed.
    Failed(Problem),
    /// The user cancelled it.
    Interrupted,
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            stop: interrupt::token(),
        }
    }

    pub(super) fn reporter(&self) -> Reporter {
        self.settings.reporter()
    }

    pub(super) fn look(&self) -> OutputStyle {
        OutputStyle {
            format: self.settings.format,
            on_screen: std::io::stdout().is_terminal(),
            first_column: 0,
        }
    }

    /// The user's state folder, where there is a home folder.
    pub(super) fn state(&self) -> Option<&std::path::Path> {
        self.settings
            .paths
            .as_ref()
            .map(crate::config::Paths::state)
    }

    pub(super) async fn connect(&self) -> Result<Aws, Failure> {
        Aws::connect(connect_options(&self.settings))
            .await
            .map_err(|problem| Failure::to_connect(&problem))
    }

    /// Waits for a request, unless the user cancels.
    pub(super) async fn ask<T>(
        &self,
        request: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Interruption> {
        match self.stop.run_until_cancelled(request).await {
            None => Err(Interruption::Interrupted),
            Some(Err(problem)) => Err(Interruption::Failed(problem)),
            Some(Ok(answer)) => Ok(answer),
        }
    }

    /// Prints the totals. Incomplete totals are "at least"; the reason is printed elsewhere.
    pub(super) fn total(&self, words: &str, is_something: bool, cut: Option<&Interruption>) {
        match cut {
            None => self.reporter().note(words),
            Some(_) if is_something => self.reporter().note(&format!("at least {words}")),
            Some(_) => {}
        }
    }

    /// Prints why the results ended early, if they did. Returns the exit status.
    pub(super) fn conclude(&self, cut: Option<Interruption>) -> Result<ExitStatus, Failure> {
        match cut {
            None => Ok(ExitStatus::Done),
            Some(Interruption::Failed(problem)) => Err(Failure::from(problem)),
            Some(Interruption::Interrupted) => {
                self.reporter().incomplete("interrupted before the end");
                Ok(ExitStatus::Interrupted)
            }
        }
    }
}

impl Interruption {
    /// The note that makes a document incomplete.
    pub(super) fn note(&self, what: String) -> Note {
        let why = match self {
            Self::Failed(problem) => problem.on_command_line(),
            Self::Interrupted => "interrupted".to_owned(),
        };
        Note { what, why }
    }
}

/// The connection options from the settings.
pub(super) fn connect_options(settings: &Settings) -> ConnectOptions {
    ConnectOptions {
        profile: settings.profile.clone(),
        region: settings.region.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        operator: settings.operator.clone(),
        ..ConnectOptions::default()
    }
}

/// Standard output with a large buffer; documents flush it after each page.
pub(super) fn stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(1 << 16, std::io::stdout())
}
