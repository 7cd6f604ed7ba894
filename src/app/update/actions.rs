//! What each action does: on the screen that is shown, or everywhere.

use super::{Command, access, arrange, start, toast};
use crate::app::action::Action;
use crate::app::overlay::{Overlay, Palette, PromptKind};
use crate::app::screens::browse::update::navigate;
use crate::app::screens::{Screen, bucket_state, purge};
use crate::app::state::State;
use crate::app::table::Change;
use crate::domain::text;
use crate::tasks::{Slot, Work};

/// Does what was asked for: as the screen has it, or else as it is everywhere.
pub(super) fn act(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    if !state.component().act(state, action, commands) {
        act_anywhere(state, action, commands);
    }
}

/// Does what was asked for, where no screen makes something else of it.
pub(in crate::app) fn act_anywhere(state: &mut State, action: Action, commands: &mut Vec<Command>) {
    match action {
        Action::ShowBuckets => show(state, Screen::Buckets, commands),
        Action::ShowBrowse if state.browse.is_none() => {
            navigate::open_current_bucket(state, commands);
        }
        Action::ShowBrowse => show(state, Screen::Browse, commands),
        Action::ShowState | Action::OpenState => bucket_state::update::show(state, commands),
        Action::ShowOrphans => show(state, Screen::Orphans, commands),
        Action::ShowPurge => show(state, Screen::Purge, commands),
        Action::ShowAuditLog => show(state, Screen::AuditLog, commands),
        Action::ShowPresign => show(state, Screen::Presign, commands),
        Action::ShowTasks => show(state, Screen::Tasks, commands),
        Action::NextScreen => turn_screen(state, 1, commands),
        Action::PreviousScreen => turn_screen(state, Screen::ALL.len() - 1, commands),
        Action::Help => state.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Palette => state.overlay = Some(Overlay::Palette(Palette::default())),
        Action::Quit | Action::Interrupt if purge::update::ask_to_quit(state) => {}
        Action::Quit if state.running() > 0 => state.overlay = Some(Overlay::ConfirmQuit),
        Action::Quit => commands.push(Command::Quit(false)),
        Action::Interrupt => commands.push(Command::Quit(true)),
        Action::Back => back(state, commands),
        Action::Up => on_list(state, Change::Move(-1), commands),
        Action::Down => on_list(state, Change::Move(1), commands),
        Action::PageUp => on_list(state, Change::MovePages(-1), commands),
        Action::PageDown => on_list(state, Change::MovePages(1), commands),
        Action::Top => on_list(state, Change::MoveTo(0), commands),
        Action::Bottom => on_list(state, Change::MoveTo(usize::MAX), commands),
        Action::SortNext => on_list(state, Change::SortNext, commands),
        Action::SortPrevious => on_list(state, Change::SortPrevious, commands),
        Action::Filter if state.component().list(state).is_some() => {
            let filter = state.component().filter(state);
            state.overlay = Some(Overlay::prompt(PromptKind::Filter, filter));
        }
        Action::Copy => copy(state, false, commands),
        Action::CopyUri => copy(state, true, commands),
        Action::Explain => explain(state),
        Action::SwitchProfile => switch_profile(state, commands),
        // The screens whose own they are have done them.
        Action::Open
        | Action::Filter
        | Action::Jump
        | Action::Refresh
        | Action::LoadAll
        | Action::AuditBuckets
        | Action::AuditContents
        | Action::Scan
        | Action::AllObjects
        | Action::NextMap
        | Action::NextBars
        | Action::ToggleView
        | Action::OwnersHere
        | Action::ToggleDetail
        | Action::DetailDown
        | Action::DetailUp
        | Action::Cancel
        | Action::Purge
        | Action::PresignRow
        | Action::FindOrphans
        | Action::Mark
        | Action::MarkAll
        | Action::BrowseRow
        | Action::Export
        | Action::CopyMarked
        | Action::QuarantineOrphans
        | Action::DeleteOrphans
        | Action::RestoreOrphans
        | Action::RestoreOwner
        | Action::UndoPurge
        | Action::ShowForm
        | Action::ShowInspect
        | Action::Sign
        | Action::NextChoice
        | Action::PreviousChoice
        | Action::Clear
        | Action::NewUuid
        | Action::NextTab
        | Action::PreviousTab
        | Action::CheckUrl
        | Action::ShowSmoke
        | Action::NextWindow
        | Action::NextSeverity
        | Action::FindUser
        | Action::PlanAgain
        | Action::CleanUp => {}
    }
}

