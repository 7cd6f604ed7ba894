//! Uploads by a form, answered in front of s3s: it knows neither `${filename}` nor S3's own answers to a policy that is
//! not kept, and refuses forms older than fifteen minutes whatever their policy says.
//!
//! A form is a PUT written differently: `parts` takes it apart, `policy` holds it to what was signed, and what is left
//! goes on as a PUT on behalf of whoever signed it. See *POST Object* in the Amazon S3 API reference.

mod parts;
mod policy;

use aws_sigv4::sign::v4;
use chrono::{NaiveDateTime, Utc};
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue, LOCATION};
use hyper::{Method, Request, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{Body, HttpRequest, HttpResponse};

use self::parts::Form;
use self::policy::Policy;
use super::answer;
use super::identity::Identities;
use super::request_context::Vouched;

/// The most bytes that one form may bring, file included: the sandbox keeps it in memory.
const MOST_BYTES: usize = 512 << 20;

/// What stays as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Fields that become headers of the same name; others of the form's own begin with `x-amz-`.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// A refusal: the answer to send.
type Refused = Box<HttpResponse>;

/// A form that may go on.
pub(super) struct Accepted {
    /// The PUT that it comes to.
    pub(super) put: HttpRequest,
    /// Whose it is.
    pub(super) vouched: Vouched,
    /// The key that it writes.
    pub(super) key: String,
    success: Success,
}

/// What the form wants to be answered.
enum Success {
    Status(StatusCode),
    Redirect(String),
}

/// Takes a form and holds it to its policy; `any` passes over the policy's conditions.
pub(super) async fn accept(
    request: HttpRequest,
    bucket: &str,
    virtual_hosted: bool,
    identities: &Identities,
    any: bool,
) -> Result<Accepted, Refused> {
    let (head, mut body) = request.into_parts();
    let boundary = parts::boundary(&head.headers).ok_or_else(|| {
        refusal(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            "Bucket POST must be of the enclosure-type multipart/form-data",
        )
    })?;
    let body = body.store_all_limited(MOST_BYTES).await.map_err(|_| {
        refusal(
            StatusCode::BAD_REQUEST,
            "IncompleteBody",
            "The body of your POST request could not be read to its end.",
        )
    })?;
    let form = Form::parse(&body, &boundary)?;
    let key = form.key()?;
    let vouched = who(&form, identities)?;
    if let Some(encoded) = form.field("policy") {
        let policy = Policy::read(encoded)?;
        if !any {
            policy.judge(&form, bucket, &key, Utc::now())?;
        }
    }
    let success = success(&form)?;
    let path = if virtual_hosted {
        format!("/{}", utf8_percent_encode(&key, PATH))
    } else {
        format!("/{bucket}/{}", utf8_percent_encode(&key, PATH))
    };
    let mut put = Request::builder().method(Method::PUT).uri(
        path.parse::<Uri>()
            .map_err(|_| invalid("The key cannot stand in a URL."))?,
    );
    for name in ["host", "x-forwarded-proto", "user-agent"] {
        if let Some(value) = head.headers.get(name) {
            put = put.header(name, value);
        }
    }
    for (name, value) in form.fields() {
        let Some(name) = header_of(name) else {
            continue;
        };
        let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) else {
            return Err(invalid("A field cannot be a header of the object."));
        };
        put = put.header(name, value);
    }
    let file = form.file()?;
    let put = put
        .header(CONTENT_LENGTH, file.len())
        .body(Body::from(file))
        .map_err(|_| invalid("The form makes no request."))?;
    Ok(Accepted {
        put,
        vouched,
        key,
        success,
    })
}

/// The answer to a form, from the answer to its PUT.
pub(super) fn answered(
    put: HttpResponse,
    bucket: &str,
    key: &str,
    success: &SuccessOf,
) -> HttpResponse {
    if !put.status().is_success() {
        return put;
    }
    let etag = put
        .headers()
        .get("etag")
        .and_then(|etag| etag.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let (mut head, _) = put.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let location = format!("/{bucket}/{}", utf8_percent_encode(key, PATH));
    let mut body = Body::empty();
    match &success.0 {
        Success::Redirect(to) => {
            head.status = StatusCode::SEE_OTHER;
            let mark = if to.contains('?') { '&' } else { '?' };
            let all = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let to = format!(
                "{to}{mark}bucket={}&key={}&etag={}",
                all(bucket),
                all(key),
                all(&etag)
            );
            if let Ok(to) = HeaderValue::from_str(&to) {
                head.headers.insert(LOCATION, to);
            }
        }
        Success::Status(status) => {
            head.status = *status;
            if let Ok(location) = HeaderValue::from_str(&location) {
                head.headers.insert(LOCATION, location);
            }
            if *status == StatusCode::CREATED {
                body = Body::from(format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><PostResponse><Location>{}</Location><Bucket>{bucket}</Bucket>\
                     <Key>{}</Key><ETag>{}</ETag></PostResponse>",
                    answer::escape(&location),
                    answer::escape(key),
                    answer::escape(&etag)
                ));
                let xml = HeaderValue::from_static("application/xml");
                head.headers.insert(hyper::header::CONTENT_TYPE, xml);
            }
        }
    }
    HttpResponse::from_parts(head, body)
}

