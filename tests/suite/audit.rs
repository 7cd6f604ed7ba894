//! `audit` through the wire: the verdicts of the worlds, and what is not known and so not judged.

mod access;
mod access_logs;
mod object_acls;
mod worlds;

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use futures::StreamExt;
use s3warden::facade::ops::audit::{self, AuditLimits, Audited, Finding, Inquiry, Target};
use s3warden::facade::ops::{Gate, Meter};
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, World};
use s3warden::facade::sandbox::{Fault, FaultRule, SandboxOptions};

use crate::cli::support::{Endpoint, bucket, column, options};
use crate::ops::world::{name, sandbox, serving, version};

fn target(bucket: &str) -> Target {
    Target::of(name(bucket), None)
}

async fn audit_of(options: SandboxOptions, world: World, of: &str) -> Audited {
    let (sandbox, aws) = serving(SandboxOptions {
        worlds: vec![world],
        ..options
    })
    .await;
    let (gate, meter) = (Gate::new(8), Meter::new());
    let limits = AuditLimits::default();
    let inquiry = Inquiry::begin(&aws, limits, Vec::new(), &gate, &meter).await;
    let found = audit::of_bucket(&aws, &target(of), &inquiry, &gate, &meter).await;
    drop(sandbox);
    found
}

async fn of_world(world: &str, bucket: &str) -> Audited {
    let world = World::builtin(world).unwrap();
    audit_of(SandboxOptions::default(), world, bucket).await
}

/// The ids above info, each once.
fn ids(audited: &Audited) -> BTreeSet<&'static str> {
    audited
        .findings
        .iter()
        .filter(|finding| finding.id != "unknown-permission")
        .map(|finding| finding.id)
        .collect()
}

#[track_caller]
fn finding<'a>(audited: &'a Audited, id: &str) -> &'a Finding {
    let mut found = audited.findings.iter().filter(|finding| finding.id == id);
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {id} among {:?}", ids(audited)));
    assert!(!first.evidence.is_empty(), "{first:?}");
    assert!(
        !first.why.is_empty() && !first.advice.is_empty(),
        "{first:?}"
    );
    first
}

#[tokio::test]
async fn the_verdicts_on_pilotforce_s_uploads_come_with_evidence() {
    let audited = of_world("pilotforce", "pilotforce-user-uploads").await;
    for id in [
        "noncurrent-never-expire",
        "lifecycle-object-uncovered",
        "notification-missing",
        "notification-recursive",
        "log-bucket-without-grant",
        "bucket-key-without-kms",
        "object-unencrypted",
        "derived-key-collision",
        "incomplete-uploads-never-abort",
        "tls-not-required",
    ] {
        finding(&audited, id);
    }
    // Keys under documents/ are touched by no lifecycle rule and no trigger.
    let untouched = finding(&audited, "lifecycle-object-uncovered");
    assert!(
        untouched.evidence[0].contains("documents/"),
        "{untouched:?}"
    );
    let unheard = finding(&audited, "notification-missing");
    assert!(unheard.evidence[0].starts_with("documents/"), "{unheard:?}");
    let ids = ids(&audited);
    for wrong in [
        "public-read",
        "public-write",
        "versioning-off",
        "logging-off",
    ] {
        assert!(!ids.contains(wrong), "{wrong}");
    }
}

#[tokio::test]
async fn pilotforce_s_public_policy_is_void_and_its_assets_are_not_called_public() {
    let audited = of_world("pilotforce", "pilotforce-assets").await;
    let blocked = finding(&audited, "public-policy-blocked");
    assert!(
        blocked.evidence[0].contains("PublicReadForGetBucketObjects"),
        "{blocked:?}"
    );
    assert!(!ids(&audited).contains("public-read"));
}

#[tokio::test]
async fn the_game_s_verification_photos_are_covered_and_some_are_late() {
    let audited = of_world("game", "elimination-verifications").await;
    let found = ids(&audited);
    for right in [
        "lifecycle-rule-matches-nothing",
        "lifecycle-missing",
        "logging-off",
    ] {
        assert!(!found.contains(right), "{right} {found:?}");
    }
    let contents = audited.contents.unwrap();
    assert!(contents.complete);
    assert!(contents.coverage.rules[0].objects.count > 100);
    assert_eq!(contents.coverage.untouched.count, 0);
}

