//! Prints a scan: its groups, the totals, and what is missing.

use std::io::Write;

use serde::Serialize;

use super::rows::{self, GroupRow, Shown};
use super::{GroupBy, ScanArgs, rfc3339};
use crate::aws::Problem;
use crate::cli::args::Format;
use crate::cli::formats::{Document, Note};
use crate::cli::session::Session;
use crate::cli::{ExitStatus, Failure};
use crate::domain::Tally;
use crate::domain::columns::group::Group;
use crate::domain::words::counted;
use crate::ops::scan::Scan;

const SCHEMA: &str = "s3warden/scan/1";

/// The totals.
#[derive(Debug, Serialize)]
struct Totals {
    bucket: String,
    prefixes: Vec<String>,
    by: Option<&'static str>,
    objects: u64,
    size: u64,
    oldest: Option<String>,
    newest: Option<String>,
    started: String,
    finished: String,
    /// The number of groups, including those that `--top` left out.
    groups: usize,
    /// The total of the groups that `--top` left out.
    others: Option<Others>,
    /// Absent if the scan was opened from a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u64>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Others {
    groups: usize,
    objects: u64,
    size: u64,
}

/// The data to print.
pub(super) struct Report<'s> {
    pub scan: &'s Scan,
    /// One list per grouping.
    pub groups: Vec<Vec<(Group, Tally)>>,
    /// Requests and retries.
    pub cost: Option<(u64, u64)>,
}

impl Report<'_> {
    pub(super) fn print<W: Write>(
        self,
        args: &ScanArgs,
        session: &Session,
        output: W,
    ) -> Result<ExitStatus, Failure> {
        let scan = self.scan;
        let total = scan.columns.total();
        let gaps = scan.coverage.gaps();
        let Shown { rows, others, of } = rows::shown(self.groups, args.top, total);
        let mut document = Document::begin::<GroupRow>(session.look(), SCHEMA, output)?;
        for row in &rows {
            document.item(row)?;
        }
        if session.settings.format == Format::Table
            && let Some(others) = &others
        {
            document.item(others)?;
        }
        let notes: Vec<Note> = gaps
            .iter()
            .map(|gap| Note {
                what: gap.what.clone(),
                why: gap.why.clone(),
            })
            .collect();
        let totals = Totals {
            bucket: scan.origin.bucket.to_string(),
            prefixes: scan.origin.prefixes.clone(),
            by: args.by.map(GroupBy::name),
            objects: total.objects,
            size: total.bytes.bytes(),
            oldest: total.oldest.map(rfc3339),
            newest: total.newest.map(rfc3339),
            started: rfc3339(scan.started),
            finished: rfc3339(scan.finished),
            groups: of,
            others: others.map(|others| Others {
                groups: of - rows.len(),
                objects: others.objects,
                size: others.size,
            }),
            requests: self.cost.map(|(requests, _)| requests),
            retries: self.cost.map(|(_, retries)| retries),
        };
        document.end(&totals, &notes)?;
        conclude(session, scan, total)
    }
}

/// Prints the totals and what is missing. Returns the exit status.
fn conclude(session: &Session, scan: &Scan, total: Tally) -> Result<ExitStatus, Failure> {
    let reporter = session.reporter();
    let gaps = scan.coverage.gaps();
    let at_least = if gaps.is_empty() { "" } else { "at least " };
    let words = format!(
        "{at_least}{}, {}",
        counted(total.objects, "object"),
        total.bytes
    );
    reporter.note(&words);
    let stopped = session.stop.is_cancelled() && !gaps.is_empty();
    // The error is printed once with its advice, instead of the gaps that it caused.
    let problem: Option<&Problem> = gaps
        .iter()
        .filter(|_| !stopped)
        .find_map(|gap| gap.problem.as_ref());
    for gap in gaps {
        if problem.is_none() || gap.problem.as_ref() != problem {
            reporter.incomplete(&format!("{}: {}", gap.what, gap.why));
        }
    }
    match problem {
        Some(problem) => Err(Failure::from(problem)),
        None if stopped => Ok(ExitStatus::Interrupted),
        None if gaps.is_empty() => Ok(ExitStatus::Done),
        None => Ok(ExitStatus::Failed),
    }
}
