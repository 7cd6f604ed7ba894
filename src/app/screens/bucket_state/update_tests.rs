//! The State screen: what is asked, what arrives in any order, what fails by itself, and its keys.

use std::sync::Arc;

use crate::app::Screen;
use crate::app::overlay::Overlay;
use crate::app::screens::bucket_state::sample::{self, BUCKET};
use crate::app::screens::bucket_state::{Basis, BucketState, Tab};
use crate::app::state::Load;
use crate::app::testing::{Console, problem, scan_news};
use crate::app::update::Command;
use crate::aws::ProblemKind;
use crate::ops::Coverage;
use crate::ops::audit::Severity;
use crate::tasks::{Outcome, Slot, StateNews, Update, Work, try_rules};

fn shown(console: &Console) -> &BucketState {
    console.state.bucket.as_ref().expect("no bucket is shown")
}

fn copied(console: &Console) -> &str {
    match console.others.last() {
        Some(Command::Copy(text)) => text,
        other => panic!("nothing was copied: {other:?}"),
    }
}

fn configured(console: &mut Console) {
    let configuration = StateNews::Configuration(Arc::new(sample::configuration()));
    console.answer(Slot::Audit, Update::State(configuration));
}

#[test]
fn s_asks_about_the_bucket_under_the_cursor_in_parts() {
    let console = sample::opened();
    assert_eq!(console.state.screen, Screen::State);
    let Work::Audit(target) = &console.last(Slot::Audit).work else {
        panic!("no audit was asked for")
    };
    assert_eq!(target.bucket.as_str(), BUCKET);
    let Work::Metrics(bucket) = &console.last(Slot::Metrics).work else {
        panic!("CloudWatch was not asked")
    };
    assert_eq!(bucket.as_str(), BUCKET);
    assert!(matches!(
        console.last(Slot::KeptOfBucket).work,
        Work::OpenKept { .. }
    ));
    let tasks: Vec<&str> = console
        .state
        .tasks
        .source()
        .iter()
        .map(|task| task.what)
        .collect();
    assert!(tasks.contains(&"audit") && tasks.contains(&"ask CloudWatch"));
}

#[test]
fn another_bucket_takes_the_place_of_this_one_and_its_answers_are_dropped() {
    let mut console = sample::opened();
    let stale = console.last(Slot::Audit).ticket;
    console.press("<Esc><Down>3");
    assert_eq!(shown(&console).bucket.as_str(), "other");
    console.say(crate::app::Message::Task(crate::tasks::Envelope {
        slot: Slot::Audit,
        ticket: stale,
        update: Update::State(StateNews::Audited(Box::new(sample::audited(true)))),
    }));
    assert!(shown(&console).audited.value.is_none());
}

#[test]
fn the_same_bucket_is_not_asked_again_until_somebody_refreshes() {
    let mut console = sample::answered();
    let before = console.jobs.len();
    console.press("<Esc>s");
    assert_eq!(
        (console.state.screen, console.jobs.len()),
        (Screen::State, before)
    );
    console.press("r");
    assert_eq!(console.jobs.len(), before + 2);
    // What was known stays until the answers are there.
    assert!(shown(&console).audited.value.is_some());
    assert!(shown(&console).audited.load.is_loading());
}

#[test]
fn from_browse_it_is_the_bucket_that_is_browsed_and_escape_goes_back_there() {
    let mut console = Console::with_buckets(&[BUCKET, "other"]);
    console.press("<Down><Enter>s");
    assert_eq!(shown(&console).bucket.as_str(), "other");
    console.press("<Esc>");
    assert_eq!(console.state.screen, Screen::Browse);
}

#[test]
fn each_part_fails_by_itself() {
    let mut console = sample::opened();
    console.end(Slot::Metrics, Outcome::Failed(problem(ProblemKind::Denied)));
    configured(&mut console);
    let denied = problem(ProblemKind::Denied);
    console.end(Slot::Audit, Outcome::Failed(denied));
    let state = shown(&console);
    assert!(matches!(state.configuration.load, Load::Complete));
    assert!(state.audited.problem().is_some() && state.storage.problem().is_some());
    assert!(state.concerns.rows().all(|row| row.state.is_some()));
    console.press("lle");
    assert_eq!(shown(&console).tab, Tab::Metrics);
    assert!(matches!(console.state.overlay, Some(Overlay::Explain(_))));
}

#[test]
fn an_unknown_concern_is_explained() {
    let mut console = sample::answered();
    console.press("/policy<Enter>e");
    let Some(Overlay::Words { title, text }) = &console.state.overlay else {
        panic!("nothing is explained")
    };
    assert_eq!(title, "Policy is not known");
    assert!(text.contains("GetBucketPolicy"), "{text}");
}

#[test]
fn a_panic_is_shown_and_the_other_parts_stay() {
    let mut console = sample::answered();
    console.press("r");
    console.end(Slot::Audit, Outcome::Panicked("index out of bounds".into()));
    assert!(shown(&console).audited.problem().is_some());
    assert!(shown(&console).audited.value.is_some());
    assert!(
        console
            .state
            .toast
            .as_ref()
            .is_some_and(|toast| toast.is_error)
    );
}

#[test]
fn enter_shows_the_document_of_the_row_and_escape_goes_back_to_it() {
    let mut console = sample::answered();
    console.press("/versioning<Enter>");
    console.press("<Enter>");
    assert_eq!(shown(&console).tab, Tab::Raw);
    console.press("y");
    assert_eq!(
        copied(&console),
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    );
    console.press("<Esc>");
    assert_eq!(shown(&console).tab, Tab::Overview);
    assert_eq!(shown(&console).concern().unwrap().name, "versioning");
}

