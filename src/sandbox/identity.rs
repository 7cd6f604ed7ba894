//! Who can sign requests: one user who may do everything, on demand a second one who may not, and sessions of roles, which
//! may do what the policies of their role allow.
//!
//! All belong to the account that owns all buckets. What a user lacks is a list of [`Denial`]s, which can be changed
//! while the sandbox runs.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use thiserror::Error;

use super::pattern::Pattern;
use super::store::Backend;
use crate::domain::policy::{Caller as PolicyCaller, Context, Decision, Policy, Request, Truth};

/// A permission that a user lacks, `s3:GetBucketVersioning` for all buckets or `s3:GetBucketVersioning@BUCKET` for
/// one; `*` and `?` are wildcards in both parts. CloudWatch's, `cloudwatch:ListMetrics`, IAM's, `iam:GetRole`, and KMS's,
/// `kms:GetKeyPolicy`, are for no bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    action: Pattern,
    bucket: Pattern,
}

/// A text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a permission: expected s3:NAME or s3:NAME@BUCKET, such as s3:GetBucketVersioning@media, or cloudwatch:NAME, iam:NAME or kms:NAME"
)]
pub struct DenialError(String);

impl FromStr for Denial {
    type Err = DenialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (action, bucket) = text.split_once('@').unwrap_or((text, "*"));
        let name = action
            .strip_prefix("s3:")
            .or_else(|| action.strip_prefix("cloudwatch:"))
            .or_else(|| action.strip_prefix("iam:"))
            .or_else(|| action.strip_prefix("kms:"))
            .unwrap_or_default();
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?'));
        if !is_name || bucket.is_empty() {
            return Err(DenialError(text.to_owned()));
        }
        Ok(Self {
            action: Pattern::new(action),
            bucket: Pattern::new(bucket),
        })
    }
}

impl Denial {
    /// Reads several.
    ///
    /// # Errors
    /// [`DenialError`] for the first text that names no permission.
    pub fn parse_all<T: AsRef<str>>(texts: &[T]) -> Result<Vec<Self>, DenialError> {
        texts.iter().map(|text| text.as_ref().parse()).collect()
    }
}

/// A user of the account, with keys that are for this endpoint alone and look like it.
#[derive(Debug)]
pub struct Identity {
    /// The user's name.
    pub user: Cow<'static, str>,
    /// The access key id.
    pub access_key: Cow<'static, str>,
    /// The secret access key. No secret: it opens nothing but a sandbox.
    pub secret_key: Cow<'static, str>,
    /// The role whose session this is, where it is no user.
    pub role: Option<Role>,
    rights: Option<Rights>,
    denied: RwLock<Vec<Denial>>,
}

impl Identity {
    /// Who owns the account and may do everything that is not denied.
    #[must_use]
    pub fn owner(denied: Vec<Denial>) -> Self {
        Self {
            user: "demo".into(),
            access_key: "SANDBOXOWNERKEY".into(),
            secret_key: "not-a-secret-just-the-sandbox".into(),
            role: None,
            rights: None,
            denied: RwLock::new(denied),
        }
    }

    /// A second user, to try what a console shows to someone with fewer permissions.
    #[must_use]
    pub fn limited(denied: Vec<Denial>) -> Self {
        Self {
            user: "limited".into(),
            access_key: "SANDBOXLIMITEDKEY".into(),
            secret_key: "not-a-secret-either-just-limited".into(),
            role: None,
            rights: None,
            denied: RwLock::new(denied),
        }
    }

    /// A session of a role.
    ///
    /// # Errors
    /// A policy of the role cannot be read.
    pub fn of_role(role: Role) -> Result<Self, RoleError> {
        let read = |document: &String| {
            Policy::parse_of_identity(document).map_err(|why| RoleError {
                role: role.name.clone(),
                why,
            })
        };
        let documents = role.inline.iter().chain(&role.attached);
        let policies = documents.map(|(_, document)| read(document));
        let rights = Rights {
            policies: policies.collect::<Result<_, _>>()?,
            boundary: role.boundary.as_ref().map(read).transpose()?,
        };
        Ok(Self {
            user: role.name.clone().into(),
            access_key: format!("SANDBOXROLE{}", role.name.to_uppercase()).into(),
            secret_key: format!("not-a-secret-but-of-{}", role.name).into(),
            role: Some(role),
            rights: Some(rights),
            denied: RwLock::default(),
        })
    }

    /// The ARN of the user or of the role session.
    #[must_use]
    pub fn arn(&self) -> String {
        match &self.role {
            None => format!("arn:aws:iam::{}:user/{}", Backend::ACCOUNT_ID, self.user),
            Some(role) => format!(
                "arn:aws:sts::{}:assumed-role/{}/sandbox",
                Backend::ACCOUNT_ID,
                role.name
            ),
        }
    }

    /// The ARN that policies know as `aws:PrincipalArn`: of a session its role's.
    #[must_use]
    pub fn principal_arn(&self) -> String {
        match &self.role {
            None => self.arn(),
            Some(role) => format!("arn:aws:iam::{}:role/{}", Backend::ACCOUNT_ID, role.name),
        }
    }

    /// The unique id of the user or of the session.
    #[must_use]
    pub fn user_id(&self) -> String {
        match self.role {
            None => format!("AIDA{}", self.access_key),
            Some(_) => format!("AROA{}:sandbox", self.access_key),
        }
    }

