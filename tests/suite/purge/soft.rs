//! A soft purge hides exactly what is a user's, and its undo leaves the bucket as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::aws::{Meter, WriteMode};
use s3warden::facade::domain::change::{Act, Existence, Plan};
use s3warden::facade::domain::receipt::{Outcome, verify};
use s3warden::facade::domain::{BucketName, OwnerId};
use s3warden::facade::ops::change::undo::SoftPurge;
use s3warden::facade::ops::change::{
    self, Begin, Bounds, Ended, Failure, PlanRequest, PlanningError, Point, Progress, PurgeRequest,
    Tools, Verified, make_plan,
};
use s3warden::facade::ops::find::TrustedLists;
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};
use tokio::sync::{Notify, watch};

use super::bench::{Bench, Thing, Way, owner, refused, verified};
use crate::cli::support::Endpoint;

const UPLOADS: &str = "pilotforce-user-uploads";

async fn soft_plan(bench: &Bench, user: &OwnerId) -> Result<Plan, PlanningError> {
    let request = PlanRequest {
        blueprint: bench.blueprint.clone(),
        owner: user.clone(),
        act: Act::Mark,
        records: bench.records.clone(),
        lists: TrustedLists::default(),
        existence: Existence::NotChecked,
        max_heads: 100,
        max_annotated: 0,
        in_flight: 8,
    };
    let planned = make_plan(&bench.aws, request, &bench.stop, &Meter::new()).await;
    planned.map(|planned| planned.plan)
}

async fn undo_plan(bench: &Bench, soft: &SoftPurge, user: &OwnerId) -> Result<Plan, Failure> {
    soft.is_of(&bench.store, user)?;
    soft.plan(&bench.aws, &bench.blueprint, user, &Meter::new())
        .await
}

async fn undo(bench: &Bench, soft: &SoftPurge, plan: &Plan) -> Result<Ended, Failure> {
    let mut text = Vec::new();
    let sha256 = plan.write(&mut text).unwrap();
    let plan_file = bench.store.plan_file(&plan.header.case);
    std::fs::write(&plan_file, text).unwrap();
    let (progress, _) = watch::channel(Progress::default());
    let permit = WriteMode::from_flag(true).permit().unwrap();
    let tools = Tools {
        aws: &bench.aws,
        store: &bench.store,
        permit: &permit,
        stop: &bench.stop,
        meter: &Meter::new(),
        progress: &progress,
    };
    let request = PurgeRequest {
        plan,
        plan_sha256: &sha256,
        plan_file,
        blueprint: &bench.blueprint,
        records: None,
        lists: TrustedLists::default(),
        existence: Existence::NotChecked,
        owner_still_exists: None,
        subject_as_given: false,
        bounds: Bounds::default(),
        begin: Begin::First,
        keep_plan: false,
        in_flight: 8,
        at_point: None,
    };
    Box::pin(change::perform(tools, &request.on(soft))).await
}

/// The markers that were added, by what they hide; nothing else may have changed.
fn added(before: &BTreeSet<Thing>, after: &BTreeSet<Thing>) -> BTreeMap<(String, String), usize> {
    assert!(before.is_subset(after), "something is gone");
    let mut added: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (bucket, key, kind, _) in after.difference(before) {
        assert_eq!(*kind, "marker");
        *added.entry((bucket.clone(), key.clone())).or_default() += 1;
    }
    added
}

/// One marker over each object of the plan.
fn one_each(plan: &Plan) -> BTreeMap<(String, String), usize> {
    let items = plan.items.iter();
    let places = items.map(|item| {
        let claim = &item.claim;
        (
            claim.bucket.as_str().to_owned(),
            claim.key.as_str().to_owned(),
        )
    });
    places.map(|place| (place, 1)).collect()
}

