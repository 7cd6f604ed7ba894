//! How the Orphans screen changes: choosing, searching, looking at what was found, marking and exporting it. What is done to
//! it is in [`act`]; what brings it back, or goes on with what was stopped, in [`again`].

pub(crate) mod act;
#[cfg(test)]
mod act_tests;
pub(crate) mod again;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use super::act::Acting;
use super::limits::Limit;
use super::setup::{Line, ListChoice};
use super::{Orphans, OrphansScreen, Page, Search, in_words};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::browse::update::navigate;
use crate::app::screens::{Component, Screen};
use crate::app::state::{Load, State};
use crate::app::table::List;
use crate::app::update::{Command, PAGE, abandon, actions, arrange, report, scroll, start, toast};
use crate::aws::Problem;
use crate::domain::blueprint::Blueprint;
use crate::domain::orphans::Kind;
use crate::domain::{BucketName, ObjectKey, text};
use crate::ops::orphans::Ended;
use crate::tasks::{ExportWork, OrphansFormat, OrphansNews, Slot, Work, orphans_document};

/// What is said when a search is asked for while one runs.
const UNDER_WAY: &str = "a search is under way; C-x stops it";

/// More verdicts than these are no text to be pasted anywhere: they are a file.
const MOST_COPIED: usize = 1_000;

impl Component for OrphansScreen {
    fn keys(&self, _: &State) -> Place {
        Place::Orphans
    }

    /// Shows the bucket that one was at.
    fn shown(&self, state: &mut State, before: Screen, commands: &mut Vec<Command>) {
        let here = before.component().bucket(state);
        offer(state);
        // What was found stays on the screen until something else is looked for.
        if let (Some(here), Page::Setup) = (here, state.orphans.page) {
            state.orphans.setup.choose(&here);
        }
        look(state, commands);
    }

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        if let Some(deed) = act::deed_of(action) {
            act::begin(state, deed, commands);
            return true;
        }
        match action {
            Action::FindOrphans | Action::Refresh => search(state, commands),
            Action::ShowForm => form(state, commands),
            Action::PlanAgain => again::go_on(state, commands),
            Action::RestoreOwner => again::ask_whose(state),
            Action::Export => ask_for_file(state),
            Action::CopyMarked => copy_marked(state, commands),
            Action::Cancel if state.orphans.page != Page::Act || state.orphans.is_searching() => {
                commands.push(Command::Cancel(Slot::Orphans));
            }
            Action::DetailDown => scroll(&mut state.orphans.scroll, 1),
            Action::DetailUp => scroll(&mut state.orphans.scroll, -1),
            Action::Explain if !matches!(state.orphans.page, Page::Act | Page::Items) => {
                return explain(state);
            }
            _ => {
                return match state.orphans.page {
                    Page::Setup => on_setup(state, action, commands),
                    Page::Kinds => on_kinds(state, action, commands),
                    Page::Items => on_items(state, action, commands),
                    Page::Act => act::on_act(state, action, commands),
                    Page::Receipt => act::on_receipt(state, action, commands),
                };
            }
        }
        true
    }

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        is_list(state).then_some((Slot::ArrangeOrphans, &mut state.orphans.items))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        if is_list(state) {
            state.orphans.items.filter()
        } else {
            ""
        }
    }

    fn answered(
        &self,
        state: &mut State,
        kind: PromptKind,
        line: &str,
        commands: &mut Vec<Command>,
    ) {
        // Not trimmed: blanks count in an id.
        if kind == PromptKind::RestoreOwner {
            return again::restore_owner(state, line, commands);
        }
        let line = line.trim();
        let choice = || {
            if line.is_empty() {
                ListChoice::Blueprint
            } else {
                ListChoice::File(line.to_owned())
            }
        };
        match kind {
            PromptKind::OwnersFile => state.orphans.setup.owners = choice(),
            PromptKind::KeysFile => state.orphans.setup.keys = choice(),
            PromptKind::OrphansLimit => limit_typed(state, line),
            PromptKind::ExportFile => export(state, line, commands),
            PromptKind::ConfirmAct => act::confirmed(state, line, commands),
            PromptKind::Filter
            | PromptKind::Jump
            | PromptKind::RestoreOwner
            | PromptKind::UndoOwner => {}
        }
    }

    fn object(&self, state: &State) -> Option<(BucketName, ObjectKey)> {
        let items = &state.orphans.items;
        let verdict = &items.current().filter(|_| is_list(state))?.verdict;
        Some((verdict.bucket.clone(), verdict.key.clone()))
    }

    fn holds_profile(&self, state: &State) -> Option<&'static str> {
        let is_acting = matches!(state.orphans.acting, Acting::Running(_));
        is_acting.then_some(
            "orphans are being acted on with this profile; C-x on their screen stops that",
        )
    }

    fn forget(&self, state: &mut State, commands: &mut Vec<Command>) {
        for slot in [Slot::Orphans, Slot::UnfinishedActs, Slot::Act] {
            abandon(state, slot, commands);
        }
        state.orphans = Orphans::default();
    }
}

