//! Keys that two layouts give to different users, and folders that no layout explains: each face names them.

use chrono::Utc;
use s3warden::facade::sandbox::world::{SeedUpload, WorldBucket};

use crate::cli::support::{Endpoint, Program, Ran, bucket, column};

/// The one layout reads the owner where the other has a folder.
const RULES: &str = r#"
version = 1
name = "albums"

[[bucket]]
name = "albums"

[[bucket.layout]]
id = "shared"
key = "u/{album}/{user}/{file}.jpg"
owner = "user"
shape = { user = { not = ["letters"] } }

[[bucket.layout]]
id = "own"
key = "u/{user}/{folder}/{file}"
owner = "user"
"#;

fn albums() -> WorldBucket {
    bucket(
        "albums",
        [
            "u/ada/bob/1.jpg",
            "u/ada/bob/2.jpg",
            "u/ada/letters/1.txt",
            "u/cyd/letters/1.txt",
            "exports/ada/all.zip",
            "logs/1",
            "loose.jpg",
        ],
    )
}

fn run(program: &Program, arguments: &[&str]) -> Ran {
    program.write("rules.toml", RULES);
    program.run(&[arguments, &["--blueprint", "./rules.toml"]].concat())
}

#[test]
fn a_listing_of_a_user_says_which_keys_may_be_theirs_and_another_users() {
    let endpoint = Endpoint::serving(vec![albums()]);
    let program = endpoint.program();
    for versions in [&[][..], &["--versions"]] {
        let arguments = [
            &["ls", "s3://albums/", "--owner", "ada", "--format", "json"],
            versions,
        ];
        let document = run(&program, &arguments.concat()).json(0);
        assert_eq!(column(&document, "key"), ["u/ada/letters/1.txt"]);
        assert_eq!(document["complete"], false);
        assert_eq!(
            document["summary"]["incomplete"][0]["what"],
            "2 keys of albums, such as u/ada/bob/1.jpg"
        );
    }
    // A key that is disputed by others is none of this user's business.
    let document = run(
        &program,
        &["ls", "s3://albums/", "--owner", "cyd", "--format", "json"],
    );
    let document = document.json(0);
    assert_eq!(column(&document, "key"), ["u/cyd/letters/1.txt"]);
    assert_eq!(document["complete"], true);
}

#[test]
fn a_count_by_owner_counts_disputed_keys_for_themselves() {
    let endpoint = Endpoint::serving(vec![albums()]);
    let program = endpoint.program();
    let arguments = ["scan", "s3://albums", "--by", "owner", "--format", "json"];
    let document = run(&program, &arguments).json(0);
    let items = document["items"].as_array().unwrap();
    let counted: Vec<_> = items
        .iter()
        .map(|item| (item["kind"].as_str().unwrap(), item["objects"].as_u64()))
        .collect();
    for expected in [("contested", Some(2)), ("unreadable", Some(3))] {
        assert!(counted.contains(&expected), "{counted:?}");
    }
    assert!(!counted.iter().any(|(kind, _)| *kind == "unnamed"));
}

#[test]
fn a_search_and_a_plan_name_disputed_keys_and_folders_that_no_layout_explains() {
    let endpoint = Endpoint::serving(vec![albums()]);
    let program = endpoint.program();
    for command in ["find", "purge"] {
        let ran = run(&program, &[command, "ada"]);
        for part in [
            "contested: s3://albums/u/ada/bob/1.jpg, s3://albums/u/ada/bob/2.jpg: the layouts shared and own",
            "albums: no layout explains keys in exports/, logs/, no folder (1 key): they were not searched",
        ] {
            assert!(ran.err.contains(part), "{command}: {}", ran.err);
        }
    }
    for (command, status) in [("find", 0), ("purge", 3)] {
        let document = run(&program, &[command, "ada", "--format", "json"]).json(status);
        let unexplained = &document["summary"]["unexplained"][0];
        assert_eq!(unexplained["bucket"], "albums", "{command}: {document:#}");
        assert_eq!(unexplained["folders"][0], "exports/");
        assert_eq!(unexplained["keys_in_no_folder"], 1);
        assert_eq!(unexplained["complete"], true);
    }
}

