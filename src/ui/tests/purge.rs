//! The Purge screen and the audit log as they are drawn.

use super::{drawn, lines, snapshot};
use crate::app::Message;
use crate::app::testing::{
    Console, noon, purge_blockers, purge_plan, purge_stopped, purge_undo_plan, unfinished,
};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Act, Existence, Subject};
use crate::ops::change::Progress;
use crate::ops::change::audit_log::{Fault, Line};
use crate::ops::change::blockers::Blockers;
use crate::ops::change::undoable::Undoable;
use crate::tasks::{AuditNews, Outcome, PurgeNews, PurgeStage, Slot, Update};

fn opened(write: bool) -> Console {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.state.write = write;
    console.state.blueprint = Some(Blueprint::builtin("pilotforce").unwrap());
    console.press("5");
    console
}

fn planned(write: bool, blockers: Blockers) -> Console {
    let mut console = opened(write);
    console.press("<Enter>user-1<Enter>");
    let gone = Existence::Gone {
        stated: "owners.txt".into(),
        read_at: noon(),
        made_at: None,
    };
    let plan = purge_plan(gone, blockers);
    console.answer(Slot::PurgePlan, Update::Purge(PurgeNews::Planned(plan)));
    console.end(Slot::PurgePlan, Outcome::Done);
    // The toast of nothing is over.
    console.state.toast = None;
    console
}

#[test]
fn the_form_says_how_it_goes_and_how_to_get_a_blueprint() {
    let mut console = opened(false);
    snapshot("purge_form", &mut console);
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.press("5");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("--blueprint NAME or FILE"), "{shown}");
    assert!(shown.contains("READ-ONLY: it plans"), "{shown}");
}

#[test]
fn the_plan_says_first_what_stands_against_it() {
    let mut console = planned(false, purge_blockers());
    snapshot("purge_plan", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    let at = |text: &str| {
        shown
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {shown}"))
    };
    assert!(at("dry run") < at("2 buckets"), "{shown}");
    assert!(at("legal hold") < at("BUCKET"), "{shown}");
}

#[test]
fn each_thing_says_why_it_is_the_users() {
    let mut console = planned(true, Blockers::default());
    console.press("<Enter>d");
    let shown = lines(&drawn(&mut console, (160, 50)));
    assert!(shown.contains("rule 1 makes it from"), "{shown}");
    assert!(
        shown.contains("names the user, by layout upload"),
        "{shown}"
    );
    console.press("<Esc><Esc><Down><Enter>");
    snapshot("purge_items", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("\\u{202e}"), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn the_last_question_has_cancel_for_its_default_until_the_id_is_whole() {
    let mut console = planned(true, purge_blockers());
    console.press("Puser-");
    snapshot("purge_question", &mut console);
    console.press("2");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("this is not the id"), "{shown}");
    assert!(shown.contains("[ Cancel (Esc) ]"), "{shown}");
    let backspace = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Backspace,
        crossterm::event::KeyModifiers::NONE,
    );
    console.say(Message::Key(backspace));
    console.press("1");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("[ Purge (Enter) ]"), "{shown}");
}

#[test]
fn a_purge_says_how_fast_it_goes_what_is_left_and_how_it_stopped() {
    let mut console = planned(true, Blockers::default());
    console.press("Puser-1<Enter>");
    let told = |console: &mut Console, deleted, failed| {
        let stage = PurgeStage::Deleting(Progress {
            planned: 5_000,
            deleted,
            failed,
        });
        console.answer(Slot::Purge, Update::Purge(PurgeNews::Stage(stage)));
    };
    told(&mut console, 0, 0);
    console.say(Message::Clock(noon() + chrono::Duration::seconds(2)));
    told(&mut console, 1_996, 4);
    console.state.toast = None;
    snapshot("purge_running", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("3,000, about 3.0 s at 1,000/s"), "{shown}");
    told(&mut console, 4_996, 4);
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(shown.contains("listed again: only then"), "{shown}");
    let end = PurgeNews::Ended(purge_stopped());
    console.answer(Slot::Purge, Update::Purge(end));
    console.end(Slot::Purge, Outcome::Cancelled);
    console.state.toast = None;
    snapshot("purge_stopped", &mut console);
}

