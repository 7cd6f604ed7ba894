//! Signs a form's policy. The SDK has no function for it, but its signing library derives the key.

use std::time::SystemTime;

use aws_sigv4::sign::v4;
use chrono::{DateTime, Utc};

use super::{Made, Signer};
use crate::domain::presign::PresignRequest;
use crate::domain::presign::form::{Condition, Form, policy_base64, policy_document};

/// The fields of a form, in order.
pub(super) fn sign(
    signer: &Signer,
    request: &PresignRequest,
    form: &Form,
    at: DateTime<Utc>,
) -> Made {
    let (mut fields, mut conditions) =
        form.fields_and_conditions(request.bucket.as_str(), request.key.as_str());
    let credential = format!(
        "{}/{}",
        signer.credentials.access_key_id(),
        signer.scope(at)
    );
    let mut own = vec![
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", credential),
        ("x-amz-date", at.format("%Y%m%dT%H%M%SZ").to_string()),
    ];
    if let Some(token) = signer.credentials.session_token() {
        own.push(("x-amz-security-token", token.to_owned()));
    }
    for (name, value) in own {
        conditions.push(Condition::Eq(name.to_owned(), value.clone()));
        fields.push((name.to_owned(), value));
    }
    let document = policy_document(at + request.expires, &conditions);
    let policy = policy_base64(&document);
    let signature = signature(signer, at, &policy);
    fields.push(("policy".to_owned(), policy));
    fields.push(("x-amz-signature".to_owned(), signature));
    Made {
        url: format!("{}/", signer.base),
        headers: Vec::new(),
        fields,
        policy: Some(document),
    }
}

/// For a form, the string to sign is its policy in base64.
pub(super) fn signature(signer: &Signer, at: DateTime<Utc>, policy: &str) -> String {
    let key = v4::generate_signing_key(
        signer.credentials.secret_access_key(),
        SystemTime::from(at),
        signer.region.as_str(),
        "s3",
    );
    v4::calculate_signature(key, policy.as_bytes())
}
