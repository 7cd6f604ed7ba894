//! Signs requests. This is the only code that handles credentials directly, together with `aws-sigv4`.
//!
//! [`Aws::signer`] resolves the credentials and the bucket's endpoint once. A [`Signer`] then signs offline, within
//! microseconds. Static credentials and those of a profile need no network at all. For SSO sessions and roles, the
//! provider chain fetches credentials if needed, and reports an error if that fails. `query` signs URLs, `form` signs
//! POST policies, and `endpoint` determines the bucket's URL.

mod endpoint;
mod form;
mod query;

use std::fmt;

use aws_credential_types::Credentials;
use chrono::{DateTime, SubsecRound as _, Utc};

use super::clients::Aws;
use super::credentials;
use super::explain::{Call, chain};
use super::guard::WritePermit;
use super::operations::Operation;
use super::problem::{Problem, ProblemKind};
use crate::domain::advice::advice;
use crate::domain::presign::{Action, PresignError, PresignRequest, RegionSource, Signed};
use crate::domain::{BucketName, Region};

/// Not an S3 operation: nothing is sent.
const SIGN: Operation = Operation {
    name: "Sign",
    words: "sign a request to",
    permission: "",
    root: None,
};

/// Signs requests for one bucket with resolved credentials.
#[derive(Clone)]
pub struct Signer {
    credentials: Credentials,
    bucket: BucketName,
    /// The bucket's URL, without a trailing slash.
    base: String,
    region: Region,
    region_source: RegionSource,
}

impl Aws {
    /// Prepares signing for a bucket. It sends nothing if the credentials are available: from the environment, from a
    /// profile's keys, or still valid from an earlier call. `region` is the bucket's Region, if known from another
    /// source than this connection.
    ///
    /// # Errors
    /// A [`Problem`] if there are no credentials, or the endpoint does not support such a bucket name.
    pub async fn signer(
        &self,
        bucket: &BucketName,
        region: Option<(Region, RegionSource)>,
    ) -> Result<Signer, Problem> {
        let call = Call::on(&SIGN, bucket, "");
        let credentials = self
            .watched_credentials()
            .current()
            .await
            .map_err(|error| {
                let problem = credentials::explain(self, &call, &error);
                problem.unwrap_or_else(|| {
                    call.failed(
                        ProblemKind::NoCredentials,
                        &format!("getting the credentials failed: {}", chain(&error)),
                        advice!("correct what it names"),
                    )
                })
            })?;
        let (region, region_source) = region.unwrap_or_else(|| match self.known_region(bucket) {
            Some(region) => (region, RegionSource::Learnt),
            None if self.region_is_assumed() => (self.region().clone(), RegionSource::Assumed),
            None => (self.region().clone(), RegionSource::Connection),
        });
        let base = endpoint::of_bucket(self, bucket, &region)
            .await
            .map_err(|why| {
                call.failed(
                    ProblemKind::Configuration,
                    &why,
                    advice!("check the endpoint, the Region and the bucket's name"),
                )
            })?;
        Ok(Signer {
            credentials,
            bucket: bucket.clone(),
            base,
            region,
            region_source,
        })
    }
}

/// Why a request was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// S3 would reject it.
    #[error(transparent)]
    Request(#[from] PresignError),
    /// It deletes, and s3warden is read-only.
    #[error("a signed DELETE deletes for whoever has it, and the program was started read-only")]
    ReadOnly,
    /// The signer belongs to another bucket.
    #[error("the signer belongs to the bucket {0}")]
    OtherBucket(BucketName),
}

impl Signer {
    /// Signs a request. `now` is truncated to seconds, the unit of signatures.
    ///
    /// # Errors
    /// [`SignError`] if S3 would reject the request, or it is a DELETE without a permit.
    pub fn sign(
        &self,
        request: &PresignRequest,
        now: DateTime<Utc>,
        permit: Option<&WritePermit>,
    ) -> Result<Signed, SignError> {
        if request.bucket != self.bucket {
            return Err(SignError::OtherBucket(self.bucket.clone()));
        }
        if matches!(request.action, Action::Delete(_)) && permit.is_none() {
            return Err(SignError::ReadOnly);
        }
        request.check()?;
        let signed_at = now.trunc_subsecs(0);
        let made = match &request.action {
            Action::Post(form) => form::sign(self, request, form, signed_at),
            _ => query::sign(self, request, signed_at)?,
        };
        let asked = signed_at + request.expires;
        let credentials_expire_at = self.credentials_expire_at();
        Ok(Signed {
            request: request.clone(),
            url: made.url,
            headers: made.headers,
            fields: made.fields,
            policy: made.policy,
            signed_at,
            expires_at: credentials_expire_at.map_or(asked, |end| asked.min(end)),
            credentials_expire_at,
            temporary: self.credentials.session_token().is_some(),
            access_key_id: self.credentials.access_key_id().to_owned(),
            region: self.region.clone(),
            region_source: self.region_source,
        })
    }

    /// When the credentials expire, if known.
    #[must_use]
    pub fn credentials_expire_at(&self) -> Option<DateTime<Utc>> {
        self.credentials.expiry().map(DateTime::<Utc>::from)
    }

    /// The Region in its signatures.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// `DATE/REGION/s3/aws4_request`.
    fn scope(&self, at: DateTime<Utc>) -> String {
        format!("{}/{}/s3/aws4_request", at.format("%Y%m%d"), self.region)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The result of either kind of signing.
struct Made {
    url: String,
    headers: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    policy: Option<String>,
}

#[cfg(test)]
mod tests;
