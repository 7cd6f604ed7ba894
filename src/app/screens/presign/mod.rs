//! The Presign screen: a form for requests to sign, what came of it, URLs of others explained, and the smoke test.
//!
//! ```text
//! keys ─▶ update/mod.rs ─▶ Form::set_text, turn ─▶ checked.rs ─▶ faults beside the lines, or a request
//!                                                                    │ s
//!                 result.rs ◀── Update::Signed ◀── tasks ◀── Work::Sign
//! ```
//!
//! What was typed stays while the method changes: lines that the new method does not have are kept and do not count.
//! Start reading in [`form`].

pub(crate) mod checked;
pub(crate) mod field;
mod fill;
pub(crate) mod form;
pub(crate) mod inspect;
pub(crate) mod result;
pub(crate) mod smoke;
mod texts;
pub(crate) mod update;
mod values;

pub(crate) use checked::Fault;
pub(crate) use field::Field;
pub(crate) use form::{Form, Rules};
pub(crate) use inspect::Inspect;
pub(crate) use result::{Made, Outcome};
pub(crate) use smoke::Smoke;

use chrono::{DateTime, Utc};

use crate::domain::blueprint::Blueprint;

/// The terminal's width from which on the result stands beside the form.
pub(crate) const WIDE: u16 = 112;

/// The screen.
pub(super) struct PresignScreen;

/// A page of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Page {
    /// The form, with the result beside it where there is room.
    #[default]
    Form,
    /// The result alone, where there is not.
    Result,
    /// URLs of others.
    Inspect,
    /// The smoke test.
    Smoke,
}

/// Everything that the screen shows.
#[derive(Debug)]
pub(crate) struct Presign {
    pub page: Page,
    pub form: Form,
    /// What came of it.
    pub outcome: Outcome,
    /// The tab of the result: 0 is the URL, then the snippets.
    pub tab: usize,
    /// The first line of the result that is shown.
    pub scroll: u16,
    /// URLs of others.
    pub inspect: Inspect,
    /// The smoke test.
    pub smoke: Smoke,
}

impl Presign {
    /// A screen that nobody has used yet.
    #[must_use]
    pub(crate) fn new(named: Option<Blueprint>, seed: u64) -> Self {
        Self {
            page: Page::Form,
            form: Form::new(named, seed),
            outcome: Outcome::None,
            tab: 0,
            scroll: 0,
            inspect: Inspect::default(),
            smoke: Smoke::default(),
        }
    }

    /// What was signed, when it is here.
    #[must_use]
    pub(crate) fn made(&self) -> Option<&Made> {
        match &self.outcome {
            Outcome::Made(made) => Some(made),
            _ => None,
        }
    }

    /// Whether keys go into a line of text.
    #[must_use]
    pub(crate) fn is_typing(&self) -> bool {
        match self.page {
            Page::Form => self.form.typing,
            Page::Inspect => self.inspect.typing,
            Page::Result | Page::Smoke => false,
        }
    }

    /// Whether a countdown is shown that has not come to its end.
    #[must_use]
    pub(crate) fn counts_down(&self, now: DateTime<Utc>) -> bool {
        match self.page {
            Page::Form | Page::Result => self.made().is_some_and(|made| !made.has_ended(now)),
            Page::Inspect => {
                let until = self.inspect.inspection().and_then(|found| found.until);
                until.is_some_and(|until| until > now)
            }
            // What runs is drawn anew each second by itself.
            Page::Smoke => false,
        }
    }
}
