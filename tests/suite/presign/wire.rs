//! What is signed works, and what breaks the rules that were signed does not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use s3warden::facade::aws::raw::{RawAnswer, RawClient, RawRequest, RawTimeouts};
use s3warden::facade::aws::{
    Aws, ConnectOptions, Signer, StaticCredentials, WriteMode, WritePermit,
};
use s3warden::facade::domain::presign::Signed;
use s3warden::facade::domain::presign::multipart::multipart;
use s3warden::facade::domain::presign::{
    Action, Download, Form, ObjectSettings, Overrides, PresignRequest, SizeRange, Sse, Success,
    TypeRule, Upload,
};
use s3warden::facade::domain::{BucketName, ObjectKey};
use s3warden::facade::ops::presign::{self, Signing};
use s3warden::facade::sandbox::Sandbox;

use crate::cli::support::{bucket, options};

struct Rig {
    _sandbox: Sandbox,
    signer: Signer,
    client: RawClient,
    permit: WritePermit,
}

fn media() -> BucketName {
    BucketName::new("media").unwrap()
}

fn request(key: &str, action: Action) -> PresignRequest {
    PresignRequest {
        bucket: media(),
        key: ObjectKey::new(key).unwrap(),
        expires: Duration::from_mins(5),
        action,
    }
}

fn put(upload: Upload) -> Action {
    Action::Put(Box::new(upload))
}

fn get() -> Action {
    Action::Get(Download::default())
}

impl Rig {
    async fn start() -> Self {
        let sandbox = Sandbox::start(options(vec![bucket::<&str>("media", [])]))
            .await
            .unwrap();
        let aws = Aws::connect(ConnectOptions {
            endpoint_url: Some(sandbox.endpoint_url()),
            region: Some(sandbox.region().to_owned()),
            credentials: Some(StaticCredentials {
                access_key: sandbox.access_key().to_owned(),
                secret_key: sandbox.secret_key().to_owned(),
                session_token: None,
            }),
            ..ConnectOptions::default()
        })
        .await
        .unwrap();
        Self {
            signer: presign::signer(&aws, &media(), Signing::default())
                .await
                .unwrap(),
            client: RawClient::new(RawTimeouts::default()).unwrap(),
            permit: WriteMode::from_flag(true).permit().unwrap(),
            _sandbox: sandbox,
        }
    }

    fn sign_at(&self, request: &PresignRequest, at: DateTime<Utc>) -> Signed {
        self.signer.sign(request, at, Some(&self.permit)).unwrap()
    }

    fn sign(&self, key: &str, action: Action) -> Signed {
        self.sign_at(&request(key, action), Utc::now())
    }

    async fn send(&self, signed: &Signed, body: &[u8]) -> RawAnswer {
        self.send_to(&signed.url.clone(), signed, &signed.headers, body)
            .await
    }

    async fn send_to(
        &self,
        url: &str,
        signed: &Signed,
        headers: &[(String, String)],
        body: &[u8],
    ) -> RawAnswer {
        let mut request = RawRequest::new(signed.method().http(), url).body(body.to_vec());
        request.headers = headers.to_vec();
        self.client.send(request, Some(&self.permit)).await.unwrap()
    }

    async fn post(&self, signed: &Signed, content: &[u8]) -> RawAnswer {
        self.post_fields(signed, &signed.fields, content).await
    }

    async fn post_fields(
        &self,
        signed: &Signed,
        fields: &[(String, String)],
        content: &[u8],
    ) -> RawAnswer {
        let (content_type, body) = multipart(fields, "cat.jpg", content, "a7f3c0d951e84b26");
        let request = RawRequest::new("POST", &signed.url)
            .header("content-type", &content_type)
            .body(body);
        self.client.send(request, Some(&self.permit)).await.unwrap()
    }

    async fn content(&self, key: &str) -> Vec<u8> {
        let answer = self.send(&self.sign(key, get()), b"").await;
        assert_eq!(answer.status, 200, "{key}: {answer:?}");
        answer.body.to_vec()
    }
}

fn code(answer: &RawAnswer) -> String {
    answer
        .error_code()
        .unwrap_or_else(|| panic!("this had to be refused: {answer:?}"))
}

#[tokio::test]
async fn every_method_does_what_it_says_to_keys_that_trip_careless_code() {
    let rig = Rig::start().await;
    for key in [
        "plain.txt",
        "a//b",
        "../x",
        "./x",
        "/begins",
        "ends/",
        "a+b c%20?#&=;",
        "größe/👩‍👧.png",
        "\u{1}control",
        " ",
    ] {
        let content = format!("content of {key}");
        let answer = rig
            .send(&rig.sign(key, put(Upload::default())), content.as_bytes())
            .await;
        assert_eq!(answer.status, 200, "PUT {key:?}: {answer:?}");
        assert_eq!(rig.content(key).await, content.as_bytes(), "{key:?}");
        let head = rig.send(&rig.sign(key, Action::Head(None)), b"").await;
        let length = content.len().to_string();
        assert_eq!(
            head.header("content-length"),
            Some(length.as_str()),
            "{key:?}"
        );
        let deleted = rig.send(&rig.sign(key, Action::Delete(None)), b"").await;
        assert_eq!(deleted.status, 204, "DELETE {key:?}: {deleted:?}");
        let gone = rig.send(&rig.sign(key, get()), b"").await;
        assert_eq!(code(&gone), "NoSuchKey", "{key:?}");
    }
}

