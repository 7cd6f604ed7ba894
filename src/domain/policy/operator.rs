//! Condition operators: how a value of the request is compared with a value of the policy.
//!
//! Source: *IAM JSON policy elements: Condition operators*. [`Operator`] is a parsed operator name, with its prefix
//! (`ForAllValues:`, `ForAnyValue:`) and suffix (`IfExists`).

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate};

use super::network::Network;
use super::pattern::Pattern;
use super::truth::Truth;

/// How several values of one key are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// No prefix: the key has one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// A parsed operator name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) quantifier: Quantifier,
    pub(super) test: Test,
    /// The operator requires that nothing matches: `StringNotEquals`.
    pub(super) is_negated: bool,
    /// `…IfExists`
    pub(super) if_exists: bool,
}

/// The type of comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Null,
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// `ArnEquals` and `ArnLike` behave the same.
    Arn,
    Bool,
    IpAddress,
    Binary,
    Numeric(Comparison),
    Date(Comparison),
}

/// The required relation of the request's value to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Parses an operator name; `None` if unknown.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let name = written.to_ascii_lowercase();
        let (quantifier, name) = match name.split_once(':') {
            None => (Quantifier::Single, name.as_str()),
            Some(("forallvalues", name)) => (Quantifier::All, name),
            Some(("foranyvalue", name)) => (Quantifier::Any, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, is_negated) = test(name)?;
        // `Null` already tests whether the key exists.
        if test == Test::Null && (if_exists || quantifier != Quantifier::Single) {
            return None;
        }
        Some(Self {
            quantifier,
            test,
            is_negated,
            if_exists,
        })
    }
}

fn test(name: &str) -> Option<(Test, bool)> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    Some(match name {
        "null" => (Test::Null, false),
        "stringequals" => (Test::StringEquals, false),
        "stringnotequals" => (Test::StringEquals, true),
        "stringequalsignorecase" => (Test::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Test::StringEqualsIgnoreCase, true),
        "stringlike" => (Test::StringLike, false),
        "stringnotlike" => (Test::StringLike, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "bool" => (Test::Bool, false),
        "binaryequals" => (Test::Binary, false),
        "ipaddress" => (Test::IpAddress, false),
        "notipaddress" => (Test::IpAddress, true),
        "numericequals" => (Test::Numeric(Equal), false),
        "numericnotequals" => (Test::Numeric(Equal), true),
        "numericlessthan" => (Test::Numeric(Less), false),
        "numericlessthanequals" => (Test::Numeric(LessOrEqual), false),
        "numericgreaterthan" => (Test::Numeric(Greater), false),
        "numericgreaterthanequals" => (Test::Numeric(GreaterOrEqual), false),
        "dateequals" => (Test::Date(Equal), false),
        "datenotequals" => (Test::Date(Equal), true),
        "datelessthan" => (Test::Date(Less), false),
        "datelessthanequals" => (Test::Date(LessOrEqual), false),
        "dategreaterthan" => (Test::Date(Greater), false),
        "dategreaterthanequals" => (Test::Date(GreaterOrEqual), false),
        _ => return None,
    })
}

impl Test {
    /// Whether the policy's value may contain wildcards.
    pub(super) fn has_wildcards(self) -> bool {
        matches!(self, Self::StringLike | Self::Arn)
    }

    /// Whether a value of the request matches the policy's value, before any negation. If the operator cannot parse the
    /// policy's value, the result is unknown: IAM may reject it, or parse it differently.
    pub(super) fn holds(self, found: &str, wanted: &Pattern) -> Truth {
        if self == Self::StringLike {
            return wanted.matches(found).into();
        }
        if self == Self::Arn {
            return arn(found, wanted);
        }
        // All other operators compare the literal text.
        let Some(wanted) = wanted.as_literal() else {
            return Truth::Unknown;
        };
        let wanted = wanted.as_str();
        match self {
            Self::StringEquals | Self::Binary => (found == wanted).into(),
            Self::StringEqualsIgnoreCase => (found.to_lowercase() == wanted.to_lowercase()).into(),
            Self::Bool => match wanted.to_ascii_lowercase().as_str() {
                "true" | "false" => found.eq_ignore_ascii_case(wanted).into(),
                _ => Truth::Unknown,
            },
            Self::IpAddress => match Network::parse(wanted) {
                Some(network) => Network::parse(found)
                    .is_some_and(|address| network.contains(&address))
                    .into(),
                None => Truth::Unknown,
            },
            Self::Numeric(comparison) => compare(number(found), number(wanted), comparison),
            Self::Date(comparison) => compare(moment(found), moment(wanted), comparison),
            Self::Null | Self::StringLike | Self::Arn => Truth::Unknown,
        }
    }
}

/// The six parts of an ARN are compared one by one, so that a `*` does not match beyond its part.
fn arn(found: &str, wanted: &Pattern) -> Truth {
    let Some(parts) = wanted.arn_parts() else {
        // A single "*" matches every ARN; other texts that are not ARNs are not understood.
        return if wanted.is_any() {
            Truth::Yes
        } else {
            Truth::Unknown
        };
    };
    let found: Vec<&str> = found.splitn(6, ':').collect();
    if found.len() != parts.len() {
        return Truth::No;
    }
    parts
        .iter()
        .zip(found)
        .all(|(wanted, found)| wanted.matches(found))
        .into()
}

fn compare<T: PartialOrd>(found: Option<T>, wanted: Option<T>, comparison: Comparison) -> Truth {
    let Some(wanted) = wanted else {
        return Truth::Unknown;
    };
    let order = found.and_then(|found| found.partial_cmp(&wanted));
    Truth::from(match comparison {
        Comparison::Equal => order.is_some_and(Ordering::is_eq),
        Comparison::Less => order.is_some_and(Ordering::is_lt),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order.is_some_and(Ordering::is_gt),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    })
}

/// Parses a number as IAM does: decimal, without exponent, and no words such as "inf".
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_decimal = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_decimal { text.parse().ok() } else { None }
}

/// Parses a date as IAM does, to milliseconds since 1970: ISO 8601 with at least a day, or seconds.
pub(super) fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>()
        // Four digits alone may also be an ISO 8601 year; that is left undecided.
        && text.len() > 4
    {
        return seconds.checked_mul(1000);
    }
    // RFC 3339 requires seconds; ISO 8601 does not.
    let with_seconds = if let Some((day, time)) = text.split_once('T') {
        let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at_checked(at)?;
        let zone = if zone.is_empty() { "Z" } else { zone };
        let seconds = if clock.matches(':').count() == 1 {
            ":00"
        } else {
            ""
        };
        format!("{day}T{clock}{seconds}{zone}")
    } else {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        return Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    };
    let date = DateTime::parse_from_rfc3339(&with_seconds).ok()?;
    Some(date.timestamp_millis())
}
