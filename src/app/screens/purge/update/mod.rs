//! How the Purge screen changes: going from page to page. What is typed is in [`typing`], what the task layer says in [`run`], what goes on
//! from an earlier purge or undoes one in [`before`].

mod before;
mod many;
#[cfg(test)]
mod many_tests;
mod run;
#[cfg(test)]
mod tests;
mod typing;

pub(crate) use run::{ask_to_quit, ask_to_stop, news, plan_ended, run_ended, stop};

use crossterm::event::KeyEvent;

use super::batch::Many;
use super::obstacle::{Obstacle, obstacle};
use super::run::Run;
use super::setup::Line;
use super::{Page, Purge, PurgeScreen, Search};
use crate::app::action::Action;
use crate::app::keymap::Place;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::{Component, Screen};
use crate::app::state::State;
use crate::app::table::List;
use crate::app::update::{
    Command, PAGE, abandon, actions, arrange, scroll, scroll_text, start, toast,
};
use crate::domain::{BucketName, ObjectKey, OwnerId};
use crate::ops::change::{self, WhyStopped};
use crate::tasks::{PurgeSearch, PurgeStage, Slot, Work};

impl Component for PurgeScreen {
    fn keys(&self, _: &State) -> Place {
        Place::Purge
    }

    fn shown(&self, state: &mut State, _: Screen, commands: &mut Vec<Command>) {
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

    fn act(&self, state: &mut State, action: Action, commands: &mut Vec<Command>) -> bool {
        if run::leaves(action) && run::ask_to_leave(state, action) {
            return true;
        }
        match action {
            Action::ShowForm if state.purge.is_running() => {
                toast(state, "a purge is under way; C-x stops it", false);
            }
            Action::ShowForm => form(state, commands),
            Action::FindUser => search(state, commands),
            Action::PlanAgain | Action::Refresh => again(state, commands),
            Action::Purge if state.purge.page == Page::Many => many::ask(state),
            Action::Purge => ask(state),
            Action::UndoPurge => before::ask_to_undo(state),
            Action::Cancel => cancel(state, commands),
            Action::DetailDown => scroll(&mut state.purge.scroll, 1),
            Action::DetailUp => scroll(&mut state.purge.scroll, -1),
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

    fn list<'s>(&self, state: &'s mut State) -> Option<(Slot, &'s mut dyn List)> {
        is_list(state).then_some((Slot::ArrangePurge, &mut state.purge.items))
    }

    fn filter<'s>(&self, state: &'s State) -> &'s str {
        if is_list(state) {
            state.purge.items.filter()
        } else {
            ""
        }
    }

    fn typed(&self, state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) -> bool {
        let is_typing = state.purge.is_typing();
        if is_typing {
            typing::typed(state, key, commands);
        }
        is_typing
    }

    fn pasted(&self, state: &mut State, text: &str, _: &mut Vec<Command>) {
        typing::pasted(state, text);
    }

    fn answered(&self, state: &mut State, _: PromptKind, text: &str, commands: &mut Vec<Command>) {
        before::undo_of(state, text, commands);
    }

    fn object(&self, state: &State) -> Option<(BucketName, ObjectKey)> {
        let items = &state.purge.items;
        let row = items.current().filter(|_| is_list(state))?;
        let claim = &row.item()?.claim;
        Some((claim.bucket.clone(), claim.key.clone()))
    }

    fn holds_profile(&self, state: &State) -> Option<&'static str> {
        let is_running = state.purge.is_running();
        is_running.then_some("a purge is under way with this profile; C-x on its screen stops it")
    }

    fn forget(&self, state: &mut State, commands: &mut Vec<Command>) {
        abandon(state, Slot::PurgePlan, commands);
        abandon(state, Slot::UnfinishedPurges, commands);
        state.purge = Purge::default();
    }
}

/// Whether the items of one group are shown.
fn is_list(state: &State) -> bool {
    state.purge.page == Page::Items
}

/// Looks for what was begun before, and for what can be undone.
fn look(state: &mut State, commands: &mut Vec<Command>) {
    if state.connection.is_some() {
        start(
            state,
            Slot::UnfinishedPurges,
            Work::UnfinishedPurges,
            commands,
        );
    }
}

/// Goes to the form, on which a purge that has just ended may stand by now.
fn form(state: &mut State, commands: &mut Vec<Command>) {
    to(state, Page::Setup);
    look(state, commands);
}

