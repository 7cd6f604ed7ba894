//! Keys and answers of the smoke test's page.

use crate::app::overlay::{Overlay, Then};
use crate::app::screens::presign::smoke::Left;
use crate::app::screens::presign::{Field, Page};
use crate::app::state::{Load, State};
use crate::app::update::{Command, start, toast};
use crate::domain::BucketName;
use crate::domain::text;
use crate::domain::words::counted;
use crate::ops::smoke::Refusal;
use crate::tasks::{Outcome, Slot, SmokeNews, SmokeTarget, Work};

/// Shows the page, and looks at the form's bucket when that is another one than before.
pub(super) fn show(state: &mut State, commands: &mut Vec<Command>) {
    state.presign.page = Page::Smoke;
    state.presign.form.typing = false;
    if state.presign.smoke.is_running() {
        return;
    }
    let Ok(bucket) = BucketName::new(state.presign.form.text(&Field::Bucket)) else {
        return;
    };
    if state.presign.smoke.bucket.as_ref() != Some(&bucket) {
        look(state, bucket, commands);
    }
}

/// Looks at the bucket anew.
pub(super) fn refresh(state: &mut State, commands: &mut Vec<Command>) {
    let smoke = &state.presign.smoke;
    if smoke.is_running() {
        toast(state, "the test is running; C-x cancels it", false);
        return;
    }
    let typed = BucketName::new(state.presign.form.text(&Field::Bucket)).ok();
    match typed.or_else(|| smoke.bucket.clone()) {
        Some(bucket) => look(state, bucket, commands),
        None => toast(state, "name a bucket in the form first", true),
    }
}

fn look(state: &mut State, bucket: BucketName, commands: &mut Vec<Command>) {
    state.presign.smoke.begin(bucket.clone());
    let work = Work::SmokeLook(Box::new(target(state, bucket)));
    start(state, Slot::SmokeLook, work, commands);
}

fn target(state: &State, bucket: BucketName) -> SmokeTarget {
    SmokeTarget {
        blueprint: state.presign.form.blueprint_of(&bucket),
        allow_events: state.presign.smoke.allow_events,
        bucket,
    }
}

/// Asks whether to test, saying what that creates and whom it tells.
pub(super) fn ask(state: &mut State, commands: &mut Vec<Command>) {
    let smoke = &state.presign.smoke;
    if smoke.is_running() {
        toast(state, "the test is running; C-x cancels it", false);
        return;
    }
    if !state.write {
        let words = "changes are not allowed: a smoke test creates objects and removes them again";
        toast(state, words, true);
        return;
    }
    if let Some(Refusal::Events(told)) = &smoke.refusal {
        let told = told.join(", ");
        let lines = vec![
            format!("New objects in this bucket set off {}.", text::safe(&told)),
            "Test objects would, too: functions run, queues fill, people may be told.".into(),
            "The bucket is looked at again; nothing is created yet.".into(),
        ];
        state.overlay = Some(Overlay::Ask {
            title: "Let test objects set that off?".into(),
            lines,
            yes: "Allow it".into(),
            then: Then::AllowEvents,
        });
        return;
    }
    if let Some(refusal) = &smoke.refusal {
        let words = refusal.to_string();
        toast(state, words, true);
        return;
    }
    let Some(plan) = &smoke.plan else {
        // What was planned has been carried out: the next run has a name of its own.
        return refresh(state, commands);
    };
    let planned = plan
        .0
        .checks
        .iter()
        .filter(|check| check.skip.is_none())
        .count();
    let mut lines = vec![
        format!(
            "{planned} checks create objects in {} and remove them again, versions and incomplete uploads included: \
             small ones, up to 32 at the same time, and one of 10 MB.",
            plan.0.bucket.name
        ),
        format!(
            "Run {}: each key is written down before it is created.",
            plan.0.run
        ),
    ];
    lines.extend(
        plan.0
            .remarks
            .iter()
            .map(|remark| text::safe(remark).into_owned()),
    );
    if smoke.allow_events {
        lines.push(
            "Test objects may set off what this bucket tells of new objects: you allowed it."
                .into(),
        );
    }
    lines.push("C-x cancels; what was created by then is removed.".into());
    state.overlay = Some(Overlay::Ask {
        title: format!("Test {}?", plan.0.bucket.name),
        lines,
        yes: "Test".into(),
        then: Then::RunSmoke,
    });
}

