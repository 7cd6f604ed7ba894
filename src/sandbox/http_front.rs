//! What a request passes through on its way to s3s, and its answer on the way back.
//!
//! In: count, wait, fault, what s3s does not know (preflights, sub-resources it would mistake, signing rules, Regions).
//! Out: CORS headers, the Region, request ids, damage by faults. A fault thus meets the finished answer, as a bad
//! network would.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, ORIGIN, USER_AGENT};
use hyper::{Method, StatusCode};
use s3s::service::S3Service;
use s3s::{Body, HttpError, HttpRequest, HttpResponse};

use super::access_log::LogLine;
use super::answer::{self, RequestId};
use super::cloudwatch::{self, CloudWatch};
use super::defect::Defect;
use super::faults::{Fault, Faults, damage, error_answer};
use super::iam::Iam;
use super::identity::Identities;
use super::kms::{self, Kms};
use super::latency::Latency;
use super::objects::{BodyOverride, StatusOverride};
use super::operation::{Target, Unanswerable};
use super::request_context::RequestContext;
use super::request_counts::RequestCounts;
use super::side_effects::SideEffects;
use super::store::Backend;
use super::{control, cors, forms, iam, region, signing, sts};

/// How many uploads at a time an endpoint with [`Defect::LosesParallelWrites`] can bear.
const MOST_UPLOADS: usize = 8;

/// Everything in front of s3s, shared by all connections.
pub(super) struct HttpFront {
    pub(super) s3: S3Service,
    pub(super) cloudwatch: CloudWatch,
    pub(super) backend: Backend,
    pub(super) identities: Arc<Identities>,
    pub(super) iam: Iam,
    pub(super) kms: Kms,
    pub(super) aftermath: SideEffects,
    /// Uploads under way.
    pub(super) uploads: AtomicUsize,
    pub(super) counts: RequestCounts,
    pub(super) faults: Arc<Faults>,
    pub(super) latency: RwLock<Latency>,
    pub(super) requests: AtomicU64,
}

/// A connection was closed on purpose.
#[derive(Debug, thiserror::Error)]
#[error("a fault rule closed this connection")]
struct Closed;

