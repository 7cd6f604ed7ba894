//! The DynamoDB client, and the meaning of its errors where they differ from S3's.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::clients::Aws;
use super::explain::{self, Call};
use super::guard::Guard;
use super::problem::{Problem, ProblemKind};
use crate::domain::Region;
use crate::domain::advice::advice;

/// The standard environment variable for DynamoDB's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// A client for the tables of one Region.
///
/// A general custom endpoint also applies to DynamoDB, unless the environment sets one for DynamoDB: buckets on another
/// server often have their records in AWS.
pub(super) fn client(aws: &Aws, region: &Region) -> aws_sdk_dynamodb::Client {
    let mut config = aws_sdk_dynamodb::config::Builder::from(aws.sdk())
        .region(aws_types::region::Region::new(region.as_str().to_owned()))
        .interceptor(Guard);
    if let Some(endpoint) = std::env::var(ENDPOINT).ok().filter(|url| !url.is_empty()) {
        config = config.endpoint_url(endpoint);
    }
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// Explains a DynamoDB error.
pub(super) fn explain<E>(aws: &Aws, call: &Call<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    if error
        .raw_response()
        .is_some_and(|raw| !is_of_dynamodb(raw) && !is_of_a_proxy(raw))
    {
        return call.failed(
            ProblemKind::NotSupported,
            "this endpoint does not have DynamoDB",
            advice!("name DynamoDB's own endpoint in {ENDPOINT}"),
        );
    }
    let code = error.as_service_error().and_then(|error| error.code());
    if code == Some("ResourceNotFoundException") {
        return call.failed(
            ProblemKind::NotFound,
            "there is no such table",
            advice!("check its name, its Region, and that the profile is of its account"),
        );
    }
    let mut problem = explain::explain(aws, call, error);
    if problem.kind == ProblemKind::Denied {
        problem.advice = advice!(
            "ask for {} on the table, and for kms:Decrypt when it is encrypted with a key of yours",
            call.operation.permission
        );
    }
    if problem.kind == ProblemKind::Throttled {
        problem.advice =
            advice!("the table has no read capacity to spare: try again later, or raise it");
    }
    if problem.request_id.is_none() {
        problem.request_id = error
            .raw_response()
            .and_then(|raw| raw.headers().get("x-amzn-requestid"))
            .map(super::scrub::scrub);
    }
    problem
}

/// Whether a response, success or error, follows DynamoDB's protocol.
fn is_of_dynamodb(raw: &HttpResponse) -> bool {
    let content_type = raw.headers().get("content-type").unwrap_or_default();
    content_type.starts_with("application/x-amz-json") || content_type == "application/json"
}

/// Whether a proxy may have answered instead of the endpoint.
fn is_of_a_proxy(raw: &HttpResponse) -> bool {
    matches!(raw.status().as_u16(), 407 | 502..=504)
}
