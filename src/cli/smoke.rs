//! `s3warden smoke`: proves that uploads and downloads work, and that invalid requests are rejected.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tokio::sync::mpsc;

use super::formats::{Column, Document, Note, Record};
use super::session::Session;
use super::{ExitStatus, Failure, choice};
use crate::aws::{WriteMode, WritePermit};
use crate::config::Paths;
use crate::domain::blueprint::{Blueprint, BucketBlueprint};
use crate::domain::size::whole;
use crate::domain::words::counted;
use crate::domain::{BucketName, InvalidName};
use crate::ops::Meter;
use crate::ops::smoke::{self, Check, CheckResult, Event, Options, Plan, Report, Verdict};

/// What is tested, and how.
#[derive(Debug, Clone, Args)]
pub struct SmokeArgs {
    /// The bucket
    #[arg(value_name = "BUCKET", value_parser = bucket)]
    pub bucket: BucketName,

    /// Carry out this check and no other; may be given several times
    #[arg(long, value_name = "NAME")]
    pub only: Vec<Check>,

    /// How many uploads at the same time, 1 to 256
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,

    /// Test even where new objects are told to functions, queues or topics
    #[arg(long)]
    pub allow_events: bool,

    /// How many seconds to wait for thumbnails and their like, 1 to 3600
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub wait: u16,

    /// Remove what earlier runs left behind, and test nothing
    #[arg(long)]
    pub clean_up: bool,
}

const SCHEMA: &str = "s3warden/smoke/1";

/// The number of events that wait to be printed. A slow output delays the test, so that no events pile up.
const WAITING: usize = 4;

fn bucket(text: &str) -> Result<BucketName, InvalidName> {
    BucketName::new(
        text.strip_prefix("s3://")
            .unwrap_or(text)
            .trim_end_matches('/'),
    )
}

/// A check as a row.
#[derive(Debug, Serialize)]
struct CheckRow<'r> {
    name: &'static str,
    outcome: &'static str,
    milliseconds: u64,
    message: &'r str,
    request: Option<&'r str>,
    answer: Option<&'r str>,
    cause: Option<&'r str>,
}

impl Record for CheckRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "outcome",
        "milliseconds",
        "message",
        "request",
        "answer",
        "cause",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("CHECK", 19),
        Column::words("OUTCOME", 7),
        Column::numbers("MS", 6),
        Column::words("MESSAGE", 0),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.to_owned(),
            self.outcome.to_owned(),
            self.milliseconds.to_string(),
            self.message.to_owned(),
        ]
    }
}

impl<'r> CheckRow<'r> {
    fn of(result: &'r CheckResult) -> Self {
        let failing = match &result.verdict {
            Verdict::Fail(failing) => Some(failing),
            Verdict::Pass(_) | Verdict::Skipped(_) => None,
        };
        let said = |text: &'r str| Some(text).filter(|text| !text.is_empty());
        Self {
            name: result.check.name(),
            outcome: result.verdict.word(),
            milliseconds: whole(result.took.as_millis()),
            message: result.verdict.message(),
            request: failing.and_then(|failing| said(&failing.request)),
            answer: failing.and_then(|failing| said(&failing.answer)),
            cause: failing.and_then(|failing| said(&failing.cause)),
        }
    }
}

#[derive(Debug, Serialize)]
struct Totals {
    run: String,
    passed: usize,
    failed: usize,
    skipped: usize,
    requests: u64,
}

