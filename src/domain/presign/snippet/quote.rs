//! Quotes text as a literal of another language. Each literal is ASCII, on one line, and means exactly the text.

use std::fmt::Write as _;

/// A JavaScript string literal in double quotes, which is also safe inside a page's `<script>`.
#[must_use]
pub(crate) fn javascript(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            // `</script>` and `<!--` end a script, even inside a string.
            '<' | '>' => unit(&mut literal, c),
            ' '..='~' => literal.push(c),
            c => unit(&mut literal, c),
        }
    }
    literal.push('"');
    literal
}

fn unit(literal: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing to a string cannot fail.
        let _ = write!(literal, "\\u{unit:04x}");
    }
}

/// A Python string literal, in double quotes.
#[must_use]
pub(crate) fn python(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            ' '..='~' => literal.push(c),
            c => {
                let _ = match u32::from(c) {
                    code @ ..=0xffff => write!(literal, "\\u{code:04x}"),
                    code => write!(literal, "\\U{code:08x}"),
                };
            }
        }
    }
    literal.push('"');
    literal
}

/// The value of an HTML attribute, in double quotes.
///
/// HTML cannot represent a NUL, and maps references to the characters 128 to 159 to others, so those are not escaped. A
/// carriage return is a reference, because a parser would convert it to a line feed.
#[must_use]
pub(crate) fn attribute(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 2);
    value.push('"');
    for c in text.chars() {
        match c {
            '&' => value.push_str("&amp;"),
            '<' => value.push_str("&lt;"),
            '>' => value.push_str("&gt;"),
            '"' => value.push_str("&quot;"),
            '\'' => value.push_str("&#39;"),
            ' '..='~' | '\0' | '\u{7f}'..='\u{9f}' => value.push(c),
            c => {
                let _ = write!(value, "&#{};", u32::from(c));
            }
        }
    }
    value.push('"');
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text with many characters that end literals.
    fn hostile() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(vec![
            "\"",
            "'",
            "\\",
            "`",
            "${x}",
            "$(x)",
            "</script>",
            "<!--",
            "-->",
            "\n",
            "\r",
            "\u{2028}",
            "\0",
            "&quot;",
            "&#34;",
            "{x}",
            "%s",
            "\u{202e}",
            "é",
            "👩",
            "\u{85}",
            " ",
        ]);
        prop::collection::vec(
            prop_oneof![nasty.prop_map(str::to_owned), any::<String>()],
            0..6,
        )
        .prop_map(|pieces| pieces.concat())
    }

    /// The content of a literal, if it ends at the end of the text.
    fn inside(literal: &str) -> &str {
        let inside = literal
            .strip_prefix('"')
            .unwrap()
            .strip_suffix('"')
            .unwrap();
        let mut escaped = false;
        for c in inside.chars() {
            assert!(escaped || c != '"', "{literal} ends early");
            escaped = c == '\\' && !escaped;
        }
        assert!(!escaped, "{literal} does not end");
        inside
    }

    proptest! {
        #[test]
        fn a_javascript_literal_is_the_text_and_ends_no_script(text in hostile()) {
            let literal = javascript(&text);
            prop_assert!(literal.bytes().all(|b| matches!(b, b' '..=b'~')));
            prop_assert!(!inside(&literal).contains(['<', '>']));
            // The literal is also JSON, so a JSON parser gives its meaning.
            prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), text);
        }

        #[test]
        fn a_python_literal_is_the_text(text in hostile()) {
            let literal = python(&text);
            prop_assert!(literal.bytes().all(|b| matches!(b, b' '..=b'~')));
            let mut read = String::new();
            let mut chars = inside(&literal).chars();
            while let Some(c) = chars.next() {
                let digits = match c {
                    '\\' => match chars.next().unwrap() {
                        'u' => 4,
                        'U' => 8,
                        c => { read.push(c); continue; }
                    },
                    c => { read.push(c); continue; }
                };
                let hex: String = chars.by_ref().take(digits).collect();
                read.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
            }
            prop_assert_eq!(read, text);
        }

        #[test]
        fn an_attribute_is_the_text_and_ends_nothing(text in hostile()) {
            let value = attribute(&text);
            let inside = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            prop_assert!(!inside.contains(['"', '\'', '<', '>', '\r', '\n']));
            let mut read = String::new();
            let mut rest = inside;
            while let Some((before, after)) = rest.split_once('&') {
                read.push_str(before);
                let (name, after) = after.split_once(';').unwrap();
                read.push(match name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    number => char::from_u32(number.strip_prefix('#').unwrap().parse().unwrap()).unwrap(),
                });
                rest = after;
            }
            read.push_str(rest);
            prop_assert_eq!(read, text);
        }
    }
}
