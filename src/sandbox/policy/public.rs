//! When S3 calls a policy public.
//!
//! After "The meaning of 'public'" in the S3 user guide: an Allow for everyone is public unless a condition pins one
//! of certain keys to fixed values, without a wildcard; of `aws:SourceIp`, ranges wider than /8 (IPv4) or /32 (IPv6)
//! do not count as pinned.

use super::condition::Condition;
use super::{Effect, Policy, Set, Statement};

/// The keys that make an Allow for everyone an Allow for some.
const PINNING: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:userid",
    "aws:VpcSourceIp",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Policy {
    /// Whether S3 calls the policy public: a block of public policies refuses it, and restricting public buckets
    /// takes back what it grants to others.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }
}

impl Statement {
    fn is_public(&self) -> bool {
        let names_everyone = match &self.principals {
            Set::These(named) => named.iter().any(super::Named::is_everyone),
            Set::AllBut(_) => true,
        };
        self.effect == Effect::Allow
            && names_everyone
            && !self.conditions.iter().any(Condition::pins)
    }
}

impl Condition {
    fn pins(&self) -> bool {
        let Some(key) = PINNING
            .iter()
            .find(|key| key.eq_ignore_ascii_case(&self.key))
        else {
            return false;
        };
        if *key == "aws:SourceIp" || *key == "aws:VpcSourceIp" {
            return self.is_fixed() && self.values.iter().all(|network| is_narrow(network));
        }
        // An organisation's paths and ARNs with a fixed account may hold wildcards after it; we ask for none at all,
        // which calls more policies public than S3 does and never fewer.
        self.is_fixed()
    }
}

fn is_narrow(network: &str) -> bool {
    let least = if network.contains(':') { 32 } else { 8 };
    match network.split_once('/') {
        Some((_, length)) => length.parse::<u32>().is_ok_and(|length| length >= least),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_public(effect: &str, principal: &str, condition: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}",{principal},"Action":"s3:GetObject",
                "Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}}}"#
        );
        Policy::parse(&text).unwrap().is_public()
    }

    #[test]
    fn an_allow_for_everyone_is_public_and_a_deny_is_not() {
        assert!(is_public("Allow", r#""Principal":"*""#, ""));
        assert!(is_public("Allow", r#""Principal":{"AWS":["*"]}"#, ""));
        assert!(is_public(
            "Allow",
            r#""NotPrincipal":{"AWS":"123456789012"}"#,
            ""
        ));
        assert!(!is_public("Deny", r#""Principal":"*""#, ""));
        assert!(!is_public(
            "Allow",
            r#""Principal":{"AWS":"123456789012"}"#,
            ""
        ));
        assert!(!is_public(
            "Allow",
            r#""Principal":{"Service":"cloudfront.amazonaws.com"}"#,
            ""
        ));
    }

    #[test]
    fn a_condition_takes_publicity_away_only_by_fixed_values_of_certain_keys() {
        let everyone = r#""Principal":"*""#;
        for pinned in [
            r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#,
            r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","1.2.3.4"]}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#,
        ] {
            assert!(!is_public("Allow", everyone, pinned), "{pinned}");
        }
        for open in [
            r#""StringLike":{"aws:SourceVpc":"vpc-*"}"#,
            r#""IpAddress":{"aws:SourceIp":"0.0.0.0/1"}"#,
            r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
            r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}"#,
            r#""StringLike":{"aws:Referer":"https://example.com"}"#,
            r#""Bool":{"aws:SecureTransport":"true"}"#,
        ] {
            assert!(is_public("Allow", everyone, open), "{open}");
        }
    }
}
