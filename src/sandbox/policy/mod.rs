//! Bucket policies as the sandbox keeps them: the text that was put, and what it means.
//!
//! What a policy means is `domain::policy`'s, which the findings ask as well. Here is what S3 refuses to store (`parse`),
//! and what the sandbox does where the meaning is not known.

mod parse;

use crate::domain::policy::{self, Decision, Request};

/// A bucket policy as it was put, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    text: String,
    document: policy::Policy,
}

impl Policy {
    /// The policy as it was put, byte for byte.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the policy says about a request. What is not known counts as denied where a Deny is in doubt, and as not
    /// allowed where an Allow is: in doubt the policy lets less through than S3 would, never more.
    #[must_use]
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let verdict = self.document.evaluate(request);
        if !verdict.denied.is_no() {
            Decision::Deny
        } else if verdict.allowed.is_yes() {
            Decision::Allow
        } else {
            Decision::Silent
        }
    }

    /// Whether it allows a request to the caller itself, or to everybody: then their own policies need not.
    #[must_use]
    pub fn allows_itself(&self, request: &Request<'_>) -> bool {
        self.document.allows_itself(request).is_yes()
    }

    /// Whether S3 calls the policy public: a block of public policies refuses it, and restricting public buckets
    /// takes back what it grants to others.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.document.is_public()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{Caller, Context};

    #[test]
    fn in_doubt_an_allow_does_not_apply_and_a_deny_does() {
        let ask = |effect| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":"*","Action":"*",
                    "Resource":"*","Condition":{{"MoonPhase":{{"aws:moon":"full"}}}}}}}}"#
            );
            Policy::parse(&text).unwrap().decide(&Request {
                caller: &Caller::Anonymous,
                action: "s3:GetObject",
                resource: "arn:aws:s3:::b/k",
                context: &Context::new(),
            })
        };
        assert_eq!(ask("Allow"), Decision::Silent);
        assert_eq!(ask("Deny"), Decision::Deny);
    }
}
