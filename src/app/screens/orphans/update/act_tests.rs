//! Acting on orphans: by owner, stopped, gone on with.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::Screen;
use crate::app::screens::orphans::Page;
use crate::app::screens::orphans::act::Acting;
use crate::app::testing::{Console, act_plan, act_stopped, found_orphans, problem, unfinished};
use crate::app::update::{Command, Message};
use crate::aws::ProblemKind;
use crate::domain::change::{Act, Subject};
use crate::domain::orphans::Kind;
use crate::ops::orphans::Ended;
use crate::tasks::{
    ActOrigin, ActPlan, OrphanAction, OrphansNews, Outcome, PlanActWork, Slot, Update, Way, Work,
};

const UPLOADS: &str = "pilotforce-user-uploads";

fn opened() -> Console {
    let mut console = Console::with_buckets(&["nobody-knows-this", UPLOADS]);
    console.state.write = true;
    console.press("<Down>4");
    assert_eq!(console.state.screen, Screen::Orphans);
    console
}

fn control(console: &mut Console, c: char) {
    let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    console.say(Message::Key(key));
}

/// The plan that was asked for last.
fn asked(console: &Console) -> PlanActWork {
    match &console.last(Slot::Act).work {
        Work::PlanAct(work) => (**work).clone(),
        other => panic!("no plan was asked for: {other:?}"),
    }
}

/// Answers with the plan that was asked for.
fn planned(console: &mut Console) {
    let plan = act_plan(asked(console), ActOrigin::Fresh);
    console.answer(Slot::Act, Update::Orphans(OrphansNews::ActPlanned(plan)));
    console.end(Slot::Act, Outcome::Done);
}

fn carried_out(console: &Console) -> Option<&ActPlan> {
    match &console.last(Slot::Act).work {
        Work::Act(plan) => Some(plan),
        _ => None,
    }
}

/// Quarantines what a search found, up to where it runs.
fn acting() -> Console {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    console.press("<Enter>a");
    planned(&mut console);
    console.press("<Enter>pilotforce-user-uploads:2<Enter>");
    assert!(carried_out(&console).is_some());
    console
}

fn begun(console: &mut Console, blueprint: &str) {
    let subject = Subject::Orphans {
        bucket: UPLOADS.into(),
    };
    let mut one = unfinished(subject, Act::Untag);
    one.header.blueprint = blueprint.into();
    let news = OrphansNews::Unfinished(vec![one]);
    console.answer(Slot::UnfinishedActs, Update::Orphans(news));
    console.end(Slot::UnfinishedActs, Outcome::Done);
}

#[test]
fn what_is_in_quarantine_of_a_user_who_came_back_comes_back_without_a_search() {
    let mut console = opened();
    console.press("U");
    console.press(" ada  l<Enter>");
    let work = asked(&console);
    assert_eq!(work.deed, OrphanAction::Restore);
    assert_eq!(work.owner.as_ref().unwrap().as_str(), " ada  l");
    assert_eq!(work.bucket.as_str(), UPLOADS);
    planned(&mut console);
    console.press("<Enter>pilotforce-user-uploads:1<Enter>");
    assert!(
        carried_out(&console).is_none(),
        "another number allows nothing"
    );
    console.press("<Enter>pilotforce-user-uploads:2<Enter>");
    let plan = carried_out(&console).unwrap();
    assert!(!plan.is_everything, "the rules for the others stay");
}

#[test]
fn everybodys_come_back_where_no_owner_is_asked_for_and_nobodys_for_an_empty_id() {
    let mut console = opened();
    console.press("U<Enter>");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Act));
    console.press("u");
    assert_eq!(asked(&console).owner, None);
}

#[test]
fn the_owner_of_the_verdict_under_the_cursor_is_offered() {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    console.press("<Enter>U<Enter>");
    assert_eq!(asked(&console).owner.unwrap().as_str(), "user-2");
}

