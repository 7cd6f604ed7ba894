//! What ids and keys have in common: white space, case, composition, percent-encoding.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

/// What is left of a text when white space at its ends, case, composition and percent-encoding are taken away. Two texts
/// that differ in these alone have the same core.
///
/// Decoding comes first and is repeated, so that an id that was encoded twice is still like itself.
#[must_use]
pub fn core(id: &str) -> Cow<'_, str> {
    if is_core(id) {
        return Cow::Borrowed(id);
    }
    let mut text = id.to_owned();
    // Each round undoes what the one before it brought to light. Decoding and trimming shorten the text, folding and
    // composing settle: it ends, and long before the bound, which is there for what Unicode may yet think of.
    for _ in 0..=id.len() {
        let next = folded(&decoded(&text).nfc().collect::<String>())
            .nfc()
            .collect::<String>();
        let next = next.trim();
        if next == text {
            break;
        }
        next.clone_into(&mut text);
    }
    Cow::Owned(text)
}

/// Whether nothing can be taken away: the common case, told without copying.
fn is_core(id: &str) -> bool {
    id.bytes()
        .all(|byte| matches!(byte, b'!'..=b'~' | b' ') && !byte.is_ascii_uppercase())
        && !id.contains(['%', '+'])
        && !id.starts_with(' ')
        && !id.ends_with(' ')
}

/// Percent-decoded as forms are, `+` being a space; as it is where that would not be UTF-8.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Cow::Owned(decoded.into_owned()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Capital letters made small by way of their capitals, character by character, so that `ß` and `SS`, or the three sigmas,
/// come out the same wherever they stand in a word.
pub(super) fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}
