//! What changes between report and act, kills at every step, and faults: by the use case itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use futures::future::BoxFuture;
use s3warden::facade::aws::{Aws, Meter, WriteMode};
use s3warden::facade::domain::BucketName;
use s3warden::facade::domain::blueprint::registry::Source;
use s3warden::facade::domain::blueprint::{Blueprint, ReferenceList};
use s3warden::facade::domain::change::Plan;
use s3warden::facade::domain::orphans::Limits;
use s3warden::facade::domain::quarantine::Method;
use s3warden::facade::domain::receipt::Outcome;
use s3warden::facade::ops::change::authorization::Authorization;
use s3warden::facade::ops::change::store::Store;
use s3warden::facade::ops::change::{
    Begin, Ended, Failure, Point, PointHook, Progress, Tools, Verified,
};
use s3warden::facade::ops::orphans::{OrphansRequest, OrphansUpdate, Report, run};
use s3warden::facade::ops::quarantine::{
    ActRequest, Acted, HeldRequest, Orphans, PlanRequest, QuarantineContents, Wanted, act, plan_of,
    plan_restore,
};
use s3warden::facade::sandbox::world::WorldBucket;
use s3warden::facade::sandbox::{FaultRule, Sandbox, SandboxOptions};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::snapshot;
use crate::cli::support::{bucket, options};
use crate::ops::world::serving;
use crate::orphans::support::{UPLOADS, document};

struct Bench {
    sandbox: Sandbox,
    aws: Aws,
    blueprint: Blueprint,
    name: BucketName,
    home: TempDir,
    store: Store,
    stop: CancellationToken,
}

/// Three hundred objects: thirty of `user-1`, who is gone, and one of each of the others.
fn uploads() -> WorldBucket {
    let gone = (0..30).map(|n| document("user-1", &format!("{n:02}.pdf")));
    let others = (2..=300).map(|n| document(&format!("user-{n}"), "a.pdf"));
    let mut keys: Vec<String> = gone.chain(others).collect();
    keys.sort();
    bucket(UPLOADS, keys)
}

fn gone() -> Vec<String> {
    (0..30)
        .map(|n| document("user-1", &format!("{n:02}.pdf")))
        .collect()
}

impl Bench {
    async fn with(faults: &str) -> Self {
        let (sandbox, aws) = serving(SandboxOptions {
            faults: FaultRule::parse_all(faults).unwrap(),
            ..options(vec![uploads()])
        })
        .await;
        let home = tempfile::tempdir().unwrap();
        let bench = Self {
            sandbox,
            aws,
            blueprint: Blueprint::builtin("pilotforce").unwrap(),
            name: BucketName::new(UPLOADS).unwrap(),
            store: Store::open(&home.path().join("state")).unwrap(),
            home,
            stop: CancellationToken::new(),
        };
        bench.alive(2..=300);
        bench
    }

    fn alive(&self, users: std::ops::RangeInclusive<u32>) {
        let list = users.fold(String::new(), |list, n| list + &format!("user-{n}\n"));
        std::fs::write(self.list(), list).unwrap();
    }

    fn list(&self) -> std::path::PathBuf {
        self.home.path().join("users.txt")
    }

    fn request(&self) -> OrphansRequest {
        OrphansRequest {
            blueprint: self.blueprint.clone(),
            buckets: vec![self.name.clone()],
            owners: Some(list(&self.list())),
            keys: None,
            kinds: None,
            purpose: s3warden::facade::domain::registry::Purpose::Look,
            limits: Limits::default(),
            jobs: 8,
            state: None,
            every: Duration::from_mins(1),
        }
    }

    async fn report(&self) -> Report {
        let (sender, mut updates) = mpsc::channel(1);
        let (aws, stop) = (self.aws.clone(), self.stop.clone());
        let running = run(aws, self.request(), stop, Meter::new(), sender);
        let taking = async {
            let mut report = None;
            while let Some(update) = updates.recv().await {
                if let OrphansUpdate::Done(done) = update {
                    report = Some(*done);
                }
            }
            report.unwrap()
        };
        futures::join!(running, taking).1
    }

    async fn plan(&self, wanted: Wanted) -> Plan {
        let report = self.report().await;
        let request = PlanRequest {
            blueprint: &self.blueprint,
            bucket: &self.name,
            verdicts: &report.verdicts,
            wanted,
            max_annotated: 100,
            in_flight: 8,
        };
        let planned = plan_of(&self.aws, request, &self.stop, &Meter::new()).await;
        let planned = planned.unwrap();
        assert_eq!(planned.left_out, []);
        planned.plan
    }

