//! The Purge screen: typing, searching, the last question, stopping, leaving.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::Screen;
use crate::app::overlay::Overlay;
use crate::app::screens::purge::run::Run;
use crate::app::screens::purge::setup::{Line, Most};
use crate::app::screens::purge::{Page, Search, Typed};
use crate::app::testing::{
    Console, noon, purge_blockers, purge_plan, purge_stopped, purge_undo_plan, unfinished,
};
use crate::app::update::PAGE;
use crate::app::update::{Command, Message};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Existence, Subject};
use crate::ops::change::blockers::Blockers;
use crate::ops::change::undoable::Undoable;
use crate::tasks::{Outcome, PurgeNews, PurgeWork, Slot, Update, Work};

fn gone() -> Existence {
    Existence::Gone {
        stated: "owners.txt".into(),
        read_at: noon(),
        made_at: None,
    }
}

fn control(console: &mut Console, c: char) {
    let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    console.say(Message::Key(key));
}

fn opened(write: bool) -> Console {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.state.write = write;
    console.state.blueprint = Some(Blueprint::builtin("pilotforce").unwrap());
    console.press("5");
    assert_eq!(console.state.screen, Screen::Purge);
    console
}

fn planned(write: bool, existence: Existence, blockers: Blockers) -> Console {
    let mut console = opened(write);
    console.press("<Enter>user-1<Enter>");
    let plan = purge_plan(existence, blockers);
    console.answer(Slot::PurgePlan, Update::Purge(PurgeNews::Planned(plan)));
    console.end(Slot::PurgePlan, Outcome::Done);
    console
}

fn purging() -> Console {
    let mut console = planned(true, gone(), Blockers::default());
    console.press("Puser-1<Enter>");
    console
}

fn work(console: &Console) -> Option<&PurgeWork> {
    console.jobs.iter().rev().find_map(|job| match &job.work {
        Work::Purge(work) => Some(&**work),
        _ => None,
    })
}

fn asks(console: &Console, title: &str) -> bool {
    matches!(&console.state.overlay, Some(Overlay::Ask { title: is, .. }) if is.contains(title))
}

#[test]
fn an_id_typed_to_its_end_is_looked_for_by_the_blueprint_that_was_named() {
    let mut console = opened(false);
    console.press("<Enter>ada 5q?<Enter>");
    let Work::PurgeSearch(search) = &console.last(Slot::PurgePlan).work else {
        panic!("nothing was looked for")
    };
    assert_eq!(search.owner.as_str(), "ada 5q?");
    assert_eq!(search.blueprint.name, "pilotforce");
    assert_eq!(console.state.purge.page, Page::Plan);
    assert_eq!(console.state.screen, Screen::Purge);
}

#[test]
fn hiding_is_chosen_on_the_form_and_deleting_for_good_is_the_default() {
    let mut console = opened(true);
    let soft = |console: &Console| match &console.last(Slot::PurgePlan).work {
        Work::PurgeSearch(search) => search.soft,
        other => panic!("{other:?}"),
    };
    console.press("<Enter>user-1<Enter>");
    assert!(!soft(&console));
    console.end(Slot::PurgePlan, Outcome::Cancelled);
    console.press("f<Down><Down><Right>s");
    assert!(soft(&console));
}

#[test]
fn nobody_is_looked_for_without_an_id_or_without_a_blueprint() {
    let mut console = opened(false);
    console.press("s");
    assert!(console.state.toast.as_ref().unwrap().is_error);
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::PurgePlan));
    console.press("<Enter>user-1<Enter>");
    assert!(console.jobs.iter().any(|job| job.slot == Slot::PurgePlan));
    assert!(console.state.toast.is_none(), "it asks for what is there");
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("5<Enter>user-1<Enter>");
    assert_eq!(console.state.purge.setup.cursor, Line::Blueprint);
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::PurgePlan));
}

#[test]
fn what_stands_above_the_last_question_scrolls_and_the_answer_stays() {
    let mut console = planned(true, gone(), Blockers::default());
    console.press("Puser");
    assert_eq!(console.state.purge.page, Page::Confirm);
    for (key, line) in [
        (KeyCode::Down, 1),
        (KeyCode::PageDown, 1 + u16::try_from(PAGE).unwrap()),
        (KeyCode::PageUp, 1),
        (KeyCode::Up, 0),
        (KeyCode::Up, 0),
    ] {
        console.say(Message::Key(KeyEvent::new(key, KeyModifiers::NONE)));
        assert_eq!(console.state.purge.scroll, line, "{key:?}");
        assert_eq!(console.state.purge.confirm.value(), "user");
    }
}

