//! Warnings about a request that S3 would accept. They are shown before anybody relies on it, and the request is not
//! changed.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use super::encode;
use super::form::{FILENAME, TypeRule};
use super::request::{Action, MOST_IN_ONE, Method, ObjectSettings, PresignRequest};
use super::signed::{RegionSource, Signed};
use crate::domain::ByteSize;
use crate::domain::blueprint::values::Span;
use crate::domain::blueprint::{BucketBlueprint, Location, PresignRule};

/// A warning. `Display` says what is wrong, why it matters and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Warning {
    /// It expires with the credentials, before the requested time.
    OutlivesCredentials(DateTime<Utc>),
    /// The credentials are temporary, with an unknown end.
    CredentialsEndUnknown,
    /// Its lifetime exceeds that of the blueprint.
    LongerThanRule {
        /// The requested lifetime.
        asked: Duration,
        /// The blueprint's lifetime.
        rule: Duration,
    },
    /// The blueprint has no rule for such requests.
    NoRule(Method),
    /// `aws:kms` without a key id.
    KmsWithoutKey,
    /// Headers that the bucket's CORS rules must allow.
    NeedsCors(Vec<String>),
    /// The content type is not allowed.
    TypeNotAllowed {
        /// The signed type.
        found: String,
        /// The allowed types.
        allowed: Vec<String>,
    },
    /// The content type is not fixed.
    TypeOpen,
    /// The size exceeds that of the blueprint.
    LargerThanRule {
        /// The signed size.
        found: ByteSize,
        /// The blueprint's maximum.
        most: ByteSize,
    },
    /// The size is not limited, although the blueprint has a maximum.
    SizeOpen(Method, ByteSize),
    /// The rule requires a signed length, but none was given.
    LengthNotSigned,
    /// The size exceeds the limit of a single request.
    LargerThanOneRequest(ByteSize),
    /// Metadata that the rule requires is missing.
    MetadataMissing(Vec<String>),
    /// A header differs from the rule.
    HeaderDiffers {
        name: String,
        /// The rule's value.
        rule: String,
        /// The signed value; `None` if the header is not signed.
        found: Option<String>,
    },
    /// The key matches no layout.
    KeyOfNoLayout,
    /// The form may write to any key.
    AnyKey,
    /// A segment of the key is `.` or `..`.
    DotSegments,
    /// Production uses the URLs of a CDN.
    CdnInProduction,
    /// The bucket's Region is not known.
    RegionAssumed(String),
    /// The URL uses plain HTTP.
    PlainHttp,
}

impl Warning {
    /// Its id in JSON.
    #[must_use]
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::OutlivesCredentials(_) => "outlives-credentials",
            Self::CredentialsEndUnknown => "credentials-end-unknown",
            Self::LongerThanRule { .. } => "longer-than-rule",
            Self::NoRule(_) => "no-rule",
            Self::KmsWithoutKey => "kms-without-key",
            Self::NeedsCors(_) => "needs-cors",
            Self::TypeNotAllowed { .. } => "type-not-allowed",
            Self::TypeOpen => "type-open",
            Self::LargerThanRule { .. } => "larger-than-rule",
            Self::SizeOpen(..) => "size-open",
            Self::LengthNotSigned => "length-not-signed",
            Self::LargerThanOneRequest(_) => "larger-than-one-request",
            Self::MetadataMissing(_) => "metadata-missing",
            Self::HeaderDiffers { .. } => "header-differs",
            Self::KeyOfNoLayout => "key-of-no-layout",
            Self::AnyKey => "any-key",
            Self::DotSegments => "dot-segments",
            Self::CdnInProduction => "cdn-in-production",
            Self::RegionAssumed(_) => "region-assumed",
            Self::PlainHttp => "plain-http",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutlivesCredentials(end) => write!(
                f,
                "the credentials end at {}, and the request with them: sign with lasting ones, or ask for less",
                end.to_rfc3339_opts(SecondsFormat::Secs, true)
            ),
            Self::CredentialsEndUnknown => f.write_str(
                "the credentials are temporary and do not tell when they end: the request ends with them, perhaps early",
            ),
            Self::LongerThanRule { asked, rule } => write!(
                f,
                "it is good for {}, and the blueprint hands out {}",
                Span(*asked),
                Span(*rule)
            ),
            Self::NoRule(method) => {
                write!(f, "the blueprint hands out no pre-signed {method} for this bucket")
            }
            Self::KmsWithoutKey => f.write_str(
                "aws:kms without a key id takes the account's aws/s3, not the bucket's own key: give the key's id",
            ),
            Self::NeedsCors(headers) => write!(
                f,
                "a browser sends {} only when the bucket's CORS rules allow it for the page's origin",
                headers.join(", ")
            ),
            Self::TypeNotAllowed { found, allowed } => write!(
                f,
                "the content type {found} is not one that the blueprint allows: {}",
                allowed.join(", ")
            ),
            Self::TypeOpen => f.write_str(
                "no content type is signed: whoever has it can upload any, also a page with scripts (text/html)",
            ),
            Self::LargerThanRule { found, most } => {
                write!(f, "it takes {found}, and the blueprint allows {most}")
            }
            Self::SizeOpen(Method::Put, most) => write!(
                f,
                "a PUT cannot carry the blueprint's maximum of {most}: fix the exact length, or use a form (post)"
            ),
            Self::SizeOpen(_, most) => {
                write!(f, "nothing bounds the size, and the blueprint allows {most}")
            }
            Self::LengthNotSigned => f.write_str(
                "the blueprint signs the exact length, and none was given: an upload of any length will be taken",
            ),
            Self::LargerThanOneRequest(size) => write!(
                f,
                "{size} do not fit into one request: S3 takes 5 GiB in one, more in parts"
            ),
            Self::MetadataMissing(names) => {
                write!(f, "the blueprint signs the metadata {}, which was not given", names.join(", "))
            }
            Self::HeaderDiffers { name, rule, found } => match found {
                Some(found) => write!(f, "{name} is {found}, and the blueprint signs {rule}"),
                None => write!(f, "{name} is not signed, and the blueprint signs {rule}"),
            },
            Self::KeyOfNoLayout => f.write_str(
                "no layout of the blueprint explains this key: the application would not make it, nor find its owner",
            ),
            Self::AnyKey => f.write_str(
                "the form may write any key of the bucket, others' objects too: begin the key with a folder",
            ),
            Self::DotSegments => f.write_str(
                "the key holds '.' or '..' as a folder, which browsers and many clients resolve: to them the signature \
                 is wrong",
            ),
            Self::CdnInProduction => f.write_str(
                "in production the application gives out URLs of its CDN: this one goes past it, to the bucket",
            ),
            Self::RegionAssumed(region) => write!(
                f,
                "nothing names a Region, so it is signed for {region}: elsewhere S3 refuses it"
            ),
            Self::PlainHttp => f.write_str(
                "the endpoint is plain http: whoever listens can use the request until it ends",
            ),
        }
    }
}

