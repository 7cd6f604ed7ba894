//! Conditions on the rows of a file: a table may also contain rows of deleted users.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Deserialize;

/// The conditions on the columns of a row. Rows that do not meet them are ignored.
pub(crate) type Where = BTreeMap<String, Allowed>;

/// The values that a column may have: one text, or several. The empty text matches an empty field and JSON's null.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Allowed(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Value),
    Many(Vec<Value>),
}

/// A text, number or boolean of TOML, as the file of the list would write it.
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

/// Whether a row meets a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counts {
    /// The row meets it.
    Yes,
    /// It does not, so its ids are not in the list.
    No,
    /// It almost does. The row counts as malformed: a list that writes `NULL` or `Active` would otherwise lose active
    /// users.
    Unclear,
}

impl Allowed {
    /// Whether a field with this value meets the condition at this time.
    #[must_use]
    pub fn counts(&self, value: &str, now: DateTime<Utc>) -> Counts {
        if self.0.iter().any(|allowed| allowed == value) {
            return Counts::Yes;
        }
        let bare = bare(value);
        // An empty field does not prove that its row is a deleted user's.
        let wants_nothing = self.0.iter().any(|allowed| self::bare(allowed).is_empty());
        let may_be_nothing = bare.is_empty() || wants_nothing && is_none_yet(&bare, now);
        if may_be_nothing || self.0.iter().any(|allowed| self::bare(allowed) == bare) {
            Counts::Unclear
        } else {
            Counts::No
        }
    }
}

/// Whether a value may mean that something has not happened: `false`, `never`, a zero, or a date in the far past or in
/// the future. If the condition requires an empty field, such a value does not prove that the user is deleted.
fn is_none_yet(bare: &str, now: DateTime<Utc>) -> bool {
    /// Nobody deleted anything before this year: an earlier date means "none".
    const FIRST_YEAR: i32 = 1980;
    /// The same in seconds since 1970.
    const FIRST_SECOND: f64 = 315_532_800.0;
    let is_word = matches!(
        bare,
        "false"
            | "off"
            | "never"
            | "infinity"
            | "-infinity"
            | "inf"
            | "-inf"
            | "not deleted"
            | "not_deleted"
            | "undeleted"
            | "active"
            | "alive"
            | "live"
            | "living"
            | "present"
            | "current"
            | "enabled"
            | "ok"
            | "open"
            | "max"
            | "forever"
            | "indefinite"
            | "pending"
            | "tbd"
            | "unknown"
    );
    if is_word || !bare.chars().any(char::is_alphanumeric) {
        return true;
    }
    if let Ok(number) = bare.parse::<f64>() {
        // Timestamps may be in seconds, milliseconds, microseconds or nanoseconds.
        #[expect(
            clippy::cast_precision_loss,
            reason = "a time is compared with another one"
        )]
        let seconds = now.timestamp() as f64;
        let is_year = (1000.0..10_000.0).contains(&number) && number.fract() == 0.0;
        let scales = [1.0, 1e3, 1e6, 1e9];
        let scale = scales.into_iter().find(|scale| number < 1e11 * scale);
        let Some(scale) = scale else {
            return true;
        };
        let time = number / scale;
        let is_far = time > seconds || scale > 1.0 && time < FIRST_SECOND;
        return number <= 0.0 || is_year && number > f64::from(now.year()) || is_far;
    }
    match date(bare) {
        Some(date) => date.year() < FIRST_YEAR || date > now.date_naive(),
        None => false,
    }
}

/// The date at the start of a value. If day and month are ambiguous, the later date.
fn date(value: &str) -> Option<NaiveDate> {
    let day = value.split(['t', ' ']).next().unwrap_or(value);
    let parts: Vec<u32> = day
        .split(['-', '/', '.'])
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let of = |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    match *parts.as_slice() {
        [year, month, day] if year >= 100 => of(year, month, day),
        [a, b, year] => of(year, a, b).max(of(year, b, a)),
        _ if day.len() == 8 => {
            let part = |from, to| day.get(from..to)?.parse().ok();
            of(part(0, 4)?, part(4, 6)?, part(6, 8)?)
        }
        _ => None,
    }
}

