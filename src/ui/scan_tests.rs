//! A scan as it is drawn: while it runs, when it is over, and where the bytes are.

use super::tests::{drawn, lines, snapshot, with_owners};
use crate::app::testing::{Console, page, scan_news, tally};
use crate::domain::OwnerId;
use crate::ops::owners::{Counts, OwnersUpdate};
use crate::ops::{Coverage, Gap};
use crate::tasks::{Outcome, Slot, Update};

const MIB: u64 = 1 << 20;

const KEYS: &[(&str, u64)] = &[
    ("documents/user-10/cv.pdf", 2 * MIB),
    ("documents/user-1/tax.zip", 88 * MIB),
    ("uploads/a\u{202e}b\n/x.jpg", MIB / 3),
    ("uploads/user-1/2024/film.mov", 7 * 1024 * MIB),
    ("uploads/user-1/naïve.jpg", MIB),
    ("uploads/ünal@example.org/日本語.png", 40 * MIB),
    ("uploads/עומר/voice.ogg", 12 * MIB),
    ("readme.txt", 120),
];

fn counted() -> Update {
    let counts = [("user-1", 1_204), ("user-10", 19)];
    let counts = counts.map(|(owner, objects)| (OwnerId::new(owner).unwrap(), tally(objects)));
    Update::Owners(OwnersUpdate::Counted(Counts {
        owners: counts.into(),
        ..Counts::default()
    }))
}

/// The owners of a bucket that is being scanned.
fn scanning() -> Console {
    let mut console = with_owners();
    console.press("S");
    console.answer(Slot::Scan, counted());
    console.answer(Slot::Scan, scan_news(KEYS, None));
    console
}

fn scanned() -> Console {
    let mut console = scanning();
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    console
}

fn folders() -> Console {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let listed = page(&["documents/", "later/", "uploads/"], &["readme.txt"]);
    console.answer(Slot::Listing, Update::Page(listed));
    console.end(Slot::Listing, Outcome::Done);
    console.press("S");
    console.answer(Slot::Scan, scan_news(&KEYS[..2], None));
    console.read();
    console
}

#[test]
fn owners_fill_in_while_a_scan_runs() {
    snapshot("scan_owners", &mut scanning());
}

#[test]
fn a_scan_that_is_over_is_dated() {
    snapshot("scan_done", &mut scanned());
}

#[test]
fn a_scan_that_was_stopped_says_at_least() {
    let mut console = scanning();
    let stopped = Coverage::AtLeast(vec![Gap::cancelled("the rest of the objects")]);
    console.answer(Slot::Scan, scan_news(KEYS, Some(stopped)));
    console.end(Slot::Scan, Outcome::Cancelled);
    snapshot("scan_stopped", &mut console);
}

#[test]
fn folders_show_what_is_in_them() {
    let mut console = folders();
    snapshot("scan_folders_so_far", &mut console);
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.read();
    console.end(Slot::Scan, Outcome::Done);
    snapshot("scan_folders", &mut console);
}

#[test]
fn all_objects_are_one_list() {
    let mut console = folders();
    console.press("a");
    snapshot("scan_all_so_far", &mut console);
    console.answer(Slot::Scan, scan_news(KEYS, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    snapshot("scan_all", &mut console);
}

#[test]
fn without_a_scan_all_objects_and_bars_say_which_key_makes_one() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/"], &[])));
    console.press("a");
    snapshot("scan_none", &mut console);
    console.press("b");
    snapshot("bars_none", &mut console);
}

#[test]
fn bars_show_where_the_bytes_are_by_owner_class_and_age() {
    let mut console = scanned();
    console.press("b");
    snapshot("bars_owner", &mut console);
    console.press("bb");
    snapshot("bars_class", &mut console);
    console.press("b");
    snapshot("bars_age", &mut console);
    console.press("b");
    snapshot("bars_folder", &mut console);
}

#[test]
fn bars_of_a_scan_that_runs_say_at_least() {
    let mut console = scanning();
    console.press("b");
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("at least 8 objects"), "{shown}");
}

#[test]
fn the_map_has_a_frame_for_each_part_and_what_one_stands_on_has_another() {
    let mut console = scanned();
    console.press("t");
    console.read_map();
    snapshot("map_prefix", &mut console);
    console.press("t");
    console.read_map();
    console.press("<Right>");
    snapshot("map_owner", &mut console);
    console.press("<Enter>");
    console.read_map();
    snapshot("map_inside", &mut console);
}

#[test]
fn without_a_scan_the_map_says_which_key_makes_one() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>t");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("S makes one"), "{shown}");
}

#[test]
fn the_keys_of_the_map_are_told_while_it_is_shown() {
    let mut console = scanned();
    console.press("t");
    console.read_map();
    let shown = lines(&drawn(&mut console, (80, 24)));
    let hints = shown.lines().last().unwrap();
    assert!(hints.contains("Enter in"), "{hints}");
    assert!(hints.contains("q quit"), "{hints}");
    console.press("?");
    let help = lines(&drawn(&mut console, (80, 60)));
    for binding in console
        .state
        .keymap
        .of_screen(crate::app::keymap::Place::Map)
    {
        assert!(
            help.contains(&binding.does),
            "{:?} is cut:\n{help}",
            binding.does
        );
    }
}

#[test]
fn a_scan_is_told_in_the_title_wherever_one_is() {
    let mut console = scanning();
    for screen in ["1", "7", "2"] {
        console.press(screen);
        for (size, words) in [
            ((80, 24), "scan 62 %"),
            ((120, 36), "scan 62 % · 41.2 k/s · 20 s left"),
        ] {
            let shown = lines(&drawn(&mut console, size));
            let title = shown.lines().next().unwrap();
            assert!(title.contains(words), "{title}");
            assert!(title.contains("READ-ONLY"), "{title}");
        }
    }
}

#[test]
fn bars_and_scans_draw_no_hostile_character_and_no_colour_without_colour() {
    let mut console = scanned();
    for key in ["b", "b", "b", "b", "b", "a", "t"] {
        console.press(key);
        if key == "t" {
            console.read_map();
        }
        for size in [(60, 12), (80, 24), (200, 60)] {
            let buffer = drawn(&mut console, size);
            let hostile =
                |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!lines(&buffer).contains(hostile));
            let coloured = |cell: &ratatui::buffer::Cell| {
                cell.fg != ratatui::style::Color::Reset || cell.bg != ratatui::style::Color::Reset
            };
            assert!(!buffer.content().iter().any(coloured));
        }
    }
}

#[test]
fn no_key_of_a_screen_is_cut_at_80_columns() {
    let mut console = scanned();
    let shown = lines(&drawn(&mut console, (80, 24)));
    let hints = shown.lines().last().unwrap();
    assert!(hints.contains("q quit"), "{hints}");
    console.press("?");
    let help = lines(&drawn(&mut console, (80, 60)));
    for binding in console
        .state
        .keymap
        .of_screen(crate::app::keymap::Place::Browse)
    {
        assert!(
            help.contains(&binding.does),
            "{:?} is cut:\n{help}",
            binding.does
        );
    }
}
