//! The public access block of a bucket and of its account.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// The settings of a public access block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "S3's own four switches, each with a meaning of its own"
)]
pub struct PublicAccess {
    /// New public ACLs are rejected.
    pub block_public_acls: bool,
    /// Existing public ACLs are ignored.
    pub ignore_public_acls: bool,
    /// New public policies are rejected.
    pub block_public_policy: bool,
    /// A public policy gives access only to principals of the account and to AWS services.
    pub restrict_public_buckets: bool,
}

impl PublicAccess {
    /// Whether all four settings are on, so that nothing in the bucket can be public.
    #[must_use]
    pub fn blocks_everything(self) -> bool {
        self.off().is_empty()
    }

    /// The settings that are on in either block: the result if both apply.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// The settings that are off, as S3 spells them.
    #[must_use]
    pub fn off(self) -> Vec<&'static str> {
        [
            (self.block_public_acls, "BlockPublicAcls"),
            (self.ignore_public_acls, "IgnorePublicAcls"),
            (self.block_public_policy, "BlockPublicPolicy"),
            (self.restrict_public_buckets, "RestrictPublicBuckets"),
        ]
        .into_iter()
        .filter_map(|(on, name)| (!on).then_some(name))
        .collect()
    }

    fn words(self, whose: &str) -> String {
        let off = self.off();
        match off.len() {
            0 => format!("{whose} public access is blocked on all four switches."),
            4 => format!("{whose} public access block is there with all four switches off."),
            _ => format!("{whose} public access is blocked except {}.", list(&off)),
        }
    }
}

impl Concern for PublicAccess {
    const NAME: &'static str = "public-access-block";
    const TITLE: &'static str = "Public access block";
    const NOT_SET: &'static str = "The bucket itself blocks no public access.";

    fn sentence(&self) -> String {
        self.words("The bucket's")
    }
}

/// The account's public access block, which applies to every bucket of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct AccountBlock(pub PublicAccess);

impl Concern for AccountBlock {
    const NAME: &'static str = "account-public-access-block";
    const TITLE: &'static str = "Account's access block";
    const NOT_SET: &'static str = "The account blocks no public access.";

    fn sentence(&self) -> String {
        self.0.words("The account's")
    }
}
