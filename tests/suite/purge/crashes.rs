//! A purge that is killed at any point goes on to the same end, and there is never more than one of a plan.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::change::Plan;
use s3warden::facade::domain::receipt::{BucketCounts, Outcome, Receipt, verify};
use s3warden::facade::ops::change::{Point, PointHook};
use s3warden::facade::sandbox::world::{SeedKind, SeedUpload, Versioning, World, WorldBucket};
use s3warden::facade::sandbox::{Latency, SandboxOptions};

use super::bench::{Bench, Thing, Way, owner, verified};
use super::child::{self, Then};
use crate::cli::support::Ran;
use crate::ops::world::{bucket, day, version};

const USER: &str = "user-1";

/// An application that makes something of every object, in another bucket, and whose objects are replicated: a purge of it
/// has batches of every kind.
const RULES: &str = r#"
version = 1
name = "crashes"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"

[[bucket.derived]]
id = "preview"
from = "upload"
to_bucket = "made"
steps = [{ append = ".webp" }]

[[bucket.expect.replication]]
id = "copy"
to = "copies"

[[bucket]]
name = "made"

[[bucket]]
name = "copies"
"#;

/// Versions, markers and uploads of two users in every bucket.
fn world() -> World {
    let mut buckets = ["media", "made", "copies"].map(|name| WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket(name)
    });
    for user in [USER, "user-10"] {
        for file in 0..6 {
            let key = format!("uploads/{user}/{file}.jpg");
            let [media, made, copies] = &mut buckets;
            for (bucket, key) in [
                (media, key.clone()),
                (made, format!("{key}.webp")),
                (copies, key),
            ] {
                for n in 0..=file % 3 {
                    let kind = SeedKind::Plain { size: 100 };
                    bucket
                        .versions
                        .push(version(key.as_str(), day(1 + n), kind, None));
                }
                if file == 5 {
                    bucket.versions.push(version(
                        key.as_str(),
                        day(9),
                        SeedKind::DeleteMarker,
                        None,
                    ));
                }
            }
        }
        for file in 4..7 {
            buckets[0].uploads.push(SeedUpload {
                key: format!("uploads/{user}/{file}.jpg"),
                initiated: day(3),
                parts: vec![5 << 20],
                storage_class: String::new(),
            });
        }
    }
    World {
        name: "crashes".to_owned(),
        buckets: buckets.into(),
        ..World::default()
    }
}

/// Nothing is made of these objects, and nothing copied: all go in one wave, three batches that are under way together.
const PLAIN_RULES: &str = r#"
version = 1
name = "plain"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"
"#;

fn large_world() -> World {
    let mut media = WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket("media")
    };
    for (user, files) in [(USER, 2_500), ("user-10", 10)] {
        for file in 0..files {
            let (key, kind) = (
                format!("uploads/{user}/{file:04}.jpg"),
                SeedKind::Plain { size: 100 },
            );
            media
                .versions
                .push(version(key.as_str(), day(1), kind, None));
        }
    }
    World {
        name: "large".to_owned(),
        buckets: vec![media],
        ..World::default()
    }
}

/// A sandbox with a world, and the secret that seals receipts the same in all of them, so that receipts can be compared.
async fn bench(world: &World) -> Bench {
    let rules = if world.name == "large" {
        PLAIN_RULES
    } else {
        RULES
    };
    let blueprint = Blueprint::parse("crashes.toml", rules).unwrap();
    let mut bench = Bench::by(blueprint, SandboxOptions::default(), world.clone()).await;
    let file = bench.program.home.path().join("crashes.toml");
    std::fs::write(&file, rules).unwrap();
    bench.rules = file.display().to_string();
    let key = bench.program.state().join("receipt.key");
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    bench
}

/// What is left when exactly the user's things are gone.
fn less_the_users(things: &BTreeSet<Thing>) -> BTreeSet<Thing> {
    let is_users = |thing: &&Thing| thing.1.split('/').nth(1) == Some(USER);
    things
        .iter()
        .filter(|thing| !is_users(thing))
        .cloned()
        .collect()
}

/// What has to be the same of two receipts of the same purge: all but the case and the times.
#[derive(Debug, PartialEq)]
struct Essence {
    merkle_root: String,
    items: Vec<(String, String, u64, Outcome, Option<String>)>,
    buckets: Vec<(String, BucketCounts)>,
    subject: String,
    appeared: u64,
    not_searched: usize,
}

fn essence(receipt: &Receipt) -> Essence {
    let items = receipt.items.iter();
    Essence {
        merkle_root: receipt.merkle_root.clone(),
        items: items
            .map(|item| {
                let (bucket, kind) = (item.bucket.clone(), item.kind.clone());
                (bucket, kind, item.bytes, item.outcome, item.reason.clone())
            })
            .collect(),
        buckets: receipt.buckets.clone().into_iter().collect(),
        subject: receipt.subject_hmac.clone(),
        appeared: receipt.appeared,
        not_searched: receipt.not_searched.len(),
    }
}

