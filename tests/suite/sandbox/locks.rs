//! Object Lock.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention, Delete, EventHoldDuration, ObjectIdentifier,
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockEventHold, ObjectLockLegalHold,
    ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode,
    ObjectLockRule, VersioningConfiguration,
};

use super::support::{Running, bucket, code, put, refusal, start};

async fn locking() -> Running {
    let running = start(vec![bucket("media")]).await;
    let create = running.s3.create_bucket().bucket("vault");
    create
        .object_lock_enabled_for_bucket(true)
        .send()
        .await
        .unwrap();
    running
}

fn in_an_hour() -> DateTime {
    DateTime::from_secs(chrono::Utc::now().timestamp() + 3600)
}

fn retention(mode: ObjectLockRetentionMode, until: DateTime) -> ObjectLockRetention {
    ObjectLockRetention::builder()
        .mode(mode)
        .retain_until_date(until)
        .build()
}

#[tokio::test]
async fn a_version_under_a_legal_hold_is_not_deleted_until_it_is_lifted() {
    let running = locking().await;
    let s3 = &running.s3;
    let id = put(s3, "vault", "k", "x").await.unwrap();
    let hold = |status| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        s3.put_object_legal_hold()
            .bucket("vault")
            .key("k")
            .legal_hold(hold)
            .send()
    };
    let none = s3
        .get_object_legal_hold()
        .bucket("vault")
        .key("k")
        .send()
        .await;
    assert_eq!(refusal(none), (404, "NoSuchObjectLockConfiguration".into()));
    hold(ObjectLockLegalHoldStatus::On).await.unwrap();
    let delete = || {
        let delete = s3.delete_object().bucket("vault").key("k").version_id(&id);
        delete.bypass_governance_retention(true).send()
    };
    assert_eq!(refusal(delete().await), (403, "AccessDenied".into()));
    let marker = s3.delete_object().bucket("vault").key("k").send().await;
    assert!(marker.is_ok(), "hiding it is no deletion");
    let one = ObjectIdentifier::builder()
        .key("k")
        .version_id(&id)
        .build()
        .unwrap();
    let many = Delete::builder().objects(one).build().unwrap();
    let answer = s3
        .delete_objects()
        .bucket("vault")
        .delete(many)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.errors()[0].code(), Some("AccessDenied"));

    let hold = ObjectLockLegalHold::builder()
        .status(ObjectLockLegalHoldStatus::Off)
        .build();
    let lift = s3
        .put_object_legal_hold()
        .bucket("vault")
        .key("k")
        .version_id(&id)
        .legal_hold(hold);
    lift.send().await.unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn retention_in_governance_mode_ends_early_for_who_may_bypass_it() {
    let running = locking().await;
    let s3 = &running.s3;
    let id = put(s3, "vault", "k", "x").await.unwrap();
    let governance = retention(ObjectLockRetentionMode::Governance, in_an_hour());
    s3.put_object_retention()
        .bucket("vault")
        .key("k")
        .retention(governance)
        .send()
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket("vault")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(head.object_lock_mode().unwrap().as_str(), "GOVERNANCE");
    let delete = || s3.delete_object().bucket("vault").key("k").version_id(&id);
    assert_eq!(code(delete().send().await), "AccessDenied");
    delete()
        .bypass_governance_retention(true)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn retention_in_compliance_mode_can_only_be_made_longer() {
    let running = locking().await;
    let s3 = &running.s3;
    let id = put(s3, "vault", "k", "x").await.unwrap();
    let set = |mode, until| {
        let put = s3.put_object_retention().bucket("vault").key("k");
        put.retention(retention(mode, until))
            .bypass_governance_retention(true)
            .send()
    };
    let until = in_an_hour();
    set(ObjectLockRetentionMode::Compliance, until)
        .await
        .unwrap();
    let delete = s3.delete_object().bucket("vault").key("k").version_id(&id);
    assert_eq!(
        code(delete.bypass_governance_retention(true).send().await),
        "AccessDenied"
    );
    let shorter = DateTime::from_secs(until.secs() - 60);
    assert_eq!(
        code(set(ObjectLockRetentionMode::Compliance, shorter).await),
        "AccessDenied"
    );
    assert_eq!(
        code(set(ObjectLockRetentionMode::Governance, until).await),
        "AccessDenied"
    );
    let longer = DateTime::from_secs(until.secs() + 60);
    set(ObjectLockRetentionMode::Compliance, longer)
        .await
        .unwrap();
    let told = s3
        .get_object_retention()
        .bucket("vault")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        told.retention.unwrap().retain_until_date.unwrap().secs(),
        longer.secs()
    );
}

