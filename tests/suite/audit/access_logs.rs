//! The newest access log, wherever its key puts it.

use chrono::{DateTime, TimeDelta, Utc};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, SeedVersion, World};

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
