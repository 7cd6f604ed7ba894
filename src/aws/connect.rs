//! Creates a connection: profile, Region, endpoint, credentials, timeouts and retries.
//!
//! Connecting sends nothing and needs no credentials, so the console appears before any network access. The first call
//! resolves the credentials; its [`Problem`] says what to do if there are none.

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

/// The timeout for connecting. A healthy server accepts a connection within one round trip.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The timeout for the first byte of a response: listings over many delete markers are slow.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The timeout for one attempt, including its body.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(1);
/// The maximum number of attempts per call.
const ATTEMPTS: u32 = 4;
/// The pause before the second attempt; it doubles for each further one, with jitter. A wrong endpoint is reported
/// after at most three seconds, and a throttled call has time to recover.
const FIRST_PAUSE: Duration = Duration::from_millis(400);
/// The default Region if nothing specifies one. Requests find their bucket's own Region from there.
const FALLBACK_REGION: &str = "us-east-1";

/// The connection options. Missing ones come from the environment and the AWS configuration files.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// A profile of the AWS configuration files. It takes precedence over credentials in the environment.
    pub profile: Option<String>,
    /// The Region for signing and for listing buckets; each bucket is accessed in its own Region.
    pub region: Option<String>,
    /// An endpoint to use instead of AWS, such as `http://127.0.0.1:9000`.
    pub endpoint_url: Option<String>,
    /// Credentials to use instead of the profile or the environment.
    pub credentials: Option<StaticCredentials>,
    /// Whether the bucket is in the path instead of the host name. `None` means in the path if there is a custom
    /// endpoint, because most servers have no host name per bucket.
    pub path_style: Option<bool>,
    /// The operator, for servers that do not identify the caller.
    pub operator: Option<String>,
}

/// A constant access key. `Debug` does not print it.
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
    /// Prepares the clients. It reads the AWS configuration files, but sends nothing and resolves no credentials.
    ///
    /// # Errors
    /// A [`Problem`] of kind [`ProblemKind::Configuration`] if the profile does not exist, a configuration file cannot
    /// be read, or the endpoint is not a URL.
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
            // Older Ceph versions and others reject the streamed checksums that the SDK adds by default.
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

/// The Region from `--region`, the environment or the profile. The instance metadata service is not used, because that
/// would need a request.
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

/// The source of credentials. As with the AWS CLI, a profile on the command line takes precedence over credentials in
/// the environment, but a profile in the environment does not.
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
    // Outside of EC2, nothing answers at the metadata service's address. The SDK's own four attempts of a second each
    // would delay the message that there are no credentials.
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

/// The endpoint for S3 in the SDK's own order: option, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, profile. It is needed
/// here because the path style depends on it.
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

/// A configuration problem, as opposed to a failed request.
pub(crate) fn misconfigured(
    what: &str,
    target: &str,
    why: &str,
    advice: impl Into<Advice>,
) -> Problem {
    Problem::new(what, target, ProblemKind::Configuration, why, advice)
}
