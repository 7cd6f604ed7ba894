//! Two at once, and what earlier dry runs left: nothing is claimed twice, nothing of the user stays, one truth is told.

use s3warden::facade::aws::WriteMode;
use s3warden::facade::domain::blueprint::Blueprint;
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::domain::{BucketName, ObjectKey};
use s3warden::facade::ops::change::Point;
use s3warden::facade::sandbox::world::{SeedUpload, World};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use super::bench::{Bench, owner, refused, verified};
use crate::cli::support::bucket;
use crate::ops::world::day;

const RULES: &str = r#"
version = 1
name = "together"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"
"#;

const UPLOAD: &str = "uploads/ada/begun+100%25 é.mp4";

async fn bench() -> Bench {
    let mut media = bucket("media", ["uploads/ada/1.jpg", "uploads/ben/1.jpg"]);
    media.uploads.push(SeedUpload {
        key: UPLOAD.to_owned(),
        initiated: day(3),
        parts: vec![5 << 20],
        storage_class: String::new(),
    });
    let world = World {
        name: "together".to_owned(),
        buckets: vec![media],
        ..World::default()
    };
    let blueprint = Blueprint::parse("together.toml", RULES).unwrap();
    let mut bench = Bench::by(blueprint, SandboxOptions::default(), world).await;
    bench.program.write("together.toml", RULES);
    "together.toml".clone_into(&mut bench.rules);
    bench
}

#[tokio::test]
async fn of_two_purges_of_one_user_by_two_plans_the_second_is_refused() {
    let bench = bench().await;
    let (first, second) = (
        bench.plan(&owner("ada")).await,
        bench.plan(&owner("ada")).await,
    );
    let meanwhile = async {
        let there = bench.things();
        let why = refused(bench.carry_out(&second, super::bench::Way::default()).await);
        assert!(why.contains("another purge"), "{why}");
        assert!(
            why.contains(&format!("process {}", std::process::id())),
            "{why}"
        );
        assert_eq!(bench.things(), there);
    };
    let done = verified(
        bench
            .meanwhile(&first, (Point::WrittenDown, 1), meanwhile)
            .await,
    );
    assert_eq!(done.receipt.count(Outcome::Deleted), 2);
    let late = verified(bench.carry_out(&second, super::bench::Way::default()).await);
    assert_eq!(late.receipt.count(Outcome::Deleted), 0);
    assert_eq!(late.receipt.count(Outcome::GoneBefore), 2);
}

