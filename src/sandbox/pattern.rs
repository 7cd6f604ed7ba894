//! Wildcards as IAM and this sandbox's fault rules write them: `*` for any run of characters, `?` for one.

use std::fmt;

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
        glob(&self.0, text)
    }

    /// Whether the whole of `text` matches, ASCII letter case aside: how IAM compares action names.
    #[must_use]
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        glob(&self.0.to_ascii_lowercase(), &text.to_ascii_lowercase())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Matches greedily and goes back to the last `*` on a mismatch: linear in practice, and bounded by the product of
/// the lengths where a recursive match of `*a*a*a…` would be exponential.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&character) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == character => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else {
                    return false;
                };
                retry = Some((after_star, from + 1));
                p = after_star;
                t = from + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|&rest| rest == '*')
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
