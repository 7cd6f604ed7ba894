//! The Orphans screen as it is drawn.

use std::time::Duration;

use super::{drawn, lines, snapshot};
use crate::app::Message;
use crate::app::testing::{Console, act_plan, act_stopped, found_orphans, noon, unfinished};
use crate::domain::BucketName;
use crate::domain::change::{Act, Subject};
use crate::ops::change::Progress as ActProgress;
use crate::ops::orphans::{Ended, Progress, Stage, What};
use crate::tasks::{ActOrigin, OrphansNews, Outcome, Slot, Update, Work};

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
    assert!(
        shown.contains("(f)") && !shown.contains("--max-share"),
        "{shown}"
    );
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

/// Asks for what a key asks for, and answers with a plan.
fn planned(console: &mut Console, key: &str) {
    console.press(key);
    let Work::PlanAct(work) = &console.last(Slot::Act).work else {
        panic!("no plan was asked for")
    };
    let plan = act_plan((**work).clone(), ActOrigin::Fresh);
    let news = OrphansNews::ActPlanned(plan);
    console.answer(Slot::Act, Update::Orphans(news));
    console.end(Slot::Act, Outcome::Done);
}

#[test]
fn a_plan_says_how_what_has_to_be_typed_and_a_key_a_line() {
    let mut console = searched(Ended::Judged);
    console.state.write = true;
    console.press("<Enter>");
    planned(&mut console, "a");
    snapshot("orphans_plan", &mut console);
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(
        shown.contains("holiday.jpg"),
        "the end of a long key: {shown}"
    );
}

#[test]
fn an_act_says_how_far_it_is_and_how_it_goes_on_when_it_stopped() {
    let mut console = searched(Ended::Judged);
    console.state.write = true;
    console.press("<Enter>");
    planned(&mut console, "a");
    console.press("<Enter>pilotforce-user-uploads:2<Enter>");
    for (seconds, deleted) in [(0, 0), (2, 1_996)] {
        let now = noon() + chrono::Duration::seconds(seconds);
        console.say(Message::Clock(now));
        let progress = ActProgress {
            planned: 5_000,
            deleted,
            failed: seconds.unsigned_abs(),
        };
        let news = OrphansNews::ActProgress(progress);
        console.answer(Slot::Act, Update::Orphans(news));
    }
    snapshot("orphans_running", &mut console);
    let Work::Act(plan) = &console.last(Slot::Act).work else {
        panic!("nothing is carried out")
    };
    let news = OrphansNews::Acted(act_stopped(plan));
    console.answer(Slot::Act, Update::Orphans(news));
    console.end(Slot::Act, Outcome::Cancelled);
    snapshot("orphans_stopped", &mut console);
}

#[test]
fn the_first_page_offers_what_was_begun_before() {
    let mut console = opened();
    let subject = Subject::Orphans {
        bucket: "pilotforce-user-uploads".into(),
    };
    let begun = vec![unfinished(subject, Act::CopyAside)];
    let news = OrphansNews::Unfinished(begun);
    console.answer(Slot::UnfinishedActs, Update::Orphans(news));
    console.press("G");
    snapshot("orphans_begun", &mut console);
}
