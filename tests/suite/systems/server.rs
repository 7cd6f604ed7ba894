//! A server that systems are filled into: the sandbox, or another whose address stands in the environment.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use tokio::runtime::Runtime;

use super::file::{Bucket, State, System, Thing, Versioning};
use crate::cli::support::{Endpoint, Program};

/// One version, marker or upload: its place (bucket and key), what it is, its id.
pub type Stored = (String, &'static str, String);

pub struct Server {
    name: String,
    endpoint: String,
    access_key: String,
    secret_key: String,
    operator: Option<String>,
    s3: Client,
    runtime: Runtime,
    /// Serves as long as this lives.
    _sandbox: Option<Endpoint>,
}

impl Server {
    pub fn sandbox() -> Self {
        let sandbox = Endpoint::serving(Vec::new());
        let serving = &sandbox.sandbox;
        let (url, key, secret) = (
            serving.endpoint_url(),
            serving.access_key().to_owned(),
            serving.secret_key().to_owned(),
        );
        Self {
            _sandbox: Some(sandbox),
            ..Self::new("sandbox", &url, &key, &secret)
        }
    }

    pub fn from_environment() -> Self {
        let of = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| panic!("{name} is not in the environment"))
        };
        Self {
            operator: std::env::var("SYSTEMS_OPERATOR").ok(),
            ..Self::new(
                &of("SYSTEMS_SERVER"),
                &of("SYSTEMS_ENDPOINT"),
                &of("SYSTEMS_ACCESS_KEY"),
                &of("SYSTEMS_SECRET_KEY"),
            )
        }
    }

    fn new(name: &str, endpoint: &str, access_key: &str, secret_key: &str) -> Self {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"))
            .force_path_style(true)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self {
            name: name.to_owned(),
            endpoint: endpoint.to_owned(),
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
            operator: None,
            s3: Client::from_conf(config),
            runtime: Runtime::new().unwrap(),
            _sandbox: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who acts, where the server cannot tell.
    pub fn operator(&self) -> Option<&str> {
        self.operator.as_deref()
    }

    /// The program with an empty home, pointed here.
    pub fn program(&self) -> Program {
        Program::new()
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", &self.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret_key)
            .env("AWS_REGION", "us-east-1")
    }

    /// Empties the system's buckets and puts its things there. Waits for the next second: times have no parts of one, and a
    /// list that is written from now on is younger than everything that is there.
    pub fn fill(&self, system: &System) {
        self.runtime.block_on(async {
            for bucket in &system.buckets {
                self.empty(&bucket.name).await;
            }
            for bucket in &system.buckets {
                self.make(bucket, system).await;
            }
            tokio::time::sleep(Duration::from_millis(1_100)).await;
        });
    }

    async fn make(&self, bucket: &Bucket, system: &System) {
        let name = bucket.name.as_str();
        // There from an earlier run, perhaps: emptied, and as good as new but for its versioning.
        let _ = self.s3.create_bucket().bucket(name).send().await;
        if bucket.versioning != Versioning::Off {
            self.keep_versions(name, BucketVersioningStatus::Enabled)
                .await;
        }
        let things = || system.things.iter().filter(|thing| thing.bucket() == name);
        for thing in things().filter(|thing| thing.is_listed()) {
            let before_the_last = match bucket.versioning {
                Versioning::Suspended => thing.versions.saturating_sub(1),
                Versioning::Off | Versioning::Enabled => thing.versions,
            };
            for _ in 0..before_the_last {
                self.put(thing).await;
            }
        }
        if bucket.versioning == Versioning::Suspended {
            self.keep_versions(name, BucketVersioningStatus::Suspended)
                .await;
            for thing in things().filter(|thing| thing.is_listed()) {
                self.put(thing).await;
            }
        }
        for thing in things().filter(|thing| thing.state == State::Hidden) {
            let hide = self.s3.delete_object().bucket(name).key(thing.key());
            hide.send().await.unwrap();
        }
    }

    async fn keep_versions(&self, bucket: &str, status: BucketVersioningStatus) {
        let configuration = VersioningConfiguration::builder().status(status).build();
        let put = self.s3.put_bucket_versioning().bucket(bucket);
        put.versioning_configuration(configuration)
            .send()
            .await
            .unwrap();
    }

    async fn put(&self, thing: &Thing) {
        if thing.state == State::Upload {
            let upload = self.s3.create_multipart_upload().bucket(thing.bucket());
            let begun = upload.key(thing.key()).send().await.unwrap();
            let part = self
                .s3
                .upload_part()
                .bucket(thing.bucket())
                .key(thing.key());
            part.upload_id(begun.upload_id().unwrap())
                .part_number(1)
                .body(ByteStream::from_static(b"a part"))
                .send()
                .await
                .unwrap();
            return;
        }
        let metadata = thing.metadata.clone().into_iter().collect();
        self.s3
            .put_object()
            .bucket(thing.bucket())
            .key(thing.key())
            .set_metadata(Some(metadata))
            .body(ByteStream::from(thing.place.as_bytes().to_vec()))
            .send()
            .await
            .unwrap();
    }

    /// Every version, marker and upload of the system's buckets.
    pub fn things(&self, system: &System) -> BTreeSet<Stored> {
        self.runtime.block_on(async {
            let mut all = BTreeSet::new();
            for bucket in &system.buckets {
                all.extend(self.stored(&bucket.name).await);
            }
            all
        })
    }

    /// What a bucket holds; nothing where there is no such bucket. Systems are small: a page is all.
    async fn stored(&self, bucket: &str) -> Vec<Stored> {
        let list = self.s3.list_object_versions().bucket(bucket);
        let Ok(versions) = list.send().await else {
            return Vec::new();
        };
        assert_ne!(versions.is_truncated(), Some(true), "{bucket} is too large");
        let uploads = self.s3.list_multipart_uploads().bucket(bucket);
        let uploads = uploads.send().await.unwrap();
        let place = |key: Option<&str>| format!("{bucket}/{}", key.unwrap_or_default());
        let id = |id: Option<&str>| id.unwrap_or("null").to_owned();
        let of_versions = versions.versions().iter();
        let of_versions =
            of_versions.map(|one| (place(one.key()), "version", id(one.version_id())));
        let of_markers = versions.delete_markers().iter();
        let of_markers = of_markers.map(|one| (place(one.key()), "marker", id(one.version_id())));
        let of_uploads = uploads.uploads().iter();
        let of_uploads = of_uploads.map(|one| (place(one.key()), "upload", id(one.upload_id())));
        of_versions.chain(of_markers).chain(of_uploads).collect()
    }

    async fn empty(&self, bucket: &str) {
        for (place, kind, id) in self.stored(bucket).await {
            let key = place.split_once('/').unwrap().1;
            if kind == "upload" {
                let abort = self.s3.abort_multipart_upload().bucket(bucket).key(key);
                abort.upload_id(id).send().await.unwrap();
            } else {
                let delete = self.s3.delete_object().bucket(bucket).key(key);
                delete.version_id(id).send().await.unwrap();
            }
        }
    }
}
