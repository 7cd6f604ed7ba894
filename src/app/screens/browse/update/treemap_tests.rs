//! The map of where the bytes are: opening it, walking in and out, following a scan.

use crate::app::screens::browse::treemap::Treemap;
use crate::app::testing::{Console, scan_news};
use crate::domain::treemap::{By, What};
use crate::ops::Coverage;
use crate::tasks::{Outcome, Slot};

const KEYS: &[(&str, u64)] = &[
    ("documents/user-1/tax.zip", 88),
    ("documents/user-10/cv.pdf", 20),
    ("loose", 5),
    ("uploads/user-1/film.mov", 700),
];

fn treemap(console: &Console) -> &Treemap {
    let browse = console.state.browse.as_ref().unwrap();
    browse.treemap.as_ref().expect("no map is shown")
}

fn has_map(console: &Console) -> bool {
    let browse = console.state.browse.as_ref().unwrap();
    browse.treemap.is_some()
}

fn current(console: &Console) -> What {
    treemap(console).current().unwrap().what.clone()
}

/// Where the map is of.
fn prefix(console: &Console) -> &str {
    &treemap(console).map.as_ref().unwrap().spot.prefix
}

fn folder(prefix: &str) -> What {
    What::Folder(prefix.into())
}

/// The map of a bucket that was scanned.
fn mapped(bucket: &str) -> Console {
    let mut console = Console::with_buckets(&[bucket]);
    console.press("<Enter>S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    console.press("t");
    console.read_map();
    console
}

#[test]
fn one_walks_in_and_out_and_the_cursor_is_where_it_was() {
    let mut console = mapped("plain-bucket");
    assert_eq!(current(&console), folder("uploads/"));
    console.press("<Right>");
    assert_eq!(current(&console), folder("documents/"));
    console.press("<Enter>");
    console.read_map();
    assert_eq!(prefix(&console), "documents/");
    assert_eq!(current(&console), folder("documents/user-1/"));
    console.press("-");
    console.read_map();
    assert_eq!(current(&console), folder("documents/"));
    console.press("<Esc>");
    assert!(
        !has_map(&console),
        "from the beginning it leads to the list"
    );
}

#[test]
fn there_is_nothing_in_an_object_to_walk_into() {
    let mut console = mapped("plain-bucket");
    console.press("<Enter>");
    console.read_map();
    // Through the only folder there is.
    assert_eq!(prefix(&console), "uploads/user-1/");
    let ticket = console.last(Slot::Treemap).ticket;
    console.press("<Enter>");
    assert_eq!(console.last(Slot::Treemap).ticket, ticket);
    let toast = console.state.toast.clone().unwrap();
    assert!(toast.words.contains("object"), "{}", toast.words);
}

#[test]
fn it_begins_by_owner_and_by_layout_where_a_blueprint_tells_them() {
    let mut console = mapped("pilotforce-user-uploads");
    console.press("t");
    console.read_map();
    assert_eq!(treemap(&console).spot.by, By::Owner);
    assert!(matches!(current(&console), What::Owner(owner) if owner.as_str() == "user-1"));
    console.press("<Enter>");
    console.read_map();
    assert_eq!(current(&console), folder("uploads/"));
    console.press("t");
    console.read_map();
    assert_eq!(treemap(&console).spot.by, By::Layout);
    assert!(treemap(&console).back.is_empty());
    console.press("t");
    console.read_map();
    assert_eq!(treemap(&console).spot.by, By::Prefix);
    let mut plain = mapped("plain-bucket");
    plain.press("t");
    assert_eq!(treemap(&plain).spot.by, By::Prefix);
    assert!(plain.state.toast.is_some());
}

#[test]
fn it_follows_a_scan_and_the_same_is_not_read_twice() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>t");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Treemap));
    console.press("S");
    console.answer(Slot::Scan, scan_news(&KEYS[..2], None));
    console.read_map();
    assert_eq!(treemap(&console).map.as_ref().unwrap().total.objects, 2);
    // There is one folder so far, and the way leads through it: not for ever.
    assert_eq!(prefix(&console), "documents/");
    let ticket = console.last(Slot::Treemap).ticket;
    console.press("<Right>");
    assert_eq!(console.last(Slot::Treemap).ticket, ticket);
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    console.read_map();
    assert_eq!(treemap(&console).map.as_ref().unwrap().total.objects, 4);
    assert_eq!(prefix(&console), "");
    let ticket = console.last(Slot::Treemap).ticket;
    console.press("<Left>");
    assert_eq!(console.last(Slot::Treemap).ticket, ticket);
}

#[test]
fn a_reading_that_broke_off_is_not_begun_again_for_ever() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>S");
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.press("t");
    let ticket = console.last(Slot::Treemap).ticket;
    console.end(Slot::Treemap, Outcome::Panicked("index".into()));
    assert_eq!(console.last(Slot::Treemap).ticket, ticket);
    console.press("<Esc>");
    assert!(!has_map(&console));
}
