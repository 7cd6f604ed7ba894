//! A sandbox with what a test needs in it, and the SDK's client for it.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{
    BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::{Client, Config};
use chrono::{DateTime, Utc};
use s3warden::facade::sandbox::world::{
    SeedKind, SeedObject, SeedVersion, Versioning, World, WorldBucket,
};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

/// A running sandbox; it stops when this is dropped.
pub struct Running {
    pub s3: Client,
    pub sandbox: Sandbox,
}

/// Starts a sandbox that holds these buckets.
pub async fn start(buckets: Vec<WorldBucket>) -> Running {
    let world = World {
        name: "test".into(),
        buckets,
        ..World::default()
    };
    let options = SandboxOptions {
        worlds: vec![world],
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    let s3 = client(&sandbox, "us-east-1");
    Running { s3, sandbox }
}

/// A client that signs for a Region.
pub fn client(sandbox: &Sandbox, region: &str) -> Client {
    let credentials = Credentials::new(
        sandbox.access_key(),
        sandbox.secret_key(),
        None,
        None,
        "test",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(sandbox.endpoint_url())
        .credentials_provider(credentials)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// Half past ten on the 15th of January 2024.
pub fn then() -> DateTime<Utc> {
    "2024-01-15T10:30:00Z".parse().unwrap()
}

/// An empty bucket without versions.
pub fn bucket(name: &str) -> WorldBucket {
    WorldBucket {
        name: name.into(),
        region: "us-east-1".into(),
        created: then(),
        versioning: Versioning::Off,
        configuration: std::collections::BTreeMap::new(),
        configuration_lists: std::collections::BTreeMap::new(),
        versions: Vec::new(),
        uploads: Vec::new(),
    }
}

/// An empty bucket that keeps versions.
pub fn versioned(name: &str) -> WorldBucket {
    WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket(name)
    }
}

/// A bucket that holds plain objects of 1 byte under these keys.
pub fn filled(name: &str, keys: impl IntoIterator<Item = impl Into<String>>) -> WorldBucket {
    let versions = keys
        .into_iter()
        .map(|key| seed(&key.into(), SeedKind::Plain { size: 1 }));
    WorldBucket {
        versions: versions.collect(),
        ..bucket(name)
    }
}

/// One version for a world.
pub fn seed(key: &str, kind: SeedKind) -> SeedVersion {
    SeedVersion {
        key: key.into(),
        last_modified: then(),
        kind,
        version_id: None,
    }
}

/// An object for a world.
pub fn seed_object(key: &str, object: SeedObject) -> SeedVersion {
    seed(key, SeedKind::Object(Box::new(object)))
}

/// Puts an object; answers the version's id.
pub async fn put(s3: &Client, bucket: &str, key: &str, body: &str) -> Option<String> {
    let answer = s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(ByteStream::from(body.as_bytes().to_vec()))
        .send()
        .await
        .unwrap();
    answer.version_id
}

/// Reads an object as text.
pub async fn read(s3: &Client, bucket: &str, key: &str) -> String {
    let answer = s3
        .get_object()
        .bucket(bucket)
        .key(key)
        .send()
        .await
        .unwrap();
    text(answer.body).await
}

/// Reads a body as text.
pub async fn text(body: ByteStream) -> String {
    String::from_utf8(body.collect().await.unwrap().to_vec()).unwrap()
}

/// The status and the code that a request was refused with; answers to HEAD have no code.
pub fn refusal<T: Debug, E: ProvideErrorMetadata + Debug>(
    result: Result<T, SdkError<E>>,
) -> (u16, String) {
    let error = result.expect_err("it was answered");
    let status = error
        .raw_response()
        .unwrap_or_else(|| panic!("no answer: {error:?}"))
        .status()
        .as_u16();
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    (status, code.unwrap_or_default().to_owned())
}

/// The code that a request was refused with.
pub fn code<T: Debug, E: ProvideErrorMetadata + Debug>(result: Result<T, SdkError<E>>) -> String {
    refusal(result).1
}

/// Notes the status of an answer, which the SDK does not tell of one that succeeds.
#[derive(Debug, Clone, Default)]
pub struct Status(Arc<AtomicU16>);

impl Status {
    /// The status of the last answer.
    pub fn last(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Status {
    fn name(&self) -> &'static str {
        "Status"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let status = context.response().status().as_u16();
        self.0.store(status, Ordering::Relaxed);
        Ok(())
    }
}
