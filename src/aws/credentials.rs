//! Credentials: their source, their expiry, and what to do if there are none.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use chrono::{DateTime, TimeDelta, Utc};

use super::clients::Aws;
use super::explain::{Call, chain, find};
use super::problem::{Problem, ProblemKind};
use crate::domain::advice::{Action, Advice, SignIn, advice};

/// The source of credentials, for specific advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The connection options.
    Given,
    /// Only the profile from the command line.
    Profile,
    /// The SDK's default chain: environment, profile, web identity, container, instance.
    Chain,
}

/// A provider that caches its last credentials: to report their expiry, and to sign with them offline.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    inner: SharedCredentialsProvider,
    last: Arc<Mutex<Option<Credentials>>>,
}

/// Credentials that expire sooner than this are renewed before signing.
const RENEW_BEFORE: TimeDelta = TimeDelta::minutes(1);

impl Watched {
    pub(crate) fn new(inner: SharedCredentialsProvider) -> Self {
        Self {
            inner,
            last: Arc::default(),
        }
    }

    /// Credentials for signing: the cached ones while they are valid, so that no role is assumed again.
    pub(crate) async fn current(&self) -> Result<Credentials, CredentialsError> {
        let last = self.last().clone();
        match last {
            Some(last) if !ends_by(&last, Utc::now() + RENEW_BEFORE) => Ok(last),
            _ => self.provide_credentials().await,
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<Credentials>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the credentials in use expire. `None` before their first use, and for long-term credentials.
    pub(crate) fn expiry(&self) -> Option<DateTime<Utc>> {
        self.last().as_ref().and_then(expiry_of)
    }
}

fn expiry_of(credentials: &Credentials) -> Option<DateTime<Utc>> {
    credentials.expiry().map(DateTime::<Utc>::from)
}

fn ends_by(credentials: &Credentials, at: DateTime<Utc>) -> bool {
    expiry_of(credentials).is_some_and(|end| end <= at)
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let credentials = self.inner.provide_credentials().await?;
            *self.last() = Some(credentials.clone());
            Ok(credentials)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.inner.fallback_on_interrupt()
    }
}

/// Explains an error about credentials, if it is one.
pub(crate) fn explain(
    aws: &Aws,
    call: &Call<'_>,
    error: &(dyn Error + 'static),
) -> Option<Problem> {
    let credentials = find::<CredentialsError>(error)?;
    // The outermost message only says that loading credentials failed.
    let text = chain(credentials.source().unwrap_or(credentials));
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let login = sign_in(aws);
    let (kind, message, advice) = if let Some(why) = metadata_failure(credentials) {
        // The default chain tries the metadata service last. If there is none, there are no credentials at all.
        if aws.credential_source() == Source::Chain && is_closed(credentials, &why) {
            none_at_all(aws, login)
        } else {
            (
                ProblemKind::NoCredentials,
                without_metadata(aws, &why),
                Advice::from(Action::GetCredentials(login)),
            )
        }
    } else if says(&["sso"])
        && says(&[
            "expired",
            "failed to load",
            "sso/cache",
            "sso\\cache",
            "unauthorized",
        ])
    {
        (
            ProblemKind::ExpiredCredentials,
            format!("the SSO session has expired or was never begun ({text})"),
            Advice::from(Action::SignIn(login)),
        )
    } else if says(&["external process"]) {
        (
            ProblemKind::NoCredentials,
            format!("the profile's credential_process failed: {text}"),
            advice!("run the command that the profile names by hand to see what it says"),
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
            advice!("correct it in ~/.aws/config or ~/.aws/credentials"),
        )
    } else if matches!(credentials, CredentialsError::CredentialsNotLoaded(_)) {
        none_at_all(aws, login)
    } else if matches!(credentials, CredentialsError::ProviderTimedOut(_)) {
        (
            ProblemKind::NoCredentials,
            format!("what should give the credentials did not answer in time: {text}"),
            advice!("check the network connection, then try again"),
        )
    } else {
        (
            ProblemKind::NoCredentials,
            format!("getting the credentials failed: {text}"),
            advice!("correct what it names; or").then(Action::SignIn(login)),
        )
    };
    Some(call.failed(kind, &message, advice))
}

fn none_at_all(aws: &Aws, login: SignIn) -> (ProblemKind, String, Advice) {
    let message = match aws.profile() {
        Some(profile) if aws.credential_source() == Source::Profile => {
            format!("the profile {profile} holds no credentials and no way to get any")
        }
        _ => "there are no credentials: none in the environment, in the AWS configuration files or from an instance \
              role"
            .to_owned(),
    };
    (
        ProblemKind::NoCredentials,
        message,
        Advice::from(Action::GetCredentials(login)),
    )
}

/// Why the instance metadata service returned no credentials, if that is the reason.
fn metadata_failure(credentials: &CredentialsError) -> Option<String> {
    let error = credentials.source().unwrap_or(credentials);
    match find::<ImdsError>(error) {
        // Its own message contains the whole response with headers.
        Some(ImdsError::ErrorResponse(answer)) => Some(format!(
            "it answered {}",
            answer.response().status().as_u16()
        )),
        Some(_) => Some(chain(error)),
        None => {
            let text = chain(error);
            ["from IMDS", "with IMDS", "IMDS disabled", "IMDS/IAM"]
                .iter()
                .any(|words| text.contains(words))
                .then_some(text)
        }
    }
}

/// Whether the metadata service does not exist, or does not serve this program. A service that returns something else
/// exists, and its error is worth reporting.
fn is_closed(credentials: &CredentialsError, why: &str) -> bool {
    matches!(credentials, CredentialsError::CredentialsNotLoaded(_))
        || why.contains("request forbidden")
        || why.ends_with("answered 403")
}

/// The message if the instance metadata service returned no credentials.
fn without_metadata(aws: &Aws, why: &str) -> String {
    match aws.profile() {
        Some(profile) if aws.credential_source() == Source::Profile => format!(
            "no credentials found: the instance's metadata service, from which the profile {profile} takes them, did \
             not give any ({why})"
        ),
        _ => format!(
            "no credentials found: the instance's metadata service did not give any ({why})"
        ),
    }
}

/// How to renew credentials for the profile in use.
pub(crate) fn sign_in(aws: &Aws) -> SignIn {
    match (aws.credential_source(), aws.profile()) {
        (Source::Given, _) => SignIn::Other,
        (_, Some(profile)) if profile != "default" => SignIn::Profile(Some(profile.to_owned())),
        (Source::Profile, _) => SignIn::Profile(None),
        (Source::Chain, _) => SignIn::ProfileOrEnvironment,
    }
}