/// What a form wants to be answered, kept while its PUT is carried out.
pub(super) struct SuccessOf(Success);

impl Accepted {
    /// The PUT, whose it is, its key, and what it wants to be answered.
    pub(super) fn split(self) -> (HttpRequest, Vouched, String, SuccessOf) {
        (self.put, self.vouched, self.key, SuccessOf(self.success))
    }
}

/// Who signed the form. A form without a policy is nobody's.
fn who(form: &Form, identities: &Identities) -> Result<Vouched, Refused> {
    let vouched = |access_key| Vouched {
        access_key,
        auth_type: "POST",
    };
    let (Some(policy), Some(signature)) = (form.field("policy"), form.field("x-amz-signature"))
    else {
        return match form.field("policy").or(form.field("x-amz-signature")) {
            None => Ok(vouched(None)),
            Some(_) => Err(invalid(
                "Bucket POST must contain a field named 'policy' and one named 'X-Amz-Signature'. If they are specified, \
                 please check the order of the fields.",
            )),
        };
    };
    if form.field("x-amz-algorithm") != Some("AWS4-HMAC-SHA256") {
        return Err(invalid(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
        ));
    }
    let credential = form.field("x-amz-credential").unwrap_or_default();
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, date, region, "s3", "aws4_request"] = parts.as_slice() else {
        return Err(invalid(
            "Error parsing the X-Amz-Credential field; the Credential is mal-formed",
        ));
    };
    let signed_at = form.field("x-amz-date").unwrap_or_default();
    let signed_at = NaiveDateTime::parse_from_str(signed_at, "%Y%m%dT%H%M%SZ")
        .ok()
        .filter(|at| at.format("%Y%m%d").to_string() == *date)
        .ok_or_else(|| invalid("X-Amz-Date must be formatted as yyyyMMdd'T'HHmmss'Z' and fit the credential's date"))?;
    let known = identities.find(access_key).ok_or_else(|| {
        refusal(
            StatusCode::FORBIDDEN,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
    })?;
    let key = v4::generate_signing_key(&known.secret_key, signed_at.and_utc().into(), region, "s3");
    if v4::calculate_signature(key, policy.as_bytes()) != signature {
        return Err(refusal(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            answer::usual_message("SignatureDoesNotMatch").unwrap_or_default(),
        ));
    }
    Ok(vouched(Some((*access_key).to_owned())))
}

fn success(form: &Form) -> Result<Success, Refused> {
    let redirect = form
        .field("success_action_redirect")
        .or_else(|| form.field("redirect"));
    if let Some(to) = redirect.filter(|to| to.contains("://")) {
        return Ok(Success::Redirect(to.to_owned()));
    }
    if form.field("tagging").is_some() {
        return Err(refusal(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "The sandbox takes no tags in a form",
        ));
    }
    Ok(Success::Status(match form.field("success_action_status") {
        Some("200") => StatusCode::OK,
        Some("201") => StatusCode::CREATED,
        _ => StatusCode::NO_CONTENT,
    }))
}

/// The header that a field is, when it is one.
fn header_of(field: &str) -> Option<&str> {
    const OF_THE_SIGNATURE: [&str; 5] = [
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    ];
    match field {
        "acl" => Some("x-amz-acl"),
        _ if OF_THE_SIGNATURE.contains(&field) => None,
        _ if HEADERS.contains(&field) || field.starts_with("x-amz-") => Some(field),
        _ => None,
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Refused {
    Box::new(answer::error(status, code, message))
}

fn invalid(message: &str) -> Refused {
    refusal(StatusCode::BAD_REQUEST, "InvalidArgument", message)
}
