//! What each message does: keys and answers in, commands and state out.

use super::*;
use crate::app::Screen;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::browse::{Detail, Place};
use crate::app::testing::{Console, folder_of, noon, page, problem, tally};
use crate::aws::ProblemKind;
use crate::domain::OwnerId;
use crate::ops::browse::{Page, Start as ListStart};
use crate::ops::owners::{Counts, OwnersSummary, OwnersUpdate, Tally, Unattributed};
use crate::ops::{Coverage, Gap};
use crate::tasks::{Outcome, Pages, Update};

#[test]
fn connecting_asks_who_we_are_and_for_the_buckets_and_then_for_their_cells() {
    let console = Console::with_buckets(&["one-bucket", "two-bucket"]);
    assert!(matches!(console.last(Slot::Identity).work, Work::Identity));
    assert!(matches!(&console.last(Slot::Facts).work, Work::Facts(names) if names.len() == 2));
}

#[test]
fn a_stale_page_is_dropped() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let stale = console.last(Slot::Listing).ticket;
    console.press("r");
    console.say(Message::Task(Envelope {
        slot: Slot::Listing,
        ticket: stale,
        update: Update::Page(page(&[], &["old"])),
    }));
    assert_eq!(console.paths(), Vec::<String>::new());
    console.answer(Slot::Listing, Update::Page(page(&[], &["new"])));
    assert_eq!(console.paths(), ["new"]);
}

#[test]
fn a_stale_job_still_ends_on_the_tasks_screen() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let stale = console.last(Slot::Listing).ticket;
    console.press("r");
    let running = console.state.running();
    console.say(Message::Task(Envelope {
        slot: Slot::Listing,
        ticket: stale,
        update: Update::Finished(Outcome::Cancelled),
    }));
    assert_eq!(console.state.running(), running - 1);
    assert!(matches!(console.place(), Place::Folder(folder) if folder.load.is_loading()));
}

#[test]
fn a_bucket_that_no_blueprint_names_opens_at_its_top() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let Work::List { request, pages } = &console.last(Slot::Listing).work else {
        panic!("no listing was asked for");
    };
    assert_eq!(
        (request.prefix.as_str(), request.delimiter, *pages),
        ("", true, Pages::One)
    );
}

#[test]
fn a_bucket_of_a_built_in_blueprint_opens_by_owner() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    assert!(matches!(console.last(Slot::Listing).work, Work::Owners(_)));
    assert!(matches!(console.place(), Place::Owners(_)));
}

#[test]
fn owners_are_counted_up_without_moving_the_cursor_off_its_row() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    console.answer(
        Slot::Listing,
        Update::Owners(OwnersUpdate::Found(vec![
            folder_of("m"),
            folder_of("z"),
            folder_of("z"),
        ])),
    );
    console.press("<Down>");
    console.answer(
        Slot::Listing,
        Update::Owners(OwnersUpdate::Found(vec![folder_of("a")])),
    );
    let counts = Counts {
        owners: vec![(OwnerId::new("z").unwrap(), tally(7))],
        total: tally(7),
        ..Counts::default()
    };
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Counted(counts)));
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert_eq!(owners.table.len(), 3);
    let row = owners.table.current().unwrap();
    assert_eq!((row.owner.as_str(), row.tally.objects), ("z", 7));
    assert!(!owners.all_counted());
}

#[test]
fn a_complete_count_is_known_on_the_buckets_screen() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    let done = OwnersSummary {
        found: Coverage::Complete,
        counted: Coverage::Complete,
        total: tally(42),
        unattributed: Unattributed::default(),
    };
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Done(done)));
    console.end(Slot::Listing, Outcome::Done);
    let known = console.state.buckets.current().unwrap().known.unwrap();
    assert_eq!((known.objects, known.complete), (42, true));
}

