//! The bucket policy, and S3's own report on it. `domain::policy` has the parts of a policy.

use serde::Serialize;

use super::Concern;
use super::words::count;
use crate::domain::policy::{Policy, Principal, Principals};

impl Concern for Policy {
    const NAME: &'static str = "policy";
    const TITLE: &'static str = "Policy";
    const NOT_SET: &'static str = "There is no bucket policy.";

    fn sentence(&self) -> String {
        let allows = self.statements.iter().filter(|s| s.allow).count();
        let denies = self.statements.len() - allows;
        let anyone = self
            .statements
            .iter()
            .filter(|s| s.allow && s.principals == Principals::Only(vec![Principal::Anyone]))
            .count();
        let open = match anyone {
            0 => "none names everybody".to_owned(),
            n if n == allows => "all of which name everybody".to_owned(),
            n => format!("{n} of which name everybody"),
        };
        format!(
            "The policy has {} that {} ({open}) and {} that {}.",
            count(allows, "statement"),
            if allows == 1 { "allows" } else { "allow" },
            denies,
            if denies == 1 { "denies" } else { "deny" },
        )
    }
}

/// S3's own report on the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PolicyStatus {
    /// Whether S3 reports it as public. This does not depend on the public access block.
    pub is_public: bool,
}

impl Concern for PolicyStatus {
    const NAME: &'static str = "policy-status";
    const TITLE: &'static str = "Policy status";
    const NOT_SET: &'static str = "There is no bucket policy that could be public.";

    fn sentence(&self) -> String {
        if self.is_public {
            "S3 calls the policy public.".to_owned()
        } else {
            "S3 does not call the policy public.".to_owned()
        }
    }
}
