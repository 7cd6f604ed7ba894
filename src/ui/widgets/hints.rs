//! The last line: the keys that matter here, from the key map.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::keymap::Binding;
use crate::app::overlay::{Overlay, PromptKind};
use crate::domain::text;
use crate::ui::Theme;

/// Draws the hints: as many whole ones as there is room for.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let hints = hints(state);
    let mut spans = vec![Span::raw(" ")];
    let mut left = usize::from(area.width).saturating_sub(1);
    for (key, words) in hints {
        let taken = text::width(&key) + text::width(&words) + 3;
        if taken > left {
            break;
        }
        left -= taken;
        spans.push(Span::styled(key, theme.key));
        spans.push(Span::styled(format!(" {words}  "), theme.hint));
    }
    frame.render_widget(Line::from(spans), area);
}

fn hints(state: &State) -> Vec<(String, String)> {
    let said = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(key, words)| ((*key).to_owned(), (*words).to_owned()))
            .collect()
    };
    match &state.overlay {
        None if !state.typed.is_empty() => {
            let typed: Vec<String> = state.typed.iter().map(ToString::to_string).collect();
            vec![(typed.join(" "), "… (Esc to leave it)".into())]
        }
        None => {
            let hint = |binding: &Binding| Some((binding.key(), binding.hint.clone()?));
            state
                .keymap
                .hints(state.screen.keys())
                .filter_map(hint)
                .collect()
        }
        Some(Overlay::Prompt { kind, .. }) => match kind {
            PromptKind::Filter => said(&[
                ("Enter", "keep the filter"),
                ("Esc", "show all"),
                ("↑↓", "move"),
            ]),
            PromptKind::Jump => said(&[("Enter", "go there, listed or not"), ("Esc", "stay")]),
        },
        Some(Overlay::Palette(_)) => {
            said(&[("Enter", "do it"), ("↑↓", "choose"), ("Esc", "leave")])
        }
        Some(Overlay::Profiles { .. }) => {
            said(&[("Enter", "switch"), ("↑↓", "choose"), ("Esc", "leave")])
        }
        Some(Overlay::Help { .. }) => said(&[("↑↓", "scroll"), ("any other key", "close")]),
        Some(Overlay::Explain(_) | Overlay::Words { .. }) => said(&[("any key", "close")]),
        Some(Overlay::Ask { yes, .. }) => vec![
            ("Esc".to_owned(), "cancel".to_owned()),
            ("y".to_owned(), yes.clone()),
        ],
        Some(Overlay::ConfirmQuit) => said(&[("Esc", "stay"), ("q", "quit")]),
        Some(Overlay::ConfirmCopy(_)) => said(&[("Esc", "do not copy"), ("y", "copy exactly")]),
    }
}
