//! Explains an SDK error.
//!
//! It checks from the specific to the general: s3warden's own refusals, credentials, the network, a response that is
//! not S3's, the service's error code, and finally the status, which is all that a HEAD response has.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::clients::Aws;
use super::codes::{self, Hint, Meaning};
use super::guard::Refused;
use super::operations::Operation;
use super::problem::{Problem, ProblemKind};
use super::scrub::scrub;
use super::shape::{WrongShape, root_element};
use super::{credentials, network};
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::{BucketName, Region};

/// The operation and its target, for explanations.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// The operation, with its description and permission.
    pub operation: &'a Operation,
    /// `s3://bucket/key`, or empty.
    pub target: String,
}

impl<'a> Call<'a> {
    pub(crate) fn new(operation: &'a Operation, target: impl Into<String>) -> Self {
        Self {
            operation,
            target: target.into(),
        }
    }

    /// A call on a bucket, or on a key or prefix in it.
    pub(crate) fn on(operation: &'a Operation, bucket: &BucketName, below: &str) -> Self {
        let slash = if below.is_empty() { "" } else { "/" };
        Self::new(operation, format!("s3://{bucket}{slash}{below}"))
    }

    /// A problem of this call that is not an SDK error.
    pub(crate) fn failed(
        &self,
        kind: ProblemKind,
        message: &str,
        advice: impl Into<Advice>,
    ) -> Problem {
        Problem::of(self.operation, &self.target, kind, message, advice)
    }
}

pub(crate) fn explain<E>(aws: &Aws, call: &Call<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if let Some(refused) = find::<Refused>(error) {
        return call.failed(
            ProblemKind::ReadOnly,
            &refused.to_string(),
            Advice::from(Action::AllowChanges).then(advice!("nothing was sent")),
        );
    }
    if let Some(problem) = credentials::explain(aws, call, error) {
        return problem;
    }
    let mut problem = match error {
        SdkError::ServiceError(service) => from_service(aws, call, service.err(), service.raw()),
        SdkError::ResponseError(response) => unreadable(aws, call, error, Some(response.raw())),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => {
            network::explain(aws, call, error)
        }
        _ if find::<WrongShape>(error).is_some() => unreadable(aws, call, error, None),
        _ => call.failed(
            ProblemKind::Invalid,
            &format!("the request could not be built: {}", chain(error)),
            advice!("check the names that it was given"),
        ),
    };
    problem.request_id = error
        .raw_response()
        .and_then(|raw| raw.headers().get("x-amz-request-id"))
        .map(scrub);
    problem
}

/// Explains an error response of the service.
fn from_service<E: ProvideErrorMetadata>(
    aws: &Aws,
    call: &Call<'_>,
    error: &E,
    raw: &HttpResponse,
) -> Problem {
    let status = raw.status().as_u16();
    let body = raw.body().bytes().unwrap_or_default();
    let code = error.code().filter(|code| !code.is_empty());
    if let Some(root) = root_element(body)
        && code.is_none()
        && !matches!(root.as_str(), "Error" | "ErrorResponse")
    {
        return web_page(aws, call, status);
    }
    let said = error.message().map(scrub).unwrap_or_default();
    let meaning = code
        .and_then(|code| codes::meaning(code, &said))
        .unwrap_or_else(|| codes::of_status(status, call.operation, raw.headers()));
    let Meaning {
        kind,
        words,
        advice,
    } = meaning;
    let message = match (words, said.as_str()) {
        ("", "") => format!("the service answered {status} and nothing else"),
        ("", said) => said.to_owned(),
        (words, "") => words.to_owned(),
        // A code such as NoSuchKey needs no second sentence with the same meaning.
        (words, _) if kind == ProblemKind::NotFound || kind == ProblemKind::NotConfigured => {
            words.to_owned()
        }
        (words, said) => format!("{words} (\"{}\")", said.trim_end_matches('.')),
    };
    let mut problem = call.failed(kind, &message, fill(advice, aws, call));
    problem.code = code.map(scrub);
    if kind == ProblemKind::Denied && !call.operation.permission.is_empty() {
        problem.permission = Some(call.operation.permission);
    }
    problem
}

