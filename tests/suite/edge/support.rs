//! A sandbox with four small buckets, clients for it, and requests by hand where an SDK would not send them.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_smithy_http_client::Builder;
use chrono::{TimeDelta, Utc};
use s3warden::facade::sandbox::world::{
    SeedKind, SeedObject, SeedVersion, Versioning, World, WorldBucket,
};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `media`, `logs` and `versioned` in us-east-1, `elsewhere` in eu-west-1; all made before ACLs were off by default.
/// `media` holds `open/a.txt` and `closed/b.txt`.
pub fn world() -> World {
    let bucket = |name: &str, region: &str| WorldBucket {
        name: name.to_owned(),
        region: region.to_owned(),
        created: Utc::now() - TimeDelta::days(400),
        versioning: Versioning::Off,
        configuration: BTreeMap::new(),
        configuration_lists: BTreeMap::new(),
        versions: Vec::new(),
        uploads: Vec::new(),
    };
    let object = |key: &str, body: &'static str| SeedVersion {
        key: key.to_owned(),
        last_modified: Utc::now() - TimeDelta::days(3),
        kind: SeedKind::Object(Box::new(SeedObject {
            size: u64::try_from(body.len()).unwrap(),
            body: Some(body.into()),
            ..SeedObject::default()
        })),
        version_id: None,
    };
    World {
        name: "edge".to_owned(),
        buckets: vec![
            WorldBucket {
                versions: vec![
                    object("open/a.txt", "hello"),
                    object("closed/b.txt", "secret"),
                ],
                ..bucket("media", "us-east-1")
            },
            bucket("logs", "us-east-1"),
            WorldBucket {
                versioning: Versioning::Enabled,
                ..bucket("versioned", "us-east-1")
            },
            bucket("elsewhere", "eu-west-1"),
        ],
        ..World::default()
    }
}

pub fn options() -> SandboxOptions {
    SandboxOptions {
        worlds: vec![world()],
        ..SandboxOptions::default()
    }
}

pub async fn start() -> Sandbox {
    Sandbox::start(options()).await.unwrap()
}

/// A client of the owner's user that tries once.
pub fn client(sandbox: &Sandbox) -> Client {
    client_as(
        sandbox,
        sandbox.access_key(),
        sandbox.secret_key(),
        "us-east-1",
    )
}

pub fn client_as(sandbox: &Sandbox, access_key: &str, secret_key: &str, region: &str) -> Client {
    Client::from_conf(configuration(sandbox, access_key, secret_key, region).build())
}

pub fn configuration(
    sandbox: &Sandbox,
    access_key: &str,
    secret_key: &str,
    region: &str,
) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .endpoint_url(sandbox.endpoint_url())
        .force_path_style(true)
        .region(Region::new(region.to_owned()))
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"))
}

/// The error's code, for an answer that has to be an error of the service.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
) -> String {
    let error = answer.expect_err("this had to be refused");
    error
        .code()
        .unwrap_or_else(|| panic!("no code in {error:?}"))
        .to_owned()
}

/// The error's message, and proof that it carries a request id.
pub fn message<T, E>(answer: Result<T, SdkError<E>>) -> String
where
    T: std::fmt::Debug,
    E: ProvideErrorMetadata + RequestId + std::fmt::Debug,
    SdkError<E>: RequestId,
{
    let error = answer.expect_err("this had to be refused");
    assert!(error.request_id().is_some(), "no request id in {error:?}");
    error.message().unwrap_or_default().to_owned()
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct Raw {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Raw {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// Sends a request by hand: `target` is a path with its query, or a URL of the sandbox.
pub async fn send(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Raw {
    let bytes = exchange(sandbox, method, target, headers, body).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer with a head");
    Raw {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Everything that comes back until the connection closes; nothing, when it closes at once.
pub async fn exchange(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Vec<u8> {
    let path = target
        .strip_prefix(&sandbox.endpoint_url())
        .unwrap_or(target);
    let host = sandbox.address().to_string();
    let length = body.len().to_string();
    let mut lines = vec![format!("{method} {path} HTTP/1.1")];
    let own = [
        ("Connection", "close"),
        ("Content-Length", length.as_str()),
        ("Host", host.as_str()),
    ];
    let names_host = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let own = own
        .iter()
        .filter(|(name, _)| !(names_host && *name == "Host"));
    lines.extend(
        own.chain(headers)
            .map(|(name, value)| format!("{name}: {value}")),
    );
    let request = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset has answered nothing more: what came before counts.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// An anonymous GET.
pub async fn get(sandbox: &Sandbox, target: &str) -> Raw {
    send(sandbox, "GET", target, &[], "").await
}
