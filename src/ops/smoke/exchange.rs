//! A request and its response, described without the signature, and their evaluation.

use std::fmt::Write as _;

use super::check::{Broken, Failing};
use crate::aws::Problem;
use crate::aws::raw::RawAnswer;

pub(super) struct Exchange {
    /// A description of the request: method, target, contents.
    pub(super) request: String,
    /// The response, or why there is none.
    pub(super) answer: Result<RawAnswer, Problem>,
}

impl Exchange {
    /// The response, if successful.
    pub(super) fn success(&self, wanted: &str) -> Result<&RawAnswer, Broken> {
        match &self.answer {
            Ok(answer) if answer.is_success() => Ok(answer),
            Ok(answer) => {
                let code = answer.error_code();
                let cause = cause(answer.status, code.as_deref());
                Err(self.failing(format!("{wanted} was refused: {}", brief(answer)), cause))
            }
            Err(problem) => Err(self.failing(
                format!("{wanted} got no answer: {}", problem.message),
                problem.advice.to_string(),
            )),
        }
    }

    /// Describes the rejection, if it is one of the expected ones.
    pub(super) fn refused(
        &self,
        what: &str,
        expected: &[(u16, &str)],
        if_let_in: &str,
    ) -> Result<String, Broken> {
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(problem) => {
                return Err(self.failing(
                    format!("{what} got no answer: {}", problem.message),
                    problem.advice.to_string(),
                ));
            }
        };
        if answer.is_success() {
            return Err(self.failing(format!("{what} was let in ({})", brief(answer)), if_let_in));
        }
        let code = answer.error_code();
        let as_expected = expected.iter().any(|(status, name)| {
            *status == answer.status && code.as_deref().is_none_or(|code| code == *name)
        });
        if as_expected {
            return Ok(format!("refused: {}", brief(answer)));
        }
        let wanted: Vec<String> = expected
            .iter()
            .map(|(status, name)| format!("{status} {name}"))
            .collect();
        Err(self.failing(
            format!("{what} was refused, but with {}, not with {}", brief(answer), wanted.join(" or ")),
            "it was refused for another reason than the one that is tested, which so stays untested",
        ))
    }

    /// A failure because of this exchange.
    pub(super) fn failing(&self, message: impl Into<String>, cause: impl Into<String>) -> Broken {
        Broken::Fail(Box::new(Failing {
            message: message.into(),
            request: self.request.clone(),
            answer: self.words(),
            cause: cause.into(),
        }))
    }

    /// Describes the response.
    fn words(&self) -> String {
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(problem) => return format!("none: {}", problem.message),
        };
        let mut words = brief(answer);
        if let Some(message) = answer.error_element("Message") {
            // Writing to a String cannot fail.
            let _ = write!(words, ": {message}");
        }
        if let Some(id) = answer.header("x-amz-request-id") {
            let _ = write!(words, " (request {id})");
        }
        words
    }
}

/// Status and error code.
pub(super) fn brief(answer: &RawAnswer) -> String {
    match answer.error_code() {
        Some(code) => format!("{} {code}", answer.status),
        None => answer.status.to_string(),
    }
}

/// Why a valid request may be rejected.
fn cause(status: u16, code: Option<&str>) -> &'static str {
    match (status, code) {
        (_, Some("SignatureDoesNotMatch")) => {
            "what was sent is not what was signed: a proxy that changes headers or paths, or a wrong secret key"
        }
        (_, Some("AccessDenied")) => {
            "the bucket's policy, the public access block or the permissions of these credentials deny it; with KMS the key's policy may"
        }
        (_, Some("InvalidAccessKeyId" | "InvalidToken")) => {
            "the endpoint does not know these credentials"
        }
        (_, Some("ExpiredToken")) => "the temporary credentials have ended",
        (_, Some("RequestTimeTooSkewed")) => "this computer's clock is off",
        (_, Some("NoSuchBucket")) => "there is no such bucket at this endpoint",
        (_, Some("NotImplemented")) => "the endpoint does not have this",
        (_, Some("EntityTooLarge" | "EntityTooSmall")) => {
            "the policy of the form allows other sizes than the blueprint"
        }
        (301 | 307, _) => "the bucket is in another Region than the URL was signed for",
        (503, _) => "the service asks to slow down",
        (500..=599, _) => "the service failed",
        _ => "the answer says why",
    }
}