/// Asks whether to remove what earlier tests left.
pub(super) fn ask_clean_up(state: &mut State) {
    let smoke = &state.presign.smoke;
    let Left::Something(words) = &smoke.left else {
        toast(state, "earlier tests left nothing that is known of", false);
        return;
    };
    if !state.write {
        toast(state, "changes are not allowed, and removing is one", true);
        return;
    }
    let lines = vec![
        format!("{}.", text::safe(words)),
        "A test that somebody else is running at this moment looks the same: its objects would go as well.".into(),
        "They are removed with all their versions, and listed again.".into(),
    ];
    state.overlay = Some(Overlay::Ask {
        title: "Remove what earlier tests left?".into(),
        lines,
        yes: "Remove".into(),
        then: Then::CleanUpSmoke,
    });
}

/// Looks at the bucket again, for test objects that may set off what it tells of new ones.
pub(crate) fn allow_events(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(bucket) = state.presign.smoke.bucket.clone() {
        state.presign.smoke.allow_events = true;
        look(state, bucket, commands);
    }
}

/// Carries the test out.
pub(crate) fn run(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(plan) = state.presign.smoke.plan.take() {
        state.presign.smoke.run = Load::Loading;
        state.presign.smoke.cursor = 0;
        start(state, Slot::Smoke, Work::Smoke(plan), commands);
    }
}

/// Removes what earlier tests left.
pub(crate) fn clean_up(state: &mut State, commands: &mut Vec<Command>) {
    if let Some(bucket) = state.presign.smoke.bucket.clone() {
        state.presign.smoke.left = Left::Removing;
        let work = Work::SmokeCleanUp(Box::new(target(state, bucket)));
        start(state, Slot::SmokeLook, work, commands);
    }
}

/// Stops what runs on the page. A test goes on to remove what it created.
pub(super) fn cancel(state: &mut State, commands: &mut Vec<Command>) {
    if state.presign.smoke.is_running() {
        toast(state, "stopping; what was created is being removed", false);
        commands.push(Command::Cancel(Slot::Smoke));
    } else {
        commands.push(Command::Cancel(Slot::SmokeLook));
    }
}

/// Moves the cursor.
pub(super) fn move_by(state: &mut State, rows: isize) {
    let smoke = &mut state.presign.smoke;
    let last = smoke.rows.len().saturating_sub(1);
    smoke.cursor = smoke.cursor.saturating_add_signed(rows).min(last);
}

/// Shows all that is known of the check under the cursor.
pub(super) fn open(state: &mut State) {
    if let Some(row) = state.presign.smoke.current() {
        state.overlay = Some(Overlay::Words {
            title: row.check.name().into(),
            text: row.detail(),
        });
    }
}

/// News of the test, or of what prepares it.
pub(crate) fn news(state: &mut State, news: SmokeNews) {
    let now = state.now;
    let smoke = &mut state.presign.smoke;
    match news {
        SmokeNews::Looked(look) => smoke.take_look(*look),
        SmokeNews::Check(event) => smoke.take_event(event, now),
        SmokeNews::CleanedUp(removed) => smoke.left = Left::Removed(removed),
    }
}

/// Looking, or removing what was left, has ended.
pub(crate) fn look_finished(state: &mut State, load: Load) {
    let smoke = &mut state.presign.smoke;
    if matches!(smoke.left, Left::Removing) {
        smoke.left = match &load {
            Load::Failed(problem) => Left::Failed((**problem).clone()),
            _ => Left::Unknown,
        };
    }
    if smoke.look.is_loading() {
        smoke.look = load;
    }
}

/// The test has ended, by itself or not.
pub(crate) fn finished(state: &mut State, outcome: &Outcome, load: Load) {
    let counts = state.presign.smoke.counts();
    state.presign.smoke.run = load;
    match outcome {
        Outcome::Done if counts.failed == 0 => {
            toast(
                state,
                format!("{} passed", counted(counts.passed, "check")),
                false,
            );
        }
        Outcome::Done => toast(
            state,
            format!(
                "{} failed; Enter tells why",
                counted(counts.failed, "check")
            ),
            true,
        ),
        Outcome::Cancelled => {
            let last = state.presign.smoke.rows.last();
            let words = match last {
                Some(row) if row.word() == "pass" => format!("stopped; {}", row.message()),
                _ => "stopped; see the last row for what may be left".into(),
            };
            toast(state, words, false);
        }
        Outcome::Failed(_) | Outcome::Panicked(_) => {}
    }
}