#[test]
fn uploads_and_keys_in_a_folder_that_a_layout_begins_with_are_named_and_stand_in_the_receipt() {
    let mut albums = bucket("albums", ["u/cyd/letters/1.txt", "u/loose.txt"]);
    for key in ["u/cyd/letters/2.txt", "drafts/cyd/1.txt"] {
        albums.uploads.push(SeedUpload {
            key: key.to_owned(),
            initiated: Utc::now(),
            storage_class: String::new(),
            parts: Vec::new(),
        });
    }
    let endpoint = Endpoint::serving(vec![albums]);
    let program = endpoint.program();
    let words =
        "albums: no layout explains keys in u/, 1 incomplete upload: they were not searched";
    let found = run(&program, &["find", "cyd"]);
    assert!(found.err.contains(words), "{}", found.err);
    let carry_out = [
        "purge",
        "cyd",
        "--write",
        "--execute",
        "--confirm",
        "cyd",
        "--format",
        "json",
    ];
    let done = run(&program, &carry_out);
    assert!(done.err.contains(words), "{}", done.err);
    let document = done.json(0);
    assert_eq!(document["summary"]["unexplained"][0]["uploads"], 1);
    let receipt = std::fs::read_to_string(document["summary"]["receipt"].as_str().unwrap());
    let receipt = receipt.unwrap();
    assert!(receipt.contains(r#""unexplained":["albums"]"#), "{receipt}");
}

#[test]
fn many_users_are_planned_for_with_one_word_about_folders_that_no_layout_explains() {
    let endpoint = Endpoint::serving(vec![albums()]);
    let program = endpoint.program();
    program.write("users.txt", "ada\ncyd\n");
    let ran = run(&program, &["purge", "--from", "users.txt"]);
    let said = ran.err.matches("no layout explains keys in").count();
    assert_eq!(said, 1, "{}", ran.err);
}

/// A rule that makes a folder a user at the top of its bucket.
const PREVIEWS: &str = r#"
version = 1
name = "albums"
[[bucket]]
name = "albums"
[[bucket.layout]]
id = "own"
key = "u/{user}/{folder}/{file}"
owner = "user"
[[bucket.derived]]
id = "preview"
from = "own"
to_bucket = "previews"
regex = '^u/([^/]+)/[^/]+/(.+)\.txt$'
replace = '$1/$2.webp'
[[bucket]]
name = "previews"
"#;

fn notes(rules: &str, buckets: Vec<WorldBucket>) -> String {
    let endpoint = Endpoint::serving(buckets);
    let program = endpoint.program();
    program.write("rules.toml", rules);
    program
        .run(&["find", "ada", "--blueprint", "./rules.toml"])
        .err
}

#[test]
fn folders_into_which_rules_lead_are_explained() {
    let said = notes(
        &PREVIEWS
            .replace("previews", "albums")
            .replace("$1/$2.webp", "small/$1/$2"),
        vec![bucket(
            "albums",
            // The AWS console makes an object for a folder; it holds nothing.
            [
                "u/ada/letters/1.txt",
                "small/",
                "small/ada/1",
                "s3warden-quarantine/x",
            ],
        )],
    );
    assert!(!said.contains("no layout explains"), "{said}");
}

#[test]
fn a_folder_of_which_the_first_key_is_explained_may_hold_others() {
    let said = notes(
        PREVIEWS,
        vec![
            bucket("albums", ["u/ada/letters/1.txt"]),
            bucket("previews", ["ada/1.webp", "ada/2.avif"]),
        ],
    );
    let named = "previews: no layout explains keys in ada/: they were not searched";
    assert!(said.contains(named), "{said}");
}

#[test]
fn what_was_not_looked_at_is_never_passed_over() {
    let users: Vec<String> = (0..12).map(|n| format!("user-{n:02}/1.webp")).collect();
    let said = notes(
        PREVIEWS,
        vec![
            bucket("albums", ["u/ada/letters/1.txt"]),
            bucket(
                "previews",
                users.iter().chain([&"zz-exports/ada/1".to_owned()]),
            ),
        ],
    );
    let unknown = "previews: not all of its folders were looked at: keys that no layout explains were not searched";
    assert!(said.contains(unknown), "{said}");
}
