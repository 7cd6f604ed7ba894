//! The Purge screen: going from page to page. What is typed is in [`typing`], what the task layer says in [`run`], what goes on
//! from an earlier purge or undoes one in [`before`].

mod before;
mod many;
#[cfg(test)]
mod many_tests;
mod run;
#[cfg(test)]
mod tests;
mod typing;

pub(crate) use before::undo_of;
pub(crate) use run::{
    ask_to_leave, ask_to_quit, ask_to_stop, confirmed, may_switch_profile, news, plan_ended,
    run_ended,
};
pub(crate) use typing::{pasted, typed};

use crate::app::action::Action;
use crate::app::overlay::Overlay;
use crate::app::screens::browse::Place;
use crate::app::screens::purge::batch::Many;
use crate::app::screens::purge::obstacle::obstacle;
use crate::app::screens::purge::run::Run;
use crate::app::screens::purge::setup::Line;
use crate::app::screens::purge::{Page, Search};
use crate::app::state::{Screen, State};
use crate::app::update::{Command, abandon, arrange, start, toast};
use crate::domain::OwnerId;
use crate::domain::receipt::page::page;
use crate::domain::{BucketName, text};
use crate::ops::change::{self, WhyStopped};
use crate::tasks::{PurgeSearch, PurgeStage, Slot, Work};

/// Lines that a page key scrolls a text by.
const PAGE: i32 = 10;

/// Shows the screen.
pub(crate) fn show(state: &mut State, commands: &mut Vec<Command>) {
    state.screen = Screen::Purge;
    offer(state);
    if state.purge.is_running() {
        state.purge.page = match state.purge.run {
            Run::Running(_) => Page::Run,
            _ => Page::Many,
        };
    } else {
        look(state, commands);
    }
}

/// Looks for what was begun before, and for what can be undone.
fn look(state: &mut State, commands: &mut Vec<Command>) {
    if state.connection.is_some() {
        commands.push(start(state, Slot::UnfinishedPurges, Work::UnfinishedPurges));
    }
}

/// Goes to the form, on which a purge that has just ended may stand by now.
fn form(state: &mut State, commands: &mut Vec<Command>) {
    to(state, Page::Setup);
    look(state, commands);
}

/// Shows the screen for the owner under the cursor.
pub(crate) fn show_for_row(state: &mut State, commands: &mut Vec<Command>) {
    let Some((bucket, owner)) = owner_here(state) else {
        let words = "go to an owner first: v shows the owners, f finds one by their id";
        toast(state, words.into(), false);
        return;
    };
    show(state, commands);
    if state.purge.is_running() {
        let words = "a purge is under way: this one has to wait";
        toast(state, words.into(), false);
        return;
    }
    let purge = &mut state.purge;
    if purge.is_searching() {
        abandon(state, Slot::PurgePlan, commands);
    }
    let purge = &mut state.purge;
    purge.forget();
    purge.page = Page::Setup;
    purge.setup.cursor = Line::User;
    purge.setup.typing = false;
    purge.setup.user = owner.as_str().to_owned().into();
    purge.setup.choose_for(&bucket);
}

fn owner_here(state: &State) -> Option<(BucketName, OwnerId)> {
    let browse = state
        .browse
        .as_ref()
        .filter(|_| state.screen == Screen::Browse)?;
    let owner = match &browse.place {
        Place::Owners(owners) => owners.table.current()?.owner.clone(),
        Place::Owner(owner) => owner.owner.clone(),
        Place::Folder(_) => return None,
    };
    Some((browse.bucket.clone(), owner))
}

/// Takes note of the blueprints that somebody named: only by those is anything deleted.
pub(crate) fn offer(state: &mut State) {
    let offered = match &state.blueprint {
        Some(named) => vec![named.clone()],
        None => state.blueprints.clone(),
    };
    state.purge.setup.offer(offered);
}

