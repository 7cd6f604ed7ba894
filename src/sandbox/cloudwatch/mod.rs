//! Amazon CloudWatch, as far as a console asks it about S3: `ListMetrics`, `GetMetricData`,
//! `DescribeAlarms`.
//!
//! CloudWatch speaks Smithy RPC v2 over CBOR: every operation is a POST to a path that names it, documents go both ways
//! in CBOR, and requests are signed for the service `monitoring`, which s3s refuses. So it is answered in front of s3s:
//! `signature` verifies who asks, [`value`] reads and writes documents, and each operation has a file. What is told
//! comes from the worlds' [histories](super::world::metrics). Start with [`CloudWatch::answer`].

mod data;
mod describe_alarms;
mod get_metric_data;
mod list_metrics;
pub(super) mod signature;
mod value;

use std::sync::Arc;

use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode, Uri};
use s3s::{Body, HttpRequest, HttpResponse};

use super::answer;
use super::identity::Identities;
use super::operation::Target;
use super::store::Store;
use super::world::metrics::WorldMetrics;
use value::{Value, record};

/// What stands in a request's path before the operation's name.
const PATH: &str = "/service/GraniteServiceVersion20100801/operation/";

const PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
const RPC_V2_CBOR: &str = "rpc-v2-cbor";

/// The error's name and who is to blame, for clients of the protocol that CloudWatch spoke before.
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// The name of CloudWatch in a credential scope.
const SERVICE: &str = "monitoring";

/// The longest request that is read, in bytes: 500 queries take a tenth of it.
const LONGEST: usize = 1 << 20;

/// The metrics and alarms of the account, in all Regions.
pub(super) struct CloudWatch {
    pub(super) store: Arc<Store>,
    pub(super) identities: Arc<Identities>,
    pub(super) metrics: WorldMetrics,
}

/// A request that was verified and let in.
struct Request<'a> {
    cloudwatch: &'a CloudWatch,
    /// The Region that it was signed for, which is the one whose metrics it sees.
    region: String,
    input: Value,
}

/// Why a request is refused, as CloudWatch words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationError", message)
    }

    fn token() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidNextToken",
            "The next token specified is invalid.",
        )
    }

    /// The same as S3 words it.
    pub(super) fn as_of_s3(&self) -> HttpResponse {
        answer::error(self.status, &self.code, &self.message)
    }

    fn into_answer(self) -> HttpResponse {
        let document = record([
            (
                "__type",
                Value::from(format!("com.amazonaws.cloudwatch#{}", self.code)),
            ),
            ("message", Value::from(self.message)),
        ]);
        let mut answer = cbor(self.status, &document);
        let blame = if self.status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        if let Ok(value) = HeaderValue::from_str(&format!("{};{blame}", self.code)) {
            answer.headers_mut().insert(QUERY_ERROR, value);
        }
        answer
    }
}

/// Whether a request is for CloudWatch rather than for S3.
pub(super) fn is_cloudwatch(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    method == Method::POST && uri.path().starts_with("/service/") && headers.contains_key(PROTOCOL)
}

/// What such a request asks for. It names no bucket before its body is read.
pub(super) fn target(uri: &Uri) -> Target {
    let name = uri.path().strip_prefix(PATH).unwrap_or_default();
    let operation = ["ListMetrics", "GetMetricData", "DescribeAlarms"]
        .into_iter()
        .find(|known| *known == name);
    Target {
        operation: operation.unwrap_or("Unknown"),
        bucket: None,
        key: None,
        virtual_hosted: false,
        query: Vec::new(),
        unanswerable: None,
    }
}

/// An error that was worded as S3 does, in CloudWatch's protocol.
pub(super) fn wrap_error(answer: HttpResponse) -> HttpResponse {
    let is_own = answer.headers().contains_key(PROTOCOL);
    if answer.status().is_success() || is_own {
        return answer;
    }
    let document = answer.body().bytes().unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let code = answer::between(&document, "<Code>", "</Code>").unwrap_or("InternalServiceFault");
    // S3 and CloudWatch ask in different words for a rest.
    let code = if code == "SlowDown" {
        "Throttling"
    } else {
        code
    };
    let message = answer::between(&document, "<Message>", "</Message>").unwrap_or_default();
    Refusal::new(answer.status(), code, message).into_answer()
}

