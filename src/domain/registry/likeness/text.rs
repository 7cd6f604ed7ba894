//! Normalization of ids and keys: white space, case, composition, percent-encoding, look-alike characters.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

/// Removes white space at the start and end, case, composition, percent-encoding, invisible characters, and the
/// variants of dashes, quotation marks and digits. Texts that differ only in these have the same core.
///
/// Decoding comes first and is repeated, so that a doubly encoded id has the same core.
#[must_use]
pub fn core(id: &str) -> Cow<'_, str> {
    if is_core(id) {
        return Cow::Borrowed(id);
    }
    let mut text = id.to_owned();
    if id.is_ascii() && !id.contains(['%', '+']) {
        return Cow::Owned(folded(&plain(id)).trim().to_owned());
    }
    // Each round removes what the previous one exposed. Decoding and trimming make the text shorter; folding and
    // composing converge. The loop ends long before the bound, which guards against future versions of Unicode.
    for _ in 0..=id.len() {
        let next = plain(&folded(&plain(&decoded(&text))));
        let next = next.trim();
        if next == text {
            break;
        }
        next.clone_into(&mut text);
    }
    Cow::Owned(text)
}

/// Whether there is nothing to remove, which is the common case. It copies nothing.
fn is_core(id: &str) -> bool {
    id.bytes()
        .all(|byte| matches!(byte, b'!'..=b'~' | b' ') && !byte.is_ascii_uppercase())
        && !id.contains(['%', '+'])
        && !id.starts_with(' ')
        && !id.ends_with(' ')
        && !id.contains("  ")
}

/// Percent-decodes as in forms (`+` is a space). Returns the text itself if the result is not UTF-8.
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

/// Converts each character to upper case and then to lower case, so that `ß` and `SS`, or the three sigmas, become
/// equal anywhere in a word.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Unicode's compatibility form (NFKC), without invisible characters, and with one kind of dash, quotation mark, digit
/// and space.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    if text.is_ascii() {
        for c in text.chars() {
            push_plain(&mut plain, c);
        }
        return plain;
    }
    // Some signs decompose into a space and an accent, so they are replaced first.
    for c in text.chars().map(alike_sign).nfkc() {
        push_plain(&mut plain, alike_sign(c));
    }
    // Removing an invisible character may allow its neighbours to be composed.
    plain.nfkc().collect()
}

fn push_plain(plain: &mut String, c: char) {
    if c.is_whitespace() {
        if !plain.ends_with(' ') {
            plain.push(' ');
        }
    } else if !is_invisible(c) {
        plain.push(c);
    }
}

/// The ASCII sign for a variant of it from a word processor, a spreadsheet or another script.
fn alike_sign(c: char) -> char {
    match c {
        _ if c.is_ascii() => c,
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{30fb}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => '-',
        '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{b4}'
        | '\u{2b9}'
        | '\u{2bb}'..='\u{2bd}'
        | '\u{2c8}'
        | '\u{2ca}'
        | '\u{2cb}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{ff07}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' | '\u{ff02}' => '"',
        // The separators in Arabic numbers.
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        _ => digit(c).unwrap_or(c),
    }
}

/// The ASCII digit for a decimal digit of another script.
fn digit(c: char) -> Option<char> {
    /// The zeros; the other nine digits follow each of them. Full-width and mathematical digits have a compatibility
    /// form instead.
    const NOUGHTS: [u32; 36] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0x1e950,
    ];
    let code = u32::from(c);
    let nought = NOUGHTS
        .into_iter()
        .find(|nought| (*nought..nought + 10).contains(&code))?;
    char::from_digit(code - nought, 10)
}

/// Whether a character is invisible: a format character of Unicode, a variation selector or a control character. A tab
/// and a line break count as white space instead.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
