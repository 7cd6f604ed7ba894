//! How other servers answer, from `tests/answers`: each file is served, and the commands are run against it.

mod replay;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::replay::{Replay, servers};
use crate::cli::support::{Program, column};

const RULES: &str = r#"
version = 1
name = "answers"

[[bucket]]
name = "media"

[[bucket.layout]]
id = "upload"
key = "uploads/{user}/{file...}"
owner = "user"
"#;

/// The program, with the rules in its home, pointed at a server.
fn program(server: &Replay) -> Program {
    let program = Program::new()
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        )
        .env("AWS_REGION", "us-east-1");
    program.write("rules.toml", RULES);
    program.write("living.txt", "ben\n");
    program
}

/// The keys of uploads in a document's items.
fn keys(document: &Value) -> BTreeSet<String> {
    column(document, "key")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// Names somebody where the server names nobody.
fn who(server: &Replay) -> &'static [&'static str] {
    if server.names_somebody() {
        &[]
    } else {
        &["--operator", "Ada at the media team"]
    }
}

#[test]
fn uploads_are_found_under_their_own_keys_on_each_server() {
    for server in servers() {
        let name = server.name();
        let found = program(&server).run(&[
            "find",
            "ada",
            "--blueprint",
            "rules.toml",
            "--format",
            "json",
        ]);
        let found = found.json(0);
        assert_eq!(keys(&found), server.keys_of("ada"), "{name}");
        assert_eq!(found["complete"], true, "{name}: {found:#}");
    }
}

#[test]
fn a_purge_takes_the_uploads_of_the_user_away_on_each_server_and_no_others() {
    for server in servers() {
        let name = server.name();
        let program = program(&server);
        let theirs = server.keys_of("ben");
        let execute = [
            &[
                "purge",
                "ada",
                "--blueprint",
                "rules.toml",
                "--format",
                "json",
            ][..],
            &["--write", "--execute", "--confirm", "ada"],
            who(&server),
        ];
        let done = program.run(&execute.concat()).json(0);
        let outcomes: BTreeSet<&str> = column(&done, "outcome").into_iter().collect();
        assert_eq!(outcomes, BTreeSet::from(["deleted"]), "{name}");
        assert_eq!(done["complete"], true, "{name}: {done:#}");
        assert_eq!(server.keys_of("ada"), BTreeSet::new(), "{name}");
        assert_eq!(server.keys_of("ben"), theirs, "{name}");
        let source = if !server.names_somebody() {
            "stated"
        } else if server.has_sts() {
            "sts"
        } else {
            "list-buckets"
        };
        assert_eq!(done["summary"]["operator"]["source"], source, "{name}");
        let receipt = done["summary"]["receipt"].as_str().unwrap();
        let checked = program.run(&["receipt", "verify", receipt]);
        assert_eq!(checked.status, 0, "{name}: {checked:#?}");
    }
}

#[test]
fn abandoned_uploads_are_orphans_under_their_own_keys_on_each_server() {
    for server in servers() {
        let name = server.name();
        let report = program(&server).run(&[
            "orphans",
            "media",
            "--blueprint",
            "rules.toml",
            "--registry",
            "living.txt",
            "--format",
            "json",
            "--max-share",
            "100",
            "--min-age",
            "0h",
        ]);
        let report = report.json(3);
        let all: BTreeSet<String> = [server.keys_of("ada"), server.keys_of("ben")].concat_sets();
        let found = keys(&report);
        assert!(found.is_subset(&all), "{name}: {found:?} of {all:?}");
        assert!(
            server.keys_of("ada").is_subset(&found),
            "{name}: {found:?} of {all:?}"
        );
    }
}

trait ConcatSets {
    fn concat_sets(self) -> BTreeSet<String>;
}

