//! What a policy makes of a request: the statements that speak of it, and which effect wins.

use super::{Effect, Named, Policy, Statement};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// Nobody who signed.
    Anonymous,
    /// A user of an account.
    User {
        /// The account's 12 digits.
        account: &'a str,
        /// The user's ARN.
        arn: &'a str,
    },
    /// A service of AWS, such as `logging.s3.amazonaws.com`.
    Service(&'a str),
}

/// A request as policies see it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// The action, such as `s3:GetObject`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// Condition keys and their values; keys compare without letter case.
    pub context: &'a [(String, String)],
}

/// What a policy says about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allow,
    /// A statement denies it: nothing else counts.
    Deny,
    /// No statement speaks of it.
    Silent,
}

impl Policy {
    /// What the policy says about a request. A condition that cannot be judged, its operator unknown here, counts as
    /// met in a Deny and as not met in an Allow: in doubt the policy lets less through than S3 would, never more.
    #[must_use]
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let mut decision = Decision::Silent;
        for statement in &self.statements {
            match (statement.applies_to(request), statement.effect) {
                (true, Effect::Deny) => return Decision::Deny,
                (true, Effect::Allow) => decision = Decision::Allow,
                (false, _) => {}
            }
        }
        decision
    }
}

impl Statement {
    fn applies_to(&self, request: &Request<'_>) -> bool {
        let in_doubt = self.effect == Effect::Deny;
        self.principals.holds(|named| named.is(request.principal))
            && self
                .actions
                .holds(|action| action.matches_ignoring_case(request.action))
            && self
                .resources
                .holds(|resource| resource.matches(request.resource))
            && self
                .conditions
                .iter()
                .all(|condition| condition.is_met(request.context).unwrap_or(in_doubt))
    }
}

impl Named {
    fn is(&self, principal: Principal<'_>) -> bool {
        if let Principal::Service(service) = principal {
            return self.kind == "*" || (self.kind == "Service" && self.name == service);
        }
        if self.kind != "*" && self.kind != "AWS" {
            return false;
        }
        match principal {
            Principal::Anonymous => self.name == "*",
            Principal::User { account, arn } => {
                self.name == "*"
                    || self.name == account
                    || self.name == arn
                    || self.name == format!("arn:aws:iam::{account}:root")
            }
            Principal::Service(_) => false,
        }
    }

