//! The Orphans screen: choosing, searching, marking, exporting.

use std::path::{Path, PathBuf};

use crate::app::Screen;
use crate::app::screens::orphans::limits::Limit;
use crate::app::screens::orphans::setup::{Line, ListChoice};
use crate::app::screens::orphans::{Page, Search};
use crate::app::testing::{Console, found_orphans, problem};
use crate::app::update::Command;
use crate::aws::ProblemKind;
use crate::domain::orphans::{Kind, Limits};
use crate::ops::orphans::Ended;
use crate::tasks::{OrphansNews, OrphansWork, Outcome, Slot, Update, Work};

fn opened() -> Console {
    let mut console = Console::with_buckets(&["nobody-knows-this", "pilotforce-user-uploads"]);
    console.press("<Down>4");
    assert_eq!(console.state.screen, Screen::Orphans);
    console
}

fn asked(console: &Console) -> &OrphansWork {
    let Work::Orphans(work) = &console.last(Slot::Orphans).work else {
        panic!("no search was asked for")
    };
    work
}

fn searched() -> Console {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    console
}

fn typed(console: &mut Console, text: &str) {
    console.press("<Enter>");
    // What stands there already goes.
    console.say(crate::app::update::Message::Key(
        crossterm::event::KeyEvent::new(
            crossterm::event::KeyCode::Char('u'),
            crossterm::event::KeyModifiers::CONTROL,
        ),
    ));
    console.press(text);
    console.press("<Enter>");
}

#[test]
fn the_bucket_that_one_was_at_is_the_one_that_is_searched() {
    let mut console = opened();
    console.press("s");
    let work = asked(&console);
    assert_eq!(work.buckets[0].as_str(), "pilotforce-user-uploads");
    assert_eq!(work.blueprint.name, "pilotforce");
    assert_eq!(work.limits, Limits::default());
    assert!(console.state.orphans.is_searching());
}

#[test]
fn a_list_is_a_file_that_was_typed_and_none_after_delete() {
    let mut console = opened();
    console.press("<Down>");
    typed(&mut console, "/tmp/owners.txt");
    console.press("s");
    let owners = asked(&console).owners.clone().unwrap();
    assert_eq!(owners.path.as_deref(), Some(Path::new("/tmp/owners.txt")));
    console.end(Slot::Orphans, Outcome::Cancelled);
    console.press("f<Del>s");
    assert_eq!(asked(&console).owners, None);
}

#[test]
fn a_file_without_a_name_is_asked_for_before_anything_is_searched() {
    let mut console = opened();
    console.press("<Down><Right>");
    let choice = &console.state.orphans.setup.owners;
    assert_eq!(*choice, ListChoice::File(String::new()));
    console.press("s");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Orphans));
    assert!(console.state.overlay.is_some());
}

#[test]
fn limits_are_set_by_steps_or_typed_and_go_with_the_search() {
    let mut console = opened();
    // The least age, and seven lines below it the share.
    console.press("<Down><Down><Down><Right><Down><Down><Down><Down><Down><Down><Down>");
    assert_eq!(
        console.state.orphans.setup.cursor,
        Line::Limit(Limit::Share)
    );
    typed(&mut console, "12.5");
    console.press("<Down>");
    typed(&mut console, "ten");
    let toast = console.state.toast.clone().unwrap();
    assert!(toast.is_error && toast.words.contains("largest count"));
    console.press("s");
    let expected = Limits {
        min_age: std::time::Duration::from_hours(7 * 24),
        share: 12.5,
        ..Limits::default()
    };
    assert_eq!(asked(&console).limits, expected);
    console.end(Slot::Orphans, Outcome::Cancelled);
    console.press("f<Up><Del>s");
    assert_eq!(asked(&console).limits.count, Limits::default().count);
    assert_eq!(Limit::Share.shown(&asked(&console).limits), "10 %");
}

