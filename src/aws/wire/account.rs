//! The public access block of an account, which applies to all its buckets.
//!
//! The block is an operation of S3 Control, with the same response document as a bucket's block. The S3 client sends
//! the request, which is redirected to S3 Control. The write guard, retries, signature and shape check of that client
//! therefore apply to it, too.

use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::configuration::{Answer, Document, public_access_of};
use crate::aws::cloudwatch::is_of_aws;
use crate::aws::explain::{Call, explain};
use crate::aws::{Aws, Meter, Problem, ProblemKind, codes, operations};
use crate::domain::Region;
use crate::domain::advice::{Advice, advice};
use crate::domain::configuration::PublicAccess;

/// The path of the block in S3 Control.
const PATH: &str = "/v20180820/configuration/publicAccessBlock";

/// The SDK requires a bucket name; it does not occur in the request that is sent.
pub(super) const PLACEHOLDER: &str = "account";

/// Requests the account's public access block.
///
/// # Errors
/// A [`Problem`], of kind [`ProblemKind::NotSupported`] if the endpoint has no S3 Control.
pub(crate) async fn public_access(
    aws: &Aws,
    account: &str,
    meter: &Meter,
) -> Result<Answer<PublicAccess>, Problem> {
    let call = Call::new(
        &operations::GET_ACCOUNT_PUBLIC_ACCESS_BLOCK,
        format!("account {account}"),
    );
    if !is_id(account) {
        return Err(call.failed(
            ProblemKind::NotSupported,
            "this endpoint's accounts have no ids as AWS's have",
            advice!("nothing can be blocked for a whole account there"),
        ));
    }
    let document = Document::default();
    let sent = aws
        .s3()
        .get_public_access_block()
        .bucket(PLACEHOLDER)
        .customize()
        .interceptor(meter.counting())
        .interceptor(document.keeping())
        .interceptor(ToControl {
            uri: address(aws, account, aws.region(), PATH),
            account: account.to_owned(),
        })
        .send()
        .await;
    match sent {
        Ok(answer) => Ok(document.answers(
            answer
                .public_access_block_configuration()
                .map(public_access_of),
        )),
        Err(error) => Err(explained(
            aws,
            &call,
            &error,
            advice!("nothing can be blocked for a whole account there"),
        )),
    }
}

/// Whether it has twelve digits. It becomes part of a host name.
pub(super) fn is_id(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
}

/// The URL. On AWS, the host contains the account id; a custom endpoint is used unchanged.
pub(super) fn address(aws: &Aws, account: &str, region: &Region, path: &str) -> String {
    if let Some(endpoint) = aws.endpoint().filter(|endpoint| !is_of_aws(endpoint)) {
        return format!("{}{path}", endpoint.trim_end_matches('/'));
    }
    let fips = aws.sdk().use_fips().unwrap_or_default();
    format!("{}{path}", of_aws(account, region, fips))
}

fn of_aws(account: &str, region: &Region, fips: bool) -> String {
    let fips = if fips { "-fips" } else { "" };
    let suffix = if region.as_str().starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("https://{account}.s3-control{fips}.{region}.{suffix}")
}

/// Redirects a request to S3 Control before it is signed, on every attempt.
#[derive(Debug)]
pub(super) struct ToControl {
    pub(super) uri: String,
    pub(super) account: String,
}

impl Intercept for ToControl {
    fn name(&self) -> &'static str {
        "ToControl"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_uri(self.uri.as_str())?;
        request
            .headers_mut()
            .try_insert("x-amz-account-id", self.account.clone())?;
        Ok(())
    }
}

/// Explains an error. S3 Control nests its errors deeper than S3, and the S3 client does not look there. `without` is
/// the consequence if the endpoint has no S3 Control.
pub(super) fn explained<E>(
    aws: &Aws,
    call: &Call<'_>,
    error: &SdkError<E, HttpResponse>,
    without: Advice,
) -> Problem
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let mut problem = explain(aws, call, error);
    let body = error.raw_response().and_then(|raw| raw.body().bytes());
    let body = String::from_utf8_lossy(body.unwrap_or_default());
    if problem.code.is_none()
        && let Some((code, said)) = wrapped(&body)
        && let Some(meaning) = codes::meaning(code, said)
    {
        problem.kind = meaning.kind;
        problem.code = Some(code.to_owned());
        problem.message = format!("{}: {}", code, crate::aws::scrub::scrub(said));
    }
    let elsewhere = aws.endpoint().is_some_and(|endpoint| !is_of_aws(endpoint));
    // Other servers take the path for a bucket and a key of it.
    let is_named = || body.to_ascii_lowercase().contains("s3control");
    let is_missing = match problem.kind {
        ProblemKind::NotFound | ProblemKind::Malformed | ProblemKind::Invalid => true,
        // LocalStack names the service that it was not started with.
        ProblemKind::Unavailable | ProblemKind::Other => is_named(),
        _ => false,
    };
    if elsewhere && is_missing {
        return call.failed(
            ProblemKind::NotSupported,
            "this endpoint does not have S3 Control",
            without,
        );
    }
    if problem.kind == ProblemKind::Denied {
        problem.permission = Some(call.operation.permission);
        problem.advice = advice!(
            "ask for {} on all resources: it is not a bucket's",
            call.operation.permission
        );
    }
    problem
}

/// Code and message of an error document, at any depth.
fn wrapped(document: &str) -> Option<(&str, &str)> {
    let element = |name: &str| {
        let (_, rest) = document.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    };
    let code = element("Code").filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric()))?;
    Some((code, element("Message").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_names_the_account_on_aws() {
        let region = |name: &str| Region(name.to_owned());
        assert_eq!(
            of_aws("123456789012", &region("eu-west-1"), false),
            "https://123456789012.s3-control.eu-west-1.amazonaws.com"
        );
        assert_eq!(
            of_aws("123456789012", &region("cn-north-1"), false),
            "https://123456789012.s3-control.cn-north-1.amazonaws.com.cn"
        );
        assert!(of_aws("123456789012", &region("us-east-1"), true).contains(".s3-control-fips."));
    }

    #[test]
    fn what_is_no_account_id_becomes_no_part_of_a_host() {
        assert!(is_id("123456789012"));
        for wrong in ["", "1234", "evil.example.", "12345678901a", "1234567890123"] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_error_is_found_within_its_wrapping() {
        let document = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        assert_eq!(wrapped(document), Some(("AccessDenied", "no")));
        assert_eq!(wrapped("<html><Code>not a code</Code></html>"), None);
    }
}
