//! The newest access log, wherever its key puts it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, Versioning, World};

use super::{audit_of, finding, ids};
use crate::cli::support::bucket;
use crate::ops::world::version;

const HOUR: i64 = 3600;

/// What a log's key begins with, if it was delivered at this time.
fn simple(at: DateTime<Utc>) -> String {
    format!("media/{}", at.format("%Y-%m-%d-%H-%M-%S"))
}

fn by_delivery(at: DateTime<Utc>) -> String {
    let folder = at.format("%Y/%m/%d");
    let time = at.format("%Y-%m-%d-%H-%M-%S");
    format!("media/123456789012/us-east-1/media/{folder}/{time}")
}

/// The time of such a key is of the day alone.
fn by_event(at: DateTime<Utc>) -> String {
    let folder = at.format("%Y/%m/%d");
    let day = at.format("%Y-%m-%d-00-00-00");
    format!("media/123456789012/us-east-1/media/{folder}/{day}")
}

type KeyOf = fn(DateTime<Utc>) -> String;

fn logs(key: KeyOf, ages: impl Iterator<Item = i64>) -> Vec<SeedVersion> {
    let now = Utc::now();
    ages.zip(0_u32..)
        .map(|(age, n)| {
            let at = now - TimeDelta::seconds(age);
            let key = format!("{}-{n:016X}", key(at));
            version(key, at, SeedKind::Plain { size: 100 }, None)
        })
        .collect()
}

/// A logged bucket that was written to 25 hours ago, and its logs.
fn world(format: &str, logs: Vec<SeedVersion>) -> World {
    let mut media = bucket("media", ["a"]);
    media.versions[0].last_modified = Utc::now() - TimeDelta::hours(25);
    let logged = format!(
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>media/</TargetPrefix>{format}\
         </LoggingEnabled></BucketLoggingStatus>"
    );
    media.configuration.insert("logging".to_owned(), logged);
    let mut of_logs = bucket("logs", ["media/other"]);
    of_logs.versions.extend(logs);
    World {
        name: "logs".to_owned(),
        buckets: vec![media, of_logs],
        ..World::default()
    }
}

#[tokio::test]
async fn logs_in_folders_by_date_are_found_by_their_own_format() {
    let partitioned = |source: &str| {
        format!(
            "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>{source}</PartitionDateSource>\
             </PartitionedPrefix></TargetObjectKeyFormat>"
        )
    };
    let formats: [(&str, String, KeyOf); 3] = [
        ("simple", String::new(), simple),
        ("by delivery", partitioned("DeliveryTime"), by_delivery),
        ("by event", partitioned("EventTime"), by_event),
    ];
    for (what, format, key) in formats {
        // A log a day for two months, and for as long an hour apart.
        let old = (3..60).map(|days| days * 24 * HOUR);
        for (fresh, is_stale) in [(Some(HOUR), false), (None, true)] {
            let logs = logs(key, old.clone().chain(fresh));
            let world = world(&format, logs);
            let audited = audit_of(SandboxOptions::default(), world, "media").await;
            let words = format!("{what}, stale: {is_stale}: {:?}", audited.findings);
            assert_eq!(ids(&audited).contains("logging-stale"), is_stale, "{words}");
            assert!(audited.coverage.is_complete(), "{words}");
            if is_stale {
                let newest = Utc::now() - TimeDelta::hours(3 * 24);
                let day = newest.format("the newest log is of %Y-%m-%d").to_string();
                let stale = finding(&audited, "logging-stale");
                assert!(stale.evidence[0].starts_with(&day), "{words}");
            }
        }
    }
}

/// More keys than are listed lie in one hour, which cannot be halved: the newest of them was not seen.
#[tokio::test]
async fn where_the_listing_was_cut_the_newest_log_is_not_known() {
    let crowded = std::iter::repeat_n(30 * HOUR, 20_500);
    let world = world("", logs(simple, crowded));
    let audited = audit_of(SandboxOptions::default(), world, "media").await;
    assert!(!ids(&audited).contains("logging-stale"), "{audited:?}");
    let unknown = audited.findings.iter().find(|finding| {
        finding.id == "unknown-permission" && finding.evidence[0].contains("ListObjects")
    });
    assert!(
        unknown.is_some() || !audited.coverage.is_complete(),
        "{:?}",
        audited.findings
    );
}

/// The statement of the user guide, for this source.
fn grant(account: &str, source: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*","Condition":{{"ArnLike":{{"aws:SourceArn":"arn:aws:s3:::{source}"}},"StringEquals":{{"aws:SourceAccount":"{account}"}}}}}}"#
    )
}

/// Each obstacle that AWS documents is read from the log bucket itself.
#[tokio::test]
async fn what_keeps_logs_from_their_bucket_is_read_there_and_said() {
    const OWN: &str = "123456789012";
    const DENIES: &str = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}"#;
    const KMS: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    const LOCK: &str = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    const HOLD: &str = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><DefaultEventHold><Days>30</Days></DefaultEventHold></DefaultRetention></Rule></ObjectLockConfiguration>";
    let good = grant(OWN, "media");
    for (what, statements, document, id, says) in [
        ("as AWS has it", good.clone(), None, None, ""),
        (
            "another account",
            grant("444455556666", "media"),
            None,
            Some("log-bucket-without-grant"),
            "",
        ),
        (
            "another bucket",
            grant(OWN, "other"),
            None,
            Some("log-bucket-without-grant"),
            "",
        ),
        (
            "a Deny that services are under",
            format!("{good},{DENIES}"),
            None,
            Some("log-bucket-without-grant"),
            "",
        ),
        (
            "SSE-KMS",
            good.clone(),
            Some(("encryption", KMS)),
            Some("logging-unusable"),
            "aws:kms",
        ),
        (
            "Object Lock",
            good.clone(),
            Some(("object-lock", LOCK)),
            Some("logging-unusable"),
            "30 days",
        ),
        (
            "event holds",
            good.clone(),
            Some(("object-lock", HOLD)),
            Some("logging-unusable"),
            "event hold, until 30 days after its release (GOVERNANCE)",
        ),
    ] {
        let mut world = world("", logs(simple, std::iter::once(HOUR)));
        let of_logs = &mut world.buckets[1];
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        of_logs.configuration = BTreeMap::from([("policy".to_owned(), policy)]);
        if let Some((name, document)) = document {
            of_logs.versioning = Versioning::Enabled;
            let document = document.to_owned();
            of_logs.configuration.insert(name.to_owned(), document);
        }
        let audited = audit_of(SandboxOptions::default(), world, "media").await;
        let about_logs = |id: &&&str| id.starts_with("log");
        let found: Vec<&str> = ids(&audited).iter().filter(about_logs).copied().collect();
        assert_eq!(found, Vec::from_iter(id), "{what}: {:?}", audited.findings);
        if let Some(id) = id {
            let message = &finding(&audited, id).message;
            assert!(message.contains(says), "{what}: {message}");
        }
    }
    // A bucket that logs to itself makes a log for each log.
    let mut world = world("", Vec::new());
    let logged = world.buckets[0].configuration.get_mut("logging").unwrap();
    *logged = logged.replace("<TargetBucket>logs", "<TargetBucket>media");
    let audited = audit_of(SandboxOptions::default(), world, "media").await;
    let unusable = finding(&audited, "logging-unusable");
    assert!(
        unusable.message.contains("the bucket that is logged"),
        "{unusable:?}"
    );
}