#[test]
fn after_a_refusal_the_first_page_is_at_the_limit_that_would_overrule_it() {
    let mut console = opened();
    console.press("s");
    let refused = OrphansNews::Done(found_orphans(Ended::Refused));
    console.answer(Slot::Orphans, Update::Orphans(refused));
    console.end(Slot::Orphans, Outcome::Done);
    console.press("f");
    let orphans = &console.state.orphans;
    assert_eq!(orphans.page, Page::Setup);
    assert_eq!(orphans.setup.cursor, Line::Limit(Limit::Share));
}

#[test]
fn nobody_is_told_of_a_search_that_has_ended() {
    let mut console = opened();
    console.press("ss");
    let toast = console.state.toast.clone().unwrap();
    assert!(toast.words.contains("under way"), "{}", toast.words);
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    assert!(console.state.toast.is_none());
}

#[test]
fn a_verdicts_object_is_shown_in_browse_and_going_back_leads_to_the_verdict() {
    let mut console = searched();
    console.press("<Enter><Down>");
    let key = console
        .state
        .orphans
        .items
        .current()
        .unwrap()
        .verdict
        .key
        .clone();
    console.press("b");
    assert_eq!(console.state.screen, Screen::Browse);
    let Work::List { request, .. } = &console.last(Slot::Listing).work else {
        panic!("nothing was listed")
    };
    assert_eq!(request.prefix, key.as_str());
    assert!(console.state.browse.as_ref().unwrap().pane.is_some());
    // The pane first, as everywhere.
    console.press("<Esc><Esc>");
    assert_eq!(console.state.screen, Screen::Orphans);
    let orphans = &console.state.orphans;
    assert_eq!(orphans.page, Page::Items);
    assert_eq!(orphans.items.current().unwrap().verdict.key, key);
    // From there on Browse is a place like any other.
    console.press("2<Esc>");
    assert_eq!(console.state.screen, Screen::Buckets);
}

#[test]
fn a_bucket_that_no_blueprint_names_is_not_searched() {
    let mut console = Console::with_buckets(&["nobody-knows-this"]);
    console.press("4s");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Orphans));
    assert!(console.state.toast.as_ref().unwrap().is_error);
}

#[test]
fn a_search_that_runs_is_not_begun_again_and_can_be_stopped() {
    let mut console = opened();
    console.press("s");
    let ticket = console.last(Slot::Orphans).ticket;
    console.press("s");
    assert_eq!(console.last(Slot::Orphans).ticket, ticket);
    console.say(crate::app::update::Message::Key(
        crossterm::event::KeyEvent::new(
            crossterm::event::KeyCode::Char('x'),
            crossterm::event::KeyModifiers::CONTROL,
        ),
    ));
    assert!(matches!(
        console.others.last(),
        Some(Command::Cancel(Slot::Orphans))
    ));
    let stopped = OrphansNews::Done(found_orphans(Ended::Stopped));
    console.answer(Slot::Orphans, Update::Orphans(stopped));
    console.end(Slot::Orphans, Outcome::Cancelled);
    assert!(!console.state.orphans.is_searching());
}

#[test]
fn a_search_that_broke_off_says_why() {
    let mut console = opened();
    console.press("s");
    console.end(
        Slot::Orphans,
        Outcome::Panicked("index out of bounds".into()),
    );
    assert!(matches!(console.state.orphans.search, Search::Failed(_)));
    console.press("s");
    console.end(
        Slot::Orphans,
        Outcome::Failed(problem(ProblemKind::Network)),
    );
    assert!(matches!(console.state.orphans.search, Search::Failed(_)));
}

#[test]
fn the_cursor_is_on_the_first_kind_that_there_is_and_opens_its_verdicts() {
    let mut console = searched();
    let orphans = &console.state.orphans;
    assert_eq!(orphans.page, Page::Kinds);
    assert_eq!(orphans.current_kind(), Some(Kind::OwnerGone));
    console.press("<Enter>");
    let orphans = &console.state.orphans;
    assert_eq!(orphans.page, Page::Items);
    assert_eq!(orphans.items.len(), 2);
    console.press("<Esc>");
    assert_eq!(console.state.orphans.page, Page::Kinds);
}

