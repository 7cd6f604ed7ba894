//! Percent-encoding as S3 signs it: everything except letters, digits and `-._~`, and in a path also except `/`.
//!
//! S3 decodes a path once and signs its encoding. The client sends the same encoding, so both match.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const IN_QUERY: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const IN_PATH: AsciiSet = IN_QUERY.remove(b'/');

/// A key in a URL's path, without the leading slash. Nothing is normalized: `a//b` and `../x` stay.
#[must_use]
pub(crate) fn key(key: &str) -> String {
    utf8_percent_encode(key, &IN_PATH).to_string()
}

/// A name or value in a query.
#[must_use]
pub(crate) fn query(text: &str) -> String {
    utf8_percent_encode(text, &IN_QUERY).to_string()
}

/// Whether a path segment is `.` or `..`, which browsers and many clients resolve before sending.
#[must_use]
pub(crate) fn has_dot_segments(key: &str) -> bool {
    key.split('/').any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_keeps_its_slashes_and_nothing_else_that_a_url_would_read() {
        assert_eq!(key("a//b/../x"), "a//b/../x");
        assert_eq!(key("a+b c%20?#&=\u{1}"), "a%2Bb%20c%2520%3F%23%26%3D%01");
        assert_eq!(key("é👩"), "%C3%A9%F0%9F%91%A9");
        assert_eq!(query("a/b"), "a%2Fb");
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same_bytes(text in any::<String>()) {
            for encoded in [key(&text), query(&text)] {
                prop_assert!(encoded.is_ascii());
                prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), text.as_str());
            }
        }
    }
}