/// Every permission that an audit uses.
const PERMISSIONS: [&str; 27] = [
    "s3:ListMultipartUploadParts",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListMetrics",
    "cloudwatch:GetMetricData",
    "s3:GetAccountPublicAccessBlock",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetObject",
    "s3:GetEncryptionConfiguration",
    "s3:GetBucketVersioning",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketAcl",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketCORS",
    "s3:GetLifecycleConfiguration",
    "s3:GetBucketLogging",
    "s3:GetReplicationConfiguration",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketTagging",
    "s3:GetBucketWebsite",
    "s3:GetIntelligentTieringConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetMetricsConfiguration",
];

/// Few objects, every kind of configuration and every kind of mistake.
fn small() -> World {
    let mut world = World::builtin("pilotforce").unwrap();
    for bucket in &mut world.buckets {
        bucket.versions.truncate(40);
        bucket.uploads.truncate(2);
    }
    world
}

#[tokio::test]
async fn nothing_is_found_wrong_that_only_a_missing_permission_hides() {
    let of = "pilotforce-user-uploads";
    let all = ids(&audit_of(SandboxOptions::default(), small(), of).await);
    for permission in PERMISSIONS {
        let options = SandboxOptions {
            denied: vec![permission.to_owned()],
            ..SandboxOptions::default()
        };
        let audited = audit_of(options, small(), of).await;
        let found = ids(&audited);
        let new: Vec<_> = found.difference(&all).collect();
        assert!(new.is_empty(), "without {permission} there is also {new:?}");
        let says = audited.findings.iter().any(|finding| {
            finding.id == "unknown-permission" && finding.evidence[0].contains(permission)
        });
        assert!(says, "{permission} is not named: {:#?}", audited.findings);
        assert!(!audited.coverage.is_complete());
    }
}

const LOGGED: &str = r#"<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LoggingEnabled>
<TargetBucket>logs</TargetBucket><TargetPrefix>media/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"#;

/// Logs as S3 names them, so many seconds ago, one a second apart.
fn logs(ages: impl Iterator<Item = i64>) -> Vec<SeedVersion> {
    let now = Utc::now();
    ages.map(|age| {
        let at = now - TimeDelta::seconds(age);
        let key = format!("media/{}-{age:016X}", at.format("%Y-%m-%d-%H-%M-%S"));
        version(key, at, SeedKind::Plain { size: 100 }, None)
    })
    .collect()
}

/// More logs than twenty pages hold are older than a day; those that follow are of the last hours.
#[tokio::test]
async fn among_more_logs_than_are_listed_the_newest_counts() {
    const HOUR: i64 = 3600;
    let old = || (26 * HOUR..26 * HOUR + 3 * 20_400).step_by(3);
    let fresh = (HOUR..HOUR + 50).collect::<Vec<_>>();
    for (what, fresh, is_stale) in [
        ("they still arrive", fresh, false),
        ("they stopped a day ago", Vec::new(), true),
    ] {
        let mut media = bucket("media", ["a"]);
        media.versions[0].last_modified = Utc::now() - TimeDelta::hours(25);
        media
            .configuration
            .insert("logging".to_owned(), LOGGED.to_owned());
        let mut of_logs = bucket("logs", ["media/other"]);
        of_logs.versions.extend(logs(old().chain(fresh)));
        let world = World {
            name: "logs".to_owned(),
            buckets: vec![media, of_logs],
            ..World::default()
        };
        let audited = audit_of(SandboxOptions::default(), world, "media").await;
        assert!(
            audited.coverage.is_complete(),
            "{what}: {:?}",
            audited.coverage
        );
        assert_eq!(ids(&audited).contains("logging-stale"), is_stale, "{what}");
        if is_stale {
            let newest = Utc::now() - TimeDelta::hours(26);
            let stale = finding(&audited, "logging-stale");
            let day = newest.format("the newest log is of %Y-%m-%d").to_string();
            assert!(stale.evidence[0].starts_with(&day), "{stale:?}");
        }
    }
}

#[tokio::test]
async fn a_hundred_buckets_are_audited_side_by_side() {
    let names: Vec<String> = (0..100).map(|n| format!("media-{n:03}")).collect();
    let (_sandbox, aws) = sandbox(names.iter().map(|n| bucket(n, ["a"])).collect()).await;
    let gate = Gate::new(16);
    let meter = Meter::new();
    let targets = names.iter().map(|n| target(n)).collect();
    let inquiry = Inquiry::of_stranger(AuditLimits::default(), Vec::new());
    let audits: Vec<Audited> = audit::of_buckets(&aws, targets, &inquiry, &gate, &meter)
        .collect()
        .await;
    let found: BTreeSet<String> = audits
        .iter()
        .map(|audited| audited.configuration.bucket.to_string())
        .collect();
    assert_eq!(found, names.into_iter().collect());
    assert!(audits.iter().all(|audited| audited.sampled == 1));
}

