//! Runs a plan.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::audited::Log;
use super::check::{Broken, Check, CheckResult, Failing, Outcome, Verdict};
use super::checks;
use super::context::CheckContext;
use super::in_flight::InFlight;
use super::journal::Journal;
use super::plan::Plan;
use super::removal::{Ground, Removed, remove};
use crate::aws::raw::{RawClient, RawTimeouts};
use crate::aws::{Aws, Meter, Problem, ProblemKind, WritePermit};
use crate::domain::advice::advice;
use crate::ops::presign::{self, Signing};

/// How much longer than its service level a transfer may take before it is aborted.
const GRACE: Duration = Duration::from_mins(2);

/// How long a cancelled run waits for responses to uploads in flight.
const LAST_ANSWERS: Duration = Duration::from_secs(30);

/// The delay of another listing after the cleanup, if an upload got no response. S3 carries out a received request
/// within moments, even if nobody waits for the response.
const SETTLING: Duration = Duration::from_secs(2);

/// An event of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A check started.
    Began(Check),
    /// A check ended.
    Ended(CheckResult),
}

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every planned check, in order.
    pub results: Vec<CheckResult>,
    /// Whether it was cancelled. Everything it created is removed anyway.
    pub interrupted: bool,
}

impl Report {
    /// Whether any check failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.results
            .iter()
            .any(|result| result.verdict.is_failure())
    }
}

/// Runs a plan and reports each check. When `stop` is cancelled, nothing more is created, and the current check is
/// aborted as soon as its uploads have a response (after at most 30 seconds). The others are skipped, and everything
/// that was created is removed. The receiver of events is optional.
///
/// # Errors
/// If the run cannot start: the journal cannot be written, or nothing can be signed. Nothing was created then.
pub async fn run(
    aws: &Aws,
    plan: &Plan,
    permit: &WritePermit,
    events: Sender<Event>,
    stop: &CancellationToken,
    meter: &Meter,
) -> Result<Report, Problem> {
    let signing = Signing {
        blueprint: Some(&plan.bucket),
        region: None,
        permit: Some(permit),
    };
    // With a wrong Region in the signature, nothing would pass, so request the bucket's Region once.
    let _ = crate::aws::wire::bucket::region(aws, &plan.bucket.name, meter).await;
    let signer = presign::signer(aws, &plan.bucket.name, signing).await?;
    let raw = RawClient::new(RawTimeouts {
        head: GRACE,
        whole: 2 * GRACE,
        ..RawTimeouts::default()
    })?;
    let journal =
        Journal::begin(&plan.options.state, &plan.run, aws.endpoint()).map_err(|error| {
            Problem::new(
                "write the journal of the test below",
                plan.options.state.display().to_string(),
                ProblemKind::Configuration,
                &error.to_string(),
                advice!("nothing was created: what is created has to be written down first"),
            )
        })?;
    let log = Log::of(&plan.options.state, &plan.run);
    if let Err(problem) = log.run_begins(&plan.bucket.name, plan.checks.len()) {
        // It is still empty.
        let _ = journal.end();
        return Err(problem);
    }
    let context = CheckContext {
        aws,
        plan,
        raw,
        signer,
        permit: permit.clone(),
        journal: &journal,
        meter,
        stop,
        in_flight: InFlight::default(),
        sample: OnceCell::new(),
    };
    let mut results = Vec::new();
    for planned in &plan.checks {
        if planned.check == Check::Removed {
            continue;
        }
        let begun = Instant::now();
        let verdict = match &planned.skip {
            Some(why) => Verdict::Skipped(why.clone()),
            None if stop.is_cancelled() => Verdict::Skipped("interrupted".to_owned()),
            None => {
                let _ = events.send(Event::Began(planned.check)).await;
                audited(&log, &context, planned.check).await
            }
        };
        let result = CheckResult {
            check: planned.check,
            verdict,
            took: begun.elapsed(),
        };
        let _ = events.send(Event::Ended(result.clone())).await;
        results.push(result);
    }
    let _ = events.send(Event::Began(Check::Removed)).await;
    let begun = Instant::now();
    if !stop.is_cancelled() {
        checks::derived::settle(&context, &results).await;
    }
    let in_doubt = context.in_flight.in_doubt();
    drop(context);
    let verdict = take_away(aws, plan, permit, (journal, &log), in_doubt, meter)
        .await
        .into();
    let result = CheckResult {
        check: Check::Removed,
        verdict,
        took: begun.elapsed(),
    };
    let _ = events.send(Event::Ended(result.clone())).await;
    results.push(result);
    Ok(Report {
        results,
        interrupted: stop.is_cancelled(),
    })
}

