//! What stands under the claimed keys: versions and markers.

use std::fmt::Display;
use std::sync::Arc;

use super::question::{Answer, Question};
use super::{Search, Stage, shown};
use crate::domain::change::Claim;
use crate::domain::coverage::Gap;
use crate::domain::quarantine::place;

impl<E: Display + PartialEq> Search<'_, E> {
    /// Looks under each claimed key. `fresh` are the claims that may lead on afterwards, whether or not anything is there:
    /// what is gone may have replicas all the same.
    pub(super) fn look_up(
        &mut self,
        claims: Vec<Arc<Claim>>,
        fresh: Vec<Arc<Claim>>,
        round: usize,
    ) -> (Stage, Vec<Question>) {
        // Copies in quarantine were listed with their buckets.
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
                // Said once, at the end.
                _ => {}
            }
        }
    }
}
