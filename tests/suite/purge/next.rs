//! What is suggested next works as it is printed, and nothing is suggested that would be refused: the lists that a plan was
//! made by go with it, and a plan that was checked by a list is never acted on without one.

use std::path::{Path, PathBuf};

use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};
use serde_json::Value;

use super::bench::Bench;
use crate::cli::support::{Ran, bucket, column};

/// No list: who is alive is said on the command line.
const RULES: &str = r#"
version = 1
name = "media"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"
"#;

/// A list that nobody would read rightly without each of these options.
const LISTED: [&str; 12] = [
    "--registry",
    "users.csv",
    "--registry-format",
    "csv",
    "--registry-column",
    "uid",
    "--registry-delimiter",
    ";",
    "--registry-where",
    "state=active",
    "--registry-normalize",
    "strip-prefix:user:",
];

async fn bench() -> Bench {
    let keys = ["ada", "ben", "dora", "eve", "Eve"]
        .into_iter()
        .flat_map(|user| (0..2).map(move |n| format!("uploads/{user}/{n}.jpg")));
    let world = World {
        name: "media".to_owned(),
        buckets: vec![
            bucket("media", keys.collect::<Vec<_>>()),
            bucket("of-others", ["a"]),
        ],
        ..World::default()
    };
    let blueprint = Blueprint::parse("media.toml", RULES).unwrap();
    let mut bench = Bench::by(blueprint, SandboxOptions::default(), world).await;
    bench.program.write("media.toml", RULES);
    bench.program.write(
        "users.csv",
        "uid;state\nuser:dora;active\nuser:eve;active\nuser:ada;deleted\n",
    );
    bench
        .program
        .write("requests.csv", "case,id\nC-1,ada\nC-2,ben\n");
    "media.toml".clone_into(&mut bench.rules);
    bench
}

fn run(bench: &Bench, more: &[&str]) -> Ran {
    let base = ["purge", "--blueprint", &bench.rules, "--format", "json"];
    bench.program.run(&[&base[..], more].concat())
}

/// The command that the program suggests, as its words; a shell would take the quotes away.
fn suggested(ran: &Ran) -> Option<Vec<String>> {
    let line = ran
        .err
        .lines()
        .find(|line| line.contains("s3warden purge --"))?;
    let (_, command) = line.split_once("s3warden ").unwrap();
    let words = command.split_whitespace();
    Some(words.map(|word| word.replace('\'', "")).collect())
}

fn said(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The same command without what it says of lists.
fn without_lists<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.starts_with("--registry") {
            words.next();
        } else {
            kept.push(*word);
        }
    }
    kept
}

