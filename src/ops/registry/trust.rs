//! From a list to one that may be relied on: it is read, held against what it was the last time, and judged.
//!
//! [`trusted`] is what everything calls that says of somebody that they are gone. How long the lists were is kept in the
//! user's state folder, for each bucket that was judged by them; [`note`] keeps it.

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

/// Which list, and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Consulted<'a> {
    /// The list.
    pub list: &'a ReferenceList,
    /// What its rows name.
    pub subject: Subject,
    /// What is asked of it.
    pub requirements: &'a Requirements,
    /// What it is read for.
    pub purpose: Purpose,
    /// The buckets that are judged by it.
    pub buckets: &'a [BucketName],
    /// The user's state folder; without one nothing is known of the last reading.
    pub state: Option<&'a Path>,
}

/// A list that may be relied on, and what a person should know.
#[derive(Debug)]
pub struct Trusted {
    /// The list.
    pub list: TrustedList,
    /// A sentence each.
    pub remarks: Vec<String>,
}

/// Reads a list and judges it.
///
/// # Errors
/// [`NoRegistry`]; [`Why::Untrusted`] where it was read and may not be relied on.
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

/// How long the list was at the last run, for each of the buckets.
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

/// Keeps how long the lists are, for the buckets that were judged by them. Of one whose verdicts were refused a longer list
/// is kept and a shorter one is not: it may be the wrong list, and the next one must not be held against less than this.
///
/// # Errors
/// In words: why it could not be kept.
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

/// A refusal with every reason in it, and what would let the list pass.
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

/// What to do about reasons against a list.
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
