//! A URL that somebody else signed, and what it says.

use chrono::{DateTime, Utc};
use tui_input::Input;

use crate::app::state::Load;
use crate::domain::presign::inspect::{Inspection, NotAUrl, inspect};
use crate::ops::presign::check::Checked;

/// The page for URLs of others.
#[derive(Default)]
pub(crate) struct Inspect {
    /// What was pasted or typed. It holds a signature: only who types it sees it.
    pub input: Input,
    /// Whether keys go into it.
    pub typing: bool,
    /// What it says; `None` while there is nothing.
    pub found: Option<Result<Box<Inspection>, NotAUrl>>,
    /// How far a check of it is.
    pub check: Load,
    /// What the check found.
    pub checked: Option<Checked>,
    /// The first line that is shown.
    pub scroll: u16,
}

impl std::fmt::Debug for Inspect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspect")
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}

impl Inspect {
    /// Takes another text and explains it as of now.
    pub(crate) fn take(&mut self, input: Input, now: DateTime<Utc>) {
        self.found = match input.value().trim() {
            "" => None,
            text => Some(inspect(text, now).map(Box::new)),
        };
        self.input = input;
        self.scroll = 0;
    }

    /// What was found, where it is a URL.
    #[must_use]
    pub(crate) fn inspection(&self) -> Option<&Inspection> {
        self.found.as_ref()?.as_ref().ok().map(|found| &**found)
    }
}
