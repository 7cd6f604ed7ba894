//! AWS's published examples, and properties of every signature.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4;

use super::*;
use crate::aws::{ConnectOptions, StaticCredentials, WriteMode};
use crate::domain::ObjectKey;
use crate::domain::presign::{Form, SizeRange, Upload};

/// The access key of AWS's examples.
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Signs for the bucket in AWS's examples, whose URLs are older than Regional host names.
fn example_signer(base: &str) -> Signer {
    Signer {
        credentials: Credentials::new(KEY_ID, SECRET, None, None, "test"),
        bucket: BucketName::new("examplebucket").unwrap(),
        base: base.to_owned(),
        region: Region("us-east-1".to_owned()),
        region_source: RegionSource::Asked,
    }
}

fn get(key: &str, seconds: u64) -> PresignRequest {
    PresignRequest::get(
        BucketName::new("examplebucket").unwrap(),
        ObjectKey::new(key).unwrap(),
        Duration::from_secs(seconds),
    )
}

/// *Authenticating Requests: Using Query Parameters (AWS Signature Version 4)*, its example.
#[test]
fn the_documented_url_for_a_get_is_signed_as_documented() {
    let signed = example_signer("https://examplebucket.s3.amazonaws.com")
        .sign(&get("test.txt", 86_400), at("2013-05-24T00:00:00Z"), None)
        .unwrap();
    assert_eq!(
        signed.url,
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z\
         &X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    assert_eq!(signed.expires_at, at("2013-05-25T00:00:00Z"));
}

/// *Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)*: its policy, in the base64 that the
/// page prints, with its line ends.
#[test]
fn the_documented_policy_of_a_form_is_signed_as_documented() {
    let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI\
                  6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7Im\
                  FjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y\
                  2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50\
                  LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXN\
                  lcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl\
                  0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3c\
                  zRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUi\
                  OiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
    let signer = example_signer("https://sigv4examplebucket.s3.amazonaws.com");
    assert_eq!(
        form::signature(&signer, at("2015-12-29T00:00:00Z"), policy),
        "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
    );
}

/// *Deriving the signing key*, the example of the older edition of *Signature Version 4 signing process*.
#[test]
fn the_documented_key_is_derived_as_documented() {
    let key = v4::generate_signing_key(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        SystemTime::from(at("2015-08-30T12:36:00Z")),
        "us-east-1",
        "iam",
    );
    let hex: Vec<String> = key
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex.concat(),
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    );
}

async fn aws(endpoint: Option<&str>, region: &str, token: Option<&str>) -> Aws {
    Aws::connect(ConnectOptions {
        endpoint_url: endpoint.map(str::to_owned),
        region: Some(region.to_owned()),
        credentials: Some(StaticCredentials {
            access_key: KEY_ID.to_owned(),
            secret_key: SECRET.to_owned(),
            session_token: token.map(str::to_owned),
        }),
        ..ConnectOptions::default()
    })
    .await
    .unwrap()
}