/// The receipt of a case, when it holds.
fn receipt(bench: &Bench, plan: &Plan) -> Receipt {
    let (file, _) = bench.store.receipt_files(&plan.header.case);
    let text = std::fs::read_to_string(file).unwrap();
    let secret = bench.store.secret().unwrap();
    verify(&text, Some(&secret)).unwrap().receipt
}

#[track_caller]
fn ran(command: &mut Command) -> Ran {
    Ran::from(command.output().unwrap())
}

/// What a purge that nobody kills comes to: the points that it passes, what is left, and its receipt.
async fn undisturbed(world: &World) -> (Vec<Point>, BTreeSet<Thing>, Essence) {
    let bench = bench(world).await;
    let left = less_the_users(&bench.things());
    let plan = bench.plan(&owner(USER)).await;
    let points: Arc<Mutex<Vec<Point>>> = Arc::default();
    let hook: PointHook = {
        let points = Arc::clone(&points);
        Arc::new(move |at| {
            points.lock().unwrap().push(at);
            Box::pin(std::future::ready(()))
        })
    };
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    assert_eq!(bench.things(), left);
    let points = points.lock().unwrap().clone();
    (points, left, essence(&done.receipt))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_point_it_goes_on_to_the_same_state_and_the_same_receipt() {
    let world = world();
    let (points, left, undisturbed) = undisturbed(&world).await;
    let count = |point| points.iter().filter(|at| **at == point).count();
    for point in [Point::WrittenDown, Point::Answered, Point::Settled] {
        assert_eq!(count(point), 8, "{point:?} in {points:?}");
    }
    for at in 0..points.len() {
        let point = points[at];
        let nth = points[..=at].iter().filter(|one| **one == point).count();
        survives(&world, (point, nth), &left, &undisturbed).await;
    }
}

/// Killed at a point, it goes on to the same state and the same receipt.
async fn survives(
    world: &World,
    (point, nth): (Point, usize),
    left: &BTreeSet<Thing>,
    undisturbed: &Essence,
) {
    let bench = bench(world).await;
    let plan = bench.plan(&owner(USER)).await;
    let file = bench.keep(&plan);
    let child = child::start(&bench, &file, (point, nth), Then::Dies);
    let died = child.wait_with_output().unwrap();
    assert_eq!(
        died.status.signal(),
        Some(libc::SIGABRT),
        "{point:?} {nth}: {died:?}"
    );
    if point != Point::Receipted {
        assert!(!bench.store.receipt_files(&plan.header.case).0.exists());
    }
    let again = if point == Point::Checked {
        ran(&mut bench.execute(&file, USER))
    } else {
        ran(&mut bench.resume(&file, USER))
    };
    assert_eq!(again.status, 0, "{point:?} {nth}: {again:#?}");
    assert_eq!(bench.things(), *left, "{point:?} {nth}");
    let found = essence(&receipt(&bench, &plan));
    assert_eq!(found, *undisturbed, "{point:?} {nth}");
    assert!(!file.exists() && !bench.store.journal_file(&plan.header.case).exists());
    bench.store.audit().check().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_batches_are_under_way_together_it_goes_on_to_the_same_end() {
    let world = large_world();
    let (points, left, undisturbed) = undisturbed(&world).await;
    let count = |point| points.iter().filter(|at| **at == point).count();
    // One item first, and three batches then.
    assert_eq!(count(Point::WrittenDown), 4, "{points:?}");
    for (point, nth) in [
        // Their lines are on the disk together, and the first of them is not sent, or two are.
        (Point::WrittenDown, 2),
        (Point::WrittenDown, 4),
        // One is answered, and two may be.
        (Point::Answered, 2),
        // The answer of one is on the disk, and that of another is not.
        (Point::Settled, 2),
        (Point::Answered, 4),
    ] {
        survives(&world, (point, nth), &left, &undisturbed).await;
    }
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_on_the_disk() {
    let bench = bench(&large_world()).await;
    let plan = bench.plan(&owner(USER)).await;
    let (journal, audit) = (
        bench.store.journal_file(&plan.header.case),
        bench.program.state().join("audit.jsonl"),
    );
    let lines = |file: &Path, with: &str| {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().filter(|line| line.contains(with)).count()
    };
    let here = async {
        // The first item alone was sent and answered; of those that come next nothing is sent yet.
        assert_eq!(bench.sandbox.requests().of("DeleteObjects"), 1);
        assert!(lines(&journal, r#""line":"sent""#) >= 2);
        assert!(lines(&audit, r#""event":"batch-sent""#) >= 2);
        assert_eq!(lines(&journal, r#""line":"answered""#), 1);
        assert_eq!(lines(&audit, r#""event":"batch-answered""#), 1);
    };
    verified(bench.meanwhile(&plan, (Point::WrittenDown, 2), here).await);
    assert_eq!(bench.sandbox.requests().of("DeleteObjects"), 4);
    assert_eq!(lines(&audit, r#""event":"batch-answered""#), 4);
    bench.store.audit().check().unwrap();
}

/// Waits until an operation has arrived so often; what was started has to be running then.
fn arrived(bench: &Bench, operation: &str, times: u64, child: &mut Child) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while bench.sandbox.requests().of(operation) < times {
        assert!(Instant::now() < deadline, "{operation} did not come");
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before {operation} came"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts the program, and kills it while it waits for the answer to an operation.
fn killed_during(bench: &Bench, operation: &str, mut command: Command) {
    let before = bench.sandbox.requests().of(operation);
    let never = Duration::from_mins(10);
    bench
        .sandbox
        .set_latency(Latency::default().with(operation, never));
    let mut child = command.spawn().unwrap();
    arrived(bench, operation, before + 1, &mut child);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(libc::SIGKILL));
    bench.sandbox.set_latency(Latency::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_killed_again_and_again_from_outside_comes_to_the_same_end() {
    let world = world();
    let (_, left, undisturbed) = undisturbed(&world).await;
    let bench = bench(&world).await;
    let before = bench.things();
    let plan = bench.plan(&owner(USER)).await;
    let file = bench.keep(&plan);
    killed_during(&bench, "AbortMultipartUpload", bench.execute(&file, USER));
    let after_first = bench.things();
    assert_eq!(
        after_first, before,
        "what nobody answered was not carried out"
    );
    killed_during(&bench, "DeleteObjects", bench.resume(&file, USER));
    let after_second = bench.things();
    assert!(after_second.len() < before.len(), "the uploads are aborted");
    assert!(
        after_second.len() > left.len(),
        "the versions are still there"
    );
    let receipt_file = bench.store.receipt_files(&plan.header.case).0;
    assert!(!receipt_file.exists());
    let done = ran(&mut bench.resume(&file, USER));
    assert_eq!(done.status, 0, "{done:#?}");
    assert_eq!(bench.things(), left);
    assert_eq!(essence(&receipt(&bench, &plan)), undisturbed);
    assert!(!file.exists());
    let again = ran(&mut bench.resume(&file, USER));
    assert_eq!(again.status, 2, "{again:#?}");
    bench.store.audit().check().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_purges_of_one_plan_the_second_refuses_and_changes_nothing() {
    let world = world();
    let (_, left, undisturbed) = undisturbed(&world).await;
    let bench = bench(&world).await;
    let plan = bench.plan(&owner(USER)).await;
    let file = bench.keep(&plan);
    let mut first = child::start(&bench, &file, (Point::Settled, 2), Then::Waits);
    child::reached(&mut first);
    let (changes, there) = (bench.sandbox.requests().non_read().len(), bench.things());
    for (mut second, words) in [
        (bench.execute(&file, USER), "another purge"),
        (bench.resume(&file, USER), "another purge"),
    ] {
        let refused = ran(&mut second);
        assert_eq!(refused.status, 4, "{refused:#?}");
        assert!(refused.err.contains(words), "{refused:#?}");
    }
    assert_eq!(bench.sandbox.requests().non_read().len(), changes);
    assert_eq!(bench.things(), there);
    // Its input ends, and it goes on.
    let ended = first.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(bench.things(), left);
    assert_eq!(essence(&receipt(&bench, &plan)), undisturbed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_cut_short_anywhere_in_its_last_line_is_gone_on_with() {
    let world = world();
    let (_, left, undisturbed) = undisturbed(&world).await;
    let cut = |journal: &Path, keep: usize| {
        let text = std::fs::read(journal).unwrap();
        let last = text[..text.len() - 1]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap()
            + 1;
        let length = last + (text.len() - last) * keep / 3;
        std::fs::write(journal, &text[..length]).unwrap();
    };
    for keep in [0, 1, 2] {
        let bench = bench(&world).await;
        let plan = bench.plan(&owner(USER)).await;
        let file = bench.keep(&plan);
        // Its last line says what is about to be sent: the power went while it was being written.
        let child = child::start(&bench, &file, (Point::WrittenDown, 3), Then::Dies);
        child.wait_with_output().unwrap();
        cut(&bench.store.journal_file(&plan.header.case), keep);
        let done = ran(&mut bench.resume(&file, USER));
        assert_eq!(done.status, 0, "{done:#?}");
        assert_eq!(bench.things(), left);
        assert_eq!(essence(&receipt(&bench, &plan)), undisturbed);
    }
}
