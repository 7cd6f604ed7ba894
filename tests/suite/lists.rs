//! A list that cannot be relied on: `orphans`, its acts and `purge` refuse with 4 and touch nothing, `find` says that its
//! answer is not whole, and the screens say why.

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use s3warden::facade::sandbox::world::SeedKind;
use tempfile::TempDir;

use crate::cli::support::{Endpoint, Program, Ran, seed};
use crate::orphans::support::{UPLOADS, document, program, uploads, users};
use crate::purge_screen::console;
use crate::quarantine::snapshot;
use crate::terminal::Terminal;

const ENTER: &str = "\r";

/// A blueprint of the uploads alone, with the list of users in a file.
const RULES: &str = r#"
version = 1
name = "mine"
[[bucket]]
name = "pilotforce-user-uploads"
[[bucket.layout]]
id = "upload"
key = "documents/{user}/{uuid}-{filename...}"
owner = "user"
shape = { uuid = "uuid" }
[registry.owners]
source = "file"
path = "users.txt"
format = "lines"
"#;

fn scene(endpoint: &Endpoint) -> Program {
    let program = program(endpoint);
    program.write("mine.toml", RULES);
    program
}

fn dated(program: &Program, at: SystemTime) {
    let file = File::options()
        .append(true)
        .open(program.home.path().join("users.txt"))
        .unwrap();
    file.set_modified(at).unwrap();
}

/// Makes the list bad in some way.
type Spoil = fn(&Program);

/// What spoils a list, the gate that says so, and what the words hold.
const BAD: [(Spoil, &str, &str); 5] = [
    (
        |program| program.write("users.txt", &format!("{}\nlast\n", users(2..=20))),
        "registry-malformed",
        "--max-malformed",
    ),
    (
        |program| dated(program, SystemTime::now() - Duration::from_hours(40 * 24)),
        "registry-age",
        "--max-registry-age",
    ),
    (
        |program| dated(program, SystemTime::now() + Duration::from_hours(48)),
        "registry-undated",
        "--allow-undated-registry",
    ),
    (
        |program| program.write("users.txt", &users(2..=4)),
        "registry-size",
        "--max-registry-loss",
    ),
    (
        |program| std::fs::remove_file(program.home.path().join("users.txt")).unwrap(),
        "registry",
        "users.txt",
    ),
];

#[test]
fn neither_orphans_nor_users_are_deleted_by_a_list_that_cannot_be_relied_on() {
    for (spoil, gate, words) in BAD {
        let endpoint = Endpoint::serving(vec![uploads()]);
        let program = scene(&endpoint);
        let before = snapshot::of(&endpoint.sandbox);
        let run = |arguments: &[&str]| {
            let rules = ["--blueprint", "mine.toml", "--format", "json"];
            program.run(&[arguments, &rules[..]].concat())
        };
        let refused = |ran: &Ran, what: &str| {
            assert_eq!(ran.status, 4, "{gate} {what}: {ran:#?}");
            assert!(ran.err.contains(words), "{gate} {what}: {}", ran.err);
            assert!(ran.err.contains("touched"), "{gate} {what}: {}", ran.err);
            assert_eq!(
                endpoint.sandbox.requests().non_read(),
                [""; 0],
                "{gate} {what}"
            );
        };
        // While the list is as it should be, there is a plan, and it is known how long the list was.
        assert_eq!(run(&["orphans", UPLOADS]).status, 3);
        let made = run(&["purge", "user-1", "--plan-out", "plan.jsonl"]);
        assert_eq!(made.status, 0, "{made:#?}");
        spoil(&program);
        let looks = gate == "registry-undated";
        let report = run(&["orphans", UPLOADS]);
        if looks {
            assert_eq!(report.status, 3, "{report:#?}");
            assert!(report.err.contains("is not known"), "{}", report.err);
        } else {
            refused(&report, "orphans");
            let document = report.json(4);
            assert_eq!(document["summary"]["refused"][0]["gate"], gate);
            assert!(document["items"].as_array().unwrap().is_empty());
        }
        let confirm = format!("{UPLOADS}:1");
        let act = [
            "orphans",
            UPLOADS,
            "--act",
            "delete",
            "--write",
            "--confirm",
            &confirm,
        ];
        refused(&run(&act), "orphans --act");
        let execute = ["--write", "--execute", "--confirm", "user-1"];
        for how in [
            &["purge", "user-1"][..],
            &["purge", "--plan", "plan.jsonl"],
            &["purge", "--resume", "plan.jsonl"],
        ] {
            refused(&run(&[how, &execute[..]].concat()), how[1]);
        }
        let dry = run(&["purge", "user-1"]);
        if looks {
            assert_eq!(dry.status, 3, "{dry:#?}");
            assert!(dry.err.contains("is not known"), "{}", dry.err);
        } else {
            refused(&dry, "purge");
        }
        let found = run(&["find", "user-1"]);
        if !looks {
            let document = found.json(4);
            assert_eq!(document["complete"], false, "{document:#}");
        }
        assert_eq!(snapshot::of(&endpoint.sandbox), before, "{gate}");
    }
}

