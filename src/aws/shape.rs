//! Checks that a successful response is the document that the operation promises.
//!
//! Several servers answer a request for an unknown sub-resource with the bucket's listing, and a wrong endpoint may
//! return a web page. A lenient parser would read either as "not configured" or as an empty bucket, which is wrong.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::operations;

/// The interceptor of every client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShapeCheck;

impl Intercept for ShapeCheck {
    fn name(&self) -> &'static str {
        "ShapeCheck"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let operation = cfg
            .load::<Metadata>()
            .and_then(|metadata| operations::named(metadata.name()));
        let Some((operation, expected)) = operation.and_then(|known| Some((known, known.root?)))
        else {
            return Ok(());
        };
        if !response.status().is_success() {
            return Ok(());
        }
        // An incomplete body has its own error.
        let Some(body) = response.body().bytes() else {
            return Ok(());
        };
        match root_element(body) {
            // The SDK handles an error inside a 200 response.
            Some(root) if root == "Error" || is_root_of(operation.name, expected, &root) => Ok(()),
            found => Err(Box::new(WrongShape {
                expected,
                found: found.map(|name| name.chars().take(40).collect()),
            })),
        }
    }
}

/// Whether a document with this root is the operation's response. AWS's SDKs do not check the root of S3's documents,
/// and some servers (moto) name it after the operation: `GetBucketVersioningResponse`. That identifies the response,
/// too.
fn is_root_of(operation: &str, expected: &str, root: &str) -> bool {
    root == expected
        || root
            .strip_prefix(operation)
            .is_some_and(|rest| matches!(rest, "Response" | "Result" | "Output"))
}

/// The error of a successful response with another document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongShape {
    /// The expected root element.
    pub expected: &'static str,
    /// The actual one.
    pub found: Option<String>,
}

impl fmt::Display for WrongShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(
                f,
                "the answer is <{found}> where <{}> belongs",
                self.expected
            ),
            None => write!(f, "the answer is no XML where <{}> belongs", self.expected),
        }
    }
}

impl std::error::Error for WrongShape {}

/// The name of the first element without its namespace prefix, after declarations, comments and white space.
pub(crate) fn root_element(body: &[u8]) -> Option<String> {
    // The root element is near the start; the rest may be a megabyte of listing.
    let head = body.get(..body.len().min(4096))?;
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let inner = rest.strip_prefix('<')?;
        let end_of_aside = if inner.starts_with("!--") {
            "-->"
        } else if inner.starts_with(['?', '!']) {
            ">"
        } else {
            let name = inner
                .split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .next()?;
            return name.rsplit(':').next().map(str::to_owned);
        };
        rest = rest.split_once(end_of_aside)?.1.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_named_after_the_operation_will_do_and_another_document_will_not() {
        let is_versioning =
            |root: &str| is_root_of("GetBucketVersioning", "VersioningConfiguration", root);
        for root in [
            "VersioningConfiguration",
            "GetBucketVersioningResponse",
            "GetBucketVersioningResult",
            "GetBucketVersioningOutput",
        ] {
            assert!(is_versioning(root), "{root}");
        }
        for root in [
            "ListBucketResult",
            "html",
            "",
            "GetBucketVersioning",
            "GetBucketVersioningError",
            "GetBucketTaggingResponse",
        ] {
            assert!(!is_versioning(root), "{root}");
        }
    }

    #[test]
    fn the_root_is_found_behind_whatever_xml_allows_before_it() {
        for (body, root) in [
            ("<A/>", Some("A")),
            ("<A xmlns=\"x\"><B/></A>", Some("A")),
            ("<?xml version=\"1.0\"?>\n<!-- <B> -->\n<A>", Some("A")),
            ("<!DOCTYPE html>\n<html>", Some("html")),
            ("\u{feff}<ns:A>", Some("A")),
            ("", None),
            ("{}", None),
            ("<?xml", None),
        ] {
            assert_eq!(root_element(body.as_bytes()).as_deref(), root, "{body}");
        }
    }
}