async fn url_of(endpoint: Option<&str>, region: &str, bucket: &str, key: &str) -> String {
    let bucket = BucketName::new(bucket).unwrap();
    let with = aws(endpoint, region, None)
        .await
        .signer(&bucket, None)
        .await
        .unwrap();
    let request = PresignRequest::get(bucket, ObjectKey::new(key).unwrap(), Duration::from_mins(1));
    let signed = with.sign(&request, Utc::now(), None).unwrap();
    signed.url.split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_bucket_is_addressed_as_the_client_does_it() {
    for (endpoint, region, bucket, url) in [
        (
            None,
            "us-east-1",
            "media",
            "https://media.s3.us-east-1.amazonaws.com/k",
        ),
        (
            None,
            "cn-north-1",
            "media",
            "https://media.s3.cn-north-1.amazonaws.com.cn/k",
        ),
        // The certificate of `*.s3.….amazonaws.com` does not match names with dots.
        (
            None,
            "eu-west-1",
            "my.media",
            "https://s3.eu-west-1.amazonaws.com/my.media/k",
        ),
        (
            Some("http://127.0.0.1:9000"),
            "us-east-1",
            "media",
            "http://127.0.0.1:9000/media/k",
        ),
        (
            Some("https://s3.example.org/base/"),
            "us-east-1",
            "media",
            "https://s3.example.org/base/media/k",
        ),
    ] {
        assert_eq!(url_of(endpoint, region, bucket, "k").await, url);
    }
}

#[tokio::test]
async fn a_key_stands_in_the_url_byte_for_byte() {
    for (key, path) in [
        ("a//b", "a//b"),
        ("../x", "../x"),
        ("/a", "/a"),
        (" ", "%20"),
        ("a+b%2B?#\u{1}é", "a%2Bb%252B%3F%23%01%C3%A9"),
    ] {
        let url = url_of(None, "us-east-1", "media", key).await;
        assert_eq!(
            url,
            format!("https://media.s3.us-east-1.amazonaws.com/{path}")
        );
    }
}

#[tokio::test]
async fn a_session_token_goes_into_the_url_and_into_the_policy() {
    let bucket = BucketName::new("examplebucket").unwrap();
    let aws = aws(None, "us-east-1", Some("tok/en==")).await;
    let with = aws.signer(&bucket, None).await.unwrap();
    let signed = with.sign(&get("k", 60), Utc::now(), None).unwrap();
    assert!(signed.url.contains("X-Amz-Security-Token=tok%2Fen%3D%3D"));
    assert!(signed.temporary);
    let form = PresignRequest {
        action: Action::Post(Box::default()),
        ..get("k", 60)
    };
    let signed = with.sign(&form, Utc::now(), None).unwrap();
    let token = ("x-amz-security-token".to_owned(), "tok/en==".to_owned());
    assert!(signed.fields.contains(&token));
    assert!(signed.policy.unwrap().contains("tok/en=="));
}

#[test]
fn exactly_the_headers_that_have_to_be_sent_are_signed() {
    let request = PresignRequest {
        action: Action::Put(Box::new(Upload {
            content_type: Some("image/png".to_owned()),
            length: Some(7),
            ..Upload::default()
        })),
        ..get("k", 60)
    };
    let signed = example_signer("https://h")
        .sign(&request, Utc::now(), None)
        .unwrap();
    assert!(
        signed
            .url
            .contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&")
    );
    let names: Vec<&str> = signed
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["content-length", "content-type"]);
}

#[test]
fn a_form_sends_its_key_first_and_its_signature_last() {
    let request = PresignRequest {
        action: Action::Post(Box::new(Form {
            size: Some(SizeRange { min: 0, max: 9 }),
            ..Form::default()
        })),
        ..get("u/${filename}", 60)
    };
    let signed = example_signer("https://h")
        .sign(&request, Utc::now(), None)
        .unwrap();
    assert_eq!(signed.url, "https://h/");
    assert_eq!(signed.fields.first().unwrap().0, "key");
    assert_eq!(signed.fields.last().unwrap().0, "x-amz-signature");
    let policy = signed.policy.unwrap();
    assert!(
        policy.contains(r#"["starts-with","$key","u/"]"#),
        "{policy}"
    );
    assert!(
        policy.contains(r#"["content-length-range",0,9]"#),
        "{policy}"
    );
}

#[test]
fn only_a_permit_signs_a_delete() {
    let request = PresignRequest {
        action: Action::Delete(None),
        ..get("k", 60)
    };
    let with = example_signer("https://h");
    assert_eq!(
        with.sign(&request, Utc::now(), None),
        Err(SignError::ReadOnly)
    );
    let permit = WriteMode::from_flag(true).permit();
    assert!(with.sign(&request, Utc::now(), permit.as_ref()).is_ok());
}

#[test]
fn a_url_ends_with_the_credentials_that_signed_it() {
    let now = at("2026-01-01T00:00:00.7Z");
    let end = at("2026-01-01T00:10:00Z");
    let with = Signer {
        credentials: Credentials::new(KEY_ID, SECRET, Some("t".into()), Some(end.into()), "test"),
        ..example_signer("https://h")
    };
    let long = with.sign(&get("k", 3600), now, None).unwrap();
    assert_eq!(long.expires_at, end);
    assert!(long.ends_with_credentials());
    let short = with.sign(&get("k", 60), now, None).unwrap();
    assert_eq!(short.expires_at, at("2026-01-01T00:01:00Z"));
    assert!(!short.ends_with_credentials());
}

#[test]
fn nothing_that_shows_a_signer_or_its_work_shows_a_secret() {
    let with = example_signer("https://h");
    let signed = with.sign(&get("k", 60), Utc::now(), None).unwrap();
    let shown = format!("{with:?} {signed:?}");
    let signature = signed.url.split("X-Amz-Signature=").nth(1).unwrap();
    for secret in [SECRET, KEY_ID, signature] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