#[tokio::test]
async fn only_buckets_with_object_lock_lock_objects() {
    let running = locking().await;
    let s3 = &running.s3;
    put(s3, "media", "k", "x").await;
    let hold = ObjectLockLegalHold::builder()
        .status(ObjectLockLegalHoldStatus::On)
        .build();
    let put = s3
        .put_object_legal_hold()
        .bucket("media")
        .key("k")
        .legal_hold(hold)
        .send()
        .await;
    assert_eq!(code(put), "InvalidRequest");
    let suspended = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Suspended)
        .build();
    let suspend = s3
        .put_bucket_versioning()
        .bucket("vault")
        .versioning_configuration(suspended)
        .send()
        .await;
    assert_eq!(refusal(suspend), (409, "InvalidBucketState".into()));
}

const DAY: i64 = 86_400;

fn days(days: i32) -> EventHoldDuration {
    EventHoldDuration::builder().days(days).build()
}

/// A retention with an event hold that keeps a version for so many days after its release.
fn held(mode: ObjectLockRetentionMode, time: EventHoldDuration) -> ObjectLockRetention {
    ObjectLockRetention::builder()
        .mode(mode)
        .event_hold(ObjectLockEventHold::On)
        .event_hold_duration(time)
        .build()
}

async fn retain(running: &Running, retention: ObjectLockRetention) -> Result<(), (u16, String)> {
    let put = running.s3.put_object_retention().bucket("vault").key("k");
    match put.retention(retention).send().await {
        Ok(_) => Ok(()),
        refused => Err(refusal(refused)),
    }
}

async fn told(running: &Running) -> ObjectLockRetention {
    let get = running.s3.get_object_retention().bucket("vault").key("k");
    get.send().await.unwrap().retention.unwrap()
}

/// In how many days a retention ends, seen from now.
fn ends_in_days(until: Option<&DateTime>) -> i64 {
    let left = until.unwrap().secs() - chrono::Utc::now().timestamp();
    (left + DAY / 2).div_euclid(DAY)
}

#[tokio::test]
async fn a_version_under_an_event_hold_is_kept_until_its_release_and_for_a_time_after() {
    for (mode, bypassed) in [
        (ObjectLockRetentionMode::Governance, true),
        (ObjectLockRetentionMode::Compliance, false),
    ] {
        let running = locking().await;
        let s3 = &running.s3;
        let id = put(s3, "vault", "k", "x").await.unwrap();
        retain(&running, held(mode.clone(), days(30)))
            .await
            .unwrap();

        let head = s3.head_object().bucket("vault").key("k").send().await;
        let head = head.unwrap();
        assert_eq!(
            head.object_lock_event_hold(),
            Some(&ObjectLockEventHold::On)
        );
        assert_eq!(head.object_lock_event_hold_duration_days(), Some(30));
        assert_eq!(head.object_lock_event_hold_duration_years(), None);
        assert_eq!(head.object_lock_mode().unwrap().as_str(), mode.as_str());
        assert_eq!(ends_in_days(head.object_lock_retain_until_date()), 30);
        let get = s3.get_object().bucket("vault").key("k").send().await;
        assert_eq!(
            get.unwrap().object_lock_event_hold(),
            Some(&ObjectLockEventHold::On)
        );
        let found = told(&running).await;
        assert_eq!(found.mode(), Some(&mode));
        assert_eq!(found.event_hold(), Some(&ObjectLockEventHold::On));
        assert_eq!(found.event_hold_duration(), Some(&days(30)));
        assert_eq!(ends_in_days(found.retain_until_date()), 30);

        let delete = || s3.delete_object().bucket("vault").key("k").version_id(&id);
        assert_eq!(refusal(delete().send().await), (403, "AccessDenied".into()));
        let one = ObjectIdentifier::builder().key("k").version_id(&id);
        let many = Delete::builder().objects(one.build().unwrap());
        let many = s3
            .delete_objects()
            .bucket("vault")
            .delete(many.build().unwrap());
        let answer = many.send().await.unwrap();
        assert_eq!(answer.errors()[0].code(), Some("AccessDenied"));

        let release = ObjectLockRetention::builder()
            .mode(mode.clone())
            .event_hold(ObjectLockEventHold::Off);
        retain(&running, release.build()).await.unwrap();
        let found = told(&running).await;
        assert_eq!(found.event_hold(), None, "it is off");
        assert_eq!(ends_in_days(found.retain_until_date()), 30);
        assert_eq!(code(delete().send().await), "AccessDenied");
        let forced = delete().bypass_governance_retention(true).send().await;
        assert_eq!(forced.is_ok(), bypassed, "{mode:?}");
    }
}

#[tokio::test]
async fn an_event_hold_moves_the_end_on_and_never_before_a_date_that_was_given() {
    let running = locking().await;
    put(&running.s3, "vault", "k", "x").await;
    let until = DateTime::from_secs(chrono::Utc::now().timestamp() + 90 * DAY);
    let mode = ObjectLockRetentionMode::Compliance;
    retain(&running, retention(mode.clone(), until))
        .await
        .unwrap();
    let end = async || ends_in_days(told(&running).await.retain_until_date());
    retain(&running, held(mode.clone(), days(30)))
        .await
        .unwrap();
    assert_eq!(end().await, 90, "no hold shortens a retention");
    let year = EventHoldDuration::builder().years(1).build();
    retain(&running, held(mode.clone(), year)).await.unwrap();
    assert_eq!(end().await, 365, "a year has 365 days");
    let shorter = retain(&running, held(mode.clone(), days(364))).await;
    assert_eq!(shorter, Err((403, "AccessDenied".to_owned())));
    // A date alone says nothing about the hold.
    let later = DateTime::from_secs(chrono::Utc::now().timestamp() + 400 * DAY);
    retain(&running, retention(mode, later)).await.unwrap();
    assert_eq!(
        told(&running).await.event_hold(),
        Some(&ObjectLockEventHold::On)
    );
    assert_eq!(end().await, 400);
}