/// Does what was asked for, where it means something of its own on this screen.
pub(crate) fn act(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    match action {
        Action::ShowForm if state.purge.is_running() => {
            toast(state, "a purge is under way; C-x stops it".into(), false);
        }
        Action::ShowForm => form(state, commands),
        Action::FindUser => search(state, commands),
        Action::PlanAgain | Action::Refresh => again(state, commands),
        Action::Purge if state.purge.page == Page::Many => many::ask(state),
        Action::Purge => ask(state),
        Action::UndoPurge => before::ask_to_undo(state),
        Action::Cancel => cancel(state, commands),
        Action::DetailDown => scroll(state, 1),
        Action::DetailUp => scroll(state, -1),
        Action::Explain if state.purge.page != Page::Items => return explain(state),
        Action::Copy | Action::CopyUri if state.purge.page != Page::Items => {
            copy(state, action, commands);
        }
        _ => {
            return match state.purge.page {
                Page::Setup => on_setup(state, action, commands),
                Page::Plan => on_plan(state, action, commands),
                Page::Items => on_items(state, action),
                Page::Confirm | Page::ManyConfirm => true,
                Page::Many => many::on_page(state, action, commands),
                Page::Run | Page::Receipt => on_run(state, action, commands),
            };
        }
    }
    true
}

fn to(state: &mut State, page: Page) {
    state.purge.page = page;
    state.purge.scroll = 0;
}

fn on_setup(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let setup = &mut state.purge.setup;
    match action {
        Action::Up => setup.move_by(-1),
        Action::Down => setup.move_by(1),
        Action::Top => setup.move_by(isize::MIN),
        Action::Bottom => setup.move_by(isize::MAX),
        Action::NextChoice => setup.turn(true),
        Action::PreviousChoice => setup.turn(false),
        Action::Clear => {
            if let Some(input) = setup.input() {
                input.reset();
            }
        }
        Action::Open => open_line(state, commands),
        Action::Back => match (&state.purge.search, &state.purge.run) {
            (Search::None, Run::None) if !matches!(state.purge.many, Many::None) => {
                to(state, Page::Many);
            }
            (Search::None, Run::None) => return false,
            (Search::None, _) => to(state, Page::Run),
            _ => to(state, Page::Plan),
        },
        // There is no list here.
        Action::PageUp
        | Action::PageDown
        | Action::Filter
        | Action::SortNext
        | Action::SortPrevious => {}
        _ => return false,
    }
    true
}

fn open_line(state: &mut State, commands: &mut Vec<Command>) {
    match state.purge.setup.cursor {
        Line::User | Line::Requests | Line::Reason | Line::ReceiptTo | Line::Operator => {
            state.purge.setup.typing = true;
        }
        Line::Blueprint | Line::How | Line::Bounds | Line::Keep | Line::Named => {
            state.purge.setup.turn(true);
        }
        Line::Unfinished(number) => before::reopen(state, number, commands),
        Line::Undoable(_) => before::ask_whose(state),
    }
}

/// Looks for everything of the user, as the page says.
pub(crate) fn search(state: &mut State, commands: &mut Vec<Command>) {
    if state.purge.is_running() {
        toast(state, "a purge is under way; C-x stops it".into(), false);
        return;
    }
    state.purge.setup.typing = false;
    let is_of_file = !state.purge.setup.requests.value().trim().is_empty();
    if is_of_file && (state.purge.setup.user.value().is_empty() || state.purge.page == Page::Many) {
        many::search(state, commands);
        return;
    }
    if is_of_file {
        to(state, Page::Setup);
        state.purge.setup.cursor = Line::Requests;
        let words = "an id or a file, not both: Delete empties a line";
        toast(state, words.into(), true);
        return;
    }
    let Ok(owner) = state.purge.setup.owner() else {
        to(state, Page::Setup);
        state.purge.setup.cursor = Line::User;
        let words = "type the user's id first: an empty one would mean everybody";
        toast(state, words.into(), true);
        return;
    };
    let Some(blueprint) = state.purge.setup.chosen().cloned() else {
        to(state, Page::Setup);
        state.purge.setup.cursor = Line::Blueprint;
        let words = if state.purge.setup.blueprints.is_empty() {
            "no blueprint was named: nothing tells whose objects are whose; see below"
        } else {
            "choose with → whose user it is: the blueprint of the application"
        };
        toast(state, words.into(), true);
        return;
    };
    let user = owner.as_str().to_owned();
    let work = Work::PurgeSearch(Box::new(PurgeSearch {
        blueprint,
        owner,
        soft: state.purge.setup.soft,
        lists: state.orphans.setup.limits.lists,
    }));
    begin_search(state, user, work, commands);
}

