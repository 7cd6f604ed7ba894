//! What runs that were killed left behind: by their journals, and by what the listing shows below the test owner.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::audited::Log;
use super::journal::{self, Abandoned};
use super::keys::{KeyMaker, OWNER};
use super::removal::{Ground, Removed, remove, versions_on};
use crate::aws::{Aws, Meter, Problem, WritePermit};
use crate::domain::blueprint::BucketBlueprint;

/// What is left of earlier runs.
#[derive(Debug, Default)]
pub struct Leftovers {
    grounds: BTreeSet<Ground>,
    journals: Vec<Abandoned>,
    /// Where the audit log is.
    state: PathBuf,
    /// By run: how many versions, markers and places of its journal there are.
    pub runs: BTreeMap<String, usize>,
}

impl Leftovers {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// What was found, in words.
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

/// Looks for what is left. The runs of others that are under way at this moment look the same in a listing: remove with care.
///
/// # Errors
/// The bucket cannot be listed.
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

/// What the keys of test objects begin with, whichever run made them.
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

/// Removes what was found; the journals go when everything in them is gone. Nothing is removed that the audit log cannot
/// take down.
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
            // What cannot be removed will be found, and found empty, again.
            let _ = std::fs::remove_file(&journal.path);
        }
    }
    removed
}
