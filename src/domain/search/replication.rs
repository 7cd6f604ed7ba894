//! Finds out which buckets replicate to which.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::Search;
use crate::domain::BucketName;
use crate::domain::blueprint::{BucketBlueprint, Location};
use crate::domain::coverage::Gap;
use crate::domain::ownership::ReplicationPath;

impl<E: Display + PartialEq> Search<'_, E> {
    /// Adds the replication of a bucket, from the blueprint and from its configuration.
    pub(super) fn learn_replication(
        &mut self,
        configured: Vec<(&BucketBlueprint, Result<Vec<ReplicationPath>, E>)>,
    ) {
        let is_searched = |bucket: &BucketName| self.found.searched.contains_key(bucket);
        let buckets = self.subject.blueprint.buckets.iter();
        let buckets: Vec<&BucketBlueprint> = buckets.filter(|b| is_searched(&b.name)).collect();
        let mut configured = configured;
        configured.retain(|(bucket, _)| is_searched(&bucket.name));
        for bucket in buckets {
            for rule in bucket.expect.replication.iter().flatten() {
                self.replicates(ReplicationPath {
                    from: bucket.name.clone(),
                    to: rule.to.clone(),
                    prefix: rule.prefix.clone(),
                });
            }
        }
        for (bucket, answer) in configured {
            match answer {
                Ok(paths) => {
                    for path in paths {
                        self.replicates(path);
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

    /// Whether a rule of this replication covers the key. If none does, an object there is not known to be a replica.
    pub(super) fn is_replicated(&self, from: &BucketName, to: &BucketName, key: &str) -> bool {
        let mut paths = self.found.replication.iter();
        paths.any(|path| path.from == *from && path.to == *to && path.covers(key))
    }

    /// Whether an object under a key in `to` is no replica of one in `from`: no rule covers the key, and the layouts
    /// there explain it by themselves.
    pub(super) fn is_no_replica(&self, from: &BucketName, to: &BucketName, key: &str) -> bool {
        let rules = self.bucket(to);
        let is_explained = |rules: &BucketBlueprint| rules.locate(key) != Location::Unreadable;
        !self.is_replicated(from, to, key) && rules.is_some_and(is_explained)
    }

    /// The pairs of buckets of which one is replicated to the other, each once.
    pub(super) fn replicated_pairs(&self) -> BTreeSet<(BucketName, BucketName)> {
        let paths = self.found.replication.iter();
        paths
            .map(|path| (path.from.clone(), path.to.clone()))
            .collect()
    }

    fn replicates(&mut self, path: ReplicationPath) {
        let (from, to) = (&path.from, &path.to);
        if self.bucket(to).is_none() {
            self.found.coverage.miss(Gap::new(
                format!("the replicas in {to}"),
                format!("{from} is replicated there, and the blueprint does not name that bucket"),
            ));
        } else if self.found.searched.contains_key(to) {
            self.ownership.learn_replication(path.clone());
            self.found.replication.insert(path);
        }
    }
}
