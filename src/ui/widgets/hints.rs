//! The last line: the keys that matter here, from the key map.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::access::{Access, Stage};
use crate::app::keymap::Binding;
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::screens::presign::Page;
use crate::app::{Screen, State, is_explained};
use crate::domain::text;
use crate::ui::{Theme, screens};

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

/// Whether the keys of the Presign screen mean what the key map's words say: on its form, and what came of it.
fn on_the_form(state: &State) -> bool {
    matches!(state.presign.page, Page::Form | Page::Result) && !state.presign.is_typing()
}

/// What matters while a line is typed into, and on the other pages of the Presign screen.
fn presign(state: &State) -> &'static [(&'static str, &'static str)] {
    match state.presign.page {
        Page::Smoke if state.presign.smoke.is_running() => &[
            ("C-x", "cancel"),
            ("Enter", "detail"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Smoke => &[
            ("s", "start"),
            ("Enter", "detail"),
            ("r", "look again"),
            ("f", "form"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Inspect if state.presign.inspect.typing => &[
            ("Enter", "done"),
            ("Esc", "done"),
            ("paste", "a URL replaces this one"),
        ],
        Page::Inspect => &[
            ("Enter", "type"),
            ("c", "try it"),
            ("Delete", "clear"),
            ("f", "form"),
            ("?", "keys"),
            ("q", "quit"),
        ],
        Page::Form | Page::Result => &[
            ("Enter", "done"),
            ("Tab", "next line"),
            ("C-s", "sign"),
            ("Esc", "stop typing"),
        ],
    }
}

fn access(dialog: &Access) -> &'static [(&'static str, &'static str)] {
    let has_choices = !dialog.choices.is_empty();
    match &dialog.stage {
        Stage::Choosing => &[("Enter", "explain"), ("↑↓", "choose"), ("Esc", "leave")],
        Stage::Reading(_) => &[("Esc", "stop")],
        Stage::Explained(..) | Stage::Failed(..) if has_choices => &[
            ("↑↓", "scroll"),
            ("PgDn", "a page"),
            ("Esc", "another request"),
        ],
        Stage::Explained(..) | Stage::Failed(..) => {
            &[("↑↓", "scroll"), ("PgDn", "a page"), ("Esc", "close")]
        }
    }
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
        None if state.screen == Screen::Presign && !on_the_form(state) => said(presign(state)),
        None if state.screen == Screen::Purge => said(screens::hints_purge(state)),
        None if state.screen == Screen::Orphans && screens::hints_orphans(state).is_some() => {
            said(screens::hints_orphans(state).unwrap_or_default())
        }
        None => {
            let hint = |binding: &Binding| Some((binding.key(), binding.hint.clone()?));
            state.keymap.hints(state.keys()).filter_map(hint).collect()
        }
        Some(Overlay::Prompt { kind, .. }) => match kind {
            PromptKind::Filter => said(&[
                ("Enter", "keep the filter"),
                ("Esc", "show all"),
                ("↑↓", "move"),
                ("~", "first: letters with others between"),
            ]),
            PromptKind::OwnersFile | PromptKind::KeysFile => said(&[
                ("Enter", "take it; empty: as the blueprint says"),
                ("Esc", "leave it"),
            ]),
            PromptKind::OrphansLimit => {
                said(&[("Enter", "take it; empty: as it was"), ("Esc", "leave it")])
            }
            PromptKind::ConfirmAct => {
                said(&[("Enter", "do it, if it is right"), ("Esc", "cancel")])
            }
            PromptKind::RestoreOwner | PromptKind::UndoOwner => said(&[
                ("Enter", "plan it; nothing is changed yet"),
                ("Esc", "leave it"),
            ]),
            PromptKind::ExportFile => {
                said(&[("Enter", "write .json, .ndjson or .csv"), ("Esc", "do not")])
            }
            PromptKind::Jump => said(&[("Enter", "go there, listed or not"), ("Esc", "stay")]),
        },
        Some(Overlay::Palette(_)) => {
            said(&[("Enter", "do it"), ("↑↓", "choose"), ("Esc", "leave")])
        }
        Some(Overlay::Profiles { .. }) => {
            said(&[("Enter", "switch"), ("↑↓", "choose"), ("Esc", "leave")])
        }
        Some(Overlay::Help { .. }) => said(&[("↑↓", "scroll"), ("any other key", "close")]),
        Some(Overlay::Explain(problem)) if is_explained(state, problem) => {
            said(&[("e", "which policy refused it"), ("any other key", "close")])
        }
        Some(Overlay::Explain(_) | Overlay::Words { .. }) => said(&[("any key", "close")]),
        Some(Overlay::Access(dialog)) => said(access(dialog)),
        Some(Overlay::Ask { yes, .. }) => vec![
            ("Esc".to_owned(), "cancel".to_owned()),
            ("y".to_owned(), yes.clone()),
        ],
        Some(Overlay::ConfirmQuit) => said(&[("Esc", "stay"), ("q", "quit")]),
        Some(Overlay::ConfirmCopy(_)) => said(&[("Esc", "do not copy"), ("y", "copy exactly")]),
    }
}