async fn put(bench: &Bench, bucket: &str, key: &str) {
    let permit = WriteMode::from_flag(true).permit().unwrap();
    bench
        .aws
        .s3_for(&BucketName::new(bucket).unwrap())
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(ByteStream::from_static(b"newer"))
        .customize()
        .interceptor(permit)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_hidden_is_exactly_the_users_and_an_undo_leaves_the_bucket_as_it_was() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let (before, expected) = (bench.things(), bench.expected(&user));
    let plan = soft_plan(&bench, &user).await.unwrap();
    assert!(!plan.items.is_empty() && plan.items.len() < expected.len());
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    let hidden = bench.things();
    assert_eq!(added(&before, &hidden), one_each(&plan));
    let receipt = &done.receipt;
    assert_eq!(receipt.act, Act::Mark);
    assert!(
        receipt
            .items
            .iter()
            .all(|item| item.outcome == Outcome::Done)
    );
    assert!(receipt.conditions.iter().all(|note| note.heeded));
    assert!(!receipt.conditions.is_empty() && receipt.window.is_none());
    let page = std::fs::read_to_string(&done.page_file).unwrap();
    assert!(
        page.contains("| Hidden |") && page.contains("Nothing was deleted"),
        "{page}"
    );
    let again = soft_plan(&bench, &user).await.unwrap();
    assert!(again.items.is_empty());

    let soft = SoftPurge::read(&bench.store, &done.receipt_file).unwrap();
    let plan = undo_plan(&bench, &soft, &user).await.unwrap();
    let undone = verified(undo(&bench, &soft, &plan).await);
    assert_eq!(bench.things(), before);
    assert!(undone.plan_removed);
    let text = std::fs::read_to_string(&undone.receipt_file).unwrap();
    let secret = bench.store.secret().unwrap();
    let case = receipt.case.clone();
    assert_eq!(
        verify(&text, Some(&secret)).unwrap().receipt.act,
        Act::Unmark { case }
    );
    bench.store.audit().check().unwrap();
}

#[tokio::test]
async fn buckets_that_keep_no_versions_are_refused_before_anything() {
    let bench = Bench::of("game").await;
    let refusal = soft_plan(&bench, &owner("user-1")).await.unwrap_err();
    assert!(
        matches!(refusal, PlanningError::Refused { .. }),
        "{refusal}"
    );
    assert!(refusal.to_string().contains("would be lost"), "{refusal}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
}

#[tokio::test]
async fn a_bucket_whose_versioning_was_suspended_since_is_refused() {
    let bench = Bench::of("pilotforce").await;
    let plan = soft_plan(&bench, &owner("user-1")).await.unwrap();
    let suspend = |bucket: &mut s3warden::facade::sandbox::store::Bucket| {
        bucket.versioning = s3warden::facade::sandbox::world::Versioning::Suspended;
        Ok(())
    };
    bench.sandbox.store().write(UPLOADS, suspend).unwrap();
    let before = bench.things();
    let why = refused(bench.carry_out(&plan, Way::default()).await);
    assert!(why.contains("suspended"), "{why}");
    assert_eq!(bench.sandbox.requests().non_read(), [""; 0]);
    assert_eq!(bench.things(), before);
}

/// Kills a soft purge when it comes to a point for the nth time, goes on, and undoes it.
async fn survives(point: Point, nth: usize) {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let before = bench.things();
    let plan = soft_plan(&bench, &user).await.unwrap();
    let (reached, seen) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let hook = {
        let reached = Arc::clone(&reached);
        Arc::new(
            move |at: Point| -> futures::future::BoxFuture<'static, ()> {
                if at == point && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                    reached.notify_one();
                    return Box::pin(std::future::pending());
                }
                Box::pin(std::future::ready(()))
            },
        )
    };
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    tokio::select! {
        ended = bench.carry_out(&plan, way) => panic!("it ended: {ended:?}"),
        () = reached.notified() => {}
    }
    let way = Way {
        begin: Begin::Again,
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    assert_eq!(
        added(&before, &bench.things()),
        one_each(&plan),
        "{point:?} {nth}"
    );
    undone(&bench, &done, &user).await;
    assert_eq!(bench.things(), before, "{point:?} {nth}");
}

async fn undone(bench: &Bench, done: &Verified, user: &OwnerId) -> Verified {
    let soft = SoftPurge::read(&bench.store, &done.receipt_file).unwrap();
    let plan = undo_plan(bench, &soft, user).await.unwrap();
    verified(undo(bench, &soft, &plan).await)
}

