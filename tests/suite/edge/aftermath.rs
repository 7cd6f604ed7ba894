//! What follows on a request elsewhere: derived objects, access logs, and what a lifecycle rule foretells. And how an
//! endpoint with defects differs from S3.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Defect, Sandbox, SandboxOptions};

use super::support::{client, code, get, options, send};

async fn world(name: &str, options: SandboxOptions) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(SandboxOptions {
        worlds: vec![World::builtin(name).unwrap()],
        ..options
    })
    .await
    .unwrap();
    let client = client(&sandbox);
    (sandbox, client)
}

async fn keys(client: &Client, bucket: &str, prefix: &str) -> Vec<String> {
    let page = client.list_objects_v2().bucket(bucket).prefix(prefix);
    let page = page.send().await.unwrap();
    let keys = page.contents().iter();
    keys.map(|object| object.key().unwrap().to_owned())
        .collect()
}

async fn put(client: &Client, bucket: &str, key: &str) {
    let body = ByteStream::from_static(b"picture");
    let put = client.put_object().bucket(bucket).key(key).body(body);
    put.send().await.unwrap();
}

/// Asks until it is so: the aftermath has a time of its own, and a test that it never comes ends with its runner.
async fn until<F: AsyncFn() -> bool>(is_so: F) {
    while !is_so().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const PICTURE: &str = "uploads/somebody/0b9f15ec-bbd6-449e-b46f-25d427837704-a.jpg";

#[tokio::test]
async fn the_application_makes_thumbnails_of_what_its_trigger_matches_and_of_nothing_else() {
    let at_once = SandboxOptions {
        application: Some(Duration::ZERO),
        ..SandboxOptions::default()
    };
    let (_sandbox, client) = world("pilotforce", at_once).await;
    let bucket = "pilotforce-user-uploads";
    put(&client, bucket, &PICTURE.replace(".jpg", ".png")).await;
    put(&client, bucket, PICTURE).await;
    until(async || keys(&client, bucket, "uploads/somebody/").await.len() == 3).await;
    let found = keys(&client, bucket, "uploads/somebody/").await;
    assert!(
        found.contains(&PICTURE.replace(".jpg", "-thumbnail.jpg")),
        "{found:?}"
    );
}

#[tokio::test]
async fn access_logs_arrive_where_the_target_lets_the_service_in() {
    let at_once = || SandboxOptions {
        access_logs: Some(Duration::ZERO),
        ..SandboxOptions::default()
    };
    let (_sandbox, leads) = world("leadfactory", at_once()).await;
    let before = keys(&leads, "leadshop-security-logs", "").await;
    put(&leads, "leadshop-assets", "temp/somebody/a b.txt").await;
    until(async || keys(&leads, "leadshop-security-logs", "").await.len() > before.len()).await;
    let all = keys(&leads, "leadshop-security-logs", "").await;
    let newest = all.iter().find(|key| !before.contains(key)).unwrap();
    let log = leads
        .get_object()
        .bucket("leadshop-security-logs")
        .key(newest);
    let log = log
        .send()
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap()
        .to_vec();
    let log = String::from_utf8(log).unwrap();
    assert!(log.contains(" REST.PUT.OBJECT temp/somebody/a%20b.txt \"PUT /temp/somebody/a%20b.txt HTTP/1.1\" 200 - "), "{log}");
    assert!(
        log.contains("arn:aws:iam::123456789012:user/demo") && log.contains(" AuthHeader "),
        "{log}"
    );
}

#[tokio::test]
async fn a_header_tells_what_a_lifecycle_rule_will_end() {
    let (_sandbox, client) = world("leadfactory", SandboxOptions::default()).await;
    let head = async |key: &str| {
        put(&client, "leadshop-assets", key).await;
        let head = client.head_object().bucket("leadshop-assets").key(key);
        head.send().await.unwrap().expiration().map(str::to_owned)
    };
    assert_eq!(head("reports/somebody/a.pdf").await, None);
    let told = head("temp/somebody/a.txt").await.unwrap();
    assert!(
        told.ends_with("00:00:00 GMT\", rule-id=\"delete-temporary\""),
        "{told}"
    );
}

#[tokio::test]
async fn the_word_of_a_proxy_tells_plain_http_from_tls() {
    let (sandbox, client) = world("leadfactory", SandboxOptions::default()).await;
    put(&client, "leadshop-assets", "temp/somebody/a.txt").await;
    let signed = client
        .get_object()
        .bucket("leadshop-assets")
        .key("temp/somebody/a.txt");
    let for_a_minute = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
    let signed = signed.presigned(for_a_minute).await.unwrap();
    for (protocol, status) in [("https", 200), ("http", 403)] {
        let headers = [("X-Forwarded-Proto", protocol)];
        let answer = send(&sandbox, "GET", signed.uri(), &headers, "").await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

async fn with_defect(defect: Defect) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(SandboxOptions {
        defects: vec![defect],
        ..options()
    })
    .await
    .unwrap();
    let client = client(&sandbox);
    (sandbox, client)
}

#[tokio::test]
async fn an_endpoint_that_takes_any_signature_still_knows_when_it_ends() {
    let (sandbox, client) = with_defect(Defect::AnySignature).await;
    let presigned = async |start| {
        let lasting = PresigningConfig::builder()
            .expires_in(Duration::from_mins(1))
            .start_time(start)
            .build()
            .unwrap();
        let signed = client.get_object().bucket("media").key("open/a.txt");
        signed.presigned(lasting).await.unwrap().uri().to_owned()
    };
    let now = std::time::SystemTime::now();
    let url = presigned(now).await.replace("open/a.txt", "closed/b.txt");
    assert_eq!(get(&sandbox, &url).await.body, "secret");
    let url = presigned(now - Duration::from_mins(2)).await;
    assert!(
        get(&sandbox, &url)
            .await
            .body
            .contains("Request has expired")
    );
    let (sandbox, _) = with_defect(Defect::NoExpiry).await;
    let url = url.replace(&sandbox.endpoint_url(), "");
    let path = url.split_once("/media/").unwrap().1;
    assert_eq!(get(&sandbox, &format!("/media/{path}")).await.body, "hello");
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing_unless_the_endpoint_keeps_halves() {
    use tokio::io::AsyncWriteExt;
    for (defects, expected) in [(vec![], None), (vec![Defect::PartialObjects], Some(4))] {
        let sandbox = Sandbox::start(SandboxOptions {
            defects: [defects, vec![Defect::AnyoneMay]].concat(),
            ..options()
        })
        .await
        .unwrap();
        let mut stream = tokio::net::TcpStream::connect(sandbox.address())
            .await
            .unwrap();
        let head = "PUT /media/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let requests = sandbox.requests();
        until(async || requests.of("PutObject") == 1).await;
        drop(stream);
        let client = client(&sandbox);
        let head = async || client.head_object().bucket("media").key("cut").send().await;
        if let Some(length) = expected {
            until(async || head().await.is_ok()).await;
            assert_eq!(head().await.unwrap().content_length(), Some(length));
        } else {
            until(async || requests.refused("PutObject") == 1).await;
            assert!(head().await.is_err());
        }
    }
}

#[tokio::test]
async fn with_a_defect_strangers_may_and_bodies_are_spoilt() {
    let (sandbox, _) = with_defect(Defect::AnyoneMay).await;
    assert_eq!(get(&sandbox, "/media/closed/b.txt").await.body, "secret");
    let (_sandbox, client) = with_defect(Defect::CorruptBodies).await;
    let answer = client.get_object().bucket("media").key("open/a.txt").send();
    let body = answer.await.unwrap().body.collect().await.unwrap().to_vec();
    assert_eq!(body, b"iello");
    let (_sandbox, client) = with_defect(Defect::NoExpiry).await;
    assert_eq!(
        code(client.get_object().bucket("media").key("x").send().await),
        "NoSuchKey"
    );
}
