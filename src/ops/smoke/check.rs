//! The names of the checks, and their results.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A check. They are carried out in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// Signing a GET, a PUT and a form is as fast as the service level requires.
    SignInTime,
    /// A small picture is uploaded like the application does it, and is downloaded unchanged.
    SmallUpload,
    /// HEAD returns the expected encryption, key, class, metadata and type.
    HeadAsExpected,
    /// A form upload succeeds.
    FormUpload,
    /// A large object is uploaded and downloaded within the service levels, unchanged.
    LargeObject,
    /// An upload with another content type than the signed one is rejected.
    WrongContentType,
    /// An upload with another length than the signed one is rejected.
    WrongLength,
    /// A form with a larger file than its policy allows is rejected.
    OversizeForm,
    /// A signature is not valid for another key.
    AlteredPath,
    /// A signature with one changed digit is rejected.
    AlteredSignature,
    /// An upload without a signed header is rejected.
    MissingHeader,
    /// A URL is rejected after it expires; the check waits for that.
    ExpiredUrl,
    /// Anonymous reads are denied, or allowed if the blueprint says so.
    AnonymousGet,
    /// Anonymous writes are denied.
    AnonymousPut,
    /// Plain HTTP is denied if TLS is required.
    PlainHttp,
    /// One owner's URL does not give access to another owner's object.
    OtherOwner,
    /// A browser on each of the application's origins may send each method and header.
    CorsPreflight,
    /// A browser on any other origin may not.
    CorsForeignOrigin,
    /// Concurrent uploads all succeed.
    ConcurrentUploads,
    /// An interrupted upload leaves no object.
    InterruptedUpload,
    /// The application's derived objects of a new object appear.
    DerivedAppears,
    /// The access log is delivered and readable.
    AccessLog,
    /// Everything that the run created is removed.
    Removed,
}

impl Check {
    /// All checks, in order.
    pub const ALL: [Self; 23] = [
        Self::SignInTime,
        Self::SmallUpload,
        Self::HeadAsExpected,
        Self::FormUpload,
        Self::LargeObject,
        Self::WrongContentType,
        Self::WrongLength,
        Self::OversizeForm,
        Self::AlteredPath,
        Self::AlteredSignature,
        Self::MissingHeader,
        Self::ExpiredUrl,
        Self::AnonymousGet,
        Self::AnonymousPut,
        Self::PlainHttp,
        Self::OtherOwner,
        Self::CorsPreflight,
        Self::CorsForeignOrigin,
        Self::ConcurrentUploads,
        Self::InterruptedUpload,
        Self::DerivedAppears,
        Self::AccessLog,
        Self::Removed,
    ];

    /// Its name on the command line and in reports. It is stable.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignInTime => "sign-in-time",
            Self::SmallUpload => "small-upload",
            Self::HeadAsExpected => "head-as-expected",
            Self::FormUpload => "form-upload",
            Self::LargeObject => "large-object",
            Self::WrongContentType => "wrong-content-type",
            Self::WrongLength => "wrong-length",
            Self::OversizeForm => "oversize-form",
            Self::AlteredPath => "altered-path",
            Self::AlteredSignature => "altered-signature",
            Self::MissingHeader => "missing-header",
            Self::ExpiredUrl => "expired-url",
            Self::AnonymousGet => "anonymous-get",
            Self::AnonymousPut => "anonymous-put",
            Self::PlainHttp => "plain-http",
            Self::OtherOwner => "other-owner",
            Self::CorsPreflight => "cors-preflight",
            Self::CorsForeignOrigin => "cors-foreign-origin",
            Self::ConcurrentUploads => "concurrent-uploads",
            Self::InterruptedUpload => "interrupted-upload",
            Self::DerivedAppears => "derived-appears",
            Self::AccessLog => "access-log",
            Self::Removed => "removed",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Check {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|check| check.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("there is no check of this name; expected one of {names}")
            })
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Passed, with what was observed.
    Pass(String),
    /// Failed.
    Fail(Box<Failing>),
    /// Skipped, with the reason.
    Skipped(String),
}

/// Why a check failed. It contains no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// One line about what is wrong.
    pub message: String,
    /// The request; empty if there was none.
    pub request: String,
    /// The response; empty if there was none.
    pub answer: String,
    /// The likely cause, and where to look.
    pub cause: String,
}

/// A check with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Which one.
    pub check: Check,
    /// The result.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    /// The result as a word: `pass`, `fail` or `skipped`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::Skipped(_) => "skipped",
        }
    }

    /// What was observed, what is wrong, or why it was skipped.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Pass(words) | Self::Skipped(words) => words,
            Self::Fail(failing) => &failing.message,
        }
    }

    /// Whether it failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Fail(_))
    }
}

/// Why a check ends early.
#[derive(Debug)]
pub(super) enum Broken {
    /// It failed.
    Fail(Box<Failing>),
    /// It is not possible.
    Skip(String),
}

/// The result of a check: what was observed if it passed.
pub(super) type Outcome = Result<String, Broken>;

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(seen) => Self::Pass(seen),
            Err(Broken::Fail(failing)) => Self::Fail(failing),
            Err(Broken::Skip(why)) => Self::Skipped(why),
        }
    }
}

impl Broken {
    /// A failure without a request.
    pub(super) fn because(message: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::Fail(Box::new(Failing {
            message: message.into(),
            request: String::new(),
            answer: String::new(),
            cause: cause.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_found_by_its_name_and_the_order_is_theirs() {
        for (at, check) in Check::ALL.into_iter().enumerate() {
            assert_eq!(check.name().parse(), Ok(check));
            assert!(Check::ALL[..at].iter().all(|earlier| *earlier < check));
        }
        let error = "sign".parse::<Check>().unwrap_err();
        assert!(error.contains("sign-in-time"), "{error}");
    }
}
