//! Where credentials come from, when they end, and what to do when there are none.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use chrono::{DateTime, Utc};

use super::clients::Aws;
use super::explain::{Call, chain, find};
use super::problem::{Problem, ProblemKind};

/// Which way credentials are looked for, so that advice can be about that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// They were given when connecting.
    Given,
    /// The profile that was named on the command line, and nothing else.
    Profile,
    /// The SDK's default chain: environment, profile, web identity, container, instance.
    Chain,
}

/// A provider that remembers when the credentials it gave last will end.
#[derive(Debug, Clone)]
pub struct Watched {
    inner: SharedCredentialsProvider,
    expiry: Arc<Mutex<Option<DateTime<Utc>>>>,
}

impl Watched {
    pub fn new(inner: SharedCredentialsProvider) -> Self {
        Self {
            inner,
            expiry: Arc::default(),
        }
    }

    /// When the credentials in use end; `None` while none were needed yet, and for those that do not end.
    pub fn expiry(&self) -> Option<DateTime<Utc>> {
        *self.expiry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let credentials = self.inner.provide_credentials().await?;
            *self.expiry.lock().unwrap_or_else(PoisonError::into_inner) =
                credentials.expiry().map(DateTime::<Utc>::from);
            Ok(credentials)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<aws_credential_types::Credentials> {
        self.inner.fallback_on_interrupt()
    }
}

/// The failure to get credentials in words, if that is what the error is.
pub(crate) fn explain(
    aws: &Aws,
    call: &Call<'_>,
    error: &(dyn Error + 'static),
) -> Option<Problem> {
    let credentials = find::<CredentialsError>(error)?;
    let text = chain(credentials);
    let lower = text.to_ascii_lowercase();
    let login = login_advice(aws);
    let (kind, message, advice) = match credentials {
        _ if lower.contains("sso") && (lower.contains("expired") || lower.contains("failed to load")) => (
            ProblemKind::ExpiredCredentials,
            format!("the SSO session has expired or was never begun: {text}"),
            login,
        ),
        CredentialsError::CredentialsNotLoaded(_) => (
            ProblemKind::NoCredentials,
            match aws.profile() {
                Some(profile) if aws.credential_source() == Source::Profile => {
                    format!("the profile {profile} gives no credentials: {text}")
                }
                _ => "there are no credentials: none in the environment, in the AWS configuration files or from an \
                      instance role"
                    .to_owned(),
            },
            format!(
                "give a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {login}; to look \
                 around without an account run `s3warden demo`"
            ),
        ),
        CredentialsError::InvalidConfiguration(_) => (
            ProblemKind::Configuration,
            format!("the configuration of the credentials is wrong: {text}"),
            "correct the profile in ~/.aws/config or ~/.aws/credentials".to_owned(),
        ),
        CredentialsError::ProviderTimedOut(_) => (
            ProblemKind::NoCredentials,
            format!("what should give the credentials did not answer in time: {text}"),
            "check the network connection, then try again".to_owned(),
        ),
        _ => (
            ProblemKind::NoCredentials,
            format!("getting the credentials failed: {text}"),
            format!("correct what it names, or {login}"),
        ),
    };
    Some(call.problem(kind, &message, &advice))
}

/// How to get fresh credentials, for the profile in use.
pub(crate) fn login_advice(aws: &Aws) -> String {
    match (aws.credential_source(), aws.profile()) {
        (Source::Given, _) => "give other credentials".to_owned(),
        (_, Some(profile)) if profile != "default" => {
            format!("run `aws sso login --profile {profile}`")
        }
        (Source::Profile, _) => "run `aws sso login`".to_owned(),
        (Source::Chain, _) => "run `aws sso login`, or renew those in the environment".to_owned(),
    }
}
