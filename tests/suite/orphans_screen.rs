//! The Orphans screen, in a pseudo-terminal, on what is planted in the demo.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use s3warden::facade::sandbox::{Latency, SandboxOptions};
use tempfile::TempDir;

use crate::cli::support::{Endpoint, options};
use crate::orphans::support::{UPLOADS, document, uploads, users};
use crate::purge_screen::console;
use crate::quarantine::snapshot;
use crate::terminal::Terminal;

const ENTER: &str = "\r";

fn demo(arguments: &[&str]) -> (TempDir, Terminal) {
    let home = TempDir::new().unwrap();
    let terminal = Terminal::start(home.path(), (120, 36), arguments, &[]);
    (home, terminal)
}

/// Searches the bucket of this name; gives the page of what was found.
fn search(terminal: &mut Terminal, bucket: &str) -> String {
    terminal.wait(bucket);
    terminal.send(&format!("/{bucket}{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send("4");
    terminal.wait(&format!("‹ {bucket} (blueprint"));
    terminal.wait("✓ owner-gone");
    terminal.send("s");
    terminal.wait("searched ")
}

#[test]
fn the_planted_orphans_are_found_told_with_their_reason_and_exported() {
    let (home, mut terminal) = demo(&["demo", "--world", "pilotforce"]);
    let found = search(&mut terminal, "pilotforce-user-uploads");
    assert!(found.contains("owner-gone"), "{found}");
    terminal.wait("all passed");
    terminal.send(ENTER);
    terminal.wait("› owner-gone");
    terminal.send("d");
    terminal.wait("is not in the list of owners");
    let file = home.path().join("gone.json");
    // Marked, it is exported alone; the name that is offered goes.
    terminal.send(" x\x15");
    terminal.wait("write to");
    terminal.send(&format!("{}{ENTER}", file.display()));
    terminal.wait("1 verdict written to");
    let text = std::fs::read_to_string(&file).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], "s3warden/orphans/1");
    assert_eq!(document["items"].as_array().unwrap().len(), 1);
    assert_eq!(document["items"][0]["kind"], "owner-gone");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is there is not written over.
    terminal.send("x\x15");
    terminal.wait("write to");
    terminal.send(&format!("{}{ENTER}", file.display()));
    terminal.wait("could not write the verdicts");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn the_whole_demo_brings_the_lists_of_its_applications_along() {
    let (_home, mut terminal) = demo(&["demo"]);
    let found = search(&mut terminal, "infinite-images");
    assert!(found.contains("searched "), "{found}");
}

/// The keys that are tagged as in quarantine, by what the bucket holds.
fn tagged(endpoint: &Endpoint) -> Vec<String> {
    let things = snapshot::of(&endpoint.sandbox).into_iter();
    let tagged = things.filter(|(_, thing)| !thing.tags.is_empty());
    tagged.map(|((_, key, _), _)| key).collect()
}

/// Confirms the plan that is shown.
fn confirm(terminal: &mut Terminal, count: usize) {
    terminal.wait(&format!("Enter, then type {UPLOADS}:{count}"));
    terminal.send(ENTER);
    terminal.wait("type what the plan says");
    terminal.send(&format!("{UPLOADS}:{count}{ENTER}"));
}

#[test]
fn an_act_that_was_stopped_goes_on_and_one_user_comes_back_before_the_others() {
    let endpoint = Endpoint::with(SandboxOptions {
        latency: Latency::default().with("PutObjectTagging", Duration::from_secs(1)),
        ..options(vec![uploads()])
    });
    let home = TempDir::new().unwrap();
    let living = home.path().join("users.txt");
    std::fs::write(&living, users(3..=20)).unwrap();
    let before = snapshot::of(&endpoint.sandbox);
    let theirs = |user: &str| document(user, "a.pdf");
    let mut terminal = console(&endpoint, &home, (80, 24), &["--write"]);
    terminal.send("4");
    terminal.wait("living owners");
    terminal.send(&format!("j{ENTER}"));
    terminal.wait("file of living owners");
    terminal.send(&format!("{}{ENTER}", living.display()));
    terminal.wait("✓ owner-gone");
    terminal.send("s");
    terminal.wait("all passed");
    terminal.send(ENTER);
    terminal.wait("› owner-gone");
    terminal.send("a");
    confirm(&mut terminal, 2);
    // The first batch is one object, whose tag takes a second.
    terminal.wait("0 of 2 things");
    terminal.send("\x18");
    terminal.wait("Stopped before its end");
    assert_eq!(tagged(&endpoint).len(), 1);
    terminal.send("n");
    terminal.wait("this plan was begun before");
    confirm(&mut terminal, 2);
    terminal.wait("Everything was looked at again");
    assert_eq!(tagged(&endpoint), [theirs("user-1"), theirs("user-2")]);
    terminal.send("U");
    terminal.wait("bring back everything of the user:");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("Bring back 1 object of user-1");
    confirm(&mut terminal, 1);
    terminal.wait("Everything was looked at again");
    assert_eq!(tagged(&endpoint), [theirs("user-2")]);
    terminal.send("u");
    confirm(&mut terminal, 1);
    terminal.wait("Everything was looked at again");
    assert_eq!(snapshot::of(&endpoint.sandbox), before);
}
