//! Converts the result of a request to a fact: set, not set, or unknown with the problem.

use crate::aws::{Problem, ProblemKind};
use crate::domain::fact;

/// The value of a configuration, or why it is unknown.
pub type Fact<T> = fact::Fact<T, Problem>;

impl<T> Fact<T> {
    /// Converts the result of a request: "not configured" is a value; any other error makes the fact unknown.
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
    use crate::domain::advice::advice;

    fn problem(kind: ProblemKind) -> Problem {
        Problem::new("read", "s3://b", kind, "why", advice!("what to do"))
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