#[test]
fn nothing_but_the_whole_id_byte_for_byte_begins_a_purge() {
    let mut console = planned(true, gone(), Blockers::default());
    console.press("P<Enter>");
    for typed in ["user-", "user-10", "User-1", " user-1", "user-2"] {
        console.press(typed);
        console.press("<Enter>");
        assert!(work(&console).is_none(), "{typed:?}");
        assert_eq!(console.state.purge.page, Page::Confirm, "{typed:?}");
        control(&mut console, 'u');
    }
    console.press("user-1");
    assert_eq!(console.state.purge.typed(), Typed::Whole);
    assert!(work(&console).is_none());
    console.press("<Enter>");
    let work = work(&console).unwrap();
    assert_eq!((work.confirmed.as_str(), work.keep_plan), ("user-1", false));
    assert_eq!(work.bounds, Most::Usual.bounds());
    assert!(console.state.purge.is_running());
}

#[test]
fn a_pasted_line_end_is_no_enter() {
    let mut console = planned(true, gone(), Blockers::default());
    console.press("P");
    console.say(Message::Paste("user-1\r\n".into()));
    assert_eq!(console.state.purge.typed(), Typed::Whole);
    assert!(work(&console).is_none());
}

#[test]
fn esc_at_the_last_question_goes_back_to_the_plan_and_forgets_what_was_typed() {
    let mut console = planned(true, gone(), Blockers::default());
    console.press("Puser-1<Esc>");
    assert_eq!(console.state.purge.page, Page::Plan);
    console.press("P<Enter>");
    assert!(work(&console).is_none());
    console.press("<Esc><Esc>");
    assert_eq!(console.state.purge.page, Page::Setup);
    console.press("<Esc>");
    assert_eq!(console.state.purge.page, Page::Plan, "back to the plan");
}

#[test]
fn the_question_is_not_asked_while_something_stands_in_the_way() {
    let exists = Existence::Exists {
        stated: "owners.txt".into(),
        read_at: noon(),
        made_at: None,
    };
    let mfa = Blockers {
        mfa: vec![crate::domain::BucketName::new("pilotforce-assets").unwrap()],
        ..Blockers::default()
    };
    for (write, existence, blockers, why) in [
        (false, gone(), Blockers::default(), "read-only"),
        (true, exists.clone(), Blockers::default(), "still exists"),
        (true, gone(), mfa, "second factor"),
    ] {
        let mut console = planned(write, existence, blockers);
        console.press("P");
        let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
            panic!("{why}: nothing was said")
        };
        assert!(text.contains(why), "{text}");
        assert_eq!(console.state.purge.page, Page::Plan);
    }
    // A reason on the form overrules a living user, and goes along.
    let mut console = planned(true, exists, purge_blockers());
    console.press("f<Down><Down><Down><Down><Enter>court order 7<Enter><Esc>Puser-1<Enter>");
    let work = work(&console).unwrap();
    assert_eq!(work.owner_still_exists.as_deref(), Some("court order 7"));
}

#[test]
fn a_purge_that_runs_is_asked_about_before_one_looks_away_stops_it_or_quits() {
    let mut console = purging();
    console.press("1");
    assert!(asks(&console, "Look elsewhere"));
    assert_eq!(console.state.screen, Screen::Purge);
    console.press("<Enter>");
    assert_eq!(
        console.state.screen,
        Screen::Purge,
        "staying is the default"
    );
    console.press("1y");
    assert_eq!(console.state.screen, Screen::Buckets);
    console.press("q");
    assert!(asks(&console, "stop it and quit"));
    console.press("<Esc>5<Esc>");
    assert!(asks(&console, "Stop the purge"));
    console.press("<Enter>");
    let stops = |console: &Console| {
        let mut others = console.others.iter();
        others.any(|one| matches!(one, Command::Cancel(Slot::Purge)))
    };
    assert!(!stops(&console));
    console.press("<Esc>y");
    assert!(stops(&console));
    assert!(console.state.purge.is_running(), "it ends by itself");
}

#[test]
fn an_interrupt_asks_once_and_the_second_one_quits() {
    let mut console = purging();
    let quits = |console: &Console| {
        let mut others = console.others.iter();
        others.any(|one| matches!(one, Command::Quit(true)))
    };
    control(&mut console, 'c');
    assert!(asks(&console, "stop it and quit"));
    assert!(!quits(&console));
    control(&mut console, 'c');
    assert!(quits(&console));
}

#[test]
fn a_profile_is_not_switched_under_a_purge() {
    let mut console = purging();
    console.press("gp");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Profiles));
}

