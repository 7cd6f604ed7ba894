//! Keys while something lies over the screen.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::actions::{self, on_list};
use super::{Command, abandon, access};
use crate::app::overlay::{Overlay, Palette, PromptKind, Then};
use crate::app::screens::browse::update::jump;
use crate::app::screens::presign::update::smoke;
use crate::app::screens::{Screen, buckets, purge};
use crate::app::state::{State, Who};
use crate::app::table::Change;
use crate::tasks::Slot;

/// A key was pressed while something lies over the screen.
pub(super) fn pressed(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    let Some(overlay) = state.overlay.take() else {
        return;
    };
    if let Overlay::Access(dialog) = overlay {
        access::pressed(state, dialog, key, commands);
        return;
    }
    if key.code == KeyCode::Esc {
        closed(state, &overlay, commands);
        return;
    }
    match overlay {
        Overlay::Help { scroll } => state.overlay = scrolled(scroll, key),
        Overlay::Palette(palette) => in_palette(state, palette, key, commands),
        Overlay::Prompt { kind, input } => in_prompt(state, kind, input, key, commands),
        Overlay::Profiles { names, cursor } => in_profiles(state, names, cursor, key, commands),
        Overlay::Ask {
            title,
            lines,
            yes,
            then,
        } => match key.code {
            KeyCode::Char('y') => match then {
                Then::AllowEvents => smoke::allow_events(state, commands),
                Then::RunSmoke => smoke::run(state, commands),
                Then::CleanUpSmoke => smoke::clean_up(state, commands),
                Then::StopPurge => purge::update::stop(state, commands),
                Then::QuitPurging => {
                    purge::update::stop(state, commands);
                    commands.push(Command::Quit(true));
                }
                Then::LeavePurge(action) => actions::act_anywhere(state, action, commands),
            },
            KeyCode::Enter => {}
            _ => {
                state.overlay = Some(Overlay::Ask {
                    title,
                    lines,
                    yes,
                    then,
                });
            }
        },
        Overlay::ConfirmQuit => match key.code {
            KeyCode::Char('q' | 'y') => commands.push(Command::Quit(false)),
            KeyCode::Enter => {}
            _ => state.overlay = Some(Overlay::ConfirmQuit),
        },
        Overlay::ConfirmCopy(text) => match key.code {
            KeyCode::Char('y') => commands.push(Command::Copy(text)),
            KeyCode::Enter => {}
            _ => state.overlay = Some(Overlay::ConfirmCopy(text)),
        },
        Overlay::Explain(problem) if key.code == KeyCode::Char('e') => {
            access::of_problem(state, problem, commands);
        }
        // Any other key closes what is only there to be read; the dialog on access took the key above.
        Overlay::Explain(_) | Overlay::Words { .. } | Overlay::Access(_) => {}
    }
}

/// A text was pasted: into the line that is being typed, if one is.
pub(super) fn pasted(state: &mut State, text: &str, commands: &mut Vec<Command>) {
    let Some(overlay) = state.overlay.take() else {
        state.component().pasted(state, text, commands);
        return;
    };
    // A line of text has no line breaks; terminals send those of a paste as carriage returns.
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    match overlay {
        Overlay::Palette(mut palette) => {
            palette.input = joined(&palette.input, &line);
            state.overlay = Some(Overlay::Palette(palette));
        }
        Overlay::Prompt { kind, input } => {
            let input = joined(&input, &line);
            typed(state, kind, &input, commands);
            state.overlay = Some(Overlay::Prompt { kind, input });
        }
        other => state.overlay = Some(other),
    }
}

/// What is typed, with a text put in at the cursor.
pub(in crate::app) fn joined(input: &Input, text: &str) -> Input {
    let (before, after): (String, String) = (
        input.value().chars().take(input.cursor()).collect(),
        input.value().chars().skip(input.cursor()).collect(),
    );
    let cursor = input.cursor() + text.chars().count();
    Input::new(format!("{before}{text}{after}")).with_cursor(cursor)
}

