//! Tests a URL that somebody else signed with one harmless request, and explains the response.
//!
//! The harmless request is a GET of the first byte, or a HEAD if the signature does not match GET. URLs for uploads and
//! deletions are not tested, because a test would carry them out.

use crate::aws::Problem;
use crate::aws::raw::{RawAnswer, RawClient, RawRequest};
use crate::domain::presign::inspect::{Inspection, Kind, MethodHint};

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The method that was sent; `None` if nothing was sent.
    pub sent: Option<&'static str>,
    /// The answer's status.
    pub status: Option<u16>,
    /// S3's error code.
    pub code: Option<String>,
    /// What the response means for the URL.
    pub verdict: Verdict,
    /// The meaning as a text.
    pub words: String,
}

/// What a response means for a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The URL works.
    Works,
    /// The service rejects it, or the object does not exist.
    Refused,
    /// Unknown.
    Unknown,
}

impl Verdict {
    /// Its id in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl Checked {
    fn not_sent(words: &str) -> Self {
        Self {
            sent: None,
            status: None,
            code: None,
            verdict: Verdict::Unknown,
            words: words.to_owned(),
        }
    }
}

/// Sends at most two requests, which change nothing.
///
/// # Errors
/// If there is no response.
pub async fn check(client: &RawClient, url: &Inspection) -> Result<Checked, Problem> {
    if url.method == MethodHint::Put {
        return Ok(Checked::not_sent(
            "nothing was sent: the URL is for an upload, and trying it would be one",
        ));
    }
    if url.signed_headers.iter().any(|name| name != "host") {
        return Ok(Checked::not_sent(
            "nothing was sent: it signs headers whose values the URL does not tell",
        ));
    }
    let get = client.send(request("GET", url), None).await?;
    let is_signature = get.error_code().as_deref() == Some("SignatureDoesNotMatch");
    if !is_signature || url.method == MethodHint::Get {
        return Ok(judged("GET", &get, url));
    }
    let head = client.send(request("HEAD", url), None).await?;
    if head.is_success() {
        return Ok(judged("HEAD", &head, url));
    }
    Ok(Checked {
        words: "S3 says that the signature is neither a GET's nor a HEAD's: it is for an upload or a deletion, which \
                cannot be tried without doing it, or the URL was altered"
            .to_owned(),
        verdict: Verdict::Unknown,
        ..judged("GET", &get, url)
    })
}

fn request(method: &str, url: &Inspection) -> RawRequest {
    let request = RawRequest::new(method, url.url.reveal());
    if method == "GET" {
        request.header("range", "bytes=0-0")
    } else {
        request
    }
}

fn judged(method: &'static str, answer: &RawAnswer, url: &Inspection) -> Checked {
    let code = answer.error_code();
    let said = answer.error_element("Message").unwrap_or_default();
    let (verdict, words) = words(answer.status, code.as_deref(), &said, url.kind);
    Checked {
        sent: Some(method),
        status: Some(answer.status),
        verdict,
        words: format!(
            "{method} was answered with {}{}: {words}",
            answer.status,
            code.as_ref()
                .map(|code| format!(" {code}"))
                .unwrap_or_default()
        ),
        code,
    }
}

fn words(status: u16, code: Option<&str>, said: &str, kind: Kind) -> (Verdict, &'static str) {
    let is_cdn = matches!(kind, Kind::CloudFrontCanned | Kind::CloudFrontCustom);
    let refused = |words| (Verdict::Refused, words);
    match (status, code) {
        (200 | 206, _) => (Verdict::Works, "it works"),
        (416, _) => (Verdict::Works, "it works, and the object is empty"),
        (304 | 412, _) => (
            Verdict::Works,
            "it works; the object is not what a condition asks for",
        ),
        (_, Some("SignatureDoesNotMatch")) => refused(
            "the signature is not the one that S3 calculates: path, query or host were altered, or it is for another \
             method",
        ),
        (_, Some("ExpiredToken")) => refused("the temporary credentials that signed it have ended"),
        (_, Some("InvalidToken")) => refused("the session token is not one that S3 knows"),
        (_, Some("InvalidAccessKeyId" | "NotSignedUp")) => {
            refused("the access key that signed it does not exist any more")
        }
        (_, Some("RequestTimeTooSkewed" | "RequestInTheFuture")) => {
            refused("it was signed by a clock that is wrong")
        }
        (_, Some("AuthorizationQueryParametersError")) => {
            refused("its signature's parameters are not what S3 takes")
        }
        (_, Some("NoSuchKey")) => refused("the signature is good, and there is no such object"),
        (_, Some("NoSuchVersion")) => {
            refused("the signature is good, and there is no such version")
        }
        (_, Some("NoSuchBucket")) => refused("there is no such bucket"),
        (_, Some("InvalidObjectState")) => refused(
            "the signature is good, and the object is archived: it has to be restored first",
        ),
        (_, Some("AccessDenied")) if said.to_ascii_lowercase().contains("expired") => {
            refused("it has expired")
        }
        (403, Some("AccessDenied")) => refused(
            "the signature is good, and whoever signed it may not read this object (or it does not exist, and they may \
             not list the bucket)",
        ),
        (301 | 307 | 308, _) | (_, Some("PermanentRedirect" | "AuthorizationHeaderMalformed")) => {
            refused("the bucket is in another Region than it was signed for")
        }
        (403, _) if is_cdn => refused(
            "CloudFront refuses it: expired, altered, or signed with a key it does not trust",
        ),
        (403, _) => refused("access was denied"),
        (404, _) => refused("there is no such object"),
        (500.., _) => (Verdict::Unknown, "the service failed: try again"),
        _ => (
            Verdict::Unknown,
            "that says nothing about the URL: is it S3 that answers there?",
        ),
    }
}
