//! How much of what was asked a result covers: everything, or "at least this", with the reasons.

use crate::aws::Problem;
use crate::domain::BucketName;

/// What a result leaves out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What is missing: a prefix, a layout, "the rest of the objects".
    pub what: String,
    /// Why it is missing, in one line.
    pub why: String,
    /// The failure behind it, where there is one.
    pub problem: Option<Problem>,
}

impl Gap {
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
    pub fn failed(what: impl Into<String>, problem: Problem) -> Self {
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
pub enum Coverage {
    /// Every request that the question needs was answered.
    #[default]
    Complete,
    /// Something is missing: counts read "at least".
    AtLeast(Vec<Gap>),
}

impl Coverage {
    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self == Self::Complete
    }

    /// What is missing; empty when nothing is.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        match self {
            Self::Complete => &[],
            Self::AtLeast(gaps) => gaps,
        }
    }

    /// Records that something is missing.
    pub fn miss(&mut self, gap: Gap) {
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

/// What is missing where a bucket listed keys in a form that can be read in several ways. It names no key, for receipts
/// repeat it.
#[must_use]
pub fn undecided_keys(bucket: &BucketName) -> Gap {
    Gap::new(
        format!("the exact keys of some entries in {bucket}"),
        "the server does not say whether it encoded them, and does not know them in either form: they are kept as listed, \
         and may belong to anybody",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
