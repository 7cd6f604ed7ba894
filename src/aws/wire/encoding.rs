//! Decodes `encoding-type=url`, without which a key with a control character spoils a whole page of XML.
//!
//! AWS and most others write a space as `+` and a plus as `%2B`; some write a space as `%20` and leave a plus alone.
//! Both cannot be told apart from one key, but a page that holds a `%20` or a `%2B` gives its server away, and what a
//! server did once it does always: [`PlusSign`] remembers it for the connection.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

use memchr::{memchr, memchr2};
use percent_encoding::percent_decode_str;

const UNKNOWN: u8 = 0;
const SPACE: u8 = 1;
const PLUS: u8 = 2;

/// What a `+` in this endpoint's answers stands for.
#[derive(Debug, Default)]
pub(crate) struct PlusSign(AtomicU8);

/// Decodes the strings of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    /// The server did not encode, whatever it was asked.
    Verbatim,
    /// A plus sign is a space.
    PlusIsSpace,
    /// A plus sign is itself.
    PlusIsPlus,
}

/// A string that is not UTF-8 when decoded. S3 refuses such keys; a server that took one cannot be asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotUtf8(pub String);

impl Decoder {
    /// The decoder for an answer, from its own strings and from what the endpoint did before.
    pub fn for_answer<'a>(
        encoded: bool,
        strings: impl Iterator<Item = &'a str>,
        memory: &PlusSign,
    ) -> Self {
        if !encoded {
            return Self::Verbatim;
        }
        let remembered = memory.0.load(Ordering::Relaxed);
        let plus = if remembered == UNKNOWN {
            let seen = evidence(strings);
            if seen != UNKNOWN {
                memory.0.store(seen, Ordering::Relaxed);
            }
            seen
        } else {
            remembered
        };
        if plus == PLUS {
            Self::PlusIsPlus
        } else {
            Self::PlusIsSpace
        }
    }

    /// The string as it was before the server encoded it.
    pub fn decode(self, text: &str) -> Result<String, NotUtf8> {
        if memchr2(b'%', b'+', text.as_bytes()).is_none() {
            return Ok(text.to_owned());
        }
        let text = match self {
            Self::Verbatim => return Ok(text.to_owned()),
            Self::PlusIsSpace if text.contains('+') => Cow::Owned(text.replace('+', " ")),
            Self::PlusIsSpace | Self::PlusIsPlus => Cow::Borrowed(text),
        };
        percent_decode_str(&text)
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| NotUtf8(text.into_owned()))
    }
}

/// What the strings of a page say about the server's way with a plus sign.
fn evidence<'a>(strings: impl Iterator<Item = &'a str>) -> u8 {
    let mut seen = UNKNOWN;
    for text in strings {
        if memchr(b'%', text.as_bytes()).is_none() {
            continue;
        }
        // A server that encodes the plus itself can only mean a space by a bare one.
        if text.contains("%2B") || text.contains("%2b") {
            return SPACE;
        }
        if text.contains("%20") {
            seen = PLUS;
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(page: &[&str]) -> Vec<String> {
        let decoder = Decoder::for_answer(true, page.iter().copied(), &PlusSign::default());
        page.iter().map(|s| decoder.decode(s).unwrap()).collect()
    }

    #[test]
    fn aws_writes_a_space_as_a_plus_sign() {
        assert_eq!(decode(&["a+b", "a%2Bb"]), ["a b", "a+b"]);
        assert_eq!(decode(&["a+b"]), ["a b"]);
    }

    #[test]
    fn a_server_that_writes_a_space_as_20_leaves_the_plus_sign_alone() {
        assert_eq!(decode(&["a+b", "a%20b"]), ["a+b", "a b"]);
    }

    #[test]
    fn one_that_encodes_both_means_a_space_by_a_bare_plus() {
        assert_eq!(decode(&["a%20b", "a%2Bb", "a+b"]), ["a b", "a+b", "a b"]);
    }

    #[test]
    fn what_an_endpoint_did_once_is_remembered() {
        let memory = PlusSign::default();
        let _ = Decoder::for_answer(true, ["x%20y"].into_iter(), &memory);
        let later = Decoder::for_answer(true, ["a+b"].into_iter(), &memory);
        assert_eq!(later.decode("a+b").unwrap(), "a+b");
    }

    #[test]
    fn a_server_that_did_not_encode_is_taken_at_its_word() {
        let decoder = Decoder::for_answer(false, ["100%25+x"].into_iter(), &PlusSign::default());
        assert_eq!(decoder.decode("100%25+x").unwrap(), "100%25+x");
    }

    #[test]
    fn control_characters_and_other_scripts_come_back_exactly() {
        assert_eq!(decode(&["%01%E2%82%AC%F0%9F%98%80%20"]), ["\u{1}€😀 "]);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error_and_not_a_question_mark() {
        assert!(Decoder::PlusIsSpace.decode("a%FFb").is_err());
    }
}
