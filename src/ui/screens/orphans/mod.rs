//! The Orphans screen: one file a page.

mod act;
mod items;
mod kinds;
mod setup;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::screens::orphans::{Page, Search};
use crate::domain::text;
use crate::ops::orphans::{Ended, Progress, Stage};
use crate::ui::screens::receipt;
use crate::ui::{Theme, words};

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.orphans.page {
        Page::Setup => setup::draw(frame, area, state, theme),
        Page::Kinds => kinds::draw(frame, area, state, theme),
        Page::Items => items::draw(frame, area, state, theme),
        Page::Act => act::draw(frame, area, state, theme),
        Page::Receipt => {
            let (receipt, scroll) = (state.orphans.acting.receipt(), state.orphans.scroll);
            receipt::draw(frame, area, (state, theme), receipt, scroll);
        }
    }
}

/// Where one is, for the rule.
pub(super) fn place(state: &State) -> String {
    let orphans = &state.orphans;
    match (orphans.page, orphans.current_kind()) {
        (Page::Setup, _) => "Orphans".into(),
        (Page::Items, Some(kind)) => format!("Orphans › {} › {kind}", orphans.of),
        (Page::Act | Page::Receipt, _) => act::place(state),
        (Page::Kinds | Page::Items, _) => format!("Orphans › {}", orphans.of),
    }
}

/// How far the search is or what it came to, and what is marked.
pub(super) fn summary(state: &State) -> Vec<String> {
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
    if orphans.page == Page::Items && orphans.items.shown() < orphans.items.len() {
        parts.push(format!("{} shown", orphans.items.shown()));
    }
    parts
}

fn stage_words(progress: &Progress) -> String {
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

/// The keys that matter on the page that is shown; none where they are those of the key map.
pub(super) fn hints(state: &State) -> Option<&'static [(&'static str, &'static str)]> {
    let orphans = &state.orphans;
    match orphans.page {
        Page::Act => Some(act::hints(state)),
        Page::Receipt => Some(&[
            ("PgDn", "scroll"),
            ("y", "copy path"),
            ("Esc", "back"),
            ("?", "keys"),
            ("q", "quit"),
        ]),
        Page::Items => Some(&[
            ("Space", "mark"),
            ("a", "put aside"),
            ("D", "delete"),
            ("d", "why"),
            ("x", "save"),
            ("/", "filter"),
            ("?", "keys"),
            ("q", "quit"),
            ("e", "access"),
        ]),
        Page::Setup | Page::Kinds => None,
    }
}

/// What is to be said of the line under the cursor.
pub(super) fn about(state: &State) -> String {
    let orphans = &state.orphans;
    match orphans.page {
        Page::Setup => setup::about(state),
        Page::Act => act::about(state).to_owned(),
        Page::Receipt => {
            "the file beside this page counts: `s3warden receipt verify` checks it".into()
        }
        Page::Kinds if orphans.is_searching() => {
            "C-x stops it; nothing is changed by a search".into()
        }
        Page::Kinds => kinds::about(state),
        Page::Items => orphans.items.current().map_or_else(String::new, |row| {
            text::safe(&row.verdict.words()).into_owned()
        }),
    }
}