#[test]
fn the_form_offers_what_was_begun_before_and_what_can_be_undone() {
    let mut console = opened(true);
    let user = Subject::User {
        id: "user-\u{202e}7".into(),
    };
    let begun = vec![unfinished(user, Act::Mark)];
    let soft = Undoable {
        receipt: "/state/receipts/fedc.json".into(),
        case: "fedc".into(),
        at: noon() - chrono::Duration::days(2),
        markers: 1_204,
        blueprint: "pilotforce".into(),
        endpoint: None,
        user: None,
    };
    for news in [
        PurgeNews::Unfinished(begun),
        PurgeNews::Undoable(vec![soft; 3]),
    ] {
        console.answer(Slot::UnfinishedPurges, Update::Purge(news));
    }
    snapshot("purge_form_more", &mut console);
    // On a small terminal the form follows the cursor.
    console.press("G");
    let shown = lines(&drawn(&mut console, (80, 24)));
    let last = shown.lines().rfind(|line| line.contains("undo  "));
    assert!(last.is_some_and(|line| line.contains('▌')), "{shown}");
    assert!(!shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn the_plan_of_an_undo_says_what_is_taken_away_and_asks_for_the_id() {
    let mut console = opened(true);
    console.press("<Enter>user-1<Enter>");
    let news = PurgeNews::Planned(purge_undo_plan());
    console.answer(Slot::PurgePlan, Update::Purge(news));
    console.end(Slot::PurgePlan, Outcome::Done);
    console.state.toast = None;
    snapshot("purge_undo", &mut console);
    console.press("Puser-1");
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(shown.contains("Type the user's id to undo:"), "{shown}");
    assert!(shown.contains("[ Undo (Enter) ]"), "{shown}");
}

fn line(number: u64, event: &str, fault: Option<Fault>) -> Line {
    Line {
        number,
        at: Some(noon()),
        case: "0123456789abcdef0123456789abcdef".into(),
        event: event.into(),
        detail: "{\"batch\":0,\"bucket\":\"media\",\"items\":7}".into(),
        hash: format!("{number:064x}"),
        fault,
    }
}

#[test]
fn the_audit_log_says_loudly_where_its_chain_is_broken() {
    let mut console = opened(false);
    console.press("7a");
    let checked = |broken| AuditNews::Checked {
        file: "/home/ops/.local/state/s3warden/audit.jsonl".into(),
        lines: 3,
        broken,
    };
    console.answer(Slot::AuditLog, Update::AuditLog(checked(vec![2])));
    let told = vec![
        line(3, "batch-answered", None),
        line(2, "batch-sent", Some(Fault::Torn)),
        line(1, "purge-began", None),
    ];
    console.answer(Slot::AuditLog, Update::AuditLog(AuditNews::Lines(told)));
    console.end(Slot::AuditLog, Outcome::Done);
    snapshot("audit_log_broken", &mut console);
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(
        shown.contains("! THE CHAIN IS BROKEN at line 2:"),
        "{shown}"
    );
    console.press("/answered<Enter>");
    let shown = lines(&drawn(&mut console, (120, 36)));
    assert!(!shown.contains("purge-began"), "{shown}");
    console.answer(Slot::AuditLog, Update::AuditLog(checked(Vec::new())));
    let shown = lines(&drawn(&mut console, (80, 24)));
    assert!(
        shown.contains("holds from the first line to the last"),
        "{shown}"
    );
    assert!(!shown.contains("BROKEN"), "{shown}");
}

#[test]
fn the_date_of_the_list_that_says_who_is_gone_is_shown() {
    let mut console = opened(false);
    console.press("<Enter>user-1<Enter>");
    let gone = Existence::Gone {
        stated: "owners.txt".into(),
        read_at: noon(),
        made_at: Some(noon() - chrono::TimeDelta::days(3)),
    };
    let plan = purge_plan(gone, purge_blockers());
    console.answer(Slot::PurgePlan, Update::Purge(PurgeNews::Planned(plan)));
    console.end(Slot::PurgePlan, Outcome::Done);
    let shown = lines(&drawn(&mut console, (160, 40)));
    let date = (noon() - chrono::TimeDelta::days(3)).format("%Y-%m-%d");
    assert!(shown.contains(&date.to_string()), "{shown}");
}