#[test]
fn a_kind_without_verdicts_does_not_open_and_says_why() {
    let mut console = searched();
    console.press("<Down><Down><Enter>");
    assert_eq!(console.state.orphans.page, Page::Kinds);
    let toast = &console.state.toast.as_ref().unwrap().words;
    assert!(toast.contains("source-gone"), "{toast}");
}

#[test]
fn marks_stay_with_their_verdicts_through_filters_and_other_kinds() {
    let mut console = searched();
    console.press("<Enter> ");
    assert_eq!(console.state.orphans.marks().0, 1);
    console.press("/uploads/user-2<Enter>M");
    assert_eq!(console.state.orphans.marks().0, 2);
    console.press("<Esc><Esc>");
    console.press("<Down><Down><Down><Down><Down><Enter>");
    assert_eq!(console.state.orphans.items.len(), 1, "another kind");
    console.press("<Esc><Up><Up><Up><Up><Up><Enter>");
    let rows: Vec<bool> = console
        .state
        .orphans
        .items
        .source()
        .iter()
        .map(|row| row.marked)
        .collect();
    assert_eq!(rows, [true, true]);
    console.press("M");
    assert_eq!(console.state.orphans.marks().0, 0);
}

fn exported(console: &Console) -> (PathBuf, Vec<usize>) {
    let Work::Export(work) = &console.last(Slot::Export).work else {
        panic!("nothing was to be written")
    };
    (work.path.clone(), work.numbers.clone())
}

fn export_to(console: &mut Console, file: &str) {
    console.press("x");
    console.say(crate::app::update::Message::Key(
        crossterm::event::KeyEvent::new(
            crossterm::event::KeyCode::Char('u'),
            crossterm::event::KeyModifiers::CONTROL,
        ),
    ));
    console.press(file);
    console.press("<Enter>");
}

#[test]
fn what_is_marked_is_exported_and_without_marks_what_is_shown() {
    let mut console = searched();
    export_to(&mut console, "all.csv");
    assert_eq!(
        exported(&console),
        (PathBuf::from("all.csv"), vec![0, 1, 2])
    );
    console.press("<Enter>");
    export_to(&mut console, "kind.json");
    assert_eq!(exported(&console).1, [0, 1]);
    console.press("<Down> ");
    export_to(&mut console, "marked.ndjson");
    assert_eq!(exported(&console).1, [1]);
}

#[test]
fn a_file_of_an_unknown_form_is_not_written() {
    let mut console = searched();
    export_to(&mut console, "orphans.xlsx");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Export));
    assert!(console.state.toast.as_ref().unwrap().is_error);
}

#[test]
fn the_copy_is_the_document_that_would_be_exported() {
    let mut console = searched();
    console.press("<Enter>X");
    let Some(Command::Copy(json)) = console.others.last() else {
        panic!("nothing was copied")
    };
    let document: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(document["schema"], "s3warden/orphans/1");
    assert_eq!(document["items"].as_array().unwrap().len(), 2);
    assert_eq!(document["items"][0]["kind"], "owner-gone");
}

#[test]
fn a_new_search_forgets_the_marks_of_the_one_before() {
    let mut console = searched();
    console.press("<Enter> ");
    console.press("s");
    assert_eq!(console.state.orphans.marks().0, 0);
    assert!(console.state.orphans.is_searching());
}

#[test]
fn another_profile_forgets_what_was_found() {
    let mut console = searched();
    crate::app::update::overlays::switch_profile(
        &mut console.state,
        "other".into(),
        &mut Vec::new(),
    );
    assert!(console.state.orphans.found().is_none());
}