/// The warnings, most severe first. `rule` is the blueprint's rule for this kind of request.
#[must_use]
pub(crate) fn warnings(
    signed: &Signed,
    bucket: Option<&BucketBlueprint>,
    rule: Option<&PresignRule>,
) -> Vec<Warning> {
    let mut found = Vec::new();
    if signed.ends_with_credentials() && signed.expires_at < signed.signed_at + signed.asked() {
        found.push(Warning::OutlivesCredentials(signed.expires_at));
    } else if signed.temporary && signed.credentials_expire_at.is_none() {
        found.push(Warning::CredentialsEndUnknown);
    }
    found.extend(before_signing(&signed.request, bucket, rule));
    if signed.region_source == RegionSource::Assumed {
        found.push(Warning::RegionAssumed(signed.region.to_string()));
    }
    if signed.url.starts_with("http:") && !is_loopback(&signed.url) {
        found.push(Warning::PlainHttp);
    }
    found
}

/// Warnings that need no signature.
#[must_use]
pub(crate) fn before_signing(
    request: &PresignRequest,
    bucket: Option<&BucketBlueprint>,
    rule: Option<&PresignRule>,
) -> Vec<Warning> {
    let mut found = Vec::new();
    match &request.action {
        Action::Put(upload) => {
            let content_type = upload.content_type.as_deref().map(Chosen::Exact);
            of_type(content_type, rule, &mut found);
            of_length(upload.length, rule, &mut found);
            of_object(&upload.object, rule, &mut found);
        }
        Action::Post(form) => {
            let content_type = form.content_type.as_ref().map(|rule| match rule {
                TypeRule::Exact(exact) => Chosen::Exact(exact),
                TypeRule::Prefix(prefix) => Chosen::Prefix(prefix),
            });
            of_type(content_type, rule, &mut found);
            let most = rule.and_then(|rule| rule.max_size);
            match (form.size, most) {
                (Some(range), Some(most)) if range.max > most.bytes() => {
                    found.push(Warning::LargerThanRule {
                        found: ByteSize(range.max),
                        most,
                    });
                }
                (None, Some(most)) => found.push(Warning::SizeOpen(Method::Post, most)),
                _ => {}
            }
            of_object(&form.object, rule, &mut found);
            if request.key.as_str().starts_with(FILENAME) {
                found.push(Warning::AnyKey);
            }
        }
        Action::Part(part) => of_one_request(part.length, &mut found),
        Action::Get(_) | Action::Head(_) | Action::Delete(_) => {}
    }
    if let Some(longest) = rule.and_then(|rule| rule.expires)
        && request.expires > longest.0
    {
        found.push(Warning::LongerThanRule {
            asked: request.expires,
            rule: longest.0,
        });
    }
    let cors: Vec<String> = request
        .signed_headers()
        .into_keys()
        .filter(|name| name != "content-length")
        .collect();
    if !cors.is_empty() {
        found.push(Warning::NeedsCors(cors));
    }
    if rule.and_then(|rule| rule.cdn) == Some(true) {
        found.push(Warning::CdnInProduction);
    }
    if let Some(bucket) = bucket {
        of_bucket(request, bucket, rule, &mut found);
    }
    if request.method() != Method::Post && encode::has_dot_segments(request.key.as_str()) {
        found.push(Warning::DotSegments);
    }
    found
}

