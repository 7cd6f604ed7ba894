//! Many users at once, from a file of erasure requests: planned, confirmed by their number, killed and gone on with.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::ops::change::Point;
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{World, WorldBucket};
use serde_json::Value;

use super::bench::{Bench, Thing};
use super::child::{self, Then};
use crate::cli::support::{Ran, bucket, column};

const RULES: &str = r#"
version = 1
name = "requests"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"

[registry.owners]
source = "file"
path = "living.txt"
format = "lines"
"#;

/// Three who are gone, one of whom has nothing, and one who is not.
const REQUESTS: &str = "case,id\nC-1,ada\nC-2,ben\nC-3,cy\nC-4,dora\n";

async fn bench() -> Bench {
    let keys = ["ada", "ben", "dora", "eve"]
        .into_iter()
        .flat_map(|user| (0..3).map(move |n| format!("uploads/{user}/{n}.jpg")));
    let media: WorldBucket = bucket("media", keys.collect::<Vec<_>>());
    let world = World {
        name: "requests".to_owned(),
        buckets: vec![media],
        ..World::default()
    };
    let blueprint = Blueprint::parse("requests.toml", RULES).unwrap();
    let mut bench = Bench::by(blueprint, SandboxOptions::default(), world).await;
    bench.program.write("requests.toml", RULES);
    bench.program.write("living.txt", "dora\neve\n");
    bench.program.write("requests.csv", REQUESTS);
    let file = bench.program.home.path().join("requests.toml");
    bench.rules = file.display().to_string();
    bench
}

/// What is left when these users' things are gone.
fn less(things: &BTreeSet<Thing>, users: &[&str]) -> BTreeSet<Thing> {
    let is_gone = |thing: &&Thing| users.contains(&thing.1.split('/').nth(1).unwrap_or_default());
    things
        .iter()
        .filter(|thing| !is_gone(thing))
        .cloned()
        .collect()
}

fn run(bench: &Bench, more: &[&str]) -> Ran {
    let base = ["purge", "--blueprint", &bench.rules, "--format", "json"];
    bench.program.run(&[&base[..], more].concat())
}

