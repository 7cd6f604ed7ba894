//! What a request passes through on its way to s3s, and its answer on the way back.
//!
//! In: count, wait, fault, what s3s does not know (preflights, sub-resources it would mistake, signing rules, Regions).
//! Out: CORS headers, the Region, request ids, damage by faults. A fault thus meets the finished answer, as a bad
//! network would.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hyper::body::Incoming;
use hyper::header::ORIGIN;
use hyper::{Method, StatusCode};
use s3s::service::S3Service;
use s3s::{Body, HttpError, HttpRequest, HttpResponse};

use super::answer::{self, RequestId};
use super::circumstances::Circumstances;
use super::cloudwatch::{self, CloudWatch};
use super::counts::RequestCounts;
use super::faults::{Fault, Faults, damage, error_answer};
use super::latency::Latency;
use super::objects::StatusOverride;
use super::operation::{Target, Unanswerable};
use super::store::Store;
use super::{cors, region, signing, sts};

/// Everything in front of s3s, shared by all connections.
pub(super) struct Front {
    pub(super) s3: S3Service,
    pub(super) cloudwatch: CloudWatch,
    pub(super) store: Arc<Store>,
    pub(super) counts: RequestCounts,
    pub(super) faults: Faults,
    pub(super) latency: RwLock<Latency>,
    pub(super) requests: AtomicU64,
}

/// A connection was closed on purpose.
#[derive(Debug, thiserror::Error)]
#[error("a fault rule closed this connection")]
struct Closed;

impl Front {
    /// Answers a request; an error closes the connection without an answer.
    pub(super) async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        peer: IpAddr,
    ) -> Result<HttpResponse, HttpError> {
        let method = request.method().clone();
        let is_cloudwatch = cloudwatch::is_cloudwatch(&method, request.uri(), request.headers());
        let target = if is_cloudwatch {
            cloudwatch::target(request.uri())
        } else {
            Target::of(&method, request.uri(), request.headers())
        };
        let operation = target.operation;
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
            None => self.respond(request.map(Body::from), target, peer).await?,
        };
        let answer = if is_sts {
            sts::wrap_error(answer)
        } else if is_cloudwatch {
            cloudwatch::wrap_error(answer)
        } else {
            answer
        };
        let failed = answer.status().as_u16() >= 300;
        let answer = id.sign(answer, &method);
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
        let method = request.method().clone();
        let headers = request.headers();
        if method == Method::OPTIONS {
            return Ok(cors::preflight(&self.store, &target, headers));
        }
        let origin = headers
            .get(ORIGIN)
            .and_then(|origin| origin.to_str().ok())
            .map(str::to_owned);
        let early = unanswerable(&target)
            .or_else(|| signing::refuse(&target, headers))
            .or_else(|| region::redirect(&self.store, &target, &method, headers));
        let circumstances = Arc::new(Circumstances {
            headers: headers.clone(),
            target,
            peer,
        });
        let mut answer = if let Some(answer) = early {
            answer
        } else {
            request.extensions_mut().insert(Arc::clone(&circumstances));
            self.s3.call(request).await?
        };
        if let Some(StatusOverride(status)) = answer.extensions().get().copied() {
            *answer.status_mut() = status;
        }
        let target = &circumstances.target;
        cors::expose(&self.store, target, origin.as_deref(), &method, &mut answer);
        if matches!(
            target.operation,
            "HeadBucket" | "ListObjects" | "ListObjectsV2"
        ) && let Some(region) = target
            .bucket
            .as_deref()
            .and_then(|bucket| region::of_bucket(&self.store, bucket))
        {
            region::tell(&mut answer, &region);
        }
        Ok(answer)
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