#[test]
fn the_exit_status_depends_on_the_severity_that_was_asked_for() {
    let endpoint = Endpoint::serving(vec![bucket("media", ["a"])]);
    let run = |arguments: &[&str]| endpoint.program().run(arguments).status;
    assert_eq!(run(&["audit", "media"]), 0);
    assert_eq!(run(&["audit", "media", "--fail-on", "critical"]), 0);
    assert_eq!(run(&["audit", "media", "--fail-on", "medium"]), 3);
    assert_eq!(run(&["audit", "media", "--fail-on", "bad"]), 2);
    assert_eq!(run(&["audit", "No Bucket"]), 2);
    assert_eq!(run(&["audit", "elsewhere", "--fail-on", "medium"]), 1);
}

#[test]
fn findings_come_sorted_by_severity_with_all_that_the_contract_names() {
    let endpoint = Endpoint::with(options(vec![
        bucket("media-b", ["a"]),
        bucket("media-a", ["a"]),
    ]));
    let document = endpoint
        .program()
        .run(&["audit", "--format", "json"])
        .json(0);
    assert_eq!(document["schema"], "s3warden/audit/1");
    let order = ["critical", "high", "medium", "low", "info"];
    let severities = column(&document, "severity");
    let places: Vec<usize> = severities
        .iter()
        .map(|s| order.iter().position(|o| o == s).unwrap())
        .collect();
    assert!(places.is_sorted(), "{severities:?}");
    let first = &document["items"][0];
    assert_eq!(first["bucket"], "media-a");
    for field in ["id", "severity", "bucket", "message", "evidence", "fix"] {
        assert!(!first[field].is_null(), "{field} of {first}");
    }
    assert_eq!(document["summary"]["buckets"], 2);
    let lines = endpoint.program().run(&["audit", "--format", "ndjson"]);
    assert!(lines.out.lines().count() > 2, "{lines:#?}");
    let table = endpoint.program().run(&["audit"]);
    assert!(table.out.starts_with("SEVERITY"), "{table:#?}");
    assert!(table.err.contains("2 buckets audited"), "{table:#?}");
    let csv = endpoint.program().run(&["audit", "--format", "csv"]);
    assert!(
        csv.out.starts_with("severity,bucket,id,message"),
        "{csv:#?}"
    );
}

const ANYONE_READS: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Open","Effect":"Allow","Principal":"*",
    "Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"}}"#;

/// A bucket that anyone may read by its policy.
fn open_to_anyone() -> SandboxOptions {
    let mut media = bucket("media", ["a"]);
    media
        .configuration
        .insert("policy".to_owned(), ANYONE_READS.to_owned());
    options(vec![media])
}

fn endpoint_without(permission: &str) -> Endpoint {
    Endpoint::with(SandboxOptions {
        denied: vec![permission.to_owned()],
        ..open_to_anyone()
    })
}

#[test]
fn what_a_policy_proves_stays_proven_while_another_question_is_not_answered() {
    for permission in [
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:ListBucketVersions",
    ] {
        let ran = endpoint_without(permission).program().run(&[
            "audit",
            "media",
            "--fail-on",
            "critical",
            "--format",
            "json",
        ]);
        let document = ran.json(3);
        let read = &document["items"][0];
        assert_eq!(
            read["id"], "public-read",
            "without {permission}: {document:#}"
        );
        assert_eq!(read["severity"], "critical");
        assert!(
            read["evidence"][0]
                .as_str()
                .unwrap()
                .contains("Open: Allow *")
        );
        assert_eq!(document["complete"], false);
    }
}

#[test]
fn what_only_an_unanswered_block_could_take_back_is_high_and_no_good_news() {
    for (permission, call) in [
        ("s3:GetBucketPublicAccessBlock", "GetPublicAccessBlock"),
        (
            "s3:GetAccountPublicAccessBlock",
            "GetAccountPublicAccessBlock",
        ),
    ] {
        let endpoint = endpoint_without(permission);
        let run = |least: &str| {
            let arguments = ["audit", "media", "--fail-on", least, "--format", "json"];
            endpoint.program().run(&arguments)
        };
        let document = run("high").json(3);
        let ids = column(&document, "id");
        assert!(ids.contains(&"public-unless"), "{document:#}");
        assert!(!ids.contains(&"public-read"), "{document:#}");
        let ran = run("critical");
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(
            ran.err.contains(call) && ran.err.contains("public-read"),
            "{ran:#?}"
        );
        assert!(ran.err.contains(permission), "{ran:#?}");
    }
}

