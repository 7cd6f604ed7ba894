//! What the Purge screen says of itself.

use super::batch::Many;
use super::run::Run;
use super::setup::Line;
use super::{Page, PurgeScreen, Search};
use crate::app::change_progress::done_of;
use crate::app::overlay::Hints;
use crate::app::screens::Texts;
use crate::app::state::State;
use crate::app::words::{self, shown};
use crate::domain::change::{Act, Claim, Why};
use crate::domain::text;
use crate::tasks::PurgeStage;

impl Texts for PurgeScreen {
    fn title(&self) -> (u8, &'static str) {
        (5, "Purge")
    }

    fn place(&self, state: &State) -> String {
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

    fn summary(&self, state: &State) -> Vec<String> {
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
            (_, Search::Running { stage, .. }, _) => {
                vec![stage_words(*stage, &Act::Delete).to_owned()]
            }
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
                let parts = [Some(words::counted(all, "thing")), shown(items)];
                parts.into_iter().flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    fn about(&self, state: &State) -> String {
        let purge = &state.purge;
        match purge.page {
            Page::Setup => about_line(state).into(),
            Page::Plan if purge.is_searching() => {
                "C-x stops it; nothing is changed by a search".into()
            }
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
            Page::Confirm => {
                "Esc cancels; nothing is touched before the id stands there whole".into()
            }
            Page::Many if purge.is_searching() => {
                "C-x stops it; nothing is changed by a plan".into()
            }
            Page::Many | Page::Run if purge.is_running() => {
                "C-x or Esc asks whether to stop; what is not done by then can go on later".into()
            }
            Page::Many => "one plan over all requests; each user gets a receipt".into(),
            Page::ManyConfirm => {
                "Esc cancels; nothing is touched before the number stands there whole".into()
            }
            Page::Run => about_run(state).into(),
            Page::Receipt => {
                "the file beside this page counts: `s3warden receipt verify` checks it".into()
            }
        }
    }

    fn hints(&self, state: &State) -> Option<Hints> {
        let purge = &state.purge;
        let hints: Hints = match purge.page {
            Page::Setup => setup_hints(state),
            Page::Plan if purge.is_searching() => "C-x: stop · Esc: back · ?: keys · q: quit",
            Page::Plan
                if purge
                    .plan()
                    .is_some_and(|plan| plan.is_undo() || plan.is_soft()) =>
            {
                "P: carry out (asks) · Enter: open · f: form · PgDn: scroll · ?: keys · q: quit"
            }
            Page::Plan => {
                "P: purge (asks) · Enter: open · f: form · n: look again · PgDn: scroll · ?: keys · q: quit"
            }
            Page::Items => {
                "d: why · e: access · /: filter · >: sort · Esc: plan · P: purge (asks) · ?: keys · q: quit"
            }
            Page::Many => many_hints(state),
            Page::ManyConfirm => {
                "Esc: cancel · Enter: do it, once the number is typed in full · ↑↓: scroll"
            }
            Page::Confirm => {
                "Esc: cancel · Enter: do it, once the id is typed in full · ↑↓: scroll"
            }
            Page::Run if purge.is_running() => {
                "C-x: stop (asks) · 7: elsewhere (asks) · ?: keys · q: quit (asks)"
            }
            Page::Run => run_hints(state),
            Page::Receipt => "PgDn: scroll · y: copy path · Esc: back · ?: keys · q: quit",
        };
        Some(hints)
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

/// What is going on.
#[must_use]
pub(crate) fn stage_words(stage: PurgeStage, act: &Act) -> &'static str {
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

/// Why a key is the user's, from the key back to what names them.
#[must_use]
pub(crate) fn why_words(claim: &Claim) -> Vec<String> {
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

/// What the line under the cursor is for.
fn about_line(state: &State) -> &'static str {
    match state.purge.setup.cursor {
        Line::User => "exactly as it stands in keys: case, blanks and accents count; no wildcards",
        Line::Blueprint => "the rules of the application whose user it is; → and ← choose",
        Line::How => "→ : soft, current objects behind delete markers; u takes them away again",
        Line::Bounds => "a plan beyond this is not carried out; → allows more",
        Line::Reason => {
            "where the application's list still holds the user; the receipt will say so"
        }
        Line::Keep => "whether plan and journal stay at the end; they hold the user's keys",
        Line::Named => "whether whoever reads the receipt is to see whom it was about",
        Line::ReceiptTo => {
            "s3://BUCKET/KEY of a copy, in a bucket without users' media; KEY/ names it"
        }
        Line::Requests => "a user a line, CSV with a column id, or JSON; or a plan over many users",
        Line::Operator => "who acts, where the server has no STS: recorded as stated",
        Line::Unfinished(_) => "Enter reads its plan; before it goes on the id is asked for again",
        Line::Undoable(_) => "Enter asks whose it is, and plans to take just these markers away",
    }
}

/// The keys that matter on this page.
fn setup_hints(state: &State) -> Hints {
    let setup = &state.purge.setup;
    match setup.cursor {
        Line::User if setup.typing => "Enter: look for it · Tab: next line · Esc: stop typing",
        _ if setup.typing => "Enter: done · Tab: next line · Esc: stop typing",
        Line::Unfinished(_) => "Enter: go on with it (asks) · ?: keys · :: palette · q: quit",
        Line::Undoable(_) => "Enter: undo it (asks) · ?: keys · :: palette · q: quit",
        _ => "Enter: type or choose · s: find · →: next option · ?: keys · :: palette · q: quit",
    }
}

/// What is to be said when nothing runs.
fn about_run(state: &State) -> &'static str {
    match &state.purge.run {
        Run::None | Run::Running(_) => "",
        run if run.has_stopped() => {
            "nothing was listed again: what was deleted is what the service said"
        }
        Run::Ended(_) => "n looks for the same user again; f is for another one",
    }
}

/// The keys that matter when nothing runs.
fn run_hints(state: &State) -> Hints {
    if state.purge.run.has_stopped() {
        return "n: go on · f: form · e: explain · ?: keys · q: quit";
    }
    if state
        .purge
        .run
        .receipt()
        .is_some_and(|receipt| receipt.markers.is_some())
    {
        return "Enter: receipt · u: undo (asks) · y: copy path · f: another user · ?: keys · q: quit";
    }
    "Enter: receipt · y: copy path · n: look again · f: another user · ?: keys · q: quit"
}

/// The keys that matter on the page.
fn many_hints(state: &State) -> Hints {
    match &state.purge.many {
        Many::Running(_) => "C-x: stop (asks) · 7: elsewhere (asks) · ?: keys · q: quit (asks)",
        many if many.plan().is_some() => {
            "P: purge (asks) · f: form · PgDn: scroll · ?: keys · q: quit"
        }
        _ => "f: form · PgDn: scroll · ?: keys · q: quit",
    }
}
