//! Sends one HTTP request unchanged: without signing, retries or redirects.
//!
//! This is for testing pre-signed URLs: the SDK's clients would sign again, add headers and retry. It uses the same
//! connector (TLS, proxies, certificates), and the same rule: a method other than GET, HEAD or OPTIONS needs a
//! [`WritePermit`].

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures::Stream;
use http_body::{Frame, SizeHint};

use super::explain::{Call, chain};
use super::guard::{self, WritePermit};
use super::operations::Operation;
use super::problem::{Problem, ProblemKind};
use super::{http, network};
use crate::domain::advice::{Action, Advice, advice};

/// Stands for any request instead of an S3 operation.
const SEND: Operation = Operation {
    name: "Send",
    words: "send the request to",
    permission: "",
    root: None,
};

/// Sends requests unchanged. Clones are cheap and share connections.
#[derive(Clone)]
pub struct RawClient {
    connector: SharedHttpConnector,
    whole: Duration,
}

/// The timeouts.
#[derive(Debug, Clone, Copy)]
pub struct RawTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the response headers, from the start of the request; the upload counts.
    pub head: Duration,
    /// For the whole exchange, including the response body.
    pub whole: Duration,
}

impl Default for RawTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_mins(1),
            whole: Duration::from_mins(2),
        }
    }
}

/// A request.
#[derive(Debug)]
pub struct RawRequest {
    /// The method, in capitals.
    pub method: String,
    /// The complete URL, encoded as it is sent.
    pub url: String,
    /// The headers, in order. `host` comes from the URL, and `content-length` from the body unless given.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: RawBody,
    /// The number of response body bytes to keep; the rest is not read, and the connection is closed.
    pub keep: usize,
}

/// The body of a request.
pub enum RawBody {
    /// Nothing.
    Empty,
    /// These bytes; clones of [`Bytes`] share them.
    Bytes(Bytes),
    /// Pieces as they arrive, with their total length if known (otherwise they are sent chunked). An error breaks the
    /// connection in the middle.
    Stream {
        /// The bytes in all.
        length: Option<u64>,
        /// The pieces.
        pieces: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>,
    },
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream { length, .. } => write!(f, "Stream({length:?})"),
        }
    }
}

/// A response with any status.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// The headers, with names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The start of the body, up to the requested number of bytes.
    pub body: Bytes,
    /// Whether the body was longer.
    pub is_cut: bool,
    /// The time from the first byte of the request to the response headers.
    pub until_head: Duration,
    /// The time from the first byte of the request to the last byte read.
    pub until_end: Duration,
}

impl RawRequest {
    /// A request without headers and body that keeps up to 64 KiB of the response.
    #[must_use]
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: RawBody::Empty,
            keep: 64 << 10,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.body = RawBody::Bytes(bytes.into());
        self
    }
}

impl RawAnswer {
    /// The value of a header, by its name in lower case; the first if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The raw text of an element of S3's error document, such as `Code` or `Message`.
    #[must_use]
    pub fn error_element(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        Some(value.to_owned())
    }

    /// S3's error code, if any.
    #[must_use]
    pub fn error_code(&self) -> Option<String> {
        (!self.is_success())
            .then(|| self.error_element("Code"))
            .flatten()
    }
}

