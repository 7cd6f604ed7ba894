//! The Purge screen, in a pseudo-terminal: what a support person types, and what is there afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use s3warden::facade::sandbox::world::World;
use s3warden::facade::sandbox::{Latency, SandboxOptions};
use tempfile::TempDir;

use crate::cli::support::Endpoint;
use crate::purge::bench::{Thing, things_in};
use crate::purge::oracle;
use crate::terminal::Terminal;

const ESC: &str = "\x1b";
const ENTER: &str = "\r";
const END: &str = "\x1b[F";
/// Takes away what was typed.
const CLEAR: &str = "\x15";
const INTERRUPT: &str = "\x03";

/// The console on an endpoint that the test can look into.
pub fn console(endpoint: &Endpoint, home: &TempDir, size: (u16, u16), more: &[&str]) -> Terminal {
    let sandbox = &endpoint.sandbox;
    let url = sandbox.endpoint_url();
    let env = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ACCESS_KEY_ID", sandbox.access_key()),
        ("AWS_SECRET_ACCESS_KEY", sandbox.secret_key()),
        ("AWS_REGION", sandbox.region()),
    ];
    let arguments = [&["--blueprint", "pilotforce"], more].concat();
    let terminal = Terminal::start(home.path(), size, &arguments, &env);
    terminal.wait("pilotforce-user-uploads");
    terminal
}

/// Types the id into the form; gives the plan's page.
pub fn plan(terminal: &mut Terminal, user: &str) -> String {
    terminal.send("5");
    terminal.wait("How it goes");
    terminal.send(ENTER);
    terminal.wait("stop typing");
    terminal.send(&format!("{user}{ENTER}"));
    terminal.wait("WHY IT IS THE USER'S")
}

#[test]
fn typing_the_id_purges_exactly_that_user_and_a_neighbours_id_purges_nobody() {
    let endpoint = Endpoint::of_world("pilotforce");
    let home = TempDir::new().unwrap();
    let before = things_in(&endpoint.sandbox);
    let theirs = oracle::owned(&before, "user-1", None);
    assert!(theirs.len() > 5, "{theirs:?}");
    let mut terminal = console(&endpoint, &home, (120, 36), &["--write"]);
    plan(&mut terminal, "user-1");
    terminal.send("P");
    terminal.wait("Type the user's id to purge:");
    terminal.send(&format!("user-1{ESC}"));
    terminal.wait("cancelled; nothing was touched");
    terminal.send("P");
    terminal.wait("Type the user's id to purge:");
    for wrong in ["user-10", "user-2", "USER-1"] {
        terminal.send(&format!("{wrong}{ENTER}"));
        terminal.wait("this is not the id");
        terminal.send(CLEAR);
        terminal.wait_until("the line to be empty", |text| {
            !text.contains("this is not the id") && text.contains("Type the user's id to purge:")
        });
    }
    assert_eq!(things_in(&endpoint.sandbox), before);
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("listed again and gone");
    let after = things_in(&endpoint.sandbox);
    let gone: BTreeSet<Thing> = before.difference(&after).cloned().collect();
    assert_eq!(gone, theirs);
    assert!(after.is_subset(&before));
    terminal.wait("Receipt");
    terminal.send(ENTER);
    terminal.wait("Receipt of a purge");
    terminal.send(ESC);
    terminal.wait("By bucket");
    terminal.send("7");
    terminal.wait("list buckets");
    terminal.send("a");
    let log = terminal.wait("purge-verified");
    assert!(log.contains("holds from the first line"), "{log}");
    assert!(!log.contains("user-1"), "{log}");
}

#[test]
fn without_write_everything_is_shown_and_nothing_can_be_purged() {
    let endpoint = Endpoint::of_world("pilotforce");
    let home = TempDir::new().unwrap();
    let before = things_in(&endpoint.sandbox);
    let mut terminal = console(&endpoint, &home, (80, 24), &[]);
    let page = plan(&mut terminal, "user-1");
    assert!(page.contains("dry run"), "{page}");
    terminal.send("P");
    terminal.wait("This cannot be purged now");
    terminal.wait("allowed (q)");
    terminal.send(ESC);
    terminal.wait_until("the words to go", |text| !text.contains("This cannot be"));
    terminal.send(&format!("user-1{ENTER}"));
    assert_eq!(things_in(&endpoint.sandbox), before);
    let state = home.path().join(".local/state/s3warden/purge");
    let left = std::fs::read_dir(state).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a plan with the user's keys was written down");
}

#[test]
fn an_unknown_user_has_nothing_to_purge_and_is_told_so() {
    let endpoint = Endpoint::of_world("pilotforce");
    let home = TempDir::new().unwrap();
    let mut terminal = console(&endpoint, &home, (120, 36), &["--write"]);
    for (user, words) in [
        ("nobody-of-this-name", "nothing of \"nobody-of-this-name\""),
        ("user-*", "are no wildcards"),
        ("uploads/user-1", "no key of this user can match it"),
    ] {
        terminal.send("5f");
        terminal.wait("How it goes");
        terminal.send(ENTER);
        terminal.wait("stop typing");
        terminal.send(&format!("{CLEAR}{user}{ENTER}"));
        terminal.wait(words);
        terminal.send("P");
        terminal.wait("there is nothing to delete");
        terminal.send(ESC);
        terminal.wait_until("the words to go", |text| !text.contains("This cannot be"));
    }
}

