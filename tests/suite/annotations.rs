//! Annotations of objects: counted, kept by a quarantine, erased with their object, and unknown where nobody answers.

use std::collections::BTreeMap;

use aws_sdk_s3::types::AnnotationDirective;
use s3warden::facade::aws::ProblemKind;
use s3warden::facade::domain::ObjectKey;
use s3warden::facade::ops::{Fact, Meter, inspect};
use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::{SeedKind, SeedObject, WorldBucket};

use crate::cli::support::{Endpoint, bucket, options, seed};
use crate::ops::stub::{Answer, Stub};
use crate::ops::world::{name, sandbox, sandbox_with};
use crate::orphans::support::{UPLOADS, document, program, uploads};
use crate::quarantine::command::confirmed;
use crate::sandbox::support as wire;

fn annotated(texts: &[(&str, &str)]) -> SeedObject {
    let annotations = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    SeedObject {
        size: 3,
        body: Some("abc".into()),
        annotations: annotations.collect(),
        ..SeedObject::default()
    }
}

const TWO: [(&str, &str); 2] = [("labels", "{\"cat\":0.9}"), ("übersicht <1>", "text")];

/// A bucket with an object that has two annotations and one that has none.
fn media() -> WorldBucket {
    let mut media = bucket("media", ["plain"]);
    media
        .versions
        .push(seed("noted", SeedKind::Object(Box::new(annotated(&TWO)))));
    media
}

fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key).unwrap()
}

#[tokio::test]
async fn the_detail_of_an_object_lists_its_annotations_or_says_why_not() {
    let (_sandbox, aws) = sandbox(vec![media()]).await;
    let meter = Meter::new();
    let noted = inspect::object(&aws, &name("media"), &key("noted"), None, &meter).await;
    let Fact::Set(found) = noted.annotations else {
        panic!("{noted:?}");
    };
    let named: Vec<(&str, u64)> = found
        .iter()
        .map(|one| (one.name.as_str(), one.size.bytes()))
        .collect();
    assert_eq!(named, [("labels", 11), ("übersicht <1>", 4)]);
    assert!(found.iter().all(|one| one.etag.is_some()));
    let plain = inspect::object(&aws, &name("media"), &key("plain"), None, &meter).await;
    assert_eq!(plain.annotations, Fact::NotSet);

    let denied = SandboxOptions {
        denied: vec!["s3:ListObjectAnnotations".to_owned()],
        ..SandboxOptions::default()
    };
    let (_sandbox, aws) = sandbox_with(denied, vec![media()]).await;
    let noted = inspect::object(&aws, &name("media"), &key("noted"), None, &meter).await;
    let problem = noted.annotations.problem().unwrap();
    assert_eq!(problem.kind, ProblemKind::Denied);
    assert_eq!(problem.permission, Some("s3:ListObjectAnnotations"));
}

#[tokio::test]
async fn a_server_that_sends_the_object_instead_does_not_have_annotations() {
    for answer in [
        Answer::Http(206, "content-type: image/jpeg\r\n", "not xml".to_owned()),
        Answer::error(501, "NotImplemented", "no"),
        Answer::xml(200, "<ListBucketResult></ListBucketResult>"),
    ] {
        let stub = Stub::start(vec![answer; 16]).await;
        let aws = stub.connect().await;
        let meter = Meter::new();
        let detail = inspect::object(&aws, &name("media"), &key("a"), None, &meter).await;
        let problem = detail.annotations.problem().unwrap();
        assert_eq!(problem.kind, ProblemKind::NotSupported, "{problem}");
    }
}

#[tokio::test]
async fn s3_copies_annotations_unless_it_is_asked_not_to() {
    let running = wire::start(vec![wire::bucket("media")]).await;
    let s3 = &running.s3;
    wire::put(s3, "media", "a", "abc").await;
    s3.put_object_annotation()
        .bucket("media")
        .key("a")
        .annotation_name("labels")
        .annotation_payload(b"{}".to_vec().into())
        .send()
        .await
        .unwrap();
    let copy = |to: &str, directive| {
        s3.copy_object()
            .bucket("media")
            .key(to)
            .copy_source("media/a")
            .set_annotation_directive(directive)
            .send()
    };
    copy("with", None).await.unwrap();
    copy("without", Some(AnnotationDirective::Exclude))
        .await
        .unwrap();
    let names = |key: &'static str| async move {
        let answer = s3.list_object_annotations().bucket("media").key(key);
        let answer = answer.send().await.unwrap();
        answer
            .annotations()
            .iter()
            .map(|one| one.annotation_name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("with").await, ["labels"]);
    assert_eq!(names("without").await, Vec::<String>::new());
    let deleted = s3.delete_object_annotation().bucket("media").key("with");
    deleted.annotation_name("labels").send().await.unwrap();
    assert_eq!(names("with").await, Vec::<String>::new());
}