#[tokio::test]
async fn killed_at_any_point_each_object_has_one_marker_and_the_undo_knows_it() {
    for (point, nth) in [
        (Point::Probing, 1),
        (Point::WrittenDown, 1),
        (Point::WrittenDown, 2),
        (Point::Answered, 1),
        (Point::Answered, 2),
        (Point::Settled, 2),
        (Point::Verified, 1),
        (Point::Receipted, 1),
    ] {
        survives(point, nth).await;
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_looked_for_and_nothing_is_hidden_twice() {
    let bench = Arc::new(Bench::of("pilotforce").await);
    let user = owner("user-1");
    let before = bench.things();
    let plan = soft_plan(&bench, &user).await.unwrap();
    let hook = {
        // Not before the first batch, when conditions are tried out.
        let dropped = FaultRule::new(Fault::Drop).on("DeleteObjects").times(2);
        let (bench, seen) = (Arc::clone(&bench), AtomicUsize::new(0));
        Arc::new(
            move |at: Point| -> futures::future::BoxFuture<'static, ()> {
                if at == Point::WrittenDown && seen.fetch_add(1, Ordering::SeqCst) == 0 {
                    bench.sandbox.set_faults(vec![dropped.clone()]);
                }
                Box::pin(std::future::ready(()))
            },
        )
    };
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    assert_eq!(added(&before, &bench.things()), one_each(&plan));
    let markers = SoftPurge::read(&bench.store, &done.receipt_file)
        .unwrap()
        .markers;
    assert!(markers.iter().any(|marker| marker.assumed));
    undone(&bench, &done, &user).await;
    assert_eq!(bench.things(), before);
}

#[tokio::test]
async fn a_marker_over_which_something_was_written_is_left_and_said() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = soft_plan(&bench, &user).await.unwrap();
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    let key = plan.items.first().unwrap().claim.key.as_str();
    put(&bench, UPLOADS, key).await;
    let undone = undone(&bench, &done, &user).await;
    let left: Vec<_> = undone
        .receipt
        .items
        .iter()
        .filter(|item| item.outcome != Outcome::Deleted)
        .collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].outcome, Outcome::Retained);
    assert!(left[0].reason.as_ref().unwrap().contains("newer"));
    assert!(!undone.plan_removed);
}

#[tokio::test]
async fn an_object_that_is_written_while_it_runs_is_not_hidden() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let plan = soft_plan(&bench, &user).await.unwrap();
    let key = plan.items.last().unwrap().claim.key.as_str().to_owned();
    let s3 = bench.aws.s3_for(&BucketName::new(UPLOADS).unwrap());
    let late = Arc::new(std::sync::Mutex::new(Some(
        s3.put_object()
            .bucket(UPLOADS)
            .key(&key)
            .body(ByteStream::from_static(b"newer")),
    )));
    let hook = Arc::new(
        move |at: Point| -> futures::future::BoxFuture<'static, ()> {
            let put = (at == Point::WrittenDown)
                .then(|| late.lock().unwrap().take())
                .flatten();
            Box::pin(async move {
                if let Some(put) = put {
                    let permit = WriteMode::from_flag(true).permit().unwrap();
                    put.customize().interceptor(permit).send().await.unwrap();
                }
            })
        },
    );
    let way = Way {
        at_point: Some(hook),
        ..Way::default()
    };
    let done = verified(bench.carry_out(&plan, way).await);
    let left: Vec<_> = done
        .receipt
        .items
        .iter()
        .filter(|item| item.outcome != Outcome::Done)
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].outcome, Outcome::Retained);
    assert!(!done.plan_removed);
}

#[tokio::test]
async fn an_undo_believes_nothing_but_what_was_sealed() {
    let bench = Bench::of("pilotforce").await;
    let user = owner("user-1");
    let soft_plan = soft_plan(&bench, &user).await.unwrap();
    let done = verified(bench.carry_out(&soft_plan, Way::default()).await);
    let soft = SoftPurge::read(&bench.store, &done.receipt_file).unwrap();
    bench.sandbox.requests().reset();
    let sent = bench.sandbox.requests();

    // Of another user.
    assert!(undo_plan(&bench, &soft, &owner("user-10")).await.is_err());
    // A plan with a marker that it did not make.
    let mut plan = undo_plan(&bench, &soft, &user).await.unwrap();
    let markers = bench.things().into_iter().find(|thing| thing.2 == "marker");
    let other = markers.unwrap();
    let item = plan.items.first_mut().unwrap();
    item.what = s3warden::facade::domain::change::What::Marker {
        id: s3warden::facade::domain::VersionId(other.3),
        is_latest: true,
    };
    let why = refused(undo(&bench, &soft, &plan).await);
    assert!(why.contains("did not make"), "{why}");
    // A plan to delete for good what it hid.
    let mut plan = undo_plan(&bench, &soft, &user).await.unwrap();
    plan.items = soft_plan.items.clone();
    let why = refused(undo(&bench, &soft, &plan).await);
    assert!(why.contains("version"), "{why}");
    assert_eq!(sent.non_read(), [""; 0]);
    // A list that was edited, and a receipt that was.
    let beside = done.receipt.markers.as_ref().unwrap();
    let list = done.receipt_file.with_file_name(&beside.file);
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replacen("user-1", "user-2", 1)).unwrap();
    let refusal = SoftPurge::read(&bench.store, &done.receipt_file).unwrap_err();
    assert!(format!("{refusal:?}").contains("changed"), "{refusal:?}");
    std::fs::write(&list, text).unwrap();
    let text = std::fs::read_to_string(&done.receipt_file).unwrap();
    let edited = text.replace("\"appeared\":0", "\"appeared\":1");
    std::fs::write(&done.receipt_file, edited).unwrap();
    assert!(SoftPurge::read(&bench.store, &done.receipt_file).is_err());
}

