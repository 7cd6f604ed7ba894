//! Explains missing and incomplete responses: DNS, connections, TLS, timeouts.

use std::error::Error;
use std::io;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::clients::Aws;
use super::explain::{Call, causes, chain, endpoint};
use super::problem::{Problem, ProblemKind};
use crate::domain::advice::advice;

/// Explains a request without a complete response.
pub(crate) fn explain<E>(aws: &Aws, call: &Call<'_>, error: &SdkError<E, HttpResponse>) -> Problem
where
    E: Error + Send + Sync + 'static,
{
    explain_at(&endpoint(aws), aws.endpoint().is_some(), call, error)
}

/// The same for any target. `is_endpoint` tells a custom endpoint from AWS.
pub(crate) fn explain_at<E>(
    where_to: &str,
    is_endpoint: bool,
    call: &Call<'_>,
    error: &SdkError<E, HttpResponse>,
) -> Problem
where
    E: Error + Send + Sync + 'static,
{
    let text = chain(error);
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let timed_out = matches!(error, SdkError::TimeoutError(_))
        || matches!(error, SdkError::DispatchFailure(failure) if failure.is_timeout());

    if has_io_kind(error, io::ErrorKind::ConnectionRefused) {
        return call.failed(
            ProblemKind::Network,
            &format!("{where_to} refused the connection: nothing listens there"),
            advice!("check the endpoint's host and port, and that the server runs"),
        );
    }
    if says(&[
        "dns error",
        "failed to lookup",
        "name or service not known",
        "nodename nor servname",
    ]) {
        let advice = if is_endpoint {
            advice!(
                "check the network connection and the spelling of the endpoint; where the server has no host name a bucket, use path style"
            )
        } else {
            advice!("check the network connection; when that works, the spelling of the Region")
        };
        return call.failed(
            ProblemKind::Network,
            &format!("the host name of {where_to} cannot be resolved"),
            advice,
        );
    }
    if says(&[
        "certificate",
        "unknownissuer",
        "tls",
        "corrupt message",
        "handshake",
    ]) {
        return call.failed(
            ProblemKind::Network,
            &format!("no secure connection to {where_to}: {text}"),
            advice!("check that the endpoint speaks https (a port for http does not), and that its certificate is trusted: \
             AWS_CA_BUNDLE names a file of certificates to trust"),
        );
    }
    if stalled(error) {
        return call.failed(
            ProblemKind::TimedOut,
            &format!("the answer of {where_to} stopped arriving in the middle"),
            advice!("try again; when it happens again, look for a proxy or an overloaded server on the way"),
        );
    }
    if timed_out && says(&["connect"]) {
        return call.failed(
            ProblemKind::TimedOut,
            &format!("{where_to} could not be reached within 5 seconds"),
            advice!("check the network connection, a proxy (HTTPS_PROXY) or a firewall on the way, and the endpoint"),
        );
    }
    if timed_out {
        return call.failed(
            ProblemKind::TimedOut,
            &format!("{where_to} did not answer in time"),
            advice!("try again; when it happens again, ask for less at once (a longer prefix)"),
        );
    }
    if says(&[
        "invalid http version",
        "invalid header",
        "httparse",
        "parse error",
    ]) {
        return call.failed(
            ProblemKind::Malformed,
            &format!("{where_to} does not answer in HTTP: {text}"),
            advice!("check the endpoint's port and whether it wants https"),
        );
    }
    if was_cut_off(error) {
        return call.failed(
            ProblemKind::Network,
            &format!("{where_to} closed the connection before the answer was whole"),
            advice!("try again; when it happens again, look for a proxy or an overloaded server on the way"),
        );
    }
    call.failed(
        ProblemKind::Network,
        &format!("no answer from {where_to}: {text}"),
        advice!("check the network connection and the endpoint"),
    )
}

/// Whether the connection broke in the middle.
pub(crate) fn was_cut_off(error: &(dyn Error + 'static)) -> bool {
    [
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof,
    ]
    .into_iter()
    .any(|kind| has_io_kind(error, kind))
        || causes(error).any(|cause| {
            let text = cause.to_string().to_ascii_lowercase();
            [
                "connection closed",
                "incomplete message",
                "end of file before message length",
                "error reading a body",
                "unexpected eof",
            ]
            .iter()
            .any(|words| text.contains(words))
        })
}

/// Whether the response started and then stalled, so that the SDK's stalled-stream protection gave up.
pub(crate) fn stalled(error: &(dyn Error + 'static)) -> bool {
    // The type of that error is private, so it is recognized by its text.
    causes(error).any(|cause| {
        cause
            .to_string()
            .contains("minimum throughput was specified at")
    })
}

fn has_io_kind(error: &(dyn Error + 'static), kind: io::ErrorKind) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == kind)
    })
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::error::ErrorMetadata;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::{ConnectOptions, Meter, StaticCredentials, operations, wire};

    async fn connected_to(url: &str) -> Aws {
        Aws::connect(ConnectOptions {
            endpoint_url: Some(url.to_owned()),
            region: Some("us-east-1".to_owned()),
            credentials: Some(StaticCredentials {
                access_key: "key".to_owned(),
                secret_key: "secret".to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn a_host_name_that_nobody_knows_is_told_as_such() {
        let aws = connected_to("http://no-such-host.invalid:9000").await;
        let call = Call::new(&operations::LIST_BUCKETS, "");
        let why = "client error (Connect): dns error: failed to lookup address information";
        let error: SdkError<ErrorMetadata, HttpResponse> =
            SdkError::dispatch_failure(ConnectorError::io(why.into()));
        let problem = explain(&aws, &call, &error);
        assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
        assert!(
            problem
                .message
                .contains("no-such-host.invalid:9000 cannot be resolved"),
            "{problem}"
        );
    }

    #[tokio::test]
    async fn an_answer_that_stops_arriving_is_told_from_one_that_cannot_be_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: 5000\r\n\r\n";
                stream.write_all(head).await.unwrap();
                // Keep it open: closing it would be a different error.
                open.push(stream);
            }
        });
        let aws = connected_to(&url).await.impatient();
        let problem = wire::bucket::list(&aws, None, &Meter::new())
            .await
            .unwrap_err();
        server.abort();
        assert_eq!(problem.kind, ProblemKind::TimedOut, "{problem}");
        assert!(problem.message.contains("stopped arriving"), "{problem}");
    }
}
