//! A world in a sandbox, plans for its users, and what is there before and after.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::aws::{Aws, Meter, WriteMode};
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::change::{Act, Existence, Plan};
use s3warden::facade::domain::{BucketName, OwnerId};
use s3warden::facade::ops::change::store::Store;
use s3warden::facade::ops::change::{
    self, Begin, Bounds, Ended, Failure, PlanRequest, Point, PointHook, Progress, PurgeRequest,
    Tools, Verified, make_plan,
};
use s3warden::facade::ops::find::TrustedLists;
use s3warden::facade::sandbox::store::listing::{Row, Start};
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Sandbox, SandboxOptions};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::oracle;
use crate::cli::support::Program;
use crate::ops::world::serving;

/// One thing in a bucket: bucket, key, kind and id.
pub type Thing = (String, String, &'static str, String);

pub struct Bench {
    pub sandbox: Sandbox,
    pub aws: Aws,
    pub blueprint: Blueprint,
    /// What the program is told to find the same rules by.
    pub rules: String,
    pub records: Option<BTreeSet<String>>,
    pub store: Store,
    /// The built binary, pointed at the sandbox, with the same state folder.
    pub program: Program,
    pub stop: CancellationToken,
}

/// How a purge is to go.
pub struct Way {
    pub begin: Begin,
    pub bounds: Bounds,
    pub existence: Existence,
    pub keep_plan: bool,
    pub at_point: Option<PointHook>,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            begin: Begin::First,
            bounds: Bounds::default(),
            existence: Existence::NotChecked,
            keep_plan: false,
            at_point: None,
        }
    }
}

/// Everything that is in a sandbox.
pub fn things_in(sandbox: &Sandbox) -> BTreeSet<Thing> {
    let all = sandbox.store().each(|bucket| {
        let mut things: Vec<Thing> = Vec::new();
        let mut add = |key: &str, kind, id: &str| {
            things.push((bucket.name.clone(), key.to_owned(), kind, id.to_owned()));
        };
        for row in bucket.keys.walk_versions("", None, Start::Beginning) {
            let Row::Key(key, entry) = row else { continue };
            for version in entry.versions(key).iter() {
                let kind = if version.is_delete_marker() {
                    "marker"
                } else {
                    "version"
                };
                add(key, kind, version.id.as_str());
            }
        }
        for row in bucket.uploads.walk("", None, Start::Beginning) {
            let Row::Key(key, uploads) = row else {
                continue;
            };
            for id in uploads.keys() {
                add(key, "upload", id);
            }
        }
        things
    });
    all.into_iter().flatten().collect()
}

impl Bench {
    pub async fn of(name: &str) -> Self {
        Self::with(
            name,
            SandboxOptions::default(),
            World::builtin(name).unwrap(),
        )
        .await
    }

    pub async fn with(blueprint: &str, options: SandboxOptions, world: World) -> Self {
        Self::by(Blueprint::builtin(blueprint).unwrap(), options, world).await
    }

    pub async fn by(blueprint: Blueprint, options: SandboxOptions, world: World) -> Self {
        let serving = serving(SandboxOptions {
            worlds: vec![world],
            ..options
        });
        let (sandbox, aws) = Box::pin(serving).await;
        let program = Program::at(&sandbox);
        Self {
            sandbox,
            aws,
            rules: blueprint.name.clone(),
            blueprint,
            records: None,
            store: Store::open(&program.state()).unwrap(),
            program,
            stop: CancellationToken::new(),
        }
    }

    /// Everything that is there.
    pub fn things(&self) -> BTreeSet<Thing> {
        things_in(&self.sandbox)
    }

    /// What is a user's on a built-in world, as the applications' documents say it.
    pub fn expected(&self, owner: &OwnerId) -> BTreeSet<Thing> {
        oracle::owned(&self.things(), owner.as_str(), self.records.as_ref())
    }

    /// The users that keys of a built-in world name.
    pub fn owners(&self) -> Vec<OwnerId> {
        let things = self.things();
        let users = oracle::users(&things).into_iter();
        users.map(|user| OwnerId::new(user).unwrap()).collect()
    }

    /// Writes an object through the wire.
    pub async fn put(&self, bucket: &str, key: &str, metadata: &[(&str, &str)]) {
        let permit = WriteMode::from_flag(true).permit().unwrap();
        let s3 = self.aws.s3_for(&BucketName::new(bucket).unwrap());
        let mut put = s3.put_object().bucket(bucket).key(key);
        for (name, value) in metadata {
            put = put.metadata(*name, *value);
        }
        let put = put.body(ByteStream::from_static(b"x")).customize();
        put.interceptor(permit).send().await.unwrap();
    }