/// Whether the verdicts of one kind are shown.
fn is_list(state: &State) -> bool {
    state.orphans.page == Page::Items
}

/// Looks for acts that were begun before and did not end.
fn look(state: &mut State, commands: &mut Vec<Command>) {
    if state.connection.is_some() {
        start(state, Slot::UnfinishedActs, Work::UnfinishedActs, commands);
    }
}

/// Takes note of the buckets that can be searched.
pub(crate) fn offer(state: &mut State) {
    let State {
        orphans,
        buckets,
        blueprint,
        blueprints,
        ..
    } = state;
    let (named, brought) = (blueprint.as_ref(), &*blueprints);
    let known = |bucket: &BucketName| {
        if let Some(named) = named {
            return named.bucket(bucket).map(|_| named.clone());
        }
        let found = brought.iter().find(|one| one.bucket(bucket).is_some());
        found.cloned().or_else(|| Blueprint::for_bucket(bucket))
    };
    orphans.setup.take(buckets.source().iter(), known);
}

/// Goes to the form, on which an act that was stopped may stand by now.
fn form(state: &mut State, commands: &mut Vec<Command>) {
    state.orphans.page = Page::Setup;
    look(state, commands);
}

fn on_setup(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let setup = &mut state.orphans.setup;
    match action {
        Action::Up => setup.move_by(-1),
        Action::Down => setup.move_by(1),
        Action::Top => setup.move_by(isize::MIN),
        Action::Bottom => setup.move_by(isize::MAX),
        Action::NextChoice => setup.turn(true),
        Action::PreviousChoice => setup.turn(false),
        Action::Open => match setup.cursor {
            Line::Unfinished(number) => again::reopen(state, number, commands),
            _ => open_line(state),
        },
        Action::Clear => match setup.cursor {
            // Nothing typed is no mistake.
            Line::Limit(limit) => drop(limit.set(&mut setup.limits, "")),
            line => setup.set(line, ListChoice::Nowhere),
        },
        Action::Back => {
            if state.orphans.found().is_some() || state.orphans.is_searching() {
                state.orphans.page = Page::Kinds;
                return true;
            }
            return false;
        }
        _ => return false,
    }
    true
}

/// Types the path of a list, or a limit, or takes the next option.
fn open_line(state: &mut State) {
    let setup = &mut state.orphans.setup;
    let kind = match setup.cursor {
        Line::Owners => PromptKind::OwnersFile,
        Line::Keys => PromptKind::KeysFile,
        Line::Limit(_) => PromptKind::OrphansLimit,
        Line::Buckets => {
            setup.turn(true);
            return;
        }
        Line::Unfinished(_) => return,
    };
    let typed = match (setup.cursor, setup.choice(setup.cursor)) {
        (Line::Limit(limit), _) if limit.is_changed(&setup.limits) => limit.shown(&setup.limits),
        (Line::Owners | Line::Keys, ListChoice::File(path)) => path.clone(),
        _ => String::new(),
    };
    state.overlay = Some(Overlay::prompt(kind, typed));
}

fn on_kinds(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let orphans = &mut state.orphans;
    let last = Kind::ALL.len() - 1;
    match action {
        Action::Up => orphans.kind = orphans.kind.saturating_sub(1),
        Action::Down => orphans.kind = (orphans.kind + 1).min(last),
        Action::Top => orphans.kind = 0,
        Action::Bottom => orphans.kind = last,
        Action::PageDown => scroll(&mut orphans.scroll, PAGE),
        Action::PageUp => scroll(&mut orphans.scroll, -PAGE),
        Action::Open | Action::NextChoice => open_kind(state, commands),
        Action::Back | Action::PreviousChoice => {
            orphans.page = Page::Setup;
        }
        _ => return false,
    }
    true
}

fn open_kind(state: &mut State, commands: &mut Vec<Command>) {
    let lines = state.orphans.kinds();
    let Some(line) = lines.get(state.orphans.kind) else {
        return;
    };
    if line.total.is_some() {
        state.orphans.page = Page::Items;
        state.orphans.scroll = 0;
        let arranged = state.orphans.list_kind();
        arrange(state, Slot::ArrangeOrphans, arranged, commands);
        return;
    }
    let words = match (line.withheld, line.untold.first()) {
        (0, Some(why)) => format!("{} was not judged: {why}", line.kind),
        (0, None) => format!("there is no {} to be shown", line.kind),
        (_, _) => "a gate keeps these back: see below why".to_owned(),
    };
    toast(state, words, false);
}

