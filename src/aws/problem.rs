//! A failure explained in words: what was tried, on what, why it failed and what to do.

use std::fmt;

use super::operations::Operation;
use super::scrub::{scrub, visible};
use crate::domain::advice::{Advice, advice};

/// What sort of failure it is, for those who act on it rather than show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Nothing gave credentials, or what should have given them failed.
    NoCredentials,
    /// The credentials or the SSO session that makes them have expired.
    ExpiredCredentials,
    /// The service does not know the credentials, or the signature made with them is wrong.
    BadCredentials,
    /// A profile or a configuration file is missing or cannot be read.
    Configuration,
    /// The credentials are known and may not do this.
    Denied,
    /// The bucket, key, version or upload does not exist.
    NotFound,
    /// The sub-resource exists in S3 and this bucket does not have one: an answer rather than a failure.
    NotConfigured,
    /// This endpoint does not have the operation, or ignores a part of it that is needed.
    NotSupported,
    /// The bucket lives in another Region and which one could not be learnt.
    WrongRegion,
    /// The object is archived and has to be restored before it can be read.
    Archived,
    /// The object is not what it was when it was judged (412, 409).
    Changed,
    /// The request itself is wrong: too large, malformed, or with a value that the service refuses.
    Invalid,
    /// The clock of this computer is too far from the service's.
    ClockSkew,
    /// The service asks to slow down, and did so after every retry.
    Throttled,
    /// The service failed (5xx), and did so after every retry.
    Unavailable,
    /// No connection: name not found, refused, reset, TLS.
    Network,
    /// A connection, and no answer in time.
    TimedOut,
    /// An answer that is not S3's: a web page, or a document of another shape.
    Malformed,
    /// Refused here, before anything was sent: the call changes something and the program is read-only.
    ReadOnly,
    /// Stopped by the user.
    Cancelled,
    /// Anything else.
    Other,
}

/// A failed request, in words. `Display` is one line that fits on every face; nothing in it is a credential or a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was tried: "list the objects".
    pub attempted: String,
    /// On what: `s3://bucket/prefix`, escaped where it holds control characters.
    pub target: String,
    /// What sort of failure it is.
    pub kind: ProblemKind,
    /// The service's error code, where it gave one: "`AccessDenied`".
    pub code: Option<String>,
    /// Why it failed.
    pub message: String,
    /// The permission that the call needs, when it was denied: "s3:ListBucket".
    pub permission: Option<&'static str>,
    /// What to do about it.
    pub advice: Advice,
    /// The service's id of the request, for its support desk.
    pub request_id: Option<String>,
}

impl Problem {
    /// The same line for the command line, where what to do is said in options and commands.
    #[must_use]
    pub fn on_command_line(&self) -> String {
        self.line(&self.advice.command_line())
    }

    /// The same without what to do, for whoever says that beside it.
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

    /// A problem with nothing but its kind and its words; `message` and `advice` are scrubbed of credentials.
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

    /// A problem of an operation that never got, or did not understand, an answer.
    pub(crate) fn of(
        operation: &Operation,
        target: &str,
        kind: ProblemKind,
        message: &str,
        advice: impl Into<Advice>,
    ) -> Self {
        Self::new(operation.words, target, kind, message, advice)
    }

    /// The user, or a newer command, stopped this work.
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

    /// Whether the same call could succeed a little later without anybody changing anything.
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
