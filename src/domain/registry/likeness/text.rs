//! What ids and keys have in common: white space, case, composition, percent-encoding, signs that look the same.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

/// What is left of a text when white space at its ends, case, composition, percent-encoding, characters that cannot be
/// seen and the many ways to write a dash, a quotation mark or a digit are taken away. Two texts that differ in these
/// alone have the same core.
///
/// Decoding comes first and is repeated, so that an id that was encoded twice is still like itself.
#[must_use]
pub fn core(id: &str) -> Cow<'_, str> {
    if is_core(id) {
        return Cow::Borrowed(id);
    }
    let mut text = id.to_owned();
    if id.is_ascii() && !id.contains(['%', '+']) {
        return Cow::Owned(folded(&plain(id)).trim().to_owned());
    }
    // Each round undoes what the one before it brought to light. Decoding and trimming shorten the text, folding and
    // composing settle: it ends, and long before the bound, which is there for what Unicode may yet think of.
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

/// Whether nothing can be taken away: the common case, told without copying.
fn is_core(id: &str) -> bool {
    id.bytes()
        .all(|byte| matches!(byte, b'!'..=b'~' | b' ') && !byte.is_ascii_uppercase())
        && !id.contains(['%', '+'])
        && !id.starts_with(' ')
        && !id.ends_with(' ')
        && !id.contains("  ")
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
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Unicode's compatibility form, without characters that cannot be seen; one dash, one quotation mark, one kind of digit,
/// one blank.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    if text.is_ascii() {
        for c in text.chars() {
            push_plain(&mut plain, c);
        }
        return plain;
    }
    // Some signs decompose into a blank and an accent: they are taken first.
    for c in text.chars().map(alike_sign).nfkc() {
        push_plain(&mut plain, alike_sign(c));
    }
    // What stood around an invisible character may now be composed.
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

/// The sign of ASCII that a word processor, a spreadsheet or another script writes in another way.
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
        // The signs in Arabic numbers.
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        _ => digit(c).unwrap_or(c),
    }
}

/// The digit of ASCII for a decimal digit of another script.
fn digit(c: char) -> Option<char> {
    /// The noughts; the other nine digits follow each of them. Full-width and mathematical digits have a compatibility
    /// form.
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

/// Whether a character cannot be seen: Unicode's format characters, selectors of variants and controls. A tab and a line
/// end are white space and no such character.
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