#[test]
fn soft_and_undo_on_the_command_line() {
    let endpoint = Endpoint::with(SandboxOptions {
        worlds: vec![s3warden::facade::sandbox::world::World::builtin("pilotforce").unwrap()],
        ..SandboxOptions::default()
    });
    let program = endpoint.program();
    let rules = ["--blueprint", "pilotforce", "--format", "json"];
    let execute = ["--write", "--execute", "--confirm", "user-1"];
    let hide = [&["purge", "user-1", "--soft"], &execute[..], &rules].concat();
    let ran = program.run(&hide);
    assert!(ran.err.contains("still stored"), "{ran:#?}");
    let document = ran.json(0);
    assert_eq!(document["items"][0]["outcome"], "hidden");
    assert!(document["summary"]["outcomes"]["deleted"].is_null());
    let receipt = document["summary"]["receipt"].as_str().unwrap();
    let checked = program.run(&["receipt", "verify", receipt]);
    assert_eq!(checked.status, 0, "{checked:#?}");

    endpoint.sandbox.requests().reset();
    let undo = ["purge", "--undo", receipt];
    for (more, status, words) in [
        (&[][..], 2, "whose purge"),
        (&["--write", "--execute"], 4, "not confirmed"),
        (&["--execute", "--confirm", "user-1"], 4, "--write"),
        (
            &["--write", "--execute", "--confirm", "user-2"],
            4,
            "not of",
        ),
    ] {
        let ran = program.run(&[&undo[..], more, &rules].concat());
        assert_eq!(ran.status, status, "{ran:#?}");
        assert!(ran.err.contains(words), "{ran:#?}");
    }
    assert_eq!(endpoint.sandbox.requests().non_read(), [""; 0]);
    let ran = program.run(&[&undo[..], &execute, &rules].concat());
    assert!(ran.err.contains("taken away"), "{ran:#?}");
    ran.json(0);
    let again = program.run(&[&hide[..2], &["--soft"], &rules].concat());
    assert!(!again.json(0)["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_hard_purge_removes_the_users_list_of_markers_and_keeps_the_receipt() {
    let bench = Bench::of("pilotforce").await;
    let (user, neighbour) = (owner("user-1"), owner("user-10"));
    let mut soft = Vec::new();
    for user in [&user, &neighbour] {
        let plan = soft_plan(&bench, user).await.unwrap();
        soft.push(verified(bench.carry_out(&plan, Way::default()).await));
    }
    let lists = [&soft[0], &soft[1]].map(|done| bench.store.markers_file(&done.receipt.case));
    // Not while the user has anything left.
    let mut part = bench.plan(&user).await;
    part.items.truncate(1);
    let done = verified(bench.carry_out(&part, Way::default()).await);
    assert_eq!(done.lists_removed, [] as [std::path::PathBuf; 0]);
    assert!(lists[0].exists());
    let plan = bench.plan(&user).await;
    let done = verified(bench.carry_out(&plan, Way::default()).await);
    assert_eq!(done.lists_removed, [lists[0].clone()]);
    assert!(!lists[0].exists() && lists[1].exists());
    assert!(soft[0].receipt_file.exists());
    let gone = SoftPurge::read(&bench.store, &soft[0].receipt_file).unwrap_err();
    assert!(format!("{gone:?}").contains("a later purge"), "{gone:?}");
    undone(&bench, &soft[1], &neighbour).await;
}

#[test]
fn without_sts_the_owner_of_the_buckets_hides_and_undoes() {
    let endpoint = Endpoint::of_world("pilotforce");
    let no_sts = FaultRule::new(Fault::AccessDenied).on("GetCallerIdentity");
    endpoint.sandbox.set_faults(vec![no_sts]);
    let program = endpoint.program();
    let rest = [
        "--blueprint",
        "pilotforce",
        "--format",
        "json",
        "--write",
        "--execute",
        "--confirm",
        "user-1",
    ];
    let run = |what: &[&str]| {
        let ran = program.run(&[&["purge"], what, &rest].concat());
        let document = ran.json(0);
        let operator = &document["summary"]["operator"];
        assert_eq!(operator["source"], "list-buckets", "{document:#}");
        document["summary"]["receipt"].as_str().unwrap().to_owned()
    };
    let receipt = run(&["user-1", "--soft"]);
    run(&["--undo", &receipt]);
}