impl RawClient {
    /// A client with the same network settings as the SDK's: TLS, `HTTPS_PROXY`, `AWS_CA_BUNDLE`.
    ///
    /// # Errors
    /// A [`Problem`] of kind [`ProblemKind::Configuration`] if the certificates cannot be read.
    pub fn new(timeouts: RawTimeouts) -> Result<Self, Problem> {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.head)
            .build();
        Ok(Self {
            connector: http::bare(&settings)?,
            whole: timeouts.whole,
        })
    }

    /// Sends a request and reads the start of the response.
    ///
    /// # Errors
    /// A [`Problem`] if the request needs a permit, or is invalid, or if there is no complete response. An error
    /// response is a response.
    pub async fn send(
        &self,
        request: RawRequest,
        permit: Option<&WritePermit>,
    ) -> Result<RawAnswer, Problem> {
        let call = Call::new(&SEND, without_query(&request.url));
        if permit.is_none() && !only_reads(&request.method) {
            return Err(call.failed(
                ProblemKind::ReadOnly,
                &format!(
                    "{} changes something and the program was started read-only",
                    request.method
                ),
                Advice::from(Action::AllowChanges).then(advice!("nothing was sent")),
            ));
        }
        self.timed(request, &call).await
    }

    /// Sends a request of an operation that only reads, with any method: services with a JSON protocol use POST. The
    /// operation's name must show that it reads, as for the SDK's clients.
    ///
    /// # Errors
    /// As [`RawClient::send`].
    pub(crate) async fn send_reading(
        &self,
        request: RawRequest,
        operation: &Operation,
    ) -> Result<RawAnswer, Problem> {
        let call = Call::new(&SEND, without_query(&request.url));
        if !guard::only_reads(operation.name) {
            return Err(call.failed(
                ProblemKind::ReadOnly,
                &format!("{} may change something", operation.name),
                advice!("report this; nothing was sent"),
            ));
        }
        self.timed(request, &call).await
    }

    async fn timed(&self, request: RawRequest, call: &Call<'_>) -> Result<RawAnswer, Problem> {
        match tokio::time::timeout(self.whole, self.exchange(request, call)).await {
            Ok(answer) => answer,
            Err(_) => Err(call.failed(
                ProblemKind::TimedOut,
                &format!("it was not over after {} seconds", self.whole.as_secs()),
                advice!("check the network connection, or allow more time"),
            )),
        }
    }

    async fn exchange(&self, request: RawRequest, call: &Call<'_>) -> Result<RawAnswer, Problem> {
        let keep = request.keep;
        let host = host(&request.url);
        let request = built(request).map_err(|why| {
            call.failed(
                ProblemKind::Invalid,
                &why,
                advice!("check the URL and the headers"),
            )
        })?;
        let begun = Instant::now();
        let answer = self
            .connector
            .call(request)
            .await
            .map_err(|error| broken(call, &host, error))?;
        let until_head = begun.elapsed();
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut body = Vec::new();
        let mut is_cut = false;
        let mut pieces = ByteStream::new(answer.into_body());
        while let Some(piece) = pieces.next().await {
            let piece =
                piece.map_err(|error| broken(call, &host, ConnectorError::io(error.into())))?;
            let room = keep - body.len();
            body.extend(piece.iter().take(room));
            if piece.len() > room {
                is_cut = true;
                break;
            }
        }
        Ok(RawAnswer {
            status,
            headers,
            body: body.into(),
            is_cut,
            until_head,
            until_end: begun.elapsed(),
        })
    }
}

impl fmt::Debug for RawClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawClient")
    }
}

/// Whether a method changes nothing, according to HTTP.
fn only_reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn built(request: RawRequest) -> Result<HttpRequest, String> {
    let mut built = HttpRequest::new(match request.body {
        RawBody::Empty => SdkBody::empty(),
        RawBody::Bytes(bytes) => SdkBody::from(bytes),
        RawBody::Stream { length, pieces } => SdkBody::from_body_1_x(Pieces { length, pieces }),
    });
    built
        .set_method(request.method.as_str())
        .map_err(|error| format!("{:?} is no method: {error}", request.method))?;
    built
        .set_uri(request.url)
        .map_err(|error| format!("it is no URL: {}", chain(&error)))?;
    for (name, value) in request.headers {
        let refused = format!("the header {name:?} cannot be sent");
        built
            .headers_mut()
            .try_append(name, value)
            .map_err(|error| format!("{refused}: {}", chain(&error)))?;
    }
    Ok(built)
}

/// Explains a missing or incomplete response, like for the SDK's own requests.
fn broken(call: &Call<'_>, host: &str, error: ConnectorError) -> Problem {
    let error: SdkError<Infallible, HttpResponse> = SdkError::dispatch_failure(error);
    network::explain_at(host, true, call, &error)
}

