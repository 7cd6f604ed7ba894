//! Finds out which buckets replicate to which.

use std::fmt::Display;

use super::Search;
use crate::domain::BucketName;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::coverage::Gap;

impl<E: Display + PartialEq> Search<'_, E> {
    /// Adds the replication of a bucket, from the blueprint and from its configuration.
    pub(super) fn learn_replication(
        &mut self,
        configured: Vec<(&BucketBlueprint, Result<Vec<BucketName>, E>)>,
    ) {
        let is_searched = |bucket: &BucketName| self.found.searched.contains_key(bucket);
        let buckets = self.subject.blueprint.buckets.iter();
        let buckets: Vec<&BucketBlueprint> = buckets.filter(|b| is_searched(&b.name)).collect();
        let mut configured = configured;
        configured.retain(|(bucket, _)| is_searched(&bucket.name));
        for bucket in buckets {
            for rule in bucket.expect.replication.iter().flatten() {
                self.replicates(&bucket.name, &rule.to);
            }
        }
        for (bucket, answer) in configured {
            match answer {
                Ok(targets) => {
                    for to in targets {
                        self.replicates(&bucket.name, &to);
                    }
                }
                Err(problem) => {
                    // Nothing that was listed is missing because of this. It is reported, but the search has not
                    // failed.
                    let what = format!("whether {} is replicated elsewhere", bucket.name);
                    let why = problem.to_string();
                    self.found.coverage.miss(Gap::new(what, why));
                }
            }
        }
    }

    fn replicates(&mut self, from: &BucketName, to: &BucketName) {
        if self.bucket(to).is_none() {
            self.found.coverage.miss(Gap::new(
                format!("the replicas in {to}"),
                format!("{from} is replicated there, and the blueprint does not name that bucket"),
            ));
        } else if self.found.searched.contains_key(to) {
            self.found.replication.insert((from.clone(), to.clone()));
        }
    }
}
