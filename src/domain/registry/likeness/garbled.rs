//! Letters changed by programs: escapes of JSON and markup, a wrong encoding, letters replaced by `?`.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Undoes escapes, entities and a wrong encoding; `None` if there are none.
///
/// The result is an additional form and replaces none: a folder may really be called `\u00eb`.
pub(super) fn undone(text: &str) -> Option<String> {
    if is_plain(text) {
        return None;
    }
    let mut undone = text.to_owned();
    // Each round makes the text shorter.
    for _ in 0..text.len() {
        let steps = [escapes, entities, reencoded, quoted_printable, doubled];
        let mut next = steps.iter().filter_map(|step| step(&undone));
        let Some(next) = next.find(|next| next.len() < undone.len()) else {
            break;
        };
        undone = next;
    }
    (undone != text).then_some(undone)
}

fn is_plain(text: &str) -> bool {
    text.is_ascii() && !text.contains(['\\', '&', '=']) && !has_doubled(text)
}

fn has_doubled(text: &str) -> bool {
    text.contains("''") || text.contains("\"\"")
}

/// Undoes quotation marks that SQL and CSV double.
fn doubled(text: &str) -> Option<String> {
    has_doubled(text).then(|| text.replace("''", "'").replace("\"\"", "\""))
}

/// Decodes quoted-printable, the encoding of e-mail: `j=C3=BCrgen`, and `=` before a line break.
fn quoted_printable(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('=')?;
    let mut out = first.as_bytes().to_vec();
    for part in rest.split('=') {
        let line = part
            .strip_prefix("\r\n")
            .or_else(|| part.strip_prefix('\n'));
        if let Some(line) = line {
            out.extend(line.as_bytes());
            continue;
        }
        let digits = part.get(..2)?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend(part.get(2..)?.as_bytes());
    }
    String::from_utf8(out).ok()
}

/// The ASCII spellings of a text with other letters: without accents, as in `zoe`, or with a second letter, as in
/// `juergen`. Empty for ASCII.
pub(super) fn in_ascii(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return Vec::new();
    }
    let letters = |with_second: bool| -> String {
        let of = |c: char| -> String {
            match (c, with_second) {
                ('ä', true) | ('æ', _) => "ae".to_owned(),
                ('ö' | 'ø', true) | ('œ', _) => "oe".to_owned(),
                ('ü', true) => "ue".to_owned(),
                ('å', true) => "aa".to_owned(),
                ('ß', _) => "ss".to_owned(),
                ('ø', _) => "o".to_owned(),
                ('ł', _) => "l".to_owned(),
                ('đ' | 'ð', _) => "d".to_owned(),
                ('þ', _) => "th".to_owned(),
                ('ı', _) => "i".to_owned(),
                _ => std::iter::once(c)
                    .nfd()
                    .filter(|c| !is_combining_mark(*c))
                    .collect(),
            }
        };
        text.nfc().map(of).collect()
    };
    let (bare, seconded) = (letters(false), letters(true));
    let mut found = vec![bare];
    if !found.contains(&seconded) {
        found.push(seconded);
    }
    found.retain(|form| form != text);
    found
}

/// The text without its letters beyond ASCII; `None` if too little remains to compare.
pub(super) fn dropped(text: &str) -> Option<String> {
    const LEAST: usize = 3;
    let left: String = text.nfc().filter(char::is_ascii).collect();
    let is_telling = left.bytes().filter(u8::is_ascii_alphanumeric).count() >= LEAST;
    (is_telling && left.len() < text.len()).then_some(left)
}

