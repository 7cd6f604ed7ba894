//! The Orphans screen, in a pseudo-terminal, on what is planted in the demo.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

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