    /// What the policies of a session's role say about a request; `None` for a user, who may do everything.
    pub(super) fn decided(&self, request: &Request<'_>) -> Option<Decision> {
        let rights = self.rights.as_ref()?;
        let verdicts = rights
            .policies
            .iter()
            .map(|policy| policy.evaluate(request));
        let (denied, allowed) = verdicts.fold((Truth::No, Truth::No), |found, verdict| {
            (found.0.or(verdict.denied), found.1.or(verdict.allowed))
        });
        let within = rights
            .boundary
            .as_ref()
            .map(|policy| policy.evaluate(request));
        let (denied, allowed) = match within {
            None => (denied, allowed),
            Some(within) => (denied.or(within.denied), allowed.and(within.allowed)),
        };
        // In doubt less is let through than AWS would, never more.
        Some(if !denied.is_no() {
            Decision::Deny
        } else if allowed.is_yes() {
            Decision::Allow
        } else {
            Decision::Silent
        })
    }

    /// Whether the role's policies let something through that no bucket has a say in.
    pub(super) fn may(&self, action: &str, resource: &str) -> bool {
        let request = Request {
            caller: &Caller::User(self).for_policies(String::new()),
            action,
            resource,
            context: &Context::new(),
        };
        matches!(self.decided(&request), None | Some(Decision::Allow))
    }

    /// Takes permissions away, and gives back those that were taken before.
    pub fn deny(&self, denied: Vec<Denial>) {
        *self.denied.write().unwrap_or_else(PoisonError::into_inner) = denied;
    }

    /// Whether the user lacks a permission; `bucket` is `None` for what concerns the account.
    pub(super) fn lacks(&self, action: &str, bucket: Option<&str>) -> bool {
        let denied = self.denied.read().unwrap_or_else(PoisonError::into_inner);
        denied.iter().any(|denial| {
            denial.action.matches_ignoring_case(action)
                && denial.bucket.matches(bucket.unwrap_or_default())
        })
    }
}

/// A role, and the policies that it has: names and documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Inline policies.
    pub inline: Vec<(String, String)>,
    /// Managed policies.
    pub attached: Vec<(String, String)>,
    /// Its permissions boundary.
    pub boundary: Option<String>,
}

/// A role with a policy that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a policy of the role {role} cannot be read: {why}")]
pub struct RoleError {
    role: String,
    why: String,
}

/// The policies of a role, read.
#[derive(Debug)]
struct Rights {
    policies: Vec<Policy>,
    boundary: Option<Policy>,
}

/// All who can sign.
#[derive(Debug)]
pub(super) struct Identities {
    pub(super) owner: Identity,
    pub(super) limited: Option<Identity>,
    pub(super) roles: Vec<Identity>,
}

impl Identities {
    /// Whose key this is.
    pub(super) fn find(&self, access_key: &str) -> Option<&Identity> {
        self.all()
            .find(|identity| identity.access_key == access_key)
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Identity> {
        std::iter::once(&self.owner)
            .chain(&self.limited)
            .chain(&self.roles)
    }
}

/// Looks secrets up for s3s, which verifies the signatures.
pub(super) struct Keyring(pub(super) std::sync::Arc<Identities>);

#[async_trait::async_trait]
impl S3Auth for Keyring {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.find(access_key) {
            Some(identity) => Ok(SecretKey::from(identity.secret_key.to_string())),
            None => Err(s3_error!(
                InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records."
            )),
        }
    }
}

/// Who sent a request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Caller<'a> {
    Anonymous,
    User(&'a Identity),
}

impl Caller<'_> {
    /// Who asks, as a policy sees it. `canonical` is the account's canonical id.
    pub(super) fn for_policies(self, canonical: String) -> PolicyCaller {
        match self {
            Self::Anonymous => PolicyCaller::Anonymous,
            Self::User(user) => PolicyCaller::Account {
                id: Backend::ACCOUNT_ID.to_owned(),
                arns: match user.role {
                    None => vec![user.arn()],
                    Some(_) => vec![user.principal_arn(), user.arn()],
                },
                canonical: Some(canonical),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_for_one_bucket_or_for_all() {
        let user = Identity::owner(
            Denial::parse_all(&["s3:GetBucketVersioning@media", "s3:*Tagging"]).unwrap(),
        );
        assert!(user.lacks("s3:GetBucketVersioning", Some("media")));
        assert!(!user.lacks("s3:GetBucketVersioning", Some("other")));
        assert!(user.lacks("s3:GetObjectTagging", Some("other")));
        user.deny(Denial::parse_all(&["s3:ListAllMyBuckets"]).unwrap());
        assert!(user.lacks("s3:ListAllMyBuckets", None));
        assert!(!user.lacks("s3:GetObjectTagging", Some("other")));
    }

    #[test]
    fn what_names_no_permission_is_refused() {
        for text in [
            "",
            "GetObject",
            "s3:",
            "s3:Get Object",
            "s3:GetObject@",
            "ec2:GetUser",
        ] {
            let error = text.parse::<Denial>().unwrap_err();
            assert!(
                error.to_string().contains("expected s3:NAME"),
                "{text}: {error}"
            );
        }
    }
}
