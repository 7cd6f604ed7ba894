//! Errors of commands, with their exit status.

use std::fmt::Display;
use std::io;

use super::ExitStatus;
use crate::aws::{Problem, ProblemKind};
use crate::domain::advice::Advice;
use crate::domain::blueprint::BlueprintError;

/// Printed as `error: …`, with further lines below. All text is escaped when printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub status: ExitStatus,
    /// What was tried, on what, and why it failed. Empty if there is nobody to inform.
    pub message: String,
    /// Further errors, and what to do, one line each.
    pub lines: Vec<String>,
}

impl Failure {
    /// Invalid usage: exit status 2.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self {
            status: ExitStatus::Usage,
            message: message.to_string(),
            lines: Vec::new(),
        }
    }

    /// An error during execution: exit status 1.
    pub(crate) fn failed(message: impl Display) -> Self {
        Self {
            status: ExitStatus::Failed,
            ..Self::usage(message)
        }
    }

    /// A safety gate refused, and nothing was changed: exit status 4.
    pub(super) fn refused(message: impl Display) -> Self {
        Self {
            status: ExitStatus::Refused,
            ..Self::usage(message)
        }
    }

    /// An error before the first request. If the profile does not exist or the endpoint is not a URL, that is invalid
    /// usage (exit status 2). The same problem later is an ordinary error.
    pub(super) fn to_connect(problem: &Problem) -> Self {
        let failure = Self::from(problem);
        if problem.kind == ProblemKind::Configuration {
            return Self {
                status: ExitStatus::Usage,
                ..failure
            };
        }
        failure
    }

    /// Adds a line of advice.
    #[must_use]
    pub(crate) fn advising(mut self, advice: impl Said) -> Self {
        self.lines
            .extend(Some(advice.said()).filter(|advice| !advice.is_empty()));
        self
    }
}

/// Advice for the command line.
pub(crate) trait Said {
    /// The advice as commands and options.
    fn said(self) -> String;
}

impl Said for String {
    fn said(self) -> String {
        self
    }
}

impl Said for &str {
    fn said(self) -> String {
        self.to_owned()
    }
}

impl Said for Advice {
    fn said(self) -> String {
        self.command_line()
    }
}

impl Said for &Advice {
    fn said(self) -> String {
        self.command_line()
    }
}

/// The error if results cannot be printed. If the reader closed the pipe (`| head`), nothing is printed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::failed("");
        }
        Self::failed(format!("could not print the results: {error}"))
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        let failure = match problem.kind {
            ProblemKind::ReadOnly => Self {
                status: ExitStatus::Refused,
                ..Self::failed(without_advice(problem))
            },
            ProblemKind::Cancelled => Self {
                status: ExitStatus::Interrupted,
                ..Self::failed(without_advice(problem))
            },
            _ => Self::failed(without_advice(problem)),
        };
        failure.advising(&problem.advice)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::from(&problem)
    }
}

impl From<BlueprintError> for Failure {
    fn from(error: BlueprintError) -> Self {
        let mut faults = error.faults.into_iter().map(|fault| {
            BlueprintError {
                source: error.source.clone(),
                faults: vec![fault],
            }
            .to_string()
        });
        let first = faults.next().unwrap_or_default();
        Self {
            lines: faults.collect(),
            ..Self::usage(first)
        }
    }
}

fn without_advice(problem: &Problem) -> Problem {
    Problem {
        advice: Advice::default(),
        ..problem.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::advice::advice;

    #[test]
    fn the_exit_status_tells_what_was_refused_from_what_failed() {
        let problem = |kind| Problem::new("list", "s3://b", kind, "why", advice!("do this"));
        for (kind, status) in [
            (ProblemKind::ReadOnly, ExitStatus::Refused),
            (ProblemKind::Cancelled, ExitStatus::Interrupted),
            (ProblemKind::Configuration, ExitStatus::Failed),
            (ProblemKind::Denied, ExitStatus::Failed),
        ] {
            assert_eq!(Failure::from(problem(kind)).status, status, "{kind:?}");
        }
        let wrong = problem(ProblemKind::Configuration);
        assert_eq!(Failure::to_connect(&wrong).status, ExitStatus::Usage);
    }
}
