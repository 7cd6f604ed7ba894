//! An explained error: what was tried, on what, why it failed and what to do.

use std::fmt;

use super::operations::Operation;
use super::scrub::{scrub, visible};
use crate::domain::advice::{Advice, advice};

/// The kind of error, for code that reacts to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// There are no credentials, or their source failed.
    NoCredentials,
    /// The credentials or their SSO session have expired.
    ExpiredCredentials,
    /// The service does not know the credentials, or the signature is wrong.
    BadCredentials,
    /// A profile or a configuration file is missing or cannot be read.
    Configuration,
    /// The credentials are valid but lack the permission.
    Denied,
    /// The bucket, key, version or upload does not exist.
    NotFound,
    /// The bucket does not have this sub-resource. This is an answer, not a failure.
    NotConfigured,
    /// The endpoint does not support the operation, or ignores a required part of it.
    NotSupported,
    /// The bucket is in another, unknown Region.
    WrongRegion,
    /// The object is archived and must be restored before it can be read.
    Archived,
    /// The object has changed since it was judged (412, 409).
    Changed,
    /// The request is invalid: too large, malformed, or with a rejected value.
    Invalid,
    /// The clock of this computer is too far from the service's.
    ClockSkew,
    /// The service still asked to slow down after all retries.
    Throttled,
    /// The service still failed (5xx) after all retries.
    Unavailable,
    /// No connection: name not found, refused, reset, TLS.
    Network,
    /// The connection exists, but there was no response in time.
    TimedOut,
    /// The response is not S3's: a web page, or another document.
    Malformed,
    /// s3warden refused to send it: the call changes something, and s3warden is read-only.
    ReadOnly,
    /// The user cancelled it.
    Cancelled,
    /// Anything else.
    Other,
}

/// A failed request with an explanation. `Display` gives one line for every interface, without credentials or
/// signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was tried, such as "list the objects".
    pub attempted: String,
    /// The target `s3://bucket/prefix`, with control characters escaped.
    pub target: String,
    /// What sort of failure it is.
    pub kind: ProblemKind,
    /// The service's error code, if any, such as "`AccessDenied`".
    pub code: Option<String>,
    /// Why it failed.
    pub message: String,
    /// The missing permission, if the call was denied, such as "s3:ListBucket".
    pub permission: Option<&'static str>,
    /// What to do about it.
    pub advice: Advice,
    /// The service's request id, for its support.
    pub request_id: Option<String>,
}

impl Problem {
    /// The same line for the command line, with options and commands as advice.
    #[must_use]
    pub fn on_command_line(&self) -> String {
        self.line(&self.advice.command_line())
    }

    /// The same line without advice.
    #[must_use]
    pub fn without_advice(&self) -> String {
        self.line("")
    }

    fn line(&self, advice: &str) -> String {
        let Self {
            attempted, message, ..
        } = self;
        let target = match self.target.as_str() {
            "" => String::new(),
            target => format!(" {target}"),
        };
        let code = match &self.code {
            Some(code) if !message.contains(code.as_str()) => format!(" ({code})"),
            _ => String::new(),
        };
        let semicolon = if advice.is_empty() { "" } else { "; " };
        format!("could not {attempted}{target}: {message}{code}{semicolon}{advice}")
    }

    /// A problem with only a kind and a text. Credentials are removed from `message` and `advice`.
    #[must_use]
    pub fn new(
        attempted: impl Into<String>,
        target: impl Into<String>,
        kind: ProblemKind,
        message: &str,
        advice: impl Into<Advice>,
    ) -> Self {
        let target: String = target.into();
        Self {
            attempted: attempted.into(),
            target: visible(&target),
            kind,
            code: None,
            message: scrub(message),
            permission: None,
            advice: advice.into().with_words(scrub),
            request_id: None,
        }
    }

    /// A problem of an operation without a usable response.
    pub(crate) fn of(
        operation: &Operation,
        target: &str,
        kind: ProblemKind,
        message: &str,
        advice: impl Into<Advice>,
    ) -> Self {
        Self::new(operation.words, target, kind, message, advice)
    }

    /// A cancelled operation.
    #[must_use]
    pub fn cancelled(attempted: impl Into<String>, target: impl Into<String>) -> Self {
        Self::new(
            attempted,
            target,
            ProblemKind::Cancelled,
            "it was cancelled",
            advice!("run it again to go on"),
        )
    }

    /// Whether the same call may succeed a little later without any change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ProblemKind::Throttled
                | ProblemKind::Unavailable
                | ProblemKind::Network
                | ProblemKind::TimedOut
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(&self.advice))
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line_that_says_what_on_what_why_and_what_to_do() {
        let mut problem = Problem::new(
            "list the objects of",
            "s3://media/a",
            ProblemKind::Denied,
            "access was denied",
            advice!("ask for s3:ListBucket"),
        );
        problem.code = Some("AccessDenied".to_owned());
        assert_eq!(
            problem.to_string(),
            "could not list the objects of s3://media/a: access was denied (AccessDenied); ask for s3:ListBucket"
        );
        assert!(!problem.is_transient());
    }

    #[test]
    fn no_part_of_a_problem_carries_a_signature() {
        let problem = Problem::new(
            "get",
            "https://h/k?X-Amz-Signature=abc123&X-Amz-Credential=AKIAEXAMPLE%2F2026",
            ProblemKind::Other,
            "bad Signature=abc123",
            advice!("see X-Amz-Security-Token=tok"),
        );
        let all = format!("{problem} {problem:?}");
        for secret in ["abc123", "AKIAEXAMPLE", "tok\""] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    }
}
