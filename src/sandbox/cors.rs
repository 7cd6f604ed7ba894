//! Cross-origin requests: preflights are answered here, and the answers to others get the headers that a browser
//! looks for. Both follow the bucket's CORS rules, which say nothing about who may do what.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use hyper::{Method, StatusCode};
use s3s::dto::CORSRule;
use s3s::{Body, HttpResponse};

use super::answer;
use super::operation::Target;
use super::pattern::Pattern;
use super::store::Store;

const VARIES: HeaderValue = HeaderValue::from_static(
    "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
);

/// What a browser asks about.
struct Question<'q> {
    origin: &'q str,
    method: &'q str,
    /// Names of headers, in lower case.
    headers: Vec<String>,
}

/// Answers a preflight.
pub(super) fn preflight(store: &Store, target: &Target, headers: &HeaderMap) -> HttpResponse {
    let forbidden = |message| answer::error(StatusCode::FORBIDDEN, "AccessForbidden", message);
    let (Some(origin), Some(method)) = (
        text(headers, ORIGIN),
        text(headers, ACCESS_CONTROL_REQUEST_METHOD),
    ) else {
        return answer::error(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "Insufficient information. Origin request header needed.",
        );
    };
    let Some(rules) = rules(store, target) else {
        return forbidden("CORSResponse: CORS is not enabled for this bucket.");
    };
    let asked = text(headers, ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let question = Question {
        origin,
        method,
        headers: asked
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty())
            .collect(),
    };
    let Some(rule) = rules.iter().find(|rule| question.is_allowed_by(rule)) else {
        return forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
        );
    };
    let mut answer = HttpResponse::new(Body::empty());
    let found = answer.headers_mut();
    question.grant(rule, found);
    if !question.headers.is_empty() {
        put(
            found,
            ACCESS_CONTROL_ALLOW_HEADERS,
            &question.headers.join(", "),
        );
    }
    answer
}

/// Puts on the answer to an actual request what its origin may see of it.
pub(super) fn expose(
    store: &Store,
    target: &Target,
    origin: Option<&str>,
    method: &Method,
    answer: &mut HttpResponse,
) {
    let (Some(origin), Some(rules)) = (origin, rules(store, target)) else {
        return;
    };
    let question = Question {
        origin,
        method: method.as_str(),
        headers: Vec::new(),
    };
    if let Some(rule) = rules.iter().find(|rule| question.is_allowed_by(rule)) {
        question.grant(rule, answer.headers_mut());
    }
}

impl Question<'_> {
    fn is_allowed_by(&self, rule: &CORSRule) -> bool {
        let allowed = rule.allowed_headers.as_deref().unwrap_or_default();
        rule.allowed_methods
            .iter()
            .any(|method| method == self.method)
            && self.origin_in(rule).is_some()
            && self.headers.iter().all(|header| {
                allowed
                    .iter()
                    .any(|pattern| Pattern::new(pattern).matches_ignoring_case(header))
            })
    }

    fn origin_in<'r>(&self, rule: &'r CORSRule) -> Option<&'r str> {
        rule.allowed_origins
            .iter()
            .map(String::as_str)
            .find(|&pattern| Pattern::new(pattern).matches(self.origin))
    }

    fn grant(&self, rule: &CORSRule, headers: &mut HeaderMap) {
        if self.origin_in(rule) == Some("*") {
            put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else {
            put(headers, ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
            put(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        put(
            headers,
            ACCESS_CONTROL_ALLOW_METHODS,
            &rule.allowed_methods.join(", "),
        );
        if let Some(exposed) = &rule.expose_headers {
            put(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
        }
        if let Some(seconds) = rule.max_age_seconds {
            put(headers, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        headers.insert(VARY, VARIES);
    }
}

fn rules(store: &Store, target: &Target) -> Option<Vec<CORSRule>> {
    let cors = store.read(target.bucket.as_deref()?, |bucket| {
        Ok(bucket.configuration.cors.clone())
    });
    cors.ok().flatten().map(|cors| cors.cors_rules)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // What cannot stand in a header came from a rule or a request that no browser sends: it goes unsaid.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
