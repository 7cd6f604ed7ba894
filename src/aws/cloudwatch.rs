//! The CloudWatch client, and the meaning of its errors where they differ from S3's.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::service_config::ServiceConfigKey;

use super::clients::{Aws, Parts};
use super::explain::{self, Call};
use super::guard::Guard;
use super::problem::{Problem, ProblemKind};
use crate::domain::Region;
use crate::domain::advice::advice;

/// A client for the metrics of one Region.
///
/// A custom endpoint also applies to CloudWatch: AWS has no metrics about the buckets of another server, even if their
/// names match.
pub(super) fn client(parts: &Parts, region: &Region) -> aws_sdk_cloudwatch::Client {
    let config = aws_sdk_cloudwatch::config::Builder::from(&parts.sdk)
        .region(aws_types::region::Region::new(region.as_str().to_owned()))
        .interceptor(Guard);
    let config = match s3_endpoint_alone(parts) {
        Some(endpoint) => config.endpoint_url(endpoint),
        None => config,
    };
    aws_sdk_cloudwatch::Client::from_conf(config.build())
}

/// The endpoint, if it was configured for S3 only and is not AWS.
fn s3_endpoint_alone(parts: &Parts) -> Option<&str> {
    let own = ServiceConfigKey::builder()
        .service_id("CloudWatch")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()
        .and_then(|key| parts.sdk.service_config()?.load_config(key));
    parts
        .endpoint
        .as_deref()
        .filter(|_| own.is_none() && parts.sdk.endpoint_url().is_none())
        .filter(|endpoint| !is_of_aws(endpoint))
}

/// Whether an endpoint is AWS's own: of a Region, FIPS, or a VPC.
pub(super) fn is_of_aws(endpoint: &str) -> bool {
    let host = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest)
        .split(['/', ':'])
        .next()
        .unwrap_or_default();
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

/// Explains a CloudWatch error.
pub(super) fn explain<E>(aws: &Aws, call: &Call<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    // An S3 server takes the request for one about a bucket named "service", and may return anything.
    if aws.endpoint().is_some()
        && error
            .raw_response()
            .is_some_and(|raw| !is_of_cloudwatch(raw) && !is_of_a_proxy(raw))
    {
        return call.failed(
            ProblemKind::NotSupported,
            "this endpoint does not have CloudWatch",
            advice!("sizes and counts of its buckets can be had by listing them alone"),
        );
    }
    if let Some(raw) = error.raw_response().filter(|raw| raw.status().is_success())
        && is_of_cloudwatch(raw)
    {
        return call.failed(
            ProblemKind::Malformed,
            &format!("the answer cannot be read: {}", explain::chain(error)),
            advice!("what it would tell stays unknown; try again"),
        );
    }
    let mut problem = explain::explain(aws, call, error);
    if problem.kind == ProblemKind::Denied {
        problem.advice = advice!(
            "ask for {} on all resources: CloudWatch has no permission for one bucket",
            call.operation.permission
        );
    }
    if problem.request_id.is_none() {
        problem.request_id = error
            .raw_response()
            .and_then(|raw| raw.headers().get("x-amzn-requestid"))
            .map(super::scrub::scrub);
    }
    problem
}

/// Whether a response, success or error, follows CloudWatch's protocol.
fn is_of_cloudwatch(raw: &HttpResponse) -> bool {
    let content_type = raw.headers().get("content-type").unwrap_or_default();
    raw.headers().get("smithy-protocol").is_some() || content_type.starts_with("application/cbor")
}

/// Whether a proxy may have answered instead of the endpoint.
fn is_of_a_proxy(raw: &HttpResponse) -> bool {
    matches!(raw.status().as_u16(), 407 | 502..=504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_of_aws_is_told_from_another_servers() {
        for own in [
            "https://s3.eu-west-1.amazonaws.com",
            "https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com/",
            "https://s3.cn-north-1.amazonaws.com.cn:443",
        ] {
            assert!(is_of_aws(own), "{own}");
        }
        for other in [
            "http://127.0.0.1:9000",
            "https://amazonaws.com.example.org",
            "https://minio.example.org/amazonaws.com",
        ] {
            assert!(!is_of_aws(other), "{other}");
        }
    }
}
