//! A sandbox with one world, and runs of the smoke test on one of its buckets.

use std::collections::BTreeMap;
use std::time::Duration;

use s3warden::facade::aws::{
    Aws, ConnectOptions, Meter, StaticCredentials, WriteMode, WritePermit,
};
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::ops::smoke::{
    self, Options, Plan, Refusal, Report, Verdict, leftovers, plan,
};
use s3warden::facade::sandbox::world::{World, WorldBucket};
use s3warden::facade::sandbox::{Defect, Sandbox, SandboxOptions};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A bucket to test, the rules to test it by, and a place for journals.
pub struct Bench {
    pub sandbox: Sandbox,
    pub aws: Aws,
    pub bucket: BucketName,
    pub blueprint: Blueprint,
    pub state: TempDir,
}

/// The built-in of this name with further lines; large objects are small here, for the sake of everybody's time.
pub fn blueprint(name: &str, more: &str) -> Blueprint {
    let levels = if more.contains("[service_levels]") {
        ""
    } else {
        "[service_levels]\nupload = { size = \"300 kB\", within = \"30s\" }\n"
    };
    let text = format!("version = 1\nname = \"mine\"\nextends = \"{name}\"\n{more}\n{levels}");
    Blueprint::parse("mine", &text).unwrap_or_else(|error| panic!("{error}"))
}

pub const LEADS: &str = "leadshop-assets";
pub const PICTURES: &str = "elimination-profile-pictures";
pub const UPLOADS: &str = "pilotforce-user-uploads";
pub const MEDIA: &str = "quikapp-media-prod";

/// What a file of one's own says about the game's origins.
pub const ORIGINS: &str = "[[bucket]]\nname = \"elimination-profile-pictures\"\n[[bucket.expect.cors]]\norigins = \
                       [\"https://app.elimination.example\"]\nmethods = [\"PUT\", \"POST\", \"GET\"]\nheaders = [\"*\"]";

pub fn world_of(bucket: &str) -> &'static str {
    match bucket {
        LEADS => "leadfactory",
        PICTURES => "game",
        UPLOADS => "pilotforce",
        MEDIA => "quikapp",
        _ => "infinite",
    }
}

pub fn options() -> SandboxOptions {
    SandboxOptions {
        application: Some(Duration::from_millis(20)),
        access_logs: Some(Duration::from_millis(20)),
        ..SandboxOptions::default()
    }
}

pub fn defect(defect: Defect) -> SandboxOptions {
    SandboxOptions {
        defects: vec![defect],
        ..options()
    }
}

impl Bench {
    pub async fn of(
        bucket: &str,
        more: &str,
        options: SandboxOptions,
        change: impl Fn(&mut WorldBucket),
    ) -> Self {
        let mut world = World::builtin(world_of(bucket)).unwrap();
        world.buckets.iter_mut().for_each(change);
        let sandbox = Sandbox::start(SandboxOptions {
            worlds: vec![world],
            ..options
        })
        .await
        .unwrap();
        let aws = Aws::connect(ConnectOptions {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(sandbox.endpoint_url()),
            credentials: Some(StaticCredentials {
                access_key: sandbox.access_key().to_owned(),
                secret_key: sandbox.secret_key().to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        })
        .await
        .unwrap();
        Self {
            sandbox,
            aws,
            bucket: BucketName::new(bucket).unwrap(),
            blueprint: blueprint(world_of(bucket), more),
            state: tempfile::tempdir().unwrap(),
        }
    }

    pub fn options(&self) -> Options {
        Options {
            allow_events: true,
            patience: Duration::from_secs(2),
            ..Options::new(self.state.path().to_owned())
        }
    }

    pub async fn plan(&self, options: Options) -> Result<Plan, Refusal> {
        let blueprint = Some(&self.blueprint);
        plan(&self.aws, &self.bucket, blueprint, options, &Meter::new()).await
    }

    pub async fn run(&self) -> Report {
        let plan = self.plan(self.options()).await.unwrap();
        let (events, mut arriving) = mpsc::channel(4);
        let (permit, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
        let run = smoke::run(&self.aws, &plan, &permit, events, &stop, &meter);
        let listen = async { while arriving.recv().await.is_some() {} };
        let (report, ()) = tokio::join!(run, listen);
        report.unwrap()
    }

    /// How many keys each bucket but those of logs has.
    pub fn keys(&self) -> BTreeMap<String, usize> {
        let all = self
            .sandbox
            .store()
            .each(|bucket| (bucket.name.clone(), bucket.keys.len()));
        all.into_iter()
            .filter(|(name, _)| !name.contains("logs"))
            .collect()
    }

    pub async fn leftovers(&self) -> leftovers::Leftovers {
        let known = self.blueprint.bucket(&self.bucket).unwrap();
        leftovers::find(&self.aws, known, self.state.path(), &Meter::new())
            .await
            .unwrap()
    }
}

pub fn permit() -> WritePermit {
    WriteMode::from_flag(true).permit().unwrap()
}

pub fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report
        .results
        .iter()
        .filter(|result| result.verdict.is_failure());
    failed.map(|result| result.check.name()).collect()
}

/// Runs, and holds that exactly these checks fail and that nothing is left.
#[track_caller]
pub fn assert_failed(
    bench: &Bench,
    before: &BTreeMap<String, usize>,
    report: &Report,
    expected: &[&str],
) {
    assert_eq!(failed(report), expected, "{report:#?}");
    assert_eq!(bench.keys(), *before, "something is left");
    for result in &report.results {
        if let Verdict::Fail(failing) = &result.verdict {
            assert!(
                !failing.cause.is_empty() && !failing.message.is_empty(),
                "{failing:?}"
            );
            let all = format!("{failing:?}");
            assert!(!all.contains("X-Amz-Signature"), "{all}");
        }
    }
}

pub async fn breaking(
    bucket: &str,
    more: &str,
    options: SandboxOptions,
    change: impl Fn(&mut WorldBucket),
    expected: &[&str],
) -> Report {
    let bench = Bench::of(bucket, more, options, change).await;
    let before = bench.keys();
    let report = bench.run().await;
    assert_failed(&bench, &before, &report, expected);
    report
}

pub fn as_it_is(_: &mut WorldBucket) {}

/// Changes a document of one bucket.
pub fn document(
    bucket: &'static str,
    name: &'static str,
    change: impl Fn(&str) -> String,
) -> impl Fn(&mut WorldBucket) {
    move |found| {
        if found.name == bucket {
            let text = found.configuration.get(name).cloned().unwrap_or_default();
            let changed = change(&text);
            assert_ne!(changed, text, "nothing was changed in {name}");
            if changed.is_empty() {
                found.configuration.remove(name);
            } else {
                found.configuration.insert(name.to_owned(), changed);
            }
        }
    }
}