fn on_items(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let orphans = &mut state.orphans;
    match action {
        Action::Mark => mark_one(state, commands),
        Action::MarkAll => mark_shown(state, commands),
        Action::Open | Action::ToggleDetail | Action::NextChoice => {
            orphans.pane = !orphans.pane;
            orphans.scroll = 0;
        }
        Action::BrowseRow => browse_row(state, commands),
        Action::PreviousChoice => orphans.page = Page::Kinds,
        Action::Back if orphans.pane => orphans.pane = false,
        Action::Back if orphans.items.filter().is_empty() => orphans.page = Page::Kinds,
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
            // Another verdict, another reason: it begins at its first line.
            orphans.scroll = 0;
            return false;
        }
        _ => return false,
    }
    true
}

/// Shows what is at the verdict's key in Browse, with the pane: one listing of what begins with the key, however full its
/// folder is. Where the object is gone there is nothing, and that is shown, too.
fn browse_row(state: &mut State, commands: &mut Vec<Command>) {
    let Some(row) = state.orphans.items.current() else {
        return;
    };
    let verdict = Arc::clone(&row.verdict);
    drop(row);
    let key = verdict.key.as_str().to_owned();
    navigate::open_bucket(state, verdict.bucket.clone(), Some(key), commands);
    if let Some(browse) = &mut state.browse {
        browse.from_orphans = true;
        browse.pane.get_or_insert_default();
    }
}

/// Looks for orphans, as the page says.
fn search(state: &mut State, commands: &mut Vec<Command>) {
    if state.orphans.is_searching() {
        toast(state, UNDER_WAY, false);
        return;
    }
    let setup = &state.orphans.setup;
    let Some(work) = setup.work() else {
        let words =
            "no blueprint names any of these buckets: nothing tells whose their objects are";
        toast(state, words, true);
        return;
    };
    let nameless = [Line::Owners, Line::Keys]
        .into_iter()
        .find(|line| *setup.choice(*line) == ListChoice::File(String::new()));
    if let Some(line) = nameless {
        state.orphans.page = Page::Setup;
        state.orphans.setup.cursor = line;
        open_line(state);
        return;
    }
    let of = in_words(&work.buckets);
    state.orphans.forget();
    state.orphans.of = of;
    state.orphans.work = Some(Box::new(work.clone()));
    state.orphans.page = Page::Kinds;
    state.orphans.search = Search::Running(None);
    start(
        state,
        Slot::Orphans,
        Work::Orphans(Box::new(work)),
        commands,
    );
}

/// An update of the search, or of the export, has arrived.
pub(crate) fn news(state: &mut State, news: OrphansNews) {
    match news {
        OrphansNews::Progress(progress) => {
            state.orphans.search = Search::Running(Some(progress));
        }
        OrphansNews::Done(found) => {
            no_longer_under_way(state);
            // Where one would overrule what refused, once the first page is shown again.
            let mut limits = found
                .report
                .tripped
                .iter()
                .filter_map(|one| Limit::of(one.gate));
            if let Some(limit) = limits.next() {
                state.orphans.setup.cursor = Line::Limit(limit);
            }
            // To the first kind of which there is something.
            let first = found.totals.first().map(|total| total.kind);
            let at = Kind::ALL.iter().position(|kind| Some(*kind) == first);
            state.orphans.kind = at.unwrap_or(0);
            if let Ended::Failed(problem) | Ended::Wrong(problem) = &found.report.ended {
                let problem = Arc::new(problem.clone());
                let _ = report(state, problem);
            }
            state.orphans.search = Search::Ended(found);
        }
        OrphansNews::ActPlanned(plan) => act::planned(state, plan),
        OrphansNews::ActProgress(progress) => act::progress(state, progress),
        OrphansNews::Acted(done) => act::acted(state, done),
        OrphansNews::Unfinished(unfinished) => {
            state.orphans.setup.unfinished = unfinished;
            // What the cursor stood on may be gone.
            state.orphans.setup.move_by(0);
        }
        OrphansNews::Exported { items, path } => {
            let path = path.display().to_string();
            let what = if items == 1 { "verdict" } else { "verdicts" };
            toast(
                state,
                format!("{items} {what} written to {}", text::safe(&path)),
                false,
            );
        }
    }
}

/// The search that was under way is so no more, and nobody needs to be told that it was.
fn no_longer_under_way(state: &mut State) {
    if state
        .toast
        .as_ref()
        .is_some_and(|toast| toast.words == UNDER_WAY)
    {
        state.toast = None;
    }
}