#[test]
fn the_cursor_stays_on_its_concern_when_findings_arrive() {
    let mut console = sample::opened();
    configured(&mut console);
    console.press("<Down><Down><Down>");
    let before = shown(&console).concern().unwrap().name;
    let judged = StateNews::Audited(Box::new(sample::audited(true)));
    console.answer(Slot::Audit, Update::State(judged));
    assert_eq!(shown(&console).concern().unwrap().name, before);
}

#[test]
fn what_to_do_about_a_finding_is_copied() {
    let mut console = sample::answered();
    console.press("lll");
    let first = shown(&console).findings.current().unwrap().into_owned();
    assert_eq!(first.finding.severity, Severity::High);
    console.press("y");
    assert_eq!(copied(&console), first.finding.advice.command_line());
    console.press("Y");
    // An example key in the evidence may hold what one does not see: then it is asked about first.
    if let Some(Overlay::ConfirmCopy(text)) = &console.state.overlay {
        assert_eq!(*text, first.words());
    } else {
        assert_eq!(copied(&console), first.words());
    }
}

#[test]
fn findings_are_filtered_by_severity_and_by_text() {
    let mut console = sample::answered();
    let all = shown(&console).findings.shown();
    console.press("fff");
    let state = shown(&console);
    assert_eq!((state.tab, state.least), (Tab::Findings, Severity::High));
    let rows: Vec<Severity> = state
        .findings
        .rows()
        .map(|row| row.finding.severity)
        .collect();
    assert!(rows.len() < all && rows.iter().all(|severity| *severity >= Severity::High));
    console.press("ff");
    assert_eq!(shown(&console).findings.shown(), all);
    console.press("/alarm<Enter>");
    assert!(shown(&console).findings.shown() < all);
    console.press("<Esc>");
    assert_eq!(shown(&console).findings.shown(), all);
}

#[test]
fn without_room_for_both_enter_shows_a_finding_and_escape_the_list_again() {
    let mut console = sample::answered();
    console.say(crate::app::Message::Resize(80, 24));
    console.press("lll<Enter>");
    assert!(shown(&console).in_full);
    console.press("j");
    assert_eq!(shown(&console).scroll, 1);
    console.press("<Esc>");
    assert!(!shown(&console).in_full);
    assert_eq!(console.state.screen, Screen::State);
}

#[test]
fn d_changes_how_far_back_histories_go() {
    let mut console = sample::answered();
    let days: Vec<u32> = (0..3)
        .map(|_| {
            console.press("d");
            shown(&console).days
        })
        .collect();
    assert_eq!(days, [365, 30, 90]);
}

#[test]
fn enter_on_an_alarm_tells_what_is_wrong_with_it() {
    let mut console = sample::answered();
    console.press("ll/media-requests<Enter>");
    console.press("<Enter>");
    let Some(Overlay::Words { title, text }) = &console.state.overlay else {
        panic!("nothing is told")
    };
    assert_eq!(title, "Alarm media-requests");
    assert!(text.contains("can never have data"), "{text}");
}

#[test]
fn a_scan_that_is_over_is_tried_on_the_rules_once() {
    let mut console = sample::opened();
    configured(&mut console);
    console.press("S");
    assert!(matches!(console.last(Slot::Scan).work, Work::Scan(_)));
    let keys = [("documents/a", 10), ("uploads/user-1/b", 20)];
    console.answer(Slot::Scan, scan_news(&keys, None));
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Coverage));
    console.answer(Slot::Scan, scan_news(&keys, Some(Coverage::Complete)));
    console.end(Slot::Scan, Outcome::Done);
    let asked = |console: &Console| {
        let jobs = console.jobs.iter();
        jobs.filter(|job| job.slot == Slot::Coverage).count()
    };
    assert_eq!(asked(&console), 1);
    let Work::Cover(work) = &console.last(Slot::Coverage).work else {
        panic!("the rules are not tried")
    };
    let covered = try_rules(work, &|| false).unwrap();
    console.answer(
        Slot::Coverage,
        Update::State(StateNews::Covered(Box::new(covered))),
    );
    let (coverage, basis) = shown(&console).coverage().unwrap();
    assert!(matches!(basis, Basis::Scan(_)));
    assert_eq!((coverage.objects.count, coverage.untouched.count), (2, 1));
    assert_eq!(asked(&console), 1);
}

#[test]
fn trying_rules_stops_when_nobody_wants_it_any_more() {
    let mut console = sample::opened();
    configured(&mut console);
    console.press("S");
    console.answer(Slot::Scan, scan_news(&[("a", 1)], Some(Coverage::Complete)));
    let Work::Cover(work) = &console.last(Slot::Coverage).work else {
        panic!("the rules are not tried")
    };
    assert!(try_rules(work, &|| true).is_none());
}

#[test]
fn c_x_cancels_what_is_asked_for_this_bucket() {
    let mut console = sample::opened();
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char('x'),
        crossterm::event::KeyModifiers::CONTROL,
    );
    console.say(crate::app::Message::Key(key));
    let cancelled = |slot| {
        let others = console.others.iter();
        others
            .filter(|command| matches!(command, Command::Cancel(of) if *of == slot))
            .count()
    };
    assert_eq!((cancelled(Slot::Audit), cancelled(Slot::Metrics)), (1, 1));
    console.end(Slot::Audit, Outcome::Cancelled);
    assert!(matches!(shown(&console).audited.load, Load::Stopped));
}

#[test]
fn another_profile_forgets_the_bucket() {
    let mut console = sample::answered();
    console.press("gp");
    console.answer(
        Slot::Profiles,
        Update::Profiles(vec!["default".into(), "other".into()]),
    );
    console.press("<Down><Enter>");
    assert!(console.state.bucket.is_none());
}