#[test]
fn keys_that_can_be_read_in_two_ways_are_told() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let undecided = Page {
        undecided: 1,
        ..page(&[], &["a%20b"])
    };
    console.answer(Slot::Listing, Update::Page(undecided));
    assert_eq!(console.paths(), ["a%20b"]);
    let told = console
        .state
        .toast
        .as_ref()
        .map(|toast| toast.words.as_str());
    assert!(
        told.is_some_and(|told| told.starts_with("the exact keys of some entries in plain-bucket")),
        "{told:?}"
    );
}

#[test]
fn going_back_restores_rows_and_cursor_without_asking_again() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/", "b/"], &["c"])));
    console.end(Slot::Listing, Outcome::Done);
    console.press("<Down><Enter>");
    assert!(
        matches!(&console.last(Slot::Listing).work, Work::List { request, .. } if request.prefix == "b/")
    );
    console.answer(Slot::Listing, Update::Page(page(&[], &["b/x"])));
    console.end(Slot::Listing, Outcome::Done);
    let asked = console.jobs.len();
    console.press("<Esc>");
    assert_eq!(console.paths(), ["a/", "b/", "c"]);
    let Place::Folder(folder) = console.place() else {
        panic!()
    };
    assert_eq!(folder.table.current().unwrap().path(), "b/");
    assert_eq!(console.jobs.len(), asked);
}

#[test]
fn a_folder_left_while_its_first_page_was_on_its_way_is_asked_for_again() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/"], &[])));
    console.end(Slot::Listing, Outcome::Done);
    console.press("<Enter>");
    console.press("<Esc><Enter>");
    assert!(matches!(console.place(), Place::Folder(folder) if folder.load.is_loading()));
}

#[test]
fn esc_never_quits_and_q_asks_while_work_runs() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Esc><Esc><Esc>");
    assert!(
        !console
            .others
            .iter()
            .any(|command| matches!(command, Command::Quit(_)))
    );
    assert!(console.state.running() > 0);
    console.press("q");
    assert!(matches!(console.state.overlay, Some(Overlay::ConfirmQuit)));
    console.press("<Enter>");
    assert!(
        console.state.overlay.is_none(),
        "Enter is the harmless choice"
    );
    console.press("qq");
    assert!(matches!(console.others.last(), Some(Command::Quit(false))));
}

#[test]
fn a_failure_keeps_the_rows_and_can_be_explained() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["kept"])));
    console.end(Slot::Listing, Outcome::Failed(problem(ProblemKind::Denied)));
    assert_eq!(console.paths(), ["kept"]);
    assert!(console.state.toast.as_ref().unwrap().is_error);
    console.press("e");
    assert!(
        matches!(&console.state.overlay, Some(Overlay::Explain(p)) if p.kind == ProblemKind::Denied)
    );
}

#[test]
fn the_next_page_is_asked_for_when_the_cursor_nears_the_end_and_not_before() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    let keys: Vec<String> = (0..500).map(|n| format!("k{n:03}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    console.answer(Slot::Listing, Update::Page(page(&[], &keys)));
    // Only a server makes a real continuation token; for the state, any place to go on from will do.
    if let Some(Place::Folder(folder)) = console
        .state
        .browse
        .as_mut()
        .map(|browse| &mut browse.place)
    {
        folder.next = Some(ListStart::After("k499".into()));
    }
    console.end(Slot::Listing, Outcome::Done);
    let asked = console.jobs.len();
    console.press("<Down>");
    assert_eq!(
        console.jobs.len(),
        asked,
        "a page was fetched that nobody is near"
    );
    console.press("<End>");
    let Work::List { request, pages } = &console.last(Slot::Listing).work else {
        panic!()
    };
    assert_eq!(
        (&request.start, *pages),
        (&ListStart::After("k499".into()), Pages::One)
    );
}

#[test]
fn the_pane_asks_for_the_object_under_the_cursor_and_follows_it() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["f/"], &["x", "y"])));
    console.press("d");
    assert!(
        !console.jobs.iter().any(|job| job.slot == Slot::Detail),
        "a folder needs no request"
    );
    console.press("<Down>");
    assert!(
        matches!(&console.last(Slot::Detail).work, Work::Detail { key, .. } if key.as_str() == "x")
    );
    console.press("<Down>");
    assert!(
        matches!(&console.last(Slot::Detail).work, Work::Detail { key, .. } if key.as_str() == "y")
    );
    console.end(Slot::Detail, Outcome::Failed(problem(ProblemKind::Denied)));
    let pane = console
        .state
        .browse
        .as_ref()
        .unwrap()
        .pane
        .as_ref()
        .unwrap();
    assert!(matches!(&pane.detail, Detail::Failed(key, _) if key.as_str() == "y"));
}

