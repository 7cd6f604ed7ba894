//! Conditions: an operator, a key of the request and the values it is held against.

use std::cmp::Ordering;
use std::net::IpAddr;

use chrono::DateTime;

use crate::sandbox::pattern::Pattern;

/// One operator on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// An operator without its prefixes and suffixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator<'o> {
    name: &'o str,
    /// `ForAllValues:` is met by a key that the request does not have.
    for_all_values: bool,
    /// `…IfExists` likewise.
    if_exists: bool,
}

impl Condition {
    /// Whether the request meets the condition; `None`: the operator is not known here.
    pub(super) fn is_met(&self, context: &[(String, String)]) -> Option<bool> {
        let operator = Operator::read(&self.operator);
        let found = context
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(&self.key))
            .map(|(_, value)| value.as_str());
        if operator.name.eq_ignore_ascii_case("Null") {
            let absent = found.is_none().to_string();
            return Some(
                self.values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case(&absent)),
            );
        }
        let (test, negated) = test(operator.name)?;
        let Some(found) = found else {
            // A key that is absent is unlike everything, which is all that a negated operator asks.
            return Some(operator.if_exists || operator.for_all_values || negated);
        };
        Some(self.values.iter().any(|value| test(found, value)) != negated)
    }

    /// Whether the condition pins its key to fixed values: no wildcard, no policy variable, no negation.
    pub(super) fn is_fixed(&self) -> bool {
        let operator = Operator::read(&self.operator);
        let restricts = test(operator.name).is_some_and(|(_, negated)| !negated)
            && !operator.if_exists
            && !operator.for_all_values;
        restricts
            && self
                .values
                .iter()
                .all(|value| !value.is_empty() && !value.contains(['*', '?', '$']))
    }
}

impl<'o> Operator<'o> {
    fn read(written: &'o str) -> Self {
        let (for_all_values, name) = match written.split_once(':') {
            Some(("ForAllValues", name)) => (true, name),
            // Keys have one value here, so "any of them" is the plain operator.
            Some(("ForAnyValue", name)) => (false, name),
            _ => (false, written),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        Self {
            name,
            for_all_values,
            if_exists,
        }
    }
}

type Test = fn(&str, &str) -> bool;

/// The test of an operator, and whether its outcome is turned round.
fn test(operator: &str) -> Option<(Test, bool)> {
    let name = operator.to_ascii_lowercase();
    let (test, negated): (Test, bool) = match name.as_str() {
        "stringequals" => (|found, value| found == value, false),
        "stringnotequals" => (|found, value| found == value, true),
        "stringequalsignorecase" => (|found, value| found.eq_ignore_ascii_case(value), false),
        "stringnotequalsignorecase" => (|found, value| found.eq_ignore_ascii_case(value), true),
        "stringlike" | "arnlike" | "arnequals" => (like, false),
        "stringnotlike" | "arnnotlike" | "arnnotequals" => (like, true),
        "bool" => (|found, value| found.eq_ignore_ascii_case(value), false),
        "ipaddress" => (in_network, false),
        "notipaddress" => (in_network, true),
        "numericequals" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_eq),
            false,
        ),
        "numericnotequals" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_eq),
            true,
        ),
        "numericlessthan" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_lt),
            false,
        ),
        "numericlessthanequals" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_le),
            false,
        ),
        "numericgreaterthan" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_gt),
            false,
        ),
        "numericgreaterthanequals" => (
            |found, value| compare_numbers(found, value).is_some_and(Ordering::is_ge),
            false,
        ),
        "dateequals" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_eq),
            false,
        ),
        "datenotequals" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_eq),
            true,
        ),
        "datelessthan" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_lt),
            false,
        ),
        "datelessthanequals" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_le),
            false,
        ),
        "dategreaterthan" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_gt),
            false,
        ),
        "dategreaterthanequals" => (
            |found, value| compare_dates(found, value).is_some_and(Ordering::is_ge),
            false,
        ),
        _ => return None,
    };
    Some((test, negated))
}

fn like(found: &str, pattern: &str) -> bool {
    Pattern::new(pattern).matches(found)
}

fn compare_numbers(found: &str, value: &str) -> Option<Ordering> {
    let number = |text: &str| text.parse::<f64>().ok();
    number(found)?.partial_cmp(&number(value)?)
}

