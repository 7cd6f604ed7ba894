//! The question: callers and actions as the user types them.

use thiserror::Error;

use crate::domain::BucketName;
use crate::domain::policy::{Caller, action_named, root_of};

/// The caller of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// The request is not signed.
    Anonymous,
    /// A caller in this account, whose own policies are ignored.
    Account(String),
    /// The root user of an account.
    Root {
        /// The account.
        account: String,
        /// Its ARN.
        arn: String,
    },
    /// An IAM user.
    User {
        /// The account.
        account: String,
        /// Its ARN.
        arn: String,
    },
    /// An IAM role.
    Role {
        /// The account.
        account: String,
        /// The role's ARN; without the role's path if only the session was given.
        arn: String,
        /// The session's ARN, if it was given.
        session: Option<String>,
    },
}

/// The error for a text that is not a supported principal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a principal: give *, anonymous, an account's 12 digits, or the ARN of a role, a user or a role session"
)]
pub struct InvalidAsker(String);

impl Asker {
    /// Parses `*`, `anonymous`, an account number, or the ARN of a root user, user, role or role session.
    ///
    /// # Errors
    /// [`InvalidAsker`] for everything else.
    pub fn parse(text: &str) -> Result<Self, InvalidAsker> {
        let invalid = || InvalidAsker(text.to_owned());
        if text == "*" || text.eq_ignore_ascii_case("anonymous") {
            return Ok(Self::Anonymous);
        }
        if let Some(account) = root_of(text) {
            let account = account.to_owned();
            return Ok(if text.starts_with("arn:") {
                Self::Root {
                    account,
                    arn: text.to_owned(),
                }
            } else {
                Self::Account(account)
            });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, "", account, resource] = parts.as_slice() else {
            return Err(invalid());
        };
        let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let is_name = |name: &str| !name.is_empty() && !name.contains(['*', '?']);
        if !partition.starts_with("aws") || !is_account {
            return Err(invalid());
        }
        let account = (*account).to_owned();
        match (*service, resource.split_once('/')) {
            ("iam", Some(("user", name))) if is_name(name) => Ok(Self::User {
                account,
                arn: text.to_owned(),
            }),
            ("iam", Some(("role", name))) if is_name(name) => Ok(Self::Role {
                account,
                arn: text.to_owned(),
                session: None,
            }),
            ("sts", Some(("assumed-role", rest))) => match rest.split_once('/') {
                Some((role, session)) if is_name(role) && is_name(session) => Ok(Self::Role {
                    arn: format!("arn:{partition}:iam::{account}:role/{role}"),
                    account,
                    session: Some(text.to_owned()),
                }),
                _ => Err(invalid()),
            },
            _ => Err(invalid()),
        }
    }

