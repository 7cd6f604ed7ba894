//! The Presign screen: the form with its result beside it where there is room, or one after the other; URLs of others.

mod form;
mod inspect;
mod result;
mod smoke;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::screens::presign::{Outcome, Page, WIDE};
use crate::ui::{Theme, words};

/// The width of the form beside a result.
const FORM: u16 = 60;

/// Draws the page that is shown.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    match state.presign.page {
        Page::Inspect => inspect::draw(frame, area, state, theme),
        Page::Smoke => smoke::draw(frame, area, state, theme),
        Page::Form | Page::Result if area.width >= WIDE => {
            let [left, line, right] = Layout::horizontal([
                Constraint::Length(FORM),
                Constraint::Length(1),
                Constraint::Min(1),
            ])
            .areas(area);
            form::draw(frame, left, state, theme);
            for row in line.rows() {
                frame.render_widget(Line::from(Span::styled("│", theme.rule)), row);
            }
            result::draw(frame, right, state, theme);
        }
        Page::Form => form::draw(frame, area, state, theme),
        Page::Result => result::draw(frame, area, state, theme),
    }
}

/// Where one is, for the rule.
pub(super) fn place(state: &State) -> String {
    let smoke = &state.presign.smoke;
    match (state.presign.page, &smoke.bucket) {
        (Page::Form, _) => "Presign".into(),
        (Page::Result, _) => "Presign › signed".into(),
        (Page::Inspect, _) => "Presign › a URL of others".into(),
        (Page::Smoke, None) => "Presign › smoke test".into(),
        (Page::Smoke, Some(bucket)) => format!("Presign › smoke test of {bucket}"),
    }
}

/// How far it is, for the right of the rule.
pub(super) fn summary(state: &State) -> Vec<String> {
    let presign = &state.presign;
    match (presign.page, &presign.outcome) {
        (Page::Inspect, _) => Vec::new(),
        (Page::Smoke, _) => smoke::summary(&presign.smoke),
        (_, Outcome::Signing) => vec!["signing".into()],
        (_, Outcome::Failed(_)) => vec!["failed, e explains".into()],
        (_, Outcome::Made(made)) if made.is_stale => vec!["changed since it was signed".into()],
        (_, Outcome::Made(_)) => vec!["signed".into()],
        (_, Outcome::None) if presign.form.checked.request.is_some() => {
            let warnings = presign.form.checked.warnings.len() as u64;
            let mut parts = vec!["ready to be signed".into()];
            if warnings > 0 {
                parts.push(words::counted(warnings, "warning"));
            }
            parts
        }
        (_, Outcome::None) => Vec::new(),
    }
}

/// What is to be said of the line under the cursor, in the status line.
pub(super) fn about(state: &State) -> String {
    let presign = &state.presign;
    match presign.page {
        Page::Form => form::about(state),
        Page::Smoke => smoke::about(state),
        Page::Result => {
            "] shows other ways to send it, y copies the URL, Esc goes back to the form".into()
        }
        Page::Inspect if presign.inspect.inspection().is_some() => {
            "c tries it with one harmless request; paste another one to explain that".into()
        }
        Page::Inspect => "paste a URL, or Enter to type it; Esc goes back to the form".into(),
    }
}
