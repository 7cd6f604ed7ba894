//! The smoke test: everything passes where everything is right, and when one thing is broken exactly its checks fail.

use std::collections::BTreeMap;
use std::time::Duration;

use s3warden::aws::{Aws, ConnectOptions, Meter, StaticCredentials, WriteMode, WritePermit};
use s3warden::domain::BucketName;
use s3warden::domain::blueprint::Blueprint;
use s3warden::ops::smoke::{
    self, Check, Event, Options, Plan, Refusal, Report, Verdict, leftovers, plan,
};
use s3warden::sandbox::world::{World, WorldBucket};
use s3warden::sandbox::{Defect, Latency, Sandbox, SandboxOptions};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::cli::support::{Endpoint, column};

/// A bucket to test, the rules to test it by, and a place for journals.
struct Bench {
    sandbox: Sandbox,
    aws: Aws,
    bucket: BucketName,
    blueprint: Blueprint,
    state: TempDir,
}

/// The built-in of this name with further lines; large objects are small here, for the sake of everybody's time.
fn blueprint(name: &str, more: &str) -> Blueprint {
    let levels = if more.contains("[service_levels]") {
        ""
    } else {
        "[service_levels]\nupload = { size = \"300 kB\", within = \"30s\" }\n"
    };
    let text = format!("version = 1\nname = \"mine\"\nextends = \"{name}\"\n{more}\n{levels}");
    Blueprint::parse("mine", &text).unwrap_or_else(|error| panic!("{error}"))
}

const LEADS: &str = "leadshop-assets";
const PICTURES: &str = "elimination-profile-pictures";
const UPLOADS: &str = "pilotforce-user-uploads";
const MEDIA: &str = "quikapp-media-prod";

/// What a file of one's own says about the game's origins.
const ORIGINS: &str = "[[bucket]]\nname = \"elimination-profile-pictures\"\n[[bucket.expect.cors]]\norigins = \
                       [\"https://app.elimination.example\"]\nmethods = [\"PUT\", \"POST\", \"GET\"]\nheaders = [\"*\"]";

fn world_of(bucket: &str) -> &'static str {
    match bucket {
        LEADS => "leadfactory",
        PICTURES => "game",
        UPLOADS => "pilotforce",
        MEDIA => "quikapp",
        _ => "infinite",
    }
}

fn options() -> SandboxOptions {
    SandboxOptions {
        application: Some(Duration::from_millis(20)),
        access_logs: Some(Duration::from_millis(20)),
        ..SandboxOptions::default()
    }
}

fn defect(defect: Defect) -> SandboxOptions {
    SandboxOptions {
        defects: vec![defect],
        ..options()
    }
}

