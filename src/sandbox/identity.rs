//! Who can sign requests: one user who may do everything, and on demand a second one who may not.
//!
//! Both belong to the account that owns all buckets. What a user lacks is a list of [`Denial`]s, which can be changed
//! while the sandbox runs.

use std::str::FromStr;
use std::sync::{PoisonError, RwLock};

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use thiserror::Error;

use super::pattern::Pattern;
use super::store::Backend;
use crate::domain::policy::Caller as PolicyCaller;

/// A permission that a user lacks, `s3:GetBucketVersioning` for all buckets or `s3:GetBucketVersioning@BUCKET` for
/// one; `*` and `?` are wildcards in both parts. CloudWatch's, `cloudwatch:ListMetrics`, are for no bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    action: Pattern,
    bucket: Pattern,
}

/// A text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a permission: expected s3:NAME or s3:NAME@BUCKET, such as s3:GetBucketVersioning@media, or cloudwatch:NAME"
)]
pub struct DenialError(String);

impl FromStr for Denial {
    type Err = DenialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (action, bucket) = text.split_once('@').unwrap_or((text, "*"));
        let name = action
            .strip_prefix("s3:")
            .or_else(|| action.strip_prefix("cloudwatch:"))
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
    pub user: &'static str,
    /// The access key id.
    pub access_key: &'static str,
    /// The secret access key. No secret: it opens nothing but a sandbox.
    pub secret_key: &'static str,
    denied: RwLock<Vec<Denial>>,
}

impl Identity {
    /// Who owns the account and may do everything that is not denied.
    #[must_use]
    pub fn owner(denied: Vec<Denial>) -> Self {
        Self {
            user: "demo",
            access_key: "SANDBOXOWNERKEY",
            secret_key: "not-a-secret-just-the-sandbox",
            denied: RwLock::new(denied),
        }
    }

    /// A second user, to try what a console shows to someone with fewer permissions.
    #[must_use]
    pub fn limited(denied: Vec<Denial>) -> Self {
        Self {
            user: "limited",
            access_key: "SANDBOXLIMITEDKEY",
            secret_key: "not-a-secret-either-just-limited",
            denied: RwLock::new(denied),
        }
    }

    /// The user's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", Backend::ACCOUNT_ID, self.user)
    }

    /// The user's unique id.
    #[must_use]
    pub fn user_id(&self) -> String {
        format!("AIDA{}", self.access_key)
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

/// All who can sign.
#[derive(Debug)]
pub(super) struct Identities {
    pub(super) owner: Identity,
    pub(super) limited: Option<Identity>,
}

impl Identities {
    /// Whose key this is.
    pub(super) fn find(&self, access_key: &str) -> Option<&Identity> {
        std::iter::once(&self.owner)
            .chain(&self.limited)
            .find(|identity| identity.access_key == access_key)
    }
}

/// Looks secrets up for s3s, which verifies the signatures.
pub(super) struct Keyring(pub(super) std::sync::Arc<Identities>);

#[async_trait::async_trait]
impl S3Auth for Keyring {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.0.find(access_key) {
            Some(identity) => Ok(SecretKey::from(identity.secret_key)),
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
                arns: vec![user.arn()],
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
            "iam:GetUser",
        ] {
            let error = text.parse::<Denial>().unwrap_err();
            assert!(
                error.to_string().contains("expected s3:NAME"),
                "{text}: {error}"
            );
        }
    }
}