#[test]
fn what_stopped_goes_on_with_its_own_plan_after_the_id_was_typed_again() {
    let mut console = purging();
    let end = purge_stopped();
    console.answer(Slot::Purge, Update::Purge(PurgeNews::Ended(end)));
    console.end(Slot::Purge, Outcome::Cancelled);
    assert!(matches!(console.state.purge.run, Run::Ended(_)));
    console.press("n");
    let Work::PurgeReopening(reopening) = &console.last(Slot::PurgePlan).work else {
        panic!("the plan is not read again")
    };
    assert!(reopening.file.ends_with("0123.plan.jsonl"));
    assert!(matches!(console.state.purge.search, Search::Running { .. }));
}

#[test]
fn a_purge_that_breaks_off_without_a_word_is_told_as_that() {
    let mut console = purging();
    console.end(Slot::Purge, Outcome::Panicked("index out of bounds".into()));
    let Run::Ended(ended) = &console.state.purge.run else {
        panic!("it is said to go on")
    };
    assert!(ended.end.is_err());
}

fn undoable(user: Option<&str>) -> Undoable {
    Undoable {
        receipt: "/state/receipts/fedc.json".into(),
        case: "fedc".into(),
        at: noon(),
        markers: 2,
        blueprint: "pilotforce".into(),
        endpoint: None,
        user: user.map(str::to_owned),
    }
}

fn offered(blueprint: &str) -> Console {
    let mut console = opened(true);
    let one = Undoable {
        blueprint: blueprint.into(),
        ..undoable(None)
    };
    let news = PurgeNews::Undoable(vec![one]);
    console.answer(Slot::UnfinishedPurges, Update::Purge(news));
    console.end(Slot::UnfinishedPurges, Outcome::Done);
    console
}

#[test]
fn a_soft_purge_is_undone_by_its_receipt_for_whoever_is_named_and_confirmed() {
    let mut console = offered("pilotforce");
    console.press("G<Enter>");
    console.press("user 1 <Enter>");
    let Work::PurgeUndoing(undoing) = &console.last(Slot::PurgePlan).work else {
        panic!("no undo is planned")
    };
    assert!(undoing.receipt.ends_with("fedc.json"));
    assert_eq!(undoing.owner.as_str(), "user 1 ", "blanks count in an id");
    let news = PurgeNews::Planned(purge_undo_plan());
    console.answer(Slot::PurgePlan, Update::Purge(news));
    console.end(Slot::PurgePlan, Outcome::Done);
    assert_eq!(console.state.purge.page, Page::Plan);
    console.press("Puser-10<Enter>");
    assert!(work(&console).is_none(), "another id undoes nothing");
    control(&mut console, 'u');
    console.press("user-1<Enter>");
    assert!(work(&console).unwrap().plan.is_undo());
}

#[test]
fn nobodys_soft_purge_is_undone_and_none_by_rules_that_nobody_named() {
    let mut console = offered("pilotforce");
    console.press("u");
    assert_eq!(console.state.purge.setup.cursor, Line::Undoable(0));
    console.press("<Enter><Enter>");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::PurgePlan));
    let mut console = offered("another");
    console.press("G<Enter>user-1<Enter>");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::PurgePlan));
    let toast = console.state.toast.as_ref().unwrap();
    assert!(
        toast.is_error && toast.words.contains("another"),
        "{}",
        toast.words
    );
}

#[test]
fn an_undo_is_a_dry_run_like_everything_else_without_write() {
    let mut console = offered("pilotforce");
    console.state.write = false;
    console.press("G<Enter>user-1<Enter>");
    let news = PurgeNews::Planned(purge_undo_plan());
    console.answer(Slot::PurgePlan, Update::Purge(news));
    console.press("P");
    let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
        panic!("nothing was said")
    };
    assert!(
        text.contains("to undo it, quit") && text.contains("(q)") && !text.contains("--write"),
        "{text}"
    );
}

#[test]
fn a_stopped_soft_purge_and_a_stopped_undo_are_offered_like_a_stopped_purge() {
    let user = |act| {
        unfinished(
            Subject::User {
                id: "user-1".into(),
            },
            act,
        )
    };
    let undo = Act::Unmark {
        case: "fedc".into(),
    };
    for act in [Act::Delete, Act::Mark, undo] {
        let mut console = opened(true);
        let news = PurgeNews::Unfinished(vec![user(act.clone())]);
        console.answer(Slot::UnfinishedPurges, Update::Purge(news));
        console.press("G<Enter>");
        let Work::PurgeReopening(work) = &console.last(Slot::PurgePlan).work else {
            panic!("{act:?}: its plan is not read")
        };
        assert!(work.file.ends_with("4567.plan.jsonl"));
    }
}