/// The plan over all requests of the file.
fn planned(bench: &Bench) -> (PathBuf, Value) {
    // One is left, so that it is not all that was asked for.
    let document = run(bench, &["--from", "requests.csv"]).json(3);
    let plan = document["summary"]["plan"].as_str().unwrap();
    (PathBuf::from(plan), document)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_is_planned_for_and_whoever_exists_is_left_by_name() {
    let bench = bench().await;
    let before = bench.things();
    let (plan, document) = planned(&bench);
    assert_eq!(document["schema"], "s3warden/purge-from/1");
    assert_eq!(column(&document, "user"), ["ada", "ben", "cy", "dora"]);
    assert_eq!(column(&document, "reference"), ["C-1", "C-2", "C-3", "C-4"]);
    assert_eq!(
        column(&document, "outcome"),
        ["planned", "planned", "nothing-found", "left"]
    );
    assert_eq!(document["complete"], false);
    assert_eq!(document["summary"]["confirm"], "users:3");
    assert_eq!(document["summary"]["planned"], 6);
    assert!(plan.exists());
    assert_eq!(bench.things(), before);
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gates_hold_for_all_users_together_and_nothing_is_touched() {
    let bench = bench().await;
    let before = bench.things();
    let execute = ["--from", "requests.csv", "--execute"];
    for (more, status, words) in [
        (&["--confirm", "users:3"][..], 4, "--write"),
        (&["--write"], 4, "not confirmed"),
        (&["--write", "--confirm", "users:4"], 4, "users:3"),
        (&["--write", "--confirm", "ada"], 4, "users:3"),
        (
            &["--write", "--confirm", "users:3", "--max-objects", "5"],
            4,
            "--max-objects",
        ),
        (
            &[
                "--write",
                "--confirm",
                "users:3",
                "--receipt-to",
                "s3://outside/key",
            ],
            2,
            "folder",
        ),
    ] {
        let refused = run(&bench, &[&execute[..], more].concat());
        assert_eq!(refused.status, status, "{refused:#?}");
        assert!(refused.err.contains(words), "{refused:#?}");
        assert_eq!(bench.things(), before);
    }
    bench.program.write("requests.csv", "id\nada\n\"ben\n");
    let torn = run(&bench, &execute);
    assert!(torn.status != 0 && bench.things() == before, "{torn:#?}");
    let lists = std::fs::read_dir(bench.program.state().join("purge")).unwrap();
    assert_eq!(lists.count(), 0, "no plan that nobody saw is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_user_of_the_file_gets_a_receipt_and_the_others_keep_theirs() {
    let bench = bench().await;
    let left = less(&bench.things(), &["ada", "ben"]);
    let (plan, _) = planned(&bench);
    let file = plan.to_str().unwrap();
    let confirmed = [
        "--execute",
        "--write",
        "--confirm",
        "users:3",
        "--plan",
        file,
    ];
    let done = run(&bench, &confirmed).json(3);
    assert_eq!(
        column(&done, "outcome"),
        ["purged", "purged", "nothing-found", "left"]
    );
    assert_eq!(done["complete"], false);
    assert_eq!(bench.things(), left);
    let receipts = column(&done, "receipt");
    assert_eq!(receipts.len(), 2);
    for receipt in receipts {
        assert_eq!(bench.program.run(&["receipt", "verify", receipt]).status, 0);
        let text = std::fs::read_to_string(receipt).unwrap();
        assert!(!text.contains("uploads/"), "{text}");
    }
    let summary = done["summary"]["summary"].as_str().unwrap();
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(
        summary.contains("C-2") && !summary.contains("\"ben\""),
        "{summary}"
    );
    assert!(!plan.exists(), "everybody who can be purged is");
    bench.store.audit().check().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_any_user_it_goes_on_to_the_same_end() {
    for (point, nth) in [
        (Point::Checked, 1),
        (Point::WrittenDown, 1),
        (Point::Answered, 1),
        (Point::Verified, 1),
        (Point::Receipted, 1),
        (Point::Checked, 2),
        (Point::Settled, 2),
        (Point::Receipted, 2),
    ] {
        let bench = bench().await;
        let left = less(&bench.things(), &["ada", "ben"]);
        let (plan, _) = planned(&bench);
        let child = child::start_batch(&bench, &plan, (point, nth), Then::Dies);
        let died = child.wait_with_output().unwrap();
        assert_eq!(
            died.status.signal(),
            Some(libc::SIGABRT),
            "{point:?} {nth}: {died:?}"
        );
        let file = plan.to_str().unwrap();
        let again = run(
            &bench,
            &["--write", "--confirm", "users:3", "--resume", file],
        );
        let again = again.json(3);
        assert_eq!(
            column(&again, "outcome"),
            ["purged", "purged", "nothing-found", "left"],
            "{point:?} {nth}"
        );
        assert_eq!(bench.things(), left, "{point:?} {nth}");
        let deleted: Vec<u64> = again["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["deleted"].as_u64())
            .collect();
        assert_eq!(deleted, [3, 3, 0, 0], "{point:?} {nth}");
        assert!(!plan.exists());
        bench.store.audit().check().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_came_back_since_the_plan_is_left_and_the_others_go_on() {
    let bench = bench().await;
    let left = less(&bench.things(), &["ben"]);
    let (plan, _) = planned(&bench);
    bench.program.write("living.txt", "ada\ndora\neve\n");
    let file = plan.to_str().unwrap();
    let confirmed = [
        "--execute",
        "--write",
        "--confirm",
        "users:3",
        "--plan",
        file,
    ];
    let done = run(&bench, &confirmed).json(3);
    assert_eq!(
        column(&done, "outcome"),
        ["left", "purged", "nothing-found", "left"]
    );
    assert_eq!(bench.things(), left);
    assert!(plan.exists(), "it can be tried again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_was_touched_is_refused_or_its_user_left() {
    let bench = bench().await;
    let left = less(&bench.things(), &["ben"]);
    let (plan, document) = planned(&bench);
    let file = plan.to_str().unwrap();
    let confirmed = [
        "--execute",
        "--write",
        "--confirm",
        "users:3",
        "--plan",
        file,
    ];
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("\"ada\"", "\"eve\"")).unwrap();
    let refused = run(&bench, &confirmed);
    assert_eq!(refused.status, 4, "{refused:#?}");
    std::fs::write(&plan, text).unwrap();
    let case = document["items"][0]["case"].as_str().unwrap();
    let of_ada = bench.store.plan_file(case);
    let text = std::fs::read_to_string(&of_ada).unwrap();
    std::fs::write(&of_ada, text.replace("uploads/ada/", "uploads/eve/")).unwrap();
    let done = run(&bench, &confirmed).json(3);
    assert_eq!(
        column(&done, "outcome"),
        ["left", "purged", "nothing-found", "left"]
    );
    assert_eq!(bench.things(), left);
}