/// Removes decoration that programs add to a value, and maps the many ways to write nothing to one.
fn bare(value: &str) -> String {
    // Invisible characters, and characters that look the same, do not make a different value.
    let is_simple = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let plain = if is_simple {
        Cow::Borrowed(value)
    } else {
        super::likeness::core(value)
    };
    let value = plain.trim().trim_matches(['"', '\'']).to_lowercase();
    let is_nothing = matches!(
        value.as_str(),
        "null"
            | "nil"
            | "none"
            | "\\n"
            | "(null)"
            | "<null>"
            | "[null]"
            | "#null!"
            | "n/a"
            | "#n/a"
            | "na"
            | "nan"
            | "nat"
            | "undefined"
            | "unset"
            | "empty"
            | "blank"
            | "void"
            | "nothing"
            | "-"
    ) || value.starts_with("0000-00-00")
        || value.starts_with("0001-01-01");
    let is = |wanted: f64| {
        let number = value.parse::<f64>();
        number.is_ok_and(|number| (number - wanted).abs() < f64::EPSILON)
    };
    match value.as_str() {
        _ if is_nothing => String::new(),
        _ if is(0.0) => "false".to_owned(),
        _ if is(1.0) => "true".to_owned(),
        "t" | "yes" | "y" | "on" => "true".to_owned(),
        "f" | "no" | "n" | "off" => "false".to_owned(),
        _ => value,
    }
}

/// Parses a condition from the command line: `COLUMN=VALUE`.
///
/// # Errors
/// What was expected.
pub(crate) fn parse(text: &str) -> Result<(String, String), String> {
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
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let empty = Allowed(vec![String::new()]);
        assert_eq!(empty.counts("", now), Counts::Yes);
        for deleted in [
            "2026-01-01",
            "2026-01-01T10:00:00Z",
            "2026-01-01 10:00:00+00",
            "01/02/2026",
            "20260101",
            "1767225600",
            "1767225600000",
            "true",
            "t",
            "1",
            "admin",
        ] {
            assert_eq!(empty.counts(deleted, now), Counts::No, "{deleted:?}");
        }
        for nothing in [
            "NULL",
            "null",
            " ",
            "\\N",
            "0000-00-00 00:00:00",
            "None",
            "\"\"",
            "0",
            "0.0",
            "-0",
            "-1",
            "false",
            "F",
            "no",
            "off",
            "never",
            "Infinity",
            "-infinity",
            "NaN",
            "NaT",
            "#N/A",
            "[null]",
            "undefined",
            "active",
            "?",
            "—",
            "9999-12-31",
            "9999-12-31T23:59:59Z",
            "31.12.9999",
            "2099-01-01",
            "2027-06-01",
            "1970-01-01",
            "1970-01-01T00:00:00.000Z",
            "01/01/1970",
            "1900-01-01",
            "0001-01-01T00:00:00Z",
            "253402300799",
            "253402300799000",
            "99999999999999999999999",
            "9999",
        ] {
            assert_eq!(empty.counts(nothing, now), Counts::Unclear, "{nothing:?}");
        }
        let states = Allowed(vec!["active".to_owned(), "true".to_owned()]);
        assert_eq!(states.counts("active", now), Counts::Yes);
        assert_eq!(states.counts("deleted", now), Counts::No);
        assert_eq!(states.counts("false", now), Counts::No);
        for near in [
            "Active",
            " active",
            "active\u{200b}",
            "\u{feff}active",
            "1",
            "t",
            "",
            "NULL",
            "\u{200b}",
        ] {
            assert_eq!(states.counts(near, now), Counts::Unclear, "{near:?}");
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
