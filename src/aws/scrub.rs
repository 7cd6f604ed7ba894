//! Removes credentials and signatures from every message.

use std::sync::LazyLock;

use regex::Regex;

/// Matches `name=value` and `name: value` in URLs, headers and XML-like text, for names of secrets.
///
/// `X-Amz-Credential` and `AWSAccessKeyId` contain an access key id. It is not a secret, but it identifies an account,
/// and nobody needs it to understand an error.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant and the tests run it"
)]
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)
        (?P<name>
            x-amz-(?:signature|security-token|credential) | awsaccesskeyid | signature | credential
          | aws_(?:access_key_id|secret_access_key|session_token)
          | (?:secret)?accesskey(?:id)? | sessiontoken | authorization
        )
        (?P<sep> "? \s* (?: = | : | > | %3D ) \s* "? )
        (?P<value> (?: AWS4-HMAC-SHA256 \s+ )? [^\s&"'<>,;)]+ )
        "#,
    )
    .expect("a valid pattern")
});

/// Matches access key ids in text ("The key `AKIA…` does not exist").
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant and the tests run it"
)]
static KEY_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b").expect("a valid pattern"));

/// Cleans a message of a service or library: no secrets, one line, no control characters. It is hostile input.
pub(crate) fn scrub(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    visible(&words.join(" "))
}

/// Removes secrets from a name and makes control characters visible.
pub(crate) fn visible(text: &str) -> String {
    let text = SECRET.replace_all(text, "${name}${sep}[removed]");
    let text = KEY_ID.replace_all(&text, "[access key]");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_bidi_control(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that reorder the surrounding text.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_tokens_are_removed_wherever_they_stand() {
        for (text, secret) in [
            ("GET /k?X-Amz-Signature=f00dbeef&X-Amz-Date=1", "f00dbeef"),
            ("X-Amz-Security-Token: IQoJb3JpZ2luX2Vj", "IQoJb3JpZ2luX2Vj"),
            (
                "?AWSAccessKeyId=AKIDEXAMPLE&Signature=vjby%2B",
                "AKIDEXAMPLE",
            ),
            ("?AWSAccessKeyId=AKIDEXAMPLE&Signature=vjby%2B", "vjby"),
            (
                "<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>",
                "AKIDEXAMPLE",
            ),
            (
                "Authorization: AWS4-HMAC-SHA256 Credential=AKID/2026/us-east-1/s3, Signature=beef",
                "AKID/",
            ),
            (
                "Authorization: AWS4-HMAC-SHA256 Credential=AKID/2026/us-east-1/s3, Signature=beef",
                "beef",
            ),
            (
                "the key AKIAIOSFODNN7EXAMPLE is unknown",
                "AKIAIOSFODNN7EXAMPLE",
            ),
            ("aws_secret_access_key = wJalrXUtnFEMI", "wJalrXUtnFEMI"),
            (r#"{"SessionToken": "abcdef"}"#, "abcdef"),
        ] {
            let scrubbed = scrub(text);
            assert!(!scrubbed.contains(secret), "{scrubbed}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "the signature we calculated does not match (X-Amz-Date=20260101)";
        assert_eq!(scrub(text), text);
    }

    #[test]
    fn a_name_keeps_its_blanks_and_shows_what_cannot_be_seen() {
        assert_eq!(visible("s3://b/ a  b\n "), "s3://b/ a  b\\n ");
    }

    #[test]
    fn control_and_bidi_characters_become_visible_and_lines_become_one() {
        assert_eq!(
            scrub("a\r\n  b\u{1b}[31m\u{202e}"),
            "a b\\u{1b}[31m\\u{202e}"
        );
    }
}
