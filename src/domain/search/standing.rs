//! Looks up the versions and delete markers of claimed keys.

use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Question};
use super::{Search, Stage, shown};
use crate::domain::change::Claim;
use crate::domain::coverage::Gap;
use crate::domain::quarantine::place;

impl<E: Display + PartialEq> Search<'_, E> {
    /// Looks up each claimed key. `fresh` are the claims to follow afterwards, whether or not an object exists: a
    /// deleted object may still have replicas.
    pub(super) fn look_up(
        &mut self,
        claims: Vec<Arc<Claim>>,
        fresh: Vec<Arc<Claim>>,
        round: usize,
    ) -> (Stage, Vec<Question>) {
        // Quarantined copies were listed with their buckets.
        let is_listed = |claim: &Arc<Claim>| place::is_place(claim.key.as_str());
        let (listed, asked): (Vec<_>, Vec<_>) = claims.into_iter().partition(is_listed);
        for claim in &listed {
            let copies = self.copies.get(&claim.bucket);
            let versions = copies.map(|copies| copies.under(&claim.key).to_vec());
            for version in versions.iter().flatten() {
                self.enter(claim, version);
            }
        }
        let questions = asked.iter().cloned().map(Question::Standing).collect();
        let stage = Stage::LookUp {
            asked,
            fresh,
            round,
        };
        (stage, questions)
    }

    pub(super) fn enter_standing(&mut self, asked: &[Arc<Claim>], answers: Vec<Answer<E>>) {
        for (claim, answer) in asked.iter().zip(answers) {
            match answer {
                Answer::Standing(Ok(versions)) => {
                    for version in &versions {
                        self.enter(claim, version);
                    }
                }
                Answer::Standing(Err(problem)) => {
                    let what = shown(&claim.bucket, &claim.key);
                    self.found.coverage.miss(Gap::failed(what, problem));
                }
                // This is reported once, at the end.
                _ => {}
            }
        }
    }
}
