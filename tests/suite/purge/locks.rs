//! Versions that Object Lock protects: the plan names the lock on every face, and the purge leaves them.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    EventHoldDuration, ObjectLockEventHold, ObjectLockLegalHold, ObjectLockLegalHoldStatus,
    ObjectLockRetention, ObjectLockRetentionMode,
};
use s3warden::facade::aws::WriteMode;
use s3warden::facade::sandbox::world::{SeedKind, Versioning, WorldBucket};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::bench::things_in;
use crate::cli::support::Endpoint;
use crate::ops::world::{bucket, day, version};
use crate::purge_screen::{console, plan};
use crate::sandbox::support::client;

const UPLOADS: &str = "pilotforce-user-uploads";
const LOCKED: &str = "uploads/user-1/6f9619ff-8b86-4011-b42d-00c04fc964ff-0001";
const FREE: &str = "uploads/user-1/6f9619ff-8b86-4011-b42d-00c04fc964ff-0002";

/// What can lock a version.
#[derive(Debug, Clone)]
pub enum Lock {
    LegalHold,
    Retention(ObjectLockRetentionMode),
    EventHold(ObjectLockRetentionMode),
}

impl Lock {
    pub const ALL: [Self; 5] = [
        Self::LegalHold,
        Self::Retention(ObjectLockRetentionMode::Governance),
        Self::Retention(ObjectLockRetentionMode::Compliance),
        Self::EventHold(ObjectLockRetentionMode::Governance),
        Self::EventHold(ObjectLockRetentionMode::Compliance),
    ];

    /// By what a sentence about it is known, in lower case.
    pub fn words(&self) -> &'static str {
        match self {
            Self::LegalHold => "a legal hold is on it",
            Self::Retention(ObjectLockRetentionMode::Governance) => "locked in governance mode",
            Self::Retention(_) => "locked in compliance mode",
            Self::EventHold(ObjectLockRetentionMode::Governance) => {
                "an event hold is on it, which locks it in governance mode until 30 days after its release"
            }
            Self::EventHold(_) => {
                "an event hold is on it, which locks it in compliance mode until 30 days after its release"
            }
        }
    }

    /// Locks the newest version of a key.
    pub async fn put(&self, s3: &Client, bucket: &str, key: &str) {
        let permit = WriteMode::from_flag(true).permit().unwrap();
        let build = ObjectLockRetention::builder;
        let retention = match self {
            Self::LegalHold => {
                let hold = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::On);
                let put = s3.put_object_legal_hold().bucket(bucket).key(key);
                let put = put.legal_hold(hold.build());
                put.customize().interceptor(permit).send().await.unwrap();
                return;
            }
            Self::Retention(mode) => {
                let until = DateTime::from_secs(chrono::Utc::now().timestamp() + 3600);
                build().mode(mode.clone()).retain_until_date(until)
            }
            Self::EventHold(mode) => build()
                .mode(mode.clone())
                .event_hold(ObjectLockEventHold::On)
                .event_hold_duration(EventHoldDuration::builder().days(30).build()),
        };
        let put = s3.put_object_retention().bucket(bucket).key(key);
        let put = put.retention(retention.build());
        put.customize().interceptor(permit).send().await.unwrap();
    }
}

/// Two objects of a user, one of them locked.
fn endpoint(lock: &Lock) -> Endpoint {
    let mut media = WorldBucket {
        versioning: Versioning::Enabled,
        ..bucket(UPLOADS)
    };
    let document = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    media
        .configuration
        .insert("object-lock".to_owned(), document.to_owned());
    for key in [LOCKED, FREE] {
        let kind = SeedKind::Plain { size: 100 };
        let written = version(key.to_owned(), day(1), kind, None);
        media.versions.push(written);
    }
    let endpoint = Endpoint::serving(vec![media]);
    let s3 = client(&endpoint.sandbox, "us-east-1");
    let locking = lock.put(&s3, UPLOADS, LOCKED);
    Runtime::new().unwrap().block_on(locking);
    endpoint
}

#[test]
fn the_command_line_names_the_lock_in_the_plan_and_leaves_the_version() {
    for lock in Lock::ALL {
        let endpoint = endpoint(&lock);
        let program = endpoint.program();
        let purge = |more: &[&str]| {
            let ran = ["purge", "user-1", "--blueprint", "pilotforce"];
            program.run(&[&ran[..], more].concat())
        };
        let planned = purge(&[]);
        // The blueprint's other buckets are not there, which makes every answer a partial one.
        assert_eq!(planned.status, 3, "{planned:#?}");
        let said = format!("1 thing will be left there: {}", lock.words());
        let err = planned.err.replace(": it is locked", ": locked");
        assert!(err.contains(&said), "{said}: {planned:#?}");
        let done = purge(&[
            "--write",
            "--execute",
            "--confirm",
            "user-1",
            "--format",
            "json",
        ]);
        let document = done.json(3);
        let outcomes: Vec<_> = document["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["key"].as_str(), item["outcome"].as_str()))
            .collect();
        assert!(
            outcomes.contains(&(Some(LOCKED), Some("retained"))),
            "{lock:?}: {outcomes:?}"
        );
        let left = things_in(&endpoint.sandbox).into_iter();
        let left: Vec<String> = left.map(|thing| thing.1).collect();
        assert_eq!(left, [LOCKED], "{lock:?}");
    }
}

#[test]
fn the_purge_screen_names_the_lock_on_the_plan() {
    for lock in Lock::ALL {
        let endpoint = endpoint(&lock);
        let home = TempDir::new().unwrap();
        let mut terminal = console(&endpoint, &home, (200, 50), &[]);
        let page = plan(&mut terminal, "user-1");
        let page = page.replace(": it is locked", ": locked");
        let said = format!(
            "1 version stays, and the receipt will say so: {}",
            lock.words()
        );
        assert!(page.contains(&said), "{said}: {page}");
    }
}
