//! A purge in a process of its own that ends, or waits, at a given point: what kills a process takes everything with it
//! that a dropped task would still clean up.
//!
//! The child is this very test binary, told by an environment variable which plan to carry out. The program itself reads
//! no such thing.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use s3warden::facade::aws::{Aws, ConnectOptions, Meter, StaticCredentials, WriteMode};
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::change::{Existence, Plan};
use s3warden::facade::domain::registry::{Purpose, Requirements};
use s3warden::facade::ops::change::batch::{self, BatchRun};
use s3warden::facade::ops::change::store::Store;
use s3warden::facade::ops::change::{self, Begin, Bounds, Point, Progress, PurgeRequest, Tools};
use s3warden::facade::ops::find::{Lists, TrustedLists};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::bench::Bench;

/// What the child is told by.
const TOLD: &str = "S3WARDEN_TEST_PURGE";

/// What the child says when it waits.
const HERE: &str = "the point is reached";

/// What the child does at the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Ends without another word, as after a power loss.
    Dies,
    /// Waits until its input is closed, and goes on.
    Waits,
}

/// Starts a purge that comes to a point for the nth time and then dies or waits.
pub fn start(bench: &Bench, plan_file: &Path, at: (Point, usize), then: Then) -> Child {
    start_any(bench, plan_file, at, then, false)
}

/// The same for a plan over many users.
pub fn start_batch(bench: &Bench, plan_file: &Path, at: (Point, usize), then: Then) -> Child {
    start_any(bench, plan_file, at, then, true)
}

fn start_any(
    bench: &Bench,
    plan_file: &Path,
    (point, nth): (Point, usize),
    then: Then,
    is_batch: bool,
) -> Child {
    let told = json!({
        "endpoint": bench.sandbox.endpoint_url(),
        "region": bench.sandbox.region(),
        "access_key": bench.sandbox.access_key(),
        "secret_key": bench.sandbox.secret_key(),
        "rules": bench.rules,
        "state": bench.program.state(),
        "plan": plan_file,
        "point": format!("{point:?}"),
        "nth": nth,
        "dies": then == Then::Dies,
        "batch": is_batch,
    });
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "purge::child::a_purge_in_a_process_of_its_own"])
        .args(["--ignored", "--nocapture", "--test-threads=1"])
        .env(TOLD, told.to_string())
        // Lists that rules name are looked for there.
        .current_dir(bench.program.home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Returns when a child that waits has come to its point.
pub fn reached(child: &mut Child) {
    let mut output = BufReader::new(child.stdout.as_mut().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        if line.contains(HERE) {
            return;
        }
        line.clear();
    }
    panic!("the child ended before it came to its point");
}

#[tokio::test]
#[ignore = "a part of other tests, which start it in a process of its own"]
async fn a_purge_in_a_process_of_its_own() {
    let told = std::env::var(TOLD).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let aws = Aws::connect(ConnectOptions {
        endpoint_url: Some(text("endpoint")),
        region: Some(text("region")),
        credentials: Some(StaticCredentials {
            access_key: text("access_key"),
            secret_key: text("secret_key"),
            session_token: None,
        }),
        ..ConnectOptions::default()
    })
    .await
    .unwrap();
    let plan_file = PathBuf::from(text("plan"));
    let (point, dies) = (text("point"), told["dies"] == true);
    let nth = usize::try_from(told["nth"].as_u64().unwrap()).unwrap();
    let seen = AtomicUsize::new(0);
    let hook = move |at: Point| -> futures::future::BoxFuture<'static, ()> {
        if format!("{at:?}") == point && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            if dies {
                std::process::abort();
            }
            println!("{HERE}");
            std::io::stdout().flush().unwrap();
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Box::pin(std::future::ready(()))
    };
    let rules = std::fs::read_to_string(text("rules")).unwrap();
    let blueprint = Blueprint::parse(&text("rules"), &rules).unwrap();
    let (progress, _) = watch::channel(Progress::default());
    let tools = Tools {
        aws: &aws,
        store: &Store::open(Path::new(&text("state"))).unwrap(),
        permit: &WriteMode::from_flag(true).permit().unwrap(),
        stop: &CancellationToken::new(),
        meter: &Meter::new(),
        progress: &progress,
    };
    if told["batch"] == true {
        let batch = batch::read(tools.store, &plan_file).unwrap().unwrap();
        let run = BatchRun {
            batch: &batch,
            file: plan_file,
            blueprint: &blueprint,
            lists: Lists::of(&blueprint, Purpose::Act, Requirements::default(), None),
            bounds: Bounds::default(),
            subject_as_given: false,
            keep_plan: false,
            in_flight: 8,
            at_point: Some(Arc::new(hook)),
        };
        Box::pin(batch::run(tools, &run, |_| {})).await.unwrap();
        return;
    }
    let (plan, plan_sha256) = Plan::read(&std::fs::read_to_string(&plan_file).unwrap()).unwrap();
    let request = PurgeRequest {
        plan: &plan,
        plan_sha256: &plan_sha256,
        plan_file,
        blueprint: &blueprint,
        records: None,
        lists: TrustedLists::default(),
        existence: Existence::NotChecked,
        owner_still_exists: None,
        subject_as_given: false,
        bounds: Bounds::default(),
        begin: Begin::First,
        keep_plan: false,
        in_flight: 8,
        at_point: Some(Arc::new(hook)),
    };
    Box::pin(change::purge(tools, &request)).await.unwrap();
}
