//! How much of what was asked a result covers: everything, or "at least this", with the reasons.
//!
//! `E` is the failure of a request, which those who decide need not understand: [`ops`](crate::ops) uses
//! [`Problem`](crate::aws::Problem), and tests of pure rules a text.

use std::fmt::Display;

/// What a result leaves out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap<E> {
    /// What is missing: a prefix, a layout, "the rest of the objects".
    pub what: String,
    /// Why it is missing, in one line.
    pub why: String,
    /// The failure behind it, where there is one.
    pub problem: Option<E>,
}

impl<E> Gap<E> {
    /// Something left out by choice or by nature.
    #[must_use]
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            problem: None,
        }
    }

    /// Something that could not be learnt.
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

    /// Something that was not reached before the user stopped the work.
    #[must_use]
    pub fn cancelled(what: impl Into<String>) -> Self {
        Self::new(what, "cancelled before it was reached")
    }
}

/// How much a result covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Coverage<E> {
    /// Every request that the question needs was answered.
    #[default]
    Complete,
    /// Something is missing: counts read "at least".
    AtLeast(Vec<Gap<E>>),
}

impl<E: PartialEq> Coverage<E> {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }

    /// What is missing; empty when nothing is.
    #[must_use]
    pub fn gaps(&self) -> &[Gap<E>] {
        match self {
            Self::Complete => &[],
            Self::AtLeast(gaps) => gaps,
        }
    }

    /// Records that something is missing.
    pub fn miss(&mut self, gap: Gap<E>) {
        match self {
            Self::Complete => *self = Self::AtLeast(vec![gap]),
            Self::AtLeast(gaps) if !gaps.contains(&gap) => gaps.push(gap),
            Self::AtLeast(_) => {}
        }
    }

    /// Adds what another result leaves out.
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