fn compare_dates(found: &str, value: &str) -> Option<Ordering> {
    Some(seconds(found)?.cmp(&seconds(value)?))
}

/// A date as IAM takes it: ISO 8601, or seconds since 1970.
fn seconds(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|date| date.timestamp())
    })
}

/// Whether an address lies in a network such as `10.0.0.0/8`, or is the one address given.
fn in_network(address: &str, network: &str) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, length.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let Some(length) = length else {
        return false;
    };
    let prefix =
        |bits: u128, width: u32| bits.checked_shr(width.saturating_sub(length)).unwrap_or(0);
    match (address.parse(), base.parse()) {
        (Ok(IpAddr::V4(address)), Ok(IpAddr::V4(base))) => {
            prefix(u128::from(address.to_bits()), 32) == prefix(u128::from(base.to_bits()), 32)
        }
        (Ok(IpAddr::V6(address)), Ok(IpAddr::V6(base))) => {
            prefix(address.to_bits(), 128) == prefix(base.to_bits(), 128)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(operator: &str, values: &[&str], found: Option<&str>) -> Option<bool> {
        let condition = Condition {
            operator: operator.to_owned(),
            key: "key".to_owned(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
        };
        let context: Vec<_> = found
            .map(|value| ("Key".to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        condition.is_met(&context)
    }

    #[test]
    fn any_of_the_values_will_do_and_none_for_a_negated_operator() {
        assert_eq!(met("StringEquals", &["a", "b"], Some("b")), Some(true));
        assert_eq!(met("StringNotEquals", &["a", "b"], Some("b")), Some(false));
        assert_eq!(met("StringNotEquals", &["a", "b"], Some("c")), Some(true));
        assert_eq!(met("StringLike", &["a/*"], Some("a/b")), Some(true));
        assert_eq!(met("StringNotLike", &["a/*"], Some("a/b")), Some(false));
        assert_eq!(met("StringEquals", &["a*"], Some("ab")), Some(false));
    }

    #[test]
    fn an_absent_key_meets_only_negated_and_if_exists_operators() {
        assert_eq!(met("StringEquals", &["a"], None), Some(false));
        assert_eq!(met("Bool", &["false"], None), Some(false));
        assert_eq!(met("StringNotEquals", &["a"], None), Some(true));
        assert_eq!(met("BoolIfExists", &["false"], None), Some(true));
        assert_eq!(met("ForAllValues:StringEquals", &["a"], None), Some(true));
        assert_eq!(met("ForAnyValue:StringEquals", &["a"], None), Some(false));
        assert_eq!(met("Null", &["true"], None), Some(true));
        assert_eq!(met("Null", &["true"], Some("a")), Some(false));
    }

    #[test]
    fn networks_are_compared_by_their_prefix() {
        for (address, network, inside) in [
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.2", "127.0.0.1/32", false),
            ("1.2.3.4", "0.0.0.0/0", true),
            ("::1", "::/0", true),
            ("2001:db8::1", "2001:db8::/32", true),
            ("2001:db9::1", "2001:db8::/32", false),
            ("1.2.3.4", "::/0", false),
            ("1.2.3.4", "1.2.3.4/x", false),
        ] {
            assert_eq!(
                met("IpAddress", &[network], Some(address)),
                Some(inside),
                "{address} {network}"
            );
            assert_eq!(
                met("NotIpAddress", &[network], Some(address)),
                Some(!inside)
            );
        }
    }

    #[test]
    fn numbers_and_dates_are_compared_as_such() {
        assert_eq!(met("NumericLessThanEquals", &["10"], Some("9")), Some(true));
        assert_eq!(met("NumericGreaterThan", &["10"], Some("9")), Some(false));
        assert_eq!(met("NumericEquals", &["ten"], Some("10")), Some(false));
        assert_eq!(
            met(
                "DateGreaterThan",
                &["2024-01-01T00:00:00Z"],
                Some("2024-01-02T00:00:00Z")
            ),
            Some(true)
        );
        assert_eq!(
            met(
                "DateLessThan",
                &["1704067200"],
                Some("2024-01-02T00:00:00Z")
            ),
            Some(false)
        );
    }

    #[test]
    fn an_unknown_operator_is_not_judged() {
        assert_eq!(met("BinaryEquals", &["a"], Some("a")), None);
    }
}