#[tokio::test]
async fn an_upload_has_to_send_what_was_signed() {
    let rig = Rig::start().await;
    let signed = rig.sign(
        "k",
        put(Upload {
            content_type: Some("image/png".to_owned()),
            length: Some(5),
            object: ObjectSettings {
                sse: Some(Sse::S3),
                metadata: [("Channel-Id".to_owned(), "7".to_owned())].into(),
                ..ObjectSettings::default()
            },
        }),
    );
    let changed = |name: &str, value: &str| -> Vec<(String, String)> {
        let mut headers = signed.headers.clone();
        let header = headers.iter_mut().find(|(found, _)| found == name).unwrap();
        header.1 = value.to_owned();
        headers
    };
    for (headers, body) in [
        (changed("content-type", "text/html"), "12345"),
        (changed("content-length", "6"), "123456"),
        (changed("x-amz-meta-channel-id", "8"), "12345"),
        (
            signed
                .headers
                .iter()
                .filter(|(n, _)| n != "x-amz-server-side-encryption")
                .cloned()
                .collect(),
            "12345",
        ),
    ] {
        let answer = rig
            .send_to(&signed.url, &signed, &headers, body.as_bytes())
            .await;
        assert_eq!(answer.status, 403, "{headers:?}: {answer:?}");
    }
    assert_eq!(rig.send(&signed, b"12345").await.status, 200);
    let head = rig.send(&rig.sign("k", Action::Head(None)), b"").await;
    assert_eq!(head.header("content-type"), Some("image/png"));
    assert_eq!(head.header("x-amz-meta-channel-id"), Some("7"));
    assert_eq!(head.header("x-amz-server-side-encryption"), Some("AES256"));
}

#[tokio::test]
async fn a_url_that_was_altered_or_has_ended_is_refused() {
    let rig = Rig::start().await;
    let signed = rig.sign("k", put(Upload::default()));
    assert_eq!(rig.send(&signed, b"x").await.status, 200);
    let got = rig.sign("k", get());
    let (before, last) = got.url.split_at(got.url.len() - 1);
    let other = if last == "0" { "1" } else { "0" };
    for url in [
        got.url.replace("/media/k?", "/media/l?"),
        got.url.replace("Expires=300", "Expires=301"),
        format!("{before}{other}"),
    ] {
        let answer = rig.send_to(&url, &got, &[], b"").await;
        assert_eq!(code(&answer), "SignatureDoesNotMatch", "{url}");
    }
    let old = rig.sign_at(&request("k", get()), Utc::now() - TimeDelta::minutes(6));
    let answer = rig.send(&old, b"").await;
    assert_eq!(code(&answer), "AccessDenied");
    assert!(
        answer.error_element("Message").unwrap().contains("expired"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_download_says_what_its_answer_is_to_say() {
    let rig = Rig::start().await;
    rig.send(&rig.sign("k", put(Upload::default())), b"x").await;
    let overrides = Overrides {
        content_type: Some("text/plain; charset=utf-8".to_owned()),
        content_disposition: Some("attachment; filename=\"a b+é.txt\"".replace('é', "e")),
        ..Overrides::default()
    };
    let action = Action::Get(Download {
        version: None,
        overrides: overrides.clone(),
    });
    let answer = rig.send(&rig.sign("k", action), b"").await;
    assert_eq!(
        answer.header("content-type"),
        overrides.content_type.as_deref()
    );
    assert_eq!(
        answer.header("content-disposition"),
        overrides.content_disposition.as_deref()
    );
}

fn form() -> Form {
    Form {
        content_type: Some(TypeRule::Exact("image/jpeg".to_owned())),
        size: Some(SizeRange { min: 2, max: 5 }),
        success: Some(Success::Status(201)),
        object: ObjectSettings {
            metadata: [("channel".to_owned(), "größe".to_owned())].into(),
            ..ObjectSettings::default()
        },
    }
}

#[tokio::test]
async fn a_form_takes_what_its_policy_says_and_nothing_else() {
    let rig = Rig::start().await;
    let signed = rig.sign("in/é.jpg", Action::Post(Box::new(form())));
    let taken = rig.post(&signed, b"12345").await;
    assert_eq!(taken.status, 201, "{taken:?}");
    assert_eq!(rig.content("in/é.jpg").await, b"12345");

    for content in [&b"1"[..], b"123456"] {
        let answer = rig.post(&signed, content).await;
        let wanted = if content.len() > 5 {
            "EntityTooLarge"
        } else {
            "EntityTooSmall"
        };
        assert_eq!(code(&answer), wanted);
    }
    let with = |name: &str, value: &str| -> Vec<(String, String)> {
        let mut fields = signed.fields.clone();
        let field = fields.iter_mut().find(|(found, _)| found == name).unwrap();
        field.1 = value.to_owned();
        fields
    };
    for fields in [
        with("key", "out/x.jpg"),
        with("Content-Type", "text/html"),
        with("x-amz-meta-channel", "other"),
        with("x-amz-signature", &"0".repeat(64)),
    ] {
        let answer = rig.post_fields(&signed, &fields, b"12345").await;
        assert!((400..=403).contains(&answer.status), "{answer:?}");
    }
}

#[tokio::test]
async fn a_forms_key_may_end_with_the_name_of_the_file_and_nothing_else_may_differ() {
    let rig = Rig::start().await;
    let signed = rig.sign("in/user-1/${filename}", Action::Post(Box::default()));
    let fields: Vec<(String, String)> = signed
        .fields
        .iter()
        .map(|(name, value)| (name.clone(), value.replace("${filename}", "own.jpg")))
        .collect();
    assert_eq!(rig.post_fields(&signed, &fields, b"x").await.status, 204);
    assert_eq!(rig.content("in/user-1/own.jpg").await, b"x");
    let elsewhere: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| (name.clone(), value.replace("in/user-1/", "in/user-2/")))
        .collect();
    let answer = rig.post_fields(&signed, &elsewhere, b"x").await;
    assert!((400..=403).contains(&answer.status), "{answer:?}");
}