fn begin_search(state: &mut State, user: String, work: Work, commands: &mut Vec<Command>) {
    state.purge.forget();
    to(state, Page::Plan);
    // Whatever was wanted before is there now; it would stand under the plan, and under the last question.
    state.toast = None;
    state.purge.search = Search::Running {
        user,
        since: state.now,
        stage: PurgeStage::Asking,
    };
    state_operator(state, commands);
    commands.push(start(state, Slot::PurgePlan, work));
}

/// Tells who acts, as it stands on the form, before what needs it.
fn state_operator(state: &mut State, commands: &mut Vec<Command>) {
    let name = state.purge.setup.operator();
    if name.is_none() && !state.purge.setup.is_operator_stated {
        return;
    }
    state.purge.setup.is_operator_stated = name.is_some();
    let work = Work::StateOperator(name);
    commands.push(start(state, Slot::Operator, work));
}

/// The same once more: what stopped goes on, anything else is looked for anew.
fn again(state: &mut State, commands: &mut Vec<Command>) {
    if state.purge.page == Page::Setup {
        look(state, commands);
        return;
    }
    let stopped = match &state.purge.run {
        Run::Ended(ended) if state.purge.page == Page::Run => match &ended.end {
            Ok(end) if matches!(end.ended, Ok(change::Ended::Stopped(_))) => Some((
                end.plan_file.clone(),
                ended.plan.user().to_owned(),
                ended.plan.blueprint.name.clone(),
            )),
            _ => None,
        },
        _ => None,
    };
    match stopped {
        Some((file, user, blueprint)) => {
            before::reopen_plan(state, (file, user, &blueprint), commands);
        }
        None => search_same(state, commands),
    }
}

/// Looks for the user of the last plan again, whoever stands on the first page by now.
fn search_same(state: &mut State, commands: &mut Vec<Command>) {
    let last = match (&state.purge.run, state.purge.page) {
        (Run::Ended(ended), Page::Run | Page::Receipt) => Some(&ended.plan),
        _ => state.purge.plan(),
    };
    let last = last.map(|plan| (plan.user().to_owned(), plan.blueprint.name.clone()));
    if let Some((user, blueprint)) = last {
        let setup = &mut state.purge.setup;
        setup.user = user.into();
        let mut offered = setup.blueprints.iter();
        setup.blueprint = offered.position(|one| one.name == blueprint);
    }
    search(state, commands);
}

fn on_plan(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let purge = &mut state.purge;
    let last = purge.plan().map_or(0, |plan| plan.groups.len());
    let last = last.saturating_sub(1);
    match action {
        Action::Up => purge.group = purge.group.saturating_sub(1),
        Action::Down => purge.group = (purge.group + 1).min(last),
        Action::Top => purge.group = 0,
        Action::Bottom => purge.group = last,
        Action::PageDown => scroll(state, PAGE),
        Action::PageUp => scroll(state, -PAGE),
        Action::Open | Action::NextChoice => {
            if purge.current_group().is_some() {
                to(state, Page::Items);
                let arranged = state.purge.list_group();
                arrange(state, Slot::ArrangePurge, arranged, commands);
            }
        }
        Action::Back | Action::PreviousChoice => to(state, Page::Setup),
        Action::Filter | Action::SortNext | Action::SortPrevious => {}
        _ => return false,
    }
    true
}

fn on_items(state: &mut State, action: Action) -> bool {
    let purge = &mut state.purge;
    match action {
        Action::Open | Action::ToggleDetail | Action::NextChoice => {
            purge.pane = !purge.pane;
            purge.scroll = 0;
        }
        Action::PreviousChoice => to(state, Page::Plan),
        Action::Back if purge.pane => purge.pane = false,
        Action::Back if purge.items.filter().is_empty() => to(state, Page::Plan),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
            // Another thing, another reason: it begins at its first line.
            purge.scroll = 0;
            return false;
        }
        _ => return false,
    }
    true
}

