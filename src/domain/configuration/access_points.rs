//! Access points: additional endpoints of a bucket, each with its own policy, public access block and optional VPC.

use serde::Serialize;

use super::words::{count, list};
use super::{Concern, Policy, PublicAccess, Unanswered};

/// The account's access points for a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AccessPoints(pub Vec<AccessPoint>);

/// One access point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessPoint {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its alias, which can be used instead of a bucket name.
    pub alias: Option<String>,
    /// The VPC to which requests are restricted; `None` if the internet is allowed.
    pub vpc: Option<String>,
    /// Its own public access block.
    pub block: Option<PublicAccess>,
    /// Whether it has a policy; `None` if unknown.
    pub has_policy: Option<bool>,
    /// Its policy, if it has one.
    pub policy: Option<Policy>,
    /// Whether S3 reports its policy as public.
    pub is_public: Option<bool>,
    /// Requests about it that failed.
    pub unanswered: Vec<Unanswered>,
}

impl AccessPoint {
    /// Whether requests may come from the internet.
    #[must_use]
    pub fn is_of_internet(&self) -> bool {
        self.vpc.is_none()
    }

    fn words(&self) -> String {
        let from = match &self.vpc {
            Some(vpc) => format!("from {vpc}"),
            None => "from the Internet".to_owned(),
        };
        let policy = match (self.has_policy, self.is_public) {
            (_, Some(true)) => "public policy",
            (Some(true), Some(false)) => "policy not public",
            (Some(true), None) => "policy",
            (Some(false), _) => "no policy",
            (None, _) => "policy unknown",
        };
        let block = match self.block {
            None => "block unknown",
            Some(block) if block.blocks_everything() => "public access blocked",
            Some(_) => "public access not blocked",
        };
        format!("{} ({from}, {policy}, {block})", self.name)
    }
}

impl Concern for AccessPoints {
    const NAME: &'static str = "access-points";
    const TITLE: &'static str = "Access points";
    const NOT_SET: &'static str = "The account has no access points to the bucket; Multi-Region Access Points are not looked at.";

    fn sentence(&self) -> String {
        let each: Vec<String> = self.0.iter().map(AccessPoint::words).collect();
        format!(
            "{}: {}; Multi-Region Access Points are not looked at.",
            count(each.len(), "access point"),
            list(&each)
        )
    }
}
