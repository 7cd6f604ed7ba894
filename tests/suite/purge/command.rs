//! `purge` and `receipt` through the command line.

use std::os::unix::fs::PermissionsExt;

use s3warden::facade::sandbox::SandboxOptions;
use s3warden::facade::sandbox::world::World;

use crate::cli::support::{Endpoint, Ran};

fn endpoint() -> Endpoint {
    Endpoint::with(SandboxOptions {
        worlds: vec![World::builtin("game").unwrap()],
        ..SandboxOptions::default()
    })
}

const RULES: [&str; 2] = ["--blueprint", "game"];

fn untouched(endpoint: &Endpoint, ran: &Ran, status: i32, words: &str) {
    assert_eq!(ran.status, status, "{ran:#?}");
    assert!(ran.err.contains(words), "{ran:#?}");
    assert_eq!(endpoint.sandbox.requests().non_read(), [""; 0]);
}

#[test]
fn a_purge_that_is_not_asked_for_twice_only_plans() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let run = |more: &[&str]| program.run(&[&["purge", "user-1"], &RULES[..], more].concat());
    let document = run(&["--format", "json"]).json(0);
    assert_eq!(document["schema"], "s3warden/purge/1");
    assert_eq!(document["items"][0]["outcome"], "planned");
    let plan = document["summary"]["plan"].as_str().unwrap();
    let mode = std::fs::metadata(plan).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    for (more, words) in [
        (&["--execute", "--confirm", "user-1"][..], "--write"),
        (&["--execute", "--write"], "not confirmed"),
        (
            &["--execute", "--write", "--confirm", "user-10"],
            "--confirm says",
        ),
        (
            &["--execute", "--write", "--confirm", "user-1 "],
            "--confirm says",
        ),
        (
            &[
                "--execute",
                "--write",
                "--confirm",
                "user-1",
                "--max-objects",
                "2",
            ],
            "--max-objects",
        ),
    ] {
        untouched(&endpoint, &run(more), 4, words);
    }
    let without_rules = program.run(&["purge", "user-1"]);
    untouched(&endpoint, &without_rules, 2, "--blueprint");
}

#[test]
fn a_plan_that_others_could_have_touched_is_refused() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let plan = program.home.path().join("plan.jsonl");
    let file = plan.to_str().unwrap();
    let made = program.run(&[&["purge", "user-1", "--plan-out", file], &RULES[..]].concat());
    assert_eq!(made.status, 0, "{made:#?}");
    let carry_out = |file: &str| {
        let execute = [
            "purge",
            "--plan",
            file,
            "--write",
            "--execute",
            "--confirm",
            "user-1",
        ];
        program.run(&[&execute[..], &RULES].concat())
    };
    let link = program.home.path().join("link");
    std::os::unix::fs::symlink(&plan, &link).unwrap();
    untouched(&endpoint, &carry_out(link.to_str().unwrap()), 4, "link");
    let allow =
        |bits| std::fs::set_permissions(&plan, std::fs::Permissions::from_mode(bits)).unwrap();
    allow(0o662);
    untouched(&endpoint, &carry_out(file), 4, "others may write");
    allow(0o600);
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("user-1/", "user-2/")).unwrap();
    untouched(&endpoint, &carry_out(file), 4, "changed after it was made");
    std::fs::write(&plan, text).unwrap();
    let done = carry_out(file);
    assert_eq!(done.status, 0, "{done:#?}");
    assert!(!plan.exists());
}

#[test]
fn a_purge_in_one_go_leaves_a_receipt_that_holds() {
    let endpoint = endpoint();
    let program = endpoint.program();
    let execute = [
        "purge",
        "user-1",
        "--write",
        "--execute",
        "--confirm",
        "user-1",
        "--format",
        "json",
    ];
    let document = program.run(&[&execute[..], &RULES].concat()).json(0);
    assert_eq!(document["items"][0]["outcome"], "deleted");
    assert!(document["summary"]["plan"].is_null());
    let receipt = document["summary"]["receipt"].as_str().unwrap();
    let checked = program.run(&["receipt", "verify", receipt]);
    assert_eq!(checked.status, 0, "{checked:#?}");
    assert!(checked.err.contains("sealed here"), "{checked:#?}");
    let text = std::fs::read_to_string(receipt).unwrap();
    std::fs::write(receipt, text.replace("\"appeared\":0", "\"appeared\":1")).unwrap();
    let checked = program.run(&["receipt", "verify", receipt]);
    assert_eq!(checked.status, 1, "{checked:#?}");
    assert!(checked.err.contains("digest"), "{checked:#?}");
    let again = program.run(&[&["find", "user-1", "--format", "json"], &RULES[..]].concat());
    assert!(again.json(0)["items"].as_array().unwrap().is_empty());
    let page = document["summary"]["receipt_page"].as_str().unwrap();
    assert!(!std::fs::read_to_string(page).unwrap().contains("user-1"));
}

#[test]
fn a_user_with_nothing_is_no_failure() {
    let endpoint = endpoint();
    let execute = [
        "purge",
        "nobody",
        "--write",
        "--execute",
        "--confirm",
        "nobody",
    ];
    let ran = endpoint.program().run(&[&execute[..], &RULES].concat());
    untouched(&endpoint, &ran, 0, "nothing to delete");
}
