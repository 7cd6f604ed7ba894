//! From which bucket replication copies to which.

use futures::stream::{self, StreamExt};

use super::Search;
use crate::aws::{Problem, ProblemKind, wire};
use crate::domain::BucketName;
use crate::domain::blueprint::BucketBlueprint;
use crate::domain::configuration::Replication;
use crate::ops::Gap;

/// What a bucket says of its replication.
type Told = (BucketName, Result<Option<Replication>, Problem>);

impl<'a> Search<'a> {
    /// What the buckets of the blueprint say of their replication. That needs no listing, and can go beside one.
    pub(super) fn ask_for_replication(&self) -> impl Future<Output = Vec<Told>> + use<'a> {
        let (aws, meter, in_flight) = (self.aws, self.meter, self.request.in_flight);
        let buckets = &self.request.blueprint.buckets;
        stream::iter(0..buckets.len())
            .map(move |at| async move {
                let bucket = &buckets.get(at)?.name;
                let answer = wire::configuration::replication(aws, bucket, meter).await;
                Some((bucket.clone(), answer.map(|answer| answer.value)))
            })
            .buffered(in_flight.max(1))
            .filter_map(std::future::ready)
            .collect()
    }

    /// From which bucket replication copies to which: what the blueprint wants, and what is configured.
    pub(super) fn learn_replication(&mut self, configured: Vec<Told>) {
        let is_searched = |bucket: &BucketName| self.found.searched.contains_key(bucket);
        let configured = configured.into_iter();
        let configured: Vec<Told> = configured.filter(|(name, _)| is_searched(name)).collect();
        let buckets = self.request.blueprint.buckets.iter();
        let buckets: Vec<&BucketBlueprint> = buckets.filter(|b| is_searched(&b.name)).collect();
        for bucket in buckets {
            for rule in bucket.expect.replication.iter().flatten() {
                self.replicates(&bucket.name, &rule.to);
            }
        }
        for (bucket, answer) in configured {
            match answer {
                Ok(set) => {
                    let rules = set.map(|set| set.rules).unwrap_or_default();
                    for rule in rules.iter().filter(|rule| rule.enabled) {
                        if let Ok(to) = BucketName::new(rule.to.as_str()) {
                            self.replicates(&bucket, &to);
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
