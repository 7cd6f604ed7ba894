//! The exit status for scripts.

use std::process::ExitCode;

/// The exit status. Its numbers are a stable interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Success.
    Done = 0,
    /// An error, or an early end.
    Failed = 1,
    /// The command line, the environment or a given file is invalid.
    Usage = 2,
    /// Success with findings: findings, orphans, a failed check.
    Found = 3,
    /// A safety gate refused; nothing was changed.
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