#[test]
fn what_is_only_reported_is_said_to_be_where_it_is_to_be_deleted() {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    let said = |console: &Console| console.state.toast.as_ref().unwrap().words.clone();
    console.press("D");
    assert!(said(&console).contains("mark orphans first"));
    let kinds = console.state.orphans.kinds();
    let dangling = kinds.iter().position(|line| line.kind == Kind::Dangling);
    console.press(&"<Down>".repeat(dangling.unwrap()));
    console.press("<Enter>D");
    assert!(
        said(&console).contains("only reported"),
        "{}",
        said(&console)
    );
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Act));
    // What was said of one screen is not said on the next.
    console.press("1");
    assert_eq!(console.state.screen, Screen::Buckets);
    assert!(console.state.toast.is_none());
}

#[test]
fn from_the_plan_of_a_quarantine_the_same_can_be_deleted_instead() {
    let mut console = opened();
    console.press("s");
    let done = OrphansNews::Done(found_orphans(Ended::Judged));
    console.answer(Slot::Orphans, Update::Orphans(done));
    console.end(Slot::Orphans, Outcome::Done);
    console.press("<Enter>a");
    let aside = asked(&console);
    assert_eq!(aside.deed, OrphanAction::Quarantine(Way::Tag));
    planned(&mut console);
    console.press("D");
    let delete = asked(&console);
    assert_eq!(delete.deed, OrphanAction::Delete);
    assert_eq!(delete.verdicts, aside.verdicts);
}

#[test]
fn an_act_that_is_stopped_ends_by_itself_and_goes_on_with_its_own_plan() {
    let mut console = acting();
    control(&mut console, 'x');
    let stops = matches!(console.others.last(), Some(Command::Cancel(Slot::Act)));
    assert!(stops);
    let Acting::Running(running) = &console.state.orphans.acting else {
        panic!("it is said to have ended")
    };
    assert!(running.stopping);
    let done = act_stopped(&running.plan.clone());
    console.answer(Slot::Act, Update::Orphans(OrphansNews::Acted(done)));
    console.end(Slot::Act, Outcome::Cancelled);
    assert!(console.state.orphans.acting.stopped().is_some());
    console.press("n");
    let Work::ReopenAct(work) = &console.last(Slot::Act).work else {
        panic!("its plan is not read again")
    };
    assert!(work.file.ends_with("89ab.plan.jsonl"));
    assert_eq!(work.bucket.as_str(), UPLOADS);
}

#[test]
fn an_act_that_breaks_off_is_not_said_to_have_changed_nothing() {
    let mut console = acting();
    console.end(Slot::Act, Outcome::Failed(problem(ProblemKind::Network)));
    assert!(matches!(console.state.orphans.acting, Acting::Failed(_)));
    assert_eq!(console.state.orphans.page, Page::Act);
    let toast = console.state.toast.as_ref();
    assert!(!toast.is_some_and(|toast| toast.words.contains("nothing was changed")));
}

#[test]
fn what_was_begun_before_is_offered_and_asked_for_its_number_again() {
    let mut console = opened();
    begun(&mut console, "pilotforce");
    console.press("G<Enter>");
    let Work::ReopenAct(work) = &console.last(Slot::Act).work else {
        panic!("its plan is not read")
    };
    assert_eq!(work.bucket.as_str(), UPLOADS);
    let made_of = PlanActWork {
        work: work.work.clone(),
        bucket: work.bucket.clone(),
        verdicts: Vec::new(),
        deed: OrphanAction::Restore,
        owner: None,
    };
    let origin = ActOrigin::Begun {
        file: work.file.clone(),
        sha256: String::new(),
    };
    let plan = act_plan(made_of, origin);
    console.answer(Slot::Act, Update::Orphans(OrphansNews::ActPlanned(plan)));
    console.end(Slot::Act, Outcome::Done);
    console.press("<Enter><Enter>");
    assert!(
        carried_out(&console).is_none(),
        "nothing typed allows nothing"
    );
    console.press("<Enter>pilotforce-user-uploads:2<Enter>");
    assert!(carried_out(&console).unwrap().is_begun());
}

#[test]
fn what_was_begun_by_rules_that_nobody_named_does_not_go_on() {
    let mut console = opened();
    begun(&mut console, "another");
    console.press("n");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Act));
    let toast = console.state.toast.as_ref().unwrap();
    assert!(
        toast.is_error && toast.words.contains("another"),
        "{}",
        toast.words
    );
}

#[test]
fn a_profile_is_not_switched_under_an_act() {
    let mut console = acting();
    console.press("gp");
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Profiles));
}