/// The URL without its query, which may contain a signature.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Scheme, host and port.
fn host(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

struct Pieces {
    length: Option<u64>,
    pieces: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.pieces
            .as_mut()
            .poll_next(context)
            .map(|next| next.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::aws::WriteMode;

    /// A server that answers one request with this text, and returns the request.
    async fn once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap() == 0 {
                    break;
                }
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, server)
    }

    fn client() -> RawClient {
        RawClient::new(RawTimeouts::default()).unwrap()
    }

    #[tokio::test]
    async fn a_request_leaves_as_it_was_given_and_a_redirect_is_an_answer() {
        let (url, server) = once(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://elsewhere/\r\nContent-Length: 4\r\n\r\nbody",
        )
        .await;
        let request =
            RawRequest::new("GET", &format!("{url}/b/a//../x%2B?q=1%20")).header("x-a", "1");
        let answer = client().send(request, None).await.unwrap();
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some("http://elsewhere/"))
        );
        assert_eq!((&answer.body[..], answer.is_cut), (&b"body"[..], false));
        let sent = server.await.unwrap();
        assert!(
            sent.starts_with("GET /b/a//../x%2B?q=1%20 HTTP/1.1\r\n"),
            "{sent}"
        );
        assert!(sent.contains("x-a: 1\r\n"), "{sent}");
    }

    #[tokio::test]
    async fn no_more_of_the_answer_is_kept_than_was_asked_for() {
        let (url, _server) = once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").await;
        let mut request = RawRequest::new("GET", &url);
        request.keep = 4;
        let answer = client().send(request, None).await.unwrap();
        assert_eq!((&answer.body[..], answer.is_cut), (&b"0123"[..], true));
    }

    #[tokio::test]
    async fn what_changes_something_needs_a_permit() {
        for method in ["PUT", "POST", "DELETE", "PATCH", "get", "CONNECT"] {
            let request = RawRequest::new(method, "http://127.0.0.1:1/b/k?X-Amz-Signature=abc");
            let problem = client().send(request, None).await.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::ReadOnly, "{method}");
        }
        let permit = WriteMode::from_flag(true).permit();
        let request = RawRequest::new("PUT", "http://127.0.0.1:1/b/k?X-Amz-Signature=abc");
        let problem = client().send(request, permit.as_ref()).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
        assert!(!problem.to_string().contains("abc"), "{problem}");
    }

    #[tokio::test]
    async fn a_post_of_an_operation_that_reads_needs_no_permit_and_any_other_is_not_sent() {
        use crate::aws::operations::{DELETE_OBJECTS, GET_KEY_POLICY};
        let (url, server) =
            once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
        let request = RawRequest::new("POST", &url);
        let answer = client().send_reading(request, &GET_KEY_POLICY).await;
        assert_eq!(answer.unwrap().status, 200);
        assert!(server.await.unwrap().starts_with("POST "));
        let request = RawRequest::new("POST", "http://127.0.0.1:1/");
        let problem = client().send_reading(request, &DELETE_OBJECTS).await;
        assert_eq!(problem.unwrap_err().kind, ProblemKind::ReadOnly);
    }

    #[tokio::test]
    async fn a_stream_that_fails_breaks_the_request_off() {
        let (url, server) = once("").await;
        let pieces = vec![
            Ok(Bytes::from_static(b"the beginning")),
            Err(io::Error::other("cut")),
        ];
        let request = RawRequest {
            body: RawBody::Stream {
                length: Some(1000),
                pieces: Box::pin(futures::stream::iter(pieces)),
            },
            ..RawRequest::new("PUT", &url)
        };
        let permit = WriteMode::from_flag(true).permit();
        assert!(client().send(request, permit.as_ref()).await.is_err());
        let sent = server.await.unwrap();
        assert!(
            sent.is_empty() || sent.contains("content-length: 1000"),
            "{sent}"
        );
    }
}
