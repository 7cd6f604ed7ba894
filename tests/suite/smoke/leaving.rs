//! Nothing is left behind, and what was left is found; and where nothing may be written, nothing is.

use std::time::Duration;

use s3warden::facade::aws::Meter;
use s3warden::facade::ops::change::audit::Audit;
use s3warden::facade::ops::smoke::{self, Check, Event, Options, Verdict, leftovers};
use s3warden::facade::sandbox::{Latency, SandboxOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::bench::{
    Bench, LEADS, PICTURES, UPLOADS, as_it_is, assert_failed, document, failed, options, permit,
};

#[tokio::test]
async fn what_cannot_be_removed_is_told_and_removed_later() {
    let bench = Bench::of(
        LEADS,
        "",
        SandboxOptions {
            denied: vec!["s3:DeleteObjectVersion".to_owned()],
            ..options()
        },
        as_it_is,
    )
    .await;
    let before = bench.keys();
    let report = bench.run().await;
    assert_eq!(failed(&report), ["removed"]);
    assert!(bench.keys()[LEADS] > before[LEADS]);
    bench.sandbox.owner().deny(Vec::new());
    let left = bench.leftovers().await;
    assert_eq!(left.runs.len(), 1, "{left:?}");
    let removed = leftovers::remove_all(&bench.aws, left, &permit(), &Meter::new()).await;
    assert!(
        removed.is_complete() && removed.versions > 30,
        "{removed:?}"
    );
    assert_eq!(bench.keys(), before);
    assert!(bench.leftovers().await.is_empty());
}

#[tokio::test]
async fn a_run_that_is_killed_leaves_a_journal_and_what_it_names_is_found() {
    let bench = Bench::of(PICTURES, "", options(), as_it_is).await;
    let before = bench.keys();
    let plan = bench.plan(bench.options()).await.unwrap();
    let (events, mut arriving) = mpsc::channel(1);
    let (permit_, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
    let killed = async {
        while let Some(event) = arriving.recv().await {
            if matches!(&event, Event::Ended(result) if result.check == Check::FormUpload) {
                return;
            }
        }
    };
    tokio::select! {
        _ = smoke::run(&bench.aws, &plan, &permit_, events, &stop, &meter) => panic!("it ended"),
        () = killed => {}
    }
    assert!(bench.keys()[PICTURES] > before[PICTURES]);
    let left = bench.leftovers().await;
    assert!(left.runs.contains_key(&plan.run), "{left:?}");
    // Without the journal the listing finds them, too.
    drop(left);
    let journals = bench.state.path().join("smoke");
    for file in std::fs::read_dir(&journals).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let left = bench.leftovers().await;
    assert!(left.runs.contains_key(&plan.run), "{left:?}");
    let removed = leftovers::remove_all(&bench.aws, left, &permit(), &Meter::new()).await;
    assert!(removed.is_complete(), "{removed:?}");
    assert_eq!(bench.keys(), before);
}

#[tokio::test]
async fn a_run_that_is_stopped_removes_what_it_created() {
    let bench = Bench::of(PICTURES, "", options(), as_it_is).await;
    let before = bench.keys();
    let plan = bench.plan(bench.options()).await.unwrap();
    let (events, mut arriving) = mpsc::channel(1);
    let (permit, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
    let run = smoke::run(&bench.aws, &plan, &permit, events, &stop, &meter);
    let listen = async {
        while let Some(event) = arriving.recv().await {
            // In the middle of a check that waits.
            if event == Event::Began(Check::ExpiredUrl) {
                stop.cancel();
            }
        }
    };
    let (report, ()) = tokio::join!(run, listen);
    let report = report.unwrap();
    assert!(report.interrupted);
    assert_failed(&bench, &before, &report, &[]);
    let last: Vec<_> = report.results.iter().rev().take(2).collect();
    assert!(
        matches!(&last[0].verdict, Verdict::Pass(seen) if seen.contains("nothing is left")),
        "{last:?}"
    );
    assert_eq!(last[1].verdict, Verdict::Skipped("interrupted".to_owned()));
    assert!(bench.leftovers().await.is_empty());
}

#[tokio::test]
async fn uploads_under_way_are_waited_for_when_a_run_is_stopped() {
    let slow = SandboxOptions {
        latency: Latency::default().with("P*Object", Duration::from_millis(150)),
        ..options()
    };
    let bench = Bench::of(PICTURES, "", slow, as_it_is).await;
    let before = bench.keys();
    let plan = bench.plan(bench.options()).await.unwrap();
    let (events, mut arriving) = mpsc::channel(1);
    let (permit, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
    let run = smoke::run(&bench.aws, &plan, &permit, events, &stop, &meter);
    let requests = bench.sandbox.requests();
    let uploads = || requests.of("PostObject") + requests.of("PutObject");
    let listen = async {
        while let Some(event) = arriving.recv().await {
            if event == Event::Began(Check::ConcurrentUploads) {
                let earlier = uploads();
                while uploads() == earlier {
                    tokio::task::yield_now().await;
                }
                stop.cancel();
            }
        }
    };
    let (report, ()) = tokio::join!(run, listen);
    let report = report.unwrap();
    assert_failed(&bench, &before, &report, &[]);
    let Verdict::Pass(seen) = &report.results.last().unwrap().verdict else {
        panic!("{report:?}");
    };
    // Each upload that was taken in was there to be removed: none was answered to nobody.
    let taken_in = uploads() - requests.refused("PostObject") - requests.refused("PutObject");
    assert!(
        seen.starts_with(&format!("{taken_in} versions removed")),
        "{taken_in}: {seen}"
    );
}

#[tokio::test]
async fn a_bucket_that_locks_or_tells_is_not_written_to() {
    let lock = "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ObjectLockEnabled>Enabled\
                </ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention></Rule>\
                </ObjectLockConfiguration>";
    let locked = document(LEADS, "object-lock", |_| lock.to_owned());
    let bench = Bench::of(LEADS, "", options(), locked).await;
    let refusal = bench.plan(bench.options()).await.err().unwrap();
    assert!(
        refusal.to_string().contains("GOVERNANCE for 30 days"),
        "{refusal}"
    );
    let bench = Bench::of(UPLOADS, "", options(), as_it_is).await;
    let silent = Options {
        allow_events: false,
        ..bench.options()
    };
    let refusal = bench.plan(silent).await.err().unwrap();
    assert!(
        refusal.to_string().contains("ProcessUploadedImages"),
        "{refusal}"
    );
    assert_eq!(bench.sandbox.requests().of("PutObject"), 0);
}

#[tokio::test]
async fn each_check_and_the_removal_stand_in_the_audit_log_before_and_after() {
    let bench = Bench::of(PICTURES, "", options(), as_it_is).await;
    let report = bench.run().await;
    let log = Audit::of(bench.state.path()).unwrap().check().unwrap();
    let told = |event: &str| log.iter().filter(|entry| entry.event == event).count();
    // All but the removal, which has lines of its own.
    let checks = report
        .results
        .iter()
        .filter(|result| result.check != Check::Removed)
        .filter(|result| !matches!(result.verdict, Verdict::Skipped(_)));
    let checks = checks.count();
    assert!(checks > 5, "{report:?}");
    assert_eq!((told("check-began"), told("check-ended")), (checks, checks));
    let events: Vec<&str> = log.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(events.first(), Some(&"smoke-began"));
    assert!(
        events.ends_with(&["removal-began", "removed"]),
        "{events:?}"
    );
    let removed = &log.last().unwrap().detail;
    assert!(removed["versions"].as_u64().unwrap() > 5, "{removed:?}");
    let text = std::fs::read_to_string(bench.state.path().join("audit.jsonl")).unwrap();
    assert!(
        !text.contains("s3warden-smoke"),
        "a key is in the audit log"
    );
}

#[tokio::test]
async fn without_an_audit_log_nothing_is_created_and_nothing_is_removed() {
    let bench = Bench::of(PICTURES, "", options(), as_it_is).await;
    let before = bench.keys();
    let plan = bench.plan(bench.options()).await.unwrap();
    let log = bench.state.path().join("audit.jsonl");
    std::os::unix::fs::symlink("/dev/null", &log).unwrap();
    let (events, _nobody) = mpsc::channel(1);
    let (permit, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
    let run = smoke::run(&bench.aws, &plan, &permit, events, &stop, &meter);
    let problem = run.await.unwrap_err();
    assert!(problem.attempted.contains("audit log"), "{problem:?}");
    assert_eq!(bench.keys(), before);
    let left = bench.leftovers().await;
    assert!(left.is_empty(), "{left:?}");
    let removed = leftovers::remove_all(&bench.aws, left, &permit, &meter).await;
    assert!(!removed.is_complete(), "{removed:?}");
}