    async fn act(
        &self,
        plan: &Plan,
        begin: Begin,
        at_point: Option<PointHook>,
    ) -> Result<Acted, Failure> {
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
        let orphans = Orphans::new(self.name.clone(), self.request());
        let request = ActRequest {
            bucket: &self.name,
            plan,
            plan_sha256: &sha256,
            plan_file,
            blueprint: &self.blueprint,
            grounds: &orphans,
            rule: None,
            is_everything: false,
            begin,
            in_flight: 8,
            at_point,
        };
        Box::pin(act(tools, &request)).await
    }

    fn held(&self) -> HeldRequest<'_> {
        HeldRequest {
            blueprint: &self.blueprint,
            bucket: &self.name,
            method: Method::Tag,
            owner: None,
            records: None,
            max_heads: 0,
            in_flight: 8,
        }
    }

    fn tagged(&self) -> Vec<String> {
        let snapshot = snapshot::of(&self.sandbox);
        snapshot::tagged(&snapshot)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }
}

fn list(path: &Path) -> ReferenceList {
    ReferenceList {
        source: Some(Source::File),
        path: Some(path.to_owned()),
        ..ReferenceList::default()
    }
}

fn by_tag() -> Wanted {
    Wanted::Aside(Method::Tag, Utc::now().date_naive())
}

fn by_copy() -> Wanted {
    Wanted::Aside(Method::Copy, Utc::now().date_naive())
}

#[track_caller]
fn verified(acted: Result<Acted, Failure>) -> Verified {
    match acted.map(|acted| acted.ended) {
        Ok(Ended::Verified(verified)) => *verified,
        other => panic!("it was not verified: {other:?}"),
    }
}

fn outcomes(verified: &Verified, outcome: Outcome) -> usize {
    let items = verified.receipt.items.iter();
    items.filter(|item| item.outcome == outcome).count()
}