#[test]
fn whom_a_malformed_row_could_name_is_suspect_in_orphans_and_not_purged() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = scene(&endpoint);
    let lines = (2..=20).map(|n| format!("{{\"id\":\"user-{n}\"}}\n"));
    let torn = "{\"_id\":\"user-1\"}\n".to_owned();
    program.write("users.ndjson", &lines.chain([torn]).collect::<String>());
    let list = [
        "--registry",
        "users.ndjson",
        "--registry-column",
        "id",
        "--max-malformed",
        "1",
        "--blueprint",
        "mine.toml",
        "--format",
        "json",
    ];
    let ran = program.run(&[&["orphans", UPLOADS][..], &list].concat());
    let document = ran.json(0);
    assert_eq!(document["items"][0]["kind"], "suspect");
    assert!(
        document["items"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("a row of the list that cannot be read holds \"user-1\""),
        "{document:#}"
    );
    let execute = [
        "purge",
        "user-1",
        "--write",
        "--execute",
        "--confirm",
        "user-1",
    ];
    let purge = program.run(&[&execute[..], &list].concat());
    assert_eq!(purge.status, 4, "{purge:#?}");
    assert!(
        purge.err.contains("the user may still exist"),
        "{}",
        purge.err
    );
    assert_eq!(endpoint.sandbox.requests().non_read(), [""; 0]);
    let reason = ["--owner-still-exists", "asked for in writing"];
    let purge = program.run(&[&execute[..], &list, &reason].concat());
    let document = purge.json(0);
    let receipt = document["summary"]["receipt"].as_str().unwrap();
    let receipt = std::fs::read_to_string(receipt).unwrap();
    assert!(receipt.contains("asked for in writing"), "{receipt}");
    assert!(
        receipt.contains("\"made_at\""),
        "the list's date: {receipt}"
    );
}

#[test]
fn a_list_from_standard_input_may_be_looked_at_and_acted_on_only_where_that_is_allowed() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = scene(&endpoint);
    let run = |more: &[&str]| -> Ran {
        let purge = [
            "purge",
            "user-1",
            "--registry",
            "-",
            "--blueprint",
            "mine.toml",
            "--format",
            "json",
        ];
        let mut child = program
            .command(&[&purge[..], more].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(users(2..=20).as_bytes()).unwrap();
        drop(input);
        child.wait_with_output().unwrap().into()
    };
    // It would be refused as it is, and says so.
    let dry = run(&[]);
    assert_eq!(dry.status, 3, "{dry:#?}");
    assert!(dry.err.contains("a stream has no date"), "{}", dry.err);
    let execute = ["--write", "--execute", "--confirm", "user-1"];
    let refused = run(&execute);
    assert_eq!(refused.status, 4, "{refused:#?}");
    assert_eq!(endpoint.sandbox.requests().non_read(), [""; 0]);
    let allowed = run(&[&execute[..], &["--allow-undated-registry"]].concat());
    assert_eq!(allowed.status, 0, "{allowed:#?}");
}