impl CloudWatch {
    /// Answers a request.
    pub(super) async fn answer(&self, request: HttpRequest, operation: &str) -> HttpResponse {
        match self.carry_out(request, operation).await {
            Ok(document) => cbor(StatusCode::OK, &document),
            Err(refusal) => refusal.into_answer(),
        }
    }

    async fn carry_out(&self, request: HttpRequest, operation: &str) -> Result<Value, Refusal> {
        let (head, mut body) = request.into_parts();
        let body = body
            .store_all_limited(LONGEST)
            .await
            .map_err(|_| Refusal::invalid("The body of the request cannot be read"))?;
        let signed = signature::verify(&head, &body, &self.identities, SERVICE)?;
        if operation == "Unknown" {
            let name = head.uri.path().rsplit('/').next().unwrap_or_default();
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "UnknownOperationException",
                format!("The sandbox does not have the operation {name} of CloudWatch"),
            ));
        }
        let action = format!("cloudwatch:{operation}");
        if signed.user.lacks(&action, None) {
            let message = format!(
                "User: {} is not authorized to perform: {action} because no identity-based policy allows the {action} \
                 action",
                signed.user.arn()
            );
            return Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message));
        }
        if head.headers.contains_key(CONTENT_ENCODING) {
            // The SDKs compress what PutMetricData sends and nothing else.
            return Err(Refusal::invalid(
                "The sandbox does not read compressed requests",
            ));
        }
        let request = Request {
            cloudwatch: self,
            region: signed.region,
            input: Value::read(&body).map_err(|why| {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "SerializationException",
                    why.to_string(),
                )
            })?,
        };
        match operation {
            "ListMetrics" => list_metrics::answer(&request),
            "GetMetricData" => get_metric_data::answer(&request),
            _ => describe_alarms::answer(&request),
        }
    }
}

impl Request<'_> {
    /// Where the page before this one ended: the tokens of this endpoint are plain numbers.
    fn start(&self) -> Result<usize, Refusal> {
        match self.input.text("NextToken") {
            None => Ok(0),
            Some(token) => token.parse().map_err(|_| Refusal::token()),
        }
    }
}

/// One page of rows and, when there are more, the token of the next one.
fn page<T>(rows: Vec<T>, start: usize, most: usize) -> Result<(Vec<T>, Option<Value>), Refusal> {
    if start > rows.len() {
        return Err(Refusal::token());
    }
    let end = start.saturating_add(most);
    let next = (end < rows.len()).then(|| Value::from(end.to_string()));
    Ok((rows.into_iter().skip(start).take(most).collect(), next))
}

fn cbor(status: StatusCode, document: &Value) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(document.write()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
    headers.insert(PROTOCOL, HeaderValue::from_static(RPC_V2_CBOR));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_for_cloudwatch_is_told_by_its_protocol_and_an_object_of_that_name_is_not_one() {
        let uri: Uri = format!("{PATH}ListMetrics").parse().unwrap();
        let mut headers = HeaderMap::new();
        assert!(!is_cloudwatch(&Method::POST, &uri, &headers));
        headers.insert(PROTOCOL, HeaderValue::from_static(RPC_V2_CBOR));
        assert!(is_cloudwatch(&Method::POST, &uri, &headers));
        assert!(!is_cloudwatch(&Method::GET, &uri, &headers));
        assert_eq!(target(&uri).operation, "ListMetrics");
        let other: Uri = format!("{PATH}PutDashboard").parse().unwrap();
        assert_eq!(target(&other).operation, "Unknown");
    }

    #[test]
    fn an_error_of_s3_becomes_one_of_cloudwatch() {
        let error = answer::error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "slower");
        let wrapped = wrap_error(error);
        let document = Value::read(&wrapped.body().bytes().unwrap()).unwrap();
        assert_eq!(document.text("message"), Some("slower"));
        assert_eq!(wrapped.headers()[QUERY_ERROR], "Throttling;Receiver");
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let rows: Vec<u8> = (0..5).collect();
        let (first, next) = page(rows.clone(), 0, 2).unwrap();
        assert_eq!((first, next), (vec![0, 1], Some(Value::from("2"))));
        let (last, next) = page(rows.clone(), 4, 2).unwrap();
        assert_eq!((last, next), (vec![4], None));
        assert!(page(rows, 6, 2).is_err());
    }
}
