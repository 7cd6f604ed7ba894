//! Decodes `encoding-type=url`. Without this encoding, a key with a control character makes a whole page of XML
//! invalid.
//!
//! AWS encodes, says so in the response, and writes a space as `+`. Other servers differ in three ways. Some write a
//! space as `%20` and do not encode a plus sign. Ceph encodes the keys of uploads without saying so. SeaweedFS and
//! `LocalStack` say that they encode uploads, but do not.
//!
//! Each response therefore has [`Readings`]: the possible ways to decode its strings. The response itself rules some
//! out. If the others disagree about a key, [`super::reading`] asks the server for it. Nothing is carried over to the
//! next response.

use std::borrow::Cow;

use memchr::{memchr, memchr2};
use percent_encoding::percent_decode_str;

/// Decodes the strings of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    /// Not encoded, whatever the response says.
    Verbatim,
    /// A plus sign means a space.
    PlusIsSpace,
    /// A plus sign means itself.
    PlusIsPlus,
}

/// The error for a string that is not UTF-8 when decoded. S3 rejects such keys, so a server that accepted one cannot be
/// asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotUtf8(pub String);

impl Decoder {
    /// Decodes a string.
    pub(super) fn decode(self, text: &str) -> Result<String, NotUtf8> {
        if is_plain(text) {
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

/// How far a response's statement about its encoding is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// AWS: the statement is true, and a plus sign means a space.
    Aws,
    /// If the response says that it is encoded, it is. This holds for objects and versions: boto3 always requests the
    /// encoding and trusts the response, so a wrong statement would have been noticed.
    Objects,
    /// The statement is not trusted. This holds for uploads.
    Uploads,
}

/// The possible ways to decode a response, most likely first; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readings {
    likeliest: Decoder,
    others: Vec<Decoder>,
}

impl Readings {
    /// The ways that a response leaves open, given whether it says that it is `encoded`, the requested prefix, and all
    /// its strings.
    pub(super) fn of<'a>(
        encoded: bool,
        trust: Trust,
        prefix: &str,
        strings: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        use Decoder::{PlusIsPlus, PlusIsSpace, Verbatim};
        let mut ways = match (encoded, trust) {
            (true, Trust::Aws) => return Self::one(PlusIsSpace),
            (false, Trust::Aws) => return Self::one(Verbatim),
            (true, Trust::Objects) => vec![PlusIsSpace, PlusIsPlus],
            (true, Trust::Uploads) => vec![PlusIsSpace, PlusIsPlus, Verbatim],
            (false, _) => vec![Verbatim, PlusIsSpace, PlusIsPlus],
        };
        if let Some(seen) = plus_sign(strings.clone()) {
            ways.retain(|way| *way == Verbatim || *way == seen);
        }
        if strings.clone().any(is_not_encoded) {
            ways.retain(|way| *way != Verbatim);
            ways.insert(0, Verbatim);
        }
        let mut left = Self::from_ways(ways);
        if !prefix.is_empty() {
            for text in strings.filter(|text| !is_plain(text)) {
                left.keep(|way| way.decode(text).is_ok_and(|text| text.starts_with(prefix)));
            }
        }
        left
    }

    fn one(likeliest: Decoder) -> Self {
        Self {
            likeliest,
            others: Vec::new(),
        }
    }

    fn from_ways(ways: Vec<Decoder>) -> Self {
        let mut ways = ways.into_iter();
        Self {
            likeliest: ways.next().unwrap_or(Decoder::Verbatim),
            others: ways.collect(),
        }
    }

    /// The default way.
    pub(super) fn likeliest(&self) -> Decoder {
        self.likeliest
    }

    /// Whether only one way is left.
    pub(super) fn is_decided(&self) -> bool {
        self.others.is_empty()
    }

    /// Keeps the ways for which this holds. If it holds for none, all stay, because it then says nothing about the
    /// encoding.
    pub(super) fn keep(&mut self, holds: impl Fn(Decoder) -> bool) {
        let ways = std::iter::once(self.likeliest).chain(self.others.iter().copied());
        let left: Vec<Decoder> = ways.filter(|way| holds(*way)).collect();
        if !left.is_empty() {
            *self = Self::from_ways(left);
        }
    }

    /// The possible meanings of a string, most likely first, each once.
    pub(super) fn forms(&self, text: &str) -> Vec<String> {
        let mut forms = Vec::new();
        if is_plain(text) {
            forms.push(text.to_owned());
            return forms;
        }
        for way in std::iter::once(&self.likeliest).chain(&self.others) {
            match way.decode(text) {
                Ok(form) if !forms.contains(&form) => forms.push(form),
                _ => {}
            }
        }
        forms
    }

    /// Whether all remaining ways decode a string to the same text.
    pub(super) fn agree_on(&self, text: &str) -> bool {
        self.is_decided() || is_plain(text) || {
            let first = self.likeliest.decode(text);
            self.others.iter().all(|way| way.decode(text) == first)
        }
    }
}

/// Whether a string has the same meaning in every way.
fn is_plain(text: &str) -> bool {
    memchr2(b'%', b'+', text.as_bytes()).is_none()
}

