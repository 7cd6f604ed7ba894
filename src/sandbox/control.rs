//! S3 Control, as far as a console asks it: what public access the account blocks, and which access points a bucket has.
//!
//! On AWS it has hosts of its own (`ACCOUNT.s3-control.REGION.amazonaws.com`); here its path tells it from S3. s3s
//! verifies the signature of such requests, which is one for S3, and hands them to this route.

use std::sync::Arc;

use hyper::http::Extensions;
use hyper::{HeaderMap, Method, StatusCode, Uri};
use s3s::route::S3Route;
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::answer;
use super::identity::Identities;
use super::operation::Target;
use super::recent_operations::Newer;
use super::store::{Backend, Store};
use super::sts::Sts;
use crate::domain::configuration::PublicAccess;

const PATH: &str = "/v20180820/configuration/publicAccessBlock";

const ACCESS_POINTS: &str = "/v20180820/accesspoint";

/// Answers for the account.
pub(super) struct Control {
    pub(super) identities: Arc<Identities>,
    pub(super) store: Arc<Store>,
    /// What is blocked; `None`: nobody ever configured it.
    pub(super) block: Option<PublicAccess>,
}

/// Whether a request is for S3 Control. Nothing is changed through it.
pub(super) fn is_control(method: &Method, uri: &Uri) -> bool {
    let path = uri.path();
    let of_points = || {
        let rest = path.strip_prefix(ACCESS_POINTS);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    method == Method::GET && (path == PATH || of_points())
}

/// What the operation at an address of S3 Control is called.
fn operation(uri: &Uri) -> &'static str {
    let path = uri.path();
    if path == PATH {
        "GetAccountPublicAccessBlock"
    } else if path == ACCESS_POINTS {
        "ListAccessPoints"
    } else if path.ends_with("/policy") {
        "GetAccessPointPolicy"
    } else if path.ends_with("/policyStatus") {
        "GetAccessPointPolicyStatus"
    } else {
        "GetAccessPoint"
    }
}

/// What such a request asks for: nothing of a bucket.
pub(super) fn target(uri: &Uri) -> Target {
    Target {
        operation: operation(uri),
        bucket: None,
        key: None,
        virtual_hosted: false,
        query: Vec::new(),
        unanswerable: None,
    }
}

/// An error as S3 Control wraps it.
pub(super) fn wrap_error(answer: HttpResponse) -> HttpResponse {
    if answer.status().is_success() {
        return answer;
    }
    let document = answer.body().bytes().unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let code = answer::between(&document, "<Code>", "</Code>").unwrap_or("InternalError");
    let message = answer::between(&document, "<Message>", "</Message>").unwrap_or_default();
    // Code and message were escaped when the document was written, and stand as they are.
    let wrapped = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>sandbox</RequestId></ErrorResponse>"
    );
    answer::xml(answer.status(), wrapped)
}

#[async_trait::async_trait]
impl S3Route for Control {
    fn is_match(&self, method: &Method, uri: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        is_control(method, uri)
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let user = request
            .credentials
            .as_ref()
            .and_then(|credentials| self.identities.find(&credentials.access_key))
            .ok_or_else(|| s3_error!(AccessDenied))?;
        let action = format!("s3:{}", operation(&request.uri));
        if user.lacks(&action, None) {
            return Err(s3_error!(
                AccessDenied,
                "User: {} is not authorized to perform: {action}",
                user.arn()
            ));
        }
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let account = request.headers.get("x-amz-account-id");
        if account.and_then(|value| value.to_str().ok()) != Some(Backend::ACCOUNT_ID) {
            return Err(s3_error!(
                AccessDenied,
                "The header x-amz-account-id does not name the account of the credentials"
            ));
        }
        if request.uri.path() != PATH {
            return self
                .of_access_points(&request.uri)
                .map(|text| document(&text));
        }
        let Some(block) = self.block else {
            let mut none = S3Error::with_message(
                S3ErrorCode::Custom("NoSuchPublicAccessBlockConfiguration".into()),
                "The public access block configuration was not found",
            );
            none.set_status_code(StatusCode::NOT_FOUND);
            return Err(none);
        };
        let switches = [
            ("BlockPublicAcls", block.block_public_acls),
            ("IgnorePublicAcls", block.ignore_public_acls),
            ("BlockPublicPolicy", block.block_public_policy),
            ("RestrictPublicBuckets", block.restrict_public_buckets),
        ];
        let switches = switches
            .map(|(name, on)| format!("<{name}>{on}</{name}>"))
            .concat();
        Ok(document(&format!(
            "<PublicAccessBlockConfiguration xmlns=\"{NAMESPACE}\">{switches}</PublicAccessBlockConfiguration>"
        )))
    }
}

const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

