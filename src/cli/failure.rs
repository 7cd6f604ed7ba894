//! Why a command could not do what it was asked, in words, and how the program then exits.

use std::fmt::Display;
use std::io;

use super::ExitStatus;

/// What is printed as `error: …`, with a line of advice below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the program exits.
    pub status: ExitStatus,
    /// What was tried, on what, and why it failed; made safe when it is printed. Empty when there is nobody to tell.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Failure {
    /// Something that was asked for cannot be: exit status 2.
    pub fn usage(message: impl Display) -> Self {
        Self {
            status: ExitStatus::Usage,
            message: message.to_string(),
            advice: None,
        }
    }

    /// Something that should have worked did not: exit status 1.
    pub fn failed(message: impl Display) -> Self {
        Self {
            status: ExitStatus::Failed,
            message: message.to_string(),
            advice: None,
        }
    }

    /// The same with a line that says what to do.
    #[must_use]
    pub fn advising(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into()).filter(|advice: &String| !advice.is_empty());
        self
    }
}

/// What happens to results that cannot be printed. A reader who left (`| head`) is not told that they did.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::failed("");
        }
        Self::failed(format!("could not print the results: {error}"))
    }
}