    pub(super) fn is_everyone(&self) -> bool {
        (self.kind == "*" || self.kind == "AWS") && self.name.contains('*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: Principal<'_> = Principal::User {
        account: "123456789012",
        arn: "arn:aws:iam::123456789012:user/bob",
    };

    fn decide(
        statements: &str,
        principal: Principal<'_>,
        action: &str,
        resource: &str,
    ) -> Decision {
        decide_with(statements, principal, action, resource, &[])
    }

    fn decide_with(
        statements: &str,
        principal: Principal<'_>,
        action: &str,
        resource: &str,
        context: &[(&str, &str)],
    ) -> Decision {
        let context: Vec<_> = context
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Policy::parse(&text).unwrap().decide(&Request {
            principal,
            action,
            resource,
            context: &context,
        })
    }

    const READ: &str = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/public/*"}"#;
    const DENY_BOB: &str = r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},
        "Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#;

    #[test]
    fn an_allow_reaches_its_principal_action_and_resource_and_no_further() {
        let anyone = Principal::Anonymous;
        assert_eq!(
            decide(READ, anyone, "s3:GetObject", "arn:aws:s3:::b/public/a/b"),
            Decision::Allow
        );
        assert_eq!(
            decide(READ, anyone, "s3:GetObject", "arn:aws:s3:::b/private"),
            Decision::Silent
        );
        assert_eq!(
            decide(READ, anyone, "s3:GetObjectAcl", "arn:aws:s3:::b/public/a"),
            Decision::Silent
        );
    }

    #[test]
    fn a_deny_wins_whatever_the_order() {
        for statements in [format!("{READ},{DENY_BOB}"), format!("{DENY_BOB},{READ}")] {
            let resource = "arn:aws:s3:::b/public/a";
            assert_eq!(
                decide(&statements, BOB, "s3:GetObject", resource),
                Decision::Deny
            );
            assert_eq!(
                decide(&statements, Principal::Anonymous, "s3:GetObject", resource),
                Decision::Allow
            );
        }
    }

    #[test]
    fn a_user_is_named_by_arn_account_root_or_star() {
        for name in [
            r#""*""#,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":["123456789012"]}"#,
            r#"{"AWS":"arn:aws:iam::123456789012:root"}"#,
            r#"{"AWS":"arn:aws:iam::123456789012:user/bob"}"#,
        ] {
            let statement =
                format!(r#"{{"Effect":"Allow","Principal":{name},"Action":"*","Resource":"*"}}"#);
            assert_eq!(
                decide(&statement, BOB, "s3:GetObject", "arn:aws:s3:::b/k"),
                Decision::Allow,
                "{name}"
            );
        }
        for name in [
            r#"{"Service":"*"}"#,
            r#"{"AWS":"arn:aws:iam::123456789012:user/alice"}"#,
            r#"{"AWS":"arn:aws:iam::999999999999:root"}"#,
        ] {
            let statement =
                format!(r#"{{"Effect":"Allow","Principal":{name},"Action":"*","Resource":"*"}}"#);
            assert_eq!(
                decide(&statement, BOB, "s3:GetObject", "arn:aws:s3:::b/k"),
                Decision::Silent,
                "{name}"
            );
        }
    }

    #[test]
    fn negated_elements_mean_all_but_these() {
        let statement = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/bob"},
            "NotAction":"s3:Get*","NotResource":"arn:aws:s3:::b/open/*"}"#;
        let anyone = Principal::Anonymous;
        assert_eq!(
            decide(statement, anyone, "s3:PutObject", "arn:aws:s3:::b/k"),
            Decision::Deny
        );
        assert_eq!(
            decide(statement, BOB, "s3:PutObject", "arn:aws:s3:::b/k"),
            Decision::Silent
        );
        assert_eq!(
            decide(statement, anyone, "s3:GetObject", "arn:aws:s3:::b/k"),
            Decision::Silent
        );
        assert_eq!(
            decide(statement, anyone, "s3:PutObject", "arn:aws:s3:::b/open/k"),
            Decision::Silent
        );
    }

    #[test]
    fn action_names_compare_without_letter_case_and_resources_with_it() {
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"S3:getOBJECT","Resource":"arn:aws:s3:::b/A"}"#;
        let anyone = Principal::Anonymous;
        assert_eq!(
            decide(statement, anyone, "s3:GetObject", "arn:aws:s3:::b/A"),
            Decision::Allow
        );
        assert_eq!(
            decide(statement, anyone, "s3:GetObject", "arn:aws:s3:::b/a"),
            Decision::Silent
        );
    }

    #[test]
    fn all_conditions_of_a_statement_have_to_be_met() {
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{
            "Bool":{"aws:SecureTransport":true},"IpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.1"]}}}"#;
        let ask = |context: &[(&str, &str)]| {
            decide_with(
                statement,
                Principal::Anonymous,
                "s3:GetObject",
                "arn:aws:s3:::b/k",
                context,
            )
        };
        assert_eq!(
            ask(&[
                ("aws:SecureTransport", "true"),
                ("aws:SourceIp", "10.1.2.3")
            ]),
            Decision::Allow
        );
        assert_eq!(
            ask(&[
                ("AWS:securetransport", "true"),
                ("aws:SourceIp", "127.0.0.1")
            ]),
            Decision::Allow
        );
        assert_eq!(
            ask(&[
                ("aws:SecureTransport", "false"),
                ("aws:SourceIp", "10.1.2.3")
            ]),
            Decision::Silent
        );
        assert_eq!(
            ask(&[
                ("aws:SecureTransport", "true"),
                ("aws:SourceIp", "11.0.0.1")
            ]),
            Decision::Silent
        );
        assert_eq!(ask(&[("aws:SecureTransport", "true")]), Decision::Silent);
    }

    #[test]
    fn in_doubt_an_allow_does_not_apply_and_a_deny_does() {
        let statement = |effect| {
            format!(
                r#"{{"Effect":"{effect}","Principal":"*","Action":"*","Resource":"*",
                    "Condition":{{"MoonPhase":{{"aws:moon":"full"}}}}}}"#
            )
        };
        let ask = |effect| {
            decide(
                &statement(effect),
                Principal::Anonymous,
                "s3:GetObject",
                "arn:aws:s3:::b/k",
            )
        };
        assert_eq!(ask("Allow"), Decision::Silent);
        assert_eq!(ask("Deny"), Decision::Deny);
    }
}
