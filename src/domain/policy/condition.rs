//! Evaluates the conditions of a statement for a request.
//!
//! Source for absent keys: *IAM JSON policy elements: Condition operators*. If the request does not have the key, only
//! negated operators, `…IfExists` and `ForAllValues:` are met.

use super::context::{Context, Found};
use super::document::Condition;
use super::operator::{Operator, Quantifier, Test};
use super::pattern::{Pattern, Unresolved};
use super::truth::Truth;

impl Condition {
    /// Whether a request meets the condition. `has_variables`: whether the policy's version supports `${…}`.
    pub(super) fn is_met(&self, context: &Context, has_variables: bool) -> Truth {
        let Some(operator) = Operator::parse(&self.operator) else {
            return Truth::Unknown;
        };
        let found = match context.get(&self.key) {
            Found::Unknown => return Truth::Unknown,
            Found::Absent => None,
            Found::Values(values) => Some(values),
        };
        if operator.test == Test::Null {
            return self.asks_for_absence(found.is_none());
        }
        let Some(found) = found else {
            return when_absent(operator);
        };
        let holds = |value: &String| self.holds_of(value, operator, context, has_variables);
        match operator.quantifier {
            Quantifier::All => Truth::all(found.iter().map(holds)),
            Quantifier::Any => Truth::any(found.iter().map(holds)),
            Quantifier::Single => match found {
                [single] => holds(single),
                // IAM does not document a plain operator for a key with several values.
                _ => Truth::Unknown,
            },
        }
    }

    fn asks_for_absence(&self, is_absent: bool) -> Truth {
        Truth::any(
            self.values
                .iter()
                .map(|value| match value.to_ascii_lowercase().as_str() {
                    "true" => is_absent.into(),
                    "false" => (!is_absent).into(),
                    _ => Truth::Unknown,
                }),
        )
    }

    /// Whether one value of the request meets it: it matches one of the policy's values, or none of them for a negated
    /// operator.
    fn holds_of(
        &self,
        found: &str,
        operator: Operator,
        context: &Context,
        has_variables: bool,
    ) -> Truth {
        let wildcards = operator.test.has_wildcards();
        let matches = Truth::any(self.values.iter().map(|wanted| {
            let pattern = if has_variables {
                Pattern::resolve(wanted, context, wildcards)
            } else if wildcards {
                Ok(Pattern::new(wanted))
            } else {
                Ok(Pattern::literal(wanted))
            };
            match pattern {
                Ok(pattern) => operator.test.holds(found, &pattern),
                // An absent value equals nothing. IAM does not document the negated case.
                Err(Unresolved::Absent) if !operator.is_negated => Truth::No,
                Err(Unresolved::Absent | Unresolved::Unknown) => Truth::Unknown,
            }
        }));
        if operator.is_negated {
            !matches
        } else {
            matches
        }
    }
}