#[test]
fn a_filter_shows_what_it_holds_while_it_is_typed_and_esc_takes_it_away() {
    let mut console = Console::with_buckets(&["alpha-bucket", "beta-bucket"]);
    console.press("/be");
    assert_eq!(console.state.buckets.shown(), 1);
    console.press("<Enter>");
    assert!(console.state.overlay.is_none());
    assert_eq!(console.state.buckets.shown(), 1, "Enter keeps the filter");
    console.press("<Esc>");
    assert_eq!(console.state.buckets.shown(), 2);
}

#[test]
fn an_owner_can_be_gone_to_by_typing_although_it_was_never_listed() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    console.press("fuser-77<Enter>");
    assert!(
        matches!(&console.last(Slot::Listing).work, Work::Owner { owner, .. } if owner.as_str() == "user-77")
    );
}

#[test]
fn a_level_of_folders_can_be_taken_for_the_owners() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["uploads/"], &[])));
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["uploads/user-1/"], &[])));
    console.press("o");
    let Work::Owners(bucket) = &console.last(Slot::Listing).work else {
        panic!()
    };
    let found = bucket.locate("uploads/user-1/a.jpg");
    assert!(
        matches!(&found, crate::domain::blueprint::Location::Owned { owner, .. } if owner.as_str() == "user-1"),
        "{found:?}"
    );
}

#[test]
fn a_copy_of_hidden_characters_is_asked_about_first_and_is_exact() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(
        Slot::Listing,
        Update::Page(page(&[], &["a\u{202e}gpj", "plain"])),
    );
    console.press("y");
    assert!(matches!(
        &console.state.overlay,
        Some(Overlay::ConfirmCopy(_))
    ));
    assert!(
        !console
            .others
            .iter()
            .any(|command| matches!(command, Command::Copy(_)))
    );
    console.press("y");
    assert!(matches!(console.others.last(), Some(Command::Copy(text)) if text == "a\u{202e}gpj"));
    console.press("<Down>Y");
    assert!(
        matches!(console.others.last(), Some(Command::Copy(text)) if text == "s3://plain-bucket/plain")
    );
}

#[test]
fn an_address_typed_into_the_palette_is_gone_to_and_a_wrong_one_is_explained() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press(":s3://other-bucket/a/b<Enter>");
    let Work::List { request, .. } = &console.last(Slot::Listing).work else {
        panic!()
    };
    assert_eq!(
        (request.bucket.as_str(), request.prefix.as_str()),
        ("other-bucket", "a/b")
    );
    console.press(":s3://!<Enter>");
    assert!(console.state.toast.as_ref().unwrap().is_error);
}

#[test]
fn a_task_under_the_cursor_can_be_cancelled() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>7");
    assert_eq!(console.state.screen, Screen::Tasks);
    let newest = console.last(Slot::Listing).ticket;
    console.press("c");
    assert!(
        matches!(console.others.last(), Some(Command::CancelTask(ticket)) if *ticket == newest)
    );
}

#[test]
fn a_panic_in_a_task_is_told_and_loses_nothing() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["kept"])));
    console.end(
        Slot::Listing,
        Outcome::Panicked("index out of bounds".into()),
    );
    assert_eq!(console.paths(), ["kept"]);
    assert!(
        console
            .state
            .toast
            .as_ref()
            .unwrap()
            .words
            .contains("index out of bounds")
    );
}

