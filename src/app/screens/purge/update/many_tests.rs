//! Many users at once: a file on the form, the plan, the number that has to be typed, the end.

use std::sync::Arc;

use crate::app::overlay::Overlay;
use crate::app::screens::purge::Page;
use crate::app::screens::purge::batch::Many;
use crate::app::screens::purge::setup::Line;
use crate::app::testing::{Console, noon};
use crate::domain::blueprint::Blueprint;
use crate::domain::change::{Operator, OperatorSource};
use crate::ops::change::batch::{Batch, BatchEnd, BatchUser, Outcome, Planned, UserEnd};
use crate::tasks::{BatchNews, BatchPlan, Outcome as Done, PurgeNews, Slot, Update, Work};

fn user(id: &str, left: Option<&str>) -> BatchUser {
    BatchUser {
        user: id.to_owned(),
        reference: None,
        plan: left.is_none().then(|| Planned {
            case: "a".repeat(32),
            sha256: String::new(),
            annotations: None,
            items: 3,
            bytes: 10,
        }),
        left: left.map(str::to_owned),
        not_searched: Vec::new(),
    }
}

fn plan() -> Arc<BatchPlan> {
    Arc::new(BatchPlan {
        unexplained: Vec::new(),
        batch: Batch {
            format: String::new(),
            batch: "0".repeat(32),
            made_at: noon(),
            operator: Operator {
                account: "1".to_owned(),
                arn: "ada".to_owned(),
                source: Some(OperatorSource::Stated),
            },
            endpoint: None,
            blueprint: "pilotforce".to_owned(),
            blueprint_sha256: String::new(),
            owner_list: None,
            record_list: None,
            other_buckets: None,
            requests: 0,
            users: vec![
                user("user-1", None),
                user("user-2", Some("the user still exists")),
                user("user-3", None),
            ],
        },
        file: "/state/plan.batch.json".into(),
        blueprint: Blueprint::builtin("pilotforce").unwrap(),
    })
}

fn opened(write: bool) -> Console {
    let mut console = Console::with_buckets(&["pilotforce-user-uploads"]);
    console.state.write = write;
    console.state.blueprint = Some(Blueprint::builtin("pilotforce").unwrap());
    console.press("5");
    console.state.purge.setup.cursor = Line::Requests;
    console.press("<Enter>/tmp/requests.csv<Enter>");
    console
}

fn news(console: &mut Console, slot: Slot, news: BatchNews) {
    console.answer(slot, Update::Purge(PurgeNews::Batch(news)));
}

fn planned(write: bool) -> Console {
    let mut console = opened(write);
    news(&mut console, Slot::PurgePlan, BatchNews::Planned(plan()));
    console.end(Slot::PurgePlan, Done::Done);
    console
}

fn end(console: &Console) -> BatchEnd {
    let Many::Running(running) = &console.state.purge.many else {
        panic!("it does not run");
    };
    BatchEnd {
        users: running.done.clone(),
        receipts: Vec::new(),
        stopped: None,
        summary: None,
        plan_removed: true,
    }
}

#[test]
fn a_file_on_the_form_is_planned_for_and_nothing_is_deleted_yet() {
    let mut console = opened(true);
    assert_eq!(console.state.purge.page, Page::Many);
    let Work::BatchSearch(work) = &console.last(Slot::PurgePlan).work else {
        panic!("no plan is made");
    };
    assert_eq!(work.file.to_str(), Some("/tmp/requests.csv"));
    news(
        &mut console,
        Slot::PurgePlan,
        BatchNews::User(user("user-1", None)),
    );
    let Many::Planning { users, .. } = &console.state.purge.many else {
        panic!("it is not planned");
    };
    assert_eq!(users.len(), 1);
    assert!(!console.jobs.iter().any(|job| job.slot == Slot::Purge));
}

#[test]
fn only_the_number_of_users_typed_in_full_purges() {
    let mut console = planned(true);
    console.press("Pusers:3<Enter>");
    assert_eq!(console.state.purge.page, Page::ManyConfirm);
    assert!(!console.state.purge.is_running());
    console.press("<Esc>Pusers:2<Enter>");
    let Work::Batch(work) = &console.last(Slot::Purge).work else {
        panic!("nothing is carried out");
    };
    assert_eq!(work.confirmed, "users:2");
    assert!(console.state.purge.is_running());
}

#[test]
fn a_program_that_is_read_only_asks_nobody() {
    let mut console = planned(false);
    console.press("P");
    assert!(
        matches!(&console.state.overlay, Some(Overlay::Words { text, .. }) if text.contains("changes allowed (q)") && !text.contains("--write"))
    );
    assert_eq!(console.state.purge.page, Page::Many);
}

#[test]
fn what_becomes_of_each_user_is_kept_and_the_end_says_it() {
    let mut console = planned(true);
    console.press("Pusers:2<Enter>");
    for (id, outcome) in [("user-1", Outcome::Purged), ("user-2", Outcome::Left)] {
        let done = UserEnd {
            user: id.to_owned(),
            reference: None,
            case: None,
            outcome,
            why: None,
            deleted: 3,
            receipt: None,
        };
        news(&mut console, Slot::Purge, BatchNews::Done(done));
    }
    let ended = BatchNews::Ended {
        ended: Arc::new(Ok(end(&console))),
        no_copies: Vec::new(),
    };
    news(&mut console, Slot::Purge, ended);
    console.end(Slot::Purge, Done::Done);
    let Many::Ended(over) = &console.state.purge.many else {
        panic!("it has not ended");
    };
    assert_eq!(over.done.len(), 2);
    let toast = console.state.toast.as_ref().unwrap();
    assert_eq!(toast.words, "1 user purged, 1 left untouched");
    assert!(!console.state.purge.is_running());
}

#[test]
fn the_operator_who_was_typed_is_told_before_anything_is_planned() {
    let mut console = opened(true);
    console.press("f");
    console.state.purge.setup.operator = "Ada".into();
    console.press("s");
    let slots: Vec<Slot> = console.jobs.iter().map(|job| job.slot).collect();
    let told = slots.iter().rposition(|slot| *slot == Slot::Operator);
    let searched = slots.iter().rposition(|slot| *slot == Slot::PurgePlan);
    assert!(told.unwrap() < searched.unwrap());
    let Work::StateOperator(name) = &console.last(Slot::Operator).work else {
        panic!("nobody was told");
    };
    assert_eq!(name.as_deref(), Some("Ada"));
}

#[test]
fn a_plan_over_many_that_was_made_by_a_list_is_not_carried_out_without_it() {
    let mut console = opened(true);
    let mut plan = Arc::into_inner(plan()).unwrap();
    plan.batch.owner_list = Some("living.txt".into());
    plan.blueprint.registry.owners = None;
    let told = BatchNews::Planned(plan.into());
    news(&mut console, Slot::PurgePlan, told);
    console.end(Slot::PurgePlan, Done::Done);
    console.press("P");
    let Some(Overlay::Words { text, .. }) = &console.state.overlay else {
        panic!("the question is asked");
    };
    assert!(text.contains("living.txt"), "{text}");
}
