//! String literals of Rust source, without those of items that are compiled for tests only.

use crate::Text;

const FOR_TESTS: &str = "#[cfg(test)]";

/// Where an item that is for tests only ends.
#[derive(Clone, Copy, PartialEq)]
enum Skipping {
    No,
    /// At a `;` outside of braces, or at the brace that closes the last of so many.
    Until {
        open: usize,
    },
}

pub(crate) fn in_source(source: &str) -> Vec<Text> {
    let characters: Vec<char> = source.chars().collect();
    let begins = |at: usize, what: &str| {
        what.chars()
            .enumerate()
            .all(|(i, c)| characters.get(at + i) == Some(&c))
    };
    let mut texts = Vec::new();
    let mut skipping = Skipping::No;
    let (mut at, mut line) = (0, 1);
    while let Some(&character) = characters.get(at) {
        let start = at;
        if begins(at, "//") {
            while characters.get(at).is_some_and(|c| *c != '\n') {
                at += 1;
            }
        } else if begins(at, "/*") {
            at += 2;
            while at < characters.len() && !begins(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if begins(at, FOR_TESTS) {
            skipping = Skipping::Until { open: 0 };
            at += FOR_TESTS.len();
        } else if character == '\'' {
            at = after_quote(&characters, at);
        } else if let Some((text, end)) = literal(&characters, at) {
            if skipping == Skipping::No {
                texts.push(Text { line, text });
            }
            at = end;
        } else {
            skipping = match (skipping, character) {
                (Skipping::Until { open }, '{') => Skipping::Until { open: open + 1 },
                (Skipping::Until { open: 0 }, ';') | (Skipping::Until { open: 0 | 1 }, '}') => {
                    Skipping::No
                }
                (Skipping::Until { open }, '}') => Skipping::Until { open: open - 1 },
                (same, _) => same,
            };
            at += 1;
        }
        line += characters[start..at.min(characters.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
    }
    texts
}

/// Past a character literal, or past the quote of a lifetime.
fn after_quote(characters: &[char], at: usize) -> usize {
    match (characters.get(at + 1), characters.get(at + 2)) {
        (Some('\\'), _) => {
            let mut end = at + 3;
            while characters.get(end).is_some_and(|c| *c != '\'') {
                end += 1;
            }
            end + 1
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

/// The text of the string literal that begins here, and where it ends.
fn literal(characters: &[char], at: usize) -> Option<(String, usize)> {
    let is_in_a_word =
        at > 0 && (characters[at - 1].is_alphanumeric() || characters[at - 1] == '_');
    if characters[at] == 'r' && (!is_in_a_word || characters[at - 1] == 'b') {
        let hashes = characters[at + 1..]
            .iter()
            .take_while(|c| **c == '#')
            .count();
        let begin = at + 1 + hashes;
        if characters.get(begin) == Some(&'"') {
            let mut end = begin + 1;
            while end < characters.len() {
                let closes = characters[end] == '"'
                    && characters[end + 1..]
                        .iter()
                        .take_while(|c| **c == '#')
                        .count()
                        >= hashes;
                if closes {
                    break;
                }
                end += 1;
            }
            let text = characters[begin + 1..end].iter().collect();
            return Some((text, end + 1 + hashes));
        }
    }
    if characters[at] != '"' {
        return None;
    }
    let mut text = String::new();
    let mut end = at + 1;
    while let Some(&character) = characters.get(end) {
        match (character, characters.get(end + 1)) {
            ('"', _) => break,
            // A line that goes on: its break stays here, so that lines can be counted, and reads as a blank.
            ('\\', Some('n' | '\n')) => {
                text.push('\n');
                end += 2;
            }
            ('\\', Some(escaped)) => {
                text.push(*escaped);
                end += 2;
            }
            _ => {
                text.push(character);
                end += 1;
            }
        }
    }
    Some((text, end + 1))
}

#[test]
fn literals_of_every_form_are_found_and_those_for_tests_are_not() {
    let source = r##"
// "a comment"
const A: &str = "one \"two\" \
    three";
/* "another comment" */
fn b<'a>(x: &'a str) -> char { call('"', '\'', "four"); r#"five "six" "#; b"seven" }
#[cfg(test)]
mod tests;
const C: &str = "eight";
#[cfg(test)]
mod inner { fn d() { if true { "nine" } } const E: &str = "ten"; }
const F: &str = "eleven";
"##;
    let found: Vec<(usize, String)> = in_source(source)
        .into_iter()
        .map(|text| {
            (
                text.line,
                text.text.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        })
        .collect();
    let expected = [
        (3, "one \"two\" three"),
        (6, "four"),
        (6, "five \"six\""),
        (6, "seven"),
        (9, "eight"),
        (12, "eleven"),
    ];
    let expected: Vec<(usize, String)> =
        expected.map(|(line, text)| (line, text.to_owned())).into();
    assert_eq!(found, expected);
}
