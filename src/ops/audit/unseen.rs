//! What an audit did not see. There are three ways to leave something out, and each says so in its own way: nothing is left
//! out without one of them, and only what somebody chose to leave out may pass for an answer.

use crate::aws::Problem;
use crate::domain::configuration::{Reason, Unanswered};
use crate::ops::coverage::{Coverage, Gap};
use crate::ops::state;

/// What an audit leaves out.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    coverage: Coverage,
    unanswered: Vec<Unanswered>,
    partly: Vec<Unanswered>,
}

impl Unseen {
    /// Somebody chose to leave this out, or it is no part of the question.
    pub(super) fn by_choice(&mut self, gap: Gap) {
        self.coverage.miss(gap);
    }

    /// A limit that nobody chose left this out: what it could have shown is not known, and no permission would help.
    pub(super) fn by_limit(&mut self, call: &str, gap: Gap) {
        let why = Unanswered {
            call: call.to_owned(),
            reason: Reason::Other,
            why: gap.why.clone(),
        };
        if !self.partly.contains(&why) {
            self.partly.push(why);
        }
        self.coverage.miss(gap);
    }

    /// A request failed.
    pub(super) fn failed(&mut self, call: &str, what: impl Into<String>, problem: Problem) {
        let why = state::unanswered(call, &problem);
        self.unanswered(Gap::failed(what, problem), why);
    }

    /// A question has no answer.
    pub(super) fn unanswered(&mut self, gap: Gap, why: Unanswered) {
        if !self.unanswered.contains(&why) {
            self.unanswered.push(why);
        }
        self.coverage.miss(gap);
    }

    /// Adds what another part of the audit leaves out.
    pub(super) fn merge(&mut self, other: Self) {
        self.coverage.merge(other.coverage);
        for why in other.unanswered {
            if !self.unanswered.contains(&why) {
                self.unanswered.push(why);
            }
        }
        for why in other.partly {
            if !self.partly.contains(&why) {
                self.partly.push(why);
            }
        }
    }

    /// The gaps; the questions that were not answered; those that a limit left half answered.
    pub(super) fn into_parts(self) -> (Coverage, Vec<Unanswered>, Vec<Unanswered>) {
        (self.coverage, self.unanswered, self.partly)
    }
}
