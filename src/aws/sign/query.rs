//! Signs a URL: Signature Version 4 in the query, with an unsigned payload as S3 requires.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use chrono::{DateTime, Utc};

use super::{Made, Signer};
use crate::aws::explain::chain;
use crate::domain::presign::{PresignError, PresignRequest, encode};

/// Signs exactly the headers in the request, and `host`.
pub(super) fn sign(
    signer: &Signer,
    request: &PresignRequest,
    at: DateTime<Utc>,
) -> Result<Made, PresignError> {
    let headers: Vec<(String, String)> = request.signed_headers().into_iter().collect();
    let mut url = format!("{}/{}", signer.base, encode::key(request.key.as_str()));
    append(&mut url, request.parameters());

    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(request.expires);
    // S3 signs the path as sent: encoded once, and `a//b` is different from `a/b`.
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    // All given headers must be signed.
    settings.excluded_headers = None;

    let refused = |error: &(dyn std::error::Error + 'static)| PresignError::Signing(chain(error));
    let identity = Identity::from(signer.credentials.clone());
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(signer.region.as_str())
        .name("s3")
        .time(SystemTime::from(at))
        .settings(settings)
        .build()
        .map_err(|error| refused(&error))?
        .into();
    let signable = SignableRequest::new(
        request.method().http(),
        url.as_str(),
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::UnsignedPayload,
    )
    .map_err(|error| refused(&error))?;
    let (instructions, _) = aws_sigv4::http_request::sign(signable, &params)
        .map_err(|error| refused(&error))?
        .into_parts();
    let (_, mut parameters) = instructions.into_parts();
    // The signature comes last, where people look for it, and where truncation of the URL is visible.
    parameters.sort_by_key(|(name, _)| *name == "X-Amz-Signature");
    append(&mut url, parameters);
    Ok(Made {
        url,
        headers,
        fields: Vec::new(),
        policy: None,
    })
}

fn append<N: AsRef<str>, V: AsRef<str>>(url: &mut String, parameters: Vec<(N, V)>) {
    for (name, value) in parameters {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&encode::query(name.as_ref()));
        url.push('=');
        url.push_str(&encode::query(value.as_ref()));
    }
}
