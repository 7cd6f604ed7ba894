//! What was made from an orphan goes with it, and before it.

use crate::cli::support::{Endpoint, Program, Ran};
use crate::orphans::previews::{keys, orphans, program, system};

fn delete(program: &Program, bucket: &str, count: u32, more: &[&str]) -> Ran {
    let typed = format!("{bucket}:{count}");
    let fixed = [bucket, "--act", "delete", "--write", "--confirm", &typed];
    orphans(program, &[&fixed[..], more].concat())
}

fn of_user_1(endpoint: &Endpoint) -> Vec<String> {
    let all = [keys(endpoint, "media"), keys(endpoint, "previews")].concat();
    all.into_iter()
        .filter(|key| key.contains("user-1/"))
        .collect()
}

#[test]
fn an_encoded_film_is_deleted_with_its_source() {
    let endpoint = Endpoint::serving(system(&["users/user-1/2.mov", "encoded/user-1/2.mp4"], &[]));
    let program = program(&endpoint);
    // Previews lie in another bucket: that one goes first.
    delete(&program, "previews", 1, &[]).json(0);
    let ran = delete(&program, "media", 3, &[]);
    let document = ran.json(0);
    assert_eq!(
        document["summary"]["outcomes"]["deleted"], 3,
        "{document:#}"
    );
    assert_eq!(of_user_1(&endpoint), [""; 0]);
}

#[test]
fn a_source_is_left_while_what_was_made_from_it_lies_in_another_bucket() {
    let endpoint = Endpoint::serving(system(&[], &[]));
    let program = program(&endpoint);
    let planned = orphans(&program, &["media", "--act", "delete"]);
    let document = planned.json(3);
    let left = &document["summary"]["left_out"][0];
    assert_eq!(left["key"], "users/user-1/1.png");
    let why = left["why"].as_str().unwrap();
    assert!(
        why.contains("lies in previews") && why.contains("act on that bucket first"),
        "{why}"
    );
    assert_eq!(document["items"].as_array().unwrap().len(), 0);
    assert_eq!(of_user_1(&endpoint).len(), 2);
    delete(&program, "previews", 1, &[]).json(0);
    delete(&program, "media", 1, &[]).json(0);
    assert_eq!(of_user_1(&endpoint), [""; 0]);
}

#[test]
fn a_source_is_left_while_what_was_made_from_it_is_not_in_the_plan() {
    let mut system = system(&["users/user-1/2.mov", "encoded/user-1/2.mp4"], &[]);
    let encoded = system[0]
        .versions
        .iter_mut()
        .find(|one| one.key.starts_with("encoded/"));
    // Younger than anything that is judged.
    encoded.unwrap().last_modified = chrono::Utc::now();
    let endpoint = Endpoint::serving(system);
    let program = program(&endpoint);
    delete(&program, "previews", 1, &[]).json(0);
    let ran = delete(&program, "media", 1, &[]);
    let document = ran.json(3);
    assert_eq!(
        document["summary"]["left_out"][0]["key"],
        "users/user-1/2.mov"
    );
    assert_eq!(
        of_user_1(&endpoint),
        ["encoded/user-1/2.mp4", "users/user-1/2.mov"]
    );
}
