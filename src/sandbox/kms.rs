//! AWS KMS, as far as explaining an access asks it: the policy of a key.
//!
//! A world may name the policies of keys. Every other key of the account has the default policy, which leaves the decision
//! to IAM. The sandbox encrypts nothing, and what a policy says changes no answer of S3.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode, Uri};
use s3s::{Body, HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::cloudwatch::signature;
use super::identity::Identities;
use super::operation::Target;
use super::store::Backend;

/// The header that names the operation.
const TARGET: &str = "x-amz-target";

/// What stands before the operation's name in it.
const PREFIX: &str = "TrentService.";

/// The name of KMS in a credential scope.
const SERVICE: &str = "kms";

/// The longest request that is read, in bytes.
const LONGEST: usize = 8 * 1024;

/// Answers KMS requests.
pub(super) struct Kms {
    pub(super) identities: Arc<Identities>,
    /// The ARN of a key, and its policy.
    pub(super) policies: BTreeMap<String, String>,
}

/// Whether a request is for KMS rather than for S3: by the header that names the operation.
pub(super) fn is_kms(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    method == Method::POST && uri.path() == "/" && asked(headers).is_some()
}

fn asked(headers: &HeaderMap) -> Option<&str> {
    headers.get(TARGET)?.to_str().ok()?.strip_prefix(PREFIX)
}

/// What such a request asks for: nothing of a bucket.
pub(super) fn target(headers: &HeaderMap) -> Target {
    Target {
        operation: match asked(headers) {
            Some("GetKeyPolicy") => "GetKeyPolicy",
            _ => "Unknown",
        },
        bucket: None,
        key: None,
        virtual_hosted: false,
        query: Vec::new(),
        unanswerable: None,
    }
}

impl Kms {
    /// Answers a request.
    pub(super) async fn answer(&self, request: HttpRequest) -> HttpResponse {
        let (head, mut body) = request.into_parts();
        let Ok(body) = body.store_all_limited(LONGEST).await else {
            return refused("ValidationException", "The request is too long");
        };
        let signed = match signature::verify(&head, &body, &self.identities, SERVICE) {
            Ok(signed) => signed,
            Err(refusal) => return refusal.as_of_s3(),
        };
        if asked(&head.headers) != Some("GetKeyPolicy") {
            return refused("UnknownOperationException", "");
        }
        let input: Value = serde_json::from_slice(&body).unwrap_or_default();
        let key = input
            .get("KeyId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let action = "kms:GetKeyPolicy";
        if signed.user.lacks(action, None) || !signed.user.may(action, key) {
            let who = signed.user.arn();
            let words =
                format!("User: {who} is not authorized to perform: {action} on resource: {key}");
            return refused("AccessDeniedException", &words);
        }
        match self.policy(key) {
            Some(policy) => json(
                StatusCode::OK,
                &json!({ "Policy": policy, "PolicyName": "default" }),
            ),
            None => refused("NotFoundException", &format!("Key '{key}' does not exist")),
        }
    }

    fn policy(&self, key: &str) -> Option<String> {
        if let Some(policy) = self.policies.get(key) {
            return Some(policy.clone());
        }
        let account = Backend::ACCOUNT_ID;
        let is_own = key.contains(":key/") && key.split(':').nth(4) == Some(account);
        is_own.then(|| {
            json!({
                "Version": "2012-10-17",
                "Id": "key-default-1",
                "Statement": [{
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                    "Action": "kms:*",
                    "Resource": "*",
                }],
            })
            .to_string()
        })
    }
}

fn refused(code: &str, message: &str) -> HttpResponse {
    json(
        StatusCode::BAD_REQUEST,
        &json!({ "__type": code, "message": message }),
    )
}

fn json(status: StatusCode, document: &Value) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(document.to_string()));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("application/x-amz-json-1.1");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kms_is_told_by_its_header() {
        let root: Uri = "/".parse().unwrap();
        let mut headers = HeaderMap::new();
        assert!(!is_kms(&Method::POST, &root, &headers));
        headers.insert(
            TARGET,
            HeaderValue::from_static("TrentService.GetKeyPolicy"),
        );
        assert!(is_kms(&Method::POST, &root, &headers));
        assert!(!is_kms(&Method::GET, &root, &headers));
        assert_eq!(target(&headers).operation, "GetKeyPolicy");
        headers.insert(
            TARGET,
            HeaderValue::from_static("TrentService.ScheduleKeyDeletion"),
        );
        assert_eq!(target(&headers).operation, "Unknown");
        headers.insert(TARGET, HeaderValue::from_static("DynamoDB_20120810.Scan"));
        assert!(!is_kms(&Method::POST, &root, &headers));
    }
}
