//! What to do about a finding or an error: a value that each face says in its own words.
//!
//! ```text
//!  wanted (blueprint) ─┐
//!  real configuration ─┼─▶ a judge or an error ──▶ Advice ──┬─▶ command_line()        commands and options
//!  what was refused   ─┘        [Words | Action, …]         ├─▶ app::advice::on_screen  words, and keys of the key map
//!                                                           └─▶ Display, Deref          words that fit everywhere
//! ```
//!
//! An [`Advice`] is a list of steps. A step is plain words or an [`Action`] with its parameters. [`advice!`] makes plain words
//! and refuses, when it is compiled, a text with an option, a command of this program or a key in it: what one face says and
//! another does not has to be an [`Action`]. [`command`](Action::command) says an action on the command line, and
//! [`words`](Action::words) without option and key; the console adds the key. An `Advice` that is read as text is its words,
//! so that nobody who forgets to ask a face shows an option to a person who has keys.
//!
//! Start with [`action`] for what can be advised.

pub(crate) mod action;
mod aws_cli;
mod command;
mod words;

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

pub(crate) use action::{Action, EncryptWith, KmsKey, Limit, PlanOf, SignIn};

/// One step of an advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Words that fit on every face.
    Words(String),
    /// Something that the faces say differently.
    Do(Action),
}

/// What to do, step by step. Empty where nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advice(Box<Said>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Said {
    steps: Vec<Step>,
    /// All steps in words, for whoever reads it as text.
    words: String,
}

impl Advice {
    /// Plain words. Only [`advice!`] makes them, which checks the template.
    #[must_use]
    pub fn new(_: Neutral, words: String) -> Self {
        Self::of(vec![Step::Words(words)])
    }

    /// These steps.
    #[must_use]
    pub fn of(mut steps: Vec<Step>) -> Self {
        steps.retain(|step| !matches!(step, Step::Words(words) if words.is_empty()));
        let words = join(&steps, Action::words);
        Self(Box::new(Said { steps, words }))
    }

    /// These steps, and then those.
    #[must_use]
    pub fn then(self, more: impl Into<Self>) -> Self {
        let mut steps = self.0.steps;
        steps.extend(more.into().0.steps);
        Self::of(steps)
    }

    /// The steps in their order.
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

    /// What to type: commands and options, never a key.
    #[must_use]
    pub fn command_line(&self) -> String {
        join(&self.0.steps, Action::command)
    }

    /// The steps as a face says them that has its own words for actions.
    #[must_use]
    pub fn said(&self, action: impl Fn(&Action) -> String) -> String {
        join(&self.0.steps, action)
    }

    /// The same with its plain words changed: scrubbed of credentials.
    #[must_use]
    pub fn with_words(self, change: impl Fn(&str) -> String) -> Self {
        let change = |step| match step {
            Step::Words(words) => Step::Words(change(&words)),
            Step::Do(action) => Step::Do(action),
        };
        Self::of(self.0.steps.into_iter().map(change).collect())
    }
}

/// One step after the other. Two actions are done in their order.
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

/// Whether words are the beginning of the sentence that the next step ends: "if that is so,".
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

/// The steps: `{"action": …, "parameters": …}` each.
impl Serialize for Advice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.steps.serialize(to)
    }
}

/// That a template holds neither an option nor a key. [`neutral`] alone makes one.
#[derive(Debug, Clone, Copy)]
pub struct Neutral(());

/// Checks a template. In a constant, what is wrong with it is an error of the compiler.
///
/// # Panics
/// When the template holds an option, a command of s3warden or a key.
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

/// A template whose gaps, such as `{permission}`, are filled in later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Template(&'static str);

impl Template {
    /// Checks the template.
    ///
    /// # Panics
    /// As [`neutral`] does.
    #[must_use]
    pub(crate) const fn new(template: &'static str) -> Self {
        let _ = neutral(template);
        Self(template)
    }

    /// The advice, with the gaps filled in.
    #[must_use]
    pub(crate) fn fill(self, gaps: &[(&str, &str)]) -> Advice {
        let filled = gaps.iter().fold(self.0.to_owned(), |text, (gap, words)| {
            text.replace(gap, words)
        });
        Advice::new(Neutral(()), filled)
    }
}

/// Plain words of an advice, from a template that is checked when it is compiled and is filled in as `format!` does it.
macro_rules! advice {
    ($template:literal $(, $($argument:tt)*)?) => {{
        const NEUTRAL: $crate::domain::advice::Neutral = $crate::domain::advice::neutral($template);
        $crate::domain::advice::Advice::new(NEUTRAL, format!($template $(, $($argument)*)?))
    }};
}
pub(crate) use advice;

#[cfg(test)]
pub(crate) mod tests;