fn plan_of(document: &Value) -> PathBuf {
    PathBuf::from(document["summary"]["plan"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suggested_command_carries_the_lists_and_without_them_it_is_refused() {
    for whose in [&["ada"][..], &["--from", "requests.csv"]] {
        let bench = bench().await;
        let before = bench.things();
        let planned = run(&bench, &[whose, &LISTED].concat());
        assert_eq!(planned.status, 0, "{planned:#?}");
        let words = suggested(&planned).unwrap();
        let words = said(&words);
        for option in LISTED.iter().step_by(2) {
            assert!(words.contains(option), "{option}: {words:?}");
        }
        let without = without_lists(&words);
        let overruled = [&without[..], &["--owner-still-exists", "by letter"]].concat();
        let resumed: Vec<&str> = without
            .iter()
            .filter(|word| **word != "--execute")
            .map(|word| if *word == "--plan" { "--resume" } else { *word })
            .collect();
        for words in [without, overruled, resumed] {
            let refused = bench.program.run(&words);
            let is_of_many = words.contains(&"--owner-still-exists") && whose[0] == "--from";
            let expected = if is_of_many { 2 } else { 4 };
            assert_eq!(refused.status, expected, "{words:?}: {refused:#?}");
            let why = if is_of_many {
                "--owner-still-exists"
            } else {
                "--registry owners=FILE"
            };
            assert!(refused.err.contains(why), "{refused:#?}");
            assert_eq!(bench.things(), before, "{words:?}");
        }
        let done = bench.program.run(&words);
        assert_eq!(done.status, 0, "{done:#?}");
        assert!(
            bench
                .things()
                .iter()
                .all(|thing| !thing.1.contains("/ada/"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_only_shown_without_its_list_is_not_called_ready() {
    let bench = bench().await;
    for whose in [&["ada"][..], &["--from", "requests.csv"]] {
        let planned = run(&bench, &[whose, &LISTED].concat()).json(0);
        let plan = plan_of(&planned);
        let shown = run(&bench, &["--plan", plan.to_str().unwrap()]);
        assert_eq!(shown.status, 3, "{shown:#?}");
        assert!(shown.err.contains("would be refused"), "{shown:#?}");
        assert_eq!(suggested(&shown), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_refused_is_not_suggested() {
    let bench = bench().await;
    bench
        .program
        .write("all.csv", "case,id\nC-1,ada\nC-2,eve\n");
    bench.program.write("living.csv", "id\neve\ndora\n");
    let future = Path::new(bench.program.home.path()).join("later.csv");
    std::fs::write(&future, "uid;state\nuser:dora;active\nuser:eve;active\n").unwrap();
    let at = std::time::SystemTime::now() + std::time::Duration::from_hours(100);
    std::fs::File::options()
        .write(true)
        .open(&future)
        .unwrap()
        .set_modified(at)
        .unwrap();
    let undated = [&["--registry", "later.csv"], &LISTED[2..]].concat();
    for (whose, lists, status, is_suggested) in [
        (&["eve"][..], &LISTED[..], 3, false),
        (&["Eve"], &LISTED, 3, false),
        (
            &["eve", "--owner-still-exists", "by letter"],
            &LISTED,
            0,
            true,
        ),
        (&["ada", "--max-objects", "1"], &LISTED, 3, false),
        (&["ada"], &undated, 3, false),
        (&["--from", "requests.csv"], &undated, 3, false),
        (&["--from", "all.csv"], &LISTED, 3, true),
        (&["--from", "living.csv"], &LISTED, 3, false),
        (&["ada"], &LISTED, 0, true),
    ] {
        let ran = run(&bench, &[whose, lists].concat());
        assert_eq!(ran.status, status, "{whose:?} {lists:?}: {ran:#?}");
        assert_eq!(
            suggested(&ran).is_some(),
            is_suggested,
            "{whose:?}: {ran:#?}"
        );
        assert!(!ran.err.contains("users:0"), "{ran:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_nothing_but_what_is_contested_is_not_done() {
    let bench = bench().await;
    bench.program.write(
        "keys.csv",
        "key,owner\nuploads/ada/0.jpg,eve\nuploads/ada/1.jpg,eve\n",
    );
    let keys = [
        "--registry",
        "keys=keys.csv",
        "--registry-column",
        "keys=key",
        "--registry-owner-column",
        "owner",
    ];
    let before = bench.things();
    for more in [&[][..], &["--write", "--execute", "--confirm", "ada"]] {
        let ran = run(&bench, &[&["ada"], &keys[..], more].concat());
        assert_eq!(ran.status, 3, "{ran:#?}");
        let document = ran.json(3);
        assert_eq!(document["complete"], false);
        assert_eq!(document["summary"]["contested"][0]["keys"], 2);
    }
    let many = run(&bench, &[&["--from", "requests.csv"], &keys[..]].concat());
    assert_eq!(many.status, 3, "{many:#?}");
    assert_eq!(bench.things(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_buckets_of_the_account_are_named_for_one_user_and_for_many() {
    let bench = bench().await;
    for whose in [&["ada"][..], &["--from", "requests.csv"]] {
        let ran = run(&bench, &[whose, &LISTED].concat());
        assert!(ran.err.contains("of-others"), "{ran:#?}");
        let others = &ran.json(0)["summary"]["other_buckets"];
        assert_eq!(others["names"], serde_json::json!(["of-others"]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_ended_in_part_is_kept_when_something_else_is_planned() {
    let bench = bench().await;
    let planned = run(&bench, &[&["--from", "requests.csv"], &LISTED[..]].concat()).json(0);
    let plan = plan_of(&planned);
    let words = [
        "--plan",
        plan.to_str().unwrap(),
        "--write",
        "--execute",
        "--confirm",
        "users:2",
    ];
    // Ben came back.
    bench.program.write(
        "users.csv",
        "uid;state\nuser:dora;active\nuser:eve;active\nuser:ben;active\n",
    );
    let done = run(&bench, &[&words[..], &LISTED].concat()).json(3);
    assert_eq!(column(&done, "outcome"), ["purged", "left"]);
    let other = run(&bench, &[&["cy"], &LISTED[..]].concat());
    assert!(!other.err.contains("never begun"), "{other:#?}");
    assert!(plan.exists());
    // And it can be tried again.
    bench.program.write(
        "users.csv",
        "uid;state\nuser:dora;active\nuser:eve;active\nuser:fay;active\n",
    );
    let again = run(&bench, &[&words[..], &LISTED].concat()).json(0);
    assert_eq!(column(&again, "outcome"), ["purged", "purged"]);
    assert!(!plan.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_requests_that_may_mean_something_else_is_a_usage_error() {
    let bench = bench().await;
    for text in [
        "user,case\nada,C-1\n",
        "ID\nada\n",
        "ada,\n",
        "id,id\nada,ben\n",
    ] {
        bench.program.write("requests.csv", text);
        let refused = run(&bench, &[&["--from", "requests.csv"], &LISTED[..]].concat());
        assert_eq!(refused.status, 2, "{text}: {refused:#?}");
    }
    bench
        .program
        .write("requests.csv", "case,id\nC-1,ada\nC-2,ada\n");
    let twice = run(&bench, &[&["--from", "requests.csv"], &LISTED[..]].concat());
    assert!(
        twice.err.contains("2 requests are for 1 user"),
        "{twice:#?}"
    );
    assert_eq!(twice.json(0)["summary"]["requests"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_cannot_be_relied_on_refuses_a_search_after_it_is_shown() {
    let bench = bench().await;
    bench
        .program
        .write("users.csv", "uid;state\nuser:dora\nuser:eve;active;x\n");
    let words = [
        "find",
        "ada",
        "--blueprint",
        &bench.rules,
        "--format",
        "json",
    ];
    for list in [&LISTED[..], &["--registry", "nowhere.txt"]] {
        let ran = bench.program.run(&[&words[..], list].concat());
        assert_eq!(ran.status, 4, "{ran:#?}");
        assert_eq!(ran.json(4)["complete"], false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receipt_and_its_page_name_what_is_contested_and_the_other_buckets() {
    let bench = bench().await;
    bench
        .program
        .write("keys.csv", "key,owner\nuploads/ada/0.jpg,eve\n");
    let whose = [
        "ada",
        "--registry",
        "keys=keys.csv",
        "--registry-column",
        "keys=key",
        "--registry-owner-column",
        "owner",
        "--write",
        "--execute",
        "--confirm",
        "ada",
    ];
    let done = run(&bench, &whose).json(3);
    let file = |field: &str| {
        let path = done["summary"][field].as_str().unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    let receipt: Value = serde_json::from_str(&file("receipt")).unwrap();
    let contested = serde_json::json!([{"bucket": "media", "items": 1, "keys": 1}]);
    assert_eq!(receipt["contested"], contested);
    let names = &receipt["other_buckets"]["names"];
    assert_eq!(*names, serde_json::json!(["of-others"]));
    let page = file("receipt_page");
    assert!(page.contains("\n- Contested: "), "{page}");
    assert!(page.contains("of-others"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn find_names_the_other_buckets_of_the_account() {
    let bench = bench().await;
    let arguments = [
        "find",
        "ada",
        "--blueprint",
        &bench.rules,
        "--format",
        "json",
    ];
    let ran = bench.program.run(&arguments);
    let names = &ran.json(0)["summary"]["other_buckets"]["names"];
    assert_eq!(*names, serde_json::json!(["of-others"]));
    assert!(ran.err.contains("of-others"), "{ran:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_sts_the_owner_of_the_buckets_purges_the_users_of_a_file() {
    let bench = bench().await;
    let no_sts = FaultRule::new(Fault::AccessDenied).on("GetCallerIdentity");
    bench.sandbox.set_faults(vec![no_sts]);
    let from = ["--from", "requests.csv"];
    let execute = ["--write", "--execute", "--confirm", "users:2"];
    let done = run(&bench, &[&from[..], &LISTED, &execute].concat()).json(0);
    assert_eq!(column(&done, "outcome"), ["purged", "purged"]);
    for item in done["items"].as_array().unwrap() {
        let receipt = std::fs::read_to_string(item["receipt"].as_str().unwrap()).unwrap();
        assert!(receipt.contains("\"source\":\"list-buckets\""), "{receipt}");
    }
}
