//! The last line: the keys that matter here, from the key map.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::access::{Access, Stage};
use crate::app::keymap::Binding;
use crate::app::overlay::{Hints, Overlay};
use crate::app::{State, is_explained};
use crate::domain::text;
use crate::ui::Theme;

/// Draws the hints: as many whole ones as there is room for.
pub(in crate::ui) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: &Theme) {
    let hints = hints(state);
    let mut spans = vec![Span::raw(" ")];
    let mut left = usize::from(area.width).saturating_sub(1);
    for (key, words) in hints {
        // Nothing follows the last one, so that it needs no blanks behind it.
        let taken = text::width(&key) + text::width(&words) + 1;
        if taken > left {
            break;
        }
        left = left.saturating_sub(taken + 2);
        spans.push(Span::styled(key, theme.key));
        spans.push(Span::styled(format!(" {words}  "), theme.hint));
    }
    frame.render_widget(Line::from(spans), area);
}

fn access(dialog: &Access) -> Hints {
    let has_choices = !dialog.choices.is_empty();
    match &dialog.stage {
        Stage::Choosing => "Enter: explain · ↑↓: choose · Esc: leave",
        Stage::Reading(_) => "Esc: stop",
        Stage::Explained(..) | Stage::Failed(..) if has_choices => {
            "↑↓: scroll · PgDn: a page · Esc: another request"
        }
        Stage::Explained(..) | Stage::Failed(..) => "↑↓: scroll · PgDn: a page · Esc: close",
    }
}

fn hints(state: &State) -> Vec<(String, String)> {
    let said = |hints: Hints| {
        let pairs = hints.split(" · ").filter_map(|hint| hint.split_once(": "));
        pairs
            .map(|(key, words)| (key.to_owned(), words.to_owned()))
            .collect()
    };
    match &state.overlay {
        None if !state.typed.is_empty() => {
            let typed: Vec<String> = state.typed.iter().map(ToString::to_string).collect();
            vec![(typed.join(" "), "… (Esc to leave it)".into())]
        }
        None => {
            let hint = |binding: &Binding| Some((binding.key(), binding.hint.clone()?));
            let of_keys = || state.keymap.hints(state.keys()).filter_map(hint).collect();
            state.component().hints(state).map_or_else(of_keys, said)
        }
        Some(Overlay::Prompt { kind, .. }) => said(kind.words().1),
        Some(Overlay::Palette(_)) => said("Enter: do it · ↑↓: choose · Esc: leave"),
        Some(Overlay::Profiles { .. }) => said("Enter: switch · ↑↓: choose · Esc: leave"),
        Some(Overlay::Help { .. }) => said("↑↓: scroll · any other key: close"),
        Some(Overlay::Explain(problem)) if is_explained(state, problem) => {
            said("e: which policy refused it · any other key: close")
        }
        Some(Overlay::Explain(_) | Overlay::Words { .. }) => said("any key: close"),
        Some(Overlay::Access(dialog)) => said(access(dialog)),
        Some(Overlay::Ask { yes, .. }) => vec![
            ("Esc".to_owned(), "cancel".to_owned()),
            ("y".to_owned(), yes.clone()),
        ],
        Some(Overlay::ConfirmQuit) => said("Esc: stay · q: quit"),
        Some(Overlay::ConfirmCopy(_)) => said("Esc: do not copy · y: copy exactly"),
    }
}