pub(super) async fn run<W: Write>(
    args: &SmokeArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let blueprint = rules(session, &args.bucket)?;
    let Some(permit) = WriteMode::from_flag(session.settings.write).permit() else {
        return Err(Failure::refused(format!(
            "could not test {}: a smoke test creates objects there and removes them again",
            args.bucket
        ))
        .advising("give --write to allow it; nothing was touched"));
    };
    let state = session.settings.paths.as_ref().map(Paths::state);
    let state = state.ok_or_else(|| {
        Failure::failed("could not keep a journal of what is created: there is no home folder")
    })?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let known = blueprint
        .as_ref()
        .and_then(|blueprint| blueprint.bucket(&args.bucket).cloned())
        .unwrap_or_else(|| BucketBlueprint::unknown(args.bucket.clone()));
    let left = smoke::leftovers::find(&aws, &known, state, &meter).await?;
    if args.clean_up {
        return clean_up(session, &aws, left, &permit, &meter).await;
    }
    if !left.is_empty() {
        let words = format!("{}; --clean-up removes them", left.words());
        session.reporter().note(&words);
    }
    drop(left);
    let options = Options {
        only: args.only.clone(),
        concurrency: args.concurrency.into(),
        allow_events: args.allow_events,
        patience: Duration::from_secs(args.wait.into()),
        ..Options::new(state.to_owned())
    };
    let plan = smoke::plan(&aws, &args.bucket, blueprint.as_ref(), options, &meter)
        .await
        .map_err(|refusal| {
            Failure::refused(format!("could not test {}: {refusal}", args.bucket))
                .advising(refusal.advice())
        })?;
    for remark in &plan.remarks {
        session.reporter().note(remark);
    }
    let mut document = Document::begin::<CheckRow<'_>>(session.look(), SCHEMA, output)?;
    let (events, mut arriving) = mpsc::channel(WAITING);
    let testing = smoke::run(&aws, &plan, &permit, events, &session.stop, &meter);
    let printing = async {
        let mut printed = Ok(());
        while let Some(event) = arriving.recv().await {
            // A closed output does not stop the cleanup.
            if let (Event::Ended(result), Ok(())) = (event, &printed) {
                printed = document
                    .item(&CheckRow::of(&result))
                    .and_then(|()| document.flush());
            }
        }
        printed
    };
    let (report, printed) = futures::join!(testing, printing);
    let report = report?;
    printed?;
    conclude(session, document, &plan, &report, &meter)
}

/// The named blueprint, or the built-in that contains the bucket. Without one, there are few rules to test.
fn rules(session: &Session, bucket: &BucketName) -> Result<Option<Blueprint>, Failure> {
    match choice::named(&session.settings)? {
        Some(named) if named.bucket(bucket).is_none() => Err(Failure::usage(format!(
            "could not test {bucket} by the blueprint {}: it does not name that bucket",
            named.name
        ))
        .advising("give another blueprint, or none")),
        Some(named) => Ok(Some(named)),
        None => Ok(Blueprint::for_bucket(bucket)),
    }
}

async fn clean_up(
    session: &Session,
    aws: &crate::aws::Aws,
    left: smoke::leftovers::Leftovers,
    permit: &WritePermit,
    meter: &Meter,
) -> Result<ExitStatus, Failure> {
    if left.is_empty() {
        session.reporter().note("earlier runs left nothing behind");
        return Ok(ExitStatus::Done);
    }
    session.reporter().note(&left.words());
    let removed = smoke::leftovers::remove_all(aws, left, permit, meter).await;
    if removed.is_complete() {
        session.reporter().note(&format!(
            "{} and {} removed, and listed again: nothing is left",
            counted(removed.versions, "version"),
            counted(removed.uploads, "upload")
        ));
        return Ok(ExitStatus::Done);
    }
    let mut failure = match &removed.unknown {
        Some(problem) => Failure::from(problem),
        None => Failure::failed("could not remove everything that earlier runs left"),
    };
    failure.lines.extend(
        removed
            .left
            .iter()
            .map(|left| format!("still there: {left}")),
    );
    Err(failure)
}

fn conclude<W: Write>(
    session: &Session,
    document: Document<W>,
    plan: &Plan,
    report: &Report,
    meter: &Meter,
) -> Result<ExitStatus, Failure> {
    let count = |word: &str| {
        let results = report.results.iter();
        results
            .filter(|result| result.verdict.word() == word)
            .count()
    };
    let totals = Totals {
        run: plan.run.clone(),
        passed: count("pass"),
        failed: count("fail"),
        skipped: count("skipped"),
        requests: meter.requests(),
    };
    let mut notes = Vec::new();
    if report.interrupted {
        notes.push(Note {
            what: "the checks that were skipped".to_owned(),
            why: "interrupted".to_owned(),
        });
    }
    let words = format!(
        "{} passed, {} failed, {} skipped",
        totals.passed, totals.failed, totals.skipped
    );
    document.end(&totals, &notes)?;
    for result in &report.results {
        if let Verdict::Fail(failing) = &result.verdict {
            explain(session, result.check, failing);
        }
    }
    session.reporter().note(&words);
    if report.interrupted {
        session.reporter().incomplete("interrupted before the end");
        return Ok(ExitStatus::Interrupted);
    }
    Ok(if report.has_failures() {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    })
}

/// Prints a failure in full, for which a table has no room.
fn explain(session: &Session, check: Check, failing: &smoke::Failing) {
    let reporter = session.reporter();
    for (title, text) in [
        ("request", &failing.request),
        ("answer", &failing.answer),
        ("likely cause", &failing.cause),
    ] {
        if !text.is_empty() {
            reporter.note(&format!("{check}, {title}: {text}"));
        }
    }
}