fn when_absent(operator: Operator) -> Truth {
    match operator.quantifier {
        Quantifier::All => Truth::Yes,
        // ForAnyValue gives "false" and IfExists "true". IAM does not document which wins.
        Quantifier::Any if operator.if_exists => Truth::Unknown,
        Quantifier::Any => Truth::No,
        Quantifier::Single => (operator.if_exists || operator.is_negated).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(operator: &str, values: &[&str], found: Option<&[&str]>) -> Option<bool> {
        let condition = Condition {
            operator: operator.to_owned(),
            key: "aws:PrincipalOrgPaths".to_owned(),
            values: values.iter().map(|&value| value.to_owned()).collect(),
        };
        let mut context = Context::new();
        context.set(
            "AWS:principalOrgPaths",
            found.map(|found| found.iter().map(|&value| value.to_owned()).collect()),
        );
        match condition.is_met(&context, true) {
            Truth::Yes => Some(true),
            Truth::No => Some(false),
            Truth::Unknown => None,
        }
    }

    #[test]
    fn one_value_is_held_against_all_of_the_policy_s() {
        let (yes, no) = (Some(true), Some(false));
        for (operator, values, found, expected) in [
            ("StringEquals", &["a", "b"][..], "b", yes),
            ("StringNotEquals", &["a", "b"], "b", no),
            ("StringNotEquals", &["a", "b"], "c", yes),
            ("stringequals", &["a"], "a", yes),
            ("StringEquals", &["a*"], "ab", no),
            ("StringEquals", &["A"], "a", no),
            ("StringEqualsIgnoreCase", &["A"], "a", yes),
            ("StringNotEqualsIgnoreCase", &["A"], "a", no),
            ("StringLike", &["a/*"], "a/b", yes),
            ("StringNotLike", &["a/*"], "a/b", no),
            ("ArnLike", &["arn:aws:sns:*:1:t"], "arn:aws:sns:eu:1:t", yes),
            (
                "ArnEquals",
                &["arn:aws:sns:*:1:t*"],
                "arn:aws:sns:eu:1:t:x",
                yes,
            ),
            ("ArnLike", &["arn:aws:s3:*:x"], "arn:aws:s3:::x", None),
            (
                "ArnLike",
                &["arn:aws:sns:*:1:t"],
                "arn:aws:sns:eu:2:1:t",
                no,
            ),
            (
                "ArnNotLike",
                &["arn:aws:sns:*:1:t"],
                "arn:aws:sns:eu:1:t",
                no,
            ),
            ("ArnLike", &["*"], "arn:aws:s3:::x", yes),
            ("Bool", &["TRUE"], "true", yes),
            ("Bool", &["1"], "true", None),
            ("BinaryEquals", &["YQ=="], "YQ==", yes),
            ("NumericLessThanEquals", &["10"], "9", yes),
            ("NumericGreaterThan", &["10"], "9", no),
            ("NumericGreaterThanEquals", &["1.2"], "1.2", yes),
            ("NumericLessThan", &["1.2"], "1.1", yes),
            ("NumericEquals", &["ten"], "10", None),
            ("NumericEquals", &["10"], "ten", no),
            ("NumericNotEquals", &["10"], "ten", yes),
            (
                "DateGreaterThan",
                &["2024-01-01T00:00:00Z"],
                "2024-01-02T00:00:00Z",
                yes,
            ),
            ("DateLessThan", &["1704067200"], "2024-01-02T00:00:00Z", no),
            (
                "DateLessThanEquals",
                &["2024-01-02"],
                "2024-01-02T00:00Z",
                yes,
            ),
            (
                "DateGreaterThanEquals",
                &["2024-01-02T00:00+01:00"],
                "2024-01-01T23:00:00Z",
                yes,
            ),
            ("DateEquals", &["soon"], "2024-01-02T00:00:00Z", None),
            ("DateNotEquals", &["2024-01-02"], "2024-01-02T00:00:00Z", no),
            ("IpAddress", &["10.0.0.0/8"], "10.1.2.3", yes),
            ("IpAddress", &["10.0.0.0/8"], "11.1.2.3", no),
            ("IpAddress", &["127.0.0.1"], "127.0.0.1", yes),
            ("IpAddress", &["0.0.0.0/0"], "1.2.3.4", yes),
            ("IpAddress", &["::/0"], "1.2.3.4", no),
            ("IpAddress", &["2001:db8::/32"], "2001:db8::1", yes),
            ("NotIpAddress", &["2001:db8::/32"], "2001:db9::1", yes),
            ("IpAddress", &["1.2.3.4/x"], "1.2.3.4", None),
            ("NotIpAddress", &["1.2.3.4/x"], "1.2.3.4", None),
            ("MoonPhase", &["full"], "full", None),
            ("ForSomeValues:StringEquals", &["a"], "a", None),
            ("NullIfExists", &["true"], "a", None),
            ("Null", &["false"], "a", yes),
            ("Null", &["true"], "a", no),
        ] {
            assert_eq!(
                met(operator, values, Some(&[found])),
                expected,
                "{operator} {values:?} {found}"
            );
        }
    }

    #[test]
    fn an_absent_key_meets_negated_operators_if_exists_and_for_all_values() {
        let (yes, no) = (Some(true), Some(false));
        for (operator, expected) in [
            ("StringEquals", no),
            ("Bool", no),
            ("IpAddress", no),
            ("NumericLessThan", no),
            ("StringNotEquals", yes),
            ("ArnNotLike", yes),
            ("NotIpAddress", yes),
            ("BoolIfExists", yes),
            ("StringNotEqualsIfExists", yes),
            ("ForAllValues:StringEquals", yes),
            ("ForAllValues:StringNotEquals", yes),
            ("ForAllValues:StringEqualsIfExists", yes),
            ("ForAnyValue:StringEquals", no),
            ("ForAnyValue:StringNotEquals", no),
            ("ForAnyValue:StringEqualsIfExists", None),
            ("Null", yes),
            ("MoonPhase", None),
        ] {
            assert_eq!(met(operator, &["true"], None), expected, "{operator}");
        }
        assert_eq!(met("Null", &["false"], None), no);
    }

    #[test]
    fn several_values_are_taken_together_as_the_operator_says() {
        let (yes, no) = (Some(true), Some(false));
        for (operator, values, found, expected) in [
            (
                "ForAllValues:StringEquals",
                &["a", "b"][..],
                &["a", "b"][..],
                yes,
            ),
            ("ForAllValues:StringEquals", &["a"], &["a", "b"], no),
            ("ForAnyValue:StringEquals", &["a"], &["a", "b"], yes),
            ("ForAnyValue:StringEquals", &["c"], &["a", "b"], no),
            ("ForAllValues:StringNotEquals", &["c"], &["a", "b"], yes),
            ("ForAllValues:StringNotEquals", &["a"], &["a", "b"], no),
            ("ForAnyValue:StringNotEquals", &["a"], &["a", "b"], yes),
            ("ForAnyValue:StringNotEquals", &["a", "b"], &["a", "b"], no),
            ("ForAnyValue:StringLikeIfExists", &["a*"], &["ab"], yes),
            ("StringEquals", &["a"], &["a", "b"], None),
        ] {
            assert_eq!(met(operator, values, Some(found)), expected, "{operator}");
        }
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        let condition = |key: &str| Condition {
            operator: "StringEquals".to_owned(),
            key: key.to_owned(),
            values: vec!["a".to_owned()],
        };
        let is_met = |key: &str, context: &Context| condition(key).is_met(context, true);
        assert_eq!(is_met("moon:phase", &Context::new()), Truth::Unknown);
        assert_eq!(is_met("aws:Referer", &Context::new()), Truth::No);
        assert_eq!(is_met("aws:Referer", &Context::open()), Truth::Unknown);
    }
}
