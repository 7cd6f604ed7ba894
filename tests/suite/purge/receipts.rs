//! What is left to show for a purge, and what stands beside it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cli::support::{Endpoint, Program, Ran};

fn endpoint() -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin("game").unwrap()],
        ..SandboxOptions::default()
    })
}

fn purge(program: &Program, more: &[&str]) -> Ran {
    let execute = ["purge", "user-1", "--blueprint", "game", "--format", "json"];
    let confirmed = ["--write", "--execute", "--confirm", "user-1"];
    program.run(&[&execute[..], &confirmed, more].concat())
}

fn receipt_of(document: &Value) -> (String, Value) {
    let file = document["summary"]["receipt"].as_str().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    (file.to_owned(), serde_json::from_str(&text).unwrap())
}

#[test]
fn the_paths_to_invalidate_stand_in_a_file_of_their_own_that_the_receipt_names() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let document = purge(&program, &[]).json(0);
    let (file, receipt) = receipt_of(&document);
    let named = &receipt["invalidation"];
    let beside = Path::new(&file).with_file_name(named["file"].as_str().unwrap());
    let text = std::fs::read_to_string(&beside).unwrap();
    let mode = beside.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let sha256 = s3warden::facade::domain::change::plan::hex(&Sha256::digest(text.as_bytes()));
    assert_eq!(named["sha256"], sha256);
    let paths: Value = serde_json::from_str(&text).unwrap();
    let pictures = &paths["buckets"]["elimination-profile-pictures"];
    assert_eq!(pictures["cdn"], "stated");
    assert_eq!(pictures["paths"], serde_json::json!(["/profiles/user-1/*"]));
    let verifications = &paths["buckets"]["elimination-verifications"];
    assert_eq!(verifications["cdn"], "not-stated");
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(!whole.contains("user-1"), "{whole}");
    let page = document["summary"]["receipt_page"].as_str().unwrap();
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("paths that a CDN may still answer"), "{page}");
    assert!(!page.contains("user-1"), "{page}");
}

#[test]
fn the_id_stands_in_the_receipt_where_it_is_asked_for_and_nowhere_else() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let document = purge(&program, &["--subject-as-given"]).json(0);
    let (_, receipt) = receipt_of(&document);
    assert_eq!(receipt["subject_as_given"], "user-1");
}

#[test]
fn a_copy_of_the_receipt_is_stored_read_back_and_the_same() {
    let endpoint = endpoint();
    let to = "s3://elimination-access-logs/receipts/";
    let program = endpoint.program();
    let ran = purge(&program, &["--receipt-to", to]);
    assert!(ran.err.contains("read back and the same"), "{ran:#?}");
    let (file, receipt) = receipt_of(&ran.json(0));
    let key = format!("receipts/{}.json", receipt["case"].as_str().unwrap());
    let stored = endpoint
        .sandbox
        .store()
        .read("elimination-access-logs", |bucket| {
            let version = bucket.keys.current(&key).unwrap();
            Ok(version.object().unwrap().body.length())
        });
    let length = std::fs::metadata(file).unwrap().len();
    assert_eq!(stored.unwrap(), length);
}

#[test]
fn a_receipt_does_not_go_where_users_media_are() {
    let endpoint = endpoint();
    let to = "s3://elimination-profile-pictures/receipts/";
    let ran = purge(&endpoint.program(), &["--receipt-to", to]);
    assert_eq!(ran.status, 4, "{ran:#?}");
    assert!(ran.err.contains("orphan"), "{ran:#?}");
    assert_eq!(endpoint.sandbox.requests().non_read(), [""; 0]);
}

#[test]
fn a_copy_that_cannot_be_stored_is_a_failure_and_the_receipt_is_safe() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let ran = purge(&program, &["--receipt-to", "s3://no-such-bucket-here"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.err.contains("the receipt itself is safe"), "{ran:#?}");
    let (file, _) = receipt_of(&serde_json::from_str(&ran.out).unwrap());
    assert_eq!(program.run(&["receipt", "verify", &file]).status, 0);
}

#[test]
fn a_plan_says_that_it_holds_keys() {
    let endpoint = endpoint();
    let ran = endpoint
        .program()
        .run(&["purge", "user-1", "--blueprint", "game"]);
    assert!(ran.err.contains("holds the user's keys"), "{ran:#?}");
    assert!(ran.err.contains("removed after a week"), "{ran:#?}");
}
