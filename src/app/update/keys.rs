//! From a key to an action: overlays take the key first, then a line that is typed into, then the key map.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Command, actions, overlays};
use crate::app::keymap::{Chord, Meaning};
use crate::app::state::State;

/// A key was pressed.
pub(super) fn pressed(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    let interrupts =
        key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if state.overlay.is_some() && !interrupts {
        overlays::pressed(state, key, commands);
        return;
    }
    if !interrupts && state.component().typed(state, key, commands) {
        return;
    }
    let screen = state.keys();
    state.typed.push(Chord::from(key));
    match state.keymap.meaning(screen, &state.typed) {
        Meaning::Beginning => {}
        Meaning::Action(action) => {
            state.typed.clear();
            actions::act(state, action, commands);
        }
        Meaning::Nothing => {
            // A sequence that leads nowhere is dropped whole, but its last key may begin anew.
            let again = state.typed.len() > 1;
            state.typed.clear();
            if again {
                pressed(state, key, commands);
            }
        }
    }
}