/// The chosen content type.
#[derive(Clone, Copy)]
enum Chosen<'a> {
    Exact(&'a str),
    Prefix(&'a str),
}

fn of_type(chosen: Option<Chosen<'_>>, rule: Option<&PresignRule>, found: &mut Vec<Warning>) {
    let allowed = rule.and_then(|rule| rule.content_types.as_deref());
    match (chosen, allowed) {
        (None | Some(Chosen::Prefix("")), _) => found.push(Warning::TypeOpen),
        (Some(_), None | Some([])) => {}
        (Some(Chosen::Exact(exact)), Some(allowed)) => {
            if !allowed.iter().any(|allowed| allowed == exact) {
                found.push(Warning::TypeNotAllowed {
                    found: exact.to_owned(),
                    allowed: allowed.to_vec(),
                });
            }
        }
        // No list of types covers a prefix.
        (Some(Chosen::Prefix(prefix)), Some(allowed)) => found.push(Warning::TypeNotAllowed {
            found: format!("{prefix}*"),
            allowed: allowed.to_vec(),
        }),
    }
}

fn of_length(length: Option<u64>, rule: Option<&PresignRule>, found: &mut Vec<Warning>) {
    let most = rule.and_then(|rule| rule.max_size);
    match (length, most) {
        (Some(length), Some(most)) if length > most.bytes() => {
            found.push(Warning::LargerThanRule {
                found: ByteSize(length),
                most,
            });
        }
        (None, Some(most)) => found.push(Warning::SizeOpen(Method::Put, most)),
        (None, None) if rule.and_then(|rule| rule.sign_length) == Some(true) => {
            found.push(Warning::LengthNotSigned);
        }
        _ => {}
    }
    of_one_request(length, found);
}

fn of_one_request(length: Option<u64>, found: &mut Vec<Warning>) {
    if let Some(length) = length.filter(|length| *length > MOST_IN_ONE) {
        found.push(Warning::LargerThanOneRequest(ByteSize(length)));
    }
}

fn of_object(object: &ObjectSettings, rule: Option<&PresignRule>, found: &mut Vec<Warning>) {
    let headers = object.headers();
    if object.takes_default_kms_key() {
        found.push(Warning::KmsWithoutKey);
    }
    let wanted = rule.and_then(|rule| rule.headers.as_ref());
    for (name, value) in wanted.into_iter().flatten() {
        let name = name.to_ascii_lowercase();
        let signed = headers.get(&name);
        if signed != Some(value) {
            found.push(Warning::HeaderDiffers {
                name,
                rule: value.clone(),
                found: signed.cloned(),
            });
        }
    }
    let wanted = rule.and_then(|rule| rule.metadata.as_ref());
    let missing: Vec<String> = wanted
        .into_iter()
        .flatten()
        .filter(|name| !headers.contains_key(&format!("x-amz-meta-{}", name.to_ascii_lowercase())))
        .cloned()
        .collect();
    if !missing.is_empty() {
        found.push(Warning::MetadataMissing(missing));
    }
}

fn of_bucket(
    request: &PresignRequest,
    bucket: &BucketBlueprint,
    rule: Option<&PresignRule>,
    found: &mut Vec<Warning>,
) {
    let rules = &bucket.presign;
    let has_rules = [&rules.get, &rules.put, &rules.post, &rules.view_once]
        .iter()
        .any(|rule| rule.is_some());
    if rule.is_none() && has_rules && !matches!(request.method(), Method::Head | Method::Part) {
        found.push(Warning::NoRule(request.method()));
    }
    // A form's key is a template until the file has a name.
    let key = request.key.as_str().replace(FILENAME, "file");
    let is_explained = match bucket.locate(&key) {
        Location::Owned { tail_parses, .. } => tail_parses,
        Location::Unnamed { .. } => true,
        Location::Unreadable => false,
    };
    if !bucket.layouts.is_empty() && !is_explained {
        found.push(Warning::KeyOfNoLayout);
    }
}

/// Requests to this computer cannot be intercepted.
fn is_loopback(url: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"]
        .iter()
        .any(|start| url.starts_with(start))
}