#[test]
fn a_copy_of_the_receipt_goes_where_the_form_says_and_never_among_users_media() {
    let mut console = planned(true, gone(), Blockers::default());
    // Above the last two lines of the form, and the one above it.
    console.press("fG<Up><Up><Enter>s3://pilotforce-user-uploads/r/<Enter><Up><Right><Esc>");
    console.press("P");
    let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
        panic!("nothing was said")
    };
    assert!(
        text.contains("no copy of the receipt can go there"),
        "{text}"
    );
    console.press("<Esc>fG<Up><Up><Enter>");
    control(&mut console, 'u');
    console.press("s3://audit-receipts/2026/<Enter><Esc>Puser-1<Enter>");
    let work = work(&console).unwrap();
    let to = work.receipt_to.as_ref().unwrap();
    assert_eq!(to.to_string(), "s3://audit-receipts/2026/");
    assert!(work.subject_as_given);
}

#[test]
fn a_plan_that_was_made_by_a_list_is_not_carried_out_without_it() {
    let mut console = opened(true);
    console.press("<Enter>user-1<Enter>");
    // As it is read again by a blueprint that names no list.
    let plan = purge_plan(gone(), Blockers::default());
    let mut plan = std::sync::Arc::into_inner(plan).unwrap();
    plan.existence = Existence::NotChecked;
    let news = PurgeNews::Planned(plan.into());
    console.answer(Slot::PurgePlan, Update::Purge(news));
    console.end(Slot::PurgePlan, Outcome::Done);
    console.press("P");
    let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
        panic!("the question is asked");
    };
    assert!(
        text.contains("owners.txt") && text.contains("in the blueprint"),
        "{text}"
    );
    assert!(work(&console).is_none());
}

#[test]
fn a_list_of_unknown_age_is_an_obstacle_before_the_question() {
    let mut console = opened(true);
    console.press("<Enter>user-1<Enter>");
    let plan = purge_plan(gone(), Blockers::default());
    let mut plan = std::sync::Arc::into_inner(plan).unwrap();
    plan.undated = Some("nobody knows how old the list of owners is (owners.txt)".into());
    let news = PurgeNews::Planned(plan.into());
    console.answer(Slot::PurgePlan, Update::Purge(news));
    console.end(Slot::PurgePlan, Outcome::Done);
    console.press("P");
    assert!(
        matches!(&console.state.overlay, Some(Overlay::Words { text, .. }) if text.contains("undated list"))
    );
}

#[test]
fn nothing_to_delete_is_not_the_id_s_fault_where_something_was_not_searched() {
    for (is_whole, advice) in [(true, "look at the id"), (false, "not searched")] {
        let mut console = opened(true);
        console.press("<Enter>user-1<Enter>");
        let plan = purge_plan(gone(), Blockers::default());
        let mut plan = std::sync::Arc::into_inner(plan).unwrap();
        plan.plan.items.clear();
        if is_whole {
            plan.plan.header.not_searched.clear();
        }
        let news = PurgeNews::Planned(plan.into());
        console.answer(Slot::PurgePlan, Update::Purge(news));
        console.end(Slot::PurgePlan, Outcome::Done);
        console.press("P");
        let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
            panic!("the question is asked");
        };
        assert!(text.contains(advice), "{text}");
    }
}

#[test]
fn the_command_that_goes_on_carries_what_was_chosen_on_the_form() {
    let plan = purge_plan(gone(), Blockers::default());
    let mut end = std::sync::Arc::into_inner(purge_stopped()).unwrap();
    let options = PurgeWork {
        plan: std::sync::Arc::clone(&plan),
        confirmed: String::new(),
        owner_still_exists: Some("by letter".into()),
        keep_plan: true,
        bounds: crate::ops::change::Bounds::default(),
        subject_as_given: true,
        receipt_to: None,
        lists: crate::domain::registry::Requirements {
            max_malformed: Some(3),
            undated: true,
            ..Default::default()
        },
    };
    end.again = options.options();
    let command = crate::app::screens::purge::ended::command_to_go_on(&plan, &end);
    for option in [
        "--max-malformed 3",
        "--allow-undated-registry",
        "--owner-still-exists 'by letter'",
        "--keep-plan",
        "--subject-as-given",
        "--confirm=user-1",
    ] {
        assert!(command.contains(option), "{option}: {command}");
    }
}