#[test]
fn rows_of_deleted_users_and_other_ways_to_write_ids_are_told_on_the_command_line() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = scene(&endpoint);
    let rows = (1..=20).map(|n| {
        let deleted = if n == 1 { "2026-01-01" } else { "" };
        format!("users/user-{n};{deleted}\n")
    });
    program.write(
        "users.csv",
        &format!("id;deleted_at\n{}", rows.collect::<String>()),
    );
    let list = [
        "--registry",
        "users.csv",
        "--registry-column",
        "id",
        "--registry-delimiter",
        ";",
        "--registry-normalize",
        "strip-prefix:users/",
        "--blueprint",
        "mine.toml",
        "--format",
        "json",
    ];
    let living = ["--registry-where", "deleted_at="];
    let orphans = program.run(&[&["orphans", UPLOADS][..], &list, &living].concat());
    let document = orphans.json(3);
    assert_eq!(document["items"][0]["key"], document_key());
    assert_eq!(document["summary"]["registries"][0]["left_out"], 1);
    let found = program.run(&[&["find", "user-2"][..], &list, &living].concat());
    assert!(found.err.contains("still holds this user"), "{}", found.err);
    let purge = program.run(&[&["purge", "user-1"][..], &list, &living].concat());
    assert!(
        purge.err.contains("does not hold this user"),
        "{}",
        purge.err
    );
    let none = ["--registry-where", "gone_at="];
    let wrong = program.run(&[&["purge", "user-1"][..], &list, &none].concat());
    assert_eq!(wrong.status, 2, "{wrong:#?}");
    assert!(wrong.err.contains("no column \"gone_at\""), "{}", wrong.err);
}

fn document_key() -> String {
    document("user-1", "a.pdf")
}

#[test]
fn what_only_versions_are_left_of_is_deleted_by_name_alone() {
    let mut uploads = uploads();
    uploads.versioning = s3warden::facade::sandbox::world::Versioning::Enabled;
    let trash = document("user-2", "trash.pdf");
    uploads
        .versions
        .push(seed(&trash, SeedKind::Plain { size: 500 }));
    uploads.versions.push(seed(&trash, SeedKind::DeleteMarker));
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = scene(&endpoint);
    let act = |more: &[&str]| {
        let delete = [
            "orphans",
            UPLOADS,
            "--act",
            "delete",
            "--blueprint",
            "mine.toml",
            "--format",
            "json",
        ];
        program.run(&[&delete[..], more].concat())
    };
    let ran = act(&[]);
    let document = ran.json(0);
    assert_eq!(document["summary"]["orphans"], 1, "{document:#}");
    let left = &document["summary"]["only_by_name"]["versions-only"];
    assert_eq!(
        (left["items"].as_u64(), left["size"].as_u64()),
        (Some(1), Some(500))
    );
    assert!(ran.err.contains("--kind versions-only"), "{}", ran.err);
    let named = act(&["--kind", "owner-gone,versions-only"]).json(0);
    assert_eq!(named["summary"]["orphans"], 2);
}

#[test]
fn where_everything_is_too_young_nothing_is_called_clean() {
    let mut uploads = uploads();
    for version in &mut uploads.versions {
        version.last_modified = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    }
    let endpoint = Endpoint::serving(vec![uploads]);
    let program = scene(&endpoint);
    let ran = program.run(&[
        "orphans",
        UPLOADS,
        "--blueprint",
        "mine.toml",
        "--format",
        "json",
    ]);
    let document = ran.json(0);
    assert_eq!(document["summary"]["young"], 20);
    assert!(document["summary"]["judged_before"].is_string());
    assert!(
        ran.err
            .contains("no orphans found; all 20 objects are too young to be judged: written after"),
        "{}",
        ran.err
    );
}

