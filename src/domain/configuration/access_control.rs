//! The bucket's access control list.

use serde::Serialize;

use super::Concern;
use super::words::list;

/// An access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessControl {
    /// The owner's canonical id, where the server tells it.
    pub owner: Option<String>,
    /// Who may do what.
    pub grants: Vec<Grant>,
}

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// To whom.
    pub to: Grantee,
    /// What.
    pub permission: Permission,
}

/// To whom something is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// Anyone, signed or not.
    AllUsers,
    /// Anyone with an AWS account, which is as good as anyone.
    AuthenticatedUsers,
    /// The service that delivers access logs.
    LogDelivery,
    /// An account by its canonical id.
    Account(String),
    /// Another group or an e-mail address.
    Other(String),
}

/// What a grant allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Permission {
    /// Everything below.
    FullControl,
    /// List the bucket.
    Read,
    /// Write and delete objects.
    Write,
    /// Read the list.
    ReadAcp,
    /// Write the list.
    WriteAcp,
    /// Something newer.
    Other(String),
}

impl Grantee {
    /// Whether this is everybody.
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

    /// Whether it lets one list the bucket.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(self, Self::FullControl | Self::Read)
    }

    /// Whether it lets one write objects, or the list itself and so anything.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::FullControl | Self::Write | Self::WriteAcp)
    }
}

impl AccessControl {
    /// The grants to somebody else than the owner.
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
