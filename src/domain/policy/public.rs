//! What AWS calls public: *The meaning of "public"* of the S3 user guide.
//!
//! A policy is public unless each of its grants is to a fixed principal, or fixes one of certain keys to values without a
//! wildcard and without a policy variable. Of `aws:SourceIp`, more than a /8 (IPv4) or a /32 (IPv6) is not fixed. Denials
//! are no grants and take nothing away. This decides what the public access block refuses and restricts; who really gets
//! in is another question, asked in `anyone`.

use super::document::{Condition, Policy, Principal, Principals, Statement};
use super::network::Network;
use super::operator::{Operator, Quantifier, Test};

/// The keys whose fixed values make a grant to everybody one to somebody, in lower case.
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
    /// The statements that make the policy public by AWS's definition; none when it is not.
    #[must_use]
    pub fn public_statements(&self) -> Vec<&Statement> {
        self.statements.iter().filter(|s| s.is_public()).collect()
    }

    /// Whether AWS calls the policy public.
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
                // ForAllValues is met where the key is absent, unless another condition asks that it is there.
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
            // A provider of web identities knows everybody; one with an ARN belongs to an account.
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

    /// Whether the condition asks that the request has a key.
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
        // Any access point of a fixed account will do.
        "s3:dataaccesspointarn" => {
            let account = value.split(':').nth(4);
            is_fixed(value) || (!value.contains("${") && account.is_some_and(is_fixed))
        }
        // An organisation's paths go on below the organisation, which is fixed.
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            let organisation = value.split('/').next().unwrap_or_default();
            !value.contains("${") && is_fixed(organisation)
        }
        _ => is_fixed(value),
    }
}
