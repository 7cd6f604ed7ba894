//! The checks by name, and what comes out of one.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A check. Their order is that in which they are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// Signing a GET, a PUT and a form takes no longer than promised.
    SignInTime,
    /// A small picture is uploaded as the application does and comes back byte for byte.
    SmallUpload,
    /// HEAD shows the encryption, key, class, metadata and type that are expected.
    HeadAsExpected,
    /// An upload by a form arrives.
    FormUpload,
    /// A large object goes up and down within the service levels, byte for byte.
    LargeObject,
    /// An upload of another content type than was signed is refused.
    WrongContentType,
    /// An upload of another length than was signed is refused.
    WrongLength,
    /// A form with a file larger than its policy allows is refused.
    OversizeForm,
    /// A signature is not good for another key.
    AlteredPath,
    /// A signature of which one digit was changed is refused.
    AlteredSignature,
    /// An upload without a header that was signed is refused.
    MissingHeader,
    /// A URL is refused after its end, which is really waited for.
    ExpiredUrl,
    /// A stranger cannot read, or can where the blueprint says so.
    AnonymousGet,
    /// A stranger cannot write.
    AnonymousPut,
    /// Plain HTTP is refused where TLS is required.
    PlainHttp,
    /// One owner's URL does not read another owner's object.
    OtherOwner,
    /// A browser on each of the application's origins may send each method and header.
    CorsPreflight,
    /// A browser on any other origin may not.
    CorsForeignOrigin,
    /// Uploads at the same time all arrive.
    ConcurrentUploads,
    /// A connection that is cut in the middle leaves no object.
    InterruptedUpload,
    /// What the application makes of a new object appears.
    DerivedAppears,
    /// The access log arrives and can be read.
    AccessLog,
    /// Everything that the run created is gone again.
    Removed,
}

impl Check {
    /// All of them, in their order.
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

    /// The name by which it is asked for and reported. It stays what it is.
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

/// What came out of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be, and what was seen.
    Pass(String),
    /// It is not.
    Fail(Box<Failing>),
    /// It was not carried out, and why.
    Skipped(String),
}

/// Why a check failed. Nothing in it is a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// What is wrong, in a line.
    pub message: String,
    /// The request; empty where there was none.
    pub request: String,
    /// The answer; empty where there was none.
    pub answer: String,
    /// The likely cause, and where to look.
    pub cause: String,
}

/// A check that was carried out, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// Which one.
    pub check: Check,
    /// What came out.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    /// The outcome in a word: `pass`, `fail` or `skipped`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::Skipped(_) => "skipped",
        }
    }

    /// What was seen, what is wrong, or why it was not carried out.
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

/// Why a check ends before its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// It failed.
    Fail(Box<Failing>),
    /// It cannot be carried out.
    Skip(String),
}

/// What a check answers: what was seen when all is well.
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
    /// A failure without a request of its own.
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
