//! Where buckets are and how requests find them: Regions, host names, sub-resources, starting and stopping.

use std::time::Duration;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use s3warden::facade::sandbox::{Sandbox, SandboxError, SandboxOptions};

use super::support::{client, client_as, code, configuration, get, options, send, start, world};

#[tokio::test]
async fn a_request_signed_for_another_region_is_redirected_with_the_right_one() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let error = client
        .list_objects_v2()
        .bucket("elsewhere")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("PermanentRedirect"));
    let answer = error.raw_response().unwrap();
    assert_eq!(answer.status().as_u16(), 301);
    assert_eq!(
        answer.headers().get("x-amz-bucket-region"),
        Some("eu-west-1")
    );

    let error = client
        .head_bucket()
        .bucket("elsewhere")
        .send()
        .await
        .unwrap_err();
    let SdkError::ServiceError(error) = error else {
        panic!("the service answers a HEAD: {error:?}");
    };
    assert_eq!(error.raw().status().as_u16(), 301);
    assert_eq!(
        error.raw().headers().get("x-amz-bucket-region"),
        Some("eu-west-1")
    );
    assert_eq!(error.raw().body().bytes().map(<[u8]>::len), Some(0));

    let there = client_as(
        &sandbox,
        sandbox.access_key(),
        sandbox.secret_key(),
        "eu-west-1",
    );
    there
        .list_objects_v2()
        .bucket("elsewhere")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(there.list_objects_v2().bucket("media").send().await),
        "PermanentRedirect"
    );
    there.list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn the_location_of_any_bucket_is_told_in_us_east_1() {
    let sandbox = start().await;
    let location = client(&sandbox)
        .get_bucket_location()
        .bucket("elsewhere")
        .send()
        .await
        .unwrap();
    assert_eq!(
        location
            .location_constraint()
            .map(aws_sdk_s3::types::BucketLocationConstraint::as_str),
        Some("eu-west-1")
    );
}

#[tokio::test]
async fn head_bucket_always_tells_the_region() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let answer = client.head_bucket().bucket("media").send().await.unwrap();
    assert_eq!(answer.bucket_region(), Some("us-east-1"));
    let anonymous = send(&sandbox, "HEAD", "/elsewhere", &[], "").await;
    assert_eq!(
        (anonymous.status, anonymous.header("x-amz-bucket-region")),
        (403, Some("eu-west-1"))
    );
    assert_eq!(anonymous.body, "");
}

#[tokio::test]
async fn a_bucket_may_stand_in_the_host_name() {
    let sandbox = start().await;
    let port = sandbox.address().port();
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::media/*"}}"#;
    client(&sandbox)
        .put_bucket_policy()
        .bucket("media")
        .policy(policy)
        .send()
        .await
        .unwrap();
    for host in [
        format!("media.localhost:{port}"),
        format!("media.s3.localhost:{port}"),
    ] {
        let answer = send(&sandbox, "GET", "/open/a.txt", &[("Host", &host)], "").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "hello"),
            "{host}"
        );
    }
    let counts = sandbox.requests();
    assert_eq!(counts.of("GetObject"), 2);
}

#[tokio::test]
async fn a_virtual_hosted_request_is_signed_like_any_other() {
    let sandbox = start().await;
    let port = sandbox.address().port();
    let presign = |region: &str, bucket: &str| {
        let configuration =
            configuration(&sandbox, sandbox.access_key(), sandbox.secret_key(), region)
                .endpoint_url(format!("http://localhost:{port}"))
                .force_path_style(false)
                .build();
        let client = aws_sdk_s3::Client::from_conf(configuration);
        let minute = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
        let read = client.get_object().bucket(bucket).key("open/a.txt");
        async move { read.presigned(minute).await.unwrap().uri().to_owned() }
    };
    // Sent to the address by hand: not every resolver knows that names under localhost are loopback.
    let read = async |bucket: &str, url: String| {
        let host = format!("{bucket}.localhost:{port}");
        let path = url.strip_prefix(&format!("http://{host}")).unwrap();
        send(&sandbox, "GET", path, &[("Host", &host)], "").await
    };
    let answer = read("media", presign("us-east-1", "media").await).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
    let answer = read(
        "media",
        presign("us-east-1", "media")
            .await
            .replace("a.txt", "b.txt"),
    )
    .await;
    assert!(
        answer.body.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{answer:?}"
    );
    let answer = read("elsewhere", presign("us-east-1", "elsewhere").await).await;
    assert!(
        answer
            .body
            .contains("<Code>AuthorizationQueryParametersError</Code>"),
        "{answer:?}"
    );
    assert!(answer.body.contains("expecting 'eu-west-1'"), "{answer:?}");
}

#[tokio::test]
async fn a_virtual_hosted_request_for_another_region_is_told_the_right_one() {
    let sandbox = start().await;
    let authorization = "AWS4-HMAC-SHA256 Credential=KEY/20240101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let headers = [
        ("Host", "elsewhere.localhost"),
        ("Authorization", authorization),
    ];
    let answer = send(&sandbox, "GET", "/", &headers, "").await;
    assert_eq!(
        (answer.status, answer.header("x-amz-bucket-region")),
        (400, Some("eu-west-1"))
    );
    assert!(
        answer
            .body
            .contains("<Code>AuthorizationHeaderMalformed</Code>"),
        "{answer:?}"
    );
    assert!(
        answer.body.contains("<Region>eu-west-1</Region>"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_delete_that_is_not_understood_deletes_nothing() {
    let sandbox = start().await;
    let client = client(&sandbox);
    for (query, status) in [
        ("acl", 405),
        ("logging", 405),
        ("abac", 501),
        ("surprise=1", 501),
    ] {
        let answer = send(&sandbox, "DELETE", &format!("/logs?{query}"), &[], "").await;
        assert_eq!(answer.status, status, "{query}: {answer:?}");
    }
    let answer = get(&sandbox, "/logs?abac").await;
    assert!(
        answer.body.contains("<Code>NotImplemented</Code>"),
        "{answer:?}"
    );
    client.head_bucket().bucket("logs").send().await.unwrap();
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_not_implemented() {
    let sandbox = start().await;
    let client = client(&sandbox);
    let answer = client
        .get_object_torrent()
        .bucket("media")
        .key("open/a.txt")
        .send()
        .await;
    assert_eq!(code(answer), "NotImplemented");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let sandbox = start().await;
    let taken = Sandbox::start(SandboxOptions {
        listen: sandbox.address(),
        ..SandboxOptions::default()
    });
    let error = taken.await.err().unwrap();
    assert!(matches!(error, SandboxError::Listen { .. }));
    assert!(
        error.to_string().contains(&sandbox.address().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn worlds_with_one_bucket_name_do_not_start() {
    let options = SandboxOptions {
        worlds: vec![world(), world()],
        ..options()
    };
    let error = Sandbox::start(options).await.err().unwrap();
    assert!(
        error.to_string().contains("media") || error.to_string().contains("logs"),
        "{error}"
    );
}

#[tokio::test]
async fn a_sandbox_that_was_shut_down_takes_no_more_connections() {
    let sandbox = start().await;
    let address = sandbox.address();
    client(&sandbox).list_buckets().send().await.unwrap();
    sandbox.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
