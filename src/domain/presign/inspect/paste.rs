//! Repairs a URL that was damaged by copying. Only certain repairs are made, and each is reported.

use percent_encoding::percent_decode_str;

use super::Flaw;

/// The repaired text, and the repairs.
pub(super) fn repaired(text: &str) -> (String, Vec<Flaw>) {
    let mut flaws = Vec::new();
    let quotes = |c: char| matches!(c, '"' | '\'' | '`' | '<' | '>' | '“' | '”' | '‘' | '’');
    let mut text = text.trim().trim_matches(quotes).trim().to_owned();
    if text.contains(|c: char| c.is_whitespace() || is_invisible(c)) {
        text.retain(|c| !c.is_whitespace() && !is_invisible(c));
        flaws.push(Flaw::doubtful(
            "blanks-inside",
            "blanks, line ends or invisible characters stood inside: it was broken when it was copied, and is read \
             without them",
        ));
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("https%3a") || lower.starts_with("http%3a") {
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        flaws.push(Flaw::doubtful(
            "encoded-whole",
            "all of it was percent-encoded, as a parameter of another URL is; it is read decoded",
        ));
    }
    if text.contains("&amp;") {
        text = text.replace("&amp;", "&");
        flaws.push(Flaw::doubtful(
            "html-escaped",
            "'&' stood as &amp; in it, copied from a page's source: sent like that it is refused; it is read with '&'",
        ));
    }
    if text.contains("\\u0026") {
        text = text.replace("\\u0026", "&");
        flaws.push(Flaw::doubtful(
            "json-escaped",
            "'&' stood as \\u0026 in it, copied from JSON: sent like that it is refused; it is read with '&'",
        ));
    }
    if text.contains("\\&") || text.contains("\\?") || text.contains("\\=") {
        text = text
            .replace("\\&", "&")
            .replace("\\?", "?")
            .replace("\\=", "=");
        flaws.push(Flaw::doubtful(
            "shell-escaped",
            "backslashes of a shell stood before its signs; it is read without them",
        ));
    }
    (text, flaws)
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}
