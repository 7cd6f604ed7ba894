//! How a run ended, as a number for scripts.

use std::process::ExitCode;

/// The exit status. The numbers are part of the program's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// What was asked for was done.
    Done = 0,
    /// It failed, or stopped before its end.
    Failed = 1,
    /// The command line, the environment or a file given to it cannot be used.
    Usage = 2,
    /// Done, and something was found: findings, orphans, a failed check.
    Found = 3,
    /// A safety gate said no; nothing was touched.
    Refused = 4,
    /// Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl ExitStatus {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