/// Runs a check between two audit log entries. If the first cannot be written, the check does not run.
async fn audited(log: &Log, context: &CheckContext<'_>, check: Check) -> Verdict {
    if let Err(unwritten) = log.check_begins(&context.plan.bucket.name, check) {
        return Err(unwritten).into();
    }
    let verdict = match until_stopped(context, check).await {
        // A failure after cancellation says nothing about the bucket.
        Some(Err(_)) | None if context.stop.is_cancelled() => {
            Verdict::Skipped("interrupted".to_owned())
        }
        Some(outcome) => outcome.into(),
        None => Verdict::Skipped("interrupted".to_owned()),
    };
    match log.check_ended(check, &verdict) {
        Ok(()) => verdict,
        Err(problem) => Err(Broken::because(
            "what came of it could not be written into the audit log",
            problem.to_string(),
        ))
        .into(),
    }
}

/// Runs a check; `None` if it was aborted because of cancellation.
async fn until_stopped(context: &CheckContext<'_>, check: Check) -> Option<Outcome> {
    let outcome = Box::pin(checks::carry_out(check, context));
    let stopped = async {
        context.stop.cancelled().await;
        let _ = tokio::time::timeout(LAST_ANSWERS, context.in_flight.none()).await;
    };
    tokio::select! {
        biased;
        () = stopped => None,
        outcome = outcome => Some(outcome),
    }
}

/// Removes everything in the journal and below the run's prefixes. The journal stays if something is left.
async fn take_away(
    aws: &Aws,
    plan: &Plan,
    permit: &WritePermit,
    (journal, log): (Journal, &Log),
    in_doubt: bool,
    meter: &Meter,
) -> Outcome {
    let places = journal.places();
    if places.is_empty() {
        let _ = journal.end();
        return Ok("nothing was created".to_owned());
    }
    let grounds = grounds(plan, &places);
    if let Err(unwritten) = log.removal_begins(grounds.len()) {
        return Err(left_behind(&unwritten));
    }
    let mut removed = remove(aws, &grounds, permit, meter).await;
    if in_doubt && removed.is_complete() {
        tokio::time::sleep(SETTLING).await;
        let late = remove(aws, &grounds, permit, meter).await;
        removed = Removed {
            versions: removed.versions + late.versions,
            uploads: removed.uploads + late.uploads,
            ..late
        };
    }
    let removed = log.removed(removed);
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    if removed.is_complete() {
        let _ = journal.end();
        let uploads = match removed.uploads {
            0 => String::new(),
            n => format!(" and {}", count(n, "upload")),
        };
        return Ok(format!(
            "{}{uploads} removed, and listed again: nothing is left",
            count(removed.versions, "version")
        ));
    }
    Err(left_behind(&removed))
}

fn grounds(plan: &Plan, places: &[super::journal::Place]) -> BTreeSet<Ground> {
    let bucket = &plan.bucket.name;
    let mut prefixes = vec![
        (bucket.clone(), plan.keys.prefix().to_owned()),
        (bucket.clone(), plan.keys.foreign_prefix()),
    ];
    if let Some(derived) = checks::derived::source(&plan.bucket, &plan.run) {
        prefixes.push((bucket.clone(), derived.prefix().to_owned()));
    }
    prefixes.sort();
    prefixes.dedup();
    Ground::of(places, &prefixes)
}

fn left_behind(removed: &Removed) -> Broken {
    let advice = "clean up again once that is mended: the journal is kept";
    let (message, cause) = if let Some(problem) = &removed.unknown {
        (
            "it is not known whether everything was removed".to_owned(),
            format!("{problem}; {advice}"),
        )
    } else {
        let first: Vec<&str> = removed.left.iter().take(3).map(String::as_str).collect();
        let more = match removed.left.len().saturating_sub(first.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (
            format!("still there: {}{more}", first.join(", ")),
            format!(
                "these credentials may lack s3:DeleteObjectVersion, or something writes there; {advice}"
            ),
        )
    };
    Broken::Fail(Box::new(Failing {
        message,
        request: String::new(),
        answer: String::new(),
        cause,
    }))
}
