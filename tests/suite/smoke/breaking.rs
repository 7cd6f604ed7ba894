//! One thing is broken at a time, and exactly its checks fail.

use std::time::Duration;

use s3warden::facade::ops::smoke::{Check, Verdict};
use s3warden::facade::sandbox::world::WorldBucket;
use s3warden::facade::sandbox::{Defect, Latency, SandboxOptions};

use super::bench::{
    LEADS, MEDIA, ORIGINS, PICTURES, UPLOADS, as_it_is, breaking, defect, document, options,
};

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
    for check in [
        Check::WrongLength,
        Check::OversizeForm,
        Check::CorsPreflight,
        Check::AccessLog,
    ] {
        let found = report
            .results
            .iter()
            .find(|result| result.check == check)
            .unwrap();
        assert!(matches!(found.verdict, Verdict::Pass(_)), "{found:?}");
    }
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
        text.replace("aws:SecureTransport", "aws:MultiFactorAuthPresent")
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
