//! Advice: what to do about a finding or an error. The command line and the console each express it in their own way.
//!
//! ```text
//!  wanted (blueprint) ─┐
//!  real configuration ─┼─▶ a judge or an error ──▶ Advice ──┬─▶ command_line()        commands and options
//!  what was refused   ─┘        [Words | Action, …]         ├─▶ app::advice::on_screen  words, and keys of the key map
//!                                                           └─▶ Display, Deref          words that fit everywhere
//! ```
//!
//! An [`Advice`] is a list of steps. A step is plain text or an [`Action`] with parameters. [`advice!`] makes plain
//! text. It rejects at compile time a text with an option, an s3warden command or a key, because such a text only fits
//! one interface and must be an [`Action`].
//!
//! [`command`](Action::command) expresses an action for the command line, and [`words`](Action::words) without option
//! and key; the console adds the key. An `Advice` used as text gives these words. Code that forgets to choose an
//! interface therefore never shows an option in the console.
//!
//! Start with [`action`] for the possible actions.

pub(crate) mod action;
mod aws_cli;
mod command;
mod words;

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

pub(crate) use action::{Action, EncryptWith, KmsKey, Limit, PlanOf, SignIn};

/// One step of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Text that fits every interface.
    Words(String),
    /// An action that the interfaces express differently.
    Do(Action),
}

/// The steps to take. Empty if nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice(Box<Said>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Said {
    steps: Vec<Step>,
    /// All steps as text.
    words: String,
}

impl Advice {
    /// Plain text. Only [`advice!`] calls this, and it checks the template.
    #[must_use]
    pub fn new(_: Neutral, words: String) -> Self {
        Self::of(vec![Step::Words(words)])
    }

    /// Advice of these steps.
    #[must_use]
    pub fn of(mut steps: Vec<Step>) -> Self {
        steps.retain(|step| !matches!(step, Step::Words(words) if words.is_empty()));
        let words = join(&steps, Action::words);
        Self(Box::new(Said { steps, words }))
    }

    /// Appends further steps.
    #[must_use]
    pub fn then(self, more: impl Into<Self>) -> Self {
        let mut steps = self.0.steps;
        steps.extend(more.into().0.steps);
        Self::of(steps)
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0.steps
    }

    /// The actions among the steps.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.0.steps.iter().filter_map(|step| match step {
            Step::Words(_) => None,
            Step::Do(action) => Some(action),
        })
    }

    /// The commands and options to type, without any key.
    #[must_use]
    pub fn command_line(&self) -> String {
        join(&self.0.steps, Action::command)
    }

    /// The text of the steps, with the given text for each action.
    #[must_use]
    pub fn said(&self, action: impl Fn(&Action) -> String) -> String {
        join(&self.0.steps, action)
    }

    /// Applies a function to the plain text, for example to remove credentials.
    #[must_use]
    pub fn with_words(self, change: impl Fn(&str) -> String) -> Self {
        let change = |step| match step {
            Step::Words(words) => Step::Words(change(&words)),
            Step::Do(action) => Step::Do(action),
        };
        Self::of(self.0.steps.into_iter().map(change).collect())
    }
}

/// Joins the steps in order.
fn join(steps: &[Step], say: impl Fn(&Action) -> String) -> String {
    let mut text = String::new();
    let mut before: Option<&Step> = None;
    for step in steps {
        text.push_str(match (before, step) {
            (None, _) => "",
            (Some(Step::Do(_)), Step::Do(_)) => "; then ",
            (Some(Step::Words(words)), _) if leads_on(words) => " ",
            (Some(_), _) => "; ",
        });
        match step {
            Step::Words(words) => text.push_str(words),
            Step::Do(action) => text.push_str(&say(action)),
        }
        before = Some(step);
    }
    text
}

/// Whether a text is the start of a sentence that the next step ends, such as "if that is so,".
fn leads_on(words: &str) -> bool {
    words.ends_with([',', ':']) || words == "or" || words.ends_with(" or")
}

impl From<Action> for Advice {
    fn from(action: Action) -> Self {
        Self::of(vec![Step::Do(action)])
    }
}

impl From<Vec<Action>> for Advice {
    fn from(actions: Vec<Action>) -> Self {
        Self::of(actions.into_iter().map(Step::Do).collect())
    }
}

impl From<&Advice> for Advice {
    fn from(advice: &Advice) -> Self {
        advice.clone()
    }
}

impl Deref for Advice {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.words
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.words)
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Words<'a> {
            action: &'static str,
            parameters: Text<'a>,
        }
        #[derive(Serialize)]
        struct Text<'a> {
            words: &'a str,
        }
        match self {
            Self::Words(words) => Words {
                action: "by-hand",
                parameters: Text { words },
            }
            .serialize(to),
            Self::Do(action) => action.serialize(to),
        }
    }
}

/// Serializes the steps as `{"action": …, "parameters": …}`.
impl Serialize for Advice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.steps.serialize(to)
    }
}

/// Proof that a template contains neither an option nor a key. Only [`neutral`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Neutral(());

/// Checks a template. In a constant, an invalid template is a compile error.
///
/// # Panics
/// If the template contains an option, an s3warden command or a key.
#[must_use]
pub(crate) const fn neutral(template: &str) -> Neutral {
    let text = template.as_bytes();
    assert!(
        !holds(text, b"--"),
        "an advice names an option: make it an Action, which each face says in its own words"
    );
    assert!(
        !holds(text, b"s3warden "),
        "an advice names a command of s3warden: make it an Action"
    );
    assert!(
        !holds(text, b"press ") && !holds(text, b"(q)") && !holds(text, b"Esc "),
        "an advice names a key: make it an Action, for which the console looks the key up"
    );
    Neutral(())
}

const fn holds(mut text: &[u8], what: &[u8]) -> bool {
    loop {
        if begins_with(text, what) {
            return true;
        }
        match text {
            [] => return false,
            [_, rest @ ..] => text = rest,
        }
    }
}

const fn begins_with(mut text: &[u8], mut what: &[u8]) -> bool {
    loop {
        match (text, what) {
            (_, []) => return true,
            ([a, more @ ..], [b, rest @ ..]) if *a == *b => {
                text = more;
                what = rest;
            }
            _ => return false,
        }
    }
}

/// A template with gaps such as `{permission}` that are filled in later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Template(&'static str);

impl Template {
    /// Checks the template.
    ///
    /// # Panics
    /// As [`neutral`].
    #[must_use]
    pub(crate) const fn new(template: &'static str) -> Self {
        let _ = neutral(template);
        Self(template)
    }

    /// Fills in the gaps.
    #[must_use]
    pub(crate) fn fill(self, gaps: &[(&str, &str)]) -> Advice {
        let filled = gaps.iter().fold(self.0.to_owned(), |text, (gap, words)| {
            text.replace(gap, words)
        });
        Advice::new(Neutral(()), filled)
    }
}

/// Makes advice of plain text. The template is checked at compile time, and formatted like `format!`.
macro_rules! advice {
    ($template:literal $(, $($argument:tt)*)?) => {{
        const NEUTRAL: $crate::domain::advice::Neutral = $crate::domain::advice::neutral($template);
        $crate::domain::advice::Advice::new(NEUTRAL, format!($template $(, $($argument)*)?))
    }};
}
pub(crate) use advice;

#[cfg(test)]
pub(crate) mod tests;
