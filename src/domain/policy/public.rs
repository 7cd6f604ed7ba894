//! AWS's definition of a public policy. Source: *The meaning of "public"* in the S3 user guide.
//!
//! A policy is public unless each Allow statement names a fixed principal, or fixes one of certain keys to values
//! without wildcards and variables. An `aws:SourceIp` broader than /8 (IPv4) or /32 (IPv6) does not count as fixed.
//! Deny statements are ignored. The public access block uses this definition. Who really has access is a different
//! question; see `anyone`.

use super::document::{Condition, Policy, Principal, Principals, Statement};
use super::network::Network;
use super::operator::{Operator, Quantifier, Test};

/// In lower case: keys that, with fixed values, restrict a grant to everybody.
const FIXING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Policy {
    /// The statements that make the policy public by AWS's definition; empty if it is not public.
    #[must_use]
    pub fn public_statements(&self) -> Vec<&Statement> {
        self.statements.iter().filter(|s| s.is_public()).collect()
    }

    /// Whether the policy is public by AWS's definition.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }
}

impl Statement {
    fn is_public(&self) -> bool {
        self.allow && !self.principals.are_fixed() && !self.is_fixed_by_conditions()
    }

    fn is_fixed_by_conditions(&self) -> bool {
        self.conditions.iter().any(|condition| {
            condition.fixes(|key| {
                // ForAllValues is met if the key is absent, unless another condition requires the key.
                self.conditions.iter().any(|other| other.asks_for(key))
            })
        })
    }
}

impl Principals {
    fn are_fixed(&self) -> bool {
        match self {
            Self::Only(named) => named.iter().all(Principal::is_fixed),
            Self::Except(_) => false,
        }
    }
}

impl Principal {
    fn is_fixed(&self) -> bool {
        match self {
            Self::Anyone => false,
            // Anyone can sign up at a web identity provider; a provider with an ARN belongs to an account.
            Self::Federated(provider) => provider.starts_with("arn:") && is_fixed(provider),
            Self::Aws(name) | Self::Service(name) | Self::Canonical(name) => is_fixed(name),
        }
    }
}

fn is_fixed(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?']) && !text.contains("${")
}

impl Condition {
    fn fixes(&self, is_there: impl Fn(&str) -> bool) -> bool {
        let key = self.key.to_ascii_lowercase();
        let Some(operator) = Operator::parse(&self.operator) else {
            return false;
        };
        let compares = matches!(
            operator.test,
            Test::StringEquals
                | Test::StringEqualsIgnoreCase
                | Test::StringLike
                | Test::Arn
                | Test::IpAddress
        );
        let may_be_absent = operator.if_exists || operator.quantifier == Quantifier::All;
        FIXING.contains(&key.as_str())
            && compares
            && !operator.is_negated
            && (!may_be_absent || is_there(&key))
            && !self.values.is_empty()
            && self.values.iter().all(|value| is_fixed_value(&key, value))
    }

    /// Whether the condition requires the key to be present.
    fn asks_for(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
            && self.operator.eq_ignore_ascii_case("Null")
            && self
                .values
                .iter()
                .all(|value| value.eq_ignore_ascii_case("false"))
    }
}

fn is_fixed_value(key: &str, value: &str) -> bool {
    match key {
        "aws:sourceip" => Network::parse(value).is_some_and(|network| !network.is_broad()),
        // Any access point of a fixed account is enough.
        "s3:dataaccesspointarn" => {
            let account = value.split(':').nth(4);
            is_fixed(value) || (!value.contains("${") && account.is_some_and(is_fixed))
        }
        // An organization path continues below the organization id, which is fixed.
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            let organisation = value.split('/').next().unwrap_or_default();
            !value.contains("${") && is_fixed(organisation)
        }
        _ => is_fixed(value),
    }
}
