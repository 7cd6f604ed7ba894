//! If TLS is required, plain HTTP must be denied.
//!
//! The signature does not cover the scheme, so a signed URL with another scheme tests only the policy. A plain HTTP
//! endpoint is assumed to be behind a proxy that terminates TLS: the request has the header that such a proxy adds.

use std::time::Duration;

use crate::aws::raw::RawRequest;
use crate::ops::smoke::check::Outcome;
use crate::ops::smoke::context::CheckContext;

pub(super) async fn run(context: &CheckContext<'_>) -> Outcome {
    let key = context.sample().await?;
    let signed = context.sign_get(key, Duration::from_mins(5))?;
    let (request, words) = match signed.url.strip_prefix("https://") {
        Some(rest) => (
            RawRequest::new("GET", &format!("http://{rest}")),
            "signed, over plain HTTP",
        ),
        None => (
            RawRequest::new("GET", &signed.url).header("x-forwarded-proto", "http"),
            "signed, with X-Forwarded-Proto: http, for the endpoint is plain HTTP itself",
        ),
    };
    let exchange = context.send(request, words).await;
    match &exchange.answer {
        Err(problem) => return Ok(format!("plain HTTP gets no answer: {}", problem.message)),
        Ok(answer) => {
            let to = answer.header("location").unwrap_or_default();
            if (300..400).contains(&answer.status) && to.starts_with("https://") {
                return Ok(format!(
                    "plain HTTP is redirected ({}) to https",
                    answer.status
                ));
            }
        }
    }
    exchange.refused(
        "a download over plain HTTP",
        &[(403, "AccessDenied")],
        "no statement of the bucket's policy denies every action for everyone where aws:SecureTransport is false",
    )
}
