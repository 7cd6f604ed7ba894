//! Small worlds for tests, and a connection to a sandbox that holds one.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use s3warden::facade::aws::{Aws, ConnectOptions, StaticCredentials};
use s3warden::facade::domain::BucketName;
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, Versioning, World, WorldBucket};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};

pub fn day(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap() + TimeDelta::days(n)
}

pub fn name(bucket: &str) -> BucketName {
    BucketName::new(bucket).unwrap()
}

pub fn bucket(name: &str) -> WorldBucket {
    WorldBucket {
        name: name.to_owned(),
        region: "us-east-1".to_owned(),
        created: day(0),
        versioning: Versioning::Off,
        configuration: BTreeMap::new(),
        configuration_lists: BTreeMap::new(),
        versions: Vec::new(),
        uploads: Vec::new(),
    }
}

/// An unversioned bucket with these keys; sizes are 1, 2, 3 … in the order given.
pub fn holding<K: Into<String>>(name: &str, keys: impl IntoIterator<Item = K>) -> WorldBucket {
    let mut bucket = bucket(name);
    bucket.versions = keys
        .into_iter()
        .zip(1..)
        .map(|(key, size)| version(key, day(1), SeedKind::Plain { size }, None))
        .collect();
    bucket
}

pub fn version(
    key: impl Into<String>,
    last_modified: DateTime<Utc>,
    kind: SeedKind,
    id: Option<&str>,
) -> SeedVersion {
    SeedVersion {
        key: key.into(),
        last_modified,
        kind,
        version_id: id.map(str::to_owned),
    }
}

pub async fn sandbox(buckets: Vec<WorldBucket>) -> (Sandbox, Aws) {
    sandbox_with(SandboxOptions::default(), buckets).await
}

pub async fn sandbox_with(options: SandboxOptions, buckets: Vec<WorldBucket>) -> (Sandbox, Aws) {
    let world = World {
        name: "test".to_owned(),
        buckets,
        ..World::default()
    };
    serving(SandboxOptions {
        worlds: vec![world],
        ..options
    })
    .await
}

/// A sandbox, and a connection to it.
pub async fn serving(options: SandboxOptions) -> (Sandbox, Aws) {
    let sandbox = Sandbox::start(options).await.unwrap();
    let aws = Aws::connect(ConnectOptions {
        endpoint_url: Some(sandbox.endpoint_url()),
        region: Some(sandbox.region().to_owned()),
        credentials: Some(StaticCredentials {
            access_key: sandbox.access_key().to_owned(),
            secret_key: sandbox.secret_key().to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    })
    .await
    .unwrap();
    (sandbox, aws)
}