impl HttpFront {
    /// Answers a request; an error closes the connection without an answer.
    pub(super) async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        peer: IpAddr,
    ) -> Result<HttpResponse, HttpError> {
        let method = request.method().clone();
        let is_cloudwatch = cloudwatch::is_cloudwatch(&method, request.uri(), request.headers());
        let is_control = control::is_control(&method, request.uri());
        let is_iam = iam::is_iam(&method, request.uri());
        let is_kms = kms::is_kms(&method, request.uri(), request.headers());
        let target = if is_kms {
            kms::target(request.headers())
        } else if is_iam {
            iam::target(request.uri())
        } else if is_cloudwatch {
            cloudwatch::target(request.uri())
        } else if is_control {
            control::target(request.uri())
        } else {
            Target::of(&method, request.uri(), request.headers())
        };
        let operation = target.operation;
        let line = self.begin_line(&method, &target, request.headers(), peer);
        let uploads = Uploading::begin(&self.uploads, operation);
        let id = RequestId::new(self.requests.fetch_add(1, Ordering::Relaxed) + 1);
        self.counts.arrived(operation);
        let is_sts = sts::is_sts(&method, request.uri(), request.headers());
        let wait = self
            .latency
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .of(operation);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let fault = self.strike(&target);
        let answer = match fault.and_then(error_answer) {
            Some(answer) => answer,
            None if is_cloudwatch => {
                let request = request.map(Body::from);
                self.cloudwatch.answer(request, operation).await
            }
            None if is_kms => self.kms.answer(request.map(Body::from)).await,
            None if is_iam => self.iam.answer(request.map(Body::from)),
            None if uploads.is_lost(&self.backend) => lose(request.map(Body::from)).await,
            None => {
                let mut request = request.map(Body::from);
                // For the listings: some faults are theirs to make.
                if let Some(fault) = fault {
                    request.extensions_mut().insert(fault);
                }
                if operation == "DeleteObjects" {
                    request.extensions_mut().insert(Arc::clone(&self.faults));
                }
                self.respond(request, target, peer).await?
            }
        };
        drop(uploads);
        let answer = if is_sts || is_iam {
            sts::wrap_error(answer)
        } else if is_cloudwatch {
            cloudwatch::wrap_error(answer)
        } else if is_control {
            control::wrap_error(answer)
        } else {
            answer
        };
        let failed = answer.status().as_u16() >= 300;
        let answer = id.sign(answer, &method);
        if let Some(line) = line {
            self.aftermath.answered(&ended(line, &answer, &id));
        }
        let answer = match fault {
            Some(fault) => damage(fault, answer, method == Method::HEAD),
            None => Some(answer),
        };
        if failed || answer.is_none() {
            self.counts.was_refused(operation);
        }
        answer.ok_or_else(|| HttpError::new(Box::new(Closed)))
    }

    fn strike(&self, target: &Target) -> Option<Fault> {
        let bucket = target.bucket.as_deref().unwrap_or_default();
        let key = target.key.as_deref().or_else(|| target.parameter("prefix"));
        self.faults
            .strike(target.operation, bucket, key.unwrap_or_default())
    }

    async fn respond(
        &self,
        mut request: HttpRequest,
        target: Target,
        peer: IpAddr,
    ) -> Result<HttpResponse, HttpError> {
        let store = &self.backend.store;
        let method = request.method().clone();
        let headers = request.headers().clone();
        if method == Method::OPTIONS {
            return Ok(cors::preflight(store, &target, &headers));
        }
        let origin = headers
            .get(ORIGIN)
            .and_then(|origin| origin.to_str().ok())
            .map(str::to_owned);
        let overlooked = signing::overlooked(&target, request.uri(), &self.backend.defects);
        let early = unanswerable(&target)
            .or_else(|| match overlooked {
                Some(_) => None,
                None => signing::refuse(&target, &headers),
            })
            .or_else(|| region::redirect(store, &target, &method, &headers));
        let mut request_context = RequestContext {
            headers,
            target,
            peer,
            vouched: None,
        };
        let mut answer = if let Some(answer) = early {
            answer
        } else if request_context.target.operation == "PostObject" {
            self.form(request, &request_context).await?
        } else {
            if let Some((uri, vouched)) = overlooked {
                *request.uri_mut() = uri;
                request.headers_mut().remove(AUTHORIZATION);
                request_context.vouched = Some(vouched);
            }
            self.pass_on(request, &request_context).await?
        };
        if let Some(StatusOverride(status)) = answer.extensions().get().copied() {
            *answer.status_mut() = status;
        }
        if let Some(BodyOverride(document)) = answer.extensions_mut().remove() {
            answer.headers_mut().remove(CONTENT_LENGTH);
            *answer.body_mut() = Body::from(document);
        }
        let target = &request_context.target;
        cors::expose(store, target, origin.as_deref(), &method, &mut answer);
        if matches!(
            target.operation,
            "HeadBucket" | "ListObjects" | "ListObjectsV2"
        ) && let Some(region) = target
            .bucket
            .as_deref()
            .and_then(|bucket| region::of_bucket(store, bucket))
        {
            region::tell(&mut answer, &region);
        }
        Ok(answer)
    }

    /// What s3s answers, and what follows on it.
    async fn pass_on(
        &self,
        mut request: HttpRequest,
        request_context: &RequestContext,
    ) -> Result<HttpResponse, HttpError> {
        let target = &request_context.target;
        request
            .extensions_mut()
            .insert(Arc::new(request_context.clone()));
        let mut answer = self.s3.call(request).await?;
        let (Some(bucket), Some(key)) = (&target.bucket, &target.key) else {
            return Ok(answer);
        };
        if target.operation == "GetObject" && self.backend.defects.has(Defect::CorruptBodies) {
            answer = spoilt(answer).await;
        }
        let writes = matches!(
            target.operation,
            "PutObject" | "CopyObject" | "CompleteMultipartUpload"
        );
        if writes && answer.status().is_success() {
            self.aftermath.written(target.operation, bucket, key);
        }
        Ok(answer)
    }

    /// An upload by a form, which comes to a PUT.
    async fn form(
        &self,
        request: HttpRequest,
        request_context: &RequestContext,
    ) -> Result<HttpResponse, HttpError> {
        let bucket = request_context.target.bucket.clone().unwrap_or_default();
        let accepted = forms::accept(
            request,
            &bucket,
            request_context.target.virtual_hosted,
            &self.identities,
            self.backend.defects.has(Defect::AnyForm),
        );
        let (put, vouched, key, success) = match accepted.await {
            Ok(accepted) => accepted.split(),
            Err(refused) => return Ok(*refused),
        };
        let of_put = RequestContext {
            headers: put.headers().clone(),
            target: Target::of(put.method(), put.uri(), put.headers()),
            peer: request_context.peer,
            vouched: Some(vouched),
        };
        let mut put = put;
        put.extensions_mut().insert(Arc::new(of_put));
        let answer = self.s3.call(put).await?;
        if answer.status().is_success() {
            self.aftermath.written("PostObject", &bucket, &key);
        }
        Ok(forms::answered(answer, &bucket, &key, &success))
    }

    /// The beginning of a request's line in the access log; `None` when nobody keeps one.
    fn begin_line(
        &self,
        method: &Method,
        target: &Target,
        headers: &HeaderMap,
        peer: IpAddr,
    ) -> Option<LogLine> {
        let bucket = target
            .bucket
            .clone()
            .filter(|_| self.aftermath.keeps_logs())?;
        let signed = |text: &str| text.split('/').next().map(str::to_owned);
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (access_key, auth) = match (target.parameter("X-Amz-Credential"), header) {
            (Some(credential), _) => (signed(credential), Some("QueryString")),
            (None, Some(header)) => (
                answer::between(header, "Credential=", ",").and_then(signed),
                Some("AuthHeader"),
            ),
            (None, None) => (None, None),
        };
        let agent = headers
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let kind = if target.key.is_some() {
            "OBJECT"
        } else {
            "BUCKET"
        };
        Some(LogLine {
            region: self.aftermath.region(&bucket)?,
            bucket,
            at: Utc::now(),
            address: peer.to_string(),
            requester: access_key.and_then(|key| self.aftermath.requester(&key)),
            request_id: String::new(),
            operation: format!("REST.{method}.{kind}"),
            method: method.to_string(),
            key: target.key.clone(),
            status: 0,
            error: None,
            sent: 0,
            total: 0,
            turnaround: 0,
            user_agent: agent.unwrap_or("-").to_owned(),
            host_id: String::new(),
            auth,
        })
    }
}

