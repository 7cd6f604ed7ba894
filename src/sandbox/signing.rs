//! Rules of signed requests that s3s does not know, looked at before it: it verifies the signature itself, its clock
//! skew and its expiry.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::{StatusCode, Uri};
use s3s::HttpResponse;

use super::answer;
use super::defect::{Defect, Defects};
use super::operation::Target;
use super::request_context::Vouched;

/// The longest that a pre-signed URL can be good for, in seconds: seven days.
const LONGEST: u64 = 7 * 24 * 60 * 60;

const PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];

/// The answer to a request that breaks a rule; `None`: it may go on.
pub(super) fn refuse(target: &Target, headers: &HeaderMap) -> Option<HttpResponse> {
    let presigned = target.parameter("X-Amz-Algorithm").is_some()
        || target.parameter("X-Amz-Signature").is_some();
    if presigned && let Err(why) = check_presigned(target) {
        return Some(answer::error(
            StatusCode::BAD_REQUEST,
            "AuthorizationQueryParametersError",
            why,
        ));
    }
    let signed = if presigned {
        target.parameter("X-Amz-SignedHeaders")
    } else {
        let authorization = headers.get(AUTHORIZATION)?.to_str().ok()?;
        answer::between(authorization, "SignedHeaders=", ",")
    };
    let left_out = left_out(headers, signed?, presigned);
    if left_out.is_empty() {
        return None;
    }
    Some(answer::error_with(
        StatusCode::FORBIDDEN,
        "AccessDenied",
        "There were headers present in the request which were not signed",
        &[("HeadersNotSigned", &left_out.join(", "))],
    ))
}

/// With a defect that looks away: whose request a pre-signed URL is said to be, and the URL without what says so.
/// `None`: the URL is looked at as S3 would.
pub(super) fn overlooked(target: &Target, uri: &Uri, defects: &Defects) -> Option<(Uri, Vouched)> {
    let ended = ends(target)? <= Utc::now();
    let defect = if ended {
        Defect::NoExpiry
    } else {
        Defect::AnySignature
    };
    if !defects.has(defect) || check_presigned(target).is_err() {
        return None;
    }
    let (access_key, _) = target.parameter("X-Amz-Credential")?.split_once('/')?;
    let vouched = Vouched {
        access_key: Some(access_key.to_owned()),
        auth_type: "REST-QUERY-STRING",
    };
    let kept: Vec<&str> = uri
        .query()?
        .split('&')
        .filter(|pair| {
            !PARAMETERS
                .iter()
                .any(|name| pair.split('=').next() == Some(name))
        })
        .collect();
    let uri = match kept.as_slice() {
        [] => uri.path().parse(),
        kept => format!("{}?{}", uri.path(), kept.join("&")).parse(),
    };
    Some((uri.ok()?, vouched))
}

/// When a pre-signed URL ends.
fn ends(target: &Target) -> Option<DateTime<Utc>> {
    let signed = target.parameter("X-Amz-Date")?;
    let signed = NaiveDateTime::parse_from_str(signed, "%Y%m%dT%H%M%SZ").ok()?;
    let seconds = target.parameter("X-Amz-Expires")?.parse().ok()?;
    signed
        .and_utc()
        .checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

fn check_presigned(target: &Target) -> Result<(), &'static str> {
    if PARAMETERS
        .iter()
        .any(|name| target.parameter(name).is_none())
    {
        return Err(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
             X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        );
    }
    let expires = target.parameter("X-Amz-Expires").unwrap_or_default();
    if expires.starts_with('-') {
        return Err("X-Amz-Expires must be non-negative");
    }
    match expires.parse::<u64>() {
        Ok(seconds) if seconds <= LONGEST => Ok(()),
        Ok(_) => Err(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ),
        Err(_) => Err("X-Amz-Expires should be a number"),
    }
}

/// Headers that a signature has to cover and this one does not: what they say could have been added on the way.
fn left_out<'h>(headers: &'h HeaderMap, signed: &str, presigned: bool) -> Vec<&'h str> {
    let mut names: Vec<&str> = headers
        .keys()
        .map(hyper::header::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
        // The URL cannot know the body that will be sent with it.
        .filter(|name| !(presigned && *name == "x-amz-content-sha256"))
        .filter(|name| !signed.split(';').any(|covered| covered == *name))
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::*;

    fn refused(query: &str, header: Option<(&'static str, &str)>) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        let uri = format!("/b/k?{query}").parse().unwrap();
        let target = Target::of(&Method::GET, &uri, &headers);
        let answer = refuse(&target, &headers)?;
        Some(String::from_utf8(answer.body().bytes().unwrap().to_vec()).unwrap())
    }

    fn presigned(expires: &str) -> String {
        format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=c&X-Amz-Signature=s&X-Amz-Date=d&X-Amz-SignedHeaders=host\
             &X-Amz-Expires={expires}"
        )
    }

    #[test]
    fn a_url_is_good_for_seven_days_at_most() {
        assert_eq!(refused(&presigned("604800"), None), None);
        for (expires, word) in [
            ("604801", "a week"),
            ("-1", "non-negative"),
            ("soon", "a number"),
        ] {
            let answer = refused(&presigned(expires), None).unwrap();
            assert!(
                answer.contains("AuthorizationQueryParametersError") && answer.contains(word),
                "{answer}"
            );
        }
    }

    #[test]
    fn a_url_without_one_of_its_parameters_is_refused() {
        let query = presigned("60").replace("X-Amz-Date=d&", "");
        assert!(refused(&query, None).unwrap().contains("X-Amz-Date"));
    }

    #[test]
    fn amz_headers_have_to_be_signed() {
        let answer = refused(&presigned("60"), Some(("x-amz-acl", "public-read"))).unwrap();
        assert!(
            answer.contains("<HeadersNotSigned>x-amz-acl</HeadersNotSigned>"),
            "{answer}"
        );
        assert_eq!(
            refused(&presigned("60"), Some(("x-amz-content-sha256", "0"))),
            None
        );
        let authorization = "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=host, Signature=s";
        assert_eq!(refused("", Some(("authorization", authorization))), None);
    }
}
