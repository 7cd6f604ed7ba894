//! From which bucket replication copies to which.

use futures::stream::{self, StreamExt};

use super::Search;
use crate::aws::{Problem, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::blueprint::BucketBlueprint;
use crate::ops::Gap;

impl Search<'_> {
    /// From which bucket replication copies to which: what the blueprint wants, and what is configured.
    pub(super) async fn learn_replication(&mut self) {
        let buckets: Vec<&BucketBlueprint> = self
            .request
            .blueprint
            .buckets
            .iter()
            .filter(|bucket| self.found.searched.contains_key(&bucket.name))
            .collect();
        for bucket in &buckets {
            for rule in bucket.expect.replication.iter().flatten() {
                self.replicates(&bucket.name, &rule.to);
            }
        }
        let (aws, meter) = (self.aws, self.meter);
        let asked = &buckets;
        let mut answers = stream::iter(0..buckets.len())
            .map(|at| async move {
                let bucket = asked.get(at)?;
                let answer = wire::configuration::replication(aws, &bucket.name, meter).await;
                Some((&bucket.name, answer))
            })
            .buffered(self.request.in_flight.max(1));
        let mut configured = Vec::new();
        while let Some(one) = answers.next().await {
            configured.extend(one);
        }
        drop(answers);
        for (bucket, answer) in configured {
            match answer {
                Ok(answer) => {
                    let rules = answer.value.map(|set| set.rules).unwrap_or_default();
                    for rule in rules.iter().filter(|rule| rule.enabled) {
                        if let Ok(to) = BucketName::new(rule.to.as_str()) {
                            self.replicates(bucket, &to);
                        }
                    }
                }
                Err(problem) if has_no_replication(&problem) => {}
                Err(problem) => {
                    // Nothing that was listed is missing for it: said, and no failure of the search.
                    let what = format!("whether {bucket} is replicated elsewhere");
                    self.found
                        .coverage
                        .miss(Gap::new(what, problem.to_string()));
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

/// Servers without replication say so in several ways, and cannot have replicated anything.
fn has_no_replication(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::NotConfigured | ProblemKind::NotSupported | ProblemKind::Malformed
    )
}