/// The line of a request that was answered.
fn ended(line: LogLine, answer: &HttpResponse, id: &RequestId) -> LogLine {
    let took = |since: DateTime<Utc>| (Utc::now() - since).num_milliseconds().unsigned_abs();
    let document = answer
        .body()
        .bytes()
        .filter(|_| answer.status().as_u16() >= 300);
    let document = document.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let code =
        document.and_then(|text| answer::between(&text, "<Code>", "</Code>").map(str::to_owned));
    LogLine {
        request_id: id.request().to_owned(),
        host_id: id.host().to_owned(),
        status: answer.status().as_u16(),
        error: code,
        sent: answer.body().size_hint().exact().unwrap_or_default(),
        total: took(line.at),
        turnaround: took(line.at),
        ..line
    }
}

/// A body with one bit turned; too large a one stays as it is.
async fn spoilt(answer: HttpResponse) -> HttpResponse {
    const MOST: usize = 64 << 20;
    let (head, mut body) = answer.into_parts();
    let Ok(bytes) = body.store_all_limited(MOST).await else {
        return HttpResponse::from_parts(head, body);
    };
    let mut bytes = bytes.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first ^= 1;
    }
    HttpResponse::from_parts(head, Body::from(bytes))
}

/// Success, and nothing done.
async fn lose(request: HttpRequest) -> HttpResponse {
    // The body is read, or the client would find its connection closed while it writes.
    let mut body = request.into_body();
    let _ = body.store_all_limited(1 << 30).await;
    let mut answer = HttpResponse::new(Body::empty());
    let etag = hyper::header::HeaderValue::from_static("\"00000000000000000000000000000000\"");
    answer.headers_mut().insert(hyper::header::ETAG, etag);
    answer
}

/// An upload under way, counted until it is dropped.
struct Uploading<'c> {
    count: Option<&'c AtomicUsize>,
    among: usize,
}

impl<'c> Uploading<'c> {
    fn begin(count: &'c AtomicUsize, operation: &str) -> Self {
        let count = (operation == "PutObject").then_some(count);
        Self {
            count,
            among: count.map_or(0, |count| count.fetch_add(1, Ordering::Relaxed) + 1),
        }
    }

    fn is_lost(&self, backend: &Backend) -> bool {
        self.among > MOST_UPLOADS && backend.defects.has(Defect::LosesParallelWrites)
    }
}

impl Drop for Uploading<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.count {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn unanswerable(target: &Target) -> Option<HttpResponse> {
    let (status, code, message) = match target.unanswerable? {
        Unanswerable::MethodNotAllowed => (
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        ),
        Unanswerable::NotImplemented => (
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "A query parameter you provided implies functionality that is not implemented.",
        ),
    };
    Some(answer::error(status, code, message))
}
