//! What a browser is told.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use s3warden::facade::sandbox::Sandbox;

use super::support::{Raw, client, send, start};

async fn with_rules() -> Sandbox {
    let sandbox = start().await;
    let app = CorsRule::builder()
        .allowed_origins("https://*.example.com")
        .allowed_methods("GET")
        .allowed_methods("PUT")
        .allowed_headers("x-amz-*")
        .allowed_headers("Content-Type")
        .expose_headers("ETag")
        .max_age_seconds(600)
        .build()
        .unwrap();
    let anyone = CorsRule::builder()
        .allowed_origins("*")
        .allowed_methods("HEAD")
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder()
        .cors_rules(app)
        .cors_rules(anyone)
        .build()
        .unwrap();
    client(&sandbox)
        .put_bucket_cors()
        .bucket("media")
        .cors_configuration(rules)
        .send()
        .await
        .unwrap();
    sandbox
}

async fn preflight(sandbox: &Sandbox, origin: &str, method: &str, headers: &str) -> Raw {
    let mut sent = vec![
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
    ];
    if !headers.is_empty() {
        sent.push(("Access-Control-Request-Headers", headers));
    }
    send(sandbox, "OPTIONS", "/media/open/a.txt", &sent, "").await
}

#[tokio::test]
async fn a_preflight_that_a_rule_allows_is_answered_with_what_it_allows() {
    let sandbox = with_rules().await;
    let answer = preflight(
        &sandbox,
        "https://app.example.com",
        "PUT",
        "Content-Type, X-Amz-Acl",
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for (name, value) in [
        ("access-control-allow-origin", "https://app.example.com"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "content-type, x-amz-acl"),
        ("access-control-expose-headers", "ETag"),
        ("access-control-max-age", "600"),
        ("access-control-allow-credentials", "true"),
        (
            "vary",
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        ),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name} in {answer:?}");
    }
    assert_eq!(sandbox.requests().of("Options"), 1);
    assert_eq!(
        sandbox.requests().non_read(),
        ["PutBucketCors"],
        "a preflight changes nothing"
    );
}

#[tokio::test]
async fn a_rule_for_every_origin_says_so_without_credentials() {
    let sandbox = with_rules().await;
    let answer = preflight(&sandbox, "https://stranger.test", "HEAD", "").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn a_preflight_that_no_rule_allows_is_forbidden() {
    let sandbox = with_rules().await;
    for (origin, method, headers) in [
        ("https://example.org", "PUT", ""),
        ("https://app.example.com", "DELETE", ""),
        ("https://app.example.com", "PUT", "x-custom"),
    ] {
        let answer = preflight(&sandbox, origin, method, headers).await;
        assert_eq!(
            answer.status, 403,
            "{origin} {method} {headers}: {answer:?}"
        );
        assert!(
            answer.body.contains("<Code>AccessForbidden</Code>"),
            "{answer:?}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let elsewhere = [
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "GET"),
    ];
    let answer = send(&sandbox, "OPTIONS", "/logs/a", &elsewhere, "").await;
    assert!(answer.body.contains("CORS is not enabled"), "{answer:?}");
    assert_eq!(
        send(&sandbox, "OPTIONS", "/media/a", &[], "").await.status,
        400
    );
}

#[tokio::test]
async fn the_answer_itself_says_which_origin_may_see_it_even_when_it_is_an_error() {
    let sandbox = with_rules().await;
    let from = |origin| [("Origin", origin)];
    let answer = send(
        &sandbox,
        "GET",
        "/media/open/a.txt",
        &from("https://app.example.com"),
        "",
    )
    .await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    let answer = send(
        &sandbox,
        "GET",
        "/media/open/a.txt",
        &from("https://example.org"),
        "",
    )
    .await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
