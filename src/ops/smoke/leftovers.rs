//! Finds the leftovers of killed runs, from their journals and from a listing below the test owner.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::audited::Log;
use super::journal::{self, Abandoned};
use super::keys::{KeyMaker, OWNER};
use super::removal::{Ground, Removed, remove, versions_on};
use crate::aws::{Aws, Meter, Problem, WritePermit};
use crate::domain::blueprint::BucketBlueprint;

/// The leftovers of earlier runs.
#[derive(Debug, Default)]
pub struct Leftovers {
    grounds: BTreeSet<Ground>,
    journals: Vec<Abandoned>,
    /// The state folder with the audit log.
    state: PathBuf,
    /// By run: the number of versions, delete markers and journal entries.
    pub runs: BTreeMap<String, usize>,
}

impl Leftovers {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Describes the leftovers.
    #[must_use]
    pub fn words(&self) -> String {
        let runs: Vec<String> = self
            .runs
            .iter()
            .map(|(run, count)| format!("{run} ({count})"))
            .collect();
        format!("test objects of earlier runs are left: {}", runs.join(", "))
    }
}

/// Finds leftovers. Runs of others that are in progress look the same in a listing: be careful with removal.
///
/// # Errors
/// If the bucket cannot be listed.
pub async fn find(
    aws: &Aws,
    bucket: &BucketBlueprint,
    state: &Path,
    meter: &Meter,
) -> Result<Leftovers, Problem> {
    let mut left = Leftovers {
        state: state.to_owned(),
        ..Leftovers::default()
    };
    for abandoned in journal::abandoned(state, aws.endpoint()) {
        if !abandoned
            .places
            .iter()
            .any(|place| place.bucket == bucket.name)
        {
            continue;
        }
        left.runs
            .insert(abandoned.run.clone(), abandoned.places.len());
        left.grounds.extend(Ground::of(&abandoned.places, &[]));
        left.journals.push(abandoned);
    }
    for prefix in prefixes(bucket) {
        let ground = Ground {
            bucket: bucket.name.clone(),
            prefix: prefix.clone(),
            exact: false,
        };
        for version in versions_on(aws, &ground, meter).await? {
            let key = version.object.key.as_str();
            let run = key
                .strip_prefix(&prefix)
                .and_then(|rest| rest.split(['/', '-']).next());
            let Some(run) = run.filter(|run| !run.is_empty()) else {
                continue;
            };
            *left.runs.entry(run.to_owned()).or_default() += 1;
            left.grounds.insert(Ground {
                bucket: bucket.name.clone(),
                prefix: key.to_owned(),
                exact: true,
            });
        }
    }
    Ok(left)
}

/// The prefixes of test objects of any run.
fn prefixes(bucket: &BucketBlueprint) -> BTreeSet<String> {
    let owned = KeyMaker::of_bucket(bucket, "0").ok();
    let derived = super::checks::derived::source(bucket, "0");
    let makers = owned.into_iter().chain(derived);
    let prefixes: BTreeSet<String> = makers
        .map(|maker| maker.search_prefix().to_owned())
        .collect();
    debug_assert!(prefixes.iter().all(|prefix| prefix.ends_with(OWNER)));
    prefixes
}

/// Removes leftovers; a journal is removed when everything in it is gone. Nothing is removed if the audit log cannot be
/// written.
pub async fn remove_all(
    aws: &Aws,
    left: Leftovers,
    permit: &WritePermit,
    meter: &Meter,
) -> Removed {
    let log = Log::of(&left.state, "smoke-clean-up");
    if let Err(unwritten) = log.removal_begins(left.grounds.len()) {
        return unwritten;
    }
    let removed = log.removed(remove(aws, &left.grounds, permit, meter).await);
    if removed.is_complete() {
        for journal in left.journals {
            // If it cannot be removed now, it will be found again, and found empty.
            let _ = std::fs::remove_file(&journal.path);
        }
    }
    removed
}
