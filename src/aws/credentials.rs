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
    // The outermost sentence only says that credentials were being loaded.
    let text = chain(credentials.source().unwrap_or(credentials));
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let login = login_advice(aws);
    let (kind, message, advice) = if says(&["sso"])
        && says(&[
            "expired",
            "failed to load",
            "sso/cache",
            "sso\\cache",
            "unauthorized",
        ]) {
        (
            ProblemKind::ExpiredCredentials,
            format!("the SSO session has expired or was never begun ({text})"),
            login,
        )
    } else if says(&["external process"]) {
        (
            ProblemKind::NoCredentials,
            format!("the profile's credential_process failed: {text}"),
            "run the command that the profile names by hand to see what it says".to_owned(),
        )
    } else if says(&[
        "was not defined",
        "was not found",
        "invalid profile",
        "invalid sso",
        "infinite loop",
    ]) || matches!(credentials, CredentialsError::InvalidConfiguration(_))
    {
        (
            ProblemKind::Configuration,
            format!("the profile is incomplete or wrong: {text}"),
            "correct it in ~/.aws/config or ~/.aws/credentials".to_owned(),
        )
    } else if says(&["imds"]) || matches!(credentials, CredentialsError::CredentialsNotLoaded(_)) {
        // The instance's metadata service is the chain's last resort: when even that fails, there are none.
        none_at_all(aws, &login)
    } else if matches!(credentials, CredentialsError::ProviderTimedOut(_)) {
        (
            ProblemKind::NoCredentials,
            format!("what should give the credentials did not answer in time: {text}"),
            "check the network connection, then try again".to_owned(),
        )
    } else {
        (
            ProblemKind::NoCredentials,
            format!("getting the credentials failed: {text}"),
            format!("correct what it names, or {login}"),
        )
    };
    Some(call.problem(kind, &message, &advice))
}

fn none_at_all(aws: &Aws, login: &str) -> (ProblemKind, String, String) {
    let message = match aws.profile() {
        Some(profile) if aws.credential_source() == Source::Profile => {
            format!("the profile {profile} holds no credentials and no way to get any")
        }
        _ => "there are no credentials: none in the environment, in the AWS configuration files or from an instance \
              role"
            .to_owned(),
    };
    let advice = format!(
        "give a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {login}; to look around \
         without an account run `s3warden demo`"
    );
    (ProblemKind::NoCredentials, message, advice)
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
