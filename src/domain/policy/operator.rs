//! Condition operators: how a value of the request is held against a value of the policy.
//!
//! After *IAM JSON policy elements: Condition operators*. [`Operator`] is an operator's name taken apart, with what stands
//! before it (`ForAllValues:`, `ForAnyValue:`) and behind it (`IfExists`).

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate};

use super::network::Network;
use super::pattern::Pattern;
use super::truth::Truth;

/// How several values of one key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// No prefix: the key has one value.
    Single,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// An operator's name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) quantifier: Quantifier,
    pub(super) test: Test,
    /// The operator asks that nothing matches: `StringNotEquals`.
    pub(super) is_negated: bool,
    /// `…IfExists`
    pub(super) if_exists: bool,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Null,
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// `ArnEquals` and `ArnLike` behave identically.
    Arn,
    Bool,
    IpAddress,
    Binary,
    Numeric(Comparison),
    Date(Comparison),
}

/// What a value of the request has to be, beside the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Reads an operator's name; `None`: IAM has no such operator as far as is known.
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
        // Whether a key exists cannot depend on whether it exists.
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
    /// Whether wildcards mean something in the policy's value.
    pub(super) fn has_wildcards(self) -> bool {
        matches!(self, Self::StringLike | Self::Arn)
    }

    /// Whether a value of the request is what the policy's value says, before any negation. What a policy says that the
    /// operator cannot read is unknown: IAM may refuse it, and may read it in another way.
    pub(super) fn holds(self, found: &str, wanted: &Pattern) -> Truth {
        if self == Self::StringLike {
            return wanted.matches(found).into();
        }
        if self == Self::Arn {
            return arn(found, wanted);
        }
        // All others compare with the text itself.
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

/// Each of the six parts of an ARN is compared by itself, so that a `*` does not reach beyond its part.
fn arn(found: &str, wanted: &Pattern) -> Truth {
    let Some(parts) = wanted.arn_parts() else {
        // "*" alone is every ARN; what else is no ARN is not understood.
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

/// A number as IAM takes it: decimal, no exponent, no words such as "inf".
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_decimal = digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_decimal { text.parse().ok() } else { None }
}

/// A date as IAM takes it, in milliseconds since 1970: a form of ISO 8601 down to the day, or seconds.
pub(super) fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>()
        // Four digits alone are a year of ISO 8601 as well: that is not decided here.
        && text.len() > 4
    {
        return seconds.checked_mul(1000);
    }
    // RFC 3339 asks for seconds, ISO 8601 does not.
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
