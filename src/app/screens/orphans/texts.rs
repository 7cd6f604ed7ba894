//! What the Orphans screen says of itself.

use super::act::Acting;
use super::setup::Line;
use super::{OrphansScreen, Page, Search};
use crate::app::overlay::Hints;
use crate::app::screens::Texts;
use crate::app::state::State;
use crate::app::words::{self, shown};
use crate::domain::text;
use crate::ops::orphans::{Ended, Progress, Stage};
use crate::tasks::OrphanAction;

const BACK: Hints = "Esc: back · e: explain · ?: keys · q: quit";

impl Texts for OrphansScreen {
    fn title(&self) -> (u8, &'static str) {
        (4, "Orphans")
    }

    fn place(&self, state: &State) -> String {
        let orphans = &state.orphans;
        match (orphans.page, orphans.current_kind()) {
            (Page::Setup, _) => "Orphans".into(),
            (Page::Items, Some(kind)) => format!("Orphans › {} › {kind}", orphans.of),
            (Page::Act | Page::Receipt, _) => act_place(state),
            (Page::Kinds | Page::Items, _) => format!("Orphans › {}", orphans.of),
        }
    }

    fn summary(&self, state: &State) -> Vec<String> {
        let orphans = &state.orphans;
        let mut parts = Vec::new();
        match &orphans.search {
            Search::None => {}
            Search::Running(progress) => {
                parts.push("searching".into());
                parts.extend(progress.as_ref().map(stage_words));
            }
            Search::Failed(_) => parts.push("failed, e explains".into()),
            Search::Ended(found) => {
                let count = found.verdicts.iter().filter(|one| one.kind.is_orphan());
                let count = u64::try_from(count.count()).unwrap_or(u64::MAX);
                let at = state.local(found.report.finished).format("%H:%M");
                match &found.report.ended {
                    Ended::Judged => parts.push(words::counted(count, "orphan")),
                    // The numbers are there all the same: what is refused is to call them orphans.
                    Ended::Refused => {
                        parts.push("REFUSED by a gate".into());
                        if count > 0 {
                            parts.push(words::counted(count, "orphan"));
                        }
                    }
                    Ended::Failed(_) | Ended::Wrong(_) => parts.push("failed, e explains".into()),
                    Ended::Stopped => parts.push("stopped, s begins again".into()),
                }
                parts.push(format!("searched {at}"));
            }
        }
        let (marked, bytes) = orphans.marks();
        if marked > 0 {
            let marked = words::exact(u64::try_from(marked).unwrap_or(u64::MAX));
            parts.insert(0, format!("{marked} marked, {bytes}"));
        }
        if orphans.page == Page::Items {
            parts.extend(shown(&orphans.items));
        }
        parts
    }

    fn about(&self, state: &State) -> String {
        let orphans = &state.orphans;
        match orphans.page {
            Page::Setup => about_line(state).into(),
            Page::Act => about_act(state).into(),
            Page::Receipt => {
                "the file beside this page counts: `s3warden receipt verify` checks it".into()
            }
            Page::Kinds if orphans.is_searching() => {
                "C-x stops it; nothing is changed by a search".into()
            }
            Page::Kinds => about_kind(state),
            Page::Items => orphans.items.current().map_or_else(String::new, |row| {
                text::safe(&row.verdict.words()).into_owned()
            }),
        }
    }

    fn hints(&self, state: &State) -> Option<Hints> {
        let orphans = &state.orphans;
        match orphans.page {
            Page::Act => Some(act_hints(state)),
            Page::Receipt => Some("PgDn: scroll · y: copy path · Esc: back · ?: keys · q: quit"),
            Page::Items => Some(
                "Space: mark · a: put aside · D: delete · d: why · x: save · /: filter · ?: keys · q: quit · e: access",
            ),
            Page::Setup | Page::Kinds => None,
        }
    }
}

