//! The Orphans screen as it is drawn.

use std::time::Duration;

use super::{drawn, lines, snapshot};
use crate::app::testing::{Console, found_orphans};
use crate::domain::BucketName;
use crate::ops::orphans::{Ended, Progress, Stage, What};
use crate::tasks::{OrphansNews, Outcome, Slot, Update};

fn opened() -> Console {
    let mut console = Console::with_buckets(&["pilotforce-assets", "pilotforce-user-uploads"]);
    console.press("<Down>4");
    console
}

fn searched(ended: Ended) -> Console {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(ended));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    console
}

#[test]
fn the_first_page_says_what_can_be_told_with_the_lists_that_there_are() {
    let mut console = opened();
    snapshot("orphans_setup", &mut console);
    console.press("<Down><Enter>owners.txt<Enter>");
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("✓ owner-gone"), "{shown}");
    assert!(shown.contains("– record-gone"), "{shown}");
}

#[test]
fn a_search_says_how_far_it_is() {
    let mut console = opened();
    console.press("s");
    let progress = Progress {
        stage: Stage::Listing {
            bucket: BucketName::new("pilotforce-user-uploads").unwrap(),
            what: What::Objects,
            items: 412_000,
            number: 1,
            of: 2,
        },
        requests: 431,
        retries: 2,
        elapsed: Duration::from_secs(75),
    };
    let news = OrphansNews::Progress(progress);
    console.answer(Slot::Orphans, Update::Orphans(news));
    snapshot("orphans_searching", &mut console);
}

#[test]
fn what_was_found_is_told_by_kind_and_an_unjudged_kind_is_unknown() {
    let mut console = searched(Ended::Judged);
    snapshot("orphans_kinds", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    let unjudged = shown.lines().find(|line| line.contains("versions-only"));
    let unjudged = unjudged.unwrap();
    assert!(
        unjudged.contains("not judged: the role lacks"),
        "{unjudged}"
    );
    assert!(unjudged.contains(" ? "), "{unjudged}");
}

#[test]
fn a_gate_that_refuses_shows_the_numbers_and_no_orphans() {
    let mut console = searched(Ended::Refused);
    snapshot("orphans_refused", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("\"largest share\""), "{shown}");
    assert!(shown.contains("as --max-share does"), "{shown}");
    assert!(!shown.contains(" orphans ·"), "{shown}");
    console.press("<Enter>");
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("a gate keeps these back"), "{shown}");
    assert!(!shown.contains("a+b.pdf"), "{shown}");
}

#[test]
fn verdicts_are_listed_with_their_marks_and_told_with_their_reason() {
    let mut console = searched(Ended::Judged);
    console.press("<Enter> ");
    snapshot("orphans_items", &mut console);
    console.press("d");
    snapshot("orphans_reason", &mut console);
}

#[test]
fn hostile_keys_of_records_are_drawn_safely() {
    let mut console = searched(Ended::Judged);
    console.press("<Down><Down><Down><Down><Down><Enter>d");
    let shown = lines(&drawn(&mut console, (160, 50)));
    assert!(shown.contains("dangling"), "{shown}");
    assert!(shown.contains("\\u{202e}"), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown}");
}