/// Whether a string contains characters that every encoder would have encoded.
fn is_not_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.iter().any(|b| !b.is_ascii_graphic()) {
        return true;
    }
    memchr(b'%', bytes).is_some()
        && text.split('%').skip(1).any(|after| {
            let digits = after.bytes().take(2).filter(u8::is_ascii_hexdigit);
            digits.count() < 2
        })
}

/// The meaning of a plus sign, derived from the rest of the response.
fn plus_sign<'a>(strings: impl Iterator<Item = &'a str>) -> Option<Decoder> {
    let mut seen = None;
    for text in strings {
        if memchr(b'%', text.as_bytes()).is_none() {
            continue;
        }
        // If a server encodes the plus sign, an unencoded one means a space.
        if text.contains("%2B") || text.contains("%2b") {
            return Some(Decoder::PlusIsSpace);
        }
        if text.contains("%20") {
            seen = Some(Decoder::PlusIsPlus);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn readings(encoded: bool, trust: Trust, page: &[&str]) -> Readings {
        Readings::of(encoded, trust, "", page.iter().copied())
    }

    fn decode(page: &[&str]) -> Vec<String> {
        let decoder = readings(true, Trust::Objects, page).likeliest();
        page.iter().map(|s| decoder.decode(s).unwrap()).collect()
    }

    #[test]
    fn aws_writes_a_space_as_a_plus_sign() {
        assert_eq!(decode(&["a+b", "a%2Bb"]), ["a b", "a+b"]);
        assert_eq!(decode(&["a+b"]), ["a b"]);
        let aws = readings(true, Trust::Aws, &["a+b", "c%20d"]);
        assert!(aws.is_decided() && aws.likeliest() == Decoder::PlusIsSpace);
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
    fn an_answer_is_read_by_itself_and_not_by_those_before_it() {
        assert!(readings(true, Trust::Objects, &["x%20y"]).is_decided());
        let alone = readings(true, Trust::Objects, &["a+b"]);
        assert_eq!(alone.forms("a+b"), ["a b", "a+b"]);
    }

    #[test]
    fn what_an_encoder_would_have_encoded_shows_that_nothing_was() {
        for raw in ["100%.bin", "sp ace", "é", "a%2", "100%zz", "tab\t"] {
            for encoded in [true, false] {
                for trust in [Trust::Objects, Trust::Uploads] {
                    let page = readings(encoded, trust, &[raw, "100%25.bin"]);
                    assert_eq!(page.likeliest(), Decoder::Verbatim, "{raw}");
                }
            }
        }
    }

    #[test]
    fn the_prefix_that_was_asked_for_rules_out_what_does_not_begin_with_it() {
        for (prefix, raw, encoded, is) in [
            ("100%", "100%25.bin", true, Decoder::PlusIsSpace),
            ("100%25", "100%25.bin", true, Decoder::Verbatim),
            ("100%.", "100%25.bin", false, Decoder::PlusIsSpace),
            ("a b", "a+b", true, Decoder::PlusIsSpace),
            ("a+b", "a+b%2F", true, Decoder::PlusIsPlus),
        ] {
            let page = Readings::of(encoded, Trust::Uploads, prefix, [raw].into_iter());
            assert_eq!(page.likeliest(), is, "{prefix} {raw}");
        }
    }

    #[test]
    fn of_uploads_no_word_of_the_server_is_believed() {
        let says = readings(true, Trust::Uploads, &["100%25.bin"]);
        assert_eq!(says.forms("100%25.bin"), ["100%.bin", "100%25.bin"]);
        let says_not = readings(false, Trust::Uploads, &["100%25.bin"]);
        assert_eq!(says_not.forms("100%25.bin"), ["100%25.bin", "100%.bin"]);
        assert!(says.agree_on("plain/key.bin") && !says.agree_on("plus+"));
    }

    #[test]
    fn control_characters_and_other_scripts_come_back_exactly() {
        assert_eq!(decode(&["%01%E2%82%AC%F0%9F%98%80%20"]), ["\u{1}€😀 "]);
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error_and_not_a_question_mark() {
        assert!(Decoder::PlusIsSpace.decode("a%FFb").is_err());
    }

    proptest! {
        /// For any server behaviour, the intended meaning is among the readings.
        #[test]
        fn what_the_server_means_is_never_ruled_out(
            keys in proptest::collection::vec("[a-c%+ é25/]{1,8}", 1..5),
            way in 0..4_u8,
            says in any::<bool>(),
            cut in 0..3_usize,
        ) {
            let write = |key: &String| match way {
                0 => key.clone(),
                1 => utf8_percent_encode(key, NON_ALPHANUMERIC).to_string().replace("%20", "+"),
                2 => utf8_percent_encode(key, NON_ALPHANUMERIC).to_string(),
                // A space as %20, and the plus sign unencoded.
                _ => utf8_percent_encode(key, NON_ALPHANUMERIC).to_string().replace("%2B", "+"),
            };
            let written: Vec<String> = keys.iter().map(write).collect();
            let prefix: String = keys[0].chars().take(cut).collect();
            if keys.iter().all(|key| key.starts_with(&prefix)) {
                let page = written.iter().map(String::as_str);
                let readings = Readings::of(says, Trust::Uploads, &prefix, page);
                for (key, raw) in keys.iter().zip(&written) {
                    prop_assert!(readings.forms(raw).contains(key), "{raw} of {key}: {readings:?}");
                }
            }
        }
    }
}
