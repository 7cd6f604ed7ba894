//! Draws the console's state with ratatui: no I/O, no decisions.
//!
//! ```text
//! title       who, where to, mode, what runs, the time
//! tabs        the screens
//! rule        where in the bucket, and a summary on the right
//! screens/    a file or folder each: heads and rows through widgets/columns
//! rule
//! status      about the row under the cursor, a toast, or the line that is being typed
//! hints       the keys that matter here, from the key map
//! dialogs/    what lies over the screen
//! ```
//!
//! Whatever others wrote (keys, ids, messages) goes through [`crate::domain::text`] before it is drawn.
//! Start reading in [`draw`].

mod dialogs;
#[cfg(test)]
mod scan_tests;
mod screens;
#[cfg(test)]
mod tests;
pub(crate) mod theme;
mod widgets;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};

pub(crate) use theme::{Theme, ThemeError};

use crate::app::{SMALLEST, State};

/// Draws the state as it is.
pub(crate) fn draw(frame: &mut Frame, state: &State, theme: &Theme) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        widgets::too_small::draw(frame, area);
        return;
    }
    let [title, tabs, rule, body, foot, status, hints] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    widgets::title::draw(frame, title, state, theme);
    widgets::tabs::draw(frame, tabs, state, theme);
    widgets::rule::draw(
        frame,
        rule,
        &state.component().place(state),
        &state.component().summary(state),
        theme,
    );
    screens::draw(frame, body, state, theme);
    widgets::rule::draw(frame, foot, "", &[], theme);
    widgets::status::draw(frame, status, state, theme);
    widgets::hints::draw(frame, hints, state, theme);
    dialogs::draw(frame, area, state, theme);
}
