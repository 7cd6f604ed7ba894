//! What lies over the screen and takes the keys while it does.

use std::sync::Arc;

use tui_input::Input;

use super::access::Access;
use super::action::Action;
use super::keymap::{Keymap, Place};
use crate::aws::Problem;
use crate::domain::Needle;

/// What lies over the screen.
#[derive(Debug, Clone)]
pub(crate) enum Overlay {
    /// The keys of this screen.
    Help {
        /// The first line that is shown.
        scroll: u16,
    },
    /// Actions by name, and addresses.
    Palette(Palette),
    /// A problem in full.
    Explain(Arc<Problem>),
    /// Why a request is allowed or refused.
    Access(Box<Access>),
    /// Words in full, with a title.
    Words {
        title: String,
        /// The words.
        text: String,
    },
    /// One line of text for the list under it.
    Prompt {
        /// What the text is for.
        kind: PromptKind,
        /// The text.
        input: Input,
    },
    /// The profiles to choose from.
    Profiles {
        names: Vec<String>,
        /// The line of the cursor.
        cursor: usize,
    },
    /// Whether to change something: leaving it is the default.
    Ask {
        /// The question.
        title: String,
        /// What would happen, made safe.
        lines: Vec<String>,
        /// What yes is called.
        yes: String,
        /// What yes does.
        then: Then,
    },
    /// Whether to leave although work is running.
    ConfirmQuit,
    /// Whether to copy a text that holds characters one does not see.
    ConfirmCopy(String),
}

impl Overlay {
    /// A line to be typed, which begins with a text.
    #[must_use]
    pub(crate) fn prompt(kind: PromptKind, text: impl Into<Input>) -> Self {
        Self::Prompt {
            kind,
            input: text.into(),
        }
    }
}

/// Keys, and what each of them does: `Enter: open · q: quit`.
pub(crate) type Hints = &'static str;

/// What a question's yes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Plan a smoke test whose objects may set off what the bucket tells of new ones.
    AllowEvents,
    /// Carry the smoke test out.
    RunSmoke,
    /// Remove what earlier smoke tests left.
    CleanUpSmoke,
    /// Stop the purge after the batches under way.
    StopPurge,
    /// Stop it likewise, and leave the console.
    QuitPurging,
    /// Let the purge go on and look elsewhere.
    LeavePurge(Action),
}

/// What a prompt's text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PromptKind {
    /// It filters the list while it is typed.
    Filter,
    /// It is the path of a list of living owners.
    OwnersFile,
    /// It is the path of a list of living keys.
    KeysFile,
    /// It is where a gate of the search for orphans stands.
    OrphansLimit,
    /// It allows what is planned for orphans.
    ConfirmAct,
    /// It is the owner whose objects come back from quarantine.
    RestoreOwner,
    /// It is the user whose soft purge is undone.
    UndoOwner,
    /// It is the path of a file that is to be written.
    ExportFile,
    /// It moves the cursor while it is typed; Enter goes there even where it is not in the list.
    Jump,
}

impl PromptKind {
    /// What stands before the text, and the keys that matter.
    #[must_use]
    pub(crate) fn words(self) -> (&'static str, Hints) {
        const LIST: Hints = "Enter: take it; empty: as the blueprint says · Esc: leave it";
        const PLAN: Hints = "Enter: plan it; nothing is changed yet · Esc: leave it";
        match self {
            Self::Filter => (
                " / ",
                "Enter: keep the filter · Esc: show all · ↑↓: move · ~: first: letters with others between",
            ),
            Self::OwnersFile => (" file of living owners: ", LIST),
            Self::KeysFile => (" file of living keys: ", LIST),
            Self::OrphansLimit => (
                " the limit: ",
                "Enter: take it; empty: as it was · Esc: leave it",
            ),
            Self::ConfirmAct => (
                " type what the plan says, BUCKET:COUNT: ",
                "Enter: do it, if it is right · Esc: cancel",
            ),
            Self::RestoreOwner => (" bring back everything of the user: ", PLAN),
            Self::UndoOwner => (" undo the soft purge of the user: ", PLAN),
            Self::ExportFile => (
                " write to ",
                "Enter: write .json, .ndjson or .csv · Esc: do not",
            ),
            Self::Jump => (" go to ", "Enter: go there, listed or not · Esc: stay"),
        }
    }
}

/// Actions by name: what is typed, and which of those that match is chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Palette {
    /// What is typed.
    pub input: Input,
    /// The chosen line.
    pub cursor: usize,
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaletteItem {
    /// What it does.
    pub action: Action,
    /// Its words.
    pub does: String,
    pub keys: String,
}

impl Palette {
    /// The actions whose words hold what is typed.
    #[must_use]
    pub(crate) fn items(&self, keymap: &Keymap, screen: Place) -> Vec<PaletteItem> {
        let needle = Needle::new(self.input.value().trim());
        let mut items: Vec<PaletteItem> = Vec::new();
        for binding in keymap.of_screen(screen) {
            let moves = matches!(
                binding.action,
                Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Palette
            );
            let known = items.iter().any(|item| item.action == binding.action);
            if !moves && !known && needle.is_in(&binding.does) {
                items.push(PaletteItem {
                    action: binding.action,
                    does: binding.does.clone(),
                    keys: binding.all_keys(),
                });
            }
        }
        items
    }
}