/// Annotations of the document of `user-1`, under its own key or in quarantine: which key, and their names.
fn kept(endpoint: &Endpoint) -> BTreeMap<String, Vec<String>> {
    let own = document("user-1", "a.pdf");
    let aside = format!("s3warden-quarantine/{own}");
    let store = endpoint.sandbox.store();
    let kept = store.read(UPLOADS, |bucket| {
        let found = [own, aside].into_iter().filter_map(|key| {
            let version = bucket.keys.current(&key)?;
            let names: Vec<String> = version.object()?.annotations.keys().cloned().collect();
            (!names.is_empty()).then_some((key, names))
        });
        Ok(found.collect())
    });
    kept.unwrap()
}

fn with_annotations() -> WorldBucket {
    let mut uploads = uploads();
    let gone = document("user-1", "a.pdf");
    uploads.versions.retain(|version| version.key != gone);
    uploads
        .versions
        .push(seed(&gone, SeedKind::Object(Box::new(annotated(&TWO)))));
    uploads
}

#[test]
fn a_quarantine_by_copy_keeps_annotations_there_and_back() {
    let endpoint = Endpoint::serving(vec![with_annotations()]);
    let program = program(&endpoint);
    let before = kept(&endpoint);
    assert_eq!(before.len(), 1);
    let aside = confirmed(&program, 1, &["--act", "quarantine", "--by", "copy"]);
    assert_eq!(aside.status, 0, "{aside:#?}");
    let held = kept(&endpoint);
    assert_eq!(held.len(), 1);
    assert!(
        held.keys()
            .all(|key| key.starts_with("s3warden-quarantine/"))
    );
    assert_eq!(held.values().next(), before.values().next());
    let back = confirmed(&program, 1, &["--act", "restore", "--by", "copy"]);
    assert_eq!(back.status, 0, "{back:#?}");
    assert_eq!(kept(&endpoint), before);
}

#[test]
fn what_may_lose_annotations_is_not_copied() {
    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:ListObjectAnnotations".to_owned()],
        ..options(vec![with_annotations()])
    });
    let program = program(&endpoint);
    let before = kept(&endpoint);
    let aside = confirmed(&program, 1, &["--act", "quarantine", "--by", "copy"]);
    assert_eq!(aside.status, 3, "{aside:#?}");
    let all = format!("{}{}", aside.out, aside.err);
    assert!(all.contains("s3:ListObjectAnnotations"), "{all}");
    assert_eq!(kept(&endpoint), before);
}

#[test]
fn a_purge_counts_the_annotations_that_go_and_the_receipt_names_them() {
    let endpoint = Endpoint::serving(vec![with_annotations()]);
    let program = endpoint.program();
    let purge = ["purge", "user-1", "--blueprint", "pilotforce"];
    let planned = program.run(&purge);
    // The other buckets of the blueprint are not there.
    assert_eq!(planned.status, 3, "{planned:#?}");
    let words = "2 annotations (15 B) of 1 version go with their objects";
    assert!(planned.err.contains(words), "{}", planned.err);
    let execute = [
        "--write",
        "--execute",
        "--confirm",
        "user-1",
        "--format",
        "json",
    ];
    let done = program.run(&[&purge[..], &execute].concat()).json(3);
    assert!(kept(&endpoint).is_empty());
    let receipt = done["summary"]["receipt"].as_str().unwrap();
    let verified = program.run(&["receipt", "verify", receipt]);
    assert_eq!(verified.status, 0, "{verified:#?}");
    let text = std::fs::read_to_string(receipt).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        receipt["annotations"],
        serde_json::json!({ "asked": 1, "unknown": 0, "annotations": 2, "bytes": 15 })
    );
    let page = done["summary"]["receipt_page"].as_str().unwrap();
    assert!(std::fs::read_to_string(page).unwrap().contains(words));
}