#[test]
fn another_profile_forgets_what_the_one_before_it_showed() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("gp");
    console.answer(
        Slot::Profiles,
        Update::Profiles(vec!["default".into(), "prod".into()]),
    );
    console.press("<Down><Enter>");
    assert!(console.state.buckets.is_empty());
    assert!(
        matches!(&console.last(Slot::Connection).work, Work::Connect { profile: Some(name) } if name == "prod")
    );
}

#[test]
fn a_toast_goes_away_by_itself() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.say(Message::Copied(Ok("3 characters".into())));
    assert!(console.state.toast.is_some());
    console.say(Message::Clock(
        noon() + chrono::Duration::seconds(TOAST_SECONDS),
    ));
    assert!(console.state.toast.is_none());
}

#[test]
fn the_cursor_moves_in_a_folder_that_was_gone_to_by_typing() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>v");
    console.answer(Slot::Listing, Update::Page(page(&["a/", "uploads/"], &[])));
    console.end(Slot::Listing, Outcome::Done);
    console.press("fuploads/<Enter>");
    let keys = ["uploads/", "uploads/y", "uploads/z"];
    console.answer(Slot::Listing, Update::Page(page(&["uploads/x/"], &keys)));
    console.end(Slot::Listing, Outcome::Done);
    console.press("jj");
    let Place::Folder(folder) = console.place() else {
        panic!()
    };
    assert_eq!(folder.table.cursor(), 2);
}

#[test]
fn a_search_for_owners_that_was_refused_is_a_failure_and_not_an_empty_bucket() {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("<Enter>");
    let denied = (*problem(ProblemKind::Denied)).clone();
    let nothing = Coverage::AtLeast(vec![Gap::failed("the folders", denied)]);
    let summary = OwnersSummary {
        found: nothing.clone(),
        counted: nothing,
        total: Tally::default(),
        unattributed: Unattributed::default(),
    };
    console.answer(Slot::Listing, Update::Owners(OwnersUpdate::Done(summary)));
    console.end(Slot::Listing, Outcome::Done);
    let Place::Owners(owners) = console.place() else {
        panic!()
    };
    assert!(matches!(&owners.load, Load::Failed(problem) if problem.kind == ProblemKind::Denied));
    assert!(console.state.buckets.current().unwrap().known.is_none());
}

#[test]
fn without_a_connection_a_refresh_connects_again() {
    let mut console = Console::new();
    console.end(
        Slot::Connection,
        Outcome::Failed(problem(ProblemKind::Configuration)),
    );
    assert!(matches!(console.state.buckets_load, Load::Failed(_)));
    let asked = console.jobs.len();
    console.press("r");
    assert_eq!(console.jobs.len(), asked + 1);
    assert!(matches!(
        console.last(Slot::Connection).work,
        Work::Connect { .. }
    ));
}

#[test]
fn an_order_of_many_buckets_is_given_to_the_buckets_whatever_is_shown_when_it_arrives() {
    let names: Vec<String> = (0..10_500).map(|n| format!("bucket-{n:05}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut console = Console::with_buckets(&names);
    console.press(">");
    let job = console.jobs.pop().expect("an order to be made");
    assert_eq!(job.slot, Slot::ArrangeBuckets);
    let Work::Arrange(arrange) = job.work else {
        panic!("{job:?}")
    };
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["kept"])));
    console.say(Message::Task(Envelope {
        slot: job.slot,
        ticket: job.ticket,
        update: Update::Arranged(arrange.make(&|| false).unwrap()),
    }));
    assert_eq!(console.paths(), ["kept"]);
    let first = console.state.buckets.line(0).unwrap();
    assert_eq!(first.name.as_str(), "bucket-10499");
}

#[test]
fn a_cancelled_inspection_does_not_stay_pending_for_ever() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["x"])));
    console.press("d");
    console.end(Slot::Detail, Outcome::Cancelled);
    let pane = console.state.browse.as_ref().unwrap().pane.as_ref();
    assert!(
        matches!(&pane.unwrap().detail, Detail::Failed(_, problem) if problem.kind == ProblemKind::Cancelled)
    );
}