#[test]
fn records_that_no_layout_explains_are_refused_and_what_they_could_mean_is_suspect() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let program = scene(&endpoint);
    let keys = (2..=20).map(|n| document(&format!("user-{n}"), "a.pdf") + "\n");
    let odd = format!(
        "https://cdn.example.org/{}?v=1\n",
        document("user-1", "a.pdf")
    );
    program.write("keys.txt", &keys.chain([odd]).collect::<String>());
    let run = |more: &[&str]| {
        let orphans = [
            "orphans",
            UPLOADS,
            "--registry",
            "keys=keys.txt",
            "--format",
            "json",
            "--kind",
            "record-gone,suspect",
        ];
        program.run(&[&orphans[..], more].concat())
    };
    let ran = run(&["--max-unexplained-records", "4"]);
    let document = ran.json(4);
    assert_eq!(
        document["summary"]["refused"][0]["gate"],
        "unexplained-records"
    );
    let document = run(&[]).json(0);
    assert_eq!(document["items"][0]["kind"], "suspect", "{document:#}");
    let normal = run(&["--registry-normalize", "keys=url-path"]).json(0);
    assert!(normal["items"].as_array().unwrap().is_empty(), "{normal:#}");
}

/// Opens the form of the Orphans screen with this list of owners.
fn form(terminal: &mut Terminal, list: &str) {
    terminal.send("4");
    terminal.wait("living owners");
    terminal.send(&format!("j{ENTER}"));
    terminal.wait("file of living owners");
    terminal.send(&format!("{list}{ENTER}"));
    terminal.wait("✓ owner-gone");
}

#[test]
fn the_screens_say_why_a_list_is_not_believed_and_never_call_it_whole() {
    let endpoint = Endpoint::serving(vec![uploads()]);
    let home = TempDir::new().unwrap();
    let list = home.path().join("users.txt");
    std::fs::write(&list, format!("{}\nlast\n", users(2..=20))).unwrap();
    let mut terminal = console(&endpoint, &home, (120, 40), &[]);
    form(&mut terminal, &list.display().to_string());
    terminal.send("s");
    terminal.wait("registry-mal");
    terminal.wait("1 of the 21 rows");
    // The form takes what was seen for right; the list is called what it is.
    terminal.send("f");
    terminal.wait("malformed rows");
    // From the last limit up.
    terminal.send(&format!("Gkkkkkk{ENTER}"));
    terminal.wait("the limit:");
    terminal.send(&format!("1{ENTER}"));
    terminal.send("s");
    terminal.wait("the lists have malformed rows that were allowed");
    let screen = terminal.wait("everything that is missing is suspect");
    assert!(!screen.contains("fresh and whole"), "{screen}");
}

#[test]
fn a_purge_asks_for_what_the_blueprint_asks_of_its_list() {
    // The list has 19 users.
    let (old, whole) = (Duration::from_hours(2), Duration::ZERO);
    for (asked, age, words) in [
        (
            "max_age = '3h'\nmin_rows = 19\nexpected_rows = 19",
            old,
            None,
        ),
        ("max_age = '1h'", old, Some("--max-registry-age")),
        ("min_rows = 20", whole, Some("min_rows asks for 20")),
        ("expected_rows = 20", whole, Some("20")),
    ] {
        let endpoint = Endpoint::serving(vec![uploads()]);
        let program = program(&endpoint);
        program.write("mine.toml", &format!("{RULES}{asked}\n"));
        dated(&program, SystemTime::now() - age);
        let purge = ["purge", "user-1", "--blueprint", "mine.toml"];
        let execute = ["--write", "--execute", "--confirm", "user-1"];
        let before = snapshot::of(&endpoint.sandbox);
        for more in [&[][..], &execute] {
            let ran = program.run(&[&purge[..], more].concat());
            let Some(words) = words else {
                assert_eq!(ran.status, 0, "{asked}: {ran:#?}");
                continue;
            };
            assert_eq!(ran.status, 4, "{asked}: {ran:#?}");
            assert!(ran.err.contains(words), "{asked}: {}", ran.err);
            assert_eq!(snapshot::of(&endpoint.sandbox), before, "{asked}");
        }
    }
}