#[test]
fn a_large_plan_asks_for_no_annotations_unless_it_is_told_to() {
    let mut uploads = uploads();
    for n in 0..120 {
        let key = document("user-1", &format!("{n}.pdf"));
        let object = if n == 7 {
            annotated(&TWO)
        } else {
            annotated(&[])
        };
        uploads
            .versions
            .push(seed(&key, SeedKind::Object(Box::new(object))));
    }
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = endpoint.program();
    let purge = ["purge", "user-1", "--blueprint", "pilotforce"];
    let planned = program.run(&purge);
    let requests = endpoint.sandbox.requests();
    assert_eq!(requests.of("ListObjectAnnotations"), 0);
    assert!(
        planned
            .err
            .contains("annotations 121 versions have is not known"),
        "{}",
        planned.err
    );
    assert!(
        planned.err.contains("--count-annotations"),
        "{}",
        planned.err
    );
    let counted = program.run(&[&purge[..], &["--count-annotations"]].concat());
    assert_eq!(requests.of("ListObjectAnnotations"), 121);
    assert!(
        counted.err.contains("2 annotations (15 B) of 121 versions"),
        "{}",
        counted.err
    );
}

#[test]
fn state_counts_annotations_of_a_few_objects_and_an_audit_none() {
    let endpoint = Endpoint::serving(vec![media()]);
    let program = endpoint.program();
    let state = program.run(&["state", "media", "--format", "json"]).json(0);
    let items = state["items"].as_array().unwrap();
    let row = items.iter().find(|row| row["concern"] == "annotations");
    // One of each layout and class: without a blueprint that is one of all.
    assert_eq!(row.unwrap()["value"]["objects"], 1);
    let requests = endpoint.sandbox.requests();
    assert_eq!(requests.of("ListObjectAnnotations"), 1);
    program.run(&["audit", "media"]);
    assert_eq!(requests.of("ListObjectAnnotations"), 1);

    let endpoint = Endpoint::with(SandboxOptions {
        denied: vec!["s3:ListObjectAnnotations".to_owned()],
        ..options(vec![media()])
    });
    let state = endpoint
        .program()
        .run(&["state", "media", "--format", "json"])
        .json(0);
    let items = state["items"].as_array().unwrap();
    let row = items.iter().find(|row| row["concern"] == "annotations");
    let row = row.unwrap();
    assert_eq!(
        (&row["state"], row["value"].is_null()),
        (&"unknown".into(), true)
    );
}

#[test]
fn orphans_that_are_deleted_have_their_annotations_counted_and_the_receipt_names_them() {
    let endpoint = Endpoint::serving(vec![with_annotations()]);
    let program = program(&endpoint);
    let done = confirmed(&program, 1, &["--act", "delete"]);
    assert_eq!(done.status, 0, "{done:#?}");
    let words = "2 annotations (15 B) of 1 version go with their objects";
    assert!(done.err.contains(words), "{}", done.err);
    assert!(kept(&endpoint).is_empty());
    let document: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    let receipt = document["summary"]["receipt"].as_str().unwrap();
    let verified = program.run(&["receipt", "verify", receipt]);
    assert_eq!(verified.status, 0, "{verified:#?}");
    let text = std::fs::read_to_string(receipt).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        receipt["annotations"],
        serde_json::json!({ "asked": 1, "unknown": 0, "annotations": 2, "bytes": 15 })
    );
    // What is put aside loses none, so that nothing is counted.
    let wrong = program.run(&[
        "orphans",
        UPLOADS,
        "--act",
        "quarantine",
        "--count-annotations",
        "--blueprint",
        "pilotforce",
    ]);
    assert_eq!(wrong.status, 2, "{wrong:#?}");
}

#[test]
fn a_purge_of_many_users_counts_annotations_of_each_as_a_single_one_does() {
    let mut uploads = uploads();
    for n in 0..120 {
        let key = document("user-1", &format!("{n}.pdf"));
        let object = if n == 7 {
            annotated(&TWO)
        } else {
            annotated(&[])
        };
        uploads
            .versions
            .push(seed(&key, SeedKind::Object(Box::new(object))));
    }
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = endpoint.program();
    program.write("requests.csv", "id\nuser-1\n");
    let from = [
        "purge",
        "--from",
        "requests.csv",
        "--blueprint",
        "pilotforce",
        "--format",
        "json",
    ];
    let requests = endpoint.sandbox.requests();
    let planned = program.run(&from);
    let document: serde_json::Value = serde_json::from_str(&planned.out).unwrap();
    assert_eq!(requests.of("ListObjectAnnotations"), 0);
    assert_eq!(document["summary"]["annotations"]["unknown"], 121);
    assert!(
        planned.err.contains("--count-annotations"),
        "{}",
        planned.err
    );
    let counted = program.run(&[&from[..], &["--count-annotations"]].concat());
    let document: serde_json::Value = serde_json::from_str(&counted.out).unwrap();
    assert_eq!(requests.of("ListObjectAnnotations"), 121);
    assert_eq!(
        document["summary"]["annotations"],
        serde_json::json!({ "asked": 121, "unknown": 0, "annotations": 2, "bytes": 15 })
    );
}