#[tokio::test]
async fn what_s3_refuses_of_event_holds_is_refused_with_400() {
    let running = locking().await;
    put(&running.s3, "vault", "k", "x").await;
    let build = ObjectLockRetention::builder;
    let governed = || build().mode(ObjectLockRetentionMode::Governance);
    let on = ObjectLockEventHold::On;
    let off = ObjectLockEventHold::Off;
    let both = EventHoldDuration::builder().days(1).years(1).build();
    for (why, refused) in [
        (
            "no mode",
            build().event_hold(on.clone()).event_hold_duration(days(1)),
        ),
        ("no duration", governed().event_hold(on.clone())),
        (
            "two durations",
            governed().event_hold(on.clone()).event_hold_duration(both),
        ),
        (
            "zero days",
            governed()
                .event_hold(on.clone())
                .event_hold_duration(days(0)),
        ),
        (
            "too many days",
            governed().event_hold(on).event_hold_duration(days(36_501)),
        ),
        (
            "a duration with OFF",
            governed()
                .event_hold(off.clone())
                .event_hold_duration(days(1)),
        ),
        ("no date with OFF", governed().event_hold(off)),
        ("a duration alone", governed().event_hold_duration(days(1))),
    ] {
        let answer = retain(&running, refused.build()).await;
        assert_eq!(answer.unwrap_err().0, 400, "{why}");
    }
    let untouched = running.s3.get_object_retention().bucket("vault").key("k");
    assert_eq!(
        refusal(untouched.send().await),
        (404, "NoSuchObjectLockConfiguration".into())
    );
}

#[tokio::test]
async fn an_event_hold_comes_with_an_upload_a_copy_or_from_the_bucket() {
    let running = locking().await;
    let s3 = &running.s3;
    let status = async |key: &str| {
        let head = s3.head_object().bucket("vault").key(key).send().await;
        let head = head.unwrap();
        let hold = head.object_lock_event_hold().cloned();
        (
            hold.map(|hold| hold.as_str().to_owned()),
            head.object_lock_event_hold_duration_days(),
            head.object_lock_event_hold_duration_years(),
        )
    };
    let on = Some("ON".to_owned());

    let uploaded = s3
        .put_object()
        .bucket("vault")
        .key("uploaded")
        .object_lock_mode(ObjectLockMode::Governance)
        .object_lock_event_hold(ObjectLockEventHold::On)
        .object_lock_event_hold_duration_days(7);
    uploaded.send().await.unwrap();
    assert_eq!(status("uploaded").await, (on.clone(), Some(7), None));

    let copied = s3
        .copy_object()
        .bucket("vault")
        .key("copied")
        .copy_source("vault/uploaded")
        .object_lock_mode(ObjectLockMode::Compliance)
        .object_lock_event_hold(ObjectLockEventHold::On)
        .object_lock_event_hold_duration_years(2);
    copied.send().await.unwrap();
    assert_eq!(status("copied").await, (on.clone(), None, Some(2)));
    let plain = s3.copy_object().bucket("vault").key("plain");
    let plain = plain.copy_source("vault/uploaded");
    plain.send().await.unwrap();
    assert_eq!(
        status("plain").await,
        (None, None, None),
        "no lock is copied"
    );

    let without_mode = s3
        .put_object()
        .bucket("vault")
        .key("refused")
        .object_lock_event_hold(ObjectLockEventHold::On)
        .object_lock_event_hold_duration_days(7);
    assert_eq!(refusal(without_mode.send().await).0, 400);
    let unlocked = s3
        .put_object()
        .bucket("media")
        .key("refused")
        .object_lock_mode(ObjectLockMode::Governance)
        .object_lock_event_hold(ObjectLockEventHold::On)
        .object_lock_event_hold_duration_days(7);
    assert_eq!(code(unlocked.send().await), "InvalidRequest");

    let default = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .default_event_hold(days(14))
        .build();
    let lock = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(default).build())
        .build();
    let configure = s3.put_object_lock_configuration().bucket("vault");
    let configure = configure.object_lock_configuration(lock.clone());
    configure.send().await.unwrap();
    let found = s3.get_object_lock_configuration().bucket("vault").send();
    assert_eq!(found.await.unwrap().object_lock_configuration, Some(lock));
    put(s3, "vault", "by-default", "x").await;
    assert_eq!(status("by-default").await, (on, Some(14), None));
}