    /// The keys that are there, one for each version, marker and upload, in order.
    pub fn keys(&self) -> Vec<String> {
        let things = self.things().into_iter();
        things.map(|thing| thing.1).collect()
    }

    pub async fn plan(&self, owner: &OwnerId) -> Plan {
        let request = PlanRequest {
            blueprint: self.blueprint.clone(),
            owner: owner.clone(),
            act: Act::Delete,
            records: self.records.clone(),
            lists: TrustedLists::default(),
            existence: Existence::NotChecked,
            max_heads: 100,
            max_annotated: 0,
            in_flight: 8,
        };
        let meter = Meter::new();
        let planned = Box::pin(make_plan(&self.aws, request, &self.stop, &meter)).await;
        planned.unwrap().plan
    }

    /// Carries out, and does something else when it comes to a point for the nth time; it waits there until that is done.
    pub async fn meanwhile(
        &self,
        plan: &Plan,
        (point, nth): (Point, usize),
        what: impl Future<Output = ()>,
    ) -> Result<Ended, Failure> {
        let (reached, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let seen = AtomicUsize::new(0);
        let hook: PointHook = {
            let (reached, done) = (Arc::clone(&reached), Arc::clone(&done));
            Arc::new(move |at| {
                if at != point || seen.fetch_add(1, Ordering::SeqCst) + 1 != nth {
                    return Box::pin(std::future::ready(()));
                }
                reached.notify_one();
                let done = Arc::clone(&done);
                Box::pin(async move { done.notified().await })
            })
        };
        let way = Way {
            at_point: Some(hook),
            ..Way::default()
        };
        let mut purging = std::pin::pin!(self.carry_out(plan, way));
        tokio::select! {
            ended = &mut purging => panic!("it ended before it came to {point:?} {nth}: {ended:?}"),
            () = reached.notified() => {}
        }
        what.await;
        done.notify_one();
        purging.await
    }

    /// Goes on with a plan that was begun before.
    pub async fn go_on(&self, plan: &Plan) -> Verified {
        let way = Way {
            begin: Begin::Again,
            ..Way::default()
        };
        verified(self.carry_out(plan, way).await)
    }

    /// Carries out with the built binary; the sandbox has to run on other threads than this.
    pub fn execute(&self, plan_file: &Path, user: &str) -> Command {
        self.purge(&["--execute", "--plan"], plan_file, user)
    }

    /// Goes on with the built binary.
    pub fn resume(&self, plan_file: &Path, user: &str) -> Command {
        self.purge(&["--resume"], plan_file, user)
    }

    fn purge(&self, how: &[&str], plan_file: &Path, user: &str) -> Command {
        let mut command = self
            .program
            .command(&["purge", "--write", "--confirm", user]);
        command
            .args(["--blueprint", &self.rules, "--format", "json"])
            .args(how)
            .arg(plan_file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Writes a plan where the program looks for it.
    pub fn keep(&self, plan: &Plan) -> PathBuf {
        let mut text = Vec::new();
        plan.write(&mut text).unwrap();
        let file = self.store.plan_file(&plan.header.case);
        std::fs::write(&file, text).unwrap();
        file
    }

    pub async fn carry_out(&self, plan: &Plan, way: Way) -> Result<Ended, Failure> {
        let mut text = Vec::new();
        let sha256 = plan.write(&mut text).unwrap();
        let plan_file = self.store.plan_file(&plan.header.case);
        std::fs::write(&plan_file, text).unwrap();
        let (progress, _) = watch::channel(Progress::default());
        let permit = WriteMode::from_flag(true).permit().unwrap();
        let tools = Tools {
            aws: &self.aws,
            store: &self.store,
            permit: &permit,
            stop: &self.stop,
            meter: &Meter::new(),
            progress: &progress,
        };
        let request = PurgeRequest {
            plan,
            plan_sha256: &sha256,
            plan_file,
            blueprint: &self.blueprint,
            records: self.records.clone(),
            lists: TrustedLists::default(),
            existence: way.existence,
            owner_still_exists: None,
            subject_as_given: false,
            bounds: way.bounds,
            begin: way.begin,
            keep_plan: way.keep_plan,
            in_flight: 8,
            at_point: way.at_point,
        };
        Box::pin(change::purge(tools, &request)).await
    }
}

pub fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

#[track_caller]
pub fn verified(ended: Result<Ended, Failure>) -> Verified {
    match ended {
        Ok(Ended::Verified(verified)) => *verified,
        other => panic!("it was not verified: {other:?}"),
    }
}

#[track_caller]
pub fn refused(ended: Result<Ended, Failure>) -> String {
    match ended {
        Err(Failure::Refused { why, .. }) => why,
        other => panic!("it was not refused: {other:?}"),
    }
}
