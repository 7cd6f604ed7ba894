//! Normalizes each id or key of a list, so that it has the form used in object keys.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// One step of the normalization; steps run in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Step {
    /// Removes this prefix if it is there.
    StripPrefix(String),
    /// Removes leading slashes and `./`.
    LeadingSlash,
    /// Takes the path of a URL, without the leading slash and the query. For `s3://bucket/key` and an ARN, the key.
    /// Text that is not a URL does not change.
    UrlPath,
    /// Percent-decodes. If the result is not UTF-8, the row is malformed.
    PercentDecode,
}

impl Step {
    /// The notation of steps, for errors.
    pub const EXPECTED: &'static str =
        "expected strip-prefix:TEXT, leading-slash, url-path or percent-decode";

    /// Applies this step; `None` if it fails.
    fn take<'t>(&self, text: Cow<'t, str>) -> Option<Cow<'t, str>> {
        let cut = |text: Cow<'t, str>, rest: fn(&str, &str) -> usize, by: &str| match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(rest(text, by)..).unwrap_or(text)),
            Cow::Owned(text) => {
                let at = rest(&text, by);
                Cow::Owned(text.get(at..).unwrap_or(&text).to_owned())
            }
        };
        Some(match self {
            Self::StripPrefix(prefix) => {
                let behind = |text: &str, prefix: &str| match text.strip_prefix(prefix) {
                    Some(_) => prefix.len(),
                    None => 0,
                };
                cut(text, behind, prefix)
            }
            Self::LeadingSlash => cut(text, slashes, ""),
            Self::UrlPath => match url_path(&text) {
                Some(path) => Cow::Owned(path.to_owned()),
                None => text,
            },
            Self::PercentDecode => {
                let decoded = percent_decode_str(&text).decode_utf8().ok()?;
                Cow::Owned(decoded.into_owned())
            }
        })
    }
}

/// The length of the leading slashes.
fn slashes(text: &str, _: &str) -> usize {
    let mut rest = text;
    while let Some(shorter) = rest.strip_prefix('/').or_else(|| rest.strip_prefix("./")) {
        rest = shorter;
    }
    text.len() - rest.len()
}

fn url_path(text: &str) -> Option<&str> {
    if let Some(arn) = text.strip_prefix("arn:") {
        let (_, place) = arn.split_once(":s3:::")?;
        return place.split_once('/').map(|(_, key)| key);
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let (_, path) = is_scheme.then(|| rest.split_once('/')).flatten()?;
    // With `s3://`, the rest is the key; a web URL ends at its query.
    if scheme.eq_ignore_ascii_case("s3") {
        return Some(path);
    }
    Some(path.split(['?', '#']).next().unwrap_or(path))
}

/// Applies all steps; `None` if one fails.
pub(super) fn normalized<'t>(steps: &[Step], text: &'t str) -> Option<Cow<'t, str>> {
    let mut text = Cow::Borrowed(text);
    for step in steps {
        text = step.take(text)?;
    }
    Some(text)
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("strip-prefix", prefix)) if !prefix.is_empty() => {
                Ok(Self::StripPrefix(prefix.to_owned()))
            }
            None if text == "leading-slash" => Ok(Self::LeadingSlash),
            None if text == "url-path" => Ok(Self::UrlPath),
            None if text == "percent-decode" => Ok(Self::PercentDecode),
            _ => Err(format!("{text:?} is no step; {}", Self::EXPECTED)),
        }
    }
}

impl TryFrom<String> for Step {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StripPrefix(prefix) => write!(f, "strip-prefix:{prefix}"),
            Self::LeadingSlash => f.write_str("leading-slash"),
            Self::UrlPath => f.write_str("url-path"),
            Self::PercentDecode => f.write_str("percent-decode"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_in_their_order() {
        for (steps, text, expected) in [
            ("strip-prefix:users/", "users/7", Some("7")),
            ("strip-prefix:users/", "7", Some("7")),
            ("leading-slash", "//./a/b", Some("a/b")),
            ("leading-slash", ".hidden", Some(".hidden")),
            (
                "url-path",
                "https://cdn.example.org/a/b.jpg?v=1#x",
                Some("a/b.jpg"),
            ),
            ("url-path", "s3://media/a/b?.jpg", Some("a/b?.jpg")),
            ("url-path", "arn:aws:s3:::media/a/b", Some("a/b")),
            ("url-path", "a/b.jpg", Some("a/b.jpg")),
            ("percent-decode", "a%20b%2Fc", Some("a b/c")),
            ("percent-decode", "%ff", None),
            (
                "url-path,percent-decode",
                "https://h/a%3Fb.jpg?v=1",
                Some("a?b.jpg"),
            ),
            (
                "percent-decode,url-path",
                "https://h/a%3Fb.jpg?v=1",
                Some("a"),
            ),
            (
                "url-path,strip-prefix:media/",
                "http://h:9000/media/a",
                Some("a"),
            ),
        ] {
            let steps: Vec<Step> = steps.split(',').map(|step| step.parse().unwrap()).collect();
            assert_eq!(normalized(&steps, text).as_deref(), expected, "{text}");
        }
        for wrong in ["", "strip-prefix", "strip-prefix:", "slash", "url-path:x"] {
            let said = wrong.parse::<Step>().unwrap_err();
            assert!(said.contains("leading-slash"), "{said}");
        }
    }

    #[test]
    fn a_step_is_shown_as_it_is_written() {
        for text in [
            "strip-prefix:a:b",
            "leading-slash",
            "url-path",
            "percent-decode",
        ] {
            assert_eq!(text.parse::<Step>().unwrap().to_string(), text);
        }
    }
}
