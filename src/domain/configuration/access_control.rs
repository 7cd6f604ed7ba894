//! The bucket's access control list.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// An access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessControl {
    /// The owner's canonical id, if the server returns it.
    pub owner: Option<String>,
    /// Its grants.
    pub grants: Vec<Grant>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Its grantee.
    pub to: Grantee,
    /// Its permission.
    pub permission: Permission,
}

/// The grantee of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// Everybody, signed or not.
    AllUsers,
    /// Everybody with an AWS account, which is as good as everybody.
    AuthenticatedUsers,
    /// The service that delivers access logs.
    LogDelivery,
    /// An account, by its canonical id.
    Account(String),
    /// Another group or an e-mail address.
    Other(String),
}

/// What a grant allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// All of the other permissions.
    FullControl,
    /// List the bucket.
    Read,
    /// Write and delete objects.
    Write,
    /// Read the ACL.
    ReadAcp,
    /// Write the ACL.
    WriteAcp,
    /// An unknown permission.
    Other(String),
}

impl Grantee {
    /// Whether it means everybody.
    #[must_use]
    pub fn is_anyone(&self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }

    fn words(&self) -> String {
        match self {
            Self::AllUsers => "anyone".to_owned(),
            Self::AuthenticatedUsers => "anyone with an AWS account".to_owned(),
            Self::LogDelivery => "the log delivery service".to_owned(),
            Self::Account(id) => format!("account {id}"),
            Self::Other(name) => name.clone(),
        }
    }
}

impl Permission {
    /// The permission as S3 spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
            Self::Other(name) => name,
        }
    }

    /// Whether it allows listing the bucket.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(self, Self::FullControl | Self::Read)
    }

    /// Whether it allows writing objects, or writing the ACL and thereby everything.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::FullControl | Self::Write | Self::WriteAcp)
    }
}

impl AccessControl {
    /// The grants to others than the owner.
    pub fn to_others(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| match &grant.to {
            Grantee::Account(id) => self.owner.as_ref() != Some(id),
            _ => true,
        })
    }
}

impl Concern for AccessControl {
    const NAME: &'static str = "acl";
    const TITLE: &'static str = "Access control list";
    const NOT_SET: &'static str = "There is no access control list.";

    fn sentence(&self) -> String {
        let others: Vec<String> = self
            .to_others()
            .map(|grant| format!("{} to {}", grant.permission.as_str(), grant.to.words()))
            .collect();
        if others.is_empty() {
            "The access control list grants nothing to anyone but the owner.".to_owned()
        } else {
            format!("The access control list grants {}.", list(&others))
        }
    }
}
