//! Wildcards and policy variables in the texts of a policy.
//!
//! `*` matches any run of characters, including `/` and `:`; `?` matches exactly one. A variable such as
//! `${aws:username}` is replaced by the request's value, which never contains wildcards. `${*}`, `${?}` and `${$}` are
//! those characters themselves. Source: *IAM policy elements: Variables and tags*.

use std::collections::{HashSet, VecDeque};

use super::context::{Context, Found};

/// An element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`
    One,
    /// `*`
    Run,
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

/// Why a text of a policy cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The request has no value for a variable.
    Absent,
    /// The value is unknown, or the variable is not understood.
    Unknown,
}

impl Pattern {
    /// Compiles a text without variables: `$` has no meaning.
    #[must_use]
    pub(crate) fn new(text: &str) -> Self {
        Self(text.chars().map(wildcard).collect())
    }

    /// Compiles a text in which wildcards are ordinary characters.
    pub(super) fn literal(text: &str) -> Self {
        Self(text.chars().map(Token::Literal).collect())
    }

    /// Compiles a text with variables, whose values come from the request.
    pub(super) fn resolve(
        text: &str,
        context: &Context,
        has_wildcards: bool,
    ) -> Result<Self, Unresolved> {
        let plain = if has_wildcards {
            wildcard
        } else {
            Token::Literal
        };
        let mut tokens = Vec::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => tokens.extend(text.chars().map(plain)),
                Piece::Variable(name) => {
                    let value = value_of(name, context)?;
                    tokens.extend(value.chars().map(Token::Literal));
                }
            }
        }
        Ok(Self(tokens))
    }

    /// Whether it matches the whole text, with case.
    #[must_use]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        glob(&self.0, &text, |wanted, found| wanted == found)
    }

    /// Whether it matches the whole text, ignoring ASCII case. IAM compares action names this way.
    #[must_use]
    pub(crate) fn matches_ignoring_case(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        glob(&self.0, &text, |wanted, found| {
            wanted.eq_ignore_ascii_case(&found)
        })
    }

    /// The text itself if it has no wildcard.
    pub(super) fn as_literal(&self) -> Option<String> {
        self.0
            .iter()
            .map(|token| match token {
                Token::Literal(character) => Some(*character),
                Token::One | Token::Run => None,
            })
            .collect()
    }

    /// Whether it matches everything.
    pub(super) fn is_any(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|token| *token == Token::Run)
    }

    /// The six parts of an ARN; the last may contain colons. `None` if there are fewer.
    pub(super) fn arn_parts(&self) -> Option<Vec<Self>> {
        let parts: Vec<Self> = self
            .0
            .splitn(6, |token| *token == Token::Literal(':'))
            .map(|part| Self(part.to_vec()))
            .collect();
        (parts.len() == 6).then_some(parts)
    }

    /// A matching text: `*` becomes `run`, `?` becomes `one`.
    pub(super) fn example(&self, run: &str, one: char) -> String {
        let mut text = String::new();
        for token in &self.0 {
            match token {
                Token::Literal(character) => text.push(*character),
                Token::One => text.push(one),
                Token::Run => text.push_str(run),
            }
        }
        text
    }

    /// The shortest text that both match, with `one` for characters that both leave open. `None` if there is none.
    pub(super) fn common(&self, other: &Self, one: char) -> Option<String> {
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::from([((0_usize, 0_usize), String::new())]);
        while let Some(((a, b), text)) = waiting.pop_front() {
            if !seen.insert((a, b)) {
                continue;
            }
            let (first, second) = (self.0.get(a).copied(), other.0.get(b).copied());
            if first.is_none() && second.is_none() {
                return Some(text);
            }
            if first == Some(Token::Run) {
                waiting.push_back(((a + 1, b), text.clone()));
            }
            if second == Some(Token::Run) {
                waiting.push_back(((a, b + 1), text.clone()));
            }
            let (Some(first), Some(second)) = (first, second) else {
                continue;
            };
            let character = match (first, second) {
                (Token::Literal(x), Token::Literal(y)) if x != y => continue,
                (Token::Literal(x), _) | (_, Token::Literal(x)) => x,
                _ => one,
            };
            // Two runs need no character between them, because one of them can end first.
            if first == Token::Run && second == Token::Run {
                continue;
            }
            let next = (
                if first == Token::Run { a } else { a + 1 },
                if second == Token::Run { b } else { b + 1 },
            );
            waiting.push_back((next, format!("{text}{character}")));
        }
        None
    }
}