impl Bench {
    async fn of(
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

    fn options(&self) -> Options {
        Options {
            allow_events: true,
            patience: Duration::from_secs(2),
            ..Options::new(self.state.path().to_owned())
        }
    }

    async fn plan(&self, options: Options) -> Result<Plan, Refusal> {
        let blueprint = Some(&self.blueprint);
        plan(&self.aws, &self.bucket, blueprint, options, &Meter::new()).await
    }

    async fn run(&self) -> Report {
        let plan = self.plan(self.options()).await.unwrap();
        let (events, mut arriving) = mpsc::channel(4);
        let (permit, stop, meter) = (permit(), CancellationToken::new(), Meter::new());
        let run = smoke::run(&self.aws, &plan, &permit, events, &stop, &meter);
        let listen = async { while arriving.recv().await.is_some() {} };
        let (report, ()) = tokio::join!(run, listen);
        report.unwrap()
    }

    /// How many keys each bucket but those of logs has.
    fn keys(&self) -> BTreeMap<String, usize> {
        let all = self
            .sandbox
            .store()
            .each(|bucket| (bucket.name.clone(), bucket.keys.len()));
        all.into_iter()
            .filter(|(name, _)| !name.contains("logs"))
            .collect()
    }

    async fn leftovers(&self) -> leftovers::Leftovers {
        let known = self.blueprint.bucket(&self.bucket).unwrap();
        leftovers::find(&self.aws, known, self.state.path(), &Meter::new())
            .await
            .unwrap()
    }
}

fn permit() -> WritePermit {
    WriteMode::from_flag(true).permit().unwrap()
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report
        .results
        .iter()
        .filter(|result| result.verdict.is_failure());
    failed.map(|result| result.check.name()).collect()
}

/// Runs, and holds that exactly these checks fail and that nothing is left.
#[track_caller]
fn assert_failed(
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

async fn breaking(
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

fn as_it_is(_: &mut WorldBucket) {}

/// Changes a document of one bucket.
fn document(
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

/// Puts a statement before the others of a policy.
fn statement(statement: &'static str) -> impl Fn(&str) -> String {
    move |policy| {
        policy.replacen(
            "\"Statement\": [",
            &format!("\"Statement\": [{statement},"),
            1,
        )
    }
}

#[tokio::test]
async fn everything_passes_where_a_world_is_as_its_blueprint_wants() {
    breaking(LEADS, "", options(), as_it_is, &[]).await;
    let report = breaking(PICTURES, ORIGINS, options(), as_it_is, &[]).await;
    let passed = |check| {
        let found = report
            .results
            .iter()
            .find(|result| result.check == check)
            .unwrap();
        assert!(matches!(found.verdict, Verdict::Pass(_)), "{found:?}");
    };
    [
        Check::WrongLength,
        Check::OversizeForm,
        Check::CorsPreflight,
        Check::AccessLog,
    ]
    .map(passed);
    breaking("infinite-images", "", options(), as_it_is, &[]).await;
}

#[tokio::test]
async fn a_chats_bucket_passes_once_its_key_is_named_and_its_trigger_looks_in_the_right_place() {
    let named = "[[bucket]]\nname = \"quikapp-media-prod\"\n[bucket.presign.put.headers]\nx-amz-server-side-encryption = \
                 \"aws:kms\"\nx-amz-server-side-encryption-aws-kms-key-id = \
                 \"arn:aws:kms:us-east-1:123456789012:key/2f6b1c84-93e7-4a5d-b0c6-7d81e4f5a921\"";
    let anywhere = document(MEDIA, "notification", |text| {
        text.replacen("<Value>photos/</Value>", "<Value></Value>", 1)
    });
    breaking(MEDIA, named, options(), anywhere, &[]).await;
}

#[tokio::test]
async fn the_mistakes_that_the_worlds_were_given_are_found() {
    let report = breaking(UPLOADS, "", options(), as_it_is, &["access-log"]).await;
    let log = report
        .results
        .iter()
        .find(|result| result.check == Check::AccessLog)
        .unwrap();
    assert!(log.verdict.message().contains("24 days old"), "{log:?}");
    let report = breaking(
        MEDIA,
        "",
        options(),
        as_it_is,
        &["head-as-expected", "derived-appears"],
    )
    .await;
    let words = format!("{report:?}");
    assert!(words.contains("alias/aws/s3, not arn:aws:kms"), "{words}");
    assert!(
        words.contains("they are told of keys of the form"),
        "{words}"
    );
}

#[tokio::test]
async fn an_endpoint_that_takes_any_signature_fails_where_something_was_altered() {
    let expected = [
        "wrong-content-type",
        "wrong-length",
        "altered-path",
        "altered-signature",
        "missing-header",
        "other-owner",
    ];
    breaking(
        PICTURES,
        "",
        defect(Defect::AnySignature),
        as_it_is,
        &expected,
    )
    .await;
}

#[tokio::test]
async fn an_endpoint_that_takes_any_form_fails_where_a_policy_was_broken() {
    let expected = ["wrong-content-type", "altered-path"];
    breaking(LEADS, "", defect(Defect::AnyForm), as_it_is, &expected).await;
    breaking(
        PICTURES,
        "",
        defect(Defect::AnyForm),
        as_it_is,
        &["oversize-form"],
    )
    .await;
}

#[tokio::test]
async fn urls_that_never_end_and_halves_that_are_kept_are_found() {
    breaking(
        LEADS,
        "",
        defect(Defect::NoExpiry),
        as_it_is,
        &["expired-url"],
    )
    .await;
    let kept = defect(Defect::PartialObjects);
    breaking(PICTURES, "", kept, as_it_is, &["interrupted-upload"]).await;
}

#[tokio::test]
async fn bytes_that_come_back_changed_are_found() {
    let expected = [
        "small-upload",
        "form-upload",
        "large-object",
        "concurrent-uploads",
    ];
    breaking(
        LEADS,
        "",
        defect(Defect::CorruptBodies),
        as_it_is,
        &expected,
    )
    .await;
}

#[tokio::test]
async fn writes_that_are_lost_under_load_are_found() {
    let lossy = SandboxOptions {
        latency: Latency::default().with("PutObject", Duration::from_millis(100)),
        ..defect(Defect::LosesParallelWrites)
    };
    let report = breaking(PICTURES, "", lossy, as_it_is, &["concurrent-uploads"]).await;
    let words = format!("{report:?}");
    assert!(
        words.contains("24 of 32 uploads at the same time were answered with success"),
        "{words}"
    );
}

#[tokio::test]
async fn a_promise_that_is_not_kept_is_found() {
    let now = |what| format!("[service_levels]\n{what} = {{ size = \"300 kB\", within = \"0s\" }}");
    breaking(
        LEADS,
        &now("upload"),
        options(),
        as_it_is,
        &["large-object"],
    )
    .await;
    breaking(
        LEADS,
        &now("presign"),
        options(),
        as_it_is,
        &["sign-in-time"],
    )
    .await;
}

#[tokio::test]
async fn cors_rules_that_are_missing_or_too_wide_are_found() {
    let none = document(LEADS, "cors", |_| String::new());
    breaking(LEADS, "", options(), none, &["cors-preflight"]).await;
    let fewer = document(LEADS, "cors", |text| {
        text.replace("<AllowedMethod>POST</AllowedMethod>", "")
    });
    let report = breaking(LEADS, "", options(), fewer, &["cors-preflight"]).await;
    assert!(
        format!("{report:?}").contains("2 of 6 preflights were refused"),
        "{report:?}"
    );
    let any = document(LEADS, "cors", |text| {
        text.replace("<AllowedOrigin>http://localhost:3000<", "<AllowedOrigin>*<")
    });
    breaking(LEADS, "", options(), any, &["cors-foreign-origin"]).await;
}

const EVERYONE_READS: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::leadshop-assets/*"}"#;
const EVERYONE_WRITES: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::leadshop-assets/*"}"#;
const NOBODY_WRITES: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::elimination-profile-pictures/*"}"#;

#[tokio::test]
async fn a_bucket_that_strangers_may_use_is_found() {
    for (allowed, check) in [
        (EVERYONE_READS, "anonymous-get"),
        (EVERYONE_WRITES, "anonymous-put"),
    ] {
        let open = document(LEADS, "publicAccessBlock", |_| String::new());
        let allow = document(LEADS, "policy", statement(allowed));
        let both = move |bucket: &mut WorldBucket| {
            open(bucket);
            allow(bucket);
        };
        breaking(LEADS, "", options(), both, &[check]).await;
    }
    // The public access block makes the same policy void.
    let allow = document(LEADS, "policy", statement(EVERYONE_READS));
    breaking(LEADS, "", options(), allow, &[]).await;
    let closed = document("infinite-images", "policy", |_| String::new());
    breaking("infinite-images", "", options(), closed, &["anonymous-get"]).await;
}

#[tokio::test]
async fn a_bucket_without_its_rules_for_tls_encryption_logs_or_triggers_is_found() {
    let plain = document(LEADS, "policy", |text| {
        text.replace("aws:SecureTransport", "aws:Nothing")
    });
    breaking(LEADS, "", options(), plain, &["plain-http"]).await;
    let kms = document(LEADS, "encryption", |text| {
        text.replace("AES256", "aws:kms")
    });
    breaking(LEADS, "", options(), kms, &["head-as-expected"]).await;
    let unlogged = document(LEADS, "logging", |_| String::new());
    breaking(LEADS, "", options(), unlogged, &["access-log"]).await;
    let untold = document(UPLOADS, "notification", |_| String::new());
    breaking(
        UPLOADS,
        "",
        options(),
        untold,
        &["derived-appears", "access-log"],
    )
    .await;
}

#[tokio::test]
async fn a_bucket_that_takes_no_upload_fails_where_uploads_are_tested_and_skips_the_rest() {
    let deny = document(PICTURES, "policy", statement(NOBODY_WRITES));
    let expected = [
        "small-upload",
        "form-upload",
        "large-object",
        "concurrent-uploads",
    ];
    let report = breaking(PICTURES, "", options(), deny, &expected).await;
    let head = report
        .results
        .iter()
        .find(|result| result.check == Check::HeadAsExpected)
        .unwrap();
    assert!(
        matches!(&head.verdict, Verdict::Skipped(why) if why.contains("AccessDenied")),
        "{head:?}"
    );
}

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

fn endpoint() -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin("leadfactory").unwrap()],
        ..options()
    })
}

#[test]
fn the_command_needs_write_and_tells_scripts_what_failed() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let refused = program.run(&["smoke", LEADS]);
    assert_eq!(refused.status, 4, "{refused:#?}");
    assert!(refused.err.contains("--write"), "{refused:#?}");
    assert_eq!(endpoint.sandbox.requests().total(), 0);

    let fine = [
        "smoke",
        LEADS,
        "--write",
        "--format",
        "json",
        "--only",
        "small-upload",
    ];
    let document = program.run(&fine).json(0);
    assert_eq!(document["schema"], "s3warden/smoke/1");
    assert_eq!(column(&document, "name"), ["small-upload", "removed"]);
    assert_eq!(column(&document, "outcome"), ["pass", "pass"]);

    program.write(
        "strict.toml",
        "version = 1\nname = \"strict\"\nextends = \"leadfactory\"\n[service_levels]\npresign = { within = \"0s\" }\n",
    );
    let strict = [
        "smoke",
        LEADS,
        "--write",
        "--blueprint",
        "strict.toml",
        "--only",
        "sign-in-time",
        "--format",
        "json",
    ];
    let document = program.run(&strict).json(3);
    assert_eq!(document["complete"], true);
    assert_eq!(document["items"][0]["outcome"], "fail");
    assert!(document["items"][0]["cause"].is_string(), "{document:#}");

    let unknown = program.run(&["smoke", LEADS, "--write", "--only", "everything"]);
    assert_eq!(unknown.status, 2, "{unknown:#?}");
    let nothing = program.run(&["smoke", LEADS, "--write", "--clean-up"]);
    assert_eq!(nothing.status, 0, "{nothing:#?}");
    assert!(nothing.err.contains("nothing behind"), "{nothing:#?}");
}