/// Undoes `\u00eb`, `\u{eb}`, `\xeb`, `\'`, `\"`, `\/`, `\\`.
fn escapes(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut high: Option<u32> = None;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at)?;
        if !before.is_empty() {
            high = None;
        }
        out.extend(before.as_bytes());
        let escape = escape.get(1..)?;
        if let Some((code, length)) = code_of(escape) {
            let code = match high.take() {
                Some(high) if (0xdc00..0xe000).contains(&code) => {
                    0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00)
                }
                _ => code,
            };
            if (0xd800..0xdc00).contains(&code) {
                high = Some(code);
            } else {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            rest = escape.get(length..)?;
        } else if let Some((byte, length)) = byte_of(escape) {
            out.push(byte);
            rest = escape.get(length..)?;
        } else if escape.starts_with(['\'', '"', '/', '\\']) {
            out.extend(escape.as_bytes().first());
            rest = escape.get(1..)?;
        } else {
            out.push(b'\\');
            rest = escape;
        }
    }
    out.extend(rest.as_bytes());
    let text = match String::from_utf8(out) {
        Ok(text) => text,
        // Bytes that are not UTF-8 are taken as Latin-1.
        Err(error) => latin(error.as_bytes()),
    };
    Some(text)
}

/// Decodes bytes as UTF-8 or else as Latin-1.
fn latin(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|&byte| char::from(byte)));
        text
    })
}

/// The code point after `\` and the length of its notation: `u00eb`, `u{eb}`, `U000000eb`.
fn code_of(escape: &str) -> Option<(u32, usize)> {
    if let Some(rest) = escape.strip_prefix("u{") {
        let (digits, _) = rest.split_once('}')?;
        let code = u32::from_str_radix(digits, 16).ok()?;
        return Some((code, digits.len() + 3));
    }
    let length = match escape.as_bytes().first()? {
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let digits = escape.get(1..=length)?;
    Some((u32::from_str_radix(digits, 16).ok()?, length + 1))
}

fn byte_of(escape: &str) -> Option<(u8, usize)> {
    let digits = escape.strip_prefix('x')?.get(..2)?;
    Some((u8::from_str_radix(digits, 16).ok()?, 3))
}

/// Undoes `&euml;`, `&#235;`, `&#xeb;`, `&amp;`.
fn entities(text: &str) -> Option<String> {
    if !text.contains('&') || !text.contains(';') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after
            .split_once(';')
            .and_then(|(name, rest)| Some((entity(name)?, rest)));
        if let Some((letter, behind)) = entity {
            let _ = write!(out, "{letter}");
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Some(out)
}

fn entity(name: &str) -> Option<String> {
    if let Some(code) = name.strip_prefix('#') {
        let code = match code.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => code.parse().ok()?,
        };
        return char::from_u32(code).map(String::from);
    }
    let sign = match name {
        "amp" | "AMP" => "&",
        "lt" | "LT" => "<",
        "gt" | "GT" => ">",
        "quot" | "QUOT" | "ldquo" | "rdquo" => "\"",
        "apos" | "lsquo" | "rsquo" => "'",
        "nbsp" | "ensp" | "emsp" | "thinsp" => " ",
        "shy" | "zwnj" | "zwj" | "lrm" | "rlm" => "",
        "ndash" | "mdash" | "hyphen" | "dash" => "-",
        "szlig" => "ß",
        "aelig" => "æ",
        "AElig" => "Æ",
        "oelig" => "œ",
        "OElig" => "Œ",
        "oslash" => "ø",
        "Oslash" => "Ø",
        "lstrok" => "ł",
        "Lstrok" => "Ł",
        "eth" => "ð",
        "ETH" => "Ð",
        "thorn" => "þ",
        "THORN" => "Þ",
        "commat" => "@",
        "lowbar" => "_",
        "sol" => "/",
        "colon" => ":",
        "num" => "#",
        "vert" | "verbar" => "|",
        "comma" => ",",
        "period" => ".",
        _ => "?",
    };
    if sign != "?" {
        return Some(sign.to_owned());
    }
    // The names of accented letters consist of the letter and the accent.
    let mut letters = name.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    let mark = match letters.as_str() {
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "circ" => '\u{302}',
        "tilde" => '\u{303}',
        "macr" => '\u{304}',
        "breve" => '\u{306}',
        "dot" => '\u{307}',
        "uml" => '\u{308}',
        "ring" => '\u{30a}',
        "dblac" => '\u{30b}',
        "caron" => '\u{30c}',
        "cedil" => '\u{327}',
        "ogon" => '\u{328}',
        _ => return None,
    };
    Some([letter, mark].into_iter().nfc().collect())
}

/// Repairs UTF-8 that was decoded as Windows-1252 or Latin-1 and encoded again: `zoÃ«` for `zoë`.
fn reencoded(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.nfc().map(byte_of_windows).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()
}

/// The byte of this character in Windows-1252, or else in Latin-1.
fn byte_of_windows(c: char) -> Option<u8> {
    const HIGH: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8a),
        ('‹', 0x8b),
        ('Œ', 0x8c),
        ('Ž', 0x8e),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9a),
        ('›', 0x9b),
        ('œ', 0x9c),
        ('ž', 0x9e),
        ('Ÿ', 0x9f),
    ];
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    HIGH.iter()
        .find(|(sign, _)| *sign == c)
        .map(|(_, byte)| *byte)
}