fn wildcard(character: char) -> Token {
    match character {
        '*' => Token::Run,
        '?' => Token::One,
        other => Token::Literal(other),
    }
}

/// Matches greedily and backtracks to the last `*`. It is linear in practice and at most quadratic; recursive matching
/// of `*a*a*a…` would be exponential.
fn glob(pattern: &[Token], text: &[char], same: impl Fn(char, char) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&character) = text.get(t) {
        let goes_on = match pattern.get(p) {
            Some(Token::Run) => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(&Token::Literal(wanted)) => same(wanted, character),
            None => false,
        };
        if goes_on {
            p += 1;
            t += 1;
        } else {
            let Some((after_star, from)) = retry else {
                return false;
            };
            retry = Some((after_star, from + 1));
            p = after_star;
            t = from + 1;
        }
    }
    pattern.iter().skip(p).all(|&rest| rest == Token::Run)
}

enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
}

/// Splits a text at its variables. A `${` without an end is plain text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        found.push(Piece::Text(before));
        found.push(Piece::Variable(name));
        rest = behind;
    }
    found.push(Piece::Text(rest));
    found
}

/// The condition keys of a text's variables, in lower case.
pub(super) fn variables(text: &str) -> Vec<String> {
    let named = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Variable("*" | "?" | "$") | Piece::Text(_) => None,
        Piece::Variable(name) => Some(name.split(',').next().unwrap_or(name)),
    });
    named.map(|name| name.trim().to_ascii_lowercase()).collect()
}

/// Resolves `${key}` or `${key, 'default value'}`.
fn value_of(variable: &str, context: &Context) -> Result<String, Unresolved> {
    if matches!(variable, "*" | "?" | "$") {
        return Ok(variable.to_owned());
    }
    let (key, default) = match variable.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim())),
        None => (variable.trim(), None),
    };
    let default = match default {
        None => None,
        Some(text) => Some(
            text.strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''))
                .ok_or(Unresolved::Unknown)?,
        ),
    };
    match context.get(key) {
        Found::Values([single]) => Ok(single.clone()),
        // A variable needs a single value, so a key with several cannot be used.
        Found::Values(_) | Found::Unknown => Err(Unresolved::Unknown),
        Found::Absent => default.map(str::to_owned).ok_or(Unresolved::Absent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_two_patterns_have_in_common_is_matched_by_both() {
        for (a, b, common) in [
            ("*", "*", Some("")),
            ("*.jpg", "open/*", Some("open/.jpg")),
            ("a?c", "*b*", Some("abc")),
            ("a*", "b*", None),
            ("a*b*", "*b", Some("ab")),
            ("?", "?", Some("~")),
            ("", "*", Some("")),
            ("", "?", None),
        ] {
            let (first, second) = (Pattern::new(a), Pattern::new(b));
            let found = first.common(&second, '~');
            assert_eq!(found.as_deref(), common, "{a} and {b}");
            if let Some(text) = found {
                assert!(first.matches(&text) && second.matches(&text), "{text}");
            }
        }
    }

    #[test]
    fn a_variable_stands_for_what_the_request_says_and_brings_no_wildcards() {
        let context = Context::new()
            .with("aws:username", "a*")
            .without("aws:userid");
        let resolve = |text: &str| Pattern::resolve(text, &context, true);
        let home = resolve("home/${aws:UserName}/?").unwrap();
        assert!(home.matches("home/a*/x"));
        assert!(!home.matches("home/ab/x"));
        assert!(resolve("${*}${?}${$}").unwrap().matches("*?$"));
        assert!(resolve("a${b").unwrap().matches("a${b"));
        let by_default = resolve("home/${aws:userid, 'nobody'}").unwrap();
        assert!(by_default.matches("home/nobody"));
        assert_eq!(resolve("${aws:userid}"), Err(Unresolved::Absent));
        assert_eq!(resolve("${moon:phase}"), Err(Unresolved::Unknown));
        assert_eq!(
            resolve("${aws:userid, nobody}"),
            Err(Unresolved::Unknown),
            "a default stands in quotation marks"
        );
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_answered_all_the_same() {
        let pattern = Pattern::new(&format!("{}b", "a*".repeat(100)));
        assert!(!pattern.matches(&"a".repeat(1024)));
    }
}
