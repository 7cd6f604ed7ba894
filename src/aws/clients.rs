//! The SDK clients, one per Region, and the known Regions of buckets.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::{DateTime, Utc};

use super::credentials::{Source, Watched};
use super::explain::{self, Call};
use super::guard::Guard;
use super::problem::Problem;
use super::shape::ShapeCheck;
use crate::domain::{BucketName, Region};

/// A connection: credentials, endpoint and clients. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Aws(Arc<Inner>);

struct Inner {
    parts: Parts,
    clients: Mutex<HashMap<Region, aws_sdk_s3::Client>>,
    cloudwatch: Mutex<HashMap<Region, aws_sdk_cloudwatch::Client>>,
    homes: RwLock<HashMap<BucketName, Region>>,
    sts: OnceLock<aws_sdk_sts::Client>,
    operator: RwLock<Option<String>>,
}

/// The result of [`Aws::connect`].
pub(crate) struct Parts {
    pub profile: Option<String>,
    pub region: Region,
    pub endpoint: Option<String>,
    pub path_style: bool,
    pub sdk: SdkConfig,
    pub source: Source,
    pub credentials: Watched,
    /// Whether the Region is a default because nothing specified one.
    pub region_is_assumed: bool,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws")
            .field("profile", &self.profile())
            .field("region", self.region())
            .field("endpoint", &self.endpoint())
            .finish_non_exhaustive()
    }
}

impl Aws {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            clients: Mutex::default(),
            cloudwatch: Mutex::default(),
            homes: RwLock::default(),
            sts: OnceLock::new(),
            operator: RwLock::default(),
        }))
    }

    /// The profile in use, if any.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.0.parts.profile.as_deref()
    }

    /// The Region for requests without a bucket.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.0.parts.region
    }

    /// The endpoint, if it is not AWS.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.0.parts.endpoint.as_deref()
    }

    /// When the credentials in use expire. `None` before the first call, and for long-term credentials.
    #[must_use]
    pub fn credentials_expire_at(&self) -> Option<DateTime<Utc>> {
        self.0.parts.credentials.expiry()
    }

    /// Whether requests go to AWS.
    #[must_use]
    pub fn is_of_aws(&self) -> bool {
        self.endpoint().is_none_or(super::cloudwatch::is_of_aws)
    }

    /// Sets the operator for servers that do not identify the caller. It applies to this connection and all its clones.
    /// Blank text removes it.
    pub fn state_operator(&self, name: Option<&str>) {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        *self
            .0
            .operator
            .write()
            .unwrap_or_else(PoisonError::into_inner) = name.map(str::to_owned);
    }

    /// See [`Self::state_operator`].
    #[must_use]
    pub fn stated_operator(&self) -> Option<String> {
        let name = self.0.operator.read();
        name.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn credential_source(&self) -> Source {
        self.0.parts.source
    }

    pub(crate) fn watched_credentials(&self) -> &Watched {
        &self.0.parts.credentials
    }

    /// Whether the Region is a default, because neither the options nor the environment nor the profile specified one.
    #[must_use]
    pub fn region_is_assumed(&self) -> bool {
        self.0.parts.region_is_assumed
    }

    pub(crate) fn path_style(&self) -> bool {
        self.0.parts.path_style
    }

    pub(crate) fn sdk(&self) -> &SdkConfig {
        &self.0.parts.sdk
    }

    /// The client for a bucket, in the Region where it is known or else assumed to live.
    ///
    /// It includes the write guard: a call that changes something needs a [`WritePermit`](super::WritePermit). Use
    /// [`wire`](super::wire) for reading, which also corrects a wrong Region.
    #[must_use]
    pub fn s3_for(&self, bucket: &BucketName) -> aws_sdk_s3::Client {
        self.s3_in(&self.home_of(bucket))
    }

    /// The client for requests without a bucket.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        self.s3_in(self.region())
    }

    pub(crate) fn s3_in(&self, region: &Region) -> aws_sdk_s3::Client {
        let mut clients = lock(&self.0.clients);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let parts = &self.0.parts;
        let config = aws_sdk_s3::config::Builder::from(&parts.sdk)
            .region(aws_types::region::Region::new(region.as_str().to_owned()))
            .force_path_style(parts.path_style)
            .interceptor(Guard)
            .interceptor(ShapeCheck)
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        clients.insert(region.clone(), client.clone());
        client
    }

    /// The CloudWatch client for a Region: metrics are stored in the Region of their bucket.
    pub(crate) fn cloudwatch_in(&self, region: &Region) -> aws_sdk_cloudwatch::Client {
        lock(&self.0.cloudwatch)
            .entry(region.clone())
            .or_insert_with(|| super::cloudwatch::client(&self.0.parts, region))
            .clone()
    }

    pub(crate) fn sts(&self) -> &aws_sdk_sts::Client {
        self.0.sts.get_or_init(|| {
            let config = aws_sdk_sts::config::Builder::from(&self.0.parts.sdk)
                .interceptor(Guard)
                .interceptor(ShapeCheck)
                .build();
            aws_sdk_sts::Client::from_conf(config)
        })
    }

    /// The known Region of a bucket, without any request.
    #[must_use]
    pub fn known_region(&self, bucket: &BucketName) -> Option<Region> {
        self.0
            .homes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(bucket)
            .cloned()
    }

    fn home_of(&self, bucket: &BucketName) -> Region {
        self.known_region(bucket)
            .unwrap_or_else(|| self.region().clone())
    }

    /// The same connection with one attempt per call and a very short timeout for stalled responses, so that tests need
    /// not wait.
    #[cfg(test)]
    pub(crate) fn impatient(self) -> Self {
        use aws_config::retry::RetryConfig;
        use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
        let grace = std::time::Duration::from_millis(100);
        let inner = Arc::into_inner(self.0).expect("a fresh connection");
        let mut parts = inner.parts;
        let stall = StalledStreamProtectionConfig::enabled().grace_period(grace);
        parts.sdk = parts
            .sdk
            .into_builder()
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(stall.build())
            .build();
        Self::from_parts(parts)
    }

    /// Caches the Region of a bucket.
    pub(crate) fn learn_region(&self, bucket: &BucketName, region: Region) {
        self.0
            .homes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(bucket.clone(), region);
    }

    /// Sends a request to a bucket. If the response says that the bucket is in another Region, caches that and sends
    /// the request there once.
    pub(crate) async fn on_bucket<T, E, F, Fut>(
        &self,
        call: &Call<'_>,
        bucket: &BucketName,
        send: F,
    ) -> Result<T, Problem>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Fn(aws_sdk_s3::Client) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let assumed = self.home_of(bucket);
        let error = match send(self.s3_in(&assumed)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let home = match explain::region_in(&error) {
            Some(named) => Some(named),
            // A redirect without a Region: request the Region once.
            None if explain::is_redirect(&error) && call.operation.name != "HeadBucket" => {
                Box::pin(super::wire::bucket::region(
                    self,
                    bucket,
                    &super::Meter::new(),
                ))
                .await
                .ok()
            }
            None => None,
        };
        match home {
            Some(home) if home != assumed => {
                self.learn_region(bucket, home.clone());
                send(self.s3_in(&home))
                    .await
                    .map_err(|error| explain::explain(self, call, &error))
            }
            _ => Err(explain::explain(self, call, &error)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