/// Fills in the advice from the table for this call.
fn fill(advice: &'static [Hint], aws: &Aws, call: &Call<'_>) -> Advice {
    let endpoint = endpoint(aws);
    let gaps = [
        ("{permission}", call.operation.permission),
        ("{endpoint}", endpoint.as_str()),
    ];
    let step = |hint: &Hint| match hint {
        Hint::Words(template) => template.fill(&gaps),
        Hint::SignIn => Advice::from(Action::SignIn(credentials::sign_in(aws))),
        Hint::UseRegion => Advice::from(Action::UseRegion {
            now: aws.region().to_string(),
        }),
        Hint::SendFewerRequests => Advice::from(Action::SendFewerRequests),
    };
    advice
        .iter()
        .fold(Advice::default(), |all, hint| all.then(step(hint)))
}

/// Describes the endpoint.
pub(crate) fn endpoint(aws: &Aws) -> String {
    aws.endpoint()
        .map_or_else(|| format!("AWS in {}", aws.region()), str::to_owned)
}

/// Explains a success response that is not what the operation promises.
fn unreadable<E>(
    aws: &Aws,
    call: &Call<'_>,
    error: &SdkError<E, HttpResponse>,
    raw: Option<&HttpResponse>,
) -> Problem
where
    E: Error + Send + Sync + 'static,
{
    let status = raw.map_or(200, |raw| raw.status().as_u16());
    let root = raw.and_then(|raw| root_element(raw.body().bytes().unwrap_or_default()));
    match (find::<WrongShape>(error), root) {
        (_, Some(root)) if root.eq_ignore_ascii_case("html") => web_page(aws, call, status),
        (Some(shape), _) => call.failed(
            ProblemKind::Malformed,
            &shape.to_string(),
            advice!(
                "{} does not have this operation, or is no S3 endpoint",
                endpoint(aws)
            ),
        ),
        (None, _) if network::was_cut_off(error) || network::stalled(error) => {
            network::explain(aws, call, error)
        }
        (None, _) => call.failed(
            ProblemKind::Malformed,
            &format!("the answer cannot be read: {}", chain(error)),
            advice!("check that {} is an S3 endpoint", endpoint(aws)),
        ),
    }
}

/// Explains a response for browsers: a web console, or an error page of a proxy.
fn web_page(aws: &Aws, call: &Call<'_>, status: u16) -> Problem {
    let (kind, advice) = if matches!(status, 502..=504) {
        (
            ProblemKind::Unavailable,
            advice!(
                "a proxy or load balancer stands before it and cannot reach it: try again, or ask who runs it"
            ),
        )
    } else {
        (
            ProblemKind::Malformed,
            advice!(
                "check the endpoint and its port: a server's web console often has another port than its S3"
            ),
        )
    };
    call.failed(
        kind,
        &format!(
            "{} answered {status} with a page that is not S3's",
            endpoint(aws)
        ),
        advice,
    )
}

/// The Region of the bucket in an error.
pub(crate) fn region_in<E>(error: &SdkError<E, HttpResponse>) -> Option<Region>
where
    E: ProvideErrorMetadata,
{
    let raw = error.raw_response()?;
    if let Some(region) = raw.headers().get("x-amz-bucket-region") {
        return region_named(region);
    }
    if !is_redirect(error) {
        return None;
    }
    let body = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default());
    let region = body.split_once("<Region>")?.1.split_once("</Region>")?.0;
    region_named(region)
}

/// Validates a Region code: the text comes from a server and becomes part of a host name.
pub(crate) fn region_named(text: &str) -> Option<Region> {
    let plain = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain.then(|| Region(text.to_owned()))
}

/// Whether the service says that the bucket is in another Region.
pub(crate) fn is_redirect<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata,
{
    let status = error.raw_response().map_or(0, |raw| raw.status().as_u16());
    let code = error.as_service_error().and_then(|error| error.code());
    matches!(status, 301 | 307 | 308)
        || code
            .and_then(|code| codes::meaning(code, ""))
            .is_some_and(|meaning| meaning.kind == ProblemKind::WrongRegion)
}

/// The first error of this type in the chain of causes.
pub(crate) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// The error and what caused it.
pub(crate) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        (*error).source()
    })
}

/// The chain of causes on one line, without repetitions.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        // Wrappers repeat what they wrap, so only the longest text is kept.
        if parts.iter().any(|part| part.contains(&text)) {
            continue;
        }
        parts.retain(|part| !text.contains(part.as_str()));
        parts.push(text);
    }
    scrub(&parts.join(": "))
}
