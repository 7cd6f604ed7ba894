//! The keys of this screen, made from the key map.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::draw_box;
use crate::app::State;
use crate::app::keymap::Place;
use crate::domain::text;
use crate::ui::Theme;

/// Draws the help.
pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, scroll: u16, theme: &Theme) {
    let screen = state.keys();
    let name = match screen {
        Place::Map => "Where the bytes are",
        _ => state.component().title().1,
    };
    let mut lines = Vec::new();
    for (place, title) in [
        (screen, name),
        (Place::Lists, "Any list"),
        (Place::Everywhere, "Everywhere"),
    ] {
        if !screen.reaches().contains(&place) {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(title, theme.place));
        for binding in state
            .keymap
            .of_screen(screen)
            .filter(|binding| binding.place == place)
        {
            lines.push(Line::from(vec![
                Span::styled(text::fit(&binding.all_keys(), 22), theme.key),
                Span::styled(binding.does.clone(), theme.dialog),
            ]));
        }
    }
    lines.push(Line::default());
    lines.push(Line::styled("Signs", theme.place));
    for (sign, means) in [
        ("·", "on its way, or not counted yet"),
        ("?", "unknown: e says which permission is missing"),
        ("–", "none"),
        ("≥", "at least: not everything was counted"),
        ("READ-ONLY", "start s3warden with --write to allow changes"),
    ] {
        lines.push(Line::from(vec![
            Span::styled(text::fit(sign, 22), theme.key),
            Span::styled(means, theme.dialog),
        ]));
    }
    draw_box(frame, area, "Keys", lines, (84, scroll), theme);
}
