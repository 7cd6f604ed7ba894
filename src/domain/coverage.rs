//! How completely a result answers the question: everything, or "at least this", with the reasons.
//!
//! `E` is the error of a failed request. [`ops`](crate::ops) uses [`Problem`](crate::aws::Problem); tests of pure rules
//! use a text.

use std::fmt::Display;

/// Something that a result leaves out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap<E> {
    /// What is missing: a prefix, a layout, "the rest of the objects".
    pub what: String,
    /// Why it is missing, in one line.
    pub why: String,
    /// The error behind it, if there is one.
    pub problem: Option<E>,
}

impl<E> Gap<E> {
    /// A gap without an error: left out on purpose, or impossible to include.
    #[must_use]
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            problem: None,
        }
    }

    /// A gap because a request failed.
    #[must_use]
    pub fn failed(what: impl Into<String>, problem: E) -> Self
    where
        E: Display,
    {
        Self {
            what: what.into(),
            why: problem.to_string(),
            problem: Some(problem),
        }
    }

    /// A gap because the user cancelled the work.
    #[must_use]
    pub fn cancelled(what: impl Into<String>) -> Self {
        Self::new(what, "cancelled before it was reached")
    }
}

/// How complete a result is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Coverage<E> {
    /// Every required request succeeded.
    #[default]
    Complete,
    /// Something is missing: counts are displayed as "at least".
    AtLeast(Vec<Gap<E>>),
}

impl<E: PartialEq> Coverage<E> {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }

    /// The gaps; empty if the result is complete.
    #[must_use]
    pub fn gaps(&self) -> &[Gap<E>] {
        match self {
            Self::Complete => &[],
            Self::AtLeast(gaps) => gaps,
        }
    }

    /// Adds a gap.
    pub fn miss(&mut self, gap: Gap<E>) {
        match self {
            Self::Complete => *self = Self::AtLeast(vec![gap]),
            Self::AtLeast(gaps) if !gaps.contains(&gap) => gaps.push(gap),
            Self::AtLeast(_) => {}
        }
    }

    /// Adds the gaps of another result.
    pub fn merge(&mut self, other: Self) {
        if let Self::AtLeast(gaps) = other {
            for gap in gaps {
                self.miss(gap);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Coverage = super::Coverage<String>;

    #[test]
    fn one_gap_makes_a_result_at_least_and_is_told_once() {
        let mut coverage = Coverage::Complete;
        coverage.merge(Coverage::Complete);
        assert!(coverage.is_complete());
        coverage.miss(Gap::new("a/", "denied"));
        coverage.merge(Coverage::AtLeast(vec![
            Gap::new("a/", "denied"),
            Gap::new("b/", "denied"),
        ]));
        assert_eq!(coverage.gaps().len(), 2);
    }
}
