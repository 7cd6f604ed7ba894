//! The console's state and how it changes: pure and synchronous.
//!
//! A key press or an update from the task layer is a [`Message`]. [`update()`] folds it into the [`State`] and returns
//! [`Command`]s for the task layer and the terminal. Nothing here draws, waits or asks: the time, too, comes with messages.
//!
//! ```text
//! Message ──▶ update(&mut State) ──▶ Vec<Command>
//!   key ──▶ keymap ──▶ Action ──▶ the screen that is shown, else update/actions.rs
//!   update ──▶ slots (stale tickets end here) ──▶ update/arrivals.rs ──▶ the screen that asked
//! ```
//!
//! Start reading in [`state`], then [`update()`]; then [`screens`], a folder each. Lists of any length are in [`table`], and
//! what the console says of an advice is in [`advice`].

pub(crate) mod access;
pub(crate) mod action;
pub(crate) mod advice;
pub(crate) mod change_progress;
pub(crate) mod keymap;
pub(crate) mod overlay;
pub(crate) mod scans;
pub(crate) mod screens;
mod slots;
pub(crate) mod state;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod testing;
mod update;
pub(crate) mod words;

pub(crate) use action::Action;
pub(crate) use keymap::{Keymap, KeymapError};
pub(crate) use screens::Screen;
pub(crate) use state::{Start, State};
pub(crate) use update::{Command, Message, begin, is_explained, update};

/// Lines of the screen that are not the list: title, tabs and rule above, column heads, rule, status and hints below.
pub(crate) const CHROME_LINES: u16 = 7;

/// The smallest terminal that the console can be used in, in columns and rows.
pub(crate) const SMALLEST: (u16, u16) = (60, 12);
