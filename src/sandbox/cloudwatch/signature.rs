//! Who sent a request to CloudWatch or IAM. s3s verifies signatures for S3 and STS alone.
//!
//! The request is signed again, by the SDKs' own signer, with the headers that its client says it signed: a request is
//! genuine when both come to the same signature.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, NaiveDateTime, Utc};
use hyper::StatusCode;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;

use super::Refusal;
use crate::sandbox::answer::between;
use crate::sandbox::identity::{Identities, Identity};

/// How far a request's clock may be from this one.
const SKEW: Duration = Duration::from_mins(15);

/// Who signed a request, and for which Region.
pub(in crate::sandbox) struct Signed<'i> {
    pub(in crate::sandbox) user: &'i Identity,
    pub(super) region: String,
}

/// What an `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
struct Authorization<'h> {
    access_key: &'h str,
    region: &'h str,
    service: &'h str,
    signed_headers: &'h str,
    signature: &'h str,
}

impl<'h> Authorization<'h> {
    fn read(header: &'h str) -> Option<Self> {
        let rest = header.strip_prefix("AWS4-HMAC-SHA256")?;
        // KEY/DATE/REGION/SERVICE/aws4_request, told from the end because a key may hold a slash.
        let mut scope = between(rest, "Credential=", ",")?.rsplitn(5, '/').skip(1);
        let (service, region) = (scope.next()?, scope.next()?);
        Some(Self {
            access_key: scope.nth(1)?,
            region,
            service,
            signed_headers: between(rest, "SignedHeaders=", ",")?,
            signature: rest.split_once("Signature=")?.1.trim(),
        })
    }
}

/// Verifies a request's signature for a service, by the name that it has in a credential scope.
///
/// # Errors
/// Why it is not let in.
pub(in crate::sandbox) fn verify<'i>(
    head: &Parts,
    body: &[u8],
    identities: &'i Identities,
    service: &str,
) -> Result<Signed<'i>, Refusal> {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = header(AUTHORIZATION.as_str()).ok_or_else(|| {
        denied(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    })?;
    let said = Authorization::read(authorization).ok_or_else(|| {
        denied(
            "IncompleteSignature",
            "The Authorization header is not one of AWS4-HMAC-SHA256",
        )
    })?;
    if said.service != service {
        return Err(denied(
            "SignatureDoesNotMatch",
            &format!("Credential should be scoped to correct service: '{service}'."),
        ));
    }
    let user = identities.find(said.access_key).ok_or_else(|| {
        denied(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    })?;
    let signed_at = header("x-amz-date").and_then(moment).ok_or_else(|| {
        denied(
            "IncompleteSignature",
            "Date must be in ISO-8601 'basic format', in the header x-amz-date",
        )
    })?;
    let now = SystemTime::now();
    let skew = now
        .duration_since(signed_at)
        .unwrap_or_else(|earlier| earlier.duration());
    if skew > SKEW {
        return Err(denied(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ));
    }
    if again(head, body, user, &said, signed_at).as_deref() != Some(said.signature) {
        return Err(denied(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method.",
        ));
    }
    Ok(Signed {
        user,
        region: said.region.to_owned(),
    })
}

/// The signature that this user's key gives the request; `None` when it cannot be signed at all.
fn again(
    head: &Parts,
    body: &[u8],
    user: &Identity,
    said: &Authorization<'_>,
    signed_at: SystemTime,
) -> Option<String> {
    let signed: Vec<(&str, &str)> = said
        .signed_headers
        .split(';')
        // The signer adds the date by itself.
        .filter(|name| *name != "x-amz-date")
        .map(|name| Some((name, head.headers.get(name)?.to_str().ok()?)))
        .collect::<Option<_>>()?;
    let host = head.headers.get("host")?.to_str().ok()?;
    let uri = format!("http://{host}{}", head.uri);
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let identity = Credentials::new(
        user.access_key.as_ref(),
        user.secret_key.as_ref(),
        None,
        None,
        "sandbox",
    )
    .into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(said.region)
        .name(said.service)
        .time(signed_at)
        .settings(settings)
        .build()
        .ok()?;
    let request = SignableRequest::new(
        head.method.as_str(),
        uri,
        signed.into_iter(),
        SignableBody::Bytes(body),
    )
    .ok()?;
    let (_, signature) = sign(request, &parameters.into()).ok()?.into_parts();
    Some(signature)
}

fn moment(text: &str) -> Option<SystemTime> {
    let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    let time: DateTime<Utc> = time.and_utc();
    Some(time.into())
}

fn denied(code: &str, message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorization_is_read_from_its_end_for_a_key_may_hold_a_slash() {
        let header = "AWS4-HMAC-SHA256 Credential=K/EY/20260101/eu-west-1/monitoring/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=abc";
        let read = Authorization::read(header).unwrap();
        assert_eq!(read.access_key, "K/EY");
        assert_eq!((read.region, read.service), ("eu-west-1", "monitoring"));
        assert_eq!(
            (read.signed_headers, read.signature),
            ("host;x-amz-date", "abc")
        );
        assert_eq!(Authorization::read("Basic eA=="), None);
    }
}
