//! The Purge screen: one file a page.

mod confirm;
mod items;
mod many;
mod plan;
mod plan_notes;
mod run;
mod setup;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::change_progress::done_of;
use crate::app::screens::purge::run::Run;
use crate::app::screens::purge::{Page, Search};
use crate::domain::change::{Act, Claim};
use crate::domain::text;
use crate::ops::change;
use crate::tasks::PurgeStage;
use crate::ui::screens::receipt;
use crate::ui::{Theme, words};

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.purge.page {
        Page::Setup => setup::draw(frame, area, state, theme),
        Page::Plan => plan::draw(frame, area, state, theme),
        Page::Items => items::draw(frame, area, state, theme),
        Page::Confirm => confirm::draw(frame, area, state, theme),
        Page::Many => many::draw(frame, area, state, theme),
        Page::ManyConfirm => many::draw_question(frame, area, state, theme),
        Page::Run => run::draw(frame, area, state, theme),
        Page::Receipt => {
            let (receipt, scroll) = (run::receipt(state), state.purge.scroll);
            receipt::draw(frame, area, (state, theme), receipt, scroll);
        }
    }
}

/// Whose things are looked at, as far as anybody's are.
fn user(state: &State) -> Option<&str> {
    match (&state.purge.run, state.purge.page) {
        (_, Page::Setup | Page::Many | Page::ManyConfirm) => None,
        (Run::Running(running), Page::Run | Page::Receipt) => Some(running.plan.user()),
        (Run::Ended(ended), Page::Run | Page::Receipt) => Some(ended.plan.user()),
        _ => match &state.purge.search {
            Search::Running { user, .. } => Some(user),
            Search::Ready(plan) => Some(plan.user()),
            Search::None | Search::Failed(_) => None,
        },
    }
}

/// Where one is, for the rule.
pub(super) fn place(state: &State) -> String {
    let Some(user) = user(state) else {
        return match state.purge.page {
            Page::Many => "Purge › many users".into(),
            Page::ManyConfirm => "Purge › many users › the last question".into(),
            _ => "Purge".into(),
        };
    };
    let user = text::safe(user);
    match state.purge.page {
        Page::Setup | Page::Plan | Page::Many | Page::ManyConfirm => format!("Purge › {user}"),
        Page::Items => {
            let group = state.purge.current_group();
            let group = group.map_or_else(String::new, |group| {
                format!("{}, {}", group.bucket, group.why)
            });
            format!("Purge › {user} › {group}")
        }
        Page::Confirm => format!("Purge › {user} › the last question"),
        Page::Run => format!("Purge › {user} › run"),
        Page::Receipt => format!("Purge › {user} › receipt"),
    }
}

/// How far the search or the purge is, or what the plan comes to.
pub(super) fn summary(state: &State) -> Vec<String> {
    let purge = &state.purge;
    match (&purge.run, &purge.search, purge.page) {
        (Run::Running(running), _, _) => {
            let act = &running.plan.plan.header.act;
            let mut parts = vec![stage_words(running.stage, act).to_owned()];
            parts.extend(
                running
                    .progress
                    .progress()
                    .map(|progress| words::percent(done_of(progress), progress.planned)),
            );
            parts
        }
        (Run::Ended(run), _, Page::Run | Page::Receipt) => {
            let at = state.local(run.at).format("%H:%M");
            vec![format!("ended {at}")]
        }
        (_, Search::Running { stage, .. }, _) => vec![stage_words(*stage, &Act::Delete).to_owned()],
        (_, Search::Failed(_), Page::Plan) => vec!["failed, e explains".into()],
        (_, Search::Ready(plan), Page::Plan | Page::Confirm) => {
            if plan.is_undo() {
                return vec![words::counted(plan.things(), "delete marker")];
            }
            let count = words::counted(plan.things(), "thing");
            vec![count, plan.bytes().to_string()]
        }
        (_, Search::Ready(_), Page::Items) => {
            let items = &purge.items;
            let all = u64::try_from(items.len()).unwrap_or(u64::MAX);
            let mut parts = vec![words::counted(all, "thing")];
            if items.shown() < items.len() {
                parts.push(format!("{} shown", items.shown()));
            }
            parts
        }
        _ => Vec::new(),
    }
}

fn stage_words(stage: PurgeStage, act: &Act) -> &'static str {
    match stage {
        PurgeStage::Asking => "reading the application's lists",
        PurgeStage::Searching => "searching",
        PurgeStage::Reading => "reading the plan",
        PurgeStage::Checking => "checking everything once more",
        PurgeStage::Deleting(_) => match act {
            Act::Mark => "hiding",
            Act::Unmark { .. } => "undoing",
            _ => "purging",
        },
    }
}