#[test]
fn a_server_that_lists_in_circles_is_stopped_and_none_of_its_rows_comes_twice() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["a", "b"])));
    console.answer(Slot::Listing, Update::Page(page(&[], &["c"])));
    console.answer(Slot::Listing, Update::Page(page(&[], &["a", "b"])));
    assert_eq!(console.paths(), ["a", "b", "c"]);
    assert!(matches!(
        console.others.last(),
        Some(Command::Cancel(Slot::Listing))
    ));
    let Place::Folder(folder) = console.place() else {
        panic!()
    };
    assert!(
        matches!(&folder.load, Load::Failed(problem) if problem.kind == ProblemKind::Malformed)
    );
    console.press("L");
    assert!(!folder_is_loading(&console), "a circle was gone on with");
}

fn folder_is_loading(console: &Console) -> bool {
    matches!(console.place(), Place::Folder(folder) if folder.load.is_loading())
}

#[test]
fn a_refresh_of_the_tasks_says_that_there_is_nothing_to_ask() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("7");
    let asked = console.jobs.len();
    console.press("r");
    assert_eq!(console.jobs.len(), asked);
    assert!(
        console
            .state
            .toast
            .as_ref()
            .unwrap()
            .words
            .contains("up to date")
    );
}

#[test]
fn the_lifecycle_of_a_bucket_is_asked_for_once_and_again_on_a_refresh() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&["a/"], &["x", "y"])));
    console.end(Slot::Listing, Outcome::Done);
    let asked = |console: &Console| {
        let jobs = console.jobs.iter();
        jobs.filter(|job| job.slot == Slot::Rules).count()
    };
    console.press("d");
    assert_eq!(asked(&console), 0, "a folder needs no rules");
    console.press("<Down><Down>");
    assert_eq!(asked(&console), 1);
    console.press("r");
    console.answer(Slot::Listing, Update::Page(page(&["a/"], &["x", "y"])));
    assert_eq!(asked(&console), 2);
}

#[test]
fn rules_that_never_came_say_why() {
    let mut console = Console::with_buckets(&["plain-bucket"]);
    console.press("<Enter>");
    console.answer(Slot::Listing, Update::Page(page(&[], &["x"])));
    console.press("d");
    let failed = problem(crate::aws::ProblemKind::Network);
    console.end(Slot::Rules, Outcome::Failed(failed));
    let rules = &console.state.browse.as_ref().unwrap().rules;
    assert!(matches!(
        rules,
        crate::app::screens::browse::BucketRules::Failed(_)
    ));
}

#[test]
fn every_screen_is_registered_under_its_number() {
    let mut numbered = Vec::new();
    for screen in Screen::ALL {
        let (number, name) = screen.component().title();
        match screen.component().behind() {
            None => numbered.push(number),
            Some(front) => assert_eq!(front.component().title().0, number, "{name}"),
        }
        let alike = Screen::ALL.into_iter().filter(|other| *other == screen);
        assert_eq!(alike.count(), 1, "{name}");
        let mut console = Console::with_buckets(&["media"]);
        console.state.screen = screen;
        let place = console.state.component().place(&console.state);
        assert!(!place.is_empty(), "{name} says nowhere where one is");
    }
    let expected: Vec<u8> = (1..).take(numbered.len()).collect();
    assert_eq!(numbered, expected);
}

#[test]
fn a_filter_is_asked_for_only_where_there_is_a_list() {
    for (keys, has_list) in [
        ("1", true),
        ("2", true),
        ("3", true),
        ("4", false),
        ("5", false),
        ("6", false),
        ("7", true),
        ("7a", true),
    ] {
        let mut console = Console::with_buckets(&["media"]);
        console.press(keys);
        console.press("/");
        let is_asked = matches!(
            console.state.overlay,
            Some(Overlay::Prompt {
                kind: PromptKind::Filter,
                ..
            })
        );
        assert_eq!(is_asked, has_list, "{keys}");
    }
}
