//! Faults as a client meets them, and the counts that tell what it did about them.

use std::num::NonZeroU64;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use s3warden::facade::sandbox::{Fault, FaultRule, Latency, Sandbox};

use super::support::{client, code, configuration, exchange, start};

async fn struck_by(rule: FaultRule) -> Sandbox {
    let sandbox = start().await;
    sandbox.set_faults(vec![rule]);
    sandbox
}

#[tokio::test]
async fn errors_come_with_their_code_and_status() {
    for (fault, expected, status) in [
        (Fault::SlowDown, "SlowDown", 503),
        (Fault::InternalError, "InternalError", 500),
        (Fault::ServiceUnavailable, "ServiceUnavailable", 503),
        (Fault::AccessDenied, "AccessDenied", 403),
        (Fault::ExpiredToken, "ExpiredToken", 400),
    ] {
        let sandbox = struck_by(FaultRule::new(fault)).await;
        let error = client(&sandbox)
            .list_objects_v2()
            .bucket("media")
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(expected));
        assert_eq!(error.raw_response().unwrap().status().as_u16(), status);
        assert_eq!(sandbox.requests().refused("ListObjectsV2"), 1);
    }
}

#[tokio::test]
async fn a_rule_strikes_its_operation_bucket_and_key_and_no_other() {
    let sandbox = struck_by(
        FaultRule::new(Fault::SlowDown)
            .on("GetObject")
            .at("media", "open/*"),
    )
    .await;
    let client = client(&sandbox);
    assert_eq!(
        code(
            client
                .get_object()
                .bucket("media")
                .key("open/a.txt")
                .send()
                .await
        ),
        "SlowDown"
    );
    client
        .get_object()
        .bucket("media")
        .key("closed/b.txt")
        .send()
        .await
        .unwrap();
    client
        .head_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap();

    sandbox.set_faults(vec![FaultRule::new(Fault::SlowDown).at("*", "open/")]);
    let list = client.list_objects_v2().bucket("media");
    assert_eq!(
        code(list.clone().prefix("open/").send().await),
        "SlowDown",
        "a listing's key is its prefix"
    );
    list.prefix("closed/").send().await.unwrap();
}

#[tokio::test]
async fn every_second_request_is_struck_and_the_sdk_gets_through_by_trying_again() {
    let every_second = FaultRule {
        every: NonZeroU64::new(2).unwrap(),
        ..FaultRule::new(Fault::SlowDown).on("GetObject")
    };
    let sandbox = struck_by(every_second).await;
    let patient = configuration(
        &sandbox,
        sandbox.access_key(),
        sandbox.secret_key(),
        "us-east-1",
    )
    .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
    .build();
    let client = aws_sdk_s3::Client::from_conf(patient);
    for _ in 0..3 {
        client
            .get_object()
            .bucket("media")
            .key("open/a.txt")
            .send()
            .await
            .unwrap();
    }
    let counts = sandbox.requests();
    assert_eq!(
        (counts.of("GetObject"), counts.refused("GetObject")),
        (5, 2)
    );
}

#[tokio::test]
async fn a_dropped_connection_ends_without_a_byte() {
    let sandbox = struck_by(FaultRule::new(Fault::Drop)).await;
    let answer = exchange(&sandbox, "GET", "/media/open/a.txt", &[], "").await;
    assert!(answer.is_empty(), "{:?}", String::from_utf8_lossy(&answer));
    let error = client(&sandbox).list_buckets().send().await.unwrap_err();
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert_eq!(sandbox.requests().refused("ListBuckets"), 1);
}

#[tokio::test]
async fn a_dropped_write_was_carried_out_all_the_same() {
    let sandbox = struck_by(FaultRule::new(Fault::Drop).on("DeleteObject")).await;
    let client = client(&sandbox);
    client
        .delete_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        code(
            client
                .get_object()
                .bucket("media")
                .key("open/a.txt")
                .send()
                .await
        ),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_truncated_body_breaks_off_in_the_middle() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let body = vec![7_u8; 300_000];
    client
        .put_object()
        .bucket("media")
        .key("large")
        .body(body.into())
        .send()
        .await
        .unwrap();
    sandbox.set_faults(vec![FaultRule::new(Fault::Truncate)]);
    let answer = client
        .get_object()
        .bucket("media")
        .key("large")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.content_length(), Some(300_000));
    assert!(answer.body.collect().await.is_err());
    assert!(
        client
            .list_objects_v2()
            .bucket("media")
            .send()
            .await
            .is_err()
    );
    assert!(
        client
            .head_object()
            .bucket("media")
            .key("large")
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_slow_body_arrives_whole() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let body: Vec<u8> = (0..100_000_u32)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    client
        .put_object()
        .bucket("media")
        .key("large")
        .body(body.clone().into())
        .send()
        .await
        .unwrap();
    sandbox.set_faults(vec![FaultRule::new(Fault::Slow(Duration::from_millis(1)))]);
    let answer = client
        .get_object()
        .bucket("media")
        .key("large")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.body.collect().await.unwrap().to_vec(), body);
}

#[tokio::test]
async fn a_slow_body_comes_in_pieces_whose_pauses_can_be_cancelled() {
    let sandbox =
        struck_by(FaultRule::new(Fault::Slow(Duration::from_mins(1))).on("GetObject")).await;
    let client = client(&sandbox);
    let answer = client
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.content_length(), Some(5), "the head comes at once");
    drop(answer);
    client.list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn latency_holds_an_answer_back_until_its_time() {
    let sandbox = start().await;
    sandbox.set_latency(Latency::default().with("HeadBucket", Duration::from_mins(1)));
    let client = client(&sandbox);
    client.list_buckets().send().await.unwrap();
    let held_back = client.head_bucket().bucket("media").send();
    // The wait is far longer than any slow machine takes for the next requests, which overtake it.
    tokio::select! {
        answer = held_back => panic!("this had to wait: {answer:?}"),
        () = async {
            while sandbox.requests().of("HeadBucket") == 0 {
                client.list_buckets().send().await.unwrap();
            }
        } => {}
    }
}

#[tokio::test]
async fn requests_are_counted_by_operation_until_reset() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let counts = sandbox.requests();
    client
        .list_objects_v2()
        .bucket("media")
        .send()
        .await
        .unwrap();
    client
        .list_objects_v2()
        .bucket("media")
        .send()
        .await
        .unwrap();
    client
        .head_object()
        .bucket("media")
        .key("none")
        .send()
        .await
        .unwrap_err();
    client
        .put_object()
        .bucket("media")
        .key("new")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            counts.of("ListObjectsV2"),
            counts.of("HeadObject"),
            counts.total()
        ),
        (2, 1, 4)
    );
    assert_eq!(
        (
            counts.refused("HeadObject"),
            counts.refused("ListObjectsV2")
        ),
        (1, 0)
    );
    assert_eq!(counts.non_read(), ["PutObject"]);
    counts.reset();
    assert_eq!(sandbox.requests().total(), 0);
}
