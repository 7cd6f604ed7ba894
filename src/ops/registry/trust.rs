//! Reads a list, compares it with its previous size, and judges it.
//!
//! All code that reports users as gone calls [`trusted`]. The sizes of the lists are recorded by [`note`] in the user's
//! state folder, for each judged bucket.

use std::path::Path;

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::sizes::Sizes;
use super::{NoRegistry, RowCount, Why, read};
use crate::aws::{Aws, Meter, Problem, ProblemKind};
use crate::domain::BucketName;
use crate::domain::advice::{Action, Advice, advice};
use crate::domain::blueprint::ReferenceList;
use crate::domain::registry::judge::{Before, Circumstances, Objection, Untrusted, judge};
use crate::domain::registry::{Purpose, Requirements, Subject, TrustedList};

/// A list to read, and its purpose.
#[derive(Debug, Clone, Copy)]
pub struct Consulted<'a> {
    /// The list.
    pub list: &'a ReferenceList,
    /// Owners or keys.
    pub subject: Subject,
    /// The requirements for the list.
    pub requirements: &'a Requirements,
    /// Why it is read.
    pub purpose: Purpose,
    /// The buckets that are judged by it.
    pub buckets: &'a [BucketName],
    /// The user's state folder; without one, the previous sizes are unknown.
    pub state: Option<&'a Path>,
}

/// A reliable list with remarks.
#[derive(Debug)]
pub struct Trusted {
    /// The list.
    pub list: TrustedList,
    /// One sentence each.
    pub remarks: Vec<String>,
}

/// Reads a list and judges it.
///
/// # Errors
/// [`NoRegistry`]; [`Why::Untrusted`] if it was read but is unreliable.
pub async fn trusted(
    consulted: Consulted<'_>,
    aws: &Aws,
    rows: &RowCount,
    meter: &Meter,
    cancel: &CancellationToken,
) -> Result<Trusted, NoRegistry> {
    let Consulted { list, subject, .. } = consulted;
    let registry = Box::pin(read(list, subject, aws, rows, meter, cancel)).await?;
    let mut remarks = Vec::new();
    let before = before(&consulted, aws.endpoint(), &mut remarks);
    let circumstances = Circumstances {
        list,
        purpose: consulted.purpose,
        before: &before,
        now: Utc::now(),
    };
    match judge(registry, consulted.requirements, &circumstances) {
        Ok(list) => {
            remarks.extend(list.remarks());
            Ok(Trusted { list, remarks })
        }
        Err(untrusted) => Err(refused(untrusted)),
    }
}

/// The previous size of the list for each bucket.
fn before(
    consulted: &Consulted<'_>,
    endpoint: Option<&str>,
    remarks: &mut Vec<String>,
) -> Vec<Before> {
    let Some(state) = consulted.state else {
        return Vec::new();
    };
    let sizes = match Sizes::open(state) {
        Ok(sizes) => sizes,
        Err(why) => {
            remarks.push(format!(
                "could not tell how long the list of {} was the last time, in {}: {why}",
                consulted.subject.plural(),
                state.display()
            ));
            return Vec::new();
        }
    };
    let buckets = consulted.buckets.iter();
    let of = |bucket: &BucketName| sizes.of(endpoint, bucket, consulted.subject);
    buckets
        .filter_map(|bucket| Some((bucket.clone(), of(bucket)?)))
        .collect()
}

/// Records the sizes of the lists for the judged buckets. If the verdicts of a bucket were refused, a larger size is
/// recorded but a smaller one is not. It may be the wrong list, and the next one must not be compared with a smaller
/// size.
///
/// # Errors
/// Why they were not recorded.
pub(crate) fn note(
    state: &Path,
    endpoint: Option<&str>,
    believed: &[BucketName],
    refused: &[BucketName],
    lists: &[&TrustedList],
) -> Result<(), String> {
    let told = |why| {
        format!(
            "could not note how long the lists are, in {}: {why}",
            state.display()
        )
    };
    let mut sizes = Sizes::open(state).map_err(told)?;
    for list in lists {
        let ids = list.len() as u64;
        for bucket in believed {
            sizes.note(endpoint, bucket, list.subject, ids);
        }
        for bucket in refused {
            sizes.raise(endpoint, bucket, list.subject, ids);
        }
    }
    sizes.keep().map_err(told)
}

/// A refusal with all reasons, and the options that would accept the list.
fn refused(untrusted: Untrusted) -> NoRegistry {
    let Untrusted { facts, objections } = untrusted;
    let why: Vec<&str> = objections.iter().map(|one| one.why.as_str()).collect();
    let mut problem = Problem::new(
        format!("rely on the list of living {} in", facts.subject.plural()),
        facts.stated.clone(),
        ProblemKind::Malformed,
        &why.join("; "),
        advice(&objections),
    );
    problem.code = None;
    NoRegistry {
        why: Why::Untrusted {
            facts: Box::new(facts),
            objections,
        },
        problem,
    }
}

/// What to do about the reasons.
fn advice(objections: &[Objection]) -> Advice {
    let mut options: Vec<&'static str> = Vec::new();
    for option in objections.iter().filter_map(|one| one.requirement.option()) {
        if !options.contains(&option) {
            options.push(option);
        }
    }
    let again = advice!("make the list again");
    let is_final = |one: &Objection| one.requirement.option().is_none();
    if options.is_empty() || objections.iter().any(is_final) {
        again
    } else {
        again.then(Action::Overrule { options })
    }
}