/// Shows the screen for an owner.
pub(crate) fn show_for(
    state: &mut State,
    of: Option<(BucketName, OwnerId)>,
    commands: &mut Vec<Command>,
) {
    let Some((bucket, owner)) = of else {
        let words = "go to an owner first: v shows the owners, f finds one by their id";
        toast(state, words, false);
        return;
    };
    actions::show(state, Screen::Purge, commands);
    if state.purge.is_running() {
        toast(state, "a purge is under way: this one has to wait", false);
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

/// Takes note of the blueprints that somebody named: only by those is anything deleted.
pub(crate) fn offer(state: &mut State) {
    let offered = match &state.blueprint {
        Some(named) => vec![named.clone()],
        None => state.blueprints.clone(),
    };
    state.purge.setup.offer(offered);
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
fn search(state: &mut State, commands: &mut Vec<Command>) {
    if state.purge.is_running() {
        toast(state, "a purge is under way; C-x stops it", false);
        return;
    }
    state.purge.setup.typing = false;
    let is_of_file = !state.purge.setup.requests.value().trim().is_empty();
    if is_of_file && (state.purge.setup.user.value().is_empty() || state.purge.page == Page::Many) {
        many::search(state, commands);
        return;
    }
    if is_of_file {
        let words = "an id or a file, not both: Delete empties a line";
        return ask_for(state, Line::Requests, words);
    }
    let Ok(owner) = state.purge.setup.owner() else {
        let words = "type the user's id first: an empty one would mean everybody";
        return ask_for(state, Line::User, words);
    };
    let Some(blueprint) = state.purge.setup.chosen().cloned() else {
        let words = if state.purge.setup.blueprints.is_empty() {
            "no blueprint was named: nothing tells whose objects are whose; see below"
        } else {
            "choose with → whose user it is: the blueprint of the application"
        };
        return ask_for(state, Line::Blueprint, words);
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

/// Goes to a line of the form that has to be filled in first.
fn ask_for(state: &mut State, line: Line, words: &str) {
    to(state, Page::Setup);
    state.purge.setup.cursor = line;
    toast(state, words, true);
}

/// Says what stands in the way of carrying a plan out.
fn refuse(state: &mut State, obstacle: &Obstacle) {
    state.overlay = Some(Overlay::Words {
        title: "This cannot be purged now".into(),
        text: format!("{}.\n\n{}.", obstacle.why, state.says(&obstacle.advice)),
    });
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
    start(state, Slot::PurgePlan, work, commands);
}

/// Tells who acts, as it stands on the form, before what needs it.
fn state_operator(state: &mut State, commands: &mut Vec<Command>) {
    let name = state.purge.setup.operator();
    if name.is_none() && !state.purge.setup.is_operator_stated {
        return;
    }
    state.purge.setup.is_operator_stated = name.is_some();
    let work = Work::StateOperator(name);
    start(state, Slot::Operator, work, commands);
}

/// The same once more: what stopped goes on, anything else is looked for anew.
fn again(state: &mut State, commands: &mut Vec<Command>) {
    if state.purge.page == Page::Setup {
        look(state, commands);
        return;
    }
    let stopped = match &state.purge.run {
        run @ Run::Ended(ended) if state.purge.page == Page::Run && run.has_stopped() => {
            ended.end.as_ref().ok().map(|end| {
                let (plan, user) = (&ended.plan, ended.plan.user().to_owned());
                (end.plan_file.clone(), user, plan.blueprint.name.clone())
            })
        }
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
        Action::PageDown => scroll(&mut purge.scroll, PAGE),
        Action::PageUp => scroll(&mut purge.scroll, -PAGE),
        Action::Open | Action::NextChoice => {
            if purge.current_group().is_some() {
                to(state, Page::Items);
                let arranged = state.purge.list_group();
                arrange(state, Slot::ArrangePurge, arranged, commands);
            }
        }
        Action::Back | Action::PreviousChoice => to(state, Page::Setup),
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
        Action::Open if state.purge.run.receipt().is_some() => to(state, Page::Receipt),
        Action::Open => {
            if let Run::Ended(_) = &state.purge.run {
                again(state, commands);
            }
        }
        _ => return scroll_text(&mut state.purge.scroll, action),
    }
    true
}

/// Asks the last question, unless something stands in the way.
fn ask(state: &mut State) {
    let Some(plan) = state.purge.plan().cloned() else {
        let words = "look for the user first: Enter types the id, s searches";
        toast(state, words, false);
        return;
    };
    if !matches!(state.purge.page, Page::Plan | Page::Items) {
        toast(state, "look at the plan first: Esc shows it", false);
        return;
    }
    if let Some(obstacle) = obstacle(&state.purge, &plan, state.write) {
        to(state, Page::Plan);
        return refuse(state, &obstacle);
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

/// Copies the path of the receipt, or of its page; the user's id where there is none.
fn copy(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    let is_run = matches!(state.purge.page, Page::Run | Page::Receipt);
    let verified = state.purge.run.verified().filter(|_| is_run);
    let paths = verified.map(|verified| (&verified.receipt_file, &verified.page_file));
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
        Some(copied) => actions::copy_text(state, copied, commands),
        None => toast(state, "there is nothing to be copied yet", false),
    }
}
