//! Which rows of a file count: those of deleted users may stand in the same table.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What the columns of a row have to hold for it to count.
pub type Where = BTreeMap<String, Allowed>;

/// The values that a column may hold: one text, or several. The empty text stands for an empty field and for JSON's null.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Allowed(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Value),
    Many(Vec<Value>),
}

/// TOML's own texts, numbers and truth values, as a file of the list writes them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Truth(bool),
    Whole(i64),
}

impl From<OneOrMany> for Allowed {
    fn from(values: OneOrMany) -> Self {
        let text = |value| match value {
            Value::Text(text) => text,
            Value::Truth(truth) => truth.to_string(),
            Value::Whole(number) => number.to_string(),
        };
        match values {
            OneOrMany::One(value) => Self(vec![text(value)]),
            OneOrMany::Many(values) => Self(values.into_iter().map(text).collect()),
        }
    }
}

/// What a condition says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counts {
    /// It counts.
    Yes,
    /// It does not: what it names is none of the list's.
    No,
    /// It nearly holds what it should. Its rows are malformed: a list that writes `NULL` or `Active` would lose the living.
    Unclear,
}

impl Allowed {
    /// Whether a field that holds this lets its row count.
    #[must_use]
    pub fn counts(&self, value: &str) -> Counts {
        if self.0.iter().any(|allowed| allowed == value) {
            return Counts::Yes;
        }
        let bare = bare(value);
        // A field that says nothing does not say that its row is a deleted user's.
        if bare.is_empty() || self.0.iter().any(|allowed| self::bare(allowed) == bare) {
            Counts::Unclear
        } else {
            Counts::No
        }
    }
}

/// A value without what programs add to it; the many ways to write nothing are one.
fn bare(value: &str) -> String {
    let value = value.trim().trim_matches(['"', '\'']).to_lowercase();
    let is_nothing = matches!(
        value.as_str(),
        "null" | "nil" | "none" | "\\n" | "(null)" | "<null>" | "n/a" | "-"
    ) || value.starts_with("0000-00-00")
        || value.starts_with("0001-01-01");
    match value.as_str() {
        _ if is_nothing => String::new(),
        "t" | "yes" | "y" | "1" => "true".to_owned(),
        "f" | "no" | "n" | "0" => "false".to_owned(),
        _ => value,
    }
}

/// Reads one condition as it is typed: `COLUMN=VALUE`.
///
/// # Errors
/// What was expected.
pub fn parse(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, value)) if !column.is_empty() => Ok((column.to_owned(), value.to_owned())),
        _ => Err("expected COLUMN=VALUE, such as deleted_at= for an empty field".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_allowed_is_neither_in_nor_out() {
        let empty = Allowed(vec![String::new()]);
        assert_eq!(empty.counts(""), Counts::Yes);
        assert_eq!(empty.counts("2026-01-01"), Counts::No);
        for nothing in [
            "NULL",
            "null",
            " ",
            "\\N",
            "0000-00-00 00:00:00",
            "None",
            "\"\"",
        ] {
            assert_eq!(empty.counts(nothing), Counts::Unclear, "{nothing:?}");
        }
        let states = Allowed(vec!["active".to_owned(), "true".to_owned()]);
        assert_eq!(states.counts("active"), Counts::Yes);
        assert_eq!(states.counts("deleted"), Counts::No);
        for near in ["Active", " active", "1", "t", "", "NULL"] {
            assert_eq!(states.counts(near), Counts::Unclear, "{near:?}");
        }
    }

    #[test]
    fn a_condition_is_a_column_and_a_value_that_may_be_empty() {
        let of = |column: &str, value: &str| Ok((column.to_owned(), value.to_owned()));
        assert_eq!(parse("deleted_at="), of("deleted_at", ""));
        assert_eq!(parse("a=b=c"), of("a", "b=c"));
        assert!(parse("deleted_at").is_err() && parse("=x").is_err());
    }
}
