//! Bucket policies: what IAM's language says, and whom it lets in.
//!
//! [`Policy`] is a policy's text and its statements; [`Policy::decide`] says what it makes of a [`Request`], and
//! [`Policy::is_public`] whether S3 would call it public. Start reading in `evaluate`.

mod condition;
mod evaluate;
mod parse;
mod public;

use super::pattern::Pattern;

pub use evaluate::{Decision, Principal, Request};
pub use parse::PolicyError;

use condition::Condition;

/// A bucket policy as it was put, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    text: String,
    statements: Vec<Statement>,
}

impl Policy {
    /// The policy as it was put, byte for byte.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Statement {
    effect: Effect,
    principals: Set<Named>,
    actions: Set<Pattern>,
    resources: Set<Pattern>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// What an element names: these (`Action`), or all but these (`NotAction`).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Set<T> {
    These(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Set<T> {
    fn holds(&self, is_it: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::These(members) => members.iter().any(is_it),
            Self::AllBut(members) => !members.iter().any(is_it),
        }
    }

    fn members(&self) -> &[T] {
        match self {
            Self::These(members) | Self::AllBut(members) => members,
        }
    }
}

/// A principal as a policy names it: `"*"` has the kind `*`, all others the key they stand under.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    kind: String,
    name: String,
}
