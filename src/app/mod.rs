//! The console's state and how it changes: pure and synchronous.
//!
//! A key press or an update from the task layer is a [`Message`]. [`update()`] folds it into the [`State`] and returns
//! [`Command`]s for the task layer and the terminal. Nothing here draws, waits or asks: the time, too, comes with messages.
//!
//! ```text
//! Message ──▶ update(&mut State) ──▶ Vec<Command>
//!   key ──▶ keymap ──▶ Action ──▶ actions.rs ──▶ navigate.rs, loading.rs, jump.rs
//!   update ──▶ slots (stale tickets end here) ──▶ arrivals.rs
//! ```
//!
//! Start reading in [`state`], then [`update()`]; lists of any length are in [`table`], and what the
//! console says of an advice is in [`advice`].

pub mod access;
pub mod action;
pub mod advice;
pub mod all_buckets;
pub mod audit_log;
pub mod browse;
pub mod bucket_state;
pub mod change_progress;
pub mod keymap;
pub mod orphans;
pub mod overlay;
pub mod presign;
pub mod purge;
pub mod rows;
pub mod scans;
mod slots;
pub mod state;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod treemap;
mod update;

pub use action::Action;
pub use keymap::{Keymap, KeymapError};
pub use state::{Screen, Start, State};
pub use update::{Command, Message, begin, filter_of, is_explained, update};

/// Lines of the screen that are not the list: title, tabs and rule above, column heads, rule, status and hints below.
pub const CHROME_LINES: u16 = 7;

/// The smallest terminal that the console can be used in, in columns and rows.
pub const SMALLEST: (u16, u16) = (60, 12);