    /// The account, if any.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Account(account)
            | Self::Root { account, .. }
            | Self::User { account, .. }
            | Self::Role { account, .. } => Some(account),
        }
    }

    /// The caller as the start of a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Anonymous => "An anonymous caller".to_owned(),
            Self::Account(account) => format!("A principal of account {account}"),
            Self::Root { account, .. } => format!("The root user of account {account}"),
            Self::User { arn, .. } => format!("The user {arn}"),
            Self::Role {
                session: Some(session),
                ..
            } => format!("The role session {session}"),
            Self::Role { arn, .. } => format!("The role {arn}"),
        }
    }

    /// The caller as typed: an ARN, an account number, or `anonymous`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Account(account) => account,
            Self::Root { arn, .. } | Self::User { arn, .. } => arn,
            Self::Role { arn, session, .. } => session.as_ref().unwrap_or(arn),
        }
    }

    /// The type of caller in one or two words, such as `role`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous caller",
            Self::Account(_) => "principal",
            Self::Root { .. } => "root user",
            Self::User { .. } => "user",
            Self::Role { .. } => "role",
        }
    }

    /// Whether the caller has policies of its own.
    #[must_use]
    pub fn has_policies(&self) -> bool {
        matches!(
            self,
            Self::Account(_) | Self::User { .. } | Self::Role { .. }
        )
    }

    /// The caller in the form that policies use.
    pub(super) fn caller(&self, canonical: Option<String>) -> Caller {
        let arns = match self {
            Self::Anonymous => return Caller::Anonymous,
            Self::Account(_) => Vec::new(),
            Self::Root { arn, .. } | Self::User { arn, .. } => vec![arn.clone()],
            Self::Role { arn, session, .. } => {
                std::iter::once(arn).chain(session).cloned().collect()
            }
        };
        Caller::Account {
            id: self.account().unwrap_or_default().to_owned(),
            arns,
            canonical,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Action {
    /// Its name, such as `s3:GetObject`.
    pub name: &'static str,
    /// Whether its resource is an object instead of a bucket.
    pub is_of_object: bool,
}

/// The error for a text that is not an action that a bucket policy can grant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not an action on a bucket or an object: give one such as s3:GetObject")]
pub(crate) struct UnknownAction(String);

impl Action {
    /// Parses an action, ignoring case and a missing `s3:`.
    ///
    /// # Errors
    /// [`UnknownAction`] for other texts.
    pub(crate) fn parse(text: &str) -> Result<Self, UnknownAction> {
        action_named(text)
            .map(|(name, is_of_object)| Self { name, is_of_object })
            .ok_or_else(|| UnknownAction(text.to_owned()))
    }

    /// Whether the action lists the contents of the bucket.
    #[must_use]
    pub(crate) fn lists(self) -> bool {
        matches!(
            self.name,
            "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads"
        )
    }

    /// Whether only the bucket owner's account may do it, whatever a policy says.
    pub(super) fn is_of_owner_alone(self) -> bool {
        self.is_about_policy()
    }

    /// Whether it is one of the three actions that no Deny takes from the root user of the owner.
    pub(super) fn is_about_policy(self) -> bool {
        matches!(
            self.name,
            "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy"
        )
    }

    /// The KMS permission that the request needs for an encrypted object.
    #[must_use]
    pub(crate) fn of_kms(self) -> Option<&'static str> {
        match self.name {
            "s3:GetObject" | "s3:GetObjectVersion" | "s3:GetObjectTorrent" => Some("kms:Decrypt"),
            "s3:PutObject" => Some("kms:GenerateDataKey"),
            _ => None,
        }
    }

    /// Whether the object's owner decides, if that is not the bucket's owner. The bucket's owner may delete, archive
    /// and restore every object.
    pub(super) fn is_owners(self) -> bool {
        matches!(
            self.name,
            "s3:GetObject"
                | "s3:GetObjectVersion"
                | "s3:GetObjectTorrent"
                | "s3:GetObjectVersionTorrent"
                | "s3:GetObjectAcl"
                | "s3:GetObjectVersionAcl"
                | "s3:GetObjectAttributes"
                | "s3:GetObjectVersionAttributes"
                | "s3:GetObjectTagging"
                | "s3:GetObjectVersionTagging"
                | "s3:PutObjectAcl"
                | "s3:PutObjectVersionAcl"
                | "s3:PutObjectTagging"
                | "s3:PutObjectVersionTagging"
                | "s3:DeleteObjectTagging"
                | "s3:DeleteObjectVersionTagging"
        )
    }
}

/// Who asks for which action on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub asker: Asker,
    pub action: Action,
    pub bucket: BucketName,
    /// The object's key; for a list action, the prefix.
    pub key: Option<String>,
}

impl Question {
    #[must_use]
    pub(crate) fn resource(&self) -> String {
        match &self.key {
            Some(key) if self.action.is_of_object => {
                format!("arn:aws:s3:::{}/{key}", self.bucket)
            }
            _ => format!("arn:aws:s3:::{}", self.bucket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_read_as_iam_writes_them() {
        for (text, kind, account) in [
            ("*", "anonymous caller", None),
            ("Anonymous", "anonymous caller", None),
            ("111122223333", "principal", Some("111122223333")),
            (
                "arn:aws:iam::111122223333:root",
                "root user",
                Some("111122223333"),
            ),
            (
                "arn:aws-cn:iam::111122223333:user/a/b",
                "user",
                Some("111122223333"),
            ),
            (
                "arn:aws:iam::111122223333:role/app",
                "role",
                Some("111122223333"),
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/app/i-1",
                "role",
                Some("111122223333"),
            ),
        ] {
            let asker = Asker::parse(text).unwrap();
            assert_eq!((asker.kind(), asker.account()), (kind, account), "{text}");
        }
        for text in [
            "",
            "role/app",
            "arn:aws:iam::1:role/app",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:s3:::media",
            "arn:aws:sts::111122223333:assumed-role/app",
        ] {
            assert!(Asker::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn actions_are_read_in_any_case() {
        for text in ["s3:GetObject", "GetObject", "S3:getobject"] {
            assert_eq!(Action::parse(text).unwrap().name, "s3:GetObject");
        }
        assert!(!Action::parse("ListBucket").unwrap().is_of_object);
        assert!(Action::parse("s3:ListAllMyBuckets").is_err());
    }
}
