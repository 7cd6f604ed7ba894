//! A line of a server access log, as S3 writes it.

use std::fmt;

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The canonical id of the account that owns all buckets.
const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// One request as its log tells it. `Display` writes the 26 fields in the order of the service's documentation, and
/// the line's end.
#[derive(Debug, Clone)]
pub(crate) struct LogLine {
    pub bucket: String,
    pub region: String,
    /// When the request came.
    pub at: DateTime<Utc>,
    /// From where.
    pub address: String,
    /// Who signed; `None` for nobody.
    pub requester: Option<String>,
    /// The request's id.
    pub request_id: String,
    /// Such as `REST.GET.OBJECT`.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The key; `None` for a request to the bucket itself.
    pub key: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The error's code; `None` for success.
    pub error: Option<String>,
    /// Bytes of the answer's body.
    pub sent: u64,
    /// Milliseconds from the request to the answer's end.
    pub total: u64,
    /// Milliseconds that the service worked on it.
    pub turnaround: u64,
    /// The client.
    pub user_agent: String,
    /// The second id of the request.
    pub host_id: String,
    /// `AuthHeader` or `QueryString`; `None` for nobody.
    pub auth: Option<&'static str>,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self
            .key
            .as_deref()
            .map_or_else(|| "-".to_owned(), |key| encoded(key).to_string());
        let path = if key == "-" {
            String::new()
        } else {
            key.clone()
        };
        let agent: String = self.user_agent.replace(['"', '\n', '\r'], "");
        writeln!(
            f,
            "{OWNER} {bucket} [{at}] {address} {requester} {id} {operation} {key} \"{method} /{path} HTTP/1.1\" {status} \
             {error} {sent} {sent} {total} {turnaround} \"-\" \"{agent}\" - {host_id} {signature} TLS_AES_128_GCM_SHA256 \
             {auth} {bucket}.s3.{region}.amazonaws.com TLSv1.3 - -",
            bucket = self.bucket,
            at = self.at.format("%d/%b/%Y:%H:%M:%S +0000"),
            address = self.address,
            requester = self.requester.as_deref().unwrap_or("-"),
            id = self.request_id,
            operation = self.operation,
            method = self.method,
            status = self.status,
            error = self.error.as_deref().unwrap_or("-"),
            sent = self.sent,
            total = self.total,
            turnaround = self.turnaround,
            host_id = self.host_id,
            signature = if self.auth.is_some() { "SigV4" } else { "-" },
            auth = self.auth.unwrap_or("-"),
            region = self.region,
        )
    }
}

fn encoded(key: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(key, PLAIN)
}

/// The end of a log object's key: when it was delivered, and something that no other has.
#[must_use]
pub(crate) fn object_name(delivered: DateTime<Utc>, unique: &str) -> String {
    format!("{}-{unique}", delivered.format("%Y-%m-%d-%H-%M-%S"))
}