#[test]
fn a_purge_that_was_stopped_by_quitting_is_offered_again_and_ends_as_if_it_had_not_been() {
    let world = World::builtin("pilotforce").unwrap();
    let endpoint = Endpoint::with(SandboxOptions {
        worlds: vec![world],
        latency: Latency::default().with("Delete*", Duration::from_secs(1)),
        ..SandboxOptions::default()
    });
    let home = TempDir::new().unwrap();
    let before = things_in(&endpoint.sandbox);
    let theirs = oracle::owned(&before, "user-1", None);
    let mut terminal = console(&endpoint, &home, (120, 36), &["--write"]);
    plan(&mut terminal, "user-1");
    terminal.send("P");
    terminal.wait("Type the user's id to purge:");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("Purging user-1");
    terminal.send("1");
    terminal.wait("Look elsewhere while the purge runs?");
    terminal.send(INTERRUPT);
    terminal.wait("stop it and quit?");
    terminal.send("y");
    assert_eq!(terminal.ended().exit_code(), 130);
    assert!(terminal.text().contains("--resume"), "{}", terminal.text());
    let between = things_in(&endpoint.sandbox);
    assert!(
        before
            .difference(&between)
            .all(|thing| theirs.contains(thing))
    );

    let mut terminal = console(&endpoint, &home, (120, 36), &["--write"]);
    terminal.send("5");
    terminal.wait("Begun before, and not at its end");
    terminal.send(&format!("{END}{ENTER}"));
    terminal.wait("this plan was begun before");
    terminal.send("P");
    terminal.wait("Type the user's id to purge:");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("By bucket");
    let after = things_in(&endpoint.sandbox);
    let gone: BTreeSet<Thing> = before.difference(&after).cloned().collect();
    assert_eq!(gone, theirs);
}

#[test]
fn in_the_demo_a_user_is_purged_from_their_row_without_colour_on_a_small_terminal() {
    let home = TempDir::new().unwrap();
    let arguments = ["demo", "--world", "pilotforce", "--write"];
    let env = [("NO_COLOR", "1")];
    let mut terminal = Terminal::start(home.path(), (80, 24), &arguments, &env);
    terminal.wait("pilotforce-user-uploads");
    terminal.send(&format!("/uploads{ENTER}"));
    terminal.wait("only rows that hold");
    terminal.send(ENTER);
    terminal.wait_until("all owners counted", |text| {
        text.contains("50%off") && !text.contains("so far") && !text.contains("loading")
    });
    terminal.send("fuser-10");
    terminal.wait("go to user-10");
    terminal.send(&format!("{ENTER}P"));
    terminal.wait("‹ user-10 ›");
    terminal.send("s");
    terminal.wait("WHY IT IS THE USER'S");
    terminal.send("P");
    terminal.wait("Type the user's id to purge:");
    terminal.send(&format!("user-10{ENTER}"));
    terminal.wait("By bucket");
    terminal.wait("listed again and gone");
}

#[test]
fn what_was_hidden_on_the_screen_is_shown_again_by_one_key_and_nothing_else_is_different() {
    let endpoint = Endpoint::of_world("pilotforce");
    let home = TempDir::new().unwrap();
    let before = things_in(&endpoint.sandbox);
    let mut terminal = console(&endpoint, &home, (80, 24), &["--write"]);
    terminal.send("5");
    terminal.wait("How it goes");
    terminal.send("jjl");
    terminal.wait("hide: can be brought back");
    terminal.send("kk");
    terminal.wait("no wildcards");
    terminal.send(ENTER);
    terminal.wait("stop typing");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("WHY IT IS THE USER'S");
    terminal.send("P");
    terminal.wait("Type the user's id to hide:");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("user-1 is hidden");
    let hidden = things_in(&endpoint.sandbox);
    assert!(before.is_subset(&hidden) && hidden.len() > before.len());
    // Another user's id undoes nothing, and neither does the right one without its last letter.
    terminal.send("u");
    terminal.wait("undo the soft purge of the user: user-1");
    terminal.send(&format!("0{ENTER}"));
    terminal.wait("the receipt is not of");
    terminal.send("f");
    terminal.wait("Hidden before, and can be undone");
    terminal.send(&format!("G{ENTER}"));
    terminal.wait("undo the soft purge of the user:");
    terminal.send(&format!("{CLEAR}user-1{ENTER}"));
    terminal.wait("takes away the");
    terminal.send("P");
    terminal.wait("Type the user's id to undo:");
    terminal.send(&format!("user-{ENTER}{ESC}"));
    terminal.wait("cancelled; nothing was touched");
    assert_eq!(things_in(&endpoint.sandbox), hidden);
    terminal.send("P");
    terminal.wait("Type the user's id to undo:");
    terminal.send(&format!("user-1{ENTER}"));
    terminal.wait("What was hidden of user-1 is there again");
    assert_eq!(things_in(&endpoint.sandbox), before);
    // What is undone is not offered again.
    terminal.send("f");
    terminal.wait("How it goes");
    terminal.send("u");
    terminal.wait("no soft purge here that could be undone");
}
