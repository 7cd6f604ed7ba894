//! `s3warden audit`: what is wrong with buckets, the most severe first.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use clap::{Args, ValueEnum};
use futures::StreamExt;
use serde::Serialize;

use super::args::bucket_name;
use super::formats::{Column, Document, Note, Record};
use super::session::{Cut, Session};
use super::{ExitStatus, Failure, choice};
use crate::aws::Aws;
use crate::domain::BucketName;
use crate::domain::blueprint::Blueprint;
use crate::ops::audit::{self, AuditLimits, Audited, Finding, Severity, Target};
use crate::ops::{Gate, Meter, buckets};

/// Which buckets, and what counts as bad.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// The buckets [default: all that the credentials can see]
    #[arg(value_name = "BUCKET", value_parser = bucket_name)]
    pub buckets: Vec<BucketName>,

    /// Exit with 3 when there is a finding of this severity or above
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Threshold>,

    /// How many versions of a bucket are listed at most; 0 judges the configuration alone
    #[arg(long, value_name = "N", default_value_t = AuditLimits::default().versions)]
    pub max_versions: u64,
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Anything at all
    Info,
    /// Untidy, or a small cost
    Low,
    /// Something does not work as intended, or costs grow
    Medium,
    /// Something is open, lost or broken
    High,
    /// Anyone can read or write
    Critical,
}

impl Threshold {
    fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

const SCHEMA: &str = "s3warden/audit/1";

/// A finding, as a row.
#[derive(Debug, Serialize)]
struct FindingRow<'a> {
    severity: &'static str,
    bucket: &'a str,
    id: &'static str,
    message: &'a str,
    evidence: &'a [String],
    why: &'static str,
    fix: &'a str,
    references: &'static [&'static str],
}

impl Record for FindingRow<'_> {
    const FIELDS: &'static [&'static str] = &[
        "severity",
        "bucket",
        "id",
        "message",
        "evidence",
        "why",
        "fix",
        "references",
    ];
    const COLUMNS: &'static [Column] = &[
        Column::words("SEVERITY", 8),
        Column::words("BUCKET", 30),
        Column::words("FINDING", 30),
        Column::words("WHAT IS SO", 10),
    ];

    fn cells(&self) -> Vec<String> {
        let shown = self.evidence.first().map_or_else(
            || self.message.to_owned(),
            |first| format!("{} ({first})", self.message.trim_end_matches('.')),
        );
        vec![
            self.severity.to_owned(),
            self.bucket.to_owned(),
            self.id.to_owned(),
            shown,
        ]
    }
}

impl<'a> From<&'a Finding> for FindingRow<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: finding.severity.as_str(),
            bucket: finding.bucket.as_str(),
            id: finding.id,
            message: &finding.message,
            evidence: &finding.evidence,
            why: finding.why,
            fix: &finding.fix,
            references: finding.references,
        }
    }
}

#[derive(Debug, Default, Serialize)]
struct Totals {
    buckets: usize,
    findings: BTreeMap<&'static str, usize>,
    requests: u64,
}

pub(super) async fn run<W: Write>(
    args: &AuditArgs,
    session: &Session,
    output: W,
) -> Result<ExitStatus, Failure> {
    let named = choice::named(&session.settings)?;
    let aws = session.connect().await?;
    let meter = Meter::new();
    let (wanted, mut cut) = which(args, session, &aws, &meter).await;
    let mut notes = Vec::new();
    let account = match session.ask(aws.identity(&meter)).await {
        Ok(identity) => Some(identity.account),
        Err(why) => {
            notes.push(why.note("the account, without which a stranger cannot be told".to_owned()));
            None
        }
    };
    let targets: Vec<Target> = wanted
        .into_iter()
        .map(|bucket| target(bucket, named.as_ref()))
        .collect();
    let limits = AuditLimits {
        versions: args.max_versions,
        ..AuditLimits::default()
    };
    let all = targets.len();
    let gate = Gate::new(session.settings.jobs);
    let progress = Progress::new(session, all);
    let audits = audit::of_buckets(&aws, targets, account.as_deref(), limits, &gate, &meter);
    let mut audits = std::pin::pin!(audits);
    let (mut findings, mut failed, mut done) = (Vec::new(), None, 0);
    loop {
        match session.stop.run_until_cancelled(audits.next()).await {
            None => {
                cut = Some(Cut::Interrupted);
                break;
            }
            Some(None) => break,
            Some(Some(audited)) => {
                done += 1;
                progress.show(done, meter.requests());
                failed = failed.or_else(|| audited.failure.clone());
                take(audited, &mut findings, &mut notes);
            }
        }
    }
    progress.clear();
    // Whatever came first on the network, what is printed has one order.
    findings.sort_by(|a, b| {
        (b.severity, &a.bucket, a.id, &a.message).cmp(&(a.severity, &b.bucket, b.id, &b.message))
    });
    notes.sort_by(|a, b| a.what.cmp(&b.what));
    cut = cut.or(failed.map(Cut::Failed));
    if let Some(cut) = &cut {
        notes.push(cut.note("some of the buckets".to_owned()));
    }
    let totals = print(session, output, &findings, &notes, done, meter.requests())?;
    session.voice().note(&in_words(&totals));
    let worst = findings.first().map(|finding| finding.severity);
    match (cut, args.fail_on) {
        (None, Some(threshold)) if worst >= Some(threshold.severity()) => Ok(ExitStatus::Found),
        (cut, _) => session.conclude(cut),
    }
}

