//! The shape of a template's part: the values it accepts.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// The values that a part accepts. Every value has at least one byte.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Any value.
    Any,
    /// `8-4-4-4-12` hexadecimal digits, in upper or lower case.
    Uuid,
    /// Hexadecimal digits, in upper or lower case.
    Hex,
    /// ASCII digits.
    Digits,
    /// One of these values, compared byte by byte.
    OneOf(Vec<String>),
    /// Any value except these, compared byte by byte: `{workspace}` next to a literal `dm/`.
    NoneOf(Vec<String>),
    /// A regular expression that must match the whole value.
    Pattern(Pattern),
}

impl Shape {
    /// Parses the notation of a blueprint: `uuid`, `hex`, `digits` or a `/regex/`.
    ///
    /// # Errors
    /// What was expected, or where the regular expression is wrong.
    pub fn from_word(word: &str) -> Result<Self, String> {
        match word {
            "uuid" => Ok(Self::Uuid),
            "hex" => Ok(Self::Hex),
            "digits" => Ok(Self::Digits),
            _ => match word.strip_prefix('/').and_then(|w| w.strip_suffix('/')) {
                Some(regex) if !regex.is_empty() => Pattern::new(regex).map(Self::Pattern),
                _ => Err(format!(
                    "{word:?} is no shape: expected \"uuid\", \"hex\", \"digits\", \"/regex/\", \
                     a list of allowed values, or {{ not = [\"value\"] }}"
                )),
            },
        }
    }

    /// Whether this value has the shape. An empty value never does.
    #[must_use]
    pub fn admits(&self, value: &str) -> bool {
        !value.is_empty()
            && match self {
                Self::Any => true,
                Self::Uuid => is_uuid(value),
                Self::Hex => value.bytes().all(|b| b.is_ascii_hexdigit()),
                Self::Digits => value.bytes().all(|b| b.is_ascii_digit()),
                Self::OneOf(values) => values.iter().any(|v| v == value),
                Self::NoneOf(values) => values.iter().all(|v| v != value),
                Self::Pattern(pattern) => pattern.regex.is_match(value),
            }
    }

    /// Whether no value can have both shapes. `false` if unknown: two regular expressions are not compared.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OneOf(values), shape) | (shape, Self::OneOf(values)) => {
                !values.iter().any(|v| shape.admits(v))
            }
            (Self::Uuid, Self::Hex | Self::Digits) | (Self::Hex | Self::Digits, Self::Uuid) => true,
            _ => false,
        }
    }

    /// A value with this shape, if one is easily made up; for the examples in warnings.
    #[must_use]
    pub fn example(&self) -> Option<String> {
        let made_up = match self {
            Self::Any => "x".to_owned(),
            Self::Uuid => "00000000-0000-4000-8000-000000000000".to_owned(),
            Self::Hex => "0f".to_owned(),
            Self::Digits => "1".to_owned(),
            Self::OneOf(values) => values.first()?.clone(),
            Self::NoneOf(values) => (1..=values.len() + 1)
                .map(|n| "x".repeat(n))
                .find(|v| !values.contains(v))?,
            Self::Pattern(pattern) => ["x", "1", "a1", "x1"]
                .into_iter()
                .find(|v| pattern.regex.is_match(v))?
                .to_owned(),
        };
        Some(made_up)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Hex => f.write_str("hexadecimal digits"),
            Self::Digits => f.write_str("digits"),
            Self::OneOf(values) => write!(f, "one of {}", values.join(", ")),
            Self::NoneOf(values) => write!(f, "anything but {}", values.join(", ")),
            Self::Pattern(pattern) => write!(f, "/{}/", pattern.source),
        }
    }
}

/// A regular expression that matches only whole values.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    fn new(source: &str) -> Result<Self, String> {
        // Anchored here, not by the author: an unanchored `/\d+/` would accept `user-10` as `10`.
        compile(&format!(r"\A(?:{source})\z")).map(|regex| Self {
            source: source.to_owned(),
            regex,
        })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Compiles a regular expression from a file, within a memory limit.
pub(super) fn compile(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| format!("the regular expression does not compile: {error}"))
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_admits_whole_values_only() {
        let digits = Shape::from_word("digits").unwrap();
        assert!(
            digits.admits("10")
                && !digits.admits("user-10")
                && !digits.admits("")
                && !digits.admits("١")
        );
        let regex = Shape::from_word(r"/user-\d|admin/").unwrap();
        assert!(regex.admits("user-1") && regex.admits("admin"));
        assert!(!regex.admits("user-10") && !regex.admits("xadmin"));
        assert!(Shape::Uuid.admits("0F8fad5b-d9cb-469f-a165-70867728950e"));
        assert!(!Shape::Uuid.admits("0f8fad5bd9cb469fa16570867728950e"));
    }

    #[test]
    fn a_word_that_is_no_shape_is_answered_with_those_that_are() {
        let error = Shape::from_word("uid").unwrap_err();
        assert!(
            error.contains("\"uid\"") && error.contains("\"uuid\""),
            "{error}"
        );
        assert!(
            Shape::from_word("/(/")
                .unwrap_err()
                .contains("does not compile")
        );
    }

    #[test]
    fn shapes_exclude_one_another_only_where_that_is_certain() {
        let list = Shape::OneOf(vec!["dm".into(), "7".into()]);
        assert!(list.excludes(&Shape::Uuid) && !list.excludes(&Shape::Digits));
        assert!(Shape::NoneOf(vec!["dm".into(), "7".into()]).excludes(&list));
        assert!(!Shape::NoneOf(vec!["dm".into()]).excludes(&list));
        assert!(Shape::Uuid.excludes(&Shape::Hex) && !Shape::Hex.excludes(&Shape::Digits));
    }

    #[test]
    fn the_example_of_a_shape_has_the_shape() {
        for shape in [
            Shape::Any,
            Shape::Uuid,
            Shape::Hex,
            Shape::Digits,
            Shape::OneOf(vec!["a".into()]),
            Shape::NoneOf(vec!["x".into(), "xx".into()]),
            Shape::from_word(r"/\d/").unwrap(),
        ] {
            assert!(shape.admits(&shape.example().unwrap()), "{shape}");
        }
    }
}