/// What is to be said of the line under the cursor.
pub(super) fn about(state: &State) -> String {
    let purge = &state.purge;
    match purge.page {
        Page::Setup => setup::about(state).to_owned(),
        Page::Plan if purge.is_searching() => "C-x stops it; nothing is changed by a search".into(),
        Page::Plan => purge.current_group().map_or_else(String::new, |group| {
            format!(
                "{}, {}; Enter shows them one by one",
                group.bucket, group.why
            )
        }),
        Page::Items => {
            let row = purge.items.current();
            let why = row.as_ref().and_then(|row| Some(&row.item()?.claim));
            why.map_or_else(String::new, |claim| {
                why_words(claim).into_iter().next().unwrap_or_default()
            })
        }
        Page::Confirm => "Esc cancels; nothing is touched before the id stands there whole".into(),
        Page::Many if purge.is_searching() => "C-x stops it; nothing is changed by a plan".into(),
        Page::Many | Page::Run if purge.is_running() => {
            "C-x or Esc asks whether to stop; what is not done by then can go on later".into()
        }
        Page::Many => "one plan over all requests; each user gets a receipt".into(),
        Page::ManyConfirm => {
            "Esc cancels; nothing is touched before the number stands there whole".into()
        }
        Page::Run => run::about(state).to_owned(),
        Page::Receipt => {
            "the file beside this page counts: `s3warden receipt verify` checks it".into()
        }
    }
}

/// The keys that matter on the page that is shown.
pub(super) fn hints(state: &State) -> &'static [(&'static str, &'static str)] {
    let purge = &state.purge;
    match purge.page {
        Page::Setup => setup::hints(state),
        Page::Plan if purge.is_searching() => &[
            ("C-x", "stop"),
            ("Esc", "back"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Plan
            if purge
                .plan()
                .is_some_and(|plan| plan.is_undo() || plan.is_soft()) =>
        {
            &[
                ("P", "carry out (asks)"),
                ("Enter", "open"),
                ("f", "form"),
                ("PgDn", "scroll"),
                ("?", "keys"),
                ("q", "quit"),
            ]
        }
        Page::Plan => &[
            ("P", "purge (asks)"),
            ("Enter", "open"),
            ("f", "form"),
            ("n", "look again"),
            ("PgDn", "scroll"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Items => &[
            ("d", "why"),
            ("e", "access"),
            ("/", "filter"),
            (">", "sort"),
            ("Esc", "plan"),
            ("P", "purge (asks)"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Many => many::hints(state),
        Page::ManyConfirm => &[
            ("Esc", "cancel"),
            ("Enter", "do it, once the number is typed in full"),
            ("↑↓", "scroll"),
        ],
        Page::Confirm => &[
            ("Esc", "cancel"),
            ("Enter", "do it, once the id is typed in full"),
            ("↑↓", "scroll"),
        ],
        Page::Run if purge.is_running() => &[
            ("C-x", "stop (asks)"),
            ("7", "elsewhere (asks)"),
            ("?", "keys"),
            ("q", "quit (asks)"),
        ],
        Page::Run => run::hints(state),
        Page::Receipt => &[
            ("PgDn", "scroll"),
            ("y", "copy path"),
            ("Esc", "back"),
            ("?", "keys"),
            ("q", "quit"),
        ],
    }
}

/// Why a key is the user's, from the key back to what names them.
fn why_words(claim: &Claim) -> Vec<String> {
    use crate::domain::change::Why;
    let from = |source: &Claim| {
        let key = text::safe(source.key.as_str());
        format!("s3://{}/{key}", source.bucket)
    };
    match &claim.why {
        Why::Key {
            layout,
            tail_parses,
        } => {
            let mut words = vec![format!("its key names the user, by layout {layout}")];
            if !tail_parses {
                words.push("the layout does not explain the rest of the key; the part that names the user decides".into());
            }
            words
        }
        Why::Record { layout } => {
            vec![format!(
                "a record of the application gives it to the user; layout {layout}"
            )]
        }
        Why::Metadata { layout, name } => vec![format!(
            "its metadata x-amz-meta-{} names the user; layout {layout}",
            text::safe(name)
        )],
        Why::Orphan { kind, .. } => vec![format!("a report calls it {}", kind.word())],
        Why::InQuarantine { .. } => vec!["it is in quarantine".to_owned()],
        Why::Derived { rule, source } => {
            let mut words = vec![format!("{rule} makes it from {}", from(source))];
            words.extend(why_words(source));
            words
        }
        Why::Former { rule, from } => vec![
            format!("{rule} makes it from an original in {from} that is gone"),
            "its key says whose the original was".to_owned(),
        ],
        Why::QuarantinedCopy { source } => {
            let mut words = vec![format!("it is the copy in quarantine of {}", from(source))];
            words.extend(why_words(source));
            words
        }
        Why::Replica { source } => {
            let mut words = vec![format!("replication copies it from {}", from(source))];
            words.extend(why_words(source));
            words
        }
    }
}

/// Whether a purge stopped on the way.
fn has_stopped(run: &Run) -> bool {
    let Run::Ended(run) = run else {
        return false;
    };
    matches!(
        run.end.as_ref().map(|end| &end.ended),
        Ok(Ok(change::Ended::Stopped(_)))
    )
}
