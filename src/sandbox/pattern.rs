//! Wildcards as IAM and this sandbox's fault rules write them: `*` for any run of characters, `?` for one.

use std::fmt;

use crate::domain::policy::Pattern as Wildcards;

/// A text with wildcards. `*` stands for any run of characters, `/` among them, and `?` for exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// Takes a text; every text is a pattern.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern that everything matches.
    #[must_use]
    pub fn any() -> Self {
        Self::new("*")
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches whatever it is given.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte == b'*')
    }

    /// Whether the whole of `text` matches, letter case included.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        Wildcards::new(&self.0).matches(text)
    }

    /// Whether the whole of `text` matches, ASCII letter case aside: how IAM compares action names.
    #[must_use]
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        Wildcards::new(&self.0).matches_ignoring_case(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_spans_slashes_and_a_question_mark_is_one_character() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "a/b"),
            ("s3:Get*", "s3:GetObject"),
            ("a*c*e", "abcde"),
            ("a?c", "aéc"),
            ("*.jpg", "a/b.jpg.jpg"),
            ("", ""),
        ] {
            assert!(
                Pattern::new(pattern).matches(text),
                "{pattern} against {text}"
            );
        }
        for (pattern, text) in [
            ("", "a"),
            ("?", ""),
            ("a*c", "abd"),
            ("s3:Get*", "s3:PutObject"),
            ("a?c", "ac"),
            ("a", "A"),
        ] {
            assert!(
                !Pattern::new(pattern).matches(text),
                "{pattern} against {text}"
            );
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_answered_all_the_same() {
        let pattern = Pattern::new(format!("{}b", "a*".repeat(100)));
        assert!(!pattern.matches(&"a".repeat(1024)));
    }

    #[test]
    fn action_names_compare_without_letter_case() {
        assert!(Pattern::new("S3:getobject*").matches_ignoring_case("s3:GetObjectAcl"));
    }
}
