//! Who signs, how, and when: `SigV4` in headers and in URLs, and STS.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_async::time::StaticTimeSource;

use super::support::{client, client_as, code, configuration, get, message, send, start};

#[tokio::test]
async fn a_key_that_nobody_knows_is_refused_by_name() {
    let sandbox = start().await;
    let stranger = client_as(&sandbox, "STRANGER", "whatever", "us-east-1");
    assert_eq!(
        code(stranger.list_buckets().send().await),
        "InvalidAccessKeyId"
    );
}

#[tokio::test]
async fn a_wrong_secret_gives_a_signature_that_does_not_match() {
    let sandbox = start().await;
    let forger = client_as(&sandbox, sandbox.access_key(), "guessed", "us-east-1");
    let answer = forger
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await;
    assert_eq!(code(answer), "SignatureDoesNotMatch");
    let told = message(forger.list_objects_v2().bucket("media").send().await);
    assert!(
        told.contains("does not match the signature you provided"),
        "{told}"
    );
}

#[tokio::test]
async fn a_clock_an_hour_off_is_too_skewed() {
    let sandbox = start().await;
    let past = SystemTime::now() - Duration::from_hours(1);
    let configuration = configuration(
        &sandbox,
        sandbox.access_key(),
        sandbox.secret_key(),
        "us-east-1",
    )
    .time_source(StaticTimeSource::new(past))
    .build();
    let late = Client::from_conf(configuration);
    assert_eq!(
        code(late.list_buckets().send().await),
        "RequestTimeTooSkewed"
    );
}

fn valid_for(seconds: u64) -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_secs(seconds)).unwrap()
}

#[tokio::test]
async fn a_presigned_url_reads_and_writes_without_other_credentials() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let put = client.put_object().bucket("media").key("new/ä b+c.txt");
    let put = put
        .content_type("text/plain")
        .presigned(valid_for(60))
        .await
        .unwrap();
    let answer = send(
        &sandbox,
        "PUT",
        put.uri(),
        &[("content-type", "text/plain")],
        "written",
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");

    let url = client
        .get_object()
        .bucket("media")
        .key("new/ä b+c.txt")
        .presigned(valid_for(60))
        .await
        .unwrap();
    let answer = get(&sandbox, url.uri()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "written"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn a_presigned_url_holds_for_what_it_was_signed_for_alone() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let url = client
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .presigned(valid_for(60))
        .await
        .unwrap();
    let other_key = url.uri().replace("open/a.txt", "closed/b.txt");
    let answer = get(&sandbox, &other_key).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.body.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{answer:?}"
    );
    assert_eq!(
        send(&sandbox, "DELETE", url.uri(), &[], "").await.status,
        403
    );

    let longer = url.uri().replace("X-Amz-Expires=60", "X-Amz-Expires=6000");
    assert_eq!(get(&sandbox, &longer).await.status, 403);
    let answer = send(
        &sandbox,
        "GET",
        url.uri(),
        &[("x-amz-request-payer", "requester")],
        "",
    )
    .await;
    assert!(
        answer
            .body
            .contains("headers present in the request which were not signed"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_presigned_put_holds_for_its_content_type_alone() {
    let sandbox = start().await;
    let put = client(&sandbox)
        .put_object()
        .bucket("media")
        .key("picture")
        .content_type("image/png");
    let url = put.presigned(valid_for(60)).await.unwrap();
    let answer = send(
        &sandbox,
        "PUT",
        url.uri(),
        &[("content-type", "text/html")],
        "<script>",
    )
    .await;
    assert!(
        answer.body.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_expired_url_says_so() {
    let sandbox = start().await;
    let an_hour_ago = SystemTime::now() - Duration::from_hours(1);
    let expired = PresigningConfig::builder()
        .start_time(an_hour_ago)
        .expires_in(Duration::from_mins(1))
        .build()
        .unwrap();
    let url = client(&sandbox)
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .presigned(expired)
        .await
        .unwrap();
    let answer = get(&sandbox, url.uri()).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .body
            .contains("<Message>Request has expired</Message>"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn no_url_is_good_for_more_than_seven_days() {
    let sandbox = start().await;
    let url = client(&sandbox)
        .get_object()
        .bucket("media")
        .key("open/a.txt")
        .presigned(valid_for(60))
        .await
        .unwrap();
    let too_long = url
        .uri()
        .replace("X-Amz-Expires=60", "X-Amz-Expires=604801");
    let answer = get(&sandbox, &too_long).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .body
            .contains("<Code>AuthorizationQueryParametersError</Code>"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn every_answer_has_request_ids() {
    let sandbox = start().await;
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/media/none"),
        ("OPTIONS", "/media/a"),
        ("PATCH", "/media"),
    ] {
        let answer = send(&sandbox, method, target, &[], "").await;
        assert!(answer.header("x-amz-request-id").is_some(), "{answer:?}");
        assert!(answer.header("x-amz-id-2").is_some(), "{answer:?}");
        assert!(answer.body.contains("<RequestId>"), "{answer:?}");
    }
}

fn sts(
    sandbox: &s3warden::facade::sandbox::Sandbox,
    access_key: &str,
    secret_key: &str,
) -> aws_sdk_sts::Client {
    let configuration = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(sandbox.endpoint_url())
        .region(aws_sdk_sts::config::Region::new("eu-west-1"))
        .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled())
        .credentials_provider(aws_sdk_sts::config::Credentials::new(
            access_key, secret_key, None, None, "test",
        ))
        .build();
    aws_sdk_sts::Client::from_conf(configuration)
}

#[tokio::test]
async fn sts_tells_who_signed() {
    let sandbox = start().await;
    let client = sts(&sandbox, sandbox.access_key(), sandbox.secret_key());
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("123456789012"));
    assert_eq!(identity.arn(), Some("arn:aws:iam::123456789012:user/demo"));
    assert!(identity.user_id().is_some_and(|id| id.starts_with("AIDA")));
    assert_eq!(sandbox.requests().of("GetCallerIdentity"), 1);
    assert!(sandbox.requests().non_read().is_empty());
}

#[tokio::test]
async fn sts_refuses_in_its_own_words() {
    let sandbox = start().await;
    let refused = |answer: Result<_, aws_sdk_sts::error::SdkError<_>>| {
        use aws_sdk_sts::error::ProvideErrorMetadata as _;
        let error: aws_sdk_sts::error::SdkError<
            aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError,
        > = answer
            .map(|_: aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput| ())
            .unwrap_err();
        error.code().map(str::to_owned)
    };
    let stranger = sts(&sandbox, "STRANGER", "whatever");
    let code = refused(stranger.get_caller_identity().send().await);
    assert_eq!(code.as_deref(), Some("InvalidClientTokenId"));
    let forger = sts(&sandbox, sandbox.access_key(), "guessed");
    let code = refused(forger.get_caller_identity().send().await);
    assert_eq!(code.as_deref(), Some("SignatureDoesNotMatch"));
}
