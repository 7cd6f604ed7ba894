//! CORS rules: which web pages may use the bucket.

use serde::Serialize;

use super::Concern;
use super::words::{count, list};

/// The rules. S3 uses the first that matches origin and method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cors {
    /// The rules in the order of the document.
    pub rules: Vec<CorsRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CorsRule {
    /// Allowed origins, with at most one `*` each.
    pub origins: Vec<String>,
    /// HTTP methods.
    pub methods: Vec<String>,
    /// Request headers, with at most one `*` each.
    pub headers: Vec<String>,
    /// Response headers that scripts may read.
    pub expose: Vec<String>,
    /// How long a browser may cache the preflight response, in seconds.
    pub max_age_seconds: Option<u32>,
}

impl Cors {
    /// The first rule that allows this method and request header for a page of this origin.
    #[must_use]
    pub fn allowing(&self, origin: &str, method: &str, header: Option<&str>) -> Option<&CorsRule> {
        self.rules.iter().find(|rule| {
            rule.methods.iter().any(|m| m == method)
                && rule.origins.iter().any(|o| one_star(o, origin))
                && header.is_none_or(|header| {
                    let header = header.to_ascii_lowercase();
                    rule.headers
                        .iter()
                        .any(|h| one_star(&h.to_ascii_lowercase(), &header))
                })
        })
    }
}

/// Matches a pattern with at most one `*`.
fn one_star(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len()
                && text.starts_with(before)
                && text.ends_with(after)
        }
    }
}

impl Concern for Cors {
    const NAME: &'static str = "cors";
    const TITLE: &'static str = "CORS";
    const NOT_SET: &'static str = "Web pages of other origins cannot use the bucket.";

    fn sentence(&self) -> String {
        match self.rules.as_slice() {
            [rule] => format!(
                "Pages of {} may send {}.",
                list(&rule.origins),
                list(&rule.methods)
            ),
            rules => {
                let mut origins: Vec<&str> = rules
                    .iter()
                    .flat_map(|rule| rule.origins.iter().map(String::as_str))
                    .collect();
                origins.sort_unstable();
                origins.dedup();
                format!(
                    "{} for pages of {}.",
                    count(rules.len(), "rule"),
                    list(&origins)
                )
            }
        }
    }
}
