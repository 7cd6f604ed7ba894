//! Detects damage in a list: text that no id contains, in any format.
//!
//! Such an id shows that the list was truncated, concatenated or encoded wrongly, so its other rows may be damaged,
//! too.

use super::Subject;

/// The kind of damage in an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Damage {
    /// Characters that only damage leaves: U+FFFD for lost letters, a byte order mark inside the text, control
    /// characters.
    Characters,
    /// Markup around an id.
    Markup,
    /// A placeholder instead of an id: an empty value, a spreadsheet error, an ellipsis. The row may have named
    /// anybody.
    Placeholder,
    /// An error message or a page instead of rows. The lost rows may have named anybody.
    Message,
}

impl Damage {
    /// A clause about the id.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Characters => "it has characters that only damage leaves",
            Self::Markup => "it has markup around it",
            Self::Placeholder => "it stands for a missing value",
            Self::Message => "it is a message and no id",
        }
    }
}

/// The damage in an id or key; `None` if there is none.
pub(super) fn of(id: &str, subject: Subject) -> Option<Damage> {
    if is_no_value(id) || is_remark(id) || subject == Subject::Owners && is_cut_by_mail(id) {
        return Some(Damage::Placeholder);
    }
    let is_usual = |byte: u8| matches!(byte, b'!'..=b'~') && !matches!(byte, b'<' | b'{');
    if id.bytes().all(is_usual) {
        return None;
    }
    if let Some(damage) = markup(id) {
        return Some(damage);
    }
    if is_message(id) {
        return Some(Damage::Message);
    }
    let is_damaged = match subject {
        Subject::Owners => id.contains(is_foreign),
        Subject::Keys => id.starts_with('\u{feff}') || id.contains(is_foreign_in_keys),
    };
    is_damaged.then_some(Damage::Characters)
}