/// Shows a screen.
pub(in crate::app) fn show(state: &mut State, screen: Screen, commands: &mut Vec<Command>) {
    let before = std::mem::replace(&mut state.screen, screen);
    screen.component().shown(state, before, commands);
}

/// Shows the screen that is this many places on, of those that have something to be seen.
fn turn_screen(state: &mut State, by: usize, commands: &mut Vec<Command>) {
    let here = state.component().behind().unwrap_or(state.screen);
    let at = Screen::ALL.iter().position(|screen| *screen == here);
    let turns = Screen::ALL.iter().cycle().skip(at.unwrap_or(0));
    let mut turns = turns.step_by(by).skip(1).take(Screen::ALL.len());
    if let Some(next) = turns.find(|screen| screen.component().has_something(state)) {
        show(state, *next, commands);
    }
}

/// Goes back one step: the filter, then what the screen has. Never out of the console.
fn back(state: &mut State, commands: &mut Vec<Command>) {
    if state.component().filter(state).is_empty() {
        state.component().back(state, commands);
    } else {
        on_list(state, Change::Filter(""), commands);
    }
}

/// Does something to the list that is shown.
pub(super) fn on_list(state: &mut State, change: Change<'_>, commands: &mut Vec<Command>) {
    if let Some((slot, list)) = state.component().list(state) {
        let arranged = list.change(change);
        arrange(state, slot, arranged, commands);
    }
}

/// Explains the access to the object under the cursor, else what went wrong last.
fn explain(state: &mut State) {
    if let Some((bucket, key)) = state.component().object(state) {
        access::choose(state, (&bucket, key.as_str()));
    } else if let Some(problem) = state.last_problem.clone() {
        state.overlay = Some(Overlay::Explain(problem));
    } else {
        toast(state, "nothing has gone wrong so far", false);
    }
}

/// Copies the name or the address under the cursor.
fn copy(state: &mut State, as_uri: bool, commands: &mut Vec<Command>) {
    if let Some(text) = state.component().under_cursor(state, as_uri) {
        copy_text(state, text, commands);
    } else {
        toast(state, "there is nothing under the cursor to copy", true);
    }
}

/// Copies a text; one that holds characters that one does not see only once that was said.
pub(in crate::app) fn copy_text(state: &mut State, text: String, commands: &mut Vec<Command>) {
    let is_hidden = text::has_hidden(&text);
    copy_unless(is_hidden, state, text, commands);
}

/// The same of a text of several lines: everybody sees where they end.
pub(in crate::app) fn copy_lines(state: &mut State, text: String, commands: &mut Vec<Command>) {
    let is_hidden = text.lines().any(text::has_hidden);
    copy_unless(is_hidden, state, text, commands);
}

fn copy_unless(is_hidden: bool, state: &mut State, text: String, commands: &mut Vec<Command>) {
    if is_hidden {
        state.overlay = Some(Overlay::ConfirmCopy(text));
    } else {
        commands.push(Command::Copy(text));
    }
}

/// Offers the profiles, unless something is under way with the one that there is.
fn switch_profile(state: &mut State, commands: &mut Vec<Command>) {
    let mut screens = Screen::ALL.iter();
    match screens.find_map(|screen| screen.component().holds_profile(state)) {
        Some(why) => toast(state, why, true),
        None => start(state, Slot::Profiles, Work::Profiles, commands),
    }
}
