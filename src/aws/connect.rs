//! How a connection is made: profile, Region, endpoint, credentials, timeouts and retries.
//!
//! Connecting contacts nobody and needs no credentials, so that the console is on screen before the network is even
//! asked. Credentials are resolved by the first call, whose [`Problem`] says what to do when there are none.

use std::fmt;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::region::Region as SdkRegion;
use aws_types::service_config::ServiceConfigKey;

use super::clients::{Aws, Parts};
use super::credentials::{Source, Watched};
use super::problem::{Problem, ProblemKind};
use super::{http, profiles};
use crate::domain::Region;
use crate::domain::advice::Advice;

/// How long to wait for a connection. A server that is up answers within one round trip.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait for the first byte of an answer: listings over many delete markers are slow.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long one attempt may take in all, its body included.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// Attempts a call, the first one included.
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt, doubled for each further one and jittered: a wrong endpoint is told after
/// three seconds at most, and a throttled call still has time to recover.
const FIRST_PAUSE: Duration = Duration::from_millis(400);
/// The Region that signs when nothing names one: requests find their bucket's own Region from there.
const FALLBACK_REGION: &str = "us-east-1";

/// What to connect to, and as whom. Everything left out comes from the environment and the AWS configuration files.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// A profile of the AWS configuration files. Given here it outranks credentials in the environment.
    pub profile: Option<String>,
    /// The Region to sign for and to list buckets in; each bucket is then reached in its own.
    pub region: Option<String>,
    /// An endpoint in place of AWS's, such as `http://127.0.0.1:9000`.
    pub endpoint_url: Option<String>,
    /// Credentials in place of what the profile or the environment would give.
    pub credentials: Option<StaticCredentials>,
    /// Whether the bucket stands in the path rather than in the host name; `None` means in the path when there is an
    /// endpoint, for most servers that are not AWS have no host name a bucket.
    pub path_style: Option<bool>,
    /// Who acts, for servers that do not say whose credentials these are.
    pub operator: Option<String>,
}

/// An access key that does not change while the program runs. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct StaticCredentials {
    /// The access key's id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
}

impl fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticCredentials(..)")
    }
}

impl Aws {
    /// Prepares clients. Reads the AWS configuration files, contacts nobody and resolves no credentials.
    ///
    /// # Errors
    /// A [`Problem`] of kind [`ProblemKind::Configuration`] when the profile does not exist, a configuration file
    /// cannot be read, or the endpoint is not a URL.
    pub async fn connect(options: ConnectOptions) -> Result<Self, Problem> {
        let set = profiles::load(options.profile.as_deref()).await?;
        if options.credentials.is_none() {
            set.check_selected()?;
        }
        let named = region(&options).await;
        let region_is_assumed = named.is_none();
        let region = named.unwrap_or_else(|| Region(FALLBACK_REGION.to_owned()));
        let direct = http::direct()?;
        let through = http::by_destination()?;

        let provider_config = ProviderConfig::without_region()
            .with_http_client(through.clone())
            .with_region(Some(SdkRegion::new(region.as_str().to_owned())));
        let (source, provider) = credentials(&options, &region, &provider_config, direct).await;
        let watched = Watched::new(provider);

        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(through)
            .region(SdkRegion::new(region.as_str().to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(watched.clone()))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .read_timeout(READ_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build(),
            )
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(FIRST_PAUSE),
            )
            // Older Ceph and others refuse the streamed checksums that the SDK would add by itself.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Ok(name) = AppName::new(concat!("s3warden/", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &options.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(http::checked_endpoint(url)?);
        }
        let sdk = loader.load().await;

        let endpoint = s3_endpoint(&sdk);
        if let Some(url) = &endpoint {
            http::checked_endpoint(url)?;
        }
        let aws = Self::from_parts(Parts {
            path_style: options.path_style.unwrap_or(endpoint.is_some()),
            profile: set.selected_name(options.profile.clone()),
            region,
            endpoint,
            sdk,
            source,
            credentials: watched,
            region_is_assumed,
        });
        aws.state_operator(options.operator.as_deref());
        Ok(aws)
    }
}

/// The Region that `--region`, the environment or the profile names; never the instance metadata service, which would have to be contacted.
async fn region(options: &ConnectOptions) -> Option<Region> {
    if let Some(region) = &options.region {
        return Some(Region(region.clone()));
    }
    let mut found = EnvironmentVariableRegionProvider::new().region().await;
    if found.is_none() {
        let mut profile_region = ProfileFileRegionProvider::builder();
        if let Some(profile) = &options.profile {
            profile_region = profile_region.profile_name(profile);
        }
        found = profile_region.build().region().await;
    }
    found.map(|region| Region(region.as_ref().to_owned()))
}

/// Where credentials will come from. As with the AWS CLI, a profile that was named on the command line outranks
/// credentials in the environment, and one that is named in the environment does not.
async fn credentials(
    options: &ConnectOptions,
    region: &Region,
    config: &ProviderConfig,
    direct: aws_sdk_s3::config::SharedHttpClient,
) -> (Source, SharedCredentialsProvider) {
    if let Some(given) = &options.credentials {
        let fixed = Credentials::new(
            given.access_key.clone(),
            given.secret_key.clone(),
            given.session_token.clone(),
            None,
            "s3warden",
        );
        return (Source::Given, SharedCredentialsProvider::new(fixed));
    }
    if let Some(profile) = &options.profile {
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(config)
            .profile_name(profile)
            .build();
        return (Source::Profile, SharedCredentialsProvider::new(provider));
    }
    // Away from EC2 nobody answers at the metadata service's address, and the SDK's own four attempts of a second
    // each would pass before anybody is told that there are no credentials.
    let imds = imds::Client::builder()
        .configure(&ProviderConfig::without_region().with_http_client(direct))
        .max_attempts(1)
        .connect_timeout(Duration::from_millis(700))
        .read_timeout(Duration::from_millis(700))
        .operation_timeout(Duration::from_millis(1500))
        .build();
    let chain = DefaultCredentialsChain::builder()
        .configure(config.clone())
        .region(SdkRegion::new(region.as_str().to_owned()))
        .imds_client(imds)
        .build()
        .await;
    (Source::Chain, SharedCredentialsProvider::new(chain))
}

/// The endpoint that S3 clients will use, in the SDK's own order: given, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`,
/// the profile's. Needed here because path style depends on it.
fn s3_endpoint(sdk: &SdkConfig) -> Option<String> {
    if sdk.get_origin("endpoint_url").is_client_config() {
        return sdk.endpoint_url().map(str::to_owned);
    }
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok();
    key.and_then(|key| sdk.service_config()?.load_config(key))
        .or_else(|| sdk.endpoint_url().map(str::to_owned))
}

/// A problem with what was configured rather than with a request.
pub(crate) fn misconfigured(
    what: &str,
    target: &str,
    why: &str,
    advice: impl Into<Advice>,
) -> Problem {
    Problem::new(what, target, ProblemKind::Configuration, why, advice)
}
