//! Uploads by a form with a signed policy.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use s3warden::facade::aws::{Aws, ConnectOptions, Signer, StaticCredentials};
use s3warden::facade::domain::presign::{
    Action, Form, ObjectSettings, PresignRequest, Signed, SizeRange, Success, TypeRule,
};
use s3warden::facade::domain::{BucketName, ObjectKey};
use s3warden::facade::sandbox::{Defect, Sandbox, SandboxOptions};

use super::support::{Raw, client, options, send, start};

pub async fn signer(sandbox: &Sandbox, bucket: &str) -> Signer {
    let aws = Aws::connect(ConnectOptions {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(sandbox.endpoint_url()),
        credentials: Some(StaticCredentials {
            access_key: sandbox.access_key().to_owned(),
            secret_key: sandbox.secret_key().to_owned(),
            session_token: None,
        }),
        ..ConnectOptions::default()
    });
    let bucket = BucketName::new(bucket).unwrap();
    aws.await.unwrap().signer(&bucket, None).await.unwrap()
}

fn request(key: &str, form: Form) -> PresignRequest {
    PresignRequest {
        bucket: BucketName::new("media").unwrap(),
        key: ObjectKey::new(key).unwrap(),
        expires: Duration::from_mins(15),
        action: Action::Post(Box::new(form)),
    }
}

/// A form for one picture of 2 to 10 bytes.
fn picture() -> Form {
    Form {
        content_type: Some(TypeRule::Exact("image/png".to_owned())),
        size: Some(SizeRange { min: 2, max: 10 }),
        success: Some(Success::Status(201)),
        ..Form::default()
    }
}

async fn post(sandbox: &Sandbox, fields: &[(String, String)], name: &str, file: &str) -> Raw {
    let mut body = String::new();
    for (field, value) in fields {
        write!(
            body,
            "--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
        )
        .unwrap();
    }
    write!(
        body,
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: x/y\r\n\r\n{file}\r\n--b--\r\n"
    )
    .unwrap();
    let content_type = [("Content-Type", "multipart/form-data; boundary=b")];
    send(sandbox, "POST", "/media/", &content_type, &body).await
}

async fn signed(sandbox: &Sandbox, key: &str, form: Form) -> Signed {
    let signer = signer(sandbox, "media").await;
    signer.sign(&request(key, form), Utc::now(), None).unwrap()
}

#[tokio::test]
async fn a_form_that_keeps_its_policy_writes_an_object_with_all_that_it_says() {
    let sandbox = start().await;
    let form = Form {
        object: ObjectSettings {
            metadata: [("camera".to_owned(), "X100".to_owned())].into(),
            ..ObjectSettings::default()
        },
        ..picture()
    };
    let signed = signed(&sandbox, "new/${filename}", form).await;
    let answer = post(&sandbox, &signed.fields, "C:\\pictures\\a b.png", "12345").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.body.contains("<Key>new/a b.png</Key>"), "{answer:?}");
    let written = client(&sandbox)
        .get_object()
        .bucket("media")
        .key("new/a b.png");
    let written = written.send().await.unwrap();
    assert_eq!(written.content_type(), Some("image/png"));
    assert_eq!(written.metadata().unwrap()["camera"], "X100");
    assert_eq!(written.body.collect().await.unwrap().to_vec(), b"12345");
}

#[tokio::test]
async fn a_form_that_breaks_its_policy_is_refused_with_the_condition() {
    let sandbox = start().await;
    let signed = signed(&sandbox, "new/a.png", picture()).await;
    let change = |name: &str, value: &str| {
        let mut fields = signed.fields.clone();
        match fields.iter_mut().find(|(found, _)| found == name) {
            Some(field) => value.clone_into(&mut field.1),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
        fields
    };
    for (fields, file, status, code, words) in [
        (
            change("key", "new/b.png"),
            "12345",
            403,
            "AccessDenied",
            "[\"eq\", \"$key\"",
        ),
        (
            change("Content-Type", "text/html"),
            "12345",
            403,
            "AccessDenied",
            "$content-type",
        ),
        (
            change("acl", "public-read"),
            "12345",
            403,
            "AccessDenied",
            "Extra input fields: acl",
        ),
        (
            change("key", "new/a.png"),
            "12345678901",
            400,
            "EntityTooLarge",
            "<MaxSizeAllowed>10<",
        ),
        (
            change("key", "new/a.png"),
            "1",
            400,
            "EntityTooSmall",
            "<MinSizeAllowed>2<",
        ),
        (
            change("x-amz-signature", "0"),
            "12345",
            403,
            "SignatureDoesNotMatch",
            "signature",
        ),
        (
            change("policy", "e30="),
            "12345",
            403,
            "SignatureDoesNotMatch",
            "signature",
        ),
    ] {
        let answer = post(&sandbox, &fields, "f", file).await;
        assert_eq!(answer.status, status, "{words}: {answer:?}");
        assert!(
            answer.body.contains(&format!("<Code>{code}</Code>")),
            "{answer:?}"
        );
        let body = answer.body.replace("&quot;", "\"");
        assert!(body.contains(words), "{words}: {answer:?}");
    }
    let left = client(&sandbox)
        .list_objects_v2()
        .bucket("media")
        .prefix("new/");
    assert_eq!(left.send().await.unwrap().key_count(), Some(0));
}

#[tokio::test]
async fn a_form_is_good_until_its_policy_says_and_no_longer() {
    let sandbox = start().await;
    let signer = signer(&sandbox, "media").await;
    for (age, lasts, status) in [(20, 60, 201), (61, 60, 403)] {
        let mut request = request("new/a.png", picture());
        request.expires = Duration::from_mins(lasts);
        let at = Utc::now() - TimeDelta::minutes(age);
        let form = signer.sign(&request, at, None).unwrap();
        let answer = post(&sandbox, &form.fields, "f", "12345").await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.body.contains("Policy expired."), status == 403);
    }
}

#[tokio::test]
async fn a_form_can_ask_for_a_redirect() {
    let sandbox = start().await;
    let form = Form {
        success: Some(Success::Redirect("https://app.example/done?a=1".to_owned())),
        ..Form::default()
    };
    let signed = signed(&sandbox, "new/a.png", form).await;
    let answer = post(&sandbox, &signed.fields, "f", "12345").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let to = answer.header("location").unwrap();
    assert!(
        to.starts_with("https://app.example/done?a=1&bucket=media&key=new%2Fa%2Epng&etag="),
        "{to}"
    );
}

#[tokio::test]
async fn an_endpoint_that_looks_away_takes_any_form() {
    let sandbox = Sandbox::start(SandboxOptions {
        defects: vec![Defect::AnyForm],
        ..options()
    })
    .await
    .unwrap();
    let signed = signed(&sandbox, "new/a.png", picture()).await;
    let answer = post(&sandbox, &signed.fields, "f", "123456789012345").await;
    assert_eq!(answer.status, 201, "{answer:?}");
}
