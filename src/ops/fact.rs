//! Something that was asked about a bucket or an object: set, not set, or unknown with the reason.

use crate::aws::{Problem, ProblemKind};

/// An answer that may be "there is none" or "that could not be learnt": the three must never look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is so.
    Set(T),
    /// The service answered that nothing is configured.
    NotSet,
    /// It is not known, and why.
    Unknown(Problem),
}

impl<T> Fact<T> {
    /// The value where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::NotSet | Self::Unknown(_) => None,
        }
    }

    /// Why it is not known.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Unknown(problem) => Some(problem),
            Self::Set(_) | Self::NotSet => None,
        }
    }

    /// Reads a request's outcome: "not configured" is an answer, every other failure leaves the fact unknown.
    pub(crate) fn from_answer(answer: Result<Option<T>, Problem>) -> Self {
        match answer {
            Ok(Some(value)) => Self::Set(value),
            Ok(None) => Self::NotSet,
            Err(problem) if problem.kind == ProblemKind::NotConfigured => Self::NotSet,
            Err(problem) => Self::Unknown(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: ProblemKind) -> Problem {
        Problem::new("read", "s3://b", kind, "why", "what to do")
    }

    #[test]
    fn only_not_configured_means_not_set() {
        let not_set = Fact::<u8>::from_answer(Err(problem(ProblemKind::NotConfigured)));
        assert_eq!(not_set, Fact::NotSet);
        for kind in [
            ProblemKind::Denied,
            ProblemKind::NotFound,
            ProblemKind::NotSupported,
            ProblemKind::Malformed,
        ] {
            let unknown = Fact::<u8>::from_answer(Err(problem(kind)));
            assert_eq!(unknown.problem().map(|p| p.kind), Some(kind));
        }
    }
}