#[test]
fn an_unanswered_question_fails_only_those_who_ask_about_what_it_could_hide() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:GetBucketPolicy".to_owned()],
        ..options(vec![bucket("media", ["a"])])
    });
    let status = |arguments: &[&str]| {
        let all = [&["audit", "media"], arguments].concat();
        endpoint.program().run(&all).status
    };
    assert_eq!(status(&[]), 0);
    assert_eq!(status(&["--fail-on", "critical"]), 1);
    assert_eq!(
        status(&["--fail-on", "critical", "--finding", "acl-enabled"]),
        0
    );
    assert_eq!(status(&["--fail-on", "low", "--finding", "acl-enabled"]), 3);
}

#[test]
fn a_bucket_that_does_not_exist_is_one_error_and_one_that_denies_everything_one_finding() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:*@media".to_owned()],
        ..open_to_anyone()
    });
    let ran = endpoint
        .program()
        .run(&["audit", "elsewhere", "--format", "json"]);
    let document = ran.json(1);
    assert_eq!(
        document["items"].as_array().unwrap().len(),
        0,
        "{document:#}"
    );
    assert_eq!(ran.err.matches("error:").count(), 1, "{}", ran.err);
    let ran = endpoint
        .program()
        .run(&["audit", "media", "--format", "json"]);
    let document = ran.json(1);
    let ids = column(&document, "id");
    assert_eq!(ids, ["unknown-permission"], "{document:#}");
    assert_eq!(ran.err.matches("error:").count(), 1, "{}", ran.err);
}

#[tokio::test]
async fn an_object_that_anyone_may_read_by_its_own_acl_is_found_where_acls_count() {
    Box::pin(public_object_is_found(Vec::new())).await;
}

#[tokio::test]
async fn an_object_that_anyone_may_read_is_found_where_its_headers_are_denied() {
    let denied = FaultRule::new(Fault::AccessDenied).on("HeadObject");
    Box::pin(public_object_is_found(vec![denied])).await;
}

async fn public_object_is_found(faults: Vec<FaultRule>) {
    let served = serving(SandboxOptions {
        faults,
        ..options(vec![bucket("media", ["a", "b"])])
    });
    let (sandbox, aws) = served.await;
    let s3 = crate::edge::support::client(&sandbox);
    let audit = async |limits: AuditLimits| {
        let (gate, meter) = (Gate::new(8), Meter::new());
        let inquiry = Inquiry::begin(&aws, limits, Vec::new(), &gate, &meter).await;
        audit::of_bucket(&aws, &target("media"), &inquiry, &gate, &meter).await
    };
    let audited = audit(AuditLimits::default()).await;
    assert!(!ids(&audited).contains("public-read"));
    s3.put_object_acl()
        .bucket("media")
        .key("b")
        .acl(aws_sdk_s3::types::ObjectCannedAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let audited = audit(AuditLimits::default()).await;
    let found = finding(&audited, "public-read");
    assert!(
        found.evidence[0].contains("the ACL of b: READ"),
        "{found:?}"
    );
    // Without a listing nobody looked, and that is said.
    let audited = audit(AuditLimits {
        versions: 0,
        ..AuditLimits::default()
    })
    .await;
    let gaps = audited.coverage.gaps();
    let says =
        |gap: &s3warden::facade::ops::coverage::Gap| gap.why == "object ACLs were not looked at";
    assert!(gaps.iter().any(says), "{gaps:?}");
}

#[test]
fn an_account_whose_block_cannot_be_read_at_the_moment_is_no_good_news() {
    let fails = FaultRule::new(Fault::InternalError).on("GetAccountPublicAccessBlock");
    let endpoint = Endpoint::with(SandboxOptions {
        faults: vec![fails],
        ..open_to_anyone()
    });
    let program = endpoint.program();
    let arguments = [
        "audit",
        "media",
        "--fail-on",
        "critical",
        "--format",
        "json",
    ];
    let ran = program.run(&arguments);
    let document = ran.json(1);
    let items = document["items"].as_array().unwrap();
    let unless = items.iter().find(|item| item["id"] == "public-unless");
    assert_eq!(unless.unwrap()["severity"], "high");
    assert!(
        ran.err.contains("GetAccountPublicAccessBlock") && ran.err.contains("public-read"),
        "{ran:#?}"
    );
}

#[test]
fn the_acls_of_objects_that_could_not_be_read_may_hide_what_is_critical() {
    let permission = "s3:GetObjectAcl";
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec![permission.to_owned()],
        ..options(vec![bucket("media", ["a", "b"])])
    });
    let run = |least: &str| {
        let arguments = ["audit", "media", "--fail-on", least, "--format", "json"];
        endpoint.program().run(&arguments)
    };
    let ran = run("critical");
    let document = ran.json(1);
    assert_eq!(document["complete"], false, "{document:#}");
    let items = document["items"].as_array().unwrap();
    let is_named = items.iter().any(|item| {
        let evidence = item["evidence"][0].as_str().unwrap_or_default();
        item["id"] == "unknown-permission" && evidence.contains(permission)
    });
    assert!(is_named, "{permission}: {document:#}");
    assert!(
        ran.err.contains(permission) && ran.err.contains("public-read"),
        "{ran:#?}"
    );
}