fn closed(state: &mut State, overlay: &Overlay, commands: &mut Vec<Command>) {
    if let Overlay::Prompt {
        kind: PromptKind::Filter,
        ..
    } = overlay
    {
        on_list(state, Change::Filter(""), commands);
    }
}

fn scrolled(scroll: u16, key: KeyEvent) -> Option<Overlay> {
    let scroll = match key.code {
        KeyCode::Down | KeyCode::Char('j' | ' ') => scroll.saturating_add(1),
        KeyCode::PageDown => scroll.saturating_add(10),
        KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
        KeyCode::PageUp => scroll.saturating_sub(10),
        KeyCode::Home => 0,
        _ => return None,
    };
    Some(Overlay::Help { scroll })
}

fn in_palette(state: &mut State, mut palette: Palette, key: KeyEvent, commands: &mut Vec<Command>) {
    let items = palette.items(&state.keymap, state.keys());
    match key.code {
        KeyCode::Up => palette.cursor = palette.cursor.saturating_sub(1),
        KeyCode::Down => palette.cursor = (palette.cursor + 1).min(items.len().saturating_sub(1)),
        KeyCode::Enter => {
            let typed = palette.input.value().trim();
            if typed.starts_with("s3://") {
                jump::open_address(state, typed, commands);
            } else if let Some(item) = items.get(palette.cursor) {
                actions::act(state, item.action, commands);
            }
            return;
        }
        _ => {
            palette.input.handle_event(&Event::Key(key));
            palette.cursor = 0;
        }
    }
    state.overlay = Some(Overlay::Palette(palette));
}

fn in_prompt(
    state: &mut State,
    kind: PromptKind,
    mut input: Input,
    key: KeyEvent,
    commands: &mut Vec<Command>,
) {
    match key.code {
        KeyCode::Enter => {
            if kind != PromptKind::Filter {
                let component = state.component();
                component.answered(state, kind, input.value(), commands);
            }
            return;
        }
        KeyCode::Up | KeyCode::Down if kind == PromptKind::Filter => {
            // The list under the prompt can be walked through without leaving it.
            let action = if key.code == KeyCode::Up {
                crate::app::Action::Up
            } else {
                crate::app::Action::Down
            };
            actions::act(state, action, commands);
        }
        _ => {
            input.handle_event(&Event::Key(key));
            typed(state, kind, &input, commands);
        }
    }
    state.overlay = Some(Overlay::Prompt { kind, input });
}

/// The text of a prompt has changed.
fn typed(state: &mut State, kind: PromptKind, input: &Input, commands: &mut Vec<Command>) {
    match kind {
        PromptKind::Filter if state.component().filter(state) != input.value() => {
            on_list(state, Change::Filter(input.value()), commands);
        }
        PromptKind::Jump => jump::show_first(state, input.value()),
        PromptKind::Filter
        | PromptKind::OwnersFile
        | PromptKind::KeysFile
        | PromptKind::OrphansLimit
        | PromptKind::ConfirmAct
        | PromptKind::RestoreOwner
        | PromptKind::UndoOwner
        | PromptKind::ExportFile => {}
    }
}

fn in_profiles(
    state: &mut State,
    names: Vec<String>,
    cursor: usize,
    key: KeyEvent,
    commands: &mut Vec<Command>,
) {
    let last = names.len().saturating_sub(1);
    let cursor = match key.code {
        KeyCode::Up | KeyCode::Char('k') => cursor.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => (cursor + 1).min(last),
        KeyCode::Enter => {
            if let Some(name) = names.into_iter().nth(cursor) {
                switch_profile(state, name, commands);
            }
            return;
        }
        _ => cursor,
    };
    state.overlay = Some(Overlay::Profiles { names, cursor });
}

/// Drops everything that was learnt under the profile so far and connects with another.
pub(in crate::app) fn switch_profile(state: &mut State, name: String, commands: &mut Vec<Command>) {
    for screen in Screen::ALL {
        screen.component().forget(state, commands);
    }
    abandon(state, Slot::Identity, commands);
    state.screen = Screen::Buckets;
    state.who = Who::Pending;
    state.connection = None;
    state.profile = Some(name);
    buckets::update::connect(state, commands);
}
