//! The Orphans screen, in a pseudo-terminal: mark, plan, type, watch, read; and back.

use tempfile::TempDir;

use crate::terminal::Terminal;

const ENTER: &str = "\r";
const BUCKET: &str = "pilotforce-user-uploads";

/// The list of owners who are gone, with its first verdict marked.
fn marked(arguments: &[&str]) -> (TempDir, Terminal) {
    let home = TempDir::new().unwrap();
    let mut terminal = Terminal::start(home.path(), (120, 36), arguments, &[]);
    terminal.wait(BUCKET);
    terminal.send(&format!("/{BUCKET}{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send("4");
    terminal.wait(&format!("‹ {BUCKET} (blueprint"));
    terminal.wait("✓ owner-gone");
    terminal.send("s");
    terminal.wait("all passed");
    terminal.send(ENTER);
    terminal.wait("› owner-gone");
    terminal.send(" ");
    terminal.wait("1 marked");
    (home, terminal)
}

#[test]
fn what_is_marked_is_put_aside_once_its_plan_was_confirmed_and_comes_back() {
    let (home, mut terminal) = marked(&["demo", "--world", "pilotforce", "--write"]);
    terminal.send("a");
    terminal.wait("Put aside 1 object");
    // Another way, and the way before.
    terminal.send("l");
    terminal.wait("s3warden-orphan-");
    terminal.send("h");
    terminal.wait("nothing expires them");
    terminal.send(ENTER);
    terminal.wait("type what the plan says");
    terminal.send(&format!("{BUCKET}:2{ENTER}"));
    terminal.wait("nothing was touched");
    terminal.send(ENTER);
    terminal.wait("type what the plan says");
    terminal.send(&format!("{BUCKET}:1{ENTER}"));
    terminal.wait("Everything was looked at again");
    let receipts = home.path().join(".local/state/s3warden/receipts");
    assert_eq!(std::fs::read_dir(&receipts).unwrap().count(), 2);
    terminal.send("u");
    terminal.wait("Bring back 1 object");
    terminal.send(ENTER);
    terminal.wait("type what the plan says");
    terminal.send(&format!("{BUCKET}:1{ENTER}"));
    terminal.wait("Everything was looked at again");
    assert_eq!(std::fs::read_dir(&receipts).unwrap().count(), 4);
    terminal.send("u");
    terminal.wait(&format!("Nothing is in quarantine in {BUCKET}"));
}

#[test]
fn without_write_the_plan_is_a_dry_run_and_nothing_can_be_typed() {
    let (_home, mut terminal) = marked(&["demo", "--world", "pilotforce"]);
    terminal.send("D");
    terminal.wait("Delete 1 object");
    terminal.wait("This is a dry run");
    terminal.send(ENTER);
    terminal.wait("to change anything, quit, and start again with changes allowed (q)");
}
