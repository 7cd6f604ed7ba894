//! AWS STS, as far as a console asks it: who am I?
//!
//! STS speaks another protocol than S3: a form goes in, and errors come back in a wrapping of their own. s3s verifies
//! the signature of such requests and hands them to this route.

use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::http::Extensions;
use hyper::{Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use s3s::route::S3Route;
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::answer;
use super::identity::Identities;
use super::store::Backend;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The longest form that is read, in bytes.
const LONGEST: usize = 8 * 1024;

/// Answers STS requests.
pub(super) struct Sts(pub(super) Arc<Identities>);

/// Whether a request is for STS rather than for S3: a form posted to the root.
pub(super) fn is_sts(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    method == Method::POST
        && uri.path() == "/"
        && headers.get(CONTENT_TYPE).is_some_and(|value| {
            value
                .as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        })
}

#[async_trait::async_trait]
impl S3Route for Sts {
    fn is_match(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        _: &mut Extensions,
    ) -> bool {
        is_sts(method, uri, headers)
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        if request.credentials.is_some() {
            return Ok(());
        }
        Err(custom(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            StatusCode::FORBIDDEN,
        ))
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let form = request
            .input
            .store_all_limited(LONGEST)
            .await
            .map_err(|_| s3_error!(InvalidRequest, "The form cannot be read"))?;
        let form = String::from_utf8_lossy(&form);
        let action = form
            .split('&')
            .find_map(|field| field.strip_prefix("Action="));
        let action = percent_decode_str(action.unwrap_or_default()).decode_utf8_lossy();
        if action != "GetCallerIdentity" {
            return Err(custom(
                "InvalidAction",
                format!("Could not find operation {action} for version 2011-06-15"),
                StatusCode::BAD_REQUEST,
            ));
        }
        let credentials = request.credentials.as_ref();
        let identity = credentials
            .and_then(|credentials| self.0.find(&credentials.access_key))
            .ok_or_else(|| s3_error!(InvalidAccessKeyId))?;
        let document = format!(
            "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId>\
             <Account>{}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>sandbox</RequestId>\
             </ResponseMetadata></GetCallerIdentityResponse>",
            identity.arn(),
            identity.user_id(),
            Backend::ACCOUNT_ID
        );
        let mut response = S3Response::new(Body::from(document));
        let content_type = hyper::header::HeaderValue::from_static("text/xml");
        response.headers.insert(CONTENT_TYPE, content_type);
        Ok(response)
    }
}

fn custom(
    code: &'static str,
    message: impl Into<std::borrow::Cow<'static, str>>,
    status: StatusCode,
) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}

/// An error as STS wraps and names it: S3 has another word for a key that nobody knows.
pub(super) fn wrap_error(answer: HttpResponse) -> HttpResponse {
    if answer.status().is_success() {
        return answer;
    }
    let document = answer.body().bytes().unwrap_or_default();
    let document = String::from_utf8_lossy(&document);
    let code = answer::between(&document, "<Code>", "</Code>").unwrap_or("InternalFailure");
    let message = answer::between(&document, "<Message>", "</Message>")
        .or_else(|| answer::usual_message(code))
        .unwrap_or_default();
    let (code, message) = match code {
        "InvalidAccessKeyId" => (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        _ => (code, message),
    };
    // Code and message were escaped when the document was written, and stand as they are.
    let wrapped = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>sandbox</RequestId></ErrorResponse>"
    );
    let mut wrapped = answer::xml(answer.status(), wrapped);
    let content_type = hyper::header::HeaderValue::from_static("text/xml");
    wrapped.headers_mut().insert(CONTENT_TYPE, content_type);
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_s3_becomes_one_of_sts() {
        let error = answer::error(StatusCode::FORBIDDEN, "InvalidAccessKeyId", "unknown");
        let wrapped = wrap_error(error);
        let document = String::from_utf8(wrapped.body().bytes().unwrap().to_vec()).unwrap();
        assert!(document.contains("<ErrorResponse"), "{document}");
        assert!(
            document.contains("<Code>InvalidClientTokenId</Code>"),
            "{document}"
        );
    }

    #[test]
    fn sts_is_a_form_posted_to_the_root() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            "application/x-www-form-urlencoded".parse().unwrap(),
        );
        assert!(is_sts(&Method::POST, &"/".parse().unwrap(), &headers));
        assert!(!is_sts(
            &Method::POST,
            &"/bucket".parse().unwrap(),
            &headers
        ));
        assert!(!is_sts(
            &Method::POST,
            &"/".parse().unwrap(),
            &HeaderMap::new()
        ));
    }
}
