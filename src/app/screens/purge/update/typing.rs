//! Keys that go into a line of the Purge screen: the user's id, a reason, and the answer to the last question.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::backend::crossterm::EventHandler;

use super::{many, run, search, to};
use crate::app::screens::purge::setup::Line;
use crate::app::screens::purge::{Page, Typed};
use crate::app::state::State;
use crate::app::update::{Command, PAGE, overlays, scroll, toast};

/// A key while a line is typed into.
pub(super) fn typed(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    if matches!(state.purge.page, Page::Confirm | Page::ManyConfirm) {
        in_confirm(state, key, commands);
    } else {
        in_setup(state, key, commands);
    }
}

fn in_setup(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    let setup = &mut state.purge.setup;
    match key.code {
        // The id is all that most searches need.
        KeyCode::Enter if matches!(setup.cursor, Line::User | Line::Requests) => {
            search(state, commands);
        }
        KeyCode::Enter | KeyCode::Esc => setup.typing = false,
        KeyCode::Tab | KeyCode::Down => move_typing(state, 1),
        KeyCode::BackTab | KeyCode::Up => move_typing(state, -1),
        _ => {
            if let Some(input) = setup.input() {
                input.handle_event(&Event::Key(key));
            }
        }
    }
}

fn move_typing(state: &mut State, by: isize) {
    let setup = &mut state.purge.setup;
    setup.move_by(by);
    setup.typing = setup.cursor.is_typed();
}

/// Esc cancels at once, the arrows scroll what stands above the question. Enter does nothing but where the id stands there whole, byte for byte.
fn in_confirm(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    match key.code {
        KeyCode::Esc => {
            state.purge.confirm.reset();
            let page = match state.purge.page {
                Page::ManyConfirm => Page::Many,
                _ => Page::Plan,
            };
            to(state, page);
            toast(state, "cancelled; nothing was touched", false);
        }
        KeyCode::Enter if state.purge.typed() == Typed::Whole => {
            if state.purge.page == Page::ManyConfirm {
                many::begin(state, commands);
            } else {
                run::begin(state, commands);
            }
        }
        KeyCode::Enter => {}
        KeyCode::Down => scroll(&mut state.purge.scroll, 1),
        KeyCode::Up => scroll(&mut state.purge.scroll, -1),
        KeyCode::PageDown => scroll(&mut state.purge.scroll, PAGE),
        KeyCode::PageUp => scroll(&mut state.purge.scroll, -PAGE),
        _ => {
            state.purge.confirm.handle_event(&Event::Key(key));
        }
    }
}

/// A text was pasted on this screen. A line break in it is no Enter.
pub(super) fn pasted(state: &mut State, text: &str) {
    let line: String = text.chars().filter(|c| !c.is_control()).collect();
    if !state.purge.is_typing() {
        let words = "press Enter on a line to type or paste into it";
        toast(state, words, false);
        return;
    }
    let purge = &mut state.purge;
    let input = match purge.page {
        Page::Confirm | Page::ManyConfirm => Some(&mut purge.confirm),
        _ => purge.setup.input(),
    };
    if let Some(input) = input {
        *input = overlays::joined(input, &line);
    }
}
