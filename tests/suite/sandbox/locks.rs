//! Object Lock.

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketVersioningStatus, Delete, ObjectIdentifier, ObjectLockLegalHold,
    ObjectLockLegalHoldStatus, ObjectLockRetention, ObjectLockRetentionMode,
    VersioningConfiguration,
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
