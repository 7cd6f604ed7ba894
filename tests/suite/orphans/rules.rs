//! What rules make is judged wherever it lies.

use super::previews::{BLUEPRINT, orphans, program, system};
use super::support::found;
use crate::cli::support::Endpoint;

#[test]
fn previews_in_a_bucket_of_their_own_are_their_sources_owners_and_gone_with_their_sources() {
    let endpoint = Endpoint::serving(system(
        &[
            "users/user-1/2.mov",
            "encoded/user-1/2.mp4",
            "encoded/user-2/9.mp4",
        ],
        &[
            "previews/users/user-1/2.jpg",
            "previews/users/user-2/9.jpg",
            "stray.txt",
        ],
    ));
    let ran = orphans(
        &program(&endpoint),
        &["--kind", "owner-gone,source-gone,unreadable"],
    );
    let document = ran.json(3);
    assert_eq!(
        found(&document),
        [
            ("owner-gone", "encoded/user-1/2.mp4"),
            ("source-gone", "encoded/user-2/9.mp4"),
            ("owner-gone", "users/user-1/1.png"),
            ("owner-gone", "users/user-1/2.mov"),
            ("owner-gone", "previews/users/user-1/1.jpg"),
            ("owner-gone", "previews/users/user-1/2.jpg"),
            ("source-gone", "previews/users/user-2/9.jpg"),
            ("unreadable", "stray.txt"),
        ]
    );
    assert_eq!(document["complete"], true);
    // Rules explain keys as layouts do: the gate on unexplained keys says nothing, and the bucket with neither is named.
    assert!(
        ran.err
            .contains("attic was not searched: the blueprint has no layout for it"),
        "{}",
        ran.err
    );
}

#[test]
fn the_bucket_of_previews_alone_is_judged_by_the_sources_in_the_other() {
    let endpoint = Endpoint::serving(system(&[], &["previews/users/user-2/9.jpg"]));
    let document = orphans(&program(&endpoint), &["previews"]).json(3);
    assert_eq!(
        found(&document),
        [
            ("owner-gone", "previews/users/user-1/1.jpg"),
            ("source-gone", "previews/users/user-2/9.jpg"),
        ]
    );
}

#[test]
fn a_scan_by_owner_and_a_list_of_an_owners_objects_know_whose_previews_are() {
    let endpoint = Endpoint::serving(system(&["encoded/user-2/9.mp4"], &["stray.txt"]));
    let program = program(&endpoint);
    let with = |arguments: &[&str]| {
        let more = ["--blueprint", "./previews.toml", "--format", "json"];
        program.run(&[arguments, &more].concat()).json(0)
    };
    let keys = |arguments: &[&str]| -> Vec<String> {
        let document = with(arguments);
        let items = document["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["key"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        keys(&["ls", "s3://previews", "--owner", "user-2"]),
        ["previews/users/user-2/1.jpg"]
    );
    assert_eq!(
        keys(&["ls", "s3://media", "--owner", "user-2"]),
        ["encoded/user-2/9.mp4", "users/user-2/1.png"]
    );
    let document = with(&["scan", "s3://previews", "--by", "owner", "--top", "30"]);
    let items = document["items"].as_array().unwrap();
    let is_user = |item: &&serde_json::Value| {
        let group = item["group"].as_str();
        item["kind"] == "owner" && group.is_some_and(|group| group.starts_with("user-"))
    };
    assert_eq!(items.iter().filter(is_user).count(), 20, "{document:#}");
    assert_eq!(
        items
            .iter()
            .filter(|item| item["kind"] == "unreadable")
            .count(),
        1
    );
}

#[test]
fn a_rule_whose_files_may_be_originals_is_named_as_not_judged() {
    let endpoint = Endpoint::serving(system(&["users/user-2/7.webp"], &[]));
    let program = program(&endpoint);
    let webp = "[[bucket.derived]]\nid = \"webp\"\nfrom = \"upload\"\nto_bucket = \"media\"\nsteps = [{ append = \".webp\" }]\n\n";
    let previews = "[[bucket]]\nname = \"previews\"";
    program.write(
        "previews.toml",
        &BLUEPRINT.replacen(previews, &format!("{webp}{previews}"), 1),
    );
    let ran = orphans(&program, &["media", "--kind", "source-gone"]);
    let document = ran.json(ran.status);
    assert!(found(&document).is_empty(), "{document:#}");
    let not_judged = document["summary"]["not_judged"].as_array().unwrap();
    let one = not_judged
        .iter()
        .find(|one| one["kind"] == "source-gone")
        .unwrap();
    assert_eq!(
        (&one["bucket"], &one["layout"]),
        (&"media".into(), &"upload".into())
    );
    assert!(
        one["why"].as_str().unwrap().contains("the rule webp"),
        "{one:#}"
    );
}