impl<const N: usize> ConcatSets for [BTreeSet<String>; N] {
    fn concat_sets(self) -> BTreeSet<String> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn where_nobody_says_who_asks_a_plan_is_refused_with_what_to_type() {
    for server in servers()
        .into_iter()
        .filter(|server| !server.names_somebody())
    {
        let refused = program(&server).run(&["purge", "ada", "--blueprint", "rules.toml"]);
        assert_eq!(refused.status, 4, "{refused:#?}");
        assert!(refused.err.contains("--operator NAME"), "{refused:#?}");
    }
    let nobody = servers().into_iter().next().unwrap().without_names();
    let program = program(&nobody);
    let run = |more: &[&str]| {
        program.run(&[&["purge", "ada", "--blueprint", "rules.toml"], more].concat())
    };
    let refused = run(&[]);
    assert_eq!(refused.status, 4, "{refused:#?}");
    assert!(refused.err.contains("--operator NAME"), "{refused:#?}");
    let plan = program.home.path().join("plan.jsonl");
    let plan = plan.to_str().unwrap();
    let made = run(&["--operator", "ada", "--plan-out", plan]);
    assert_eq!(made.status, 0, "{made:#?}");
    let other = program.run(&[
        "purge",
        "--plan",
        plan,
        "--blueprint",
        "rules.toml",
        "--write",
        "--execute",
        "--confirm",
        "ada",
        "--operator",
        "ben",
    ]);
    assert_eq!(other.status, 4, "{other:#?}");
    assert!(other.err.contains("was made for"), "{other:#?}");
}

#[test]
fn an_upload_that_the_server_knows_in_no_form_is_kept_and_said() {
    for server in servers() {
        let server = server.without_parts();
        let found = program(&server).run(&[
            "find",
            "ada",
            "--blueprint",
            "rules.toml",
            "--format",
            "json",
        ]);
        let found: Value = serde_json::from_str(&found.out).unwrap();
        assert_eq!(found["complete"], false, "{}: {found:#}", server.name());
        assert_ne!(
            found["summary"]["incomplete"],
            json!([]),
            "{}",
            server.name()
        );
    }
}

#[test]
fn a_public_policy_is_public_on_a_server_without_a_public_access_block() {
    for server in servers() {
        let server = server.with_public_policy();
        let audit = program(&server).run(&["audit", "media", "--format", "json"]);
        let audit: Value = serde_json::from_str(&audit.out).unwrap();
        let ids = column(&audit, "id");
        assert!(ids.contains(&"public-read"), "{}: {ids:?}", server.name());
    }
}

/// What reads, and with which statuses it may end: 1 is what could not be asked, 3 what was found.
const READERS: [&[&str]; 12] = [
    &["buckets"],
    &["ls", "s3://media"],
    &["ls", "s3://media", "--recursive"],
    &["ls", "s3://media", "--recursive", "--versions"],
    &[
        "ls",
        "s3://media",
        "--owner",
        "ada",
        "--blueprint",
        "rules.toml",
    ],
    &["scan", "s3://media", "--by", "prefix"],
    &[
        "scan",
        "s3://media",
        "--by",
        "owner",
        "--blueprint",
        "rules.toml",
    ],
    &["state", "media"],
    &["audit", "media", "--fail-on", "critical"],
    &["metrics", "media"],
    &[
        "explain",
        "anonymous",
        "s3:GetObject",
        "s3://media/uploads/ada/1",
    ],
    &["find", "nobody", "--blueprint", "rules.toml"],
];

#[test]
fn every_command_that_reads_ends_well_on_each_server_and_says_what_it_could_not_ask() {
    for server in servers() {
        for command in READERS {
            let json = [command, &["--format", "json"]].concat();
            let ran = program(&server).run(&json);
            let what = format!(
                "{}: {}: {}{}",
                server.name(),
                command.join(" "),
                ran.out,
                ran.err
            );
            assert!([0, 1, 3].contains(&ran.status), "{what}");
            let document: Value =
                serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {what}"));
            let gaps = document
                .get("incomplete")
                .unwrap_or(&document["summary"]["incomplete"])
                .as_array()
                .unwrap_or_else(|| panic!("{what}"));
            assert_eq!(document["complete"] == true, gaps.is_empty(), "{what}");
            // What is known to be incomplete is said on standard error, too, and never ends as if it were whole.
            if !gaps.is_empty() {
                assert!(!ran.err.is_empty(), "{what}");
            }
        }
    }
}

#[test]
fn a_signed_url_for_each_server_is_read_as_what_it_is() {
    for server in servers() {
        let signed = program(&server).run(&[
            "presign",
            "GET",
            "s3://media/uploads/ada/1",
            "--format",
            "json",
        ]);
        let document = signed.json(0);
        let url = document["items"][0]["url"]
            .as_str()
            .or(document["url"].as_str());
        let url = url.unwrap_or_else(|| panic!("{document:#}"));
        assert!(url.starts_with(server.url()), "{url}");
        let read = program(&server)
            .run(&["inspect", url, "--format", "json"])
            .json(0);
        let text = read.to_string();
        assert!(text.contains("uploads/ada/1"), "{text}");
    }
}