#[tokio::test]
async fn whoever_is_alive_again_when_it_comes_to_it_is_left_alone() {
    for wanted in [by_tag(), by_copy(), Wanted::Delete] {
        let bench = Bench::with("").await;
        let before = snapshot::of(&bench.sandbox);
        let plan = bench.plan(wanted).await;
        assert_eq!(plan.items.len(), 30);
        bench.alive(1..=300);
        let done = verified(bench.act(&plan, Begin::First, None).await);
        assert_eq!(outcomes(&done, Outcome::Retained), 30, "{wanted:?}");
        let why = done.receipt.items[0].reason.as_deref().unwrap();
        assert!(why.contains("no orphan any more"), "{why}");
        assert_eq!(snapshot::of(&bench.sandbox), before, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_relied_on_when_it_comes_to_it_refuses_everything() {
    let bench = Bench::with("").await;
    let before = snapshot::of(&bench.sandbox);
    let plan = bench.plan(Wanted::Delete).await;
    std::fs::write(bench.list(), "").unwrap();
    match bench.act(&plan, Begin::First, None).await {
        Err(Failure::Refused { why, .. }) => assert!(why.contains("judged again"), "{why}"),
        other => panic!("it was not refused: {other:?}"),
    }
    assert_eq!(snapshot::of(&bench.sandbox), before);
}

#[tokio::test]
async fn what_was_overwritten_since_the_report_is_left_alone() {
    for wanted in [by_tag(), by_copy(), Wanted::Delete] {
        let bench = Bench::with("").await;
        let plan = bench.plan(wanted).await;
        let key = gone().remove(3);
        let written = bench.sandbox.store().write(UPLOADS, |bucket| {
            let mut object = (**bucket.keys.current(&key).unwrap().object().unwrap()).clone();
            object.etag = "d41d8cd98f00b204e9800998ecf8427e".into();
            let id = bucket.next_version_id();
            let content = s3warden::facade::sandbox::store::Content::Object(Arc::new(object));
            bucket.keys.add(
                &key,
                id,
                s3warden::facade::sandbox::store::Moment::now(),
                content,
            );
            Ok(())
        });
        written.unwrap();
        let done = verified(bench.act(&plan, Begin::First, None).await);
        assert_eq!(outcomes(&done, Outcome::Retained), 1, "{wanted:?}");
        let after = snapshot::of(&bench.sandbox);
        assert!(snapshot::keys(&after, UPLOADS).contains(&key), "{wanted:?}");
        assert!(
            !snapshot::tagged(&after).contains(&key.as_str()),
            "{wanted:?}"
        );
    }
}

/// Kills it when it comes to a point for the nth time, and goes on to the end.
async fn survives(wanted: Wanted, point: Point, nth: usize) {
    let bench = Bench::with("").await;
    let before = snapshot::of(&bench.sandbox);
    let plan = bench.plan(wanted).await;
    let (reached, seen) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let hook: PointHook = {
        let reached = Arc::clone(&reached);
        Arc::new(move |at: Point| -> BoxFuture<'static, ()> {
            if at == point && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                reached.notify_one();
                return Box::pin(std::future::pending());
            }
            Box::pin(std::future::ready(()))
        })
    };
    tokio::select! {
        ended = bench.act(&plan, Begin::First, Some(hook)) => panic!("it ended: {ended:?}"),
        () = reached.notified() => {}
    }
    let begin = if point == Point::Checked {
        Begin::First
    } else {
        Begin::Again
    };
    let done = verified(bench.act(&plan, begin, None).await);
    let after = snapshot::of(&bench.sandbox);
    let keys = snapshot::keys(&after, UPLOADS);
    let outcome = match wanted {
        Wanted::Aside(Method::Tag, _) => {
            assert_eq!(bench.tagged(), gone(), "{point:?} {nth}");
            Outcome::Done
        }
        Wanted::Aside(Method::Copy, _) => {
            let place = |key: &String| format!("s3warden-quarantine/{key}");
            assert!(
                gone()
                    .iter()
                    .all(|key| !keys.contains(key) && keys.contains(&place(key)))
            );
            assert_eq!(keys.len(), snapshot::keys(&before, UPLOADS).len());
            Outcome::Done
        }
        Wanted::Delete => {
            assert!(gone().iter().all(|key| !keys.contains(key)));
            assert_eq!(keys.len(), snapshot::keys(&before, UPLOADS).len() - 30);
            Outcome::Deleted
        }
    };
    assert_eq!(outcomes(&done, outcome), 30, "{point:?} {nth}");
    bench.store.audit().check().unwrap();
}

const POINTS: [(Point, usize); 7] = [
    (Point::Checked, 1),
    (Point::WrittenDown, 1),
    (Point::WrittenDown, 2),
    (Point::Answered, 1),
    (Point::Answered, 2),
    (Point::Settled, 1),
    (Point::Verified, 1),
];

#[tokio::test]
async fn a_quarantine_by_tag_that_is_killed_anywhere_goes_on_to_the_same_end() {
    for (point, nth) in POINTS {
        Box::pin(survives(by_tag(), point, nth)).await;
    }
}

#[tokio::test]
async fn a_quarantine_by_copy_that_is_killed_anywhere_goes_on_to_the_same_end() {
    for (point, nth) in POINTS {
        Box::pin(survives(by_copy(), point, nth)).await;
    }
}

#[tokio::test]
async fn a_deletion_that_is_killed_anywhere_goes_on_to_the_same_end() {
    for (point, nth) in POINTS {
        Box::pin(survives(Wanted::Delete, point, nth)).await;
    }
}

#[tokio::test]
async fn a_service_that_asks_to_slow_down_loses_nothing() {
    let faults =
        "slow-down operation=PutObjectTagging every=5; slow-down operation=CopyObject every=5";
    for wanted in [by_tag(), by_copy()] {
        let bench = Bench::with(faults).await;
        let plan = bench.plan(wanted).await;
        let done = verified(bench.act(&plan, Begin::First, None).await);
        assert_eq!(outcomes(&done, Outcome::Done), 30, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_tagged_is_told_and_the_others_are_put_aside() {
    let key = gone().remove(7);
    let faults = format!("internal-error operation=PutObjectTagging key={key}");
    let bench = Bench::with(&faults).await;
    let plan = bench.plan(by_tag()).await;
    let done = verified(bench.act(&plan, Begin::First, None).await);
    assert_eq!(outcomes(&done, Outcome::StillThere), 1);
    assert_eq!(outcomes(&done, Outcome::Done), 29);
    assert!(!bench.tagged().contains(&key));
}

#[tokio::test]
async fn a_plan_that_somebody_edited_brings_back_nothing_that_is_in_no_quarantine() {
    let bench = Bench::with("").await;
    let plan = bench.plan(by_tag()).await;
    verified(bench.act(&plan, Begin::First, None).await);
    let held = plan_restore(&bench.aws, bench.held(), &bench.stop, &Meter::new()).await;
    let held = held.unwrap();
    assert_eq!((held.objects, held.asked), (30, 329));
    let grounds = QuarantineContents::of(BucketName::new("another").unwrap());
    assert!(grounds.precheck(&held.plan).is_err());
    let grounds = QuarantineContents::of(bench.name.clone());
    assert!(grounds.precheck(&held.plan).is_ok());
    assert!(grounds.precheck(&plan).is_err());
}
