//! The last question. Cancel is its default; nothing but the user's id, whole and byte for byte, answers it.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::plan_notes;
use crate::app::State;
use crate::app::screens::purge::Typed;
use crate::app::screens::purge::obstacle::verb;
use crate::domain::change::Act;
use crate::domain::text;
use crate::ui::Theme;
use crate::ui::screens::sheet::Sheet;
use crate::ui::widgets::status::typed_line;

/// Lines of the question itself.
const QUESTION: u16 = 6;

/// Draws the page.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let Some(plan) = state.purge.plan() else {
        return;
    };
    let mut sheet = Sheet::new(area, state, theme);
    sheet.width = sheet.width.saturating_sub(2);
    let user = text::safe(plan.user());
    let (title, style) = match plan.plan.header.act {
        Act::Mark => (format!("Hide everything of {user}"), theme.warning),
        Act::Unmark { .. } => (format!("Undo the soft purge of {user}"), theme.warning),
        _ => (format!("Purge {user}"), theme.bad),
    };
    sheet.paragraph(&title, style);
    sheet.paragraph(&plan_notes::headline(plan), theme.place);
    plan_notes::plan_notes(&mut sheet, plan);
    let lines = u16::try_from(sheet.lines.len()).unwrap_or(u16::MAX);
    let [above, below] = Layout::vertical([
        Constraint::Length(lines.min(area.height.saturating_sub(QUESTION))),
        Constraint::Length(QUESTION),
    ])
    .areas(area);
    let inner = Rect {
        x: above.x + 2,
        width: above.width.saturating_sub(2),
        ..above
    };
    sheet.draw(frame, inner, state.purge.scroll);
    let question = question(state, usize::from(area.width), theme);
    for (line, row) in question.into_iter().zip(below.rows()) {
        frame.render_widget(line, row);
    }
}

fn question(state: &State, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let typed = state.purge.typed();
    let plan = state.purge.plan();
    let verb = plan.map_or("purge", |plan| verb(plan));
    let act = plan.map(|plan| &plan.plan.header.act);
    let room = width.saturating_sub(6);
    let mut asked = typed_line(
        &format!("   Type the user's id to {verb}:  "),
        &state.purge.confirm,
        room,
        theme,
    );
    if typed == Typed::Different {
        asked
            .spans
            .push(Span::styled("   this is not the id", theme.bad));
    }
    let button = verb.replacen(
        char::is_alphabetic,
        &verb.chars().take(1).collect::<String>().to_uppercase(),
        1,
    );
    let buttons = match typed {
        Typed::Whole => vec![
            Span::raw("   "),
            Span::styled("  Cancel (Esc)  ", theme.dialog),
            Span::raw("     "),
            Span::styled(format!("[ {button} (Enter) ]"), theme.bad),
        ],
        Typed::Beginning | Typed::Different => vec![
            Span::raw("   "),
            Span::styled("[ Cancel (Esc) ]", theme.selected),
            Span::raw("     "),
            Span::styled(
                format!("{button} (Enter, once the id is typed in full)"),
                theme.faint,
            ),
        ],
    };
    vec![
        Line::default(),
        Line::styled(
            match act {
                Some(Act::Mark) => {
                    "   After this they are hidden; the receipt brings them back. Nothing is deleted."
                }
                Some(Act::Unmark { .. }) => {
                    "   After this, what these markers hide is there again. Nothing else changes."
                }
                _ => "   After this, nothing of these items can be brought back.",
            },
            theme.warning,
        ),
        Line::default(),
        asked,
        Line::default(),
        Line::from(buttons),
    ]
}