/// The search has ended; without a report it broke off.
pub(crate) fn search_ended(state: &mut State, load: Load) {
    no_longer_under_way(state);
    if state.orphans.is_searching() {
        let problem = match load {
            Load::Failed(problem) => problem,
            _ => Arc::new(Problem::cancelled("look for orphans in", &state.orphans.of)),
        };
        state.orphans.search = Search::Failed(problem);
    }
}

fn explain(state: &mut State) -> bool {
    let problem = match &state.orphans.search {
        Search::Failed(problem) => Arc::clone(problem),
        Search::Ended(found) => match &found.report.ended {
            Ended::Failed(problem) | Ended::Wrong(problem) => Arc::new(problem.clone()),
            Ended::Judged | Ended::Refused | Ended::Stopped => return false,
        },
        Search::None | Search::Running(_) => return false,
    };
    state.overlay = Some(Overlay::Explain(problem));
    true
}

fn mark_one(state: &mut State, commands: &mut Vec<Command>) {
    let Some(row) = state.orphans.items.current() else {
        return;
    };
    let (number, marked) = (row.number, !row.marked);
    drop(row);
    set_marks(state, &[number], marked, commands);
    state.orphans.items.move_by(1);
}

/// Marks all that the filter lets through, or takes their marks away when all of them have one.
fn mark_shown(state: &mut State, commands: &mut Vec<Command>) {
    let items = &state.orphans.items;
    let shown: Vec<(usize, bool)> = (0..items.shown())
        .filter_map(|line| items.line(line))
        .map(|row| (row.number, row.marked))
        .collect();
    let all = shown.iter().all(|(_, marked)| *marked);
    let numbers: Vec<usize> = shown.into_iter().map(|(number, _)| number).collect();
    set_marks(state, &numbers, !all, commands);
}

fn set_marks(state: &mut State, numbers: &[usize], marked: bool, commands: &mut Vec<Command>) {
    let orphans = &mut state.orphans;
    for number in numbers {
        if marked {
            orphans.marked.insert(*number);
        } else {
            orphans.marked.remove(number);
        }
    }
    let marks = &orphans.marked;
    let arranged = orphans
        .items
        .change_rows(|row| row.marked = marks.contains(&row.number));
    arrange(state, Slot::ArrangeOrphans, arranged, commands);
}

/// What an export is of: what is marked, else what the page shows.
fn selected(state: &State) -> Vec<usize> {
    let orphans = &state.orphans;
    if !orphans.marked.is_empty() {
        return orphans.marked.iter().copied().collect();
    }
    let all = orphans.found().map_or(0, |found| found.verdicts.len());
    match orphans.page {
        Page::Setup | Page::Act | Page::Receipt => Vec::new(),
        Page::Kinds => (0..all).collect(),
        Page::Items => {
            let lines = 0..orphans.items.shown();
            let rows = lines.filter_map(|line| orphans.items.line(line));
            rows.map(|row| row.number).collect()
        }
    }
}

fn ask_for_file(state: &mut State) {
    if selected(state).is_empty() {
        toast(state, "there is nothing to be exported yet", false);
        return;
    }
    state.overlay = Some(Overlay::prompt(PromptKind::ExportFile, "orphans.json"));
}

fn limit_typed(state: &mut State, line: &str) {
    let setup = &mut state.orphans.setup;
    let Line::Limit(limit) = setup.cursor else {
        return;
    };
    if let Err(why) = limit.set(&mut setup.limits, line) {
        let words = format!("{} stays as it is: {}", limit.label(), text::safe(&why));
        toast(state, words, true);
    }
}

fn export(state: &mut State, file: &str, commands: &mut Vec<Command>) {
    let path = PathBuf::from(file);
    let Some(format) = OrphansFormat::of(&path) else {
        let words = "nothing was written: the name has to end in .json, .ndjson or .csv";
        toast(state, words, true);
        return;
    };
    let numbers = selected(state);
    let Some(found) = state.orphans.found().cloned() else {
        return;
    };
    let work = ExportWork {
        path,
        format,
        found,
        numbers,
    };
    start(state, Slot::Export, Work::Export(Box::new(work)), commands);
}

/// Copies what would be exported, as JSON.
fn copy_marked(state: &mut State, commands: &mut Vec<Command>) {
    let numbers = selected(state);
    let Some(found) = state.orphans.found().filter(|_| !numbers.is_empty()) else {
        toast(state, "there is nothing to be copied yet", false);
        return;
    };
    if numbers.len() > MOST_COPIED {
        let words =
            format!("more than {MOST_COPIED} verdicts are not copied: x writes them to a file");
        toast(state, words, true);
        return;
    }
    let json = orphans_document(found, &numbers, OrphansFormat::Json);
    actions::copy_lines(state, json, commands);
}