fn on_run(state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
    let is_receipt = state.purge.page == Page::Receipt;
    match action {
        Action::Back | Action::Open if is_receipt => to(state, Page::Run),
        Action::Back if state.purge.is_running() => ask_to_stop(state),
        Action::Back => form(state, commands),
        Action::Open if receipt_text(state).is_some() => to(state, Page::Receipt),
        Action::Open => {
            if let Run::Ended(_) = &state.purge.run {
                again(state, commands);
            }
        }
        Action::Down => scroll(state, 1),
        Action::Up => scroll(state, -1),
        Action::PageDown => scroll(state, PAGE),
        Action::PageUp => scroll(state, -PAGE),
        Action::Top => state.purge.scroll = 0,
        Action::Bottom => state.purge.scroll = u16::MAX,
        Action::Filter
        | Action::SortNext
        | Action::SortPrevious
        | Action::NextChoice
        | Action::PreviousChoice => {}
        _ => return false,
    }
    true
}

fn scroll(state: &mut State, lines: i32) {
    let to = i32::from(state.purge.scroll).saturating_add(lines);
    state.purge.scroll = u16::try_from(to.max(0)).unwrap_or(u16::MAX);
}

/// Asks the last question, unless something stands in the way.
fn ask(state: &mut State) {
    let Some(plan) = state.purge.plan().cloned() else {
        let words = "look for the user first: Enter types the id, s searches";
        toast(state, words.into(), false);
        return;
    };
    if !matches!(state.purge.page, Page::Plan | Page::Items) {
        toast(state, "look at the plan first: Esc shows it".into(), false);
        return;
    }
    if let Some(obstacle) = obstacle(&state.purge, &plan, state.write) {
        to(state, Page::Plan);
        state.overlay = Some(Overlay::Words {
            title: "This cannot be purged now".into(),
            text: format!("{}.\n\n{}.", obstacle.why, state.says(&obstacle.advice)),
        });
        return;
    }
    state.purge.confirm.reset();
    to(state, Page::Confirm);
}

fn cancel(state: &mut State, commands: &mut Vec<Command>) {
    if state.purge.is_running() {
        ask_to_stop(state);
    } else if state.purge.is_searching() {
        commands.push(Command::Cancel(Slot::PurgePlan));
    }
}

fn explain(state: &mut State) -> bool {
    let problem = match (&state.purge.run, &state.purge.search, state.purge.page) {
        (Run::Ended(ended), _, Page::Run) => match &ended.end {
            Err(problem) => problem.clone(),
            Ok(end) => match &end.ended {
                Err(change::Failure::Problem(problem)) => std::sync::Arc::new(problem.clone()),
                Ok(change::Ended::Stopped(stopped)) => match &stopped.why {
                    WhyStopped::Problem(problem) => std::sync::Arc::new(problem.clone()),
                    WhyStopped::Interrupted | WhyStopped::File(_) => return false,
                },
                Ok(_) | Err(_) => return false,
            },
        },
        (_, Search::Failed(problem), _) => problem.clone(),
        _ => return false,
    };
    state.overlay = Some(Overlay::Explain(problem));
    true
}

/// The receipt as a page, once there is one.
pub(crate) fn receipt_text(state: &State) -> Option<String> {
    let Run::Ended(ended) = &state.purge.run else {
        return None;
    };
    match &ended.end.as_ref().ok()?.ended {
        Ok(change::Ended::Verified(verified)) => Some(page(&verified.receipt)),
        _ => None,
    }
}

/// Copies the path of the receipt, or of its page; the user's id where there is none.
fn copy(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    let paths = match &state.purge.run {
        Run::Ended(ended) if matches!(state.purge.page, Page::Run | Page::Receipt) => {
            match ended.end.as_ref().map(|end| &end.ended) {
                Ok(Ok(change::Ended::Verified(verified))) => {
                    Some((&verified.receipt_file, &verified.page_file))
                }
                _ => None,
            }
        }
        _ => None,
    };
    let copied = match paths {
        Some((receipt, page)) => {
            let path = if action == Action::CopyUri {
                page
            } else {
                receipt
            };
            Some(path.display().to_string())
        }
        None => state.purge.plan().map(|plan| plan.user().to_owned()),
    };
    match copied {
        Some(copied) if text::has_hidden(&copied) => {
            state.overlay = Some(Overlay::ConfirmCopy(copied));
        }
        Some(copied) => commands.push(Command::Copy(copied)),
        None => toast(state, "there is nothing to be copied yet".into(), false),
    }
}
