//! Accepts only a single SELECT.
//!
//! This is not the only protection: the database is also opened read-only. But blueprints are shared, and must not
//! contain other statements.

use std::iter::Peekable;
use std::str::CharIndices;

/// The query without trailing text, if it is a single SELECT (or WITH … SELECT).
///
/// # Errors
/// What it is instead.
pub(super) fn single_select(query: &str) -> Result<&str, &'static str> {
    let mut first = None;
    let mut end = None;
    for token in Tokens::of(query) {
        match token {
            Token::End(at) => end = end.or(Some(at)),
            _ if end.is_some() => return Err("the query holds more than one statement"),
            Token::Open => {
                return Err("in the query a quotation mark or a comment is never closed");
            }
            Token::Word(word) => first = first.or(Some(word)),
            Token::Other => first = first.or(Some("")),
        }
    }
    match first {
        Some(word) if word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("with") => {
            Ok(end.and_then(|end| query.get(..end)).unwrap_or(query))
        }
        Some(_) => Err("the query does not begin with SELECT or WITH"),
        None => Err("the query is empty"),
    }
}

enum Token<'q> {
    /// A word outside of quotation marks.
    Word(&'q str),
    /// Quoted text, or a sign.
    Other,
    /// A semicolon and its position.
    End(usize),
    /// Something is never closed.
    Open,
}

/// The tokens of a query, without white space and comments.
struct Tokens<'q> {
    query: &'q str,
    chars: Peekable<CharIndices<'q>>,
}

impl<'q> Tokens<'q> {
    fn of(query: &'q str) -> Self {
        Self {
            query,
            chars: query.char_indices().peekable(),
        }
    }

    fn rest(&mut self) -> &'q str {
        let at = self.chars.peek().map_or(self.query.len(), |(at, _)| *at);
        self.query.get(at..).unwrap_or_default()
    }

    /// Skips to the end of this text; returns whether it was found.
    fn past(&mut self, text: &str) -> bool {
        let Some(at) = self.rest().find(text) else {
            self.chars.by_ref().for_each(drop);
            return false;
        };
        let rest = self.rest();
        let passed = rest.get(..at + text.len()).unwrap_or_default();
        for _ in passed.chars() {
            self.chars.next();
        }
        true
    }

    /// A dollar quotation of PostgreSQL: `$$…$$` or `$tag$…$tag$`, after its first `$`.
    fn dollar_tag(&mut self) -> Option<String> {
        let (tag, _) = self.rest().split_once('$')?;
        let is_tag = !tag.starts_with(|c: char| c.is_ascii_digit())
            && tag.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_tag.then(|| format!("${tag}$"))
    }
}

impl<'q> Iterator for Tokens<'q> {
    type Item = Token<'q>;

    fn next(&mut self) -> Option<Token<'q>> {
        loop {
            let rest = self.rest();
            let (at, c) = self.chars.next()?;
            let closed = match c {
                c if c.is_whitespace() => continue,
                '-' if rest.starts_with("--") => {
                    self.past("\n");
                    continue;
                }
                '/' if rest.starts_with("/*") => {
                    self.chars.next();
                    if self.past("*/") {
                        continue;
                    }
                    false
                }
                ';' => return Some(Token::End(at)),
                // A doubled quotation mark closes one quotation and opens another, with the same result.
                '\'' | '"' | '`' => self.past(c.encode_utf8(&mut [0; 4])),
                '$' => match self.dollar_tag() {
                    Some(tag) => self.past(tag.trim_start_matches('$')) && self.past(&tag),
                    None => true,
                },
                c if c.is_alphabetic() || c == '_' => {
                    let mut end = at + c.len_utf8();
                    while let Some((at, c)) = self
                        .chars
                        .next_if(|(_, c)| c.is_alphanumeric() || *c == '_')
                    {
                        end = at + c.len_utf8();
                    }
                    return Some(Token::Word(self.query.get(at..end).unwrap_or_default()));
                }
                _ => true,
            };
            return Some(if closed { Token::Other } else { Token::Open });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_select_passes_whatever_stands_in_its_quotation_marks() {
        for query in [
            "SELECT id FROM users",
            "select id from users where name <> 'a;b' and note <> 'it''s; fine'",
            "-- who is alive\nWITH a AS (SELECT 1) SELECT * FROM a",
            "/* ; */ SELECT \"a;b\" FROM `c;d`",
            "SELECT $$;$$, $x$ $$; $x$, $1",
        ] {
            assert_eq!(single_select(query), Ok(query));
        }
        assert_eq!(single_select("SELECT 1 ; -- done\n"), Ok("SELECT 1 "));
    }

    #[test]
    fn what_is_more_or_other_than_a_select_does_not() {
        for (query, why) in [
            ("", "empty"),
            ("-- SELECT 1", "empty"),
            ("DELETE FROM users", "begin with SELECT"),
            ("selectx", "begin with SELECT"),
            ("(SELECT 1)", "begin with SELECT"),
            ("'SELECT'", "begin with SELECT"),
            ("SELECT 1; DELETE FROM users", "more than one"),
            ("SELECT 'a'; 'b'", "more than one"),
            ("SELECT 1;;SELECT 2", "more than one"),
            ("SELECT 'a", "never closed"),
            ("SELECT 1 /* ; DELETE", "never closed"),
            ("SELECT $x$ ; $y$", "never closed"),
        ] {
            let said = single_select(query).unwrap_err();
            assert!(said.contains(why), "{query:?}: {said}");
        }
    }
}