/// The buckets that were named, or all there are.
async fn which(
    args: &AuditArgs,
    session: &Session,
    aws: &Aws,
    meter: &Meter,
) -> (Vec<BucketName>, Option<Cut>) {
    if !args.buckets.is_empty() {
        let mut names = args.buckets.clone();
        names.sort();
        names.dedup();
        return (names, None);
    }
    match session
        .stop
        .run_until_cancelled(buckets::list(aws, meter))
        .await
    {
        None => (Vec::new(), Some(Cut::Interrupted)),
        Some(listed) => (
            listed.buckets.into_iter().map(|entry| entry.name).collect(),
            listed.problem.map(Cut::Failed),
        ),
    }
}

/// A bucket with its part of the blueprint that was named, else of the built-in that names it.
pub(super) fn target(bucket: BucketName, named: Option<&Blueprint>) -> Target {
    let blueprint = match named {
        Some(blueprint) => blueprint.bucket(&bucket).cloned(),
        None => {
            Blueprint::for_bucket(&bucket).and_then(|blueprint| blueprint.bucket(&bucket).cloned())
        }
    };
    Target { bucket, blueprint }
}

fn take(audited: Audited, findings: &mut Vec<Finding>, notes: &mut Vec<Note>) {
    findings.extend(audited.findings);
    notes.extend(audited.coverage.gaps().iter().map(|gap| Note {
        what: gap.what.clone(),
        why: gap.why.clone(),
    }));
}

fn print<W: Write>(
    session: &Session,
    output: W,
    findings: &[Finding],
    notes: &[Note],
    buckets: usize,
    requests: u64,
) -> Result<Totals, Failure> {
    let mut document = Document::begin::<FindingRow<'_>>(session.look(), SCHEMA, output)?;
    let mut totals = Totals {
        buckets,
        findings: Severity::ALL.map(|s| (s.as_str(), 0)).into(),
        requests,
    };
    for finding in findings {
        document.item(&FindingRow::from(finding))?;
        *totals
            .findings
            .entry(finding.severity.as_str())
            .or_default() += 1;
    }
    document.end(&totals, notes)?;
    Ok(totals)
}

fn in_words(totals: &Totals) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter_map(|severity| {
            let n = *totals.findings.get(severity.as_str())?;
            (n > 0).then(|| format!("{n} {}", severity.as_str()))
        })
        .collect();
    let found = if counts.is_empty() {
        "nothing found".to_owned()
    } else {
        counts.join(", ")
    };
    let s = if totals.buckets == 1 { "" } else { "s" };
    format!("{} bucket{s} audited: {found}", totals.buckets)
}

/// A line on the screen that says how far the audit is; nothing where standard error is none.
struct Progress {
    all: usize,
    shown: bool,
}

impl Progress {
    fn new(session: &Session, all: usize) -> Self {
        Self {
            all,
            shown: all > 1 && !session.settings.quiet && std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, done: usize, requests: u64) {
        if self.shown {
            // Where standard error is gone, nobody is left to be told.
            let _ = write!(
                std::io::stderr(),
                "\r{done} of {} buckets audited, {requests} requests\x1b[K",
                self.all
            );
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
