//! An endpoint to talk to, and the program as a child with a home and an environment of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, Utc};
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, Versioning, World, WorldBucket};
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A sandbox that serves while the test goes about its own, blocking, business.
pub struct Endpoint {
    pub sandbox: Sandbox,
    _runtime: Runtime,
}

impl Endpoint {
    pub fn with(options: SandboxOptions) -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        Self {
            sandbox,
            _runtime: runtime,
        }
    }

    /// A built-in world with everything that belongs to it: alarms and metrics, too.
    pub fn of_world(name: &str) -> Self {
        Self::with(SandboxOptions {
            worlds: vec![World::builtin(name).unwrap()],
            ..SandboxOptions::default()
        })
    }

    pub fn serving(buckets: Vec<WorldBucket>) -> Self {
        Self::with(options(buckets))
    }

    /// The program, pointed here by its environment.
    pub fn program(&self) -> Program {
        Program::at(&self.sandbox)
    }
}

pub fn options(buckets: Vec<WorldBucket>) -> SandboxOptions {
    let world = World {
        name: "test".to_owned(),
        buckets,
        ..World::default()
    };
    SandboxOptions {
        worlds: vec![world],
        ..SandboxOptions::default()
    }
}

/// A bucket without versioning that holds these keys.
pub fn bucket<K: AsRef<str>>(name: &str, keys: impl IntoIterator<Item = K>) -> WorldBucket {
    WorldBucket {
        name: name.to_owned(),
        region: "us-east-1".to_owned(),
        created: time(),
        versioning: Versioning::Off,
        configuration: BTreeMap::new(),
        configuration_lists: BTreeMap::new(),
        versions: keys.into_iter().map(|key| object(key.as_ref())).collect(),
        uploads: Vec::new(),
    }
}

pub fn object(key: &str) -> SeedVersion {
    seed(key, SeedKind::Plain { size: 1000 })
}

pub fn seed(key: &str, kind: SeedKind) -> SeedVersion {
    SeedVersion {
        key: key.to_owned(),
        last_modified: time(),
        kind,
        version_id: None,
    }
}

fn time() -> DateTime<Utc> {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

/// The program, with an empty home and nothing in its environment but what a test puts there.
pub struct Program {
    pub home: TempDir,
    environment: Vec<(String, String)>,
}

impl Program {
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    /// Pointed at a sandbox by its environment.
    pub fn at(sandbox: &Sandbox) -> Self {
        Self::new()
            .env("AWS_ENDPOINT_URL", &sandbox.endpoint_url())
            .env("AWS_ACCESS_KEY_ID", sandbox.access_key())
            .env("AWS_SECRET_ACCESS_KEY", sandbox.secret_key())
            .env("AWS_REGION", sandbox.region())
    }

    /// Where it keeps its state.
    pub fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/s3warden")
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s3warden"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.home.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// The document, when the run ended with this status.
    #[track_caller]
    pub fn json(&self, status: i32) -> Value {
        assert_eq!(self.status, status, "{self:#?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// One field of every item.
pub fn column<'a>(document: &'a Value, field: &str) -> Vec<&'a str> {
    let items = document["items"].as_array().unwrap();
    items
        .iter()
        .filter_map(|item| item[field].as_str())
        .collect()
}