fn document(text: &str) -> S3Response<Body> {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}");
    let mut response = S3Response::new(Body::from(text));
    let content_type = hyper::header::HeaderValue::from_static("application/xml");
    response
        .headers
        .insert(hyper::header::CONTENT_TYPE, content_type);
    response
}

fn not_found(code: &'static str, message: &'static str) -> S3Error {
    let mut none = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    none.set_status_code(StatusCode::NOT_FOUND);
    none
}

impl Control {
    /// Answers what is asked of access points. A world writes them as the service answers, without name and bucket.
    fn of_access_points(&self, uri: &Uri) -> S3Result<String> {
        let rest = uri
            .path()
            .strip_prefix(ACCESS_POINTS)
            .unwrap_or_default()
            .trim_start_matches('/');
        if rest.is_empty() {
            let query = uri.query().unwrap_or_default();
            let bucket = query
                .split('&')
                .find_map(|part| part.strip_prefix("bucket="))
                .ok_or_else(|| s3_error!(InvalidRequest, "The sandbox lists by bucket alone"))?;
            let points = self.store.read(bucket, |bucket| {
                let points = bucket.configuration.access_points.iter();
                Ok(points.fold(String::new(), |all, (name, point)| {
                    let described = point.described(name, &bucket.name);
                    all + "<AccessPoint>" + &described + "</AccessPoint>"
                }))
            })?;
            return Ok(format!(
                "<ListAccessPointsResult xmlns=\"{NAMESPACE}\"><AccessPointList>{points}</AccessPointList></ListAccessPointsResult>"
            ));
        }
        let (name, what) = rest.split_once('/').unwrap_or((rest, ""));
        let found = self.store.each(|bucket| {
            let point = bucket.configuration.access_points.get(name)?;
            Some((bucket.name.clone(), point.clone()))
        });
        let (bucket, point) = found.into_iter().flatten().next().ok_or_else(|| {
            not_found(
                "NoSuchAccessPoint",
                "The specified accesspoint does not exist",
            )
        })?;
        let no_policy = || {
            not_found(
                "NoSuchAccessPointPolicy",
                "The specified accesspoint policy does not exist",
            )
        };
        match what {
            "" => Ok(format!(
                "<GetAccessPointResult xmlns=\"{NAMESPACE}\">{}</GetAccessPointResult>",
                point.described(name, &bucket)
            )),
            "policy" => {
                let policy = point.policy.as_ref().ok_or_else(no_policy)?;
                Ok(format!(
                    "<GetAccessPointPolicyResult xmlns=\"{NAMESPACE}\"><Policy>{}</Policy></GetAccessPointPolicyResult>",
                    answer::escape(&policy.text)
                ))
            }
            "policyStatus" => {
                let policy = point.policy.as_ref().ok_or_else(no_policy)?;
                Ok(format!(
                    "<GetAccessPointPolicyStatusResult xmlns=\"{NAMESPACE}\"><PolicyStatus><IsPublic>{}</IsPublic></PolicyStatus></GetAccessPointPolicyStatusResult>",
                    policy.is_public
                ))
            }
            _ => Err(s3_error!(NotImplemented)),
        }
    }
}

/// The services beside S3 whose signatures s3s verifies: it takes one route.
pub(super) struct BesideS3 {
    pub(super) sts: Sts,
    pub(super) control: Control,
    pub(super) newer: Newer,
}

impl BesideS3 {
    fn of(&self, method: &Method, uri: &Uri) -> &dyn S3Route {
        if is_control(method, uri) {
            &self.control
        } else if Newer::is_asked(method, uri) {
            &self.newer
        } else {
            &self.sts
        }
    }
}

#[async_trait::async_trait]
impl S3Route for BesideS3 {
    fn is_match(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        extensions: &mut Extensions,
    ) -> bool {
        self.of(method, uri)
            .is_match(method, uri, headers, extensions)
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let route = self.of(&request.method, &request.uri);
        route.check_access(request).await
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let route = self.of(&request.method, &request.uri);
        route.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_of_account_and_access_points_is_for_s3_control() {
        let path: Uri = PATH.parse().unwrap();
        assert!(is_control(&Method::GET, &path));
        assert!(!is_control(&Method::PUT, &path));
        for object in ["/v20180820/configuration", "/v20180820/accesspoints"] {
            assert!(!is_control(&Method::GET, &object.parse().unwrap()));
        }
    }

    #[test]
    fn an_error_is_wrapped_as_s3_control_does() {
        let error = answer::error(StatusCode::FORBIDDEN, "AccessDenied", "no");
        let wrapped = wrap_error(error);
        let document = String::from_utf8(wrapped.body().bytes().unwrap().to_vec()).unwrap();
        assert!(
            document.starts_with("<ErrorResponse><Error><Code>AccessDenied</Code>"),
            "{document}"
        );
    }
}