/// Whether only damage leaves this character in a key. S3 allows control characters and combining marks in keys, but
/// not what a terminal or a lost encoding leaves.
fn is_foreign_in_keys(c: char) -> bool {
    matches!(
        c,
        char::REPLACEMENT_CHARACTER | '\0' | '\u{1b}' | '\u{9b}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// Whether a text means "no value" in some program.
pub(super) fn is_no_value(text: &str) -> bool {
    /// Nan is a name; `NaN` is not.
    const WORDS: [&str; 24] = [
        "NULL",
        "Null",
        "null",
        "<null>",
        "<NULL>",
        "(null)",
        "(NULL)",
        "[NULL]",
        "[null]",
        "\\N",
        "None",
        "none",
        "NONE",
        "nil",
        "<nil>",
        "NIL",
        "undefined",
        "NaN",
        "nan",
        "NAN",
        "N/A",
        "n/a",
        "{}",
        "[]",
    ];
    text.len() <= 11 && WORDS.contains(&text.trim())
}

/// Whether a text is what programs write instead of ids, or after them: a spreadsheet error, `[object Object]`, an
/// ellipsis, a row count.
pub(super) fn is_remark(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "#ref!",
        "#n/a",
        "#name?",
        "#value!",
        "#div/0!",
        "#num!",
        "#null!",
        "#spill!",
        "#calc!",
        "#field!",
        "#error!",
        "[object object]",
        "[truncated]",
        "(truncated)",
        "<truncated>",
        "[...]",
        "--more--",
        "-- more --",
        "(end)",
        "[object]",
    ];
    const LONGEST: usize = 64;
    let starts =
        |c: char| matches!(c, '#' | '[' | '(' | '<' | '.' | '-' | '…' | 'K') || c.is_ascii_digit();
    if text.len() > LONGEST || !text.trim_start().starts_with(starts) {
        return false;
    }
    let text = text.trim();
    let is_run = |of: char| text.chars().count() >= 3 && text.chars().all(|c| c == of);
    text == "Killed"
        || text == "…"
        || is_run('#')
        || is_run('.')
        || WORDS.contains(&text.to_ascii_lowercase().as_str())
        || is_count(text)
}

/// Whether a mail program broke the line here: quoted-printable marks the break by `=`. Padding of base64 is none.
fn is_cut_by_mail(id: &str) -> bool {
    let is_base64 =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    id.ends_with('=') && !(id.len().is_multiple_of(4) && id.bytes().all(is_base64))
}

/// `(3 rows)`, `3 rows in set (0.01 sec)`, `(1 row affected)`.
fn is_count(text: &str) -> bool {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let mut words = inner.unwrap_or(text).split(' ');
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    words.next().is_some_and(is_number)
        && matches!(words.next(), Some("row" | "rows"))
        && (inner.is_some() || words.next() == Some("in"))
}

/// Whether only damage leaves this character. A key may contain a tab, and a CSV field a line break.
fn is_foreign(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
        || matches!(
            c,
            char::REPLACEMENT_CHARACTER | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Removes terminal colours and control characters, if there are any. U+FFFD stays, because it may replace characters
/// of the id.
pub(super) fn undone(text: &str) -> Option<String> {
    if !text.contains(is_foreign) {
        return None;
    }
    let is_other = |c: char| is_foreign(c) && c != char::REPLACEMENT_CHARACTER;
    let mut undone = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            // An escape sequence of a terminal: `ESC [ 3 2 m`.
            '\u{1b}' => {
                if rest.as_str().starts_with('[') {
                    rest.next();
                    rest.by_ref().find(|c| matches!(c, '@'..='~'));
                }
            }
            '\u{9b}' => {
                rest.by_ref().find(|c| matches!(c, '@'..='~'));
            }
            _ if is_other(c) => {}
            _ => undone.push(c),
        }
    }
    Some(undone)
}

/// Whether damage has left nothing that identifies an id.
pub(super) fn is_lost(text: &str) -> bool {
    let is_left = |c: char| !c.is_whitespace() && c != char::REPLACEMENT_CHARACTER;
    undone(text).is_some_and(|undone| !undone.contains(is_left))
}

/// Matches `<id>ada</id>`, `<html>`, `</users>`.
fn markup(id: &str) -> Option<Damage> {
    /// Element names of pages and error messages.
    const PAGE: [&str; 18] = [
        "html", "head", "body", "title", "h1", "h2", "h3", "p", "pre", "center", "hr", "br", "div",
        "span", "error", "message", "code", "meta",
    ];
    let inner = id.trim().strip_prefix('<')?;
    let is_tag =
        inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    let (tag, rest) = inner.split_once('>').filter(|_| is_tag)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let name: String = tag.chars().take_while(|c| is_name(*c)).collect();
    let name = name.to_ascii_lowercase();
    // An e-mail address in angle brackets is an id.
    if rest.is_empty() && tag.contains('@') {
        return None;
    }
    let is_page = name.is_empty() || PAGE.contains(&name.as_str());
    let text = rest.split('<').next().unwrap_or_default();
    let is_element = !text.trim().is_empty() && rest.matches('<').count() == 1;
    let is_word = rest.is_empty() && !name.is_empty() && name.len() == tag.len();
    if !is_page && (is_element || is_word) {
        Some(Damage::Markup)
    } else {
        Some(Damage::Message)
    }
}

/// Whether a text is an error message of a program. Keys may contain such words, so texts that are paths are not
/// messages.
fn is_message(id: &str) -> bool {
    /// The starts of such messages.
    const BEGINNINGS: [&str; 27] = [
        "error",
        "fatal",
        "panic",
        "warning",
        "notice",
        "exception",
        "traceback",
        "usage:",
        "failed",
        "failure",
        "cannot ",
        "can't ",
        "could not ",
        "couldn't ",
        "unable to ",
        "an error ",
        "access denied",
        "permission denied",
        "unknown ",
        "no such ",
        "query ok",
        "curl:",
        "psql:",
        "mysql:",
        "bash:",
        "sh:",
        "aws:",
    ];
    /// Texts anywhere in such messages.
    const WITHIN: [&str; 27] = [
        "error:",
        ": error ",
        "lost connection",
        "error (",
        "exception:",
        " does not exist",
        " doesn't exist",
        " not found",
        "access denied",
        "permission denied",
        "connection refused",
        "connection reset",
        " timed out",
        "time-out",
        "bad gateway",
        "internal server error",
        "service unavailable",
        "gateway timeout",
        "too many requests",
        "403 forbidden",
        "401 unauthorized",
        "no such file",
        "syntax error",
        "authentication failed",
        "broken pipe",
        "out of memory",
        "server closed the connection",
    ];
    let text = id.trim_start_matches(['(', '[', '*', ' ']);
    let text = text.to_ascii_lowercase();
    if text.starts_with('{') {
        return text.contains("\"error") || text.contains("\"__type\"");
    }
    if !text.contains(' ') || text.contains('/') && !text.contains(": ") {
        return false;
    }
    let begins = BEGINNINGS.iter().any(|word| {
        let rest = text.strip_prefix(word);
        rest.is_some_and(|rest| {
            word.ends_with([' ', ':']) || rest.starts_with([' ', ':', '(', '[', ','])
        })
    });
    begins || WITHIN.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_damage_put_into_a_text_is_taken_away() {
        for (damaged, left) in [
            ("\u{1b}[32mada\u{1b}[0m", "ada"),
            ("\u{1b}[1;31ma\u{1b}[Kda", "ada"),
            ("\u{9b}32mada", "ada"),
            ("\u{8}a\u{0}da\u{7}", "ada"),
            ("a\u{feff}da\u{fffd}", "ada\u{fffd}"),
            ("\u{1b}[32", ""),
        ] {
            assert_eq!(undone(damaged).as_deref(), Some(left), "{damaged:?}");
            assert_eq!(is_lost(damaged), left.is_empty(), "{damaged:?}");
        }
        assert!(is_lost("\u{fffd} \u{fffd}"));
        assert_eq!(undone("ada\t[32m"), None);
        assert!(!is_lost("ada") && !is_lost(""));
    }

    #[test]
    fn a_message_markup_and_damaged_letters_are_told_from_ids() {
        for message in [
            "<html><body>502 Bad Gateway</body></html>",
            "<h1>502 Bad Gateway</h1>",
            "<?xml version=\"1.0\"?>",
            "<Error><Code>AccessDenied</Code></Error>",
            "ERROR:  relation \"users\" does not exist",
            "psql: error: connection to server failed",
            "bash: psql: command not found",
            "An error occurred (AccessDenied) when calling the Scan operation",
            "curl: (7) Failed to connect",
            "Traceback (most recent call last):",
            "{\"error\":\"forbidden\"}",
            "504 Gateway Timeout",
        ] {
            assert_eq!(
                of(message, Subject::Owners),
                Some(Damage::Message),
                "{message}"
            );
        }
        for markup in ["<id>ada</id>", "<user>7</user>", "<ada>"] {
            assert_eq!(
                of(markup, Subject::Owners),
                Some(Damage::Markup),
                "{markup}"
            );
        }
        for placeholder in [
            "#REF!",
            "#N/A",
            "#NAME?",
            "########",
            "NULL",
            "\\N",
            "<null>",
            "(null)",
            "None",
            "undefined",
            "[object Object]",
            "nan",
            "{}",
            "[]",
            "...",
            "…",
            "[truncated]",
            "--More--",
            "(3 rows)",
            "(1 row)",
            "12 rows in set (0.00 sec)",
            "Killed",
            " NULL ",
        ] {
            assert_eq!(
                of(placeholder, Subject::Owners),
                Some(Damage::Placeholder),
                "{placeholder}"
            );
        }
        for damaged in ["zo\u{fffd}", "\u{feff}ada", "a\u{1}b", "a\u{9d}b"] {
            assert_eq!(
                of(damaged, Subject::Owners),
                Some(Damage::Characters),
                "{damaged:?}"
            );
        }
        for id in [
            "ada",
            "Ada Lovelace",
            "error-7",
            "errors",
            "Nan",
            "nullable",
            "#1",
            "#ada",
            "##",
            "3 rows",
            "a...",
            "(3)",
            "killed",
            "<ada@example.org>",
            "zoë",
            "\tu",
            "users/7/error log.txt",
            "Erroll Flynn",
            "{7c9e6679-7425-40de-944b-e07fc1f90ae7}",
            "O'Hara, Scarlett",
        ] {
            assert_eq!(of(id, Subject::Owners), None, "{id}");
        }
    }

    #[test]
    fn a_key_holds_control_characters_and_nothing_that_a_terminal_left() {
        for damaged in ["k\u{fffd}", "\u{feff}k", "k\0", "\u{1b}[32mk\u{1b}[0m"] {
            assert_eq!(
                of(damaged, Subject::Keys),
                Some(Damage::Characters),
                "{damaged:?}"
            );
        }
        for key in [
            "bell\u{1}.bin",
            "mark\u{feff}\u{200b}.txt",
            "tab\there",
            "two\nlines",
        ] {
            assert_eq!(of(key, Subject::Keys), None, "{key:?}");
        }
    }
}
