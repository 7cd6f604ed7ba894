//! Signs and sends requests without a service SDK, for IAM and KMS, with the usual endpoints, credentials and retries.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::retry::RetryConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::aws::cloudwatch::is_of_aws;
use crate::aws::explain::{Call, chain};
use crate::aws::raw::{RawAnswer, RawClient, RawRequest, RawTimeouts};
use crate::aws::{Aws, Meter, Problem, ProblemKind, codes, credentials};
use crate::domain::advice::advice;

/// The maximum size of a response in bytes: policies have some ten thousand.
const LONGEST: usize = 1 << 20;

/// A service without an SDK.
pub(super) struct Service<'s> {
    /// Its name in a credential scope.
    pub scope: &'static str,
    /// Its id in the AWS configuration, for its own endpoint setting.
    pub id: &'static str,
    /// Its address on AWS.
    pub address: &'s str,
    /// The Region for the signature on AWS.
    pub region: &'s str,
    /// Reads the code of an error response.
    pub code: fn(&RawAnswer) -> Option<String>,
}

/// A request.
pub(super) struct Question<'q> {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path and the query.
    pub path: &'q str,
    pub headers: &'q [(&'static str, String)],
    pub body: &'q str,
}

/// Sends a request, with the same retries and pauses as for S3.
pub(super) async fn send(
    aws: &Aws,
    call: &Call<'_>,
    service: &Service<'_>,
    question: &Question<'_>,
    meter: &Meter,
) -> Result<RawAnswer, Problem> {
    let default = RetryConfig::standard();
    let policy = aws.sdk().retry_config().unwrap_or(&default);
    let client = RawClient::new(RawTimeouts::default())?;
    let mut attempt = 1;
    loop {
        let mut request = signed(aws, call, service, question).await?;
        request.keep = LONGEST;
        meter.sent();
        if attempt > 1 {
            meter.repeats();
        }
        let answer = client.send_reading(request, call.operation).await;
        let is_transient = match &answer {
            Ok(answer) => can_be_repeated(answer, service),
            Err(problem) => problem.is_transient(),
        };
        if !is_transient || attempt >= policy.max_attempts() {
            return answer
                .map_err(|problem| call.failed(problem.kind, &problem.message, problem.advice));
        }
        tokio::time::sleep(pause(policy, attempt, fastrand::f64())).await;
        attempt += 1;
    }
}

/// Whether a retry may succeed.
fn can_be_repeated(answer: &RawAnswer, service: &Service<'_>) -> bool {
    if answer.is_success() {
        return false;
    }
    let code = (service.code)(answer).unwrap_or_default();
    let kind = codes::meaning(&code, "").map(|meaning| meaning.kind);
    matches!(answer.status, 429 | 500 | 502 | 503 | 504)
        || matches!(
            kind,
            Some(ProblemKind::Throttled | ProblemKind::Unavailable)
        )
}

/// The pause after this many attempts: the SDK's own, doubled each time, with jitter.
fn pause(policy: &RetryConfig, attempts: u32, chance: f64) -> Duration {
    let doubled = policy
        .initial_backoff()
        .saturating_mul(2_u32.saturating_pow(attempts - 1));
    doubled.min(policy.max_backoff()).mul_f64(chance)
}

/// The address of the service. A custom endpoint applies to it as to S3: AWS's roles and keys are not those of another
/// server.
fn address(aws: &Aws, service: &Service<'_>) -> String {
    let own = ServiceConfigKey::builder()
        .service_id(service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()
        .and_then(|key| aws.sdk().service_config()?.load_config(key));
    let other = aws.endpoint().filter(|endpoint| !is_of_aws(endpoint));
    own.as_deref()
        .or(other)
        .unwrap_or(service.address)
        .to_owned()
}

async fn signed(
    aws: &Aws,
    call: &Call<'_>,
    service: &Service<'_>,
    question: &Question<'_>,
) -> Result<RawRequest, Problem> {
    let url = format!(
        "{}{}",
        address(aws, service).trim_end_matches('/'),
        question.path
    );
    let credentials = aws.watched_credentials().current().await.map_err(|error| {
        credentials::explain(aws, call, &error).unwrap_or_else(|| {
            call.failed(
                ProblemKind::NoCredentials,
                &format!("getting the credentials failed: {}", chain(&error)),
                advice!("correct what it names"),
            )
        })
    })?;
    let refused = |error: &(dyn std::error::Error + 'static)| {
        call.failed(
            ProblemKind::Invalid,
            &format!("it could not be signed: {}", chain(error)),
            advice!("check the endpoint"),
        )
    };
    let region = if aws.is_of_aws() {
        service.region
    } else {
        aws.region().as_str()
    };
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let identity = Identity::from(credentials);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service.scope)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|error| refused(&error))?
        .into();
    let headers = question.headers.iter();
    let signable = SignableRequest::new(
        question.method,
        url.as_str(),
        headers.map(|(name, value)| (*name, value.as_str())),
        SignableBody::Bytes(question.body.as_bytes()),
    )
    .map_err(|error| refused(&error))?;
    let (instructions, _) = sign(signable, &parameters)
        .map_err(|error| refused(&error))?
        .into_parts();
    let (signature, _) = instructions.into_parts();
    let mut request = RawRequest::new(question.method, &url);
    for (name, value) in question.headers {
        request = request.header(name, value);
    }
    for header in &signature {
        request = request.header(header.name(), header.value());
    }
    if !question.body.is_empty() {
        request = request.body(question.body.as_bytes().to_vec());
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_shortened_by_chance() {
        let policy = RetryConfig::standard()
            .with_initial_backoff(Duration::from_millis(400))
            .with_max_backoff(Duration::from_secs(1));
        for (attempts, chance, milliseconds) in [
            (1, 1.0, 400),
            (2, 1.0, 800),
            (3, 1.0, 1_000),
            (60, 1.0, 1_000),
            (1, 0.5, 200),
            (1, 0.0, 0),
        ] {
            let found = pause(&policy, attempts, chance);
            assert_eq!(found.as_millis(), milliseconds, "{attempts} {chance}");
        }
    }

    #[test]
    fn what_may_pass_is_asked_again_and_nothing_else() {
        let service = Service {
            scope: "iam",
            id: "IAM",
            address: "",
            region: "",
            code: |answer| answer.error_code(),
        };
        let answer = |status: u16, code: &str| RawAnswer {
            status,
            headers: Vec::new(),
            body: format!("<Code>{code}</Code>").into(),
            is_cut: false,
            until_head: Duration::ZERO,
            until_end: Duration::ZERO,
        };
        for (status, code, again) in [
            (200, "", false),
            (400, "Throttling", true),
            (400, "ThrottlingException", true),
            (429, "", true),
            (500, "InternalFailure", true),
            (503, "ServiceUnavailable", true),
            (400, "ValidationError", false),
            (403, "AccessDenied", false),
            (404, "NoSuchEntity", false),
            (501, "NotImplemented", false),
        ] {
            let answer = answer(status, code);
            assert_eq!(can_be_repeated(&answer, &service), again, "{status} {code}");
        }
    }
}