/// How far a search is.
#[must_use]
pub(crate) fn stage_words(progress: &Progress) -> String {
    match &progress.stage {
        Stage::Reading { subject, rows } => {
            format!(
                "{} of {} read",
                words::counted(*rows, "row"),
                subject.plural()
            )
        }
        Stage::Listing {
            bucket,
            what,
            items,
            number,
            of,
        } => {
            let which = if *of > 1 {
                format!(" ({number} of {of})")
            } else {
                String::new()
            };
            let items = words::exact(*items);
            format!("{items} {} of {bucket}{which}", what.plural())
        }
        Stage::Asking { objects, of } => {
            let (objects, of) = (words::exact(*objects), words::exact(*of));
            format!("{objects} of {of} asked for their owners")
        }
        Stage::Joining { objects } => format!("judging {}", words::counted(*objects, "object")),
    }
}

/// Where one is, for the rule.
fn act_place(state: &State) -> String {
    let orphans = &state.orphans;
    let (plan, page) = match &orphans.acting {
        Acting::Planned(plan) => (Some(plan), "plan"),
        Acting::Running(running) => (Some(&running.plan), "run"),
        Acting::Ended(done) if orphans.page == Page::Receipt => (Some(&done.plan), "receipt"),
        Acting::Ended(done) => (Some(&done.plan), "run"),
        Acting::None | Acting::Planning | Acting::Failed(_) => (None, "plan"),
    };
    let bucket = plan.map_or(orphans.of.as_str(), |plan| plan.made_of.bucket.as_str());
    match bucket {
        "" => format!("Orphans › {page}"),
        bucket => format!("Orphans › {bucket} › {page}"),
    }
}

/// What the line under the cursor is for.
fn about_line(state: &State) -> &'static str {
    match state.orphans.setup.cursor {
        Line::Buckets => "→ and ← choose; all buckets of a blueprint are judged together",
        Line::Owners => {
            "who is alive: a file with one id a line, CSV or JSON; Enter types its path"
        }
        Line::Keys => "which keys the application has records of; Enter types the path of a file",
        Line::Limit(limit) => limit.meaning(),
        Line::Unfinished(_) => {
            "Enter reads its plan; before it goes on its number is asked for again"
        }
    }
}

/// What is to be said of the kind under the cursor.
fn about_kind(state: &State) -> String {
    let lines = state.orphans.kinds();
    let Some(line) = lines.get(state.orphans.kind) else {
        return String::new();
    };
    match (&line.total, line.untold.first()) {
        (_, Some(why)) => format!("{}: {why}", line.kind),
        (Some(_), None) => format!("{}: {}; Enter shows them", line.kind, line.kind.meaning()),
        (None, None) => format!("{}: {}", line.kind, line.kind.meaning()),
    }
}

/// What is to be said below.
fn about_act(state: &State) -> &'static str {
    match &state.orphans.acting {
        Acting::Planned(plan) if plan.plan.items.is_empty() => "",
        Acting::Planned(_) => {
            "nothing was changed; before anything is, each object is judged again"
        }
        Acting::Running(_) => "C-x stops it; what is not done by then can go on later",
        Acting::Ended(_) if state.orphans.acting.stopped().is_some() => {
            "nothing was looked at again: what was done is what the service said"
        }
        Acting::Ended(_) => "the receipt says what became of each of them",
        Acting::None | Acting::Planning => "nothing was changed",
        Acting::Failed(_) => "",
    }
}

/// The keys that matter.
fn act_hints(state: &State) -> Hints {
    match &state.orphans.acting {
        Acting::Planned(plan) if plan.plan.items.is_empty() => BACK,
        Acting::Planned(plan) => match plan.made_of.deed {
            OrphanAction::Quarantine(_) if !plan.is_begun() => {
                "Enter: do it (asks) · ← →: another way · D: delete instead · Esc: back · ?: keys · q: quit"
            }
            OrphanAction::Quarantine(_) | OrphanAction::Delete | OrphanAction::Restore => {
                "Enter: do it (asks) · PgDn: scroll · Esc: back · ?: keys · q: quit"
            }
        },
        Acting::Planning | Acting::Running(_) => {
            "C-x: stop · Esc: elsewhere · ?: keys · q: quit (asks)"
        }
        Acting::Ended(_) if state.orphans.acting.stopped().is_some() => {
            "n: go on · Esc: back · ?: keys · q: quit"
        }
        Acting::Ended(_) => {
            "Enter: receipt · y: copy path · u: bring back · Esc: back · ?: keys · q: quit"
        }
        Acting::None | Acting::Failed(_) => BACK,
    }
}