#[tokio::test]
async fn an_upload_that_somebody_else_aborted_meanwhile_is_not_claimed() {
    let bench = bench().await;
    let plan = bench.plan(&owner("ada")).await;
    let upload = plan
        .items
        .iter()
        .find(|item| item.kind() == "upload")
        .unwrap();
    let (name, key) = (
        BucketName::new("media").unwrap(),
        ObjectKey::new(UPLOAD).unwrap(),
    );
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let elsewhere = async {
        let s3 = bench.aws.s3_for(&name);
        let abort = s3
            .abort_multipart_upload()
            .bucket("media")
            .key(key.as_str());
        let abort = abort.upload_id(upload.id()).customize();
        abort.interceptor(permit).send().await.unwrap();
    };
    let done = verified(
        bench
            .meanwhile(&plan, (Point::WrittenDown, 1), elsewhere)
            .await,
    );
    let of = |kind: &str| {
        let mut items = done.receipt.items.iter();
        items.find(|item| item.kind == kind).unwrap().outcome
    };
    assert_eq!(
        (of("upload"), of("version")),
        (Outcome::GoneBefore, Outcome::Deleted)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plans_of_dry_runs_go_with_a_verified_purge_and_those_elsewhere_are_named() {
    let bench = bench().await;
    let run = |more: &[&str]| {
        let base = ["purge", "ada", "--blueprint", &bench.rules];
        bench.program.run(&[&base[..], more].concat())
    };
    let elsewhere = bench.program.home.path().join("mine.plan");
    let elsewhere = elsewhere.to_str().unwrap();
    assert_eq!(run(&[]).status, 0);
    assert_eq!(run(&["--plan-out", elsewhere]).status, 0);
    let of_ben = bench
        .program
        .run(&["purge", "ben", "--blueprint", &bench.rules]);
    assert_eq!(of_ben.status, 0, "{of_ben:#?}");
    let done = run(&["--write", "--execute", "--confirm", "ada"]);
    assert_eq!(done.status, 0, "{done:#?}");
    assert!(
        done.err.contains("removed 1 other plan of the same user"),
        "{done:#?}"
    );
    assert!(done.err.contains(elsewhere), "{done:#?}");
    let state = bench.program.state().join("purge");
    let plans = std::fs::read_dir(state)
        .unwrap()
        .map(|file| file.unwrap().path());
    let plans: Vec<_> = plans
        .filter(|file| file.to_string_lossy().ends_with(".plan.jsonl"))
        .collect();
    assert_eq!(plans.len(), 1, "{plans:?}");
    assert!(
        std::fs::read_to_string(&plans[0])
            .unwrap()
            .contains("\"ben\"")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_something_appeared_the_purge_is_not_complete_and_says_so_once() {
    let bench = bench().await;
    let plan = bench.program.home.path().join("ada.plan");
    let plan = plan.to_str().unwrap();
    let base = ["purge", "--blueprint", &bench.rules, "--format", "json"];
    let made = bench
        .program
        .run(&[&base[..], &["ada", "--plan-out", plan]].concat());
    assert_eq!(made.status, 0, "{made:#?}");
    bench.put("media", "uploads/ada/late.jpg", &[]).await;
    let execute = ["--plan", plan, "--write", "--execute", "--confirm", "ada"];
    let ran = bench.program.run(&[&base[..], &execute].concat());
    let done = ran.json(3);
    assert_eq!(done["complete"], false);
    assert_eq!(done["summary"]["appeared"], 1);
    assert_eq!(done["summary"]["incomplete"].as_array().unwrap().len(), 1);
    assert!(
        ran.err.contains("1 thing was found beside the plan"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("1 things"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_sts_the_owner_of_the_buckets_purges_and_deletes_orphans() {
    let bench = bench().await;
    let no_sts = FaultRule::new(Fault::AccessDenied).on("GetCallerIdentity");
    bench.sandbox.set_faults(vec![no_sts]);
    let execute = [
        "--write",
        "--execute",
        "--confirm",
        "ada",
        "--format",
        "json",
    ];
    let purge = ["purge", "ada", "--blueprint", &bench.rules];
    let done = bench.program.run(&[&purge[..], &execute].concat()).json(0);
    assert_eq!(done["summary"]["operator"]["source"], "list-buckets");
    let receipt = done["summary"]["receipt"].as_str().unwrap();
    let text = std::fs::read_to_string(receipt).unwrap();
    assert!(text.contains("\"source\":\"list-buckets\""), "{text}");
    assert_eq!(bench.program.run(&["receipt", "verify", receipt]).status, 0);
    // The same for what is done to orphans, and for a file of requests.
    bench.program.write("living.txt", "cy\n");
    let act = [
        "orphans",
        "media",
        "--blueprint",
        &bench.rules,
        "--registry",
        "owners=living.txt",
        "--kind",
        "owner-gone",
        "--min-age",
        "0s",
        "--max-share",
        "100",
        "--act",
        "delete",
        "--write",
        "--confirm",
        "media:1",
        "--format",
        "json",
    ];
    let acted = bench.program.run(&act);
    assert!([0, 3].contains(&acted.status), "{acted:#?}");
    assert_eq!(bench.keys(), [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_sentence_of_a_purge_counts_what_went_by_it_and_what_was_gone_before() {
    let bench = bench().await;
    let file = bench.program.home.path().join("ada.plan");
    let file = file.to_str().unwrap();
    let base = ["purge", "--blueprint", &bench.rules];
    let planned = bench
        .program
        .run(&[&base[..], &["ada", "--plan-out", file]].concat());
    assert_eq!(planned.status, 0, "{planned:#?}");
    let execute = ["--write", "--execute", "--confirm", "ada"];
    for (whose, sentence) in [
        (
            &["ada"][..],
            "2 things gone, as this purge asked and a new listing shows; 0 things gone before",
        ),
        (
            &["--plan", file],
            "0 things gone, as this purge asked and a new listing shows; 2 things gone before",
        ),
    ] {
        let done = bench.program.run(&[&base[..], whose, &execute].concat());
        assert_eq!(done.status, 0, "{done:#?}");
        assert!(done.err.contains(sentence), "{}", done.err);
    }
}