/// Whether letters of this text may have been lost, because it contains a replacement sign.
pub(super) fn has_lost(text: &str) -> bool {
    text.contains(['?', char::REPLACEMENT_CHARACTER])
}

/// The text with one U+FFFD for every run of characters that a program may replace by `?`.
pub(super) fn skeleton(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let letters = text.trim().trim_matches(['"', '\'']).nfc();
    for c in letters.flat_map(char::to_lowercase) {
        if c.is_ascii() && c != '?' {
            left.push(c);
        } else if !left.ends_with(char::REPLACEMENT_CHARACTER) {
            left.push(char::REPLACEMENT_CHARACTER);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_entities_and_wrong_encodings_are_undone() {
        for (garbled, text) in [
            ("zo\\u00eb", "zoë"),
            ("zo\\u{eb}", "zoë"),
            ("zo\\xeb", "zoë"),
            ("zo\\xc3\\xab", "zoë"),
            ("\\ud83d\\ude00", "😀"),
            ("o\\'hara", "o'hara"),
            ("users\\/7", "users/7"),
            ("zo&euml;", "zoë"),
            ("zo&#235;", "zoë"),
            ("zo&#xEB;", "zoë"),
            ("zo&amp;euml;", "zoë"),
            ("o&#39;neil", "o'neil"),
            ("o''neil", "o'neil"),
            ("a \"\"b\"\"", "a \"b\""),
            ("j=C3=BCrgen", "jürgen"),
            ("a=3Db", "a=b"),
            ("averylong=\nname", "averylongname"),
            ("zoÃ«", "zoë"),
            ("zoÃƒÂ«", "zoë"),
            ("Å\u{81}ukasz", "Łukasz"),
            ("æ—¥æœ¬", "日本"),
        ] {
            assert_eq!(undone(garbled).as_deref(), Some(text), "{garbled}");
        }
        for whole in [
            "zoë", "a&b", "a\\b", "日本", "ã", "a;&b;", "a=b", "a=fc", "=", "",
        ] {
            assert_eq!(undone(whole), None, "{whole}");
        }
    }

    #[test]
    fn letters_beyond_ascii_are_written_in_ascii_in_several_ways() {
        assert_eq!(in_ascii("jürgen"), ["jurgen", "juergen"]);
        assert_eq!(in_ascii("zoë"), ["zoe"]);
        assert_eq!(in_ascii("straße"), ["strasse"]);
        assert!(in_ascii("日本").is_empty() && in_ascii("ada").is_empty());
        assert_eq!(dropped("jürgen").as_deref(), Some("jrgen"));
        assert_eq!(dropped("日本7"), None);
        assert_eq!(dropped("ada"), None);
    }

    #[test]
    fn a_lost_letter_leaves_the_others_in_their_places() {
        assert_eq!(skeleton("Zoë"), skeleton("zo?"));
        assert_eq!(skeleton("zo\u{fffd}\u{fffd}"), skeleton("zoë"));
        assert_ne!(skeleton("zoë"), skeleton("zo"));
    }
}