const OFFICE_ALONE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::media/*"},
    {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::media","arn:aws:s3:::media/*"],
     "Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]}"#;

/// S3 asks the allowing statement alone. The denial lets one network in, from which these tests ask.
#[tokio::test]
async fn a_verdict_of_s3_that_differs_is_read_and_told() {
    let mut media = bucket("media", ["a"]);
    media
        .configuration
        .insert("policy".to_owned(), OFFICE_ALONE.to_owned());
    let world = World {
        name: "office".to_owned(),
        buckets: vec![media],
        ..World::default()
    };
    let audited = audit_of(SandboxOptions::default(), world, "media").await;
    assert!(!ids(&audited).contains("public-read"));
    let differs = finding(&audited, "public-verdict-differs");
    assert_eq!(
        differs.evidence[0],
        "GetBucketPolicyStatus: IsPublic is true"
    );
    assert!(differs.evidence[1].contains("Open: Allow *"), "{differs:?}");
}

#[tokio::test]
async fn a_log_bucket_whose_requesters_pay_gets_no_logs() {
    for (payer, is_unusable) in [("Requester", true), ("BucketOwner", false)] {
        let mut media = bucket("media", ["a"]);
        media
            .configuration
            .insert("logging".to_owned(), LOGGED.to_owned());
        let mut of_logs = bucket("logs", ["media/other"]);
        of_logs.configuration.insert(
            "requestPayment".to_owned(),
            format!(
                "<RequestPaymentConfiguration><Payer>{payer}</Payer></RequestPaymentConfiguration>"
            ),
        );
        let world = World {
            name: "logs".to_owned(),
            buckets: vec![media, of_logs],
            ..World::default()
        };
        let audited = audit_of(SandboxOptions::default(), world, "media").await;
        let found = ids(&audited).contains("logging-unusable");
        assert_eq!(found, is_unusable, "{payer}: {:?}", audited.findings);
        if is_unusable {
            let unusable = finding(&audited, "logging-unusable");
            assert!(unusable.message.contains("pays for it"), "{unusable:?}");
        }
    }
}

/// S3 says 404 of a bucket that is not there. One that denies is there, and so is one of another Region, which redirects.
#[tokio::test]
async fn a_log_bucket_that_was_deleted_is_told_from_one_that_does_not_answer() {
    for (what, there, region, denied, says) in [
        ("deleted", false, "us-east-1", None, Some("does not exist")),
        ("there", true, "us-east-1", None, None),
        ("denied", true, "us-east-1", Some("s3:*@logs"), None),
        (
            "elsewhere",
            true,
            "eu-west-1",
            None,
            Some("is in eu-west-1"),
        ),
    ] {
        let mut media = bucket("media", ["a"]);
        media
            .configuration
            .insert("logging".to_owned(), LOGGED.to_owned());
        let mut of_logs = bucket("logs", ["media/other"]);
        region.clone_into(&mut of_logs.region);
        let mut buckets = vec![media];
        buckets.extend(there.then_some(of_logs));
        let world = World {
            name: "logs".to_owned(),
            buckets,
            ..World::default()
        };
        let options = SandboxOptions {
            denied: denied.into_iter().map(str::to_owned).collect(),
            ..SandboxOptions::default()
        };
        let audited = audit_of(options, world, "media").await;
        let unusable: Vec<&str> = audited
            .findings
            .iter()
            .filter(|finding| finding.id == "logging-unusable")
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(
            unusable.len(),
            usize::from(says.is_some()),
            "{what}: {unusable:?}"
        );
        assert!(
            says.is_none_or(|says| unusable[0].contains(says)),
            "{what}: {unusable:?}"
        );
        if !there {
            assert!(audited.coverage.is_complete(), "{:?}", audited.coverage);
            assert!(!ids(&audited).contains("log-bucket-without-grant"));
        }
    }
}
